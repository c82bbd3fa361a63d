//! Where names and addresses lead, and who hears of those that lead nowhere.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, SocketAddrV4};

use super::HostNetwork;

/// Where a name in the table leads.
#[derive(Debug, Clone)]
pub(super) enum Target {
    /// To an address, whatever the port.
    Address(Ipv4Addr),
    /// To one place, behind an address made up for the modem.
    Place { alias: Ipv4Addr, place: String },
}

/// Called with the modem's time and what was wanted.
pub(super) type Tell = Box<dyn FnMut(u64, &str) + Send>;

/// Who is told about what was not allowed.
pub(super) struct Forbidden(pub(super) Option<Tell>);

impl Forbidden {
    pub(super) fn tell(&mut self, now_us: u64, what: &str) {
        if let Some(tell) = &mut self.0 {
            tell(now_us, what);
        }
    }
}

impl fmt::Debug for Forbidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "told" } else { "silent" })
    }
}

impl HostNetwork {
    /// Whether this computer is behind that address, so that somebody is there to answer a ping.
    pub(super) fn is_here(&self, to: Ipv4Addr) -> bool {
        let place = self.place_of(SocketAddrV4::new(to, 0));
        match place.parse::<SocketAddr>() {
            Ok(address) => address.ip().to_canonical().is_loopback(),
            Err(_) => place
                .rsplit_once(':')
                .is_some_and(|(name, _)| name.eq_ignore_ascii_case("localhost")),
        }
    }

    /// What the host is asked for when the modem wants that address.
    pub(super) fn place_of(&self, to: SocketAddrV4) -> String {
        let place = self.names.iter().find_map(|(_, target)| match target {
            Target::Place { alias, place } if alias == to.ip() => Some(place.clone()),
            _ => None,
        });
        match place {
            // A place may leave the port to the modem.
            Some(place) if place.parse::<IpAddr>().is_ok() || !place.contains(':') => {
                match place.parse::<IpAddr>() {
                    Ok(ip) => SocketAddr::new(ip, to.port()).to_string(),
                    Err(_) => format!("{place}:{}", to.port()),
                }
            }
            Some(place) => place,
            None => to.to_string(),
        }
    }
}
