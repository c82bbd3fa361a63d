//! Which faults there are: one table of names, rates, limits and effects.

use std::fmt;
use std::str::FromStr;

use super::FaultError;
use crate::dialect::Dialect;

/// How a fault's rate is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    /// A chance per byte.
    Byte,
    /// A chance per occasion.
    Occasion,
    /// So many per time.
    Time,
}

/// Which firmware can have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Where {
    /// It belongs to the serial line.
    Line,
    Everywhere,
    NonOs,
    EspAt,
}

/// One row of the table.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) fault: Fault,
    pub(super) name: &'static str,
    pub(super) sort: Sort,
    pub(super) place: Where,
    /// How long it lasts unless told, in microseconds; zero: the question does not arise.
    pub(super) lasts_us: u64,
    about: &'static str,
}

macro_rules! faults {
    ($($fault:ident $name:literal $sort:ident $place:ident $lasts:literal $about:literal)*) => {
        /// Something that goes wrong by chance.
        ///
        /// Its name in a specification is what `Display` prints; [`Fault::about`] says what it does.
        #[non_exhaustive]
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Fault {
            $(#[doc = concat!("`", $name, "`: ", $about, ".")] $fault,)*
        }

        pub(super) const TABLE: &[Row] = &[
            $(Row {
                fault: Fault::$fault,
                name: $name,
                sort: Sort::$sort,
                place: Where::$place,
                lasts_us: $lasts,
                about: $about,
            },)*
        ];

        impl Fault {
            /// All of them.
            pub const ALL: &'static [Fault] = &[$(Fault::$fault,)*];
        }
    };
}

faults! {
    DropToModem "drop-to-modem" Byte Line 0
        "a byte of the host's is lost on the line"
    DropFromModem "drop-from-modem" Byte Line 0
        "a byte of the modem's is lost on the line"
    CorruptToModem "corrupt-to-modem" Byte Line 0
        "one bit of a byte of the host's arrives inverted"
    CorruptFromModem "corrupt-from-modem" Byte Line 0
        "one bit of a byte of the modem's arrives inverted"
    DelayToModem "delay-to-modem" Byte Line 20_000
        "the line pauses before a byte of the host's"
    DelayFromModem "delay-from-modem" Byte Line 20_000
        "the line pauses before a byte of the modem's"
    Noise "noise" Time Line 0
        "one to eight random bytes reach the host, as after a spike"
    UrcInEcho "urc-in-echo" Occasion NonOs 0
        "a message stands inside the echo of a piece of input"
    UrcBeforeReply "urc-before-reply" Occasion Everywhere 0
        "a message stands between a command's echo and its reply"
    UrcBeforePrompt "urc-before-prompt" Occasion Everywhere 0
        "a message stands between OK and the prompt"
    UrcAfterPrompt "urc-after-prompt" Occasion Everywhere 0
        "a message stands right behind the prompt"
    UrcBeforeResult "urc-before-result" Occasion Everywhere 0
        "a message stands between the end of a payload (`Recv n bytes`) and the result of its send"
    Busy "busy" Occasion Everywhere 0
        "a command is refused with `busy p...` and not executed"
    DoubledSend "doubled-send" Occasion NonOs 0
        "a send that worked gives `SEND FAIL` and then `SEND OK`"
    LateSend "late-send" Occasion Everywhere 500_000
        "the result of a send that worked comes late; the modem is busy meanwhile"
    Reset "reset" Time Everywhere 0
        "the watchdog resets the chip: boot noise, `ready`, links and session settings are gone"
    Brownout "brownout" Occasion Everywhere 0
        "the supply dips as the radio transmits (a join, a payload): random bytes, then a reset"
    MissingIpd "missing-ipd" Occasion Everywhere 0
        "passive mode: an `+IPD` that announces data is forgotten; the data is there"
    LostClosed "lost-closed" Occasion Everywhere 0
        "a link that the peer ended is gone without its `CLOSED`"
    HalfClose "half-close" Occasion Everywhere 0
        "the peer ends the connection right behind a piece of data, which still has to be fetched"
    UnreadClose "unread-close" Occasion EspAt 0
        "passive mode: reading from a link whose peer has ended it gives ERROR, then `CLOSED`; the data is lost"
    LogLines "log-lines" Occasion EspAt 0
        "a line meant for the log port appears on the AT port, as in builds where the two share a UART"
    WifiDrop "wifi-drop" Time Everywhere 5_000_000
        "the access point is lost (`WIFI DISCONNECT`, links end) and tried again after a while"
    LostLine "lost-line" Occasion Everywhere 0
        "a whole line (OK, ERROR, an answer, a message) is not received"
}

/// Names that stand for several faults.
pub(super) const GROUPS: &[(&str, &[Fault])] = &[
    ("drop", &[Fault::DropToModem, Fault::DropFromModem]),
    ("corrupt", &[Fault::CorruptToModem, Fault::CorruptFromModem]),
    ("delay", &[Fault::DelayToModem, Fault::DelayFromModem]),
    (
        "urc",
        &[
            Fault::UrcInEcho,
            Fault::UrcBeforeReply,
            Fault::UrcBeforePrompt,
            Fault::UrcAfterPrompt,
            Fault::UrcBeforeResult,
        ],
    ),
];

impl Fault {
    pub(super) fn row(self) -> &'static Row {
        // The table has a row for each, in the order of the enumeration.
        &TABLE[self as usize]
    }

    /// What it does, in a few words.
    pub fn about(self) -> &'static str {
        self.row().about
    }

    /// It belongs to the serial line; the others belong to the modem.
    pub fn is_of_the_line(self) -> bool {
        self.row().place == Where::Line
    }

    /// Whether that firmware can have it. Where it cannot, the fault never strikes.
    pub fn is_possible_on(self, dialect: Dialect) -> bool {
        let profile = dialect.profile();
        let nonos = profile.family == crate::dialect::Family::NonOs;
        match (self, self.row().place) {
            (Fault::DoubledSend, _) => profile.doubled_send_seen,
            (_, Where::Line | Where::Everywhere) => true,
            (_, Where::NonOs) => nonos,
            (_, Where::EspAt) => !nonos,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.row().name)
    }
}

