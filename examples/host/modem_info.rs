//! Tells what a modem is, what its firmware can do, and what it hears: the
//! first thing to run with a new board.
//!
//! ```text
//! cargo run --example modem_info
//! cargo run --example modem_info -- --modem /dev/ttyUSB0
//! ```

use std::process::ExitCode;

use atcmd_esp8285::wifi::{Network, ScanOptions};
use atcmd_esp8285::{Capability, ModemError};
use clap::Parser;
use examples::failure::Failure;
use examples::modem::{ModemOptions, Wifi, join, modem_failure, start};
use examples::say;

/// Tells what a modem is, what its firmware can do, and what it hears.
#[derive(Debug, Parser)]
struct Options {
    #[command(flatten)]
    modem: ModemOptions,
}

fn main() -> ExitCode {
    match run(&Options::parse().modem) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report("modem_info"),
    }
}

fn run(options: &ModemOptions) -> Result<(), Failure> {
    let (mut wifi, _) = start(options, |simulated| simulated)?;
    let failed = |error: ModemError| modem_failure(options, error);
    let version = wifi.wait(|wifi| wifi.version()).map_err(failed)?;
    say::result("firmware:");
    for line in version.lines() {
        say::result(format_args!("  {}", line.escape_ascii()));
    }
    tell_capabilities(&wifi);
    if let Ok(memory) = wifi.wait(|wifi| wifi.free_memory()) {
        say::result(format_args!("free memory: {} bytes", memory.free));
    }
    join(&mut wifi, options)?;
    tell_station(&mut wifi).map_err(failed)?;
    tell_networks(&mut wifi)
}

fn tell_capabilities(wifi: &Wifi) {
    let Some(dialect) = wifi.dialect() else {
        return;
    };
    say::result(format_args!("{} lacks:", dialect.name));
    for capability in Capability::ALL {
        if !dialect.has(*capability) {
            say::result(format_args!(
                "  {:?} ({})",
                capability,
                capability.command()
            ));
        }
    }
}

fn tell_station(wifi: &mut Wifi) -> Result<(), ModemError> {
    let status = wifi.wait(|wifi| wifi.station_status())?;
    let addresses = wifi.wait(|wifi| wifi.addresses())?;
    match status.joined {
        Some(network) => say::result(format_args!(
            "joined: {}{}",
            network.ssid,
            network
                .rssi
                .map_or(String::new(), |rssi| format!(", {rssi} dBm"))
        )),
        None => say::result("joined: nothing"),
    }
    if let Some(address) = status.address {
        say::result(format_args!("address: {address}"));
    }
    if let Some(mac) = addresses.station.and_then(|station| station.mac) {
        say::result(format_args!("MAC: {mac}"));
    }
    Ok(())
}

fn tell_networks(wifi: &mut Wifi) -> Result<(), Failure> {
    say::result("in range:");
    let tell = |network: &Network| {
        say::result(format_args!(
            "  {:>4} dBm  channel {:>2}  {:?}  {}",
            network.rssi,
            network.channel.unwrap_or(0),
            network.security,
            network.ssid
        ));
    };
    let all = ScanOptions::new();
    wifi.wait(|wifi| wifi.scan(&all, tell))
        .map_err(|error| Failure::Other(error.to_string()))
}
