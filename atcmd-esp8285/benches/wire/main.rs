//! What the driver costs: on the wire, in time, and in instructions.
//!
//! ```text
//! cargo bench -p atcmd-esp8285
//! ```
//!
//! Wire and time are exact, from the simulated modem in virtual time.
//! Instructions are counted by callgrind on this machine's architecture (the
//! bench runs itself under `valgrind`; without it that part says so), the code
//! of the serial port left out.

#[path = "../../tests/bench/mod.rs"]
mod bench;
mod canned;

use std::cell::RefCell;
use std::process::Command;
use std::rc::Rc;

use atcmd_esp8285::{Esp8285, ReceiveMode, TcpSocket};
use bench::{SERVER, Setup, connect, joined, network, pattern, send_all};
use canned::{Canned, Pace};
use embedded_nal::TcpClientStack;
use esp8285_sim::{Peer, PeerIo, Sink, Stats};

const PAYLOAD: usize = 64 * 1024;

fn main() {
    let mut args = std::env::args().skip(1).filter(|a| a != "--bench");
    match args.next().as_deref() {
        Some("count") => {
            let what: Vec<String> = args.collect();
            count(&what[0], &what[1], what[2] == "active");
        }
        _ => {
            wire();
            instructions();
        }
    }
}

/// One row of the wire table.
fn row(name: &str, setup: Setup, before: Stats, after: Stats, took_us: u64) {
    let bytes = (after.to_modem - before.to_modem) + (after.from_modem - before.from_modem);
    let overhead = 100.0 * (bytes as f64 / PAYLOAD as f64 - 1.0);
    let exchanges = (after.commands - before.commands) as f64 / (PAYLOAD / 1024) as f64;
    let line_rate = f64::from(setup.baud) / 10.0;
    let goodput = PAYLOAD as f64 / (took_us as f64 / 1e6) / line_rate;
    let mode = match setup.receive {
        ReceiveMode::Active => "active",
        _ => "passive",
    };
    println!(
        "{:<9} {:<10} {:<8} {:>7} {:>10.2} % {:>13.3} {:>10.3}",
        name,
        setup.dialect.to_string(),
        mode,
        setup.baud,
        overhead,
        exchanges,
        goodput
    );
}

fn wire() {
    for round_trip_us in [0, 2000] {
        println!("64 KiB each way, UART bytes of both directions, {round_trip_us} us round trip");
        println!(
            "direction dialect    receive     baud  over payload  exchanges/KiB  goodput/line"
        );
        let setups = || {
            Setup::all().flat_map(|setup| {
                [115_200, 921_600].map(|baud| Setup {
                    baud,
                    round_trip_us,
                    ..setup
                })
            })
        };
        setups().for_each(download);
        setups()
            .filter(|setup| setup.receive == ReceiveMode::Auto)
            .for_each(upload);
        println!();
    }
}

/// Starts to send a while after the connection, so that what comes before can
/// be told apart.
struct Late(Vec<u8>);

const LATE_US: u64 = 50_000;

impl Peer for Late {
    fn connected(&mut self, io: &mut PeerIo) {
        io.wake_at(io.now() + LATE_US);
    }
    fn received(&mut self, _: &[u8], _: &mut PeerIo) {}
    fn tick(&mut self, io: &mut PeerIo) {
        io.send(&std::mem::take(&mut self.0));
    }
}

fn download(setup: Setup) {
    let network = network(setup);
    let data = pattern(PAYLOAD);
    network.listen(SERVER, move || Box::new(Late(data.clone())));
    let (bench, mut wifi) = joined::<4096>(setup, &network);
    let mut socket = connect(&mut wifi).unwrap();
    bench.advance(LATE_US - 5000);
    let (before, start) = (bench.stats(), bench.now() + 5000);
    let (mut got, mut buf) = (0, [0; 2048]);
    while got < PAYLOAD {
        got += wifi
            .wait(|wifi| wifi.receive(&mut socket, &mut buf))
            .unwrap();
    }
    row(
        "download",
        setup,
        before,
        bench.stats(),
        bench.now() - start,
    );
}