impl FromStr for Fault {
    type Err = FaultError;

    /// By its full name; names of groups are no faults.
    fn from_str(name: &str) -> Result<Self, FaultError> {
        let row = TABLE.iter().find(|row| row.name == name);
        row.map(|row| row.fault)
            .ok_or_else(|| FaultError::Unknown(name.to_owned()))
    }
}

/// The faults a name of a specification stands for.
pub(super) fn named(name: &str) -> Result<Vec<Fault>, FaultError> {
    match GROUPS.iter().find(|(group, _)| *group == name) {
        Some((_, members)) => Ok(members.to_vec()),
        None => name.parse().map(|fault| vec![fault]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_go_both_ways_and_rows_are_in_order() {
        for (row, &fault) in TABLE.iter().zip(Fault::ALL) {
            assert_eq!(row.fault, fault);
            assert_eq!(fault.row().name, row.name);
            assert_eq!(fault.to_string().parse(), Ok(fault));
            assert!(GROUPS.iter().all(|(group, _)| *group != row.name));
        }
    }

    #[test]
    fn a_fault_strikes_only_where_firmware_can_have_it() {
        assert!(Fault::DoubledSend.is_possible_on(Dialect::NonOs1_7));
        assert!(!Fault::DoubledSend.is_possible_on(Dialect::EspAt2_2));
        assert!(Fault::LogLines.is_possible_on(Dialect::EspAt2_2));
        assert!(!Fault::LogLines.is_possible_on(Dialect::NonOs1_7));
        for &fault in Fault::ALL {
            assert!(!fault.is_of_the_line() || fault.is_possible_on(Dialect::NonOs1_7));
        }
    }
}
