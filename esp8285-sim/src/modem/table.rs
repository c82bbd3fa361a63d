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
    Baud,
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
    SoftAp,
    Stations,
    DhcpRange,
    ApMac,
    Country,
    Mdns,
    TimeStamp,
    Commands,
    Adc,
    PinSetup,
    PinShow,
    PinDirection,
    PinWrite,
    PinRead,
    TlsServerName,
    TlsCommonName,
    TlsProtocols,
    TlsKey,
    SendBuffered,
    SegmentStatus,
    SegmentCheck,
    SegmentReset,
    TcpOptions,
    SaveLink,
    LinkState,
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
    ("+IPR", Command::Baud, b"pppp-----"),
    ("+UART", Command::Uart, b"-bbbssssb"),
    ("+SYSRAM", Command::Ram, b"--ppppppp"),
    ("+SYSMSG", Command::Messages, b"--pspppp-"),
    ("+SYSSTORE", Command::Store, b"-----ppp-"),
    ("+SYSLOG", Command::Log, b"-----ppp-"),
    ("+CMD", Command::Commands, b"------pp-"),
    ("+SYSADC", Command::Adc, b"--pp-----"),
    ("+SYSIOSETCFG", Command::PinSetup, b"--pp-----"),
    ("+SYSIOGETCFG", Command::PinShow, b"--pp-----"),
    ("+SYSGPIODIR", Command::PinDirection, b"--pp-----"),
    ("+SYSGPIOWRITE", Command::PinWrite, b"--pp-----"),
    ("+SYSGPIOREAD", Command::PinRead, b"--pp-----"),
    ("+CWMODE", Command::Mode, b"pbbbppppb"),
    ("+CWJAP", Command::Join, b"pbbbppppb"),
    ("+CWQAP", Command::Leave, b"ppppppppp"),
    ("+CWLAP", Command::Scan, b"ppppppppp"),
    ("+CWLAPOPT", Command::ScanOptions, b"-pppppppp"),
    ("+CWAUTOCONN", Command::AutoConnect, b"-pppppppp"),
    ("+CWRECONNCFG", Command::Reconnect, b"------pp-"),
    ("+CWSTATE", Command::StationState, b"------pp-"),
    ("+CWDHCP", Command::Dhcp, b"pbbbppppb"),
    ("+CWSAP", Command::SoftAp, b"pbbbppppb"),
    ("+CWLIF", Command::Stations, b"pppppppp-"),
    ("+CWDHCPS", Command::DhcpRange, b"pbbbppppb"),
    ("+CWCOUNTRY", Command::Country, b"--ss-ppp-"),
    ("+CWHOSTNAME", Command::HostName, b"--ppppppp"),
    ("+CIPSTA", Command::StationIp, b"pbbbppppb"),
    ("+CIPAP", Command::ApIp, b"pbbbppppb"),
    ("+CIPSTAMAC", Command::StationMac, b"pbbbppppb"),
    ("+CIPAPMAC", Command::ApMac, b"pbbbppppb"),
    ("+CIFSR", Command::Addresses, b"ppppppppp"),
    ("+CIPDNS", Command::Dns, b"--sspppps"),
    ("+CIPDOMAIN", Command::Domain, b"-pppppppp"),
    ("+PING", Command::Ping, b"-ppppppp-"),
    ("+CIPSNTPCFG", Command::SntpConfig, b"--ppppppp"),
    ("+CIPSNTPTIME", Command::SntpTime, b"--ppppppp"),
    ("+MDNS", Command::Mdns, b"-ppppppp-"),
    ("+SYSTIMESTAMP", Command::TimeStamp, b"------pp-"),
    ("+CIPMUX", Command::Multiple, b"ppppppppp"),
    ("+CIPMODE", Command::Transparent, b"ppppppppp"),
    ("+CIPDINFO", Command::PeerInfo, b"-pppppppp"),
    ("+CIPSTART", Command::Start, b"ppppppppp"),
    ("+CIPSEND", Command::Send, b"ppppppppp"),
    ("+CIPSENDEX", Command::SendEscaped, b"-ppppppp-"),
    ("+CIPSENDBUF", Command::SendBuffered, b"-ppp-----"),
    ("+CIPBUFSTATUS", Command::SegmentStatus, b"-ppp-----"),
    ("+CIPCHECKSEQ", Command::SegmentCheck, b"-ppp-----"),
    ("+CIPBUFRESET", Command::SegmentReset, b"-ppp-----"),
    ("+CIPTCPOPT", Command::TcpOptions, b"-----ppp-"),
    ("+SAVETRANSLINK", Command::SaveLink, b"-pppppppp"),
    ("+CIPSTATE", Command::LinkState, b"-------p-"),
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
    ("+CIPSSLCSNI", Command::TlsServerName, b"-----ppp-"),
    ("+CIPSSLCCN", Command::TlsCommonName, b"-----ppp-"),
    ("+CIPSSLCALPN", Command::TlsProtocols, b"-----ppp-"),
    ("+CIPSSLCPSK", Command::TlsKey, b"-----ppp-"),
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

