//! IP addresses of both interfaces: as they are, and fixed ones.

use core::net::Ipv4Addr;

use super::{MacAddress, SettingError};
use crate::at::command::{self, InterfaceAddress, SetInterfaceAddress, lines};
use crate::at::parse::{ipv4, mac, unquoted, value_of};
use crate::driver::flatten;
use crate::error::ModemError;
use crate::machine::{Outcome, Purpose, State, fingerprint};
use crate::{Capability, Clock, Esp8285, Uart};

/// One of the modem's two interfaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Interface {
    /// The one that joins access points.
    Station,
    /// The one that is an access point.
    AccessPoint,
}

/// An address and the network it is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Ipv4Config {
    /// The interface's own address.
    pub address: Ipv4Addr,
    /// The router; for an access point usually its own address.
    pub gateway: Ipv4Addr,
    /// The network mask, such as 255.255.255.0.
    pub netmask: Ipv4Addr,
}

/// What the modem says of one interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct InterfaceAddresses {
    /// Its IP address, once it has one.
    pub ip: Option<Ipv4Addr>,
    /// Its hardware address; the oldest firmware does not tell.
    pub mac: Option<MacAddress>,
}

/// What the modem says of its interfaces; `None` for one that is not in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Addresses {
    /// The station.
    pub station: Option<InterfaceAddresses>,
    /// The access point.
    pub access_point: Option<InterfaceAddresses>,
}

impl<U: Uart, C: Clock, const RX: usize> Esp8285<U, C, RX> {
    /// The IP and hardware addresses of the interfaces in use (`AT+CIFSR`).
    ///
    /// # Errors
    /// `WouldBlock` until the modem has answered.
    pub fn addresses(&mut self) -> nb::Result<Addresses, ModemError> {
        flatten(self.turn(None, |state, now| state.addresses(now)))
    }

    /// The station's address, gateway and mask (`AT+CIPSTA?`); `None` while it
    /// has none.
    ///
    /// # Errors
    /// `WouldBlock` until the modem has answered.
    pub fn station_address(&mut self) -> nb::Result<Option<Ipv4Config>, ModemError> {
        flatten(self.turn(None, |state, now| {
            state.interface_address(Interface::Station, now)
        }))
    }

    /// Gives the station a fixed address and turns its DHCP off
    /// (`AT+CIPSTA`); [`set_dhcp`](Self::set_dhcp) turns it on again.
    ///
    /// ```no_run
    /// # fn example<U: atcmd_esp8285::Uart, C: atcmd_esp8285::Clock>(
    /// #     wifi: &mut atcmd_esp8285::Esp8285<U, C>) -> Result<(), Box<dyn core::error::Error>> {
    /// use atcmd_esp8285::wifi::Ipv4Config;
    ///
    /// let config = Ipv4Config {
    ///     address: "192.168.1.50".parse()?,
    ///     gateway: "192.168.1.1".parse()?,
    ///     netmask: "255.255.255.0".parse()?,
    /// };
    /// wifi.wait(|wifi| wifi.set_station_address(config))?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// `WouldBlock` until the modem has answered; [`SettingError::InvalidValue`]
    /// for addresses that cannot be.
    pub fn set_station_address(&mut self, config: Ipv4Config) -> nb::Result<(), SettingError> {
        flatten(self.turn(None, |state, now| {
            state.set_interface_address(Interface::Station, config, now)
        }))
    }

    /// The access point's address, gateway and mask (`AT+CIPAP?`).
    ///
    /// # Errors
    /// `WouldBlock` until the modem has answered; `Unsupported` on ESP_ATMod.
    pub fn access_point_address(&mut self) -> nb::Result<Option<Ipv4Config>, ModemError> {
        flatten(self.turn(None, |state, now| {
            state.interface_address(Interface::AccessPoint, now)
        }))
    }

    /// Gives the access point another address (`AT+CIPAP`); its DHCP server
    /// then hands out addresses next to it. It is 192.168.4.1 out of the box.
    /// ESP-AT refuses while the access point is off.
    ///
    /// # Errors
    /// As [`set_station_address`](Self::set_station_address); `Unsupported` on
    /// ESP_ATMod.
    pub fn set_access_point_address(&mut self, config: Ipv4Config) -> nb::Result<(), SettingError> {
        flatten(self.turn(None, |state, now| {
            state.set_interface_address(Interface::AccessPoint, config, now)
        }))
    }
}

