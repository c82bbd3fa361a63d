//! Settings of the interfaces: DHCP, DNS servers, host name, MAC, coming back.

use core::net::Ipv4Addr;

use super::{Interface, MacAddress, SettingError, Text};
use crate::at::command::{self as cmd, lines};
use crate::at::escape::{self, InvalidText};
use crate::at::parse::{ipv4, leading_number, mac, unquoted, value_of};
use crate::driver::flatten;
use crate::error::ModemError;
use crate::machine::{Outcome, Purpose, State, fingerprint};
use crate::{Capability, Clock, Esp8285, Uart};

/// Longest host name the modem takes, in bytes.
const MAX_NAME: u8 = 32;

/// A host name: at most 32 bytes.
pub type HostName = Text<{ MAX_NAME as usize }>;

/// Which interfaces use DHCP: as a client the station, as a server the access
/// point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct DhcpState {
    /// The station asks for its address.
    pub station: bool,
    /// The access point hands out addresses.
    pub access_point: bool,
}

/// Up to three DNS servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct DnsServers {
    servers: [Option<Ipv4Addr>; 3],
}

impl DnsServers {
    /// The servers, the first choice first.
    pub fn iter(&self) -> impl Iterator<Item = Ipv4Addr> + '_ {
        self.servers.iter().flatten().copied()
    }
}

impl<U: Uart, C: Clock, const RX: usize> Esp8285<U, C, RX> {
    /// Says whether the modem joins its stored access point by itself after
    /// power-up (`AT+CWAUTOCONN`).
    ///
    /// **Always written to flash**, so not something to call at every start.
    ///
    /// # Errors
    /// `WouldBlock` until the modem has answered; `Unsupported` on NonOS 0.2x.
    pub fn set_auto_join(&mut self, on: bool) -> nb::Result<(), ModemError> {
        flatten(self.turn(None, |state, now| state.set_auto_join(on, now)))
    }

    /// Says how often (seconds, 0 for never, at most 7200) and how many times
    /// (0 for no end, at most 1000) the modem tries to come back to a lost
    /// access point (`AT+CWRECONNCFG`).
    ///
    /// # Errors
    /// `WouldBlock` until the modem has answered; `Unsupported` before ESP-AT
    /// 2.2. NonOS comes back by itself, always.
    pub fn set_reconnect(&mut self, interval: u16, tries: u16) -> nb::Result<(), SettingError> {
        flatten(self.turn(None, |state, now| state.set_reconnect(interval, tries, now)))
    }

    /// Which interfaces use DHCP (`AT+CWDHCP?`).
    ///
    /// # Errors
    /// `WouldBlock` until the modem has answered.
    pub fn dhcp(&mut self) -> nb::Result<DhcpState, ModemError> {
        flatten(self.turn(None, |state, now| state.dhcp(now)))
    }

    /// Turns an interface's DHCP on or off (`AT+CWDHCP`): the station's
    /// client, the access point's server. ESP_ATMod can only turn the
    /// station's on.
    ///
    /// # Errors
    /// `WouldBlock` until the modem has answered.
    pub fn set_dhcp(&mut self, interface: Interface, on: bool) -> nb::Result<(), ModemError> {
        flatten(self.turn(None, |state, now| state.set_dhcp(interface, on, now)))
    }

    /// The DNS servers in use (`AT+CIPDNS?`).
    ///
    /// # Errors
    /// `WouldBlock` until the modem has answered; `Unsupported` before NonOS
    /// 1.4.
    pub fn dns_servers(&mut self) -> nb::Result<DnsServers, ModemError> {
        flatten(self.turn(None, |state, now| state.dns_servers(now)))
    }

    /// Sets DNS servers: at most 2 on NonOS, 3 on ESP-AT; none at all means
    /// those that DHCP tells (`AT+CIPDNS`).
    ///
    /// # Errors
    /// `WouldBlock` until the modem has answered; `Unsupported` before NonOS
    /// 1.4.
    pub fn set_dns_servers(&mut self, servers: &[Ipv4Addr]) -> nb::Result<(), SettingError> {
        flatten(self.turn(None, |state, now| state.set_dns_servers(servers, now)))
    }

