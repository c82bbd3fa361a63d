//! The modem as [`usocket_api`]'s Wi-Fi interface.

use core::net::Ipv4Addr;

use usocket_api::network::{
    Addresses, ApConfig, Join, Joined, MacAddr, OPEN, ScanEntry, Ssid, WPA_PSK, WPA_WPA2_PSK,
    WPA2_PSK, WifiError, WifiErrorKind, WifiStack,
};

use crate::error::InvalidText;
use crate::wifi::{
    self, AccessPointConfig, AccessPointError, Interface, Ipv4Config, JoinOptions, MacAddress,
    ScanError, ScanOptions, Security, SettingError,
};
use crate::{Clock, Esp8285, JoinError, ModemError, Uart};

impl<U: Uart, C: Clock, const RX: usize> WifiStack for Esp8285<U, C, RX> {
    fn join(&mut self, join: &Join<'_>) -> nb::Result<(), WifiError> {
        // By itself the modem joins what has the name, open or not if there is no key.
        let suits = match join.security {
            None => true,
            Some(OPEN) => join.key.is_empty(),
            Some(_) => false,
        };
        if !suits {
            return Err(nb::Error::Other(
                WifiError::new(WifiErrorKind::Unsupported).with_message(
                    "this modem chooses the security by itself; leave it out of the join",
                ),
            ));
        }
        let mut options = JoinOptions::new(join.ssid, join.key.as_bytes());
        if let Some(bssid) = join.bssid {
            options = options.bssid(MacAddress(bssid.0));
        }
        self.join_with(&options)
            .map_err(|error| error.map(join_error))
    }

    fn leave(&mut self) -> nb::Result<(), WifiError> {
        Self::leave(self).map_err(|error| error.map(modem_error))
    }

    fn joined(&mut self) -> nb::Result<Option<Joined>, WifiError> {
        let network = self
            .joined_network()
            .map_err(|error| error.map(modem_error))?;
        Ok(network.map(|network| {
            let mut joined = Joined::new(ssid(&network.ssid));
            joined.bssid = network.bssid.map(mac);
            joined.channel = network.channel;
            joined.rssi = network.rssi;
            joined
        }))
    }

    fn addresses(&mut self) -> nb::Result<Option<Addresses>, WifiError> {
        let config = self
            .station_address()
            .map_err(|error| error.map(modem_error))?;
        Ok(config.map(|config| Addresses {
            ip: config.address,
            netmask: config.netmask,
            gateway: config.gateway,
        }))
    }

    fn scan(&mut self, mut found: impl FnMut(&ScanEntry)) -> nb::Result<u32, WifiError> {
        let outcome = Self::scan(self, &ScanOptions::new(), |network| {
            let mut entry =
                ScanEntry::new(ssid(&network.ssid), network.rssi, number(network.security));
            entry.bssid = network.bssid.map(mac);
            entry.channel = network.channel;
            found(&entry);
        });
        match outcome {
            Ok(()) => Ok(0),
            Err(nb::Error::Other(ScanError::Missed(count))) => Ok(count),
            Err(error) => Err(error.map(|error| match error {
                ScanError::Modem(error) => modem_error(error),
                ScanError::Refused | ScanError::Missed(_) => WifiErrorKind::NotNow.into(),
            })),
        }
    }

    fn dns_servers(&mut self) -> nb::Result<[Option<Ipv4Addr>; 2], WifiError> {
        let servers = Self::dns_servers(self).map_err(|error| error.map(modem_error))?;
        let mut servers = servers.iter();
        Ok([servers.next(), servers.next()])
    }

    fn mac(&mut self) -> nb::Result<MacAddr, WifiError> {
        let own = self.station_mac();
        own.map(mac).map_err(|error| error.map(modem_error))
    }

    fn set_addresses(&mut self, fixed: Option<&Addresses>) -> nb::Result<(), WifiError> {
        match fixed {
            None => self
                .set_dhcp(Interface::Station, true)
                .map_err(|error| error.map(modem_error)),
            Some(fixed) => self
                .set_station_address(Ipv4Config {
                    address: fixed.ip,
                    gateway: fixed.gateway,
                    netmask: fixed.netmask,
                })
                .map_err(|error| error.map(setting_error)),
        }
    }

    fn set_dns_server(&mut self, server: Option<Ipv4Addr>) -> nb::Result<(), WifiError> {
        self.set_dns_servers(server.as_slice())
            .map_err(|error| error.map(setting_error))
    }

    fn start_access_point(&mut self, config: &ApConfig<'_>) -> nb::Result<(), WifiError> {
        let Some(security) = security(config.security) else {
            return Err(nb::Error::Other(INVALID_SECURITY));
        };
        let open = security == Security::Open;
        let password = if open { &[] } else { config.key.as_bytes() };
        let options = AccessPointConfig::new(config.ssid, password)
            .channel(config.channel)
            .security(security)
            .hidden(config.hidden);
        Self::start_access_point(self, &options).map_err(|error| error.map(access_point_error))
    }

    fn stop_access_point(&mut self) -> nb::Result<(), WifiError> {
        Self::stop_access_point(self).map_err(|error| error.map(access_point_error))
    }
}

const INVALID_SECURITY: WifiError = WifiError::new(WifiErrorKind::InvalidInput)
    .with_message("ecn must be OPEN, WPA_PSK, WPA2_PSK or WPA_WPA2_PSK");

