//! Which commands exist under which names, per family.

use crate::dialect::{Family, Profile};

/// A command, whatever it is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Command {
    At,
    Echo,
    Version,
    Reset,
    Restore,
    DeepSleep,
    Sleep,
    Uart,
    Ram,
    Messages,
    Store,
    Log,
    Mode,
    Join,
    Leave,
    Scan,
    ScanOptions,
    AutoConnect,
    Reconnect,
    StationState,
    Dhcp,
    HostName,
    StationIp,
    ApIp,
    StationMac,
    Addresses,
    Dns,
    Domain,
    Ping,
    SntpConfig,
    SntpTime,
    Multiple,
    Transparent,
    PeerInfo,
    Start,
    Send,
    SendEscaped,
    Close,
    CloseMode,
    Status,
    ReceiveMode,
    ReceiveData,
    ReceiveLength,
    TlsBuffer,
    TlsClient,
}

/// Where a setting goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    /// No suffix: NonOS stores it, ESP-AT asks `SYSSTORE`.
    Plain,
    /// `_CUR`
    Current,
    /// `_DEF`
    Default,
}

/// The names a command has in a family.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Forms {
    Absent,
    Plain,
    /// Only with `_CUR` or `_DEF`.
    Suffixed,
    Both,
}

use Forms::{Absent, Both, Plain, Suffixed};

/// Name, command, forms on NonOS, forms on ESP-AT.
const TABLE: &[(&str, Command, Forms, Forms)] = &[
    ("", Command::At, Plain, Plain),
    ("E", Command::Echo, Plain, Plain),
    ("+GMR", Command::Version, Plain, Plain),
    ("+RST", Command::Reset, Plain, Plain),
    ("+RESTORE", Command::Restore, Plain, Plain),
    ("+GSLP", Command::DeepSleep, Plain, Plain),
    ("+SLEEP", Command::Sleep, Plain, Plain),
    ("+UART", Command::Uart, Both, Suffixed),
    ("+SYSRAM", Command::Ram, Plain, Plain),
    ("+SYSMSG", Command::Messages, Suffixed, Plain),
    ("+SYSSTORE", Command::Store, Absent, Plain),
    ("+SYSLOG", Command::Log, Absent, Plain),
    ("+CWMODE", Command::Mode, Both, Plain),
    ("+CWJAP", Command::Join, Both, Plain),
    ("+CWQAP", Command::Leave, Plain, Plain),
    ("+CWLAP", Command::Scan, Plain, Plain),
    ("+CWLAPOPT", Command::ScanOptions, Plain, Plain),
    ("+CWAUTOCONN", Command::AutoConnect, Plain, Plain),
    ("+CWRECONNCFG", Command::Reconnect, Absent, Plain),
    ("+CWSTATE", Command::StationState, Absent, Plain),
    ("+CWDHCP", Command::Dhcp, Both, Plain),
    ("+CWHOSTNAME", Command::HostName, Plain, Plain),
    ("+CIPSTA", Command::StationIp, Both, Plain),
    ("+CIPAP", Command::ApIp, Both, Plain),
    ("+CIPSTAMAC", Command::StationMac, Both, Plain),
    ("+CIFSR", Command::Addresses, Plain, Plain),
    ("+CIPDNS", Command::Dns, Suffixed, Plain),
    ("+CIPDOMAIN", Command::Domain, Plain, Plain),
    ("+PING", Command::Ping, Plain, Plain),
    ("+CIPSNTPCFG", Command::SntpConfig, Plain, Plain),
    ("+CIPSNTPTIME", Command::SntpTime, Plain, Plain),
    ("+CIPMUX", Command::Multiple, Plain, Plain),
    ("+CIPMODE", Command::Transparent, Plain, Plain),
    ("+CIPDINFO", Command::PeerInfo, Plain, Plain),
    ("+CIPSTART", Command::Start, Plain, Plain),
    ("+CIPSEND", Command::Send, Plain, Plain),
    ("+CIPSENDEX", Command::SendEscaped, Plain, Plain),
    ("+CIPCLOSE", Command::Close, Plain, Plain),
    ("+CIPCLOSEMODE", Command::CloseMode, Plain, Absent),
    ("+CIPSTATUS", Command::Status, Plain, Plain),
    ("+CIPRECVMODE", Command::ReceiveMode, Plain, Plain),
    ("+CIPRECVDATA", Command::ReceiveData, Plain, Plain),
    ("+CIPRECVLEN", Command::ReceiveLength, Plain, Plain),
    ("+CIPSSLSIZE", Command::TlsBuffer, Plain, Absent),
    ("+CIPSSLCCONF", Command::TlsClient, Plain, Plain),
];

/// Looks a name up for a firmware.
pub(super) fn find(profile: &Profile, name: &str) -> Option<(Command, Scope)> {
    let (stem, scope) = match name.rsplit_once('_') {
        Some((stem, "CUR")) => (stem, Scope::Current),
        Some((stem, "DEF")) => (stem, Scope::Default),
        _ => (name, Scope::Plain),
    };
    let &(stem, command, nonos, esp_at) = TABLE.iter().find(|&&(known, ..)| known == stem)?;
    if profile.lacks.contains(&stem) {
        return None;
    }
    let forms = match profile.family {
        Family::NonOs => nonos,
        Family::EspAt => esp_at,
    };
    let allowed = match scope {
        Scope::Plain => matches!(forms, Plain | Both),
        Scope::Current | Scope::Default => matches!(forms, Suffixed | Both),
    };
    allowed.then_some((command, scope))
}
