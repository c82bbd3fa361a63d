//! What the modem remembers: for the session, or in flash.

use std::net::Ipv4Addr;

use super::LINKS;
use super::pins::Pins;
use crate::air::IpSetup;
use crate::dialect::{Family, Profile};

/// Parameters of the UART. Baud rate and flow control have an effect in the simulation, the others none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Uart {
    pub(super) baud: u32,
    pub(super) data_bits: u8,
    pub(super) stop_bits: u8,
    pub(super) parity: u8,
    pub(super) flow: u8,
}

impl Uart {
    /// The rate the clock divider really gives, which is what the queries report.
    pub(super) fn divided_baud(self) -> u32 {
        const CLOCK: u32 = 80_000_000;
        CLOCK / (CLOCK / self.baud.max(1)).max(1)
    }
}

/// Which access point to join.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Credentials {
    pub(super) ssid: Vec<u8>,
    pub(super) password: Vec<u8>,
    pub(super) bssid: Option<[u8; 6]>,
}

/// Settings that exist twice: as they are now, and as flash has them.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    pub(super) mode: u8,
    pub(super) ap: Option<Credentials>,
    pub(super) dhcp_station: bool,
    pub(super) dhcp_ap: bool,
    pub(super) station_ip: Option<IpSetup>,
    pub(super) ap_ip: IpSetup,
    pub(super) station_mac: [u8; 6],
    pub(super) own_ap_mac: Option<[u8; 6]>,
    pub(super) soft_ap: ApConfig,
    /// `None`: the hundred addresses behind .1.
    pub(super) dhcp_range: Option<DhcpRange>,
    pub(super) country: Country,
    pub(super) dns: Option<Vec<Ipv4Addr>>,
    pub(super) uart: Uart,
    pub(super) messages: u8,
    pub(super) auto_connect: bool,
    pub(super) reconnect: (u16, u16),
    pub(super) tls: [TlsClient; LINKS],
    /// `AT+SAVETRANSLINK`: host, port, kind, and keep-alive time or local port.
    pub(super) saved_link: Option<(String, u16, Vec<u8>, Option<u16>)>,
}

impl Kept {
    pub(super) fn factory(profile: &Profile) -> Self {
        Self {
            mode: profile.factory_mode,
            ap: None,
            dhcp_station: true,
            dhcp_ap: true,
            station_ip: None,
            ap_ip: IpSetup {
                address: Ipv4Addr::new(192, 168, 4, 1),
                gateway: Ipv4Addr::new(192, 168, 4, 1),
                netmask: Ipv4Addr::new(255, 255, 255, 0),
            },
            station_mac: [0x18, 0xfe, 0x34, 0x82, 0x85, 0x01],
            own_ap_mac: None,
            soft_ap: ApConfig::factory(profile),
            dhcp_range: None,
            country: Country {
                policy: 0,
                code: "CN".to_owned(),
                first: 1,
                count: 13,
            },
            dns: None,
            uart: Uart {
                baud: 115_200,
                data_bits: 8,
                stop_bits: 1,
                parity: 0,
                flow: 0,
            },
            messages: 0,
            auto_connect: true,
            reconnect: (1, 0),
            tls: Default::default(),
            saved_link: None,
        }
    }
}

impl Kept {
    /// The Wi-Fi mode has a station.
    pub(super) fn has_station(&self) -> bool {
        self.mode & 1 != 0
    }

    /// The Wi-Fi mode has an access point.
    pub(super) fn has_ap(&self) -> bool {
        self.mode & 2 != 0
    }

    /// The access point's MAC address: the station's with one bit more, unless set.
    pub(super) fn ap_mac(&self) -> [u8; 6] {
        let mut own = self.station_mac;
        own[0] |= 2;
        self.own_ap_mac.unwrap_or(own)
    }
}