impl<const RX: usize> State<RX> {
    pub(crate) fn addresses(&mut self, now: u64) -> Outcome<Addresses, ModemError> {
        self.query(
            Purpose::Addresses,
            now,
            |_| command::Addresses {},
            |body| Some(parse_addresses(body)),
        )
    }

    pub(crate) fn interface_address(
        &mut self,
        interface: Interface,
        now: u64,
    ) -> Outcome<Option<Ipv4Config>, ModemError> {
        let purpose = match interface {
            Interface::Station => Purpose::StationAddress,
            Interface::AccessPoint => {
                self.require(Capability::AccessPoint)?;
                Purpose::AccessPointAddress
            }
        };
        self.query(
            purpose,
            now,
            |dialect| InterfaceAddress {
                interface,
                current: dialect.cur_suffix,
            },
            |body| parse_config(body, interface),
        )
    }

    pub(crate) fn set_interface_address(
        &mut self,
        interface: Interface,
        config: Ipv4Config,
        now: u64,
    ) -> Outcome<(), SettingError> {
        let purpose = match interface {
            Interface::Station => Purpose::SetStationAddress,
            Interface::AccessPoint => {
                self.require(Capability::AccessPoint)?;
                Purpose::SetAccessPointAddress
            }
        };
        check(config)?;
        let print = fingerprint(&[
            &config.address.octets(),
            &config.gateway.octets(),
            &config.netmask.octets(),
        ]);
        Ok(
            self.set(purpose, print, now, |dialect| SetInterfaceAddress {
                interface,
                config,
                current: dialect.cur_suffix,
            })?,
        )
    }
}

fn check(config: Ipv4Config) -> Result<(), SettingError> {
    let address = config.address;
    if address.is_unspecified() || address.is_broadcast() || address.is_multicast() {
        return Err(SettingError::InvalidValue(
            "the address must be one host's, such as 192.168.1.50",
        ));
    }
    let mask = u32::from(config.netmask);
    if mask == 0 || mask.leading_ones() + mask.trailing_zeros() != 32 {
        return Err(SettingError::InvalidValue(
            "the mask must be ones followed by zeros, such as 255.255.255.0",
        ));
    }
    Ok(())
}

/// `+CIFSR:STAIP,"ip"` and its kin. ESP_ATMod spells the first line `+CISFR`;
/// the oldest firmware prints bare addresses, the station's last.
pub(crate) fn parse_addresses(body: &[u8]) -> Addresses {
    let mut found = Addresses::default();
    for line in lines(body) {
        let value = value_of(line, b"CIFSR").or_else(|| value_of(line, b"CISFR"));
        let Some(value) = value else {
            if let Some(ip) = ipv4(line) {
                let station = found.station.get_or_insert_default();
                station.ip = Some(ip).filter(|ip| !ip.is_unspecified());
            }
            continue;
        };
        let mut fields = value.splitn(2, |b| *b == b',');
        let (Some(name), Some(text)) = (fields.next(), fields.next()) else {
            continue;
        };
        let interface = if name.starts_with(b"AP") {
            &mut found.access_point
        } else {
            &mut found.station
        };
        match name {
            b"APIP" | b"STAIP" => {
                let ip = ipv4(text).filter(|ip| !ip.is_unspecified());
                interface.get_or_insert_default().ip = ip;
            }
            b"APMAC" | b"STAMAC" => {
                interface.get_or_insert_default().mac = mac(unquoted(text));
            }
            _ => {}
        }
    }
    found
}

