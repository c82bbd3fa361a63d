//! The trait of radios.

use core::net::Ipv4Addr;

use nal_socket::embedded_nal::nb;

use super::{ApConfig, Key, MacAddr, ScanEntry, Security, Ssid, WifiError, WifiErrorKind};

/// What to join.
///
/// ```
/// use usocket_api::network::{Join, MacAddr};
///
/// let join = Join::new("cafe", "12345678").bssid(MacAddr([0x18, 0xfe, 0x34, 1, 2, 3]));
/// assert_eq!(join.ssid, b"cafe");
/// ```
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Join<'a> {
    /// The network's name, 1 to 32 bytes.
    pub ssid: &'a [u8],
    /// The key; none for an open network.
    pub key: Key<'a>,
    /// This one of several access points with the same name.
    pub bssid: Option<MacAddr>,
    /// How the network is protected. `None` leaves it to the radio: not at all without a key, by whatever
    /// the access point offers with one.
    pub security: Option<Security>,
    /// Where to look first. A radio that looks everywhere anyway may take no notice.
    pub channel: Option<u8>,
}

impl<'a> Join<'a> {
    /// A network by name and key; `None` for no key.
    #[must_use]
    pub fn new(ssid: &'a (impl AsRef<[u8]> + ?Sized), key: impl Into<Key<'a>>) -> Self {
        Self {
            ssid: ssid.as_ref(),
            key: key.into(),
            bssid: None,
            security: None,
            channel: None,
        }
    }

    /// This access point only.
    #[must_use]
    pub const fn bssid(mut self, bssid: MacAddr) -> Self {
        self.bssid = Some(bssid);
        self
    }

    /// Protected like this.
    #[must_use]
    pub const fn security(mut self, security: Security) -> Self {
        self.security = Some(security);
        self
    }

    /// On this channel.
    #[must_use]
    pub const fn channel(mut self, channel: u8) -> Self {
        self.channel = Some(channel);
        self
    }
}

/// The access point the station is joined to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Joined {
    /// Its name.
    pub ssid: Ssid,
    /// Its hardware address, if the radio tells it.
    pub bssid: Option<MacAddr>,
    /// Its channel, if the radio tells it.
    pub channel: Option<u8>,
    /// Signal strength in dBm, if the radio tells it.
    pub rssi: Option<i8>,
}

impl Joined {
    /// An access point of which only the name is told.
    #[must_use]
    pub const fn new(ssid: Ssid) -> Self {
        Self {
            ssid,
            bssid: None,
            channel: None,
            rssi: None,
        }
    }
}

/// An interface's address and the network it is on; 0.0.0.0 for what the radio does not tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Addresses {
    /// Its own address.
    pub ip: Ipv4Addr,
    /// The network mask.
    pub netmask: Ipv4Addr,
    /// The router.
    pub gateway: Ipv4Addr,
}

/// A network stack that can control its Wi-Fi radio, beside the traits of `embedded-nal`.
///
/// Methods are of the same kind as there: each returns at once, with `WouldBlock` until its answer is
/// there, and is called again with the same arguments. A caller may stop calling at any time; a later call
/// with the same arguments then goes on or begins anew. Data of open sockets must not get lost meanwhile.
///
/// The methods with a body are for what not every radio has; as they are, they say
/// [`Unsupported`](WifiErrorKind::Unsupported). [`Nic`](super::Nic) checks names and keys for their lengths
/// before it calls.
pub trait WifiStack {
    /// Joins an access point and waits for an address.
    ///
    /// # Errors
    ///
    /// `WouldBlock` until the station has an address or has failed to join.
    fn join(&mut self, join: &Join<'_>) -> nb::Result<(), WifiError>;

    /// Leaves the access point; no error if there is none.
    ///
    /// # Errors
    ///
    /// `WouldBlock` until it has left.
    fn leave(&mut self) -> nb::Result<(), WifiError>;

    /// What the station is joined to now, as the radio itself knows it.
    ///
    /// # Errors
    ///
    /// `WouldBlock` until the radio has said.
    fn joined(&mut self) -> nb::Result<Option<Joined>, WifiError>;

    /// The station's address, once it has one.
    ///
    /// # Errors
    ///
    /// `WouldBlock` until the radio has said.
    fn addresses(&mut self) -> nb::Result<Option<Addresses>, WifiError>;

    /// Hands every access point in range to `found`, each once, during whichever call it comes, and then
    /// says how many more could not be handed over.
    ///
    /// # Errors
    ///
    /// `WouldBlock` until the list is complete.
    fn scan(&mut self, found: impl FnMut(&ScanEntry)) -> nb::Result<u32, WifiError>;

    /// The name servers in use, the first choice first.
    ///
    /// # Errors
    ///
    /// `WouldBlock` until the radio has said.
    fn dns_servers(&mut self) -> nb::Result<[Option<Ipv4Addr>; 2], WifiError> {
        unsupported()
    }

    /// The station's own hardware address.
    ///
    /// # Errors
    ///
    /// `WouldBlock` until the radio has said.
    fn mac(&mut self) -> nb::Result<MacAddr, WifiError> {
        unsupported()
    }

    /// Gives the station a fixed address, or with `None` that of the DHCP server.
    ///
    /// # Errors
    ///
    /// `WouldBlock` until that is done.
    fn set_addresses(&mut self, fixed: Option<&Addresses>) -> nb::Result<(), WifiError> {
        let _ = fixed;
        unsupported()
    }

    /// Sets the name server, or with `None` uses those that DHCP tells.
    ///
    /// # Errors
    ///
    /// `WouldBlock` until that is done.
    fn set_dns_server(&mut self, server: Option<Ipv4Addr>) -> nb::Result<(), WifiError> {
        let _ = server;
        unsupported()
    }

    /// Starts an access point of the radio's own, or changes it if it runs. A joined station stays joined
    /// if the radio can do both.
    ///
    /// # Errors
    ///
    /// `WouldBlock` until it runs.
    fn start_access_point(&mut self, config: &ApConfig<'_>) -> nb::Result<(), WifiError> {
        let _ = config;
        unsupported()
    }

    /// Stops it; no error if it does not run.
    ///
    /// # Errors
    ///
    /// `WouldBlock` until it has stopped.
    fn stop_access_point(&mut self) -> nb::Result<(), WifiError> {
        unsupported()
    }
}

fn unsupported<T>() -> nb::Result<T, WifiError> {
    Err(nb::Error::Other(WifiErrorKind::Unsupported.into()))
}
