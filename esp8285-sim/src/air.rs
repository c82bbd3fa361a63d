//! The radio side: which access points are in range, and what they demand and grant.
//!
//! ```
//! use esp8285_sim::{AccessPoint, Air};
//!
//! let air = Air::new()
//!     .ap(AccessPoint::new("workshop", "correct horse").channel(11).rssi(-48))
//!     .ap(AccessPoint::new("guests", "").open())
//!     .join_time_ms(400);
//! assert_eq!(air.access_points().len(), 2);
//! ```
//!
//! Not here: interference, and roaming between access points of one name. Stations that join the modem's own
//! access point are [`Modem::station_joins`](crate::Modem::station_joins)'s.

use std::net::Ipv4Addr;

/// Addresses of one network interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IpSetup {
    /// The interface's own address.
    pub address: Ipv4Addr,
    /// The default gateway.
    pub gateway: Ipv4Addr,
    /// The network mask.
    pub netmask: Ipv4Addr,
}

/// An access point in range.
#[derive(Debug, Clone)]
pub struct AccessPoint {
    pub(crate) ssid: Vec<u8>,
    pub(crate) password: Option<Vec<u8>>,
    pub(crate) bssid: [u8; 6],
    pub(crate) channel: u8,
    pub(crate) rssi: i8,
    pub(crate) ip: IpSetup,
    pub(crate) dns: Ipv4Addr,
    pub(crate) dhcp: bool,
}

impl AccessPoint {
    /// A WPA2 access point on channel 6 that hands out 192.168.1.77 by DHCP.
    ///
    /// The BSSID is made from the name, so that two names give two BSSIDs.
    pub fn new(ssid: impl AsRef<[u8]>, password: impl AsRef<[u8]>) -> Self {
        let ssid = ssid.as_ref().to_vec();
        let hash = ssid.iter().fold(0x811c_9dc5u32, |h, &b| {
            (h ^ u32::from(b)).wrapping_mul(0x0100_0193)
        });
        let [a, b, c, _] = hash.to_be_bytes();
        Self {
            ssid,
            password: Some(password.as_ref().to_vec()),
            bssid: [0x02, 0x1a, 0x11, a, b, c],
            channel: 6,
            rssi: -58,
            ip: IpSetup {
                address: Ipv4Addr::new(192, 168, 1, 77),
                gateway: Ipv4Addr::new(192, 168, 1, 1),
                netmask: Ipv4Addr::new(255, 255, 255, 0),
            },
            dns: Ipv4Addr::new(192, 168, 1, 1),
            dhcp: true,
        }
    }

    /// Without encryption: any password, or none, joins.
    #[must_use]
    pub fn open(mut self) -> Self {
        self.password = None;
        self
    }

    /// Its MAC address.
    #[must_use]
    pub fn bssid(mut self, bssid: [u8; 6]) -> Self {
        self.bssid = bssid;
        self
    }

    /// Its channel.
    #[must_use]
    pub fn channel(mut self, channel: u8) -> Self {
        self.channel = channel;
        self
    }

    /// How strong it is received, in dBm.
    #[must_use]
    pub fn rssi(mut self, rssi: i8) -> Self {
        self.rssi = rssi;
        self
    }

    /// What its DHCP server hands out.
    #[must_use]
    pub fn ip(mut self, ip: IpSetup) -> Self {
        self.ip = ip;
        self
    }

    /// Its DHCP server is out of order: stations join and get no address, unless they have set one.
    #[must_use]
    pub fn no_dhcp(mut self) -> Self {
        self.dhcp = false;
        self
    }

    /// The name server its DHCP server hands out.
    #[must_use]
    pub fn dns(mut self, dns: Ipv4Addr) -> Self {
        self.dns = dns;
        self
    }
}

/// Everything in radio range.
#[derive(Debug, Clone)]
pub struct Air {
    aps: Vec<AccessPoint>,
    join_us: u64,
    scan_us: u64,
}

impl Default for Air {
    fn default() -> Self {
        Self::new()
    }
}

impl Air {
    /// Nothing in range; joining takes one second, a scan two.
    pub fn new() -> Self {
        Self {
            aps: Vec::new(),
            join_us: 1_000_000,
            scan_us: 2_000_000,
        }
    }

    /// Adds an access point.
    #[must_use]
    pub fn ap(mut self, ap: AccessPoint) -> Self {
        self.aps.push(ap);
        self
    }

    /// How long it takes from the start of an attempt to the IP address (or to being turned away).
    #[must_use]
    pub fn join_time_ms(mut self, ms: u32) -> Self {
        self.join_us = u64::from(ms) * 1_000;
        self
    }

    /// How long a scan takes.
    #[must_use]
    pub fn scan_time_ms(mut self, ms: u32) -> Self {
        self.scan_us = u64::from(ms) * 1_000;
        self
    }

    /// What is in range.
    pub fn access_points(&self) -> &[AccessPoint] {
        &self.aps
    }

    /// Switches an access point off: removes all of that name.
    pub fn remove(&mut self, ssid: impl AsRef<[u8]>) {
        self.aps.retain(|ap| ap.ssid != ssid.as_ref());
    }

    /// Switches an access point on.
    pub fn add(&mut self, ap: AccessPoint) {
        self.aps.push(ap);
    }

    pub(crate) fn join_us(&self) -> u64 {
        self.join_us
    }

    pub(crate) fn scan_us(&self) -> u64 {
        self.scan_us
    }
}