/// Every name a firmware knows, and whether it has test, query, set and execute.
pub(super) fn list(profile: &Profile) -> Vec<(String, [bool; 4])> {
    let mut names = Vec::new();
    for &(stem, command, forms) in TABLE {
        let suffixes: &[&str] = match forms.get(profile.column) {
            Some(b'p') => &[""],
            Some(b's') => &["_CUR", "_DEF"],
            Some(b'b') => &["", "_CUR", "_DEF"],
            _ => &[],
        };
        names.extend(
            suffixes
                .iter()
                .map(|suffix| (format!("{stem}{suffix}"), uses(command))),
        );
    }
    names
}

/// Which of test, query, set and execute a command has.
fn uses(command: Command) -> [bool; 4] {
    use Command::*;
    let bits = match command {
        At | Version | Reset | Restore | Leave | Addresses | Status | Stations => 0b0001,
        Scan | Close | Send | SegmentStatus | SegmentReset => 0b0011,
        Echo | DeepSleep | ScanOptions | Domain | Ping | Start | SendEscaped | CloseMode
        | ReceiveData | Baud | Mdns | PinSetup | PinShow | PinDirection | PinWrite | PinRead => {
            0b0010
        }
        SendBuffered | SegmentCheck | SaveLink => 0b0010,
        LinkState | Ram | StationState | SntpTime | ReceiveLength | Commands | Adc => 0b0100,
        Join => 0b0111,
        Mode => 0b1110,
        _ => 0b0110,
    };
    [8, 4, 2, 1].map(|bit| bits & bit != 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::Dialect;

    /// The page of the commands, as the table has them.
    fn page() -> String {
        let mut page = String::from(
            "# Commands\n\n\
             Which command exists in which dialect, as the simulator has them: `p` the plain form, `s` only with `_CUR` or\n\
             `_DEF`, `b` both ways, nothing where there is none (ERROR). A test keeps this page equal to the table in the\n\
             code; `UPDATE_COMMANDS=1 cargo test -p esp8285-sim commands_page` rewrites it.\n\n| command |",
        );
        for dialect in Dialect::ALL {
            page += &format!(" {dialect} |");
        }
        page += "\n|---|";
        page += &"---|".repeat(Dialect::ALL.len());
        for (name, _, forms) in TABLE {
            page += &format!("\n| `AT{name}` |");
            for dialect in Dialect::ALL {
                let form = char::from(forms[dialect.profile().column]);
                page += &format!(" {} |", form.to_string().replace('-', " "));
            }
        }
        page + "\n"
    }

    #[test]
    fn commands_page_is_what_the_code_has() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/COMMANDS.md");
        if std::env::var_os("UPDATE_COMMANDS").is_some() {
            std::fs::write(path, page()).unwrap();
        }
        let written = std::fs::read_to_string(path).unwrap();
        assert_eq!(written, page(), "COMMANDS.md is not up to date");
    }

    #[test]
    fn every_dialect_has_its_own_column() {
        let mut columns: Vec<usize> = Dialect::ALL
            .iter()
            .map(|dialect| dialect.profile().column)
            .collect();
        columns.sort_unstable();
        assert!(columns.into_iter().eq(0..Dialect::ALL.len()));
    }
}
