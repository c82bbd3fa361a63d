//! The program around the library: arguments, a way in for clients, a readable trace.

mod log;
mod options;
#[cfg(unix)]
mod pty;
mod redact;
mod tcp;
mod trace;

use std::fmt::Display;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::{self, Write};
use std::time::{Duration, SystemTime};

use clap::Parser;
use embedded_io::{Read, ReadReady};
use esp8285_sim::live::{self, LiveUart};
use esp8285_sim::{AccessPoint, Air, Faults, HostNetwork, Modem};

use log::LogFile;
use options::Options;
use trace::{Console, Sinks};

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
    let uart = modem(&options)?;
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

/// The faults asked for; a seed nobody chose is told, so that a run can be repeated.
fn faults(options: &Options) -> Faults {
    let Some(faults) = options.faults.clone() else {
        return Faults::new();
    };
    if let Some(seed) = options.seed.or(faults.seed()) {
        return faults.with_seed(seed);
    }
    let seed = RandomState::new().build_hasher().finish() % 1_000_000_000;
    complain(format_args!("faults repeat with --seed {seed}"));
    faults.with_seed(seed)
}

/// Where the exchange is shown and written.
fn sinks(options: &Options, faults: &Faults) -> io::Result<Sinks> {
    let mut sinks = Sinks::new();
    if !options.quiet {
        sinks.push(Box::new(Console(io::stdout())));
    }
    if let Some(path) = &options.log {
        let mut title = format!("esp8285-sim, {}", options.dialect);
        if !faults.is_empty() {
            title.push_str(&format!(", --fault {faults}"));
        }
        let log = LogFile::create(path, &title, options.log_passwords)
            .map_err(|error| about(format_args!("--log {}", path.display()), &error))?;
        sinks.push(Box::new(log));
    }
    Ok(sinks)
}

fn unix_seconds(time: SystemTime) -> Option<u32> {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    u32::try_from(since.as_secs()).ok()
}

fn modem(options: &Options) -> io::Result<LiveUart> {
    let faults = faults(options);
    let sinks = sinks(options, &faults)?;
    let mut air = Air::new();
    for (ssid, password) in &options.aps {
        let ap = AccessPoint::new(ssid, password);
        air = air.ap(if password.is_empty() { ap.open() } else { ap });
    }
    let mut network = HostNetwork::new().allow_net(options.allow_net);
    for (name, to) in &options.hosts {
        network = network.host(name, to);
    }
    for &(modem, host) in &options.forwards {
        network = network.forward(modem, host);
    }
    let (dialect, baud) = (options.dialect, options.baud);
    let time = options.allow_net.then(SystemTime::now);
    let build = move |network| {
        let modem = Modem::new(dialect, air, network)
            .stored_baud(baud)
            .with_faults(faults);
        match time.and_then(unix_seconds) {
            Some(seconds) => modem.wall_clock(seconds),
            None => modem,
        }
    };
    if sinks.is_empty() {
        let network = network.on_forbidden(|_, what| complain(not_allowed(what)));
        Ok(live::spawn(move || build(network), baud))
    } else {
        let quiet = options.quiet;
        let trace = trace::start(sinks);
        let notes = trace.clone();
        let network = network.on_forbidden(move |us, what| {
            if quiet {
                complain(not_allowed(what));
            }
            notes.note(us, not_allowed(what));
        });
        let traced = move |us, way, bytes: &[u8]| trace.said(us, way, bytes);
        Ok(live::spawn_traced(move || build(network), baud, traced))
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
