//! The firmware lineages and everything in which they differ, as one table.
//!
//! ```
//! use esp8285_sim::Dialect;
//!
//! let dialect: Dialect = "esp-at-2.2".parse().unwrap();
//! assert_eq!(dialect, Dialect::EspAt2_2);
//! assert_eq!(Dialect::NonOs1_7.to_string(), "nonos-1.7");
//! ```
//!
//! Code asks the table ([`Profile`], internal), never the name, so another firmware version is another row.

use std::fmt;
use std::str::FromStr;

/// Which firmware the modem runs.
#[non_exhaustive]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// The NonOS AT firmware 1.7 (reports 1.7.4.0), as on the Maix boards.
    NonOs1_7,
    /// ESP-AT 2.2 (reports 2.2.1.0), built on the RTOS SDK.
    EspAt2_2,
}

impl Dialect {
    /// All of them.
    pub const ALL: &'static [Dialect] = &[Dialect::NonOs1_7, Dialect::EspAt2_2];

    pub(crate) fn profile(self) -> &'static Profile {
        match self {
            Dialect::NonOs1_7 => &NONOS_1_7,
            Dialect::EspAt2_2 => &ESP_AT_2_2,
        }
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.profile().name)
    }
}

/// A name that is no [`Dialect`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownDialect(String);

impl fmt::Display for UnknownDialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unknown dialect {:?}; known are", self.0)?;
        for (i, dialect) in Dialect::ALL.iter().enumerate() {
            write!(f, "{} {dialect}", if i == 0 { "" } else { "," })?;
        }
        Ok(())
    }
}

impl std::error::Error for UnknownDialect {}

impl FromStr for Dialect {
    type Err = UnknownDialect;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let found = Dialect::ALL
            .iter()
            .find(|dialect| dialect.profile().name == name);
        found
            .copied()
            .ok_or_else(|| UnknownDialect(name.to_owned()))
    }
}

/// The two code bases, which differ in structure and not only in numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    /// A byte machine; reasons are printed before ERROR.
    NonOs,
    /// A chunk machine on an RTOS; reasons go to a log port.
    EspAt,
}

/// One row of the table: how one firmware version behaves.
#[derive(Debug)]
pub(crate) struct Profile {
    pub(crate) name: &'static str,
    pub(crate) family: Family,
    /// The lines of `AT+GMR`.
    pub(crate) version: &'static [&'static str],
    /// Commands other versions of the family have and this one has not.
    pub(crate) lacks: &'static [&'static str],
    /// Longest command line: NonOS counts behind `AT` with the LF, ESP-AT the whole line.
    pub(crate) line_limit: usize,
    /// The send prompt, behind the OK.
    pub(crate) prompt: &'static str,
    /// `SEND OK` waits for the peer's acknowledgement (otherwise for room in the stack's send buffer).
    pub(crate) send_ok_on_ack: bool,
    /// Bytes the stack's send buffer holds.
    pub(crate) send_buffer: usize,
    /// TCP receive window, per link.
    pub(crate) window: usize,
    /// Most payload bytes in one `+IPD` frame.
    pub(crate) frame: usize,
    /// What follows the payload of an active `+IPD` frame.
    pub(crate) frame_tail: &'static str,
    /// With `CIPDINFO=1` the address in `+IPD` stands in quotes.
    pub(crate) quoted_peer: bool,
    /// Most bytes one `CIPRECVDATA` may ask for.
    pub(crate) read_limit: i64,
    /// What `CIPRECVLEN?` says of a dead link.
    pub(crate) dead_len: i64,
    /// Addresses of `CIPDOMAIN` stand in quotes.
    pub(crate) quoted_domain: bool,
    /// Default time a failing join lasts.
    pub(crate) join_limit_us: u64,
    /// A succeeding join is noticed only at multiples of this.
    pub(crate) join_poll_us: u64,
    /// How long a TCP connect waits for an answer.
    pub(crate) connect_limit_us: u64,
    /// From the OK of a restart to the restart, behind the last byte.
    pub(crate) restart_delay_us: u64,
    /// From the restart to `ready`.
    pub(crate) boot_us: u64,
    /// From the last byte of the OK to the new baud rate.
    pub(crate) baud_delay_us: u64,
    /// Baud rates `AT+UART_CUR` takes.
    pub(crate) bauds: (i64, i64),
    /// Wi-Fi mode out of the box.
    pub(crate) factory_mode: u8,
    /// The boot loader's text behind the ROM's first line.
    pub(crate) boot_text: &'static str,
}

