//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser};
use esp8285_sim::Dialect;

/// An ESP8285/ESP8266 AT modem in software, on a pseudo-terminal or a TCP port.
#[derive(Debug, Parser)]
#[command(version)]
pub(crate) struct Options {
    #[command(flatten)]
    pub(crate) way: Way,

    /// Which firmware: nonos-1.7 or esp-at-2.2
    #[arg(long, default_value_t = Dialect::NonOs1_7)]
    pub(crate) dialect: Dialect,

    /// An access point in range; an empty password makes it open (repeatable)
    #[arg(long = "ap", value_name = "SSID:PASSWORD", value_parser = access_point, default_value = "Simulated:password")]
    pub(crate) aps: Vec<(String, String)>,

    /// What a name resolves to: an address, or ADDR:PORT for all its ports (repeatable)
    #[arg(long = "host", value_name = "NAME=ADDR", value_parser = host)]
    pub(crate) hosts: Vec<(String, String)>,

    /// Let connections leave this computer, and ask its resolver for other names
    #[arg(long)]
    pub(crate) allow_net: bool,

    /// Baud rate of the line, and of the modem after each restart
    #[arg(long, default_value_t = 115_200, value_parser = clap::value_parser!(u32).range(110..=5_000_000))]
    pub(crate) baud: u32,

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

fn access_point(text: &str) -> Result<(String, String), String> {
    let (ssid, password) = text.split_once(':').ok_or("the form is SSID:PASSWORD")?;
    if ssid.is_empty() || ssid.len() > 32 {
        return Err("an SSID has 1 to 32 bytes".into());
    }
    if password.len() > 64 {
        return Err("a password has at most 64 bytes".into());
    }
    Ok((ssid.into(), password.into()))
}

fn host(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, to)) if !name.is_empty() && !to.is_empty() => Ok((name.into(), to.into())),
        _ => Err("the form is NAME=ADDR".into()),
    }
}
