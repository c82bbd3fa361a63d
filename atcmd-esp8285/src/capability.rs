//! What each firmware line can do: one table, checked against the docs.
//!
//! ```
//! use atcmd_esp8285::{Capability, Dialect};
//!
//! assert!(Dialect::NONOS_1_7.has(Capability::PassiveReceive));
//! assert!(!Dialect::NONOS_0_2X.has(Capability::Dns));
//! assert_eq!(Capability::Dns.command(), "AT+CIPDOMAIN");
//! ```
//!
//! A call that needs something its firmware lacks fails with
//! [`ModemError::Unsupported`](crate::ModemError::Unsupported) and the name
//! of the command, before anything is sent.

use crate::{Dialect, ModemError};

macro_rules! capabilities {
    ($($(#[$doc:meta])* $name:ident $command:literal [$($has:tt)*];)*) => {
        /// Something a firmware line has or has not.
        ///
        #[doc = include_str!("../CAPABILITIES.md")]
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[cfg_attr(feature = "defmt", derive(defmt::Format))]
        #[non_exhaustive]
        pub enum Capability {
            $($(#[$doc])* $name,)*
        }

        impl Capability {
            /// Every capability, in the order of the table.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The command it rests on, as error messages name it.
            #[must_use]
            pub const fn command(self) -> &'static str {
                match self { $(Self::$name => $command,)* }
            }

            /// The dialects that have it: bit `n` is column `n`.
            const fn columns(self) -> u16 {
                const COLUMNS: usize = Dialect::ALL.len();
                match self { $(Self::$name => const {
                    let marks: [bool; COLUMNS] = [$(column!($has)),*];
                    columns(&marks)
                },)* }
            }
        }
    };
}

macro_rules! column {
    (y) => {
        true
    };
    (-) => {
        false
    };
}

const fn columns(mut marks: &[bool]) -> u16 {
    let mut bits = 0;
    while let [rest @ .., last] = marks {
        bits = bits << 1 | *last as u16;
        marks = rest;
    }
    bits
}

// The columns are the rows of `Dialect::ALL`:
//  0.2x 1.1 1.4 1.7 2.0 2.1 2.2 2.3 ATMod
capabilities! {
    /// Data waits in the modem until it is read.
    PassiveReceive "AT+CIPRECVMODE"  [- - - y - y y y y];
    /// Names are resolved.
    Dns "AT+CIPDOMAIN"               [- y y y y y y y y];
    /// UDP links.
    Udp "AT+CIPSTART (UDP)"          [y y y y y y y y -];
    /// A TCP server.
    Server "AT+CIPSERVER"            [y y y y y y y y -];
    /// The number of a server's connections can be limited.
    ServerLimit "AT+CIPSERVERMAXCONN" [- - - y y y y y -];
    /// Received data says who sent it, which datagrams from anybody need.
    PeerInfo "AT+CIPDINFO"           [- y y y y y y y y];
    /// Idle TCP connections are probed.
    KeepAlive "AT+CIPSTART (keep-alive)" [- y y y y y y y y];
    /// Small pieces are sent at once (`TCP_NODELAY`).
    NoDelay "AT+CIPTCPOPT"           [- - - - - y y y -];
    /// The local port of connections from here is told.
    LocalPort "AT+CIPSTATUS (local port)" [- y y y y y y y y];
    /// TLS client links.
    Tls "AT+CIPSTART (SSL)"          [- y y y y y y y y];
    /// The size of the TLS record buffer can be set.
    TlsBuffer "AT+CIPSSLSIZE"        [- y y y - - - - y];
    /// Certificates can be checked and shown.
    TlsVerification "AT+CIPSSLCCONF" [- - - y - y y y -];
    /// The server can be told which of its names is meant (SNI).
    TlsServerName "AT+CIPSSLCSNI"    [- - - - - y y y -];
    /// The access point to join can be chosen by its BSSID.
    JoinBssid "AT+CWJAP (BSSID)"     [- y y y y y y y y];
    /// The time a join may take can be chosen.
    JoinTimeout "AT+CWJAP (jap_timeout)" [- - - - - - y y -];
    /// BSSID, channel and signal strength of the joined access point are told.
    JoinedDetails "AT+CWJAP? (BSSID, channel, RSSI)" [- y y y y y y y y];
    /// Whether to join by itself after power-up can be chosen.
    AutoJoin "AT+CWAUTOCONN"         [- y y y y y y y y];
    /// How to come back to a lost access point can be chosen.
    Reconnect "AT+CWRECONNCFG"       [- - - - - - y y -];
    /// DNS servers can be set and asked for.
    DnsServers "AT+CIPDNS"           [- - y y y y y y y];
    /// The host name can be set and asked for.
    HostName "AT+CWHOSTNAME"         [- - y y y y y y y];
    /// The modem looks for one network only (the driver filters anyway).
    ScanFilter "AT+CWLAP (filter)"   [- y y y y y y y -];
    /// The modem can be an access point.
    AccessPoint "AT+CWSAP"           [y y y y y y y y -];
    /// A hidden name and a limit of stations for that.
    AccessPointLimits "AT+CWSAP (max conn, hidden)" [- y y y y y y y -];
    /// A connection can be broken off instead of closed.
    Abort "AT+CIPCLOSEMODE"          [- - - y - - - - -];
    /// The serial line can be changed without writing flash.
    SerialLine "AT+UART_CUR"         [- y y y y y y y y];
    /// Factory settings can be restored.
    Restore "AT+RESTORE"             [- y y y y y y y y];
    /// Other hosts can be pinged.
    Ping "AT+PING"                   [- y y y y y y y -];
    /// The time comes from the network.
    NetworkTime "AT+CIPSNTPCFG"      [- - y y y y y y y];
    /// It says how much memory is free.
    FreeMemory "AT+SYSRAM"           [- - y y y y y y y];
    /// Light and modem sleep.
    Sleep "AT+SLEEP"                 [- y y y y y y y -];
    /// Deep sleep.
    DeepSleep "AT+GSLP"              [y y y y y y y y -];
}

impl Dialect {
    /// `Unsupported` if this firmware lacks `capability`.
    #[inline(always)]
    pub(crate) fn require(&self, capability: Capability) -> Result<(), ModemError> {
        if self.has(capability) {
            Ok(())
        } else {
            Err(ModemError::Unsupported(capability.command()))
        }
    }

    /// Whether this firmware has `capability`.
    #[inline]
    #[must_use]
    pub const fn has(&self, capability: Capability) -> bool {
        capability.columns() >> self.column & 1 == 1
    }
}