/// Three lines `+CIPSTA:ip:"..."`, `gateway`, `netmask`, or (oldest firmware)
/// one without a name.
fn parse_config(body: &[u8], interface: Interface) -> Option<Option<Ipv4Config>> {
    let name: &[u8] = match interface {
        Interface::Station => b"CIPSTA",
        Interface::AccessPoint => b"CIPAP",
    };
    let (mut address, mut gateway, mut netmask) = (None, None, None);
    for value in lines(body).filter_map(|line| value_of(line, name)) {
        if let Some(text) = value.strip_prefix(b"ip:") {
            address = Some(ipv4(text)?);
        } else if let Some(text) = value.strip_prefix(b"gateway:") {
            gateway = Some(ipv4(text)?);
        } else if let Some(text) = value.strip_prefix(b"netmask:") {
            netmask = Some(ipv4(text)?);
        } else if let Some(bare) = ipv4(value) {
            address = Some(bare);
        }
    }
    let config = Ipv4Config {
        address: address?,
        gateway: gateway.unwrap_or(Ipv4Addr::UNSPECIFIED),
        netmask: netmask.unwrap_or(Ipv4Addr::UNSPECIFIED),
    };
    Some(Some(config).filter(|config| !config.address.is_unspecified()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::format;

    #[test]
    fn addresses_in_every_form() {
        let mac = Some(MacAddress([0x18, 0xfe, 0x34, 1, 2, 3]));
        let both = parse_addresses(
            b"+CIFSR:APIP,\"192.168.4.1\"\r\n+CIFSR:APMAC,\"1a:fe:34:01:02:03\"\r\n\
              +CIFSR:STAIP,\"10.0.0.7\"\r\n+CIFSR:STAMAC,\"18:fe:34:01:02:03\"",
        );
        assert_eq!(
            both.access_point.unwrap().ip,
            Some(Ipv4Addr::new(192, 168, 4, 1))
        );
        let station = both.station.unwrap();
        assert_eq!(station.ip, Some(Ipv4Addr::new(10, 0, 0, 7)));
        assert_eq!(station.mac, mac);

        let misspelt =
            parse_addresses(b"+CISFR:STAIP,\"10.0.0.7\"\r\n+CIFSR:STAMAC,\"18:FE:34:01:02:03\"");
        assert_eq!(misspelt.station, Some(station));
        assert_eq!(misspelt.access_point, None);

        let none = parse_addresses(b"+CIFSR:STAIP,\"0.0.0.0\"\r\n+CIFSR:STAMAC,\"x\"");
        assert_eq!(none.station, Some(InterfaceAddresses::default()));

        let bare = parse_addresses(b"192.168.4.1\r\n10.0.0.7");
        assert_eq!(bare.station.unwrap().ip, station.ip);
    }

    #[test]
    fn configurations_in_every_form() {
        for name in ["CIPSTA", "CIPSTA_CUR", "CIPSTA_DEF"] {
            let body = format!(
                "+{name}:ip:\"10.0.0.7\"\r\n+{name}:gateway:\"10.0.0.1\"\r\n\
                 +{name}:netmask:\"255.255.255.0\"\r\n+{name}:ip6ll:\"fe80::1\""
            );
            let config = parse_config(body.as_bytes(), Interface::Station);
            let config = config.unwrap().unwrap();
            assert_eq!(config.address, Ipv4Addr::new(10, 0, 0, 7));
            assert_eq!(config.gateway, Ipv4Addr::new(10, 0, 0, 1));
            assert_eq!(config.netmask, Ipv4Addr::new(255, 255, 255, 0));
            assert_eq!(parse_config(body.as_bytes(), Interface::AccessPoint), None);
        }
        let old = parse_config(b"+CIPAP:\"192.168.4.1\"", Interface::AccessPoint);
        assert_eq!(old.unwrap().unwrap().address, Ipv4Addr::new(192, 168, 4, 1));
        let none = parse_config(b"+CIPSTA:ip:\"0.0.0.0\"", Interface::Station);
        assert_eq!(none, Some(None));
    }

    #[test]
    fn addresses_that_cannot_be_are_refused() {
        let good = Ipv4Config {
            address: Ipv4Addr::new(10, 0, 0, 7),
            gateway: Ipv4Addr::new(10, 0, 0, 1),
            netmask: Ipv4Addr::new(255, 255, 240, 0),
        };
        assert_eq!(check(good), Ok(()));
        for address in [[0, 0, 0, 0], [255, 255, 255, 255], [224, 0, 0, 1]] {
            let address = address.into();
            assert!(check(Ipv4Config { address, ..good }).is_err());
        }
        for netmask in [[0, 0, 0, 0], [255, 0, 255, 0], [0, 255, 255, 255]] {
            let netmask = netmask.into();
            assert!(check(Ipv4Config { netmask, ..good }).is_err());
        }
    }

    proptest! {
        #[test]
        fn nothing_panics(body in prop::collection::vec(any::<u8>(), 0..80)) {
            let _ = parse_addresses(&body);
            let _ = parse_addresses(&[b"+CIFSR:", &body[..]].concat());
            let _ = parse_config(&[b"+CIPAP:", &body[..]].concat(), Interface::AccessPoint);
        }
    }
}