const NONOS_1_7: Profile = Profile {
    name: "nonos-1.7",
    family: Family::NonOs,
    version: &[
        "AT version:1.7.4.0(May 11 2020 19:13:04)",
        "SDK version:3.0.4(9532ceb)",
        "compile time:May 27 2020 10:12:17",
        "Bin version(Wroom 02):1.7.4",
    ],
    lacks: &[],
    line_limit: 256,
    prompt: "> ",
    send_ok_on_ack: true,
    send_buffer: 2920,
    window: 5840,
    frame: 2920,
    frame_tail: "",
    quoted_peer: false,
    read_limit: 2048,
    dead_len: 0,
    quoted_domain: false,
    join_limit_us: 14_000_000,
    join_poll_us: 1_000_000,
    connect_limit_us: 15_000_000,
    restart_delay_us: 20_000,
    boot_us: 300_000,
    baud_delay_us: 10_000,
    bauds: (110, 5_000_000),
    factory_mode: 2,
    boot_text: "\r\nload 0x40100000, len 2592, room 16 \r\ntail 0\r\nchksum 0xf3\r\n\
                load 0x3ffe8000, len 764, room 8 \r\ntail 4\r\nchksum 0x92\r\n\
                load 0x3ffe82fc, len 676, room 4 \r\ntail 0\r\nchksum 0x22\r\ncsum 0x22\r\n\r\n\
                2nd boot version : 1.7(5d6877e)\r\n  SPI Speed      : 40MHz\r\n  SPI Mode       : QIO\r\n  \
                SPI Flash Size & Map: 8Mbit(512KB+512KB)\r\njump to run user1 @ 1000\r\n\r\n",
};

const ESP_AT_2_2: Profile = Profile {
    name: "esp-at-2.2",
    family: Family::EspAt,
    version: &[
        "AT version:2.2.1.0(46d6c26 - ESP8266 - Aug  6 2021 06:50:15)",
        "SDK version:v3.4-22-g967752e2",
        "compile time(b498b58):Aug  6 2021 17:23:22",
        "Bin version:2.2.0(ESP8266_1MB)",
    ],
    lacks: &[],
    line_limit: 256,
    prompt: "\r\n>",
    send_ok_on_ack: false,
    send_buffer: 5760,
    window: 5760,
    frame: 2920,
    frame_tail: "\r\n",
    quoted_peer: true,
    read_limit: 0x7fff_ffff,
    dead_len: -1,
    quoted_domain: true,
    join_limit_us: 15_000_000,
    join_poll_us: 0,
    connect_limit_us: 18_000_000,
    restart_delay_us: 200_000,
    boot_us: 700_000,
    baud_delay_us: 0,
    bauds: (80, 4_500_000),
    factory_mode: 1,
    boot_text: "\r\nload 0x40100000, len 7280, room 16 \r\ntail 0\r\nchksum 0xe9\r\n\
                load 0x3ffe8408, len 24, room 8 \r\ntail 0\r\nchksum 0x09\r\n\
                load 0x3ffe8420, len 3448, room 8 \r\ntail 0\r\nchksum 0x69\r\ncsum 0x69\r\n",
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_go_both_ways() {
        for &dialect in Dialect::ALL {
            assert_eq!(dialect.to_string().parse(), Ok(dialect));
        }
        let error = "nonos".parse::<Dialect>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "unknown dialect \"nonos\"; known are nonos-1.7, esp-at-2.2"
        );
    }
}
