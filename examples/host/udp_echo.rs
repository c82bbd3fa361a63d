//! A UDP echo on the board: every datagram goes back to who sent it.
//!
//! ```text
//! cargo run --example udp_echo
//! cargo run --example udp_echo -- --modem /dev/ttyUSB0 --ssid home --password secret
//! ```
//!
//! It prints where it listens, without `--modem` at this computer's own address.
//! To try it: `echo hello | nc -u -w 1 127.0.0.1 7007`.
//!
//! The MicroPython original, `udp_echo.py`:
//!
//! ```python
#![doc = include_str!("udp_echo.py")]
//! ```
//!
//! Limits: what the modem delivers. It knows no empty datagrams, and of a longer
//! burst than the driver has room for the rest is lost.

use std::net::Ipv4Addr;
use std::process::ExitCode;

use clap::Parser;
use examples::failure::Failure;
use examples::modem::{ModemOptions, bring_up, own_address};
use examples::sockets::Explain;
use examples::{interrupt, say};
use nal_socket::NetworkRef;
use usocket_api::{AF_INET, OPENMV, OSError, SOCK_DGRAM, USocket};

/// A UDP echo on the board: every datagram goes back to who sent it.
#[derive(Debug, Parser)]
struct Options {
    #[command(flatten)]
    modem: ModemOptions,
    /// Port to listen at
    #[arg(long, default_value_t = 7007, value_parser = clap::value_parser!(u16).range(1..))]
    port: u16,
    /// End after so many answers; without it, at Ctrl-C
    #[arg(long, value_name = "N")]
    datagrams: Option<u32>,
}

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report("udp_echo"),
    }
}

fn run(options: &Options) -> Result<(), Failure> {
    let network = bring_up(&options.modem, |simulated| simulated)?;
    let host = own_address(&network, &options.modem)?;
    interrupt::on_ctrl_c()?;
    let socket = USocket::new(&network, OPENMV);
    let end = echo(&socket, host, options.port, options.datagrams);
    let errors = Explain {
        network: &network,
        options: &options.modem,
        to: &format!("{host}:{}", options.port).parse()?,
    };
    errors.served(end)
}

fn echo<N: NetworkRef>(
    socket: &USocket<N>,
    host: Ipv4Addr,
    port: u16,
    datagrams: Option<u32>,
) -> Result<(), OSError> {
    let sock = socket.socket_with(AF_INET, SOCK_DGRAM, 0)?;
    sock.bind(socket.getaddrinfo("0.0.0.0", port)?[0].sockaddr)?;
    say::result(format_args!("udp://{host}:{port}"));
    let mut answered = 0;
    while datagrams.is_none_or(|datagrams| answered < datagrams) {
        let (data, sender) = match sock.recvfrom(2048) {
            // One was too long, or the modem sent more than the driver holds: Python's ports lose
            // these without a word.
            Err(error) if ["EMSGSIZE", "ENOBUFS"].contains(&error.name()) => {
                say::result(format_args!("lost: {error}"));
                continue;
            }
            received => received?,
        };
        match sock.sendto(data, sender) {
            Ok(_) => answered += 1,
            Err(error) => say::result(format_args!("not answered: {error}")),
        }
    }
    sock.close()
}
