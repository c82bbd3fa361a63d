//! From command-line options to a network: the modem, real or simulated, found,
//! set up and joined to an access point.
//!
//! Without `--modem` everything is inside the program: the simulated modem
//! (`--dialect` at `--baud`), an access point [`SSID`] with the password
//! [`PASSWORD`], and the names the program gives it. With `--modem` nothing is
//! simulated; without `--ssid` the modem is used on the network it is on.
//!
//! ```no_run
//! use clap::Parser;
//! use examples::modem::{ModemOptions, bring_up};
//!
//! let options = ModemOptions::parse();
//! let network = bring_up(&options, |sim| sim)?;
//! let usocket = usocket_api::USocket::new(&network, usocket_api::OPENMV);
//! # Ok::<(), examples::failure::Failure>(())
//! ```

use std::convert::Infallible;
use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use atcmd_esp8285::at::escape;
use atcmd_esp8285::{Clock, Esp8285, JoinError, MAX_PASSWORD, MAX_SSID, ModemError, socket_policy};
use embedded_io::{ErrorType, Read, ReadReady, Write, WriteReady};
use esp8285_sim::{AccessPoint, Air, Dialect, HostNetwork, Modem, live};
use nal_socket::{Idle, Network, Platform, UdpFull};

use crate::failure::Failure;
use crate::interrupt;
use crate::modem_port::{ModemPort, PortError};
use crate::say;
use crate::trace::Trace;

/// The simulated access point's name.
pub const SSID: &str = "Simulated";
/// The simulated access point's password.
pub const PASSWORD: &str = "password";

/// The options that say which modem, and which access point.
#[derive(Debug, Clone, clap::Parser)]
pub struct ModemOptions {
    /// Modem to use: a serial port or pty (/dev/ttyUSB0), or tcp:HOST:PORT.
    /// Without it, a simulated one
    #[arg(long, value_name = "PATH|tcp:HOST:PORT")]
    pub modem: Option<String>,
    /// Baud rate of the modem
    #[arg(long, default_value_t = 115_200, value_parser = clap::value_parser!(u32).range(300..=4_500_000))]
    pub baud: u32,
    /// Access point to join; with --modem, default: the network the modem is on
    #[arg(long)]
    pub ssid: Option<String>,
    /// Password of the access point; none for an open one
    #[arg(long)]
    pub password: Option<String>,
    /// Print the AT exchange (passwords left out)
    #[arg(long)]
    pub trace: bool,
    /// Let the simulated modem reach other hosts than this one
    #[arg(long, conflicts_with = "modem")]
    pub allow_net: bool,
    /// Firmware of the simulated modem: nonos-1.7, esp-at-2.2, ...
    #[arg(long, conflicts_with = "modem", default_value_t = Dialect::NonOs1_7)]
    pub dialect: Dialect,
}

impl ModemOptions {
    /// The port's name for messages.
    #[must_use]
    pub fn port_name(&self) -> &str {
        self.modem.as_deref().unwrap_or("the simulated modem")
    }
}

/// A modem's serial port, wherever it is.
#[derive(Debug)]
pub enum Port {
    /// A thread of this program.
    Simulated(live::LiveUart),
    /// A serial port, pty or TCP connection.
    Outside(ModemPort),
}

impl ErrorType for Port {
    type Error = PortError;
}

/// Calls the same method on either port.
macro_rules! either {
    ($self:ident, $port:ident => $call:expr) => {
        match $self {
            Self::Simulated($port) => $call.map_err(|never: Infallible| match never {}),
            Self::Outside($port) => $call,
        }
    };
}

impl Read for Port {
    fn read(&mut self, buf: &mut [u8]) -> Result<usize, PortError> {
        either!(self, port => port.read(buf))
    }
}

impl ReadReady for Port {
    fn read_ready(&mut self) -> Result<bool, PortError> {
        either!(self, port => port.read_ready())
    }
}

impl Write for Port {
    fn write(&mut self, buf: &[u8]) -> Result<usize, PortError> {
        either!(self, port => port.write(buf))
    }

    fn flush(&mut self) -> Result<(), PortError> {
        either!(self, port => port.flush())
    }
}

impl WriteReady for Port {
    fn write_ready(&mut self) -> Result<bool, PortError> {
        either!(self, port => port.write_ready())
    }
}

/// The computer's clock; waiting is a short sleep.
#[derive(Debug, Clone, Copy)]
pub struct Monotonic(Instant);

/// Shorter than the time a serial port takes for a few bytes.
const NAP: Duration = Duration::from_micros(200);

impl Monotonic {
    fn micros(self) -> u64 {
        u64::try_from(self.0.elapsed().as_micros()).unwrap_or(u64::MAX)
    }
}

impl Clock for Monotonic {
    fn now(&self) -> u64 {
        self.micros()
    }

    fn idle(&self, _until: Option<u64>) {
        std::thread::sleep(NAP);
    }
}

impl Platform for Monotonic {
    fn now(&self) -> u64 {
        self.micros()
    }

    fn idle(&self, _until: Option<u64>) -> Idle {
        if interrupt::asked() {
            return Idle::Cancel;
        }
        std::thread::sleep(NAP);
        Idle::Continue
    }
}

/// The driver on such a port.
pub type Wifi = Esp8285<Trace<Port>, Monotonic>;

