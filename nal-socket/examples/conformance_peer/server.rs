//! Runs the peer's sessions on the operating system's sockets, a thread for each.

use std::io::{self, ErrorKind, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use nal_socket::conformance::peer::{Action, Ledger, Session, datagram};
use socket2::{Domain, Protocol, SockRef, Socket, Type};

/// The most that a session which does not read keeps in the system, so that the sender runs into it.
const RECEIVE_BUFFER: usize = 16 * 1024;

/// Where the peer is. It serves until the process ends.
pub struct Server {
    pub sessions: SocketAddr,
    pub speaks_first: SocketAddr,
    pub datagrams: SocketAddr,
    pub more_datagrams: SocketAddr,
}

impl Server {
    /// Serves on the port of `address` and the next two; all are free ones if that is 0. `talk` prints
    /// what happens.
    pub fn start(address: SocketAddr, talk: bool) -> io::Result<Self> {
        let ledger = Arc::new(Mutex::new(Ledger::new()));
        let start = Instant::now();
        let next = |more: u16| {
            let mut next = address;
            if address.port() != 0 {
                next.set_port(address.port() + more);
            }
            next
        };
        let peer = Shared {
            ledger,
            start,
            talk,
        };
        let sessions = peer.clone().listen(address, Session::new)?;
        let speaks_first = peer.listen(next(1), Session::speaking_first)?;
        let (datagrams, more) = (UdpSocket::bind(address)?, UdpSocket::bind(next(2))?);
        let server = Self {
            sessions,
            speaks_first,
            datagrams: datagrams.local_addr()?,
            more_datagrams: more.local_addr()?,
        };
        let other = more.try_clone()?;
        let first = datagrams.try_clone()?;
        thread::spawn(move || answer(&datagrams, &other, talk));
        thread::spawn(move || answer(&more, &first, talk));
        Ok(server)
    }
}

#[derive(Clone)]
struct Shared {
    ledger: Arc<Mutex<Ledger>>,
    start: Instant,
    talk: bool,
}

impl Shared {
    fn listen(self, address: SocketAddr, session: fn() -> Session) -> io::Result<SocketAddr> {
        let listener = listener(address)?;
        let address = listener.local_addr()?;
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = self.clone();
                thread::spawn(move || {
                    // An error is the client's doing, and has been noted.
                    let _ = shared.serve(stream, session());
                });
            }
        });
        Ok(address)
    }

    fn serve(&self, mut stream: TcpStream, mut session: Session) -> io::Result<()> {
        let client = stream.peer_addr()?;
        self.say(client, "connected");
        stream.set_nodelay(true)?;
        let outcome = self.exchange(&mut stream, &mut session, client);
        if let Err(error) = &outcome {
            self.say(client, &format!("broken: {error}"));
            session.broken(&mut self.ledger());
        }
        outcome
    }

    fn exchange(
        &self,
        stream: &mut TcpStream,
        session: &mut Session,
        client: SocketAddr,
    ) -> io::Result<()> {
        stream.set_nonblocking(true)?;
        let mut waiting = Vec::new();
        let mut ended = false;
        loop {
            let mut idle = true;
            let room = session.room();
            if room > 0 && waiting.is_empty() && !ended {
                let mut buf = [0; 1024];
                match stream.read(&mut buf[..room.min(1024)]) {
                    Ok(0) => ended = true,
                    Ok(count) => {
                        waiting.extend_from_slice(&buf[..count]);
                        idle = false;
                    }
                    Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                    Err(error) => return Err(error),
                }
            }
            if !waiting.is_empty() {
                let taken = session.receive(&waiting, &mut self.ledger());
                waiting.drain(..taken);
                idle &= taken == 0;
            } else if ended {
                session.end(&mut self.ledger());
            }
            let now = self.start.elapsed().as_micros() as u64;
            match session.next(now, &mut self.ledger()) {
                Action::Send(bytes) => match stream.write(bytes) {
                    Ok(count) => {
                        session.sent(count);
                        idle = false;
                    }
                    Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                    Err(error) => return Err(error),
                },
                Action::Wait(_) => {}
                Action::Connect(port) => self.connect(SocketAddr::new(client.ip(), port)),
                Action::Finish => stream.shutdown(Shutdown::Write)?,
                Action::Close => {
                    self.say(client, "closing");
                    return Ok(());
                }
                Action::Reset => {
                    self.say(client, "resetting");
                    return SockRef::from(&*stream).set_linger(Some(Duration::ZERO));
                }
            }
            if idle {
                thread::sleep(Duration::from_millis(1));
            }
        }
    }

    /// Connects to the client; it may be a moment until it listens again.
    fn connect(&self, address: SocketAddr) {
        let shared = self.clone();
        thread::spawn(move || {
            for _ in 0..50 {
                if let Ok(stream) = TcpStream::connect(address) {
                    return shared.serve(stream, Session::new());
                }
                thread::sleep(Duration::from_millis(20));
            }
            shared.say(address, "cannot be connected to");
            Ok(())
        });
    }

    fn ledger(&self) -> std::sync::MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap()
    }

    fn say(&self, client: SocketAddr, what: &str) {
        if self.talk {
            println!("{client}: {what}");
        }
    }
}

/// A listener whose connections take in little that is not read.
fn listener(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(
        Domain::for_address(address),
        Type::STREAM,
        Some(Protocol::TCP),
    )?;
    if address.is_ipv6() {
        socket.set_only_v6(false)?;
    }
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    socket.set_recv_buffer_size(RECEIVE_BUFFER)?;
    socket.bind(&address.into())?;
    socket.listen(64)?;
    Ok(socket.into())
}

fn answer(socket: &UdpSocket, other: &UdpSocket, talk: bool) {
    let (mut request, mut reply) = ([0; 2048], [0; 2048]);
    loop {
        let Ok((count, client)) = socket.recv_from(&mut request) else {
            continue;
        };
        if talk {
            println!("{client}: a datagram of {count} bytes");
        }
        let replies = datagram(&request[..count], &mut reply);
        let from = if replies.from_other_port {
            other
        } else {
            socket
        };
        for _ in 0..replies.count {
            // What does not go out is lost, as datagrams are.
            let _ = from.send_to(&reply[..replies.length], client);
        }
    }
}
