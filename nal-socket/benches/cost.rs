//! What the layer costs above the stack, in instructions.
//!
//! ```text
//! cargo bench -p nal-socket
//! ```
//!
//! The stack is in memory and its functions are left out of the count, so what is shown is this crate
//! alone. Counted by callgrind on this machine's architecture: the bench runs itself under `valgrind`.

use std::convert::Infallible;
use std::hint::black_box;
use std::process::Command;

use embedded_io::BufRead;
use embedded_nal::{TcpClientStack, TcpError, TcpErrorKind, nb};
use nal_socket::{Events, Network, TcpSocket, Watch};

const PAYLOAD: usize = 64 * 1024;
const TURNS: usize = 1000;
/// What a reader asks for at once, and what the stack gives at once.
const SIZES: [usize; 4] = [1, 16, 64, 1460];

fn main() {
    let mut args = std::env::args().skip(1).filter(|a| a != "--bench");
    match args.next() {
        Some(what) => count(&what, args.next().and_then(|n| n.parse().ok()).unwrap_or(0)),
        None => table(),
    }
}

fn table() {
    bytes();
    turns();
}

/// A poll that finds nothing new: what waiting costs.
fn turns() {
    println!("\ninstructions per socket and turn of poll, nothing new, the stack's own left out");
    for (name, what) in [("IN", "poll-in"), ("OUT", "poll-out")] {
        print!("{name:<28}");
        for sockets in [1, 5, 20] {
            let total = collect(what, sockets) - collect("poll-nothing", sockets);
            print!("{:>9.1}", total as f64 / (TURNS * sockets) as f64);
        }
        println!("   for 1, 5, 20 sockets");
    }
}

fn bytes() {
    println!("instructions per byte, 64 KiB, the stack's own left out");
    print!("{:<28}", "bytes at once");
    SIZES.iter().for_each(|size| print!("{size:>9}"));
    println!();
    for what in [
        "stack", "recv", "readinto", "fill_buf", "readline", "send", "sendall",
    ] {
        print!("{what:<28}");
        for size in SIZES {
            let total = collect(what, size) - collect("nothing", size);
            print!("{:>9.2}", total as f64 / PAYLOAD as f64);
        }
        println!();
    }
}

/// Instructions inside the `measured_` functions, those of the stack left out.
fn collect(what: &str, size: usize) -> i64 {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        // Each switches the counting over when entered and when left.
        .args(["--toggle-collect=*measured*", "--toggle-collect=*Canned*"])
        .arg(std::env::current_exe().unwrap())
        .args([what, &size.to_string()])
        .output()
        .expect("valgrind is needed to count instructions");
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    text.lines()
        .find_map(|line| line.split("Collected :").nth(1))
        .and_then(|n| n.trim().parse().ok())
        .unwrap_or_else(|| panic!("callgrind said nothing usable:\n{text}"))
}

/// The cheapest stack there can be. Its functions are never inlined, so that they can be left out.
struct Canned {
    /// Lines of 40 bytes.
    payload: Vec<u8>,
    at: usize,
    /// How much it gives and takes at once.
    piece: usize,
    /// Has nothing to give, and nothing has ended.
    quiet: bool,
}

#[derive(Debug)]
struct Never(Infallible);

impl TcpError for Never {
    fn kind(&self) -> TcpErrorKind {
        match self.0 {}
    }
}

impl TcpClientStack for Canned {
    type TcpSocket = ();
    type Error = Never;

    #[inline(never)]
    fn socket(&mut self) -> Result<(), Never> {
        Ok(())
    }

    #[inline(never)]
    fn connect(&mut self, _: &mut (), _: std::net::SocketAddr) -> nb::Result<(), Never> {
        Ok(())
    }

    #[inline(never)]
    fn send(&mut self, _: &mut (), buffer: &[u8]) -> nb::Result<usize, Never> {
        Ok(buffer.len().min(self.piece))
    }

    #[inline(never)]
    fn receive(&mut self, _: &mut (), buffer: &mut [u8]) -> nb::Result<usize, Never> {
        if self.quiet {
            return Err(nb::Error::WouldBlock);
        }
        let rest = &self.payload[self.at..];
        let count = rest.len().min(buffer.len()).min(self.piece);
        buffer[..count].copy_from_slice(&rest[..count]);
        self.at += count;
        Ok(count)
    }

