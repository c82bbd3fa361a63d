//! A chat for two on the board: what one says the other hears.
//!
//! ```text
//! cargo run --example chat
//! cargo run --example chat -- --modem /dev/ttyUSB0 --ssid home --password secret
//! ```
//!
//! It prints where it listens, without `--modem` at this computer's own address.
//! To try it: `nc 127.0.0.1 8023` in two windows.
//!
//! The MicroPython original, `chat.py`:
//!
//! ```python
#![doc = include_str!("chat.py")]
//! ```
//!
//! Limits: one pair, then it ends. Who does not listen for ten seconds misses
//! what was said.

use std::net::Ipv4Addr;
use std::process::ExitCode;
use std::ptr;

use clap::Parser;
use examples::failure::Failure;
use examples::modem::{ModemOptions, bring_up, own_address};
use examples::sockets::Explain;
use examples::{interrupt, say};
use nal_socket::NetworkRef;
use usocket_api::uselect::{POLLIN, USelect};
use usocket_api::{OPENMV, OSError, SO_REUSEADDR, SOL_SOCKET, Socket, USocket};

/// A chat for two on the board: what one says the other hears.
#[derive(Debug, Parser)]
struct Options {
    #[command(flatten)]
    modem: ModemOptions,
    /// Port to listen at
    #[arg(long, default_value_t = 8023, value_parser = clap::value_parser!(u16).range(1..))]
    port: u16,
    /// After how many seconds silence is remarked upon
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=86_400))]
    timeout: u32,
}

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report("chat"),
    }
}

fn run(options: &Options) -> Result<(), Failure> {
    let network = bring_up(&options.modem, |simulated| simulated)?;
    let host = own_address(&network, &options.modem)?;
    interrupt::on_ctrl_c()?;
    let socket = USocket::new(&network, OPENMV);
    let select = USelect::new(&network, OPENMV);
    let end = chat(&socket, &select, host, options.port, options.timeout);
    let errors = Explain {
        network: &network,
        options: &options.modem,
        to: &format!("{host}:{}", options.port).parse()?,
    };
    errors.served(end)
}

fn chat<N: NetworkRef>(
    socket: &USocket<N>,
    select: &USelect<N>,
    host: Ipv4Addr,
    port: u16,
    timeout: u32,
) -> Result<(), OSError> {
    let listener = socket.socket();
    listener.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)?;
    listener.bind(socket.getaddrinfo("0.0.0.0", port)?[0].sockaddr)?;
    listener.listen(2)?;
    say::result(format_args!("tcp://{host}:{port}"));
    let (first, _) = listener.accept()?;
    tell(&first, "* you are the first; wait for the second\n");
    let (second, _) = listener.accept()?;
    let poller = select.poll();
    for sock in [&first, &second] {
        sock.settimeout(10)?;
        tell(sock, "* you are two\n");
        poller.register(sock, POLLIN)?;
    }
    let mut talking = true;
    while talking {
        let ready = poller.poll(timeout * 1000)?;
        if ready.is_empty() {
            for sock in [&first, &second] {
                tell(
                    sock,
                    format!("* nobody has said anything for {timeout} seconds\n"),
                );
            }
        }
        for (sock, _) in ready {
            let other = if ptr::eq(sock, &first) {
                &second
            } else {
                &first
            };
            let data = heard(sock);
            if !data.is_empty() {
                tell(other, data);
            } else {
                tell(other, "* the other one has left\n");
                talking = false;
            }
        }
    }
    for sock in [&first, &second, &listener] {
        sock.close()?;
    }
    Ok(())
}

fn tell<N: NetworkRef>(sock: &Socket<N>, text: impl AsRef<[u8]>) {
    if let Err(error) = sock.sendall(text) {
        say::result(format_args!("not told: {error}")); // poll will say that it has left
    }
}

fn heard<N: NetworkRef>(sock: &Socket<N>) -> Vec<u8> {
    sock.recv(1000).unwrap_or_else(|error| {
        say::result(format_args!("gone: {error}"));
        Vec::new()
    })
}