    /// The name the station tells DHCP servers (`AT+CWHOSTNAME?`).
    ///
    /// # Errors
    /// `WouldBlock` until the modem has answered; `Unsupported` before NonOS
    /// 1.4.
    pub fn host_name(&mut self) -> nb::Result<HostName, ModemError> {
        flatten(self.turn(None, |state, now| state.host_name(now)))
    }

    /// Sets the name the station tells DHCP servers: 1 to 32 letters, digits
    /// and hyphens (`AT+CWHOSTNAME`). Counts from the next join on.
    ///
    /// # Errors
    /// `WouldBlock` until the modem has answered; `Unsupported` before NonOS
    /// 1.4.
    pub fn set_host_name(&mut self, name: &str) -> nb::Result<(), SettingError> {
        flatten(self.turn(None, |state, now| state.set_host_name(name, now)))
    }

    /// The station's hardware address (`AT+CIPSTAMAC?`).
    ///
    /// # Errors
    /// `WouldBlock` until the modem has answered.
    pub fn station_mac(&mut self) -> nb::Result<MacAddress, ModemError> {
        flatten(self.turn(None, |state, now| state.station_mac(now)))
    }

    /// Gives the station another hardware address (`AT+CIPSTAMAC`). A station
    /// that is joined loses its access point.
    ///
    /// # Errors
    /// `WouldBlock` until the modem has answered;
    /// [`SettingError::InvalidValue`] for a multicast address.
    pub fn set_station_mac(&mut self, mac: MacAddress) -> nb::Result<(), SettingError> {
        flatten(self.turn(None, |state, now| state.set_station_mac(mac, now)))
    }
}

impl<const RX: usize> State<RX> {
    pub(crate) fn set_auto_join(&mut self, on: bool, now: u64) -> Outcome<(), ModemError> {
        self.require(Capability::AutoJoin)?;
        self.set(Purpose::AutoJoin, on.into(), now, |_| cmd::AutoJoin { on })
    }

    pub(crate) fn set_reconnect(
        &mut self,
        interval: u16,
        tries: u16,
        now: u64,
    ) -> Outcome<(), SettingError> {
        if interval > 7200 || tries > 1000 {
            return Err(SettingError::InvalidValue(
                "at most 7200 seconds and 1000 tries",
            ));
        }
        self.require(Capability::Reconnect)?;
        let print = u32::from(interval) << 16 | u32::from(tries);
        Ok(
            self.set(Purpose::Reconnect, print, now, |_| cmd::Reconnect {
                interval,
                tries,
            })?,
        )
    }

    pub(crate) fn dhcp(&mut self, now: u64) -> Outcome<DhcpState, ModemError> {
        let station_first = self.dialect.dhcp_switch_first;
        self.query(
            Purpose::Dhcp,
            now,
            |dialect| cmd::Dhcp {
                current: dialect.cur_suffix,
            },
            |body| {
                let bits = lines(body)
                    .find_map(|line| Some(leading_number(value_of(line, b"CWDHCP")?)?.0))?;
                let (low, high) = (bits & 1 == 1, bits & 2 == 2);
                let (station, access_point) = if station_first {
                    (low, high)
                } else {
                    (high, low)
                };
                Some(DhcpState {
                    station,
                    access_point,
                })
            },
        )
    }

    pub(crate) fn set_dhcp(
        &mut self,
        interface: Interface,
        on: bool,
        now: u64,
    ) -> Outcome<(), ModemError> {
        if interface == Interface::AccessPoint {
            self.require(Capability::AccessPoint)?;
        }
        let print = u32::from(interface == Interface::Station) << 1 | u32::from(on);
        self.set(Purpose::SetDhcp, print, now, |dialect| cmd::SetDhcp {
            interface,
            on,
            dialect,
        })
    }

    pub(crate) fn dns_servers(&mut self, now: u64) -> Outcome<DnsServers, ModemError> {
        self.require(Capability::DnsServers)?;
        self.query(
            Purpose::DnsServers,
            now,
            |dialect| cmd::DnsServers {
                current: dialect.cur_suffix,
            },
            |body| Some(parse_dns_servers(body)),
        )
    }

