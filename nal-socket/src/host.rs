//! Host strings: numeric addresses read here, names checked before a stack sees them.
//!
//! ```
//! use nal_socket::parse_numeric;
//!
//! assert_eq!(parse_numeric("192.0.2.1", 80), Some("192.0.2.1:80".parse().unwrap()));
//! assert_eq!(parse_numeric("2001:db8::1", 80), Some("[2001:db8::1]:80".parse().unwrap()));
//! assert_eq!(parse_numeric("fe80::1%3", 80), Some("[fe80::1%3]:80".parse().unwrap()));
//! assert_eq!(parse_numeric("example.org", 80), None);
//! ```
//!
//! Limits: an interface scope must be a number; octets are decimal without leading zeros.

use core::net::{Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};

use crate::Error;
use crate::error::Fault;

/// The longest name DNS can carry, in its text form (RFC 1035, section 2.3.4), without a final dot.
const LONGEST_NAME: usize = 253;

/// Reads `a.b.c.d`, an IPv6 address, or an IPv6 address with `%scope`. `None` for anything else.
#[must_use]
pub fn parse_numeric(host: &str, port: u16) -> Option<SocketAddr> {
    if let Ok(v4) = host.parse::<Ipv4Addr>() {
        return Some(SocketAddrV4::new(v4, port).into());
    }
    let (address, scope) = match host.split_once('%') {
        None => (host, 0),
        Some((address, scope)) => (address, decimal(scope)?),
    };
    let v6 = address.parse::<Ipv6Addr>().ok()?;
    Some(SocketAddrV6::new(v6, port, 0, scope).into())
}

/// Digits only: `u32::from_str` would take a plus sign too.
fn decimal(text: &str) -> Option<u32> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        text.parse().ok()
    } else {
        None
    }
}

/// Checks what is about to be looked up as a name. `host` is known not to be a numeric address.
pub(crate) fn check_name(host: &str) -> Result<(), Error> {
    if host.is_empty() || host == "." {
        return Err(Error::invalid(Fault::HostEmpty));
    }
    if host.strip_suffix('.').unwrap_or(host).len() > LONGEST_NAME {
        return Err(Error::invalid(Fault::HostTooLong));
    }
    if host.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err(Error::invalid(Fault::HostCharacters));
    }
    if host
        .strip_suffix('.')
        .unwrap_or(host)
        .split('.')
        .any(str::is_empty)
    {
        return Err(Error::invalid(Fault::HostLabels));
    }
    // No name holds a colon or a percent sign and none ends in a number, but a modem may take "1.2.3"
    // for an address of its own making, as the C library takes "0x7f000001".
    let last = host.strip_suffix('.').unwrap_or(host).rsplit('.').next();
    if last.is_some_and(is_number) || host.contains([':', '%']) {
        return Err(Error::invalid(Fault::HostLooksNumeric));
    }
    Ok(())
}

/// Decimal digits, or hexadecimal ones as C writes them.
fn is_number(label: &str) -> bool {
    match label.strip_prefix("0x").or(label.strip_prefix("0X")) {
        Some(hex) => hex.bytes().all(|byte| byte.is_ascii_hexdigit()),
        None => label.bytes().all(|byte| byte.is_ascii_digit()),
    }
}
