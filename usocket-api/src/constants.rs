//! The module's constants, typed.
//!
//! Each group is a type of its own, so that a socket type cannot be passed for an address family; a
//! plain number is accepted wherever a script would write one.
//!
//! ```
//! use usocket_api::{AF_INET, Family, MSG_DONTWAIT, MSG_PEEK, SO_REUSEADDR, SOCK_STREAM};
//!
//! assert_eq!(AF_INET.raw(), 2);
//! assert_eq!(Family::from(2), AF_INET);
//! assert_eq!(SOCK_STREAM.raw(), 1);
//! assert_eq!((MSG_PEEK | MSG_DONTWAIT).raw(), 3);
//! assert_eq!(SO_REUSEADDR.raw(), 4);
//! ```
//!
//! Ports disagree about some values. Address families, socket types and protocols are the same
//! everywhere; of the others, these are the ones of OpenMV's lwIP boards (MicroPython `modlwip`) and,
//! for `SO_SNDTIMEO` and `SO_RCVTIMEO` that it lacks, of OpenMV's WINC1500 boards (`modsocket`). No two
//! socket options have the same number.
//!
//! Limits: numbers that are stored somewhere by a program for another port may mean something else
//! there; names do not.

macro_rules! group {
    ($(#[$doc:meta])* $name:ident; $($(#[$item_doc:meta])* $item:ident = $value:literal;)*) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub struct $name(i32);

        impl $name {
            /// The number.
            #[must_use]
            pub const fn raw(self) -> i32 {
                self.0
            }
        }

        impl From<i32> for $name {
            /// Any number; whether it means something is checked where it is used.
            fn from(raw: i32) -> Self {
                Self(raw)
            }
        }

        $($(#[$item_doc])* pub const $item: $name = $name($value);)*
    };
}

group! {
    /// An address family. 0 means any where one is looked for.
    Family;
    /// IPv4.
    AF_INET = 2;
    /// IPv6.
    AF_INET6 = 10;
}

group! {
    /// A socket type. 0 means any where one is looked for.
    SocketType;
    /// A byte stream: TCP.
    SOCK_STREAM = 1;
    /// Datagrams: UDP.
    SOCK_DGRAM = 2;
    /// Raw IP packets, which embedded-nal does not have.
    SOCK_RAW = 3;
}

group! {
    /// A protocol, as an argument of `socket` and `getaddrinfo` and as a level of `setsockopt`. 0 means
    /// the one that goes with the socket type.
    Protocol;
    /// The IP level of `setsockopt`; elsewhere the protocol that goes with the type.
    IPPROTO_IP = 0;
    /// TCP.
    IPPROTO_TCP = 6;
    /// UDP.
    IPPROTO_UDP = 17;
    /// The socket level of `setsockopt`. (`modlwip` says 1.)
    SOL_SOCKET = 0x0FFF;
}

group! {
    /// The name of a socket option.
    OptionName;
    /// Bind although old connections of the port linger.
    SO_REUSEADDR = 0x0004;
    /// Probe idle connections.
    SO_KEEPALIVE = 0x0008;
    /// Send to broadcast addresses.
    SO_BROADCAST = 0x0020;
    /// The send timeout in milliseconds.
    SO_SNDTIMEO = 0x1005;
    /// The receive timeout in milliseconds.
    SO_RCVTIMEO = 0x1006;
    /// Join a multicast group.
    IP_ADD_MEMBERSHIP = 0x400;
    /// Leave a multicast group.
    IP_DROP_MEMBERSHIP = 0x401;
    /// Send small pieces at once.
    TCP_NODELAY = 0x40;
    /// Say when something has come; see [`notify`](crate::notify). It has no name in MicroPython.
    SO_CALLBACK = 20;
}

group! {
    /// Flags of `recv`, to be combined with `|`.
    MessageFlags;
    /// Leave the data in the queue.
    MSG_PEEK = 0x01;
    /// Do not wait.
    MSG_DONTWAIT = 0x02;
}

impl MessageFlags {
    /// No flags.
    pub const NONE: Self = Self(0);

    pub(crate) const fn has(self, flag: Self) -> bool {
        self.0 & flag.0 != 0
    }

    /// Whether only known flags are set.
    pub(crate) const fn is_known(self) -> bool {
        self.0 & !(MSG_PEEK.0 | MSG_DONTWAIT.0) == 0
    }
}

impl core::ops::BitOr for MessageFlags {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}
