//! The command line.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use clap::{Args, Parser};
use esp8285_sim::{Dialect, Fault, FaultError, Faults};

/// An ESP8285/ESP8266 AT modem in software, on a pseudo-terminal or a TCP port.
#[derive(Debug, Parser)]
#[command(version)]
pub(crate) struct Options {
    #[command(flatten)]
    pub(crate) way: Way,

    /// Which firmware: nonos-0.2x, -1.3, -1.6, -1.7, esp-at-2.0, -2.1, -2.2, -2.3 or esp-atmod
    #[arg(long, value_name = "NAME", default_value_t = Dialect::NonOs1_7)]
    pub(crate) dialect: Dialect,

    /// An access point in range; SSID: with nothing behind the colon is an open one (repeatable)
    #[arg(long = "ap", value_name = "SSID:PASSWORD", value_parser = access_point, default_value = "Simulated:password")]
    pub(crate) aps: Vec<(String, String)>,

    /// What a name resolves to: an IP address or localhost, or ADDR:PORT for all its ports (repeatable)
    #[arg(long = "host", value_name = "NAME=ADDR", value_parser = host)]
    pub(crate) hosts: Vec<(String, Place)>,

    /// Offer the modem's server on another port of this computer, such as 80=8080 (repeatable)
    #[arg(long = "forward", value_name = "PORT=PORT", value_parser = forward)]
    pub(crate) forwards: Vec<(u16, u16)>,

    /// Let connections leave this computer, ask its resolver for other names, and be a time server with its clock
    #[arg(long)]
    pub(crate) allow_net: bool,

    /// Baud rate of the line, and of the modem after each restart
    #[arg(long, value_name = "N", default_value_t = 115_200, value_parser = clap::value_parser!(u32).range(110..=5_000_000))]
    pub(crate) baud: u32,

    /// What goes wrong how often, such as drop=0.001,busy=5%,reset=1/60s; help names the faults
    #[arg(long = "fault", value_name = "SPEC", value_parser = faults)]
    pub(crate) faults: Option<Faults>,

    /// Makes faults repeat; a random one is taken and told if there is none
    #[arg(long, requires = "faults", value_name = "N")]
    pub(crate) seed: Option<u64>,

    /// Write every byte that goes over the line to a file, with its time
    #[arg(long, value_name = "FILE")]
    pub(crate) log: Option<PathBuf>,

    /// Do not hide passwords in the log
    #[arg(long, requires = "log")]
    pub(crate) log_passwords: bool,

    /// Print no trace of what goes over the line
    #[arg(long)]
    pub(crate) quiet: bool,
}

/// How clients get in.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Way {
    /// Make a pseudo-terminal and a symbolic link to it
    #[arg(long, value_name = "LINK")]
    pub(crate) pty: Option<PathBuf>,

    /// Serve one client after another on a TCP port
    #[arg(long, value_name = "ADDR:PORT")]
    pub(crate) tcp: Option<String>,
}

fn faults(text: &str) -> Result<Faults, String> {
    if text == "help" {
        let lines = Fault::ALL
            .iter()
            .map(|fault| format!("\n  {fault:<18} {}", fault.about()));
        return Err(format!("the faults are{}", lines.collect::<String>()));
    }
    text.parse().map_err(|error: FaultError| error.to_string())
}

fn access_point(text: &str) -> Result<(String, String), String> {
    let (ssid, password) = text
        .split_once(':')
        .ok_or_else(|| format!("the form is SSID:PASSWORD, or {text}: without encryption"))?;
    if ssid.is_empty() || ssid.len() > 32 {
        return Err("an SSID has 1 to 32 bytes".into());
    }
    if password.len() > 64 {
        return Err("a password has at most 64 bytes".into());
    }
    Ok((ssid.into(), password.into()))
}

/// Where a name of the command line leads.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    /// `None` is localhost, by whichever address it answers.
    ip: Option<IpAddr>,
    text: String,
}

impl Place {
    pub(crate) fn is_here(&self) -> bool {
        self.ip.is_none_or(|ip| ip.to_canonical().is_loopback())
    }

    /// An address or localhost, with a port or without.
    fn parse(text: &str) -> Option<Self> {
        let ip = if let Ok(ip) = text.parse::<IpAddr>() {
            Some(ip)
        } else if let Ok(address) = text.parse::<SocketAddr>() {
            Some(address).filter(|address| address.port() > 0)?;
            Some(address.ip())
        } else {
            if text != "localhost" {
                let port: u16 = text.strip_prefix("localhost:")?.parse().ok()?;
                Some(port).filter(|&port| port > 0)?;
            }
            None
        };
        Some(Self {
            ip,
            text: text.to_owned(),
        })
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn forward(text: &str) -> Result<(u16, u16), String> {
    let port = |text: &str| text.parse().ok().filter(|&port| port > 0);
    text.split_once('=')
        .and_then(|(modem, host)| Some((port(modem)?, port(host)?)))
        .ok_or_else(|| "the form is PORT=PORT: the modem's, and this computer's".to_owned())
}

fn host(text: &str) -> Result<(String, Place), String> {
    let (name, to) = text
        .split_once('=')
        .filter(|(name, _)| !name.is_empty())
        .ok_or("the form is NAME=ADDR or NAME=ADDR:PORT")?;
    let place = Place::parse(to).ok_or_else(|| {
        format!("{to:?} is neither an IP address nor localhost, nor one of these with :PORT")
    })?;
    Ok((name.into(), place))
}
