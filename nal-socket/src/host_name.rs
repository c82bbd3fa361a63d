//! From an address to a name.

use core::net::IpAddr;

use embedded_nal::TcpClientStack;

use crate::wait::Limit;
use crate::{Error, ErrorKind, Network, Platform};

impl<S: TcpClientStack, P: Platform, U> Network<S, P, U> {
    /// Finds the name of an address: in the table of [`with_hosts`](Self::with_hosts), then by the
    /// stack's lookup, if [`with_reverse_dns`](Self::with_reverse_dns) put that in. Waits as long as the
    /// stack does.
    ///
    /// DNS names have at most 253 bytes.
    ///
    /// ```
    /// use core::net::{IpAddr, Ipv4Addr};
    /// use nal_socket::{HostTable, Network};
    ///
    /// const GATEWAY: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 168, 1, 1));
    ///
    /// let network = Network::new(std_embedded_nal::Stack, || 0_u64)
    ///     .with_hosts(HostTable::new(&[("gateway.lan", GATEWAY)]));
    /// assert_eq!(network.host_name(GATEWAY, &mut [0; 64])?, "gateway.lan");
    /// # Ok::<(), nal_socket::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::NameNotFound`].
    /// - [`ErrorKind::NoMemory`]: a name of the table does not fit in `buf`.
    /// - [`ErrorKind::NoResolver`]: there is neither a table nor a lookup.
    /// - [`ErrorKind::Other`]: the stack's answer is no text or longer than `buf`.
    /// - [`ErrorKind::Interrupted`], [`ErrorKind::Busy`].
    pub fn host_name<'b>(&self, address: IpAddr, buf: &'b mut [u8]) -> Result<&'b str, Error> {
        let length = if let Some(name) = self.names.hosts.name(address) {
            buf.get_mut(..name.len())
                .ok_or(Error::new(ErrorKind::NoMemory))?
                .copy_from_slice(name.as_bytes());
            name.len()
        } else if let Some(reverse) = self.names.reverse {
            self.wait(Limit::Never, |stack, _| {
                reverse(stack, address, buf).map_err(|error| error.map(Error::new))
            })?
        } else if self.names.hosts.is_empty() {
            return Err(Error::new(ErrorKind::NoResolver));
        } else {
            return Err(Error::new(ErrorKind::NameNotFound));
        };
        buf.get(..length)
            .and_then(|name| core::str::from_utf8(name).ok())
            .ok_or(Error::new(ErrorKind::Other))
    }
}
