//! Choices made before the modem is first talked to, and what it reports.

use core::net::Ipv4Addr;

use crate::Dialect;
use crate::wifi::MacAddress;

/// How received TCP data gets from the modem to the driver.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum ReceiveMode {
    /// Passive where the firmware has it: data waits in the modem, TCP's own
    /// window is the flow control, and nothing is lost. Active elsewhere, and
    /// on ESP-AT from the time a datagram socket is opened while no TCP
    /// connection or server is, until none of them is: in passive mode that
    /// firmware loses datagrams that come close together, or hands them over
    /// as one.
    #[default]
    Auto,
    /// As [`Auto`](Self::Auto), but passive also for datagrams.
    Passive,
    /// The modem pushes data as it comes. Slightly fewer bytes on the wire,
    /// but a reader that is too slow loses data (and is told so).
    Active,
}

/// Settings for [`Esp8285::with_config`](crate::Esp8285::with_config).
///
/// ```
/// use atcmd_esp8285::{Config, ReceiveMode};
///
/// let config = Config::new().receive(ReceiveMode::Active);
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Config {
    pub(crate) receive: ReceiveMode,
    pub(crate) dialect: Option<&'static Dialect>,
    pub(crate) server_timeout: u16,
    pub(crate) server_links: Option<u8>,
    pub(crate) baud: u32,
}

impl Default for Config {
    fn default() -> Self {
        Self::new()
    }
}

impl Config {
    /// The defaults: dialect from `AT+GMR`, [`ReceiveMode::Auto`], 115200 baud.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            receive: ReceiveMode::Auto,
            dialect: None,
            server_timeout: 0,
            server_links: None,
            baud: 115_200,
        }
    }

    /// Lets the modem close a connection of its server after so many seconds
    /// of silence, at most 7200 (`AT+CIPSTO`). Off by default; the firmware's
    /// own default is 180 s on NonOS.
    #[must_use]
    pub const fn server_timeout(mut self, seconds: u16) -> Self {
        self.server_timeout = if seconds > 7200 { 7200 } else { seconds };
        self
    }

    /// Lets the server take at most this many of the five links, 1 to 5, so
    /// that some are left for connections from here (`AT+CIPSERVERMAXCONN`).
    /// By default peers can take all of them. Where the firmware has no such
    /// limit, listening fails with
    /// [`Unsupported`](crate::ModemError::Unsupported).
    #[must_use]
    pub const fn server_links(mut self, links: u8) -> Self {
        self.server_links = Some(match links {
            0 => 1,
            1..crate::LINKS => links,
            _ => crate::LINKS,
        });
        self
    }

    /// Chooses the receive mode.
    #[must_use]
    pub const fn receive(mut self, mode: ReceiveMode) -> Self {
        self.receive = mode;
        self
    }

    /// Says at which baud rate the port has been opened, which is the one at
    /// which the modem starts (115200 unless it was changed in its flash).
    /// Only [`switch_baud`](crate::Esp8285::switch_baud) needs to know.
    #[must_use]
    pub const fn baud(mut self, baud: u32) -> Self {
        self.baud = baud;
        self
    }

    /// Overrides the dialect, for firmware that misreports its version.
    #[must_use]
    pub const fn dialect(mut self, dialect: &'static Dialect) -> Self {
        self.dialect = Some(dialect);
        self
    }
}

/// The state of the modem's Wi-Fi station, as it last announced it.
///
/// A modem that was joined before this driver started announces nothing, so
/// [`Down`](Self::Down) then only means "not heard of".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Station {
    /// Not joined.
    #[default]
    Down,
    /// Joined, no address yet.
    Associated,
    /// Joined, with an address.
    Up,
}

/// Something that happened to the modem.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Event {
    /// Start-up is complete.
    Ready,
    /// The modem restarted by itself: every connection is gone, the set-up is
    /// being repeated.
    Restarted,
    /// Associated with an access point.
    WifiConnected,
    /// The station has an address.
    GotAddress,
    /// The access point is gone.
    WifiDisconnected,
    /// After a restart the line could not be brought back to the rate that
    /// [`switch_baud`](crate::Esp8285::switch_baud) had set; it stays at the
    /// modem's own.
    BaudNotRestored,
    /// A station has joined the modem's own access point (not on NonOS 0.2x).
    StationConnected(MacAddress),
    /// That station has been given an address.
    StationGotAddress(MacAddress, Ipv4Addr),
    /// A station has left the modem's own access point.
    StationDisconnected(MacAddress),
}
