//! Which commands exist under which names, per firmware version.

use crate::dialect::Profile;

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
    Server,
    MaxClients,
    IdleLimit,
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

/// Name, command, and its forms in the order of the dialects: NonOS 0.2x, 1.3, 1.6, 1.7, ESP-AT 2.0, 2.1, 2.2, 2.3,
/// ESP_ATMod. `-` there is none, `p` plain, `s` only with `_CUR` or `_DEF`, `b` both ways.
const TABLE: &[(&str, Command, &[u8; 9])] = &[
    ("", Command::At, b"ppppppppp"),
    ("E", Command::Echo, b"ppppppppp"),
    ("+GMR", Command::Version, b"ppppppppp"),
    ("+RST", Command::Reset, b"ppppppppp"),
    ("+RESTORE", Command::Restore, b"-pppppppp"),
    ("+GSLP", Command::DeepSleep, b"ppppppppp"),
    ("+SLEEP", Command::Sleep, b"-pppppppp"),
    ("+UART", Command::Uart, b"-bbbssssb"),
    ("+SYSRAM", Command::Ram, b"--ppppppp"),
    ("+SYSMSG", Command::Messages, b"--pspppp-"),
    ("+SYSSTORE", Command::Store, b"-----ppp-"),
    ("+SYSLOG", Command::Log, b"-----ppp-"),
    ("+CWMODE", Command::Mode, b"pbbbppppb"),
    ("+CWJAP", Command::Join, b"pbbbppppb"),
    ("+CWQAP", Command::Leave, b"ppppppppp"),
    ("+CWLAP", Command::Scan, b"ppppppppp"),
    ("+CWLAPOPT", Command::ScanOptions, b"-pppppppp"),
    ("+CWAUTOCONN", Command::AutoConnect, b"-pppppppp"),
    ("+CWRECONNCFG", Command::Reconnect, b"------pp-"),
    ("+CWSTATE", Command::StationState, b"------pp-"),
    ("+CWDHCP", Command::Dhcp, b"pbbbppppb"),
    ("+CWHOSTNAME", Command::HostName, b"--ppppppp"),
    ("+CIPSTA", Command::StationIp, b"pbbbppppb"),
    ("+CIPAP", Command::ApIp, b"pbbbppppb"),
    ("+CIPSTAMAC", Command::StationMac, b"pbbbppppb"),
    ("+CIFSR", Command::Addresses, b"ppppppppp"),
    ("+CIPDNS", Command::Dns, b"--sspppps"),
    ("+CIPDOMAIN", Command::Domain, b"-pppppppp"),
    ("+PING", Command::Ping, b"-ppppppp-"),
    ("+CIPSNTPCFG", Command::SntpConfig, b"--ppppppp"),
    ("+CIPSNTPTIME", Command::SntpTime, b"--ppppppp"),
    ("+CIPMUX", Command::Multiple, b"ppppppppp"),
    ("+CIPMODE", Command::Transparent, b"ppppppppp"),
    ("+CIPDINFO", Command::PeerInfo, b"-pppppppp"),
    ("+CIPSTART", Command::Start, b"ppppppppp"),
    ("+CIPSEND", Command::Send, b"ppppppppp"),
    ("+CIPSENDEX", Command::SendEscaped, b"-ppppppp-"),
    ("+CIPCLOSE", Command::Close, b"ppppppppp"),
    ("+CIPCLOSEMODE", Command::CloseMode, b"---p----p"),
    ("+CIPSTATUS", Command::Status, b"ppppppppp"),
    ("+CIPSERVER", Command::Server, b"ppppppppp"),
    ("+CIPSERVERMAXCONN", Command::MaxClients, b"--ppppppp"),
    ("+CIPSTO", Command::IdleLimit, b"ppppppppp"),
    ("+CIPRECVMODE", Command::ReceiveMode, b"---pppppp"),
    ("+CIPRECVDATA", Command::ReceiveData, b"---pppppp"),
    ("+CIPRECVLEN", Command::ReceiveLength, b"---pppppp"),
    ("+CIPSSLSIZE", Command::TlsBuffer, b"-ppp----p"),
    ("+CIPSSLCCONF", Command::TlsClient, b"---p-ppp-"),
];

/// Looks a name up for a firmware.
pub(super) fn find(profile: &Profile, name: &str) -> Option<(Command, Scope)> {
    let (stem, scope) = match name.rsplit_once('_') {
        Some((stem, "CUR")) => (stem, Scope::Current),
        Some((stem, "DEF")) => (stem, Scope::Default),
        _ => (name, Scope::Plain),
    };
    let &(_, command, forms) = TABLE.iter().find(|&&(known, ..)| known == stem)?;
    let wanted = match scope {
        Scope::Plain => b'p',
        Scope::Current | Scope::Default => b's',
    };
    let form = *forms.get(profile.column)?;
    (form == wanted || form == b'b').then_some((command, scope))
}