    #[inline(never)]
    fn close(&mut self, _: ()) -> Result<(), Never> {
        Ok(())
    }
}

type CannedNetwork = Network<Canned, fn() -> u64>;
type Socket<'n> = TcpSocket<&'n CannedNetwork>;

/// What runs under callgrind.
fn count(what: &str, size: usize) {
    let mut payload = Vec::with_capacity(PAYLOAD);
    while payload.len() < PAYLOAD {
        payload.extend_from_slice(b"a line of forty bytes with its line end\n");
    }
    payload.truncate(PAYLOAD);
    let stack = Canned {
        payload: payload.clone(),
        at: 0,
        piece: size,
        quiet: false,
    };
    let clock: fn() -> u64 = || 0;
    let network = Network::without_dns(stack, clock);
    let mut socket = TcpSocket::new(&network);
    socket.connect("192.0.2.1:80".parse().unwrap()).unwrap();
    match what {
        "stack" => network.with_stack(measured_stack).unwrap(),
        "recv" => measured_recv(&mut socket, size),
        "readinto" => measured_readinto(&mut socket),
        "fill_buf" => measured_fill_buf(&mut socket),
        "readline" => measured_readline(&mut socket),
        "send" => measured_send(&mut socket, &payload),
        "sendall" => socket_sendall_measured(&mut socket, &payload),
        "nothing" => {}
        "poll-in" => poll(&network, size, |network, sockets| {
            measured_poll(network, sockets, Events::IN);
        }),
        "poll-out" => poll(&network, size, |network, sockets| {
            measured_poll(network, sockets, Events::OUT);
        }),
        "poll-nothing" => poll(&network, size, |_, _| {}),
        other => panic!("{other}?"),
    }
}

/// Sockets that have read everything there is.
fn poll(
    network: &CannedNetwork,
    count: usize,
    measured: impl Fn(&CannedNetwork, &mut [Socket<'_>]),
) {
    network.with_stack(|stack| stack.quiet = true).unwrap();
    let mut sockets: Vec<_> = (0..count).map(|_| TcpSocket::new(network)).collect();
    for socket in &mut sockets {
        socket.connect("192.0.2.1:80".parse().unwrap()).unwrap();
    }
    measured(network, &mut sockets);
}

#[inline(never)]
fn measured_poll(network: &CannedNetwork, sockets: &mut [Socket<'_>], interest: Events) {
    let mut watches = vec![Watch::new(interest); sockets.len()];
    let mut entries: Vec<_> = sockets
        .iter_mut()
        .zip(&mut watches)
        .map(|(socket, watch)| (socket as &mut dyn nal_socket::Pollable, watch))
        .collect();
    for _ in 0..TURNS {
        black_box(network.poll(&mut entries, Some(core::time::Duration::ZERO))).unwrap();
    }
}

/// The loop a program would write without this crate.
#[inline(never)]
fn measured_stack(stack: &mut Canned) {
    let mut buf = [0; 1460];
    while let Ok(count) = stack.receive(&mut (), &mut buf) {
        if count == 0 {
            break;
        }
    }
    black_box(&buf);
}

#[inline(never)]
fn measured_recv(socket: &mut Socket<'_>, size: usize) {
    let mut buf = [0; 1460];
    while socket.recv(&mut buf[..size]).unwrap() > 0 {}
    black_box(&buf);
}

/// Large reads, whatever the stack gives at once.
#[inline(never)]
fn measured_readinto(socket: &mut Socket<'_>) {
    let mut buf = [0; 4096];
    while socket.readinto(&mut buf).unwrap() > 0 {}
    black_box(&buf);
}

#[inline(never)]
fn measured_fill_buf(socket: &mut Socket<'_>) {
    loop {
        let count = socket.fill_buf().unwrap().len();
        if count == 0 {
            break;
        }
        socket.consume(count);
    }
}

#[inline(never)]
fn measured_readline(socket: &mut Socket<'_>) {
    let mut buf = [0; 80];
    while socket.readline(&mut buf).unwrap() > 0 {}
    black_box(&buf);
}

#[inline(never)]
fn measured_send(socket: &mut Socket<'_>, data: &[u8]) {
    let mut rest = data;
    while !rest.is_empty() {
        rest = &rest[socket.send(rest).unwrap()..];
    }
}

#[inline(never)]
fn socket_sendall_measured(socket: &mut Socket<'_>, data: &[u8]) {
    socket.sendall(data).unwrap();
}