fn upload(setup: Setup) {
    let network = network(setup);
    let received = Rc::new(RefCell::new(vec![]));
    let sink = received.clone();
    network.listen(SERVER, move || Box::new(Sink(sink.clone())));
    let (bench, mut wifi) = joined::<4096>(setup, &network);
    let mut socket = connect(&mut wifi).unwrap();
    let (before, start) = (bench.stats(), bench.now());
    send_all(&mut wifi, &mut socket, &pattern(PAYLOAD)).unwrap();
    row("upload", setup, before, bench.stats(), bench.now() - start);
    // ESP-AT confirms before the peer has it.
    bench.advance(1_000_000);
    assert_eq!(received.borrow().len(), PAYLOAD);
}

fn instructions() {
    if Command::new("valgrind").arg("--version").output().is_err() {
        println!("instructions per byte: not counted, valgrind is not installed");
        return;
    }
    println!("instructions per payload byte, driver alone (serial port left out)");
    println!(
        "(a read returns at most `chunk` bytes; `/call`: and then no more until the next call)"
    );
    println!("direction receive  UART chunk    driver");
    for (direction, mode) in [
        ("download", "passive"),
        ("download", "active"),
        ("upload", "passive"),
    ] {
        for chunk in ["1", "16", "64", "1024", "1/call", "16/call", "64/call"] {
            let total = collect(&[direction, chunk, mode]);
            // Outside of what is measured the port's functions switch the
            // counting on instead of off.
            let start_up = collect(&["nothing", chunk, mode]);
            let per_byte = (total - start_up) as f64 / PAYLOAD as f64;
            println!("{direction:<9} {mode:<8} {chunk:>10} {per_byte:>9.2}");
        }
    }
}

/// Instructions inside the `measured_` functions, those of the port left out.
fn collect(what: &[&str]) -> i64 {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        // Each switches the counting over when entered and when left.
        .args(["--toggle-collect=*measured*", "--toggle-collect=*Canned*"])
        .arg(std::env::current_exe().unwrap())
        .arg("count")
        .args(what)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    text.lines()
        .find_map(|line| line.split("Collected :").nth(1))
        .and_then(|n| n.trim().parse().ok())
        .unwrap_or_else(|| panic!("callgrind said nothing usable:\n{text}"))
}

type Driver = Esp8285<Canned, Pace, 4096>;

/// What runs under callgrind.
fn count(what: &str, chunk: &str, active: bool) {
    let pace = Pace::default();
    let (chunk, sparse) = match chunk.strip_suffix("/call") {
        Some(chunk) => (chunk, true),
        None => (chunk, false),
    };
    let canned = Canned::new(chunk.parse().unwrap(), sparse, active);
    let mode = if active {
        ReceiveMode::Active
    } else {
        ReceiveMode::Auto
    };
    let config = atcmd_esp8285::Config::new().receive(mode);
    let mut wifi: Driver = Esp8285::with_config(canned, pace, config);
    let mut socket = connect_canned(&mut wifi);
    match what {
        "download" => measured_download(&mut wifi, &mut socket),
        "upload" => measured_upload(&mut wifi, &mut socket, &pattern(PAYLOAD)),
        "nothing" => {}
        other => panic!("{other}?"),
    }
}

fn connect_canned(wifi: &mut Driver) -> TcpSocket {
    let mut socket = wifi.socket().unwrap();
    wifi.wait(|wifi| wifi.connect(&mut socket, SERVER.into()))
        .unwrap();
    socket
}

#[inline(never)]
fn measured_download(wifi: &mut Driver, socket: &mut TcpSocket) {
    let (mut got, mut buf) = (0, [0; 2048]);
    while got < PAYLOAD {
        if let Ok(n) = wifi.receive(socket, &mut buf) {
            got += n;
        }
    }
    std::hint::black_box(&buf);
}

#[inline(never)]
fn measured_upload(wifi: &mut Driver, socket: &mut TcpSocket, data: &[u8]) {
    let mut rest = data;
    while !rest.is_empty() {
        if let Ok(n) = wifi.send(socket, rest) {
            rest = &rest[n..];
        }
    }
    while wifi.send(socket, b"").is_err() {}
}