    pub(crate) fn set_dns_servers(
        &mut self,
        servers: &[Ipv4Addr],
        now: u64,
    ) -> Outcome<(), SettingError> {
        self.require(Capability::DnsServers)?;
        if self.is_ready() && servers.len() > usize::from(self.dialect.max_dns_servers) {
            return Err(SettingError::InvalidValue(
                "at most 2 DNS servers on NonOS, 3 on ESP-AT",
            ));
        }
        let mut print = 0;
        for server in servers {
            print = fingerprint(&[&u32::to_le_bytes(print), &server.octets()]);
        }
        Ok(self.set(Purpose::SetDnsServers, print, now, |dialect| {
            cmd::SetDnsServers {
                servers,
                current: dialect.cur_suffix,
            }
        })?)
    }

    pub(crate) fn host_name(&mut self, now: u64) -> Outcome<HostName, ModemError> {
        self.require(Capability::HostName)?;
        self.query(
            Purpose::HostName,
            now,
            |_| cmd::HostName {},
            |body| {
                let name = lines(body).find_map(|line| value_of(line, b"CWHOSTNAME"))?;
                HostName::new(unquoted(name)).ok()
            },
        )
    }

    pub(crate) fn set_host_name(&mut self, name: &str, now: u64) -> Outcome<(), SettingError> {
        check_name(name).map_err(SettingError::InvalidText)?;
        self.require(Capability::HostName)?;
        let print = fingerprint(&[name.as_bytes()]);
        Ok(
            self.set(Purpose::SetHostName, print, now, |_| cmd::SetHostName {
                name,
            })?,
        )
    }

    pub(crate) fn station_mac(&mut self, now: u64) -> Outcome<MacAddress, ModemError> {
        self.query(
            Purpose::StationMac,
            now,
            |dialect| cmd::StationMac {
                current: dialect.cur_suffix,
            },
            |body| lines(body).find_map(|line| mac(unquoted(value_of(line, b"CIPSTAMAC")?))),
        )
    }

    pub(crate) fn set_station_mac(
        &mut self,
        mac: MacAddress,
        now: u64,
    ) -> Outcome<(), SettingError> {
        if !mac.is_unicast() {
            return Err(SettingError::InvalidValue(
                "the first byte of a station's hardware address is even",
            ));
        }
        let print = fingerprint(&[&mac.0]);
        Ok(self.set(Purpose::SetStationMac, print, now, |dialect| {
            cmd::SetStationMac {
                mac,
                current: dialect.cur_suffix,
            }
        })?)
    }
}

/// One line per server (NonOS), or all in one line behind a switch (ESP-AT).
fn parse_dns_servers(body: &[u8]) -> DnsServers {
    let mut found = lines(body)
        .filter_map(|line| value_of(line, b"CIPDNS"))
        .flat_map(|value| value.split(|b| *b == b','))
        .filter_map(ipv4)
        .filter(|server| !server.is_unspecified());
    DnsServers {
        servers: core::array::from_fn(|_| found.next()),
    }
}

fn check_name(name: &str) -> Result<(), InvalidText> {
    if name.is_empty() {
        return Err(InvalidText::Empty);
    }
    escape::check(name, MAX_NAME)?;
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
    if !name.bytes().all(plain) {
        return Err(InvalidText::Unusable);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dns_servers_in_both_forms() {
        let expected = [Ipv4Addr::new(8, 8, 8, 8), Ipv4Addr::new(1, 1, 1, 1)];
        for body in [
            "+CIPDNS_CUR:8.8.8.8\r\n+CIPDNS_CUR:1.1.1.1",
            "+CIPDNS:1,\"8.8.8.8\",\"1.1.1.1\"",
            "+CIPDNS:0,8.8.8.8,1.1.1.1,0.0.0.0",
        ] {
            let servers = parse_dns_servers(body.as_bytes());
            assert!(servers.iter().eq(expected), "{body}");
        }
        assert_eq!(parse_dns_servers(b"+CIPDNS:0"), DnsServers::default());
    }

    #[test]
    fn host_names_are_plain() {
        assert_eq!(check_name("Maix-Go-1"), Ok(()));
        assert_eq!(check_name(""), Err(InvalidText::Empty));
        for bad in ["a b", "a\"b", "a.b", "ü"] {
            assert_eq!(check_name(bad), Err(InvalidText::Unusable), "{bad}");
        }
        let long = "x".repeat(33);
        assert_eq!(check_name(&long), Err(InvalidText::TooLong { max: 32 }));
    }
}
