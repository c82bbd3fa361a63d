//! std-embedded-nal 0.4 on the loopback interface: real sockets, the others in threads.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use nal_socket::embedded_nal::TcpClientStack;
use nal_socket::{ErrorKind, Idle, Network, Platform, Policy, UdpFull, UdpPolicy};
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::libc::linger;
use nix::sys::socket::{SockaddrStorage, getsockname, setsockopt, sockopt};
use std_embedded_nal::Stack;

use crate::host_options;
use crate::world::{Address, Ending, Heard, Neighbour, Server, Step, World};

type TcpSocket = <Stack as TcpClientStack>::TcpSocket;
type Host = Network<Stack, Clock, UdpFull<Stack>>;

/// The host's clock, and sleeping for a moment.
pub struct Clock(Instant);

impl Platform for Clock {
    fn now(&self) -> u64 {
        self.0.elapsed().as_micros() as u64
    }
    fn idle(&self, _: Option<u64>) -> Idle {
        thread::sleep(Duration::from_micros(200));
        Idle::Continue
    }
}

/// The host's own sockets.
pub struct Loopback {
    host: Host,
    /// Its port is taken while nobody listens there, as long as the connection stands.
    refusing: TcpStream,
    _other_end: TcpListener,
}

pub fn loopback() -> impl Iterator<Item = Loopback> {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let host = Network::new(Stack, Clock(Instant::now()))
        .with_policy(Policy::strict().classify(|error| classify(&error.0)))
        .with_server()
        .with_accepted(without_blocking)
        .with_local_address_by(local_address)
        .with_tcp_options_by(host_options::set_tcp)
        .with_udp_policy(UdpPolicy::new().classify(classify))
        .with_udp_options_by(host_options::set_udp)
        .with_multicast_by(host_options::join, host_options::leave);
    std::iter::once(Loopback {
        host,
        refusing: TcpStream::connect(listener.local_addr().unwrap()).unwrap(),
        _other_end: listener,
    })
}

/// What the operating system's errors mean.
fn classify(error: &io::Error) -> ErrorKind {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => ErrorKind::ConnectionRefused,
        io::ErrorKind::ConnectionReset => ErrorKind::ConnectionReset,
        io::ErrorKind::BrokenPipe => ErrorKind::BrokenPipe,
        io::ErrorKind::NotConnected => ErrorKind::NotConnected,
        io::ErrorKind::AddrInUse => ErrorKind::AddressInUse,
        io::ErrorKind::AddrNotAvailable => ErrorKind::AddressNotAvailable,
        io::ErrorKind::InvalidInput => ErrorKind::InvalidInput,
        // What the host's resolver says has no kind of its own.
        _ if error.raw_os_error().is_none() => ErrorKind::NameNotFound,
        _ => ErrorKind::Other,
    }
}

/// The stack leaves what it accepts in blocking mode.
fn without_blocking(_: &mut Stack, socket: &mut TcpSocket) -> Result<(), ErrorKind> {
    let descriptor = socket.as_raw_fd().ok_or(ErrorKind::NotConnected)?;
    fcntl(descriptor, FcntlArg::F_SETFL(OFlag::O_NONBLOCK)).map_err(|_| ErrorKind::Other)?;
    Ok(())
}

fn local_address(_: &mut Stack, socket: &mut TcpSocket) -> nb::Result<SocketAddr, ErrorKind> {
    let other = nb::Error::Other(ErrorKind::Other);
    let descriptor = socket.as_raw_fd().ok_or(ErrorKind::NotConnected)?;
    let address: SockaddrStorage = getsockname(descriptor).map_err(|_| ErrorKind::Other)?;
    match (address.as_sockaddr_in(), address.as_sockaddr_in6()) {
        (Some(v4), _) => Ok((v4.ip(), v4.port()).into()),
        (_, Some(v6)) => Ok((v6.ip(), v6.port()).into()),
        _ => Err(other),
    }
}

fn address(at: SocketAddr) -> Address {
    (at.ip().to_string(), at.port().into())
}

impl World for Loopback {
    type Net<'w> = &'w Host;

