//! Error numbers: the one table of what a script sees.
//!
//! Two number spaces. Operations on sockets raise positive numbers in the numbering of the profile;
//! `getaddrinfo` raises negative ones, the same in every profile. Within a profile no number has two
//! meanings.
//!
//! `ENOBUFS` says that received bytes were lost below for want of room, once, where they are missing;
//! reading may go on behind the gap.
//!
//! ```
//! use usocket_api::errno;
//!
//! assert_eq!(errno::linux::ETIMEDOUT, 110);
//! assert_eq!(errno::newlib::ETIMEDOUT, 116);
//! assert_eq!(errno::EAI_NONAME, -2);
//! ```
//!
//! Sources: `errno.h` of Linux and of newlib; for `getaddrinfo` -1, -2 and -6 are what MicroPython's
//! lwIP port raises (MicroPython `modlwip`), the others follow lwIP's `err_t` where it has a word for
//! the case and are this crate's where it has none.
//!
//! Limits: the same number means different things in the two numberings (110 is `ETIMEDOUT` on
//! Linux and `ESHUTDOWN` in newlib), so compare with [`OSError::name`](crate::OSError::name) or
//! [`OSError::kind`](crate::OSError::kind) in code that runs on both.

use nal_socket::ErrorKind;

use crate::profile::Numbering;

#[derive(Debug, PartialEq, Eq, Hash)]
pub(crate) struct Row {
    pub(crate) kind: ErrorKind,
    pub(crate) name: &'static str,
    linux: i32,
    newlib: i32,
}

impl Row {
    /// The number that a script sees.
    pub(crate) const fn number(&self, numbering: Numbering) -> i32 {
        match numbering {
            Numbering::Linux => self.linux,
            Numbering::Newlib => self.newlib,
        }
    }
}

macro_rules! sockets {
    (
        by_kind { $($kind:ident $name:ident $linux:literal $newlib:literal;)* }
        also { $($by_name_kind:ident $by_name:ident $by_name_linux:literal $by_name_newlib:literal;)* }
    ) => {
        pub(crate) static SOCKETS: &[Row] = &[$(Row {
            kind: ErrorKind::$kind,
            name: stringify!($name),
            linux: $linux,
            newlib: $newlib,
        }),*];

        $(
            pub(crate) static $by_name: Row = Row {
                kind: ErrorKind::$by_name_kind,
                name: stringify!($by_name),
                linux: $by_name_linux,
                newlib: $by_name_newlib,
            };
        )*

        /// Linux's numbers, which MicroPython uses where it brings its own table (OpenMV on STM32).
        pub mod linux {
            $(
                #[doc = concat!("[`ErrorKind::", stringify!($kind), "`](nal_socket::ErrorKind::", stringify!($kind), ").")]
                pub const $name: i32 = $linux;
            )*
            $(
                #[doc = concat!("A case of [`ErrorKind::", stringify!($by_name_kind), "`](nal_socket::ErrorKind::", stringify!($by_name_kind), ").")]
                pub const $by_name: i32 = $by_name_linux;
            )*
        }

        /// newlib's numbers (MaixPy on the K210).
        pub mod newlib {
            $(
                #[doc = concat!("[`ErrorKind::", stringify!($kind), "`](nal_socket::ErrorKind::", stringify!($kind), ").")]
                pub const $name: i32 = $newlib;
            )*
            $(
                #[doc = concat!("A case of [`ErrorKind::", stringify!($by_name_kind), "`](nal_socket::ErrorKind::", stringify!($by_name_kind), ").")]
                pub const $by_name: i32 = $by_name_newlib;
            )*
        }
    };
}

sockets! {
    by_kind {
        Interrupted          EINTR          4    4;
        Other                EIO            5    5;
        Closed               EBADF          9    9;
        WouldBlock           EAGAIN        11   11;
        NoMemory             ENOMEM        12   12;
        Busy                 EBUSY         16   16;
        InvalidInput         EINVAL        22   22;
        NoSockets            EMFILE        24   24;
        BrokenPipe           EPIPE         32   32;
        MessageTooLong       EMSGSIZE      90  122;
        NotSupported         EOPNOTSUPP    95   95;
        AddressFamily        EAFNOSUPPORT  97  106;
        AddressInUse         EADDRINUSE    98  112;
        AddressNotAvailable  EADDRNOTAVAIL 99  125;
        NetworkDown          ENETDOWN     100  115;
        ConnectionAborted    ECONNABORTED 103  113;
        ConnectionReset      ECONNRESET   104  104;
        DataLost             ENOBUFS      105  105;
        AlreadyConnected     EISCONN      106  127;
        NotConnected         ENOTCONN     107  128;
        TimedOut             ETIMEDOUT    110  116;
        ConnectionRefused    ECONNREFUSED 111  111;
        HostUnreachable      EHOSTUNREACH 113  118;
        AlreadyInProgress    EALREADY     114  120;
        InProgress           EINPROGRESS  115  119;
    }
    also {
        InvalidInput     ENOENT           2    2;
        ConnectionRefused EACCES         13   13;
        NetworkDown      ENODEV          19   19;
        NotSupported     EPROTONOSUPPORT 93  123;
        HostUnreachable  ENETUNREACH    101  114;
    }
}

macro_rules! lookups {
    ($($kind:ident $name:ident $number:literal $meaning:literal;)*) => {
        pub(crate) static LOOKUPS: &[Row] = &[$(Row {
            kind: ErrorKind::$kind,
            name: stringify!($name),
            linux: $number,
            newlib: $number,
        }),*];

        $(
            #[doc = concat!("From `getaddrinfo`: ", $meaning, ".")]
            pub const $name: i32 = $number;
        )*
    };
}

lookups! {
    NoMemory      EAI_MEMORY      -1 "out of memory";
    NameNotFound  EAI_NONAME      -2 "the name was not found";
    TimedOut      EAI_AGAIN       -3 "no answer in time";
    NetworkDown   EAI_NETDOWN     -4 "there is no network to ask";
    NoResolver    EAI_NORESOLVER  -6 "there is no resolver to ask";
    Busy          EAI_BUSY        -8 "the network is in use further up the call chain";
    AddressFamily EAI_ADDRFAMILY  -9 "the address is not of the family asked for";
    Other         EAI_FAIL       -12 "the lookup failed otherwise";
    InvalidInput  EAI_ARG        -16 "an argument is not valid";
    Interrupted   EAI_INTR      -104 "the wait was ended by the idle hook";
}

/// An argument that cannot be right: Python's `ValueError` and `TypeError` as well.
pub(crate) static INVALID: Row = Row {
    kind: ErrorKind::InvalidInput,
    name: "EINVAL",
    linux: linux::EINVAL,
    newlib: newlib::EINVAL,
};

/// The row of a kind in its table, and if it has none the row of `Other`, which both tables have.
pub(crate) fn row(table: &'static [Row], kind: ErrorKind) -> &'static Row {
    let find = |kind| table.iter().find(|row| row.kind == kind);
    find(kind)
        .or_else(|| find(ErrorKind::Other))
        .unwrap_or(&INVALID)
}