/// `AT+CWSAP`.
#[derive(Debug, Clone)]
pub(super) struct ApConfig {
    pub(super) ssid: Vec<u8>,
    pub(super) password: Vec<u8>,
    pub(super) channel: u8,
    pub(super) security: u8,
    /// Most stations.
    pub(super) most: u8,
    pub(super) hidden: bool,
}

impl ApConfig {
    pub(super) fn factory(profile: &Profile) -> Self {
        Self {
            ssid: b"ESP_828501".to_vec(),
            password: Vec::new(),
            channel: 1,
            security: 0,
            most: if profile.family == Family::NonOs {
                4
            } else {
                10
            },
            hidden: false,
        }
    }
}

/// `AT+CWDHCPS`.
#[derive(Debug, Clone, Copy)]
pub(super) struct DhcpRange {
    pub(super) minutes: u16,
    pub(super) first: Ipv4Addr,
    pub(super) last: Ipv4Addr,
}

/// `AT+CWCOUNTRY`.
#[derive(Debug, Clone)]
pub(super) struct Country {
    pub(super) policy: u8,
    pub(super) code: String,
    pub(super) first: u8,
    pub(super) count: u8,
}

/// Settings every restart clears.
#[derive(Debug, Clone)]
pub(super) struct Session {
    pub(super) echo: bool,
    pub(super) multiple: bool,
    pub(super) transparent: bool,
    /// Linger time in seconds, no-delay, and send time-out in milliseconds.
    pub(super) tcp_options: [(i16, u8, i32); LINKS],
    pub(super) peer_info: bool,
    pub(super) passive: bool,
    pub(super) sleep: u8,
    pub(super) store: bool,
    pub(super) log: bool,
    pub(super) scan: ScanOptions,
    pub(super) sntp: Sntp,
    pub(super) hostname: Option<String>,
    /// Seconds since 1970 at the modem's time zero, once known.
    pub(super) clock: Option<i64>,
    pub(super) pins: Pins,
    pub(super) abort_on_close: [bool; LINKS],
    pub(super) tls_buffer: u16,
    pub(super) max_clients: u8,
    /// Seconds after which idle clients are closed; 0 for never.
    pub(super) idle_limit: u16,
}

impl Session {
    pub(super) fn new(profile: &Profile) -> Self {
        Self {
            echo: true,
            multiple: false,
            transparent: false,
            tcp_options: [(-1, 0, 0); LINKS],
            peer_info: false,
            passive: false,
            sleep: 2,
            store: true,
            log: false,
            scan: ScanOptions {
                sorted: false,
                fields: 0x7ff,
                weakest: -100,
                securities: 0x7ff,
            },
            sntp: Sntp {
                enabled: false,
                timezone: 0,
                servers: Vec::new(),
            },
            hostname: None,
            clock: None,
            pins: Pins::default(),
            abort_on_close: [false; LINKS],
            tls_buffer: 2_048,
            max_clients: 5,
            idle_limit: profile.idle_limit_s,
        }
    }
}

/// What a TLS link shows and checks. NonOS has one for all links, and only the mode.
#[derive(Debug, Clone, Default)]
pub(super) struct TlsClient {
    pub(super) mode: u8,
    pub(super) own: u8,
    pub(super) authority: u8,
    pub(super) server_name: Option<String>,
    pub(super) common_name: Option<String>,
    pub(super) protocols: Vec<String>,
    /// A pre-shared key and its hint; stored, for no peer asks for it.
    pub(super) key: (String, String),
}

/// `AT+CWLAPOPT`.
#[derive(Debug, Clone, Copy)]
pub(super) struct ScanOptions {
    pub(super) sorted: bool,
    pub(super) fields: u16,
    pub(super) weakest: i16,
    /// Bit n lets access points of security n through.
    pub(super) securities: u16,
}

/// `AT+CIPSNTPCFG`.
#[derive(Debug, Clone)]
pub(super) struct Sntp {
    pub(super) enabled: bool,
    pub(super) timezone: i16,
    pub(super) servers: Vec<String>,
}
