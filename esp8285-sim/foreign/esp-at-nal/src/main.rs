//! esp-at-nal, as published, against the simulator on a TCP port.
//!
//! ```text
//! esp8285-sim-foreign-esp-at-nal MODEM HOST:PORT PAGE
//! ```
//!
//! MODEM is the address of `esp8285-sim --tcp`, HOST:PORT (numbers) where an HTTP server gives /page, and PAGE the file it
//! must be equal to. Every step is checked; the first that fails ends the program with its name.

use std::convert::Infallible;
use std::io::Read;
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use atat::blocking::Client;
use atat::{AtDigester, AtatIngress, Config, Ingress, ResponseSlot, UrcChannel};
use embedded_io_adapters::std::FromStd;
use embedded_nal::TcpClientStack;
use esp_at_nal::urc::URCMessages;
use esp_at_nal::wifi::{Adapter, WifiAdapter};
use fugit::{TimerDurationU32, TimerInstantU32};
use fugit_timer::Timer;

/// One piece of a page, and of a request. The answer fits into one piece: when it takes several, esp-at-nal may subtract
/// what it has read from a count that is already the newer one, and wait for ever.
const RX_SIZE: usize = 2_048;
const TX_SIZE: usize = 256;
/// A piece with its header and what may surround it.
const BUFFER: usize = 2 * RX_SIZE;
const URCS: usize = 32;

type Urcs = URCMessages<RX_SIZE>;
type Failure = Box<dyn std::error::Error>;

static SLOT: ResponseSlot<BUFFER> = ResponseSlot::new();
static CHANNEL: UrcChannel<Urcs, URCS, 1> = UrcChannel::new();

/// The host's clock, as the stack wants it.
struct Clock {
    start: Instant,
    end: Instant,
}

impl Timer<1_000_000> for Clock {
    type Error = Infallible;

    fn now(&mut self) -> TimerInstantU32<1_000_000> {
        TimerInstantU32::from_ticks(self.start.elapsed().as_micros() as u32)
    }

    fn start(&mut self, duration: TimerDurationU32<1_000_000>) -> Result<(), Infallible> {
        self.end = Instant::now() + Duration::from_micros(duration.ticks().into());
        Ok(())
    }

    fn cancel(&mut self) -> Result<(), Infallible> {
        Ok(())
    }

    fn wait(&mut self) -> nb::Result<(), Infallible> {
        if Instant::now() < self.end {
            return Err(nb::Error::WouldBlock);
        }
        Ok(())
    }
}

/// Prints the step, or fails with its name and what went wrong.
fn check<T, E: std::fmt::Debug>(step: &str, result: Result<T, E>) -> Result<T, Failure> {
    match result {
        Ok(value) => {
            println!("esp-at-nal: {step}");
            Ok(value)
        }
        Err(error) => Err(format!("esp-at-nal: {step} failed: {error:?}").into()),
    }
}

fn ensure(step: &str, good: bool, seen: impl std::fmt::Debug) -> Result<(), Failure> {
    check(step, if good { Ok(()) } else { Err(seen) })
}

/// Gives the modem's bytes to the parser until the connection ends.
fn listen(mut modem: TcpStream) {
    let mut buffer = [0; BUFFER];
    let mut ingress = Ingress::new(AtDigester::<Urcs>::new(), &mut buffer, &SLOT, &CHANNEL);
    let mut piece = [0; 256];
    while let Ok(length @ 1..) = modem.read(&mut piece) {
        if ingress.try_write(&piece[..length]).is_err() {
            eprintln!("esp-at-nal: the queue of messages is full");
        }
    }
}

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = env::args().collect();
    let [_, modem, server, page] = arguments.as_slice() else {
        return Err("usage: MODEM HOST:PORT PAGE".into());
    };
    let server: SocketAddr = server.parse()?;
    let page = fs::read(page)?;

    let modem = TcpStream::connect(modem)?;
    modem.set_nodelay(true)?;
    let reader = modem.try_clone()?;
    thread::spawn(move || listen(reader));
    let mut buffer = [0; 1_024];
    let client = Client::new(FromStd::new(modem), &SLOT, &mut buffer, Config::default());
    let clock = Clock {
        start: Instant::now(),
        end: Instant::now(),
    };
    let urcs = CHANNEL.subscribe().map_err(|error| format!("{error:?}"))?;
    let mut esp: Adapter<'_, _, _, 1_000_000, TX_SIZE, RX_SIZE, URCS> =
        Adapter::new(client, urcs, clock);

    check("restart", esp.restart())?;
    let state = check("join", esp.join("home", "secret pass"))?;
    ensure("connected", state.connected && state.ip_assigned, state)?;
    let address = check("address", esp.get_address())?;
    ensure(
        "has an address",
        address.ipv4.is_some() && address.mac.is_some(),
        &address,
    )?;

    for _ in 0..2 {
        let mut socket = check("socket", esp.socket())?;
        check("connect", esp.connect(&mut socket, server))?;
        let request = format!(
            "GET /page HTTP/1.1\r\nHost: {server}\r\nX-Padding: {}\r\n\r\n",
            "p".repeat(300)
        );
        check("send", esp.send(&mut socket, request.as_bytes()))?;
        let mut answer = Vec::new();
        let mut body = None;
        let limit = Instant::now() + Duration::from_secs(20);
        // The server leaves the connection open.
        while body.is_none_or(|start| answer.len() < start + page.len()) && Instant::now() < limit {
            let mut piece = [0; RX_SIZE];
            match esp.receive(&mut socket, &mut piece) {
                Ok(length) => answer.extend_from_slice(&piece[..length]),
                Err(nb::Error::WouldBlock) => thread::sleep(Duration::from_millis(1)),
                Err(nb::Error::Other(error)) => {
                    return Err(format!("esp-at-nal: receive failed: {error:?}").into());
                }
            }
            body = answer
                .windows(4)
                .position(|end| end == b"\r\n\r\n")
                .map(|at| at + 4);
        }
        ensure(
            "answer",
            answer.starts_with(b"HTTP/1.1 200 "),
            String::from_utf8_lossy(&answer),
        )?;
        let body = body.map_or(&[][..], |start| &answer[start..]);
        ensure(
            "page",
            body == page,
            format!("{} of {} bytes", body.len(), page.len()),
        )?;
        check("close", esp.close(socket))?;
    }
    Ok(())
}
