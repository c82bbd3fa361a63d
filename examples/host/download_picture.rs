//! Downloads a picture through an ESP8285 modem, saves it and shows it.
//!
//! ```text
//! cargo run --example download_picture
//! cargo run --example download_picture -- --modem /dev/ttyUSB0 \
//!     --ssid home --password secret --url http://192.168.0.10/picture.bmp
//! ```
//!
//! The MicroPython original:
//!
//! ```python
//! sock = socket.socket()
//! addr = socket.getaddrinfo("dl.sipeed.com", 80)[0][-1]
//! sock.connect(addr)
//! sock.send("GET /MAIX/MaixPy/assets/Alice.bmp HTTP/1.1 ...")
//! sock.settimeout(5)
//! while True:
//!     data = sock.recv(4096)
//!     if len(data) == 0: break
//!     img = img + data
//! ```

use std::fs::{self, OpenOptions};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use examples::failure::Failure;
use examples::http::{End, HttpError, Request, Response};
use examples::http_server::{HttpServer, Page};
use examples::modem::{ModemOptions, WifiNetwork, bring_up};
use examples::progress::Progress;
use examples::sockets::{Explain, SocketReader};
use examples::url::HttpUrl;
use examples::{picture, say, terminal};
use usocket_api::{OPENMV, USocket};

/// Downloads a picture through an ESP8285 modem, saves it and shows it.
#[derive(Debug, Parser)]
struct Options {
    #[command(flatten)]
    modem: ModemOptions,
    /// What to download; without it and without --modem, a picture served by
    /// this program
    #[arg(long, value_name = "http://HOST[:PORT]/PATH")]
    url: Option<HttpUrl>,
    /// Where to save it; default: the name in the URL
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// The name the simulated modem knows the built-in server by.
const HOST: &str = "pictures.example";

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report("download_picture"),
    }
}

fn run(options: &Options) -> Result<(), Failure> {
    let url = match (&options.url, &options.modem.modem) {
        (Some(url), _) => url.clone(),
        (None, None) => format!("http://{HOST}/landscape.bmp").parse()?,
        (None, Some(_)) => {
            return Err(Failure::Usage(
                "--modem needs --url: nothing is simulated then".into(),
            ));
        }
    };
    let output = options
        .output
        .clone()
        .unwrap_or_else(|| default_name(&url).into());

    // Kept until the end: the server stops when it is dropped.
    let server = HttpServer::start(vec![Page::new(
        "/landscape.bmp",
        "image/bmp",
        picture::bmp(),
    )])
    .map_err(|error| Failure::Other(format!("cannot start the built-in server: {error}")))?;
    // Before a long download rather than after it.
    check_writable(&output)?;
    let network = bring_up(&options.modem, |simulated| {
        simulated.host(HOST, server.addr())
    })?;
    let body = fetch(&network, &url, &options.modem)?;
    fs::write(&output, &body).map_err(|error| Failure::output(&output, &error))?;
    say::result(format_args!(
        "saved {} ({} bytes)",
        output.display(),
        body.len()
    ));
    if let Err(error) = terminal::show(&body) {
        say::note(format_args!("not shown: {error}"));
    }
    Ok(())
}

fn fetch(network: &WifiNetwork, url: &HttpUrl, options: &ModemOptions) -> Result<Vec<u8>, Failure> {
    let errors = Explain {
        network,
        options,
        to: url.host_port(),
    };
    let explain = |doing: &'static str| move |error| errors.socket(doing, error);
    let usocket = USocket::new(network, OPENMV);
    say::note(format_args!("GET {url}"));
    let sock = usocket.socket();
    let addr = usocket
        .getaddrinfo(url.host(), url.port())
        .map_err(explain("looking up"))?[0]
        .sockaddr;
    sock.connect(addr).map_err(explain("connecting to"))?;
    sock.settimeout(5).map_err(explain("talking to"))?;
    sock.sendall(Request::get(url).to_bytes())
        .map_err(explain("sending to"))?;

    let mut response = Response::read(SocketReader(&sock)).map_err(|error| match error {
        HttpError::Transport(error) => errors.transfer(&error),
        error => error.into(),
    })?;
    let total = response.content_length();
    let mut progress = Progress::start(default_name(url), total, !options.trace);
    let mut body = Vec::new();
    let mut piece = [0; 4096];
    loop {
        match response.read(&mut piece) {
            Ok(0) => break,
            Ok(n) => {
                progress.advance(n as u64);
                body.extend_from_slice(&piece[..n]);
            }
            Err(error) => return Err(errors.transfer(&error)),
        }
    }
    progress.finish();
    if response.end() == Some(End::Silence) {
        say::note("the server gave no length and went silent: this may not be all");
    }
    sock.close().map_err(explain("closing"))?;
    Ok(body)
}

/// The last part of the path.
fn default_name(url: &HttpUrl) -> &str {
    let path = url.path().split(['?', '#']).next().unwrap_or_default();
    match path.rsplit('/').next() {
        Some(name) if !name.is_empty() && name != "." && name != ".." => name,
        _ => "picture.bmp",
    }
}

/// Whether the file can be written, without changing it.
fn check_writable(path: &Path) -> Result<(), Failure> {
    let existed = path.exists();
    OpenOptions::new()
        .append(true)
        .create(true)
        .open(path)
        .map_err(|error| Failure::output(path, &error))?;
    if !existed {
        // Not left behind empty if the download fails.
        let _ = fs::remove_file(path);
    }
    Ok(())
}
