//! What the person typed becomes a checked host, port and path.
//!
//! ```
//! use examples::url::{HostPort, HttpUrl};
//!
//! let url: HttpUrl = "http://example.org:8080/sky.bmp".parse()?;
//! assert_eq!((url.host(), url.port(), url.path()), ("example.org", 8080, "/sky.bmp"));
//!
//! let to: HostPort = "192.168.4.2:9000".parse()?;
//! assert_eq!((to.host(), to.port()), ("192.168.4.2", 9000));
//!
//! let error = "https://example.org/".parse::<HttpUrl>().unwrap_err();
//! assert_eq!(error.to_string(), "only http:// addresses work here, not https://");
//! # Ok::<(), examples::url::UrlError>(())
//! ```
//!
//! Whatever passes can be put on an AT command line and into a request head
//! without further care: no control characters, no spaces, no quotes in hosts.
//!
//! Limits: `http://` only, no IPv6, no user names, hosts of at most
//! [`MAX_HOST`] bytes (the modem's own limit), names in other scripts as
//! `xn--` only, the path goes out as typed. The `url` crate is not used because
//! it repairs what it is given (tabs vanish, `\` turns into `/`, hosts are
//! re-encoded); here a doubtful address shall be refused and explained.

use std::fmt;
use std::net::Ipv4Addr;
use std::str::FromStr;

/// Longest host in bytes that the modem's commands take.
pub const MAX_HOST: usize = 64;

/// An address `http://host[:port]/path`, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpUrl {
    to: HostPort,
    path: String,
}

impl HttpUrl {
    /// The host: a name or an IPv4 address.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.to.host
    }

    /// The port, 80 when none was given.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.to.port
    }

    /// Path and query as they go into the request, never empty.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Host and port together.
    #[must_use]
    pub fn host_port(&self) -> &HostPort {
        &self.to
    }

    /// The value of the `Host` header: the port only when it is not 80.
    #[must_use]
    pub fn host_header(&self) -> String {
        match self.to.port {
            80 => self.to.host.clone(),
            _ => self.to.to_string(),
        }
    }
}

impl fmt::Display for HttpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "http://{}{}", self.host_header(), self.path)
    }
}

impl FromStr for HttpUrl {
    type Err = UrlError;

    fn from_str(text: &str) -> Result<Self, UrlError> {
        only_visible_ascii(text)?;
        let Some((scheme, rest)) = text.split_once("://") else {
            return Err(UrlError::NoScheme);
        };
        if !scheme.eq_ignore_ascii_case("http") {
            return Err(UrlError::OtherScheme(scheme.to_ascii_lowercase()));
        }
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, rest) = rest.split_at(end);
        let (host, port) = split_port(authority)?;
        // The fragment is for the reader of a page; servers never see it.
        let path = rest.split('#').next().unwrap_or_default();
        Ok(Self {
            to: HostPort {
                host: check_host(host)?,
                port: port.map_or(Ok(80), check_port)?,
            },
            path: match path.starts_with('/') {
                true => path.to_owned(),
                false => format!("/{path}"),
            },
        })
    }
}

/// `HOST:PORT`, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostPort {
    host: String,
    port: u16,
}

impl HostPort {
    /// The host: a name or an IPv4 address.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port, never 0.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }
}

impl fmt::Display for HostPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

impl FromStr for HostPort {
    type Err = UrlError;

    fn from_str(text: &str) -> Result<Self, UrlError> {
        only_visible_ascii(text)?;
        if text.contains("://") {
            return Err(UrlError::NotHostPort);
        }
        let (host, port) = split_port(text)?;
        Ok(Self {
            host: check_host(host)?,
            port: check_port(port.ok_or(UrlError::NoPort)?)?,
        })
    }
}

/// What is wrong with an address and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum UrlError {
    /// No `http://` in front.
    NoScheme,
    /// Another scheme than `http`.
    OtherScheme(String),
    /// A URL where only `HOST:PORT` makes sense.
    NotHostPort,
    /// Nothing where the host should be.
    NoHost,
    /// The host is longer than [`MAX_HOST`]; holds its length.
    HostTooLong(usize),
    /// A character that no host has.
    HostCharacter(char),
    /// A host such as `a..b` or `-a`.
    HostShape(String),
    /// Looks like an IPv4 address but is none.
    NotIpv4(String),
    /// An IPv6 address.
    Ipv6,
    /// `user@` or `user:password@` in front of the host.
    UserInfo,
    /// No port where one is needed.
    NoPort,
    /// The port is not a number from 1 to 65535.
    Port(String),
    /// A space, control character or character outside ASCII, at this byte.
    Character(char, usize),
}

