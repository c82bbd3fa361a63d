//! Sends a picture to a TCP server through an ESP8285 modem.
//!
//! ```text
//! cargo run --example send_picture
//! cargo run --example send_picture -- --modem /dev/ttyUSB0 \
//!     --ssid home --password secret --to 192.168.0.183:3456 --file picture.bmp
//! ```
//!
//! The MicroPython original:
//!
//! ```python
//! sock = socket.socket()
//! sock.connect(("192.168.0.183", 3456))
//! sock.settimeout(5)
//! while True:
//!     img = f.read(2048)
//!     if not img or (len(img) == 0): break
//!     sock.send(img)
//! sock.close()
//! ```

use std::fs;
use std::io::Read;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::ExitCode;
use std::thread::{self, JoinHandle};

use clap::Parser;
use examples::failure::Failure;
use examples::modem::{ModemOptions, WifiNetwork, bring_up};
use examples::progress::Progress;
use examples::sockets::Explain;
use examples::url::HostPort;
use examples::{picture, say};
use usocket_api::{OPENMV, USocket};

/// Sends a picture to a TCP server through an ESP8285 modem.
#[derive(Debug, Parser)]
struct Options {
    #[command(flatten)]
    modem: ModemOptions,
    /// Where to send it; without it and without --modem, a server in this
    /// program
    #[arg(long, value_name = "HOST:PORT")]
    to: Option<HostPort>,
    /// What to send; default: a picture made by this program
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
}

/// What one send of the original carries.
const PIECE: usize = 2048;

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report("send_picture"),
    }
}

fn run(options: &Options) -> Result<(), Failure> {
    let data = match &options.file {
        Some(path) => fs::read(path).map_err(|error| Failure::input(path, &error))?,
        None => picture::bmp(),
    };
    let (to, receiver) = match (&options.to, &options.modem.modem) {
        (Some(to), _) => (to.clone(), None),
        (None, None) => {
            let (to, receiver) = receive_here()?;
            (to, Some(receiver))
        }
        (None, Some(_)) => {
            return Err(Failure::Usage(
                "--modem needs --to: nothing is simulated then".into(),
            ));
        }
    };
    let network = bring_up(&options.modem, |simulated| simulated)?;
    send(&network, &to, &data, &options.modem)?;
    say::result(format_args!("sent {} bytes to {to}", data.len()));
    if let Some(receiver) = receiver {
        let received = receiver.join().unwrap_or_default();
        if received != data {
            return Err(Failure::Other(format!(
                "the server in this program received {} bytes, and not the same",
                received.len()
            )));
        }
        say::result("and the server in this program received the same");
    }
    Ok(())
}

fn send(
    network: &WifiNetwork,
    to: &HostPort,
    data: &[u8],
    options: &ModemOptions,
) -> Result<(), Failure> {
    let errors = Explain {
        network,
        options,
        to,
    };
    let explain = |doing: &'static str| move |error| errors.socket(doing, error);
    let usocket = USocket::new(network, OPENMV);
    let sock = usocket.socket();
    let addr = usocket
        .getaddrinfo(to.host(), to.port())
        .map_err(explain("looking up"))?[0]
        .sockaddr;
    sock.connect(addr).map_err(explain("connecting to"))?;
    sock.settimeout(5).map_err(explain("talking to"))?;
    let mut progress = Progress::start("sending", Some(data.len() as u64), !options.trace);
    for piece in data.chunks(PIECE) {
        sock.sendall(piece).map_err(explain("sending to"))?;
        progress.advance(piece.len() as u64);
    }
    // Waits until the modem has confirmed the last piece.
    sock.close().map_err(explain("sending to"))?;
    progress.finish();
    Ok(())
}

/// A server that takes one connection and keeps what comes.
fn receive_here() -> Result<(HostPort, JoinHandle<Vec<u8>>), Failure> {
    let other = |error: std::io::Error| Failure::Other(format!("cannot start a server: {error}"));
    let listener = TcpListener::bind("127.0.0.1:0").map_err(other)?;
    let to = listener.local_addr().map_err(other)?.to_string().parse()?;
    let receiver = thread::spawn(move || {
        let mut received = Vec::new();
        if let Ok((mut stream, _)) = listener.accept() {
            // What came before an error is compared like the rest.
            let _ = stream.read_to_end(&mut received);
        }
        received
    });
    Ok((to, receiver))
}
