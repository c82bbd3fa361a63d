//! The program around the library: arguments, a way in for clients, a readable trace.

mod options;
#[cfg(unix)]
mod pty;
mod redact;
mod tcp;
mod trace;

use std::io;
use std::net::IpAddr;

use clap::Parser;
use esp8285_sim::live::{self, LiveUart};
use esp8285_sim::{AccessPoint, Air, HostNetwork, Modem};

use options::Options;

/// Runs until it is interrupted.
pub(crate) fn run() -> io::Result<()> {
    let options = Options::parse();
    for (name, to) in options.hosts.iter().filter(|_| !options.allow_net) {
        if to.parse::<IpAddr>().is_ok_and(|ip| !ip.is_loopback()) {
            eprintln!(
                "esp8285-sim: {name}={to} is not this computer: connections there need --allow-net"
            );
        }
    }
    let uart = modem(&options);
    match (&options.way.tcp, &options.way.pty) {
        (Some(address), _) => tcp::serve(&uart, address, options.dialect),
        #[cfg(unix)]
        (None, Some(link)) => pty::serve(&uart, link, options.dialect, options.baud),
        #[cfg(not(unix))]
        (None, Some(_)) => Err(io::Error::other(
            "there are no pseudo-terminals here: use --tcp",
        )),
        (None, None) => Err(io::Error::other("either --pty or --tcp is needed")),
    }
}

fn modem(options: &Options) -> LiveUart {
    let mut air = Air::new();
    for (ssid, password) in &options.aps {
        let ap = AccessPoint::new(ssid, password);
        air = air.ap(if password.is_empty() { ap.open() } else { ap });
    }
    let hosts = options.hosts.clone();
    let (dialect, baud, allow_net) = (options.dialect, options.baud, options.allow_net);
    let build = move || {
        let network = HostNetwork::new().allow_net(allow_net);
        let network = hosts
            .iter()
            .fold(network, |network, (name, to)| network.host(name, to));
        Modem::new(dialect, air, network).stored_baud(baud)
    };
    if options.quiet {
        live::spawn(build, baud)
    } else {
        live::spawn_traced(build, baud, trace::start())
    }
}