impl fmt::Display for UrlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoScheme => write!(f, "the address must begin with http://"),
            Self::OtherScheme(scheme) => write!(
                f,
                "only http:// addresses work here, not {}://",
                scheme.escape_default()
            ),
            Self::NotHostPort => write!(f, "write HOST:PORT here, without http:// or a path"),
            Self::NoHost => write!(f, "the host is missing: write a name or an IPv4 address"),
            Self::HostTooLong(length) => write!(
                f,
                "the host has {length} bytes, the modem takes {MAX_HOST}: use a shorter name or the IPv4 address"
            ),
            Self::HostCharacter(c) => write!(f, "a host cannot contain {c:?}"),
            Self::HostShape(host) => write!(
                f,
                "{host:?} is no host: the parts between the dots must not be empty or begin or end with '-'"
            ),
            Self::NotIpv4(host) => {
                write!(
                    f,
                    "{host:?} is no IPv4 address: write four numbers 0 to 255"
                )
            }
            Self::Ipv6 => write!(
                f,
                "IPv6 addresses do not work with this modem: use a name or an IPv4 address"
            ),
            Self::UserInfo => write!(
                f,
                "a user name or password in the address is not supported: remove everything up to '@'"
            ),
            Self::NoPort => write!(f, "the port is missing: write HOST:PORT"),
            Self::Port(port) => write!(f, "{port:?} is no port: write a number from 1 to 65535"),
            Self::Character(c, at) => write!(
                f,
                "{c:?} at byte {at} is not allowed in an address: write it percent-encoded or remove it"
            ),
        }
    }
}

impl std::error::Error for UrlError {}

/// Everything else, above all CR, LF and NUL, could end a command or header
/// early and start another.
fn only_visible_ascii(text: &str) -> Result<(), UrlError> {
    match text.char_indices().find(|(_, c)| !c.is_ascii_graphic()) {
        Some((at, c)) => Err(UrlError::Character(c, at)),
        None => Ok(()),
    }
}

/// Splits `host[:port]`; what is not that shape gets its own explanation.
fn split_port(authority: &str) -> Result<(&str, Option<&str>), UrlError> {
    if authority.contains('@') {
        return Err(UrlError::UserInfo);
    }
    let mut parts = authority.split(':');
    let host = parts.next().unwrap_or_default();
    let port = parts.next();
    if authority.starts_with('[') || parts.next().is_some() {
        return Err(UrlError::Ipv6);
    }
    Ok((host, port))
}

fn check_port(port: &str) -> Result<u16, UrlError> {
    // `parse` alone would also take "+80".
    let digits = port.bytes().all(|b| b.is_ascii_digit());
    match port.parse() {
        Ok(number) if digits && number != 0 => Ok(number),
        _ => Err(UrlError::Port(port.to_owned())),
    }
}

fn check_host(host: &str) -> Result<String, UrlError> {
    if host.is_empty() {
        return Err(UrlError::NoHost);
    }
    if host.len() > MAX_HOST {
        return Err(UrlError::HostTooLong(host.len()));
    }
    // '_' is no letter of the DNS rules but real hosts on home networks have it.
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
    if let Some(c) = host.chars().find(|&c| !allowed(c)) {
        return Err(UrlError::HostCharacter(c));
    }
    // One dot at the very end is the DNS way to write a complete name.
    let name = host.strip_suffix('.').unwrap_or(host);
    let bad = |label: &str| label.is_empty() || label.starts_with('-') || label.ends_with('-');
    if name.split('.').any(bad) {
        return Err(UrlError::HostShape(host.to_owned()));
    }
    let last = name.rsplit('.').next().unwrap_or_default();
    if last.bytes().all(|b| b.is_ascii_digit()) && host.parse::<Ipv4Addr>().is_err() {
        return Err(UrlError::NotIpv4(host.to_owned()));
    }
    Ok(host.to_owned())
}

#[cfg(test)]
mod tests;
