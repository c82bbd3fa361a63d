//! An AT command of your own, beside the driver: the modem's analogue input.
//!
//! ```sh
//! cargo run -p atcmd-esp8285 --example own_command
//! ```
//!
//! The modem here is a simulated one, whose input always reads 0.

use atcmd_esp8285::at::atat::blocking::AtatClient;
use atcmd_esp8285::at::atat::{AtatCmd, AtatResp, Error, InternalError};
use atcmd_esp8285::{Clock, Esp8285};
use esp8285_sim::{Air, Bench, BenchConfig, Dialect, MemoryNetwork, Modem};

/// `AT+SYSADC?` (NonOS AT 1.4 and later): the voltage at the TOUT pin.
struct AnalogInput;

/// What it reads, in steps of 1/1024 V.
#[derive(Debug, PartialEq)]
struct Volts1024(u16);

impl AtatResp for Volts1024 {}

impl AtatCmd for AnalogInput {
    type Response = Volts1024;
    const MAX_TIMEOUT_MS: u32 = 1000;

    /// One line, ended by CR LF.
    fn write(&self, buf: &mut [u8]) -> usize {
        let line = b"AT+SYSADC?\r\n";
        match buf.get_mut(..line.len()) {
            Some(start) => {
                start.copy_from_slice(line);
                line.len()
            }
            None => 0,
        }
    }

    /// The lines between the command and its `OK`, or why there are none.
    fn parse(&self, response: Result<&[u8], InternalError<'_>>) -> Result<Volts1024, Error> {
        let text = core::str::from_utf8(response?).map_err(|_| Error::Parse)?;
        text.lines()
            .find_map(|line| line.strip_prefix("+SYSADC:")?.trim().parse().ok())
            .map(Volts1024)
            .ok_or(Error::Parse)
    }
}

/// The simulator's time is the driver's.
struct Virtual(Bench);

impl Clock for Virtual {
    fn now(&self) -> u64 {
        self.0.now()
    }
    fn idle(&self, until: Option<u64>) {
        self.0.idle(until);
    }
}

fn main() {
    let modem = Modem::new(Dialect::NonOs1_7, Air::new(), MemoryNetwork::new());
    let bench = Bench::new(modem, BenchConfig::default());
    let mut wifi = Esp8285::new(bench.uart(), Virtual(bench.clone()));
    match wifi.send(&AnalogInput) {
        Ok(Volts1024(n)) => println!("{} mV", u32::from(n) * 1000 / 1024),
        Err(error) => println!("no reading: {error:?}"),
    }
}
