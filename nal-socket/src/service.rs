//! Ports as numbers, as text and by the names of their services.
//!
//! [`getaddrinfo`](crate::Network::getaddrinfo) takes anything that is [`ToPort`]: an integer of any
//! width, or text that is a number or a well-known name.
//!
//! ```
//! use nal_socket::{ErrorKind, ToPort};
//!
//! assert_eq!(80.to_port(), Ok(80));
//! assert_eq!("80".to_port(), Ok(80));
//! assert_eq!("http".to_port(), Ok(80));
//! assert_eq!(70_000.to_port().unwrap_err().kind(), ErrorKind::InvalidInput);
//! ```
//!
//! Limits: the names are those of [`SERVICES`], each with one port for TCP and UDP. The table is linked
//! only where text is given.

use crate::Error;
use crate::error::Fault;

/// The service names that are known, with their ports: the registered names of services that small
/// devices use or offer, and the customary `dns`, `www` and `mqtts`.
pub const SERVICES: &[(&str, u16)] = &[
    ("http", 80),
    ("https", 443),
    ("mqtt", 1883),
    ("mqtts", 8883),
    ("secure-mqtt", 8883),
    ("ntp", 123),
    ("dns", 53),
    ("domain", 53),
    ("mdns", 5353),
    ("coap", 5683),
    ("coaps", 5684),
    ("echo", 7),
    ("discard", 9),
    ("daytime", 13),
    ("ftp", 21),
    ("ssh", 22),
    ("telnet", 23),
    ("smtp", 25),
    ("time", 37),
    ("bootps", 67),
    ("bootpc", 68),
    ("tftp", 69),
    ("www", 80),
    ("pop3", 110),
    ("imap", 143),
    ("snmp", 161),
    ("snmptrap", 162),
    ("submissions", 465),
    ("syslog", 514),
    ("submission", 587),
    ("ipp", 631),
    ("imaps", 993),
    ("pop3s", 995),
    ("sip", 5060),
    ("http-alt", 8080),
];

/// A port, or something that stands for one.
pub trait ToPort {
    /// The port: 0 to 65535.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput): a number below 0 or above 65535,
    /// empty text, or a name that is not in [`SERVICES`].
    fn to_port(&self) -> Result<u16, Error>;

    /// Whether this is a number, perhaps as text, rather than the name of a service.
    fn is_numeric(&self) -> bool {
        true
    }
}

macro_rules! integers {
    ($($integer:ty)*) => {$(
        impl ToPort for $integer {
            fn to_port(&self) -> Result<u16, Error> {
                u16::try_from(*self).map_err(|_| Error::invalid(Fault::PortRange))
            }
        }
    )*};
}

// A literal without a suffix is an `i32`.
integers!(u8 i8 i16 u32 i32 u64 i64 u128 i128 usize isize);

impl ToPort for u16 {
    fn to_port(&self) -> Result<u16, Error> {
        Ok(*self)
    }
}

impl ToPort for &str {
    /// Decimal digits, or a name in letters of either case.
    fn to_port(&self) -> Result<u16, Error> {
        if self.is_empty() {
            return Err(Error::invalid(Fault::ServiceEmpty));
        }
        if self.is_numeric() {
            // More digits than an integer holds are as wrong as 65536.
            return self.parse().map_err(|_| Error::invalid(Fault::PortRange));
        }
        SERVICES
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(self))
            .map(|(_, port)| *port)
            .ok_or(Error::invalid(Fault::ServiceUnknown))
    }

    fn is_numeric(&self) -> bool {
        self.strip_prefix('-')
            .unwrap_or(self)
            .bytes()
            .all(|byte| byte.is_ascii_digit())
    }
}