    const SIMULATED: bool = false;
    const KNOWN: (&'static str, &'static str) = ("localhost", "127.0.0.1");
    const UNKNOWN: &'static str = "nobody.invalid";
    const PAUSE: u64 = 40_000;

    fn net(&self) -> &Host {
        &self.host
    }

    fn now(&self) -> u64 {
        self.host.platform().now()
    }

    fn pass(&self, us: u64) {
        thread::sleep(Duration::from_micros(us));
    }

    fn serve(&self, script: Vec<Step>) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = address(listener.local_addr().unwrap());
        let heard = Heard::default();
        let record = heard.clone();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (script, record) = (script.clone(), record.clone());
                thread::spawn(move || play(stream.unwrap(), script, &record));
            }
        });
        Server { address, heard }
    }

    fn refusing(&self) -> Address {
        address(self.refusing.local_addr().unwrap())
    }

    fn visit(&self, port: u16, script: Vec<Step>) -> Heard {
        let heard = Heard::default();
        let record = heard.clone();
        thread::spawn(move || match TcpStream::connect(("127.0.0.1", port)) {
            Ok(stream) => play(stream, script, &record),
            Err(_) => record.note(|record| record.ending = Some(Ending::Refused)),
        });
        heard
    }

    fn echo(&self, times: usize) -> Neighbour {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let address = address(socket.local_addr().unwrap());
        let heard = Arc::new(Mutex::new(vec![]));
        let record = heard.clone();
        thread::spawn(move || {
            let mut buf = [0; 2048];
            while let Ok((count, from)) = socket.recv_from(&mut buf) {
                record.lock().unwrap().push(buf[..count].to_vec());
                for _ in 0..times {
                    socket.send_to(&buf[..count], from).unwrap();
                }
            }
        });
        Neighbour { address, heard }
    }

    fn datagram(&self, port: u16, data: &[u8]) -> Address {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.send_to(data, ("127.0.0.1", port)).unwrap();
        address(socket.local_addr().unwrap())
    }

    /// Not one that the system gives to sockets without a port of their own.
    fn free_port(&self) -> u16 {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        loop {
            let next = NEXT.fetch_add(1, Ordering::Relaxed);
            let port = 10_000 + (std::process::id() * 61 + next) % 20_000;
            let port = u16::try_from(port).unwrap();
            if TcpListener::bind(("::", port)).is_ok() && UdpSocket::bind(("::", port)).is_ok() {
                return port;
            }
        }
    }

    fn has_no_delay(&self) -> bool {
        true
    }

    /// The machine may be busy with something else.
    fn plausible(&self, waited: u64, expected: u64) -> bool {
        (expected..expected + 5_000_000).contains(&waited)
    }
}

/// Plays a script on one connection.
fn play(mut stream: TcpStream, script: Vec<Step>, heard: &Heard) {
    heard.note(|record| record.connections += 1);
    let mut buf = [0; 4096];
    for step in script {
        match step {
            Step::Wait(us) => thread::sleep(Duration::from_micros(us)),
            Step::Read(count) => {
                let mut left = count;
                while left > 0 {
                    let most = left.min(buf.len());
                    let Ok(count @ 1..) = stream.read(&mut buf[..most]) else {
                        break;
                    };
                    left -= count;
                    heard.note(|record| record.bytes.extend(&buf[..count]));
                }
            }
            Step::Send(bytes) => {
                // The board may have gone.
                let _ = stream.write_all(&bytes);
            }
            Step::Close => {
                let _ = stream.shutdown(std::net::Shutdown::Write);
            }
            Step::Reset => {
                let at_once = linger {
                    l_onoff: 1,
                    l_linger: 0,
                };
                setsockopt(&stream, sockopt::Linger, &at_once).unwrap();
                return;
            }
        }
    }
    let ending = loop {
        match stream.read(&mut buf) {
            Ok(0) => break Ending::Orderly,
            Ok(count) => heard.note(|record| record.bytes.extend(&buf[..count])),
            Err(_) => break Ending::Reset,
        }
    };
    heard.note(|record| record.ending = Some(ending));
}
