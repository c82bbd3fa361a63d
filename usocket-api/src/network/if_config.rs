//! What `ifconfig` returns.

use core::net::Ipv4Addr;

use super::{MacAddr, Ssid};

/// The interface's addresses. What it has not, or its radio does not tell, is 0.0.0.0, all zeros or empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct IfConfig {
    /// The station's address.
    pub ip: Ipv4Addr,
    /// The network mask.
    pub netmask: Ipv4Addr,
    /// The router.
    pub gateway: Ipv4Addr,
    /// The first name server.
    pub dns: Ipv4Addr,
    /// The second name server.
    pub dns2: Ipv4Addr,
    /// The station's own hardware address.
    pub mac: MacAddr,
    /// The name of the access point it is joined to.
    pub ssid: Ssid,
    /// The hardware address of that access point.
    pub bssid: MacAddr,
}

/// MaixPy's order.
type Tuple = (
    Ipv4Addr,
    Ipv4Addr,
    Ipv4Addr,
    Ipv4Addr,
    Ipv4Addr,
    MacAddr,
    Ssid,
);

impl IfConfig {
    /// MaixPy's seven items: `(ip, netmask, gateway, dns, dns2, mac, ssid)`. The first four are also what
    /// `ifconfig` gives on OpenMV.
    #[must_use]
    pub const fn as_tuple(&self) -> Tuple {
        (
            self.ip,
            self.netmask,
            self.gateway,
            self.dns,
            self.dns2,
            self.mac,
            self.ssid,
        )
    }
}

impl Default for IfConfig {
    fn default() -> Self {
        Self {
            ip: Ipv4Addr::UNSPECIFIED,
            netmask: Ipv4Addr::UNSPECIFIED,
            gateway: Ipv4Addr::UNSPECIFIED,
            dns: Ipv4Addr::UNSPECIFIED,
            dns2: Ipv4Addr::UNSPECIFIED,
            mac: MacAddr([0; 6]),
            ssid: Ssid::default(),
            bssid: MacAddr([0; 6]),
        }
    }
}
