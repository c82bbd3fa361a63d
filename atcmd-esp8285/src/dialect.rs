//! What each firmware line speaks: one table, asked instead of version numbers.
//!
//! ```
//! use atcmd_esp8285::Dialect;
//!
//! let gmr = b"AT version:1.7.4.0(May 11 2020 19:13:04)";
//! assert_eq!(Dialect::from_version_line(gmr).name, "NonOS 1.7");
//! ```
//!
//! The choice is made from the first line of `AT+GMR`. What a firmware can do
//! at all is the table of [`Capability`](crate::Capability); how it speaks is
//! this one.

use crate::at::parse::leading_number;

/// The properties of one firmware line.
///
/// The values come from Espressif's AT libraries and documentation; where the
/// documentation and the firmware disagree, the firmware's behaviour counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Dialect {
    /// Name for people, such as `"ESP-AT 2.2"`.
    pub name: &'static str,
    /// Settings that must not be written to flash take a `_CUR` suffix.
    pub cur_suffix: bool,
    /// `AT+SYSSTORE=0` exists and keeps settings out of flash.
    pub sysstore: bool,
    /// Only TCP data waits in the modem; datagrams and TLS data are pushed.
    pub passive_tcp_only: bool,
    /// TLS settings are made per link.
    pub tls_per_link: bool,
    /// A server that runs cannot be stopped without a restart.
    pub server_stays: bool,
    /// Unread data is announced again after a partial read, so a full read
    /// needs no second look.
    pub announces_rest: bool,
    /// Most bytes one `AT+CIPRECVDATA` may ask for.
    pub max_read: u16,
    /// Most bytes one `AT+CIPSEND` may carry.
    pub max_send: u16,
    /// `OK` comes before the `>` prompt of `AT+CIPSEND`.
    pub ok_before_prompt: bool,
    /// A line `OK` follows the payload of each `+IPD` frame.
    pub ok_after_data: bool,
    /// A line before `ERROR` says why a command was refused.
    pub gives_reasons: bool,
    /// `\` escapes work inside quoted strings.
    pub escapes: bool,
    /// Longest SSID and password, in bytes.
    pub max_credentials: (u8, u8),
    /// `AT+CWDHCP` takes the switch first and the interfaces as bits, of which
    /// the lowest is the station's; otherwise it is the other way round.
    pub dhcp_switch_first: bool,
    /// Most stations the modem's access point takes.
    pub max_stations: u8,
    /// Most DNS servers that can be set.
    pub max_dns_servers: u8,
    /// Longest command line in bytes, `AT` and the line end included.
    pub max_line: u16,
    /// Highest baud rate `AT+UART_CUR` takes.
    pub max_baud: u32,
    /// `AT+SLEEP=1` is light sleep and `2` modem sleep, not the reverse.
    pub light_sleep_first: bool,
    /// `AT+RST` is obeyed whatever else the modem is doing.
    pub reset_when_busy: bool,
    /// Which column of the capability table.
    pub(crate) column: u8,
}

impl Dialect {
    /// NonOS AT 0.18 to 0.60.
    pub const NONOS_0_2X: Self = Self {
        name: "NonOS 0.2x",
        cur_suffix: false,
        ok_before_prompt: false,
        ok_after_data: true,
        server_stays: true,
        escapes: false,
        // The last byte of either field is its end mark there.
        max_credentials: (31, 63),
        max_line: 128,
        column: 0,
        ..Self::NONOS_1_7
    };
    /// NonOS AT 1.1 to 1.3: active receive only.
    pub const NONOS_1_1: Self = Self {
        name: "NonOS 1.1-1.3",
        max_line: 128,
        column: 1,
        ..Self::NONOS_1_7
    };
    /// NonOS AT 1.4 to 1.6: active receive only.
    pub const NONOS_1_4: Self = Self {
        name: "NonOS 1.4-1.6",
        max_line: 128,
        column: 2,
        ..Self::NONOS_1_7
    };
    /// NonOS AT 1.7: passive TCP receive.
    pub const NONOS_1_7: Self = Self {
        name: "NonOS 1.7",
        cur_suffix: true,
        sysstore: false,
        passive_tcp_only: true,
        tls_per_link: false,
        server_stays: false,
        announces_rest: false,
        max_read: 2048,
        max_send: 2048,
        ok_before_prompt: true,
        ok_after_data: false,
        gives_reasons: true,
        escapes: true,
        max_credentials: (32, 64),
        dhcp_switch_first: false,
        max_stations: 4,
        max_dns_servers: 2,
        max_line: 256,
        max_baud: 4_608_000,
        light_sleep_first: true,
        reset_when_busy: false,
        column: 3,
    };
    /// ESP-AT 2.0: its passive mode is unusable.
    pub const ESP_AT_2_0: Self = Self {
        name: "ESP-AT 2.0",
        sysstore: false,
        column: 4,
        ..Self::ESP_AT_2_2
    };
    /// ESP-AT 2.1.
    pub const ESP_AT_2_1: Self = Self {
        name: "ESP-AT 2.1",
        column: 5,
        ..Self::ESP_AT_2_2
    };
    /// ESP-AT 2.2.
    pub const ESP_AT_2_2: Self = Self {
        name: "ESP-AT 2.2",
        cur_suffix: false,
        gives_reasons: false,
        sysstore: true,
        passive_tcp_only: false,
        tls_per_link: true,
        announces_rest: true,
        // The modem clips to what it holds; its window is 5760 bytes.
        max_read: 5760,
        max_baud: 4_500_000,
        light_sleep_first: false,
        reset_when_busy: true,
        dhcp_switch_first: true,
        max_stations: 10,
        max_dns_servers: 3,
        column: 6,
        ..Self::NONOS_1_7
    };
    /// ESP-AT 2.3 and later.
    pub const ESP_AT_2_3: Self = Self {
        name: "ESP-AT 2.3",
        column: 7,
        ..Self::ESP_AT_2_2
    };
    /// The ESP_ATMod replacement firmware, which reports itself as
    /// `1.7.0.0 (partial)`.
    pub const ESP_ATMOD: Self = Self {
        name: "ESP_ATMod",
        passive_tcp_only: false,
        column: 8,
        ..Self::NONOS_1_7
    };