fn ssid(name: &wifi::Ssid) -> Ssid {
    // Both hold 32 bytes.
    Ssid::new(name).unwrap_or_default()
}

const fn mac(address: MacAddress) -> MacAddr {
    MacAddr(address.0)
}

/// Both count as the firmware does.
fn number(security: Security) -> usocket_api::network::Security {
    use usocket_api::network::Security as Number;
    match security {
        Security::Open => OPEN,
        Security::Wep => Number::WEP,
        Security::Wpa => WPA_PSK,
        Security::Wpa2 => WPA2_PSK,
        Security::WpaWpa2 => WPA_WPA2_PSK,
        Security::Wpa2Enterprise => Number::WPA2_ENTERPRISE,
        Security::Wpa3 => Number::WPA3_PSK,
        Security::Wpa2Wpa3 => Number::WPA2_WPA3_PSK,
        Security::Other(other) => i32::from(other).into(),
    }
}

/// What the modem's own access point can be protected by.
fn security(number: usocket_api::network::Security) -> Option<Security> {
    match number {
        OPEN => Some(Security::Open),
        WPA_PSK => Some(Security::Wpa),
        WPA2_PSK => Some(Security::Wpa2),
        WPA_WPA2_PSK => Some(Security::WpaWpa2),
        _ => None,
    }
}

fn modem_error(error: ModemError) -> WifiError {
    match error {
        ModemError::NoReply => WifiErrorKind::NoRadio.into(),
        ModemError::Uart(_) => WifiError::new(WifiErrorKind::NoRadio)
            .with_message("the serial port to the modem failed; check the port"),
        ModemError::Restarted => WifiErrorKind::Restarted.into(),
        ModemError::Unsupported(_) => WifiErrorKind::Unsupported.into(),
        ModemError::LineTooLong { .. } => WifiError::new(WifiErrorKind::InvalidInput)
            .with_message("ssid and key are too long together for this firmware; shorten one"),
        ModemError::Rejected => WifiError::new(WifiErrorKind::Other)
            .with_message("the modem answered ERROR, or was busy too long; try again"),
        ModemError::Unreadable => WifiError::new(WifiErrorKind::Other)
            .with_message("the modem's answer could not be understood; try again"),
    }
}

fn join_error(error: JoinError) -> WifiError {
    match error {
        JoinError::InvalidSsid(why) => invalid_ssid(why),
        JoinError::InvalidPassword(why) => invalid_key(why),
        JoinError::TimedOut => WifiErrorKind::NoAnswer.into(),
        JoinError::WrongPassword => WifiErrorKind::WrongKey.into(),
        JoinError::NoSuchAccessPoint => WifiErrorKind::NoSuchAccessPoint.into(),
        JoinError::Failed(_) => WifiErrorKind::JoinFailed.into(),
        JoinError::Modem(error) => modem_error(error),
    }
}

fn setting_error(error: SettingError) -> WifiError {
    match error {
        SettingError::InvalidText(_) => WifiErrorKind::InvalidInput.into(),
        SettingError::InvalidValue(why) => {
            WifiError::new(WifiErrorKind::InvalidInput).with_message(why)
        }
        SettingError::Modem(error) => modem_error(error),
    }
}

fn access_point_error(error: AccessPointError) -> WifiError {
    match error {
        AccessPointError::InvalidSsid(why) => invalid_ssid(why),
        AccessPointError::InvalidPassword(why) => invalid_key(why),
        AccessPointError::PasswordTooShort => WifiErrorKind::InvalidKey.into(),
        AccessPointError::InvalidSecurity => INVALID_SECURITY,
        AccessPointError::InvalidChannel => WifiErrorKind::InvalidChannel.into(),
        AccessPointError::InvalidLimit(_) => WifiErrorKind::InvalidInput.into(),
        AccessPointError::Refused(_) => WifiError::new(WifiErrorKind::Other)
            .with_message("the modem refused the access point; try another key or channel"),
        AccessPointError::Missed(_) => WifiErrorKind::Other.into(),
        AccessPointError::Modem(error) => modem_error(error),
    }
}

fn invalid_ssid(why: InvalidText) -> WifiError {
    let error = WifiError::new(WifiErrorKind::InvalidSsid);
    match why {
        InvalidText::TooLong { .. } => {
            error.with_message("the ssid is too long for this firmware; it takes 31 or 32 bytes")
        }
        InvalidText::ControlCharacter => {
            error.with_message("the ssid holds a control character, which the modem cannot be sent")
        }
        InvalidText::NeedsEscapes => error.with_message(
            "the ssid holds a quote, comma or backslash, which this old firmware cannot be sent",
        ),
        InvalidText::Empty | InvalidText::Unusable => error,
    }
}

fn invalid_key(why: InvalidText) -> WifiError {
    let error = WifiError::new(WifiErrorKind::InvalidKey);
    match why {
        InvalidText::TooLong { .. } => {
            error.with_message("the key is too long for this firmware; it takes 63 or 64 bytes")
        }
        InvalidText::ControlCharacter => {
            error.with_message("the key holds a control character, which the modem cannot be sent")
        }
        InvalidText::NeedsEscapes => error.with_message(
            "the key holds a quote, comma or backslash, which this old firmware cannot be sent",
        ),
        InvalidText::Empty | InvalidText::Unusable => error,
    }
}
