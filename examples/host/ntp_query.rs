//! Asks a time server what time it is, and checks the answer as RFC 5905 wants.
//!
//! ```text
//! cargo run --example ntp_query
//! cargo run --example ntp_query -- --allow-net --server pool.ntp.org:123
//! cargo run --example ntp_query -- --modem /dev/ttyUSB0 --ssid home --password secret
//! ```
//!
//! Without a modem and without a network it asks a small server in this program,
//! which tells this computer's time.
//!
//! The MicroPython original, `ntp_query.py`:
//!
//! ```python
#![doc = include_str!("ntp_query.py")]
//! ```
//!
//! Limits: whole seconds, and the time the reply was on its way is not added.

use std::process::ExitCode;

use clap::Parser;
use examples::failure::Failure;
use examples::modem::{ModemOptions, bring_up};
use examples::ntp_server::NtpServer;
use examples::say;
use examples::sockets::Explain;
use examples::url::HostPort;
use jiff::Timestamp;
use nal_socket::NetworkRef;
use usocket_api::{AF_INET, OPENMV, OSError, SOCK_DGRAM, USocket};

/// Asks a time server what time it is.
#[derive(Debug, Parser)]
struct Options {
    #[command(flatten)]
    modem: ModemOptions,
    /// Whom to ask; default: pool.ntp.org:123, or without a network a server in
    /// this program
    #[arg(long, value_name = "HOST:PORT")]
    server: Option<HostPort>,
}

/// The name the simulated modem knows the built-in server by.
const HOST: &str = "time.example";

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report("ntp_query"),
    }
}

fn run(options: &Options) -> Result<(), Failure> {
    let outside = options.modem.modem.is_some() || options.modem.allow_net;
    let server = match (&options.server, outside) {
        (Some(server), _) => server.clone(),
        (None, true) => "pool.ntp.org:123".parse()?,
        (None, false) => format!("{HOST}:123").parse()?,
    };
    // Kept until the end: it stops when it is dropped.
    let built_in = NtpServer::start()
        .map_err(|error| Failure::Other(format!("cannot start the built-in server: {error}")))?;
    let network = bring_up(&options.modem, |simulated| {
        simulated.host(HOST, built_in.addr())
    })?;
    let socket = USocket::new(&network, OPENMV);
    let errors = Explain {
        network: &network,
        options: &options.modem,
        to: &server,
    };
    let now = query(&socket, server.host(), server.port())
        .map_err(|error| errors.socket("asking", error))?
        .ok_or_else(|| errors.unanswered())?;
    let now = Timestamp::from_second(now).map_err(|error| Failure::BadAnswer(error.to_string()))?;
    say::result(now);
    Ok(())
}

fn query<N: NetworkRef>(
    socket: &USocket<N>,
    host: &str,
    port: u16,
) -> Result<Option<i64>, OSError> {
    let sock = socket.socket_with(AF_INET, SOCK_DGRAM, 0)?;
    let address = socket.getaddrinfo_with(host, port, AF_INET, 0, 0, 0)?[0].sockaddr;
    sock.settimeout(5)?;
    for _ in 0..3 {
        let mut request = [0; 48];
        request[0] = 4 << 3 | 3; // version 4, mode 3: a client
        request[40..48].copy_from_slice(&rand::random::<[u8; 8]>()); // the transmit timestamp, which comes back as the origin
        sock.sendto(request, address)?;
        let (reply, sender) = match sock.recvfrom(100) {
            Ok(received) => received,
            Err(error) => {
                say::result(format_args!("no reply: {error}"));
                continue;
            }
        };
        if sender != address || !answers(&reply, &request) {
            say::result("not the reply to what was asked");
            continue;
        }
        let (leap, stratum) = (reply[0] >> 6, reply[1]);
        if stratum == 0 {
            say::result(format_args!(
                "turned away: {}",
                reply[12..16].escape_ascii()
            )); // such as RATE: asked too often
            break;
        }
        if leap == 3 || stratum > 15 || reply[40..48] == [0; 8] {
            say::result("the server does not know the time itself");
            continue;
        }
        sock.close()?;
        return Ok(Some(unix_time(&reply)));
    }
    sock.close()?;
    Ok(None)
}

fn answers(reply: &[u8], request: &[u8; 48]) -> bool {
    reply.len() >= 48 && reply[0] & 7 == 4 && reply[24..32] == request[40..48]
}

fn unix_time(reply: &[u8]) -> i64 {
    let mut seconds = i64::from(u32::from_be_bytes([
        reply[40], reply[41], reply[42], reply[43],
    ]));
    if seconds < 1 << 31 {
        seconds += 1 << 32; // it starts again from 0 in 2036
    }
    seconds - 2_208_988_800 // from 1900 to 1970
}