    /// Every row of the table.
    pub const ALL: [&'static Self; 9] = [
        &Self::NONOS_0_2X,
        &Self::NONOS_1_1,
        &Self::NONOS_1_4,
        &Self::NONOS_1_7,
        &Self::ESP_AT_2_0,
        &Self::ESP_AT_2_1,
        &Self::ESP_AT_2_2,
        &Self::ESP_AT_2_3,
        &Self::ESP_ATMOD,
    ];

    /// The row for the first line of an `AT+GMR` reply.
    ///
    /// A line that says nothing usable gets the row that asks least of the
    /// modem, [`NONOS_1_1`](Self::NONOS_1_1).
    #[must_use]
    pub fn from_version_line(line: &[u8]) -> &'static Self {
        let Some(version) = line.strip_prefix(b"AT version:") else {
            // 0.2x prints bare digits such as `0020`.
            return match line.first() {
                Some(b'0') => &Self::NONOS_0_2X,
                _ => &Self::NONOS_1_1,
            };
        };
        let (major, rest) = leading_number(version).unwrap_or((0, version));
        let minor = rest.get(1..).and_then(leading_number);
        let minor = minor.map_or(0, |(minor, _)| minor);
        let partial = version.windows(9).any(|w| w == b"(partial)");
        match (major, minor) {
            _ if partial => &Self::ESP_ATMOD,
            (0, 0..=99) => &Self::NONOS_0_2X,
            (1, 4..=6) => &Self::NONOS_1_4,
            (1, 7..) => &Self::NONOS_1_7,
            (2, 0) => &Self::ESP_AT_2_0,
            (2, 1) => &Self::ESP_AT_2_1,
            (2, 2) => &Self::ESP_AT_2_2,
            (2.., _) => &Self::ESP_AT_2_3,
            _ => &Self::NONOS_1_1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn version_lines_of_real_modems_choose_their_row() {
        for (line, name) in [
            ("0018000902-AI03", "NonOS 0.2x"),
            ("AT version:0.25.0.0(Jun  5 2015 16:27:16)", "NonOS 0.2x"),
            ("AT version:1.1.0.0(May 11 2016 18:09:56)", "NonOS 1.1-1.3"),
            ("AT version:1.6.2.0(Apr 13 2018 11:10:59)", "NonOS 1.4-1.6"),
            ("AT version:1.7.4.0(May 11 2020 19:13:04)", "NonOS 1.7"),
            ("AT version:1.7.0.0 (partial)", "ESP_ATMod"),
            (
                "AT version:2.0.0.0(b1a5b57 - ESP8266 - Jul  2 2019)",
                "ESP-AT 2.0",
            ),
            (
                "AT version:2.1.0.0-dev(0ad1446 - Dec  3 2019 08:19:15)",
                "ESP-AT 2.1",
            ),
            (
                "AT version:2.2.1.0(46d6c26 - ESP8266 - Aug  6 2021 06:50:15)",
                "ESP-AT 2.2",
            ),
            ("AT version:2.3.0.0-dev(...)", "ESP-AT 2.3"),
            ("AT version:4.1.0.0(...)", "ESP-AT 2.3"),
            ("Ai-Thinker Technology Co. Ltd.", "NonOS 1.1-1.3"),
            ("AT version:99999999999999999999.1", "NonOS 0.2x"),
        ] {
            assert_eq!(
                Dialect::from_version_line(line.as_bytes()).name,
                name,
                "{line}"
            );
        }
    }
}
