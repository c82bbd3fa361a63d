//! The program around the library: arguments, a way in for clients, a readable trace.

mod options;
#[cfg(unix)]
mod pty;
mod redact;
mod tcp;
mod trace;

use std::fmt::Display;
use std::io::{self, Write};
use std::time::Duration;

use clap::Parser;
use embedded_io::{Read, ReadReady};
use esp8285_sim::live::{self, LiveUart};
use esp8285_sim::{AccessPoint, Air, HostNetwork, Modem};

use options::Options;

/// Runs until it is interrupted.
pub(crate) fn run() -> io::Result<()> {
    let options = Options::parse();
    for (name, to) in options.hosts.iter().filter(|_| !options.allow_net) {
        if !to.is_here() {
            complain(format_args!(
                "{name}={to} is not this computer: connections there need --allow-net"
            ));
        }
    }
    let uart = modem(&options);
    match (&options.way.tcp, &options.way.pty) {
        (Some(address), _) => tcp::serve(&uart, address, options.dialect)
            .map_err(|error| about(format_args!("--tcp {address}"), &error)),
        #[cfg(unix)]
        (None, Some(link)) => pty::serve(&uart, link, options.dialect, options.baud)
            .map_err(|error| about(format_args!("--pty {}", link.display()), &error)),
        #[cfg(not(unix))]
        (None, Some(_)) => Err(io::Error::other(
            "there are no pseudo-terminals here: use --tcp",
        )),
        (None, None) => Err(io::Error::other("either --pty or --tcp is needed")),
    }
}

/// Says something on the error output. Where nobody can hear it, the program goes on.
pub(crate) fn complain(what: impl Display) {
    let _ = writeln!(io::stderr(), "esp8285-sim: {what}");
}

/// Says something on the output. Where nobody can hear it, the program goes on.
fn say(what: impl Display) {
    let _ = writeln!(io::stdout(), "{what}");
}

/// What the modem has said by then; an error when it will never say anything again.
fn hear(uart: &mut LiveUart, buffer: &mut [u8], limit: Duration) -> io::Result<usize> {
    let length = uart.read_for(buffer, limit);
    if length > 0 {
        return Ok(length);
    }
    let Ok(ready) = uart.read_ready();
    if !ready {
        return Ok(0);
    }
    match uart.read(buffer) {
        // Ready with nothing: its thread has died, and said why.
        Ok(0) => Err(io::Error::other("the modem has stopped")),
        Ok(length) => Ok(length),
    }
}

/// An error that names the option it is about.
fn about(option: impl Display, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{option}: {error}"))
}

fn modem(options: &Options) -> LiveUart {
    let mut air = Air::new();
    for (ssid, password) in &options.aps {
        let ap = AccessPoint::new(ssid, password);
        air = air.ap(if password.is_empty() { ap.open() } else { ap });
    }
    let mut network = HostNetwork::new().allow_net(options.allow_net);
    for (name, to) in &options.hosts {
        network = network.host(name, to);
    }
    let (dialect, baud) = (options.dialect, options.baud);
    let build = move |network| Modem::new(dialect, air, network).stored_baud(baud);
    if options.quiet {
        let network = network.on_forbidden(|_, what| complain(not_allowed(what)));
        live::spawn(move || build(network), baud)
    } else {
        let trace = trace::start();
        let notes = trace.clone();
        let network = network.on_forbidden(move |us, what| notes.note(us, not_allowed(what)));
        let traced = move |us, way, bytes: &[u8]| trace.said(us, way, bytes);
        live::spawn_traced(move || build(network), baud, traced)
    }
}

fn not_allowed(what: &str) -> String {
    format!("{what} refused: without --allow-net there are only this computer and the --host names")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_modem_that_has_died_is_noticed() {
        let mut uart = live::spawn(|| panic!("on purpose"), 115_200);
        let error = hear(&mut uart, &mut [0; 8], Duration::from_secs(20)).unwrap_err();
        assert_eq!(error.to_string(), "the modem has stopped");
    }
}
