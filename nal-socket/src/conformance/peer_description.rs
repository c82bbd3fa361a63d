//! Where the other side is and what it offers.

use core::net::{IpAddr, SocketAddr};
use core::time::Duration;

/// The other side of the rules: where it runs, and how long to have patience with it.
///
/// What is left out makes the rules that need it [not tried](super::Outcome::NotTried).
///
/// ```
/// use core::time::Duration;
/// use nal_socket::conformance::Peer;
///
/// let peer = Peer::at("192.0.2.1:7000".parse().unwrap())
///     .speaks_first("192.0.2.1:7001".parse().unwrap())
///     .refuses("192.0.2.1:1".parse().unwrap())
///     .patience(Duration::from_secs(10));
/// assert_eq!(peer.limit(), Duration::from_millis(400));
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Peer<'a> {
    pub(super) server: SocketAddr,
    pub(super) speaks_first: Option<SocketAddr>,
    pub(super) refuses: Option<SocketAddr>,
    pub(super) silent: Option<SocketAddr>,
    pub(super) other_family: Option<SocketAddr>,
    pub(super) datagrams: Option<SocketAddr>,
    pub(super) more_datagrams: Option<SocketAddr>,
    pub(super) host: Option<(&'a str, IpAddr)>,
    pub(super) unknown_host: Option<&'a str>,
    pub(super) listen_port: Option<u16>,
    pub(super) patience: Duration,
    pub(super) slack: Duration,
    pub(super) most_sockets: usize,
    pub(super) most_unread: u64,
}

impl<'a> Peer<'a> {
    /// A peer whose sessions ([`peer::Session`](super::peer::Session)) are at `server`, and nothing
    /// else.
    #[must_use]
    pub const fn at(server: SocketAddr) -> Self {
        Self {
            server,
            speaks_first: None,
            refuses: None,
            silent: None,
            other_family: None,
            datagrams: None,
            more_datagrams: None,
            host: None,
            unknown_host: None,
            listen_port: None,
            patience: Duration::from_secs(5),
            slack: Duration::from_millis(100),
            most_sockets: 16,
            most_unread: 16 << 20,
        }
    }

    /// Where sessions speak first ([`peer::Session::speaking_first`](super::peer::Session::speaking_first)).
    #[must_use]
    pub const fn speaks_first(mut self, address: SocketAddr) -> Self {
        self.speaks_first = Some(address);
        self
    }

    /// An address that refuses connections.
    #[must_use]
    pub const fn refuses(mut self, address: SocketAddr) -> Self {
        self.refuses = Some(address);
        self
    }

    /// An address that does not answer at all. Leave it out for a stack whose connect blocks inside.
    #[must_use]
    pub const fn silent(mut self, address: SocketAddr) -> Self {
        self.silent = Some(address);
        self
    }

    /// An address of a family that the stack does not speak.
    #[must_use]
    pub const fn other_family(mut self, address: SocketAddr) -> Self {
        self.other_family = Some(address);
        self
    }

    /// Where datagrams are answered ([`peer::datagram`](super::peer::datagram())).
    #[must_use]
    pub const fn datagrams(mut self, address: SocketAddr) -> Self {
        self.datagrams = Some(address);
        self
    }

    /// A second place where datagrams are answered.
    #[must_use]
    pub const fn more_datagrams(mut self, address: SocketAddr) -> Self {
        self.more_datagrams = Some(address);
        self
    }

    /// A host name, and the address that it has.
    #[must_use]
    pub const fn host(mut self, name: &'a str, address: IpAddr) -> Self {
        self.host = Some((name, address));
        self
    }

    /// A host name that does not exist.
    #[must_use]
    pub const fn unknown_host(mut self, name: &'a str) -> Self {
        self.unknown_host = Some(name);
        self
    }

    /// A local port on which the stack may listen and the peer can reach it.
    #[must_use]
    pub const fn listen_port(mut self, port: u16) -> Self {
        self.listen_port = Some(port);
        self
    }

    /// The longest that one operation may take when all is well; 5 seconds unless set. Timeouts that
    /// are meant to pass are a twenty-fifth of it: see [`limit`](Self::limit).
    #[must_use]
    pub const fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// How late a timeout may be told, for hosts that run other things too; 100 milliseconds unless
    /// set.
    #[must_use]
    pub const fn slack(mut self, slack: Duration) -> Self {
        self.slack = slack;
        self
    }

    /// How many sockets to open at once at most, in search of the stack's last one; 16 unless set, and
    /// no more than that.
    #[must_use]
    pub const fn most_sockets(mut self, count: usize) -> Self {
        self.most_sockets = count;
        self
    }

    /// How many bytes to send at most to a peer that does not read, in search of the point where the
    /// stack takes no more; 16 MiB unless set.
    #[must_use]
    pub const fn most_unread(mut self, bytes: u64) -> Self {
        self.most_unread = bytes;
        self
    }

    /// The timeout that rules set when it is meant to pass.
    #[must_use]
    pub const fn limit(&self) -> Duration {
        // Never zero, which would be non-blocking.
        let micros = self.patience.as_micros() / 25;
        Duration::from_micros(if micros < 1000 { 1000 } else { micros as u64 })
    }
}
