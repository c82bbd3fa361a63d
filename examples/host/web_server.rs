//! A web server on the board: a page that counts its visits.
//!
//! ```text
//! cargo run --example web_server
//! cargo run --example web_server -- --modem /dev/ttyUSB0 --ssid home --password secret
//! ```
//!
//! It prints the address to open in a browser. Without `--modem` that is this
//! computer's own: the simulated modem listens there.
//!
//! The MicroPython original, `web_server.py`:
//!
//! ```python
#![doc = include_str!("web_server.py")]
//! ```
//!
//! Limits: one client after the other. One that says nothing is given up after
//! two seconds. The modem holds five connections, and one that comes in the very
//! moment in which another is closed may get that one's place and be closed with
//! it: such clients are turned away and have to try again, as browsers do. Bodies
//! of requests are not read.

use std::net::Ipv4Addr;
use std::process::ExitCode;

use clap::Parser;
use examples::failure::Failure;
use examples::modem::{ModemOptions, bring_up, own_address};
use examples::sockets::Explain;
use examples::{interrupt, say};
use nal_socket::NetworkRef;
use usocket_api::{OPENMV, OSError, SO_REUSEADDR, SOL_SOCKET, Socket, USocket};

/// A web server on the board: a page that counts its visits.
#[derive(Debug, Parser)]
struct Options {
    #[command(flatten)]
    modem: ModemOptions,
    /// Port to listen at
    #[arg(long, default_value_t = 8080, value_parser = clap::value_parser!(u16).range(1..))]
    port: u16,
    /// End after so many requests; without it, at Ctrl-C
    #[arg(long, value_name = "N")]
    requests: Option<u32>,
}

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report("web_server"),
    }
}

fn run(options: &Options) -> Result<(), Failure> {
    let network = bring_up(&options.modem, |simulated| simulated)?;
    let host = own_address(&network, &options.modem)?;
    interrupt::on_ctrl_c()?;
    let socket = USocket::new(&network, OPENMV);
    let end = serve(&socket, host, options.port, options.requests);
    let errors = Explain {
        network: &network,
        options: &options.modem,
        to: &format!("{host}:{}", options.port).parse()?,
    };
    errors.served(end)
}

fn serve<N: NetworkRef>(
    socket: &USocket<N>,
    host: Ipv4Addr,
    port: u16,
    requests: Option<u32>,
) -> Result<(), OSError> {
    let listener = socket.socket();
    listener.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)?;
    listener.bind(socket.getaddrinfo("0.0.0.0", port)?[0].sockaddr)?;
    listener.listen(5)?;
    say::result(format_args!("http://{host}:{port}/"));
    let mut visits = 0;
    let mut answered = 0;
    while requests.is_none_or(|requests| answered < requests) {
        let (client, _addr) = listener.accept()?;
        client.settimeout(2)?;
        let mut talk = || {
            let request = read_request(&client)?;
            if let [method, path, ..] = request.as_slice() {
                if method == b"GET" && path == b"/" {
                    visits += 1;
                }
                client.sendall(answer(method, path, visits))?;
                answered += 1;
            }
            client.close()
        };
        if let Err(error) = talk() {
            say::result(format_args!("a client left: {error}"));
        }
    }
    listener.close()
}

fn read_request<N: NetworkRef>(client: &Socket<N>) -> Result<Vec<Vec<u8>>, OSError> {
    let lines = client.makefile_with("rwb", 0)?;
    let request = lines.readline_limit(1000)?.unwrap_or_default();
    let mut line = request.clone();
    while !matches!(line.as_slice(), b"\r\n" | b"\n" | b"") {
        line = lines.readline_limit(1000)?.unwrap_or_default();
    }
    let words = request.split(u8::is_ascii_whitespace);
    Ok(words
        .filter(|word| !word.is_empty())
        .map(<[u8]>::to_vec)
        .collect())
}

fn answer(method: &[u8], path: &[u8], visits: u32) -> String {
    let (status, mut body) = if ![&b"GET"[..], b"HEAD"].contains(&method) {
        (
            "405 Method Not Allowed",
            "<p>GET and HEAD only.</p>\n".to_owned(),
        )
    } else if path == b"/" {
        (
            "200 OK",
            format!("<title>ESP8285</title><h1>Hello</h1><p>Visit {visits}.</p>\n"),
        )
    } else {
        (
            "404 Not Found",
            "<p>There is no such page.</p>\n".to_owned(),
        )
    };
    let mut head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/html\r\nContent-Length: {}\r\n",
        body.len()
    );
    head += "Connection: close\r\n\r\n";
    if method == b"HEAD" {
        body.clear();
    }
    head + &body
}