/// The network it makes, with all that the driver can do.
pub type WifiNetwork = Network<Wifi, Monotonic, UdpFull<Wifi>>;

/// Opens the port, finds the modem, joins the access point.
///
/// `simulate` adds names to the network behind a simulated modem. Says what it
/// does on standard error.
///
/// # Errors
/// A one-line message with its exit code.
pub fn bring_up(
    options: &ModemOptions,
    simulate: impl FnOnce(HostNetwork) -> HostNetwork,
) -> Result<WifiNetwork, Failure> {
    let (mut wifi, clock) = start(options, simulate)?;
    join(&mut wifi, options)?;
    Ok(socket_policy::full_network(wifi, clock))
}

/// Opens the port and finds the modem, without joining.
///
/// # Errors
/// A one-line message with its exit code.
pub fn start(
    options: &ModemOptions,
    simulate: impl FnOnce(HostNetwork) -> HostNetwork,
) -> Result<(Wifi, Monotonic), Failure> {
    check_credentials(options)?;
    let network = HostNetwork::new().allow_net(options.allow_net);
    let port = match &options.modem {
        Some(name) => Port::Outside(ModemPort::open(name, options.baud)?),
        None => Port::Simulated(simulated(options, simulate(network))),
    };
    let port = if options.trace {
        Trace::to_stderr(port)
    } else {
        Trace::off(port)
    };
    let clock = Monotonic(Instant::now());
    let mut wifi = Esp8285::new(port, clock);
    wifi.wait(|wifi| wifi.start())
        .map_err(|error| modem_failure(options, error))?;
    if let Some(dialect) = wifi.dialect() {
        say::note(format_args!(
            "modem: {} on {}",
            dialect.name,
            options.port_name()
        ));
    }
    Ok((wifi, clock))
}

/// Bad credentials are the person's mistake, told before the modem is asked.
fn check_credentials(options: &ModemOptions) -> Result<(), Failure> {
    if options.modem.is_some() && options.ssid.is_none() && options.password.is_some() {
        return Err(Failure::Usage("--password needs --ssid".into()));
    }
    if options.ssid.as_deref() == Some("") {
        return Err(Failure::Usage("--ssid is empty".into()));
    }
    let check = |name: &str, text: &Option<String>, max| {
        escape::check(text.as_deref().unwrap_or_default(), max)
            .map_err(|why| Failure::Usage(format!("{name} {why}")))
    };
    check("--ssid", &options.ssid, MAX_SSID)?;
    check("--password", &options.password, MAX_PASSWORD)
}

fn simulated(options: &ModemOptions, network: HostNetwork) -> live::LiveUart {
    let (dialect, baud) = (options.dialect, options.baud);
    let build = move || {
        let air = Air::new().ap(AccessPoint::new(SSID, PASSWORD));
        Modem::new(dialect, air, network).stored_baud(baud)
    };
    live::spawn(build, baud)
}

/// Joins the access point the options name, if they name one.
///
/// # Errors
/// A one-line message with its exit code.
pub fn join(wifi: &mut Wifi, options: &ModemOptions) -> Result<(), Failure> {
    let inside = options.modem.is_none();
    let ssid = match (&options.ssid, inside) {
        (Some(ssid), _) => ssid.as_str(),
        (None, true) => SSID,
        (None, false) => return Ok(()),
    };
    let password = match &options.password {
        Some(password) => password.as_str(),
        None if inside => PASSWORD,
        None => "",
    };
    wifi.wait(|wifi| wifi.join(ssid, password))
        .map_err(|error| match error {
            JoinError::WrongPassword => Failure::WrongPassword { ssid: ssid.into() },
            JoinError::NoSuchAccessPoint => Failure::NoAccessPoint { ssid: ssid.into() },
            JoinError::TimedOut => Failure::Timeout {
                doing: format!("joining {ssid:?}"),
            },
            JoinError::InvalidSsid(why) => Failure::Usage(format!("--ssid {why}")),
            JoinError::InvalidPassword(why) => Failure::Usage(format!("--password {why}")),
            JoinError::Modem(error) => modem_failure(options, error),
            error => Failure::Other(error.to_string()),
        })?;
    say::note(format_args!("joined {ssid:?}"));
    Ok(())
}

/// Where others reach the board: its address, or with a simulated modem this
/// computer's own, as the simulated network is made of this computer's sockets.
///
/// # Errors
/// A one-line message with its exit code.
pub fn own_address(network: &WifiNetwork, options: &ModemOptions) -> Result<Ipv4Addr, Failure> {
    if options.modem.is_none() {
        return Ok(Ipv4Addr::LOCALHOST);
    }
    let status = network
        .with_stack(|wifi| wifi.wait(|wifi| wifi.station_status()))
        .map_err(|error| Failure::Other(error.to_string()))?
        .map_err(|error| modem_failure(options, error))?;
    status.address.ok_or_else(|| {
        Failure::Other("the modem is not on a network: give --ssid and --password".into())
    })
}

/// What a failed modem means for the person.
#[must_use]
pub fn modem_failure(options: &ModemOptions, error: ModemError) -> Failure {
    match error {
        ModemError::NoReply => Failure::NoModem {
            port: options.port_name().into(),
        },
        ModemError::Uart(_) => Failure::Port(format!("{} closed: {error}", options.port_name())),
        error => Failure::Other(error.to_string()),
    }
}
