//! No byte is copied between the stack and the caller but by way of the look-ahead: the stack is given
//! the caller's own buffer.

use std::cell::RefCell;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::ops::Range;

use embedded_io::BufRead;
use embedded_nal::{TcpClientStack, TcpError, TcpErrorKind, UdpClientStack, UdpFullStack, nb};
use nal_socket::{LOOKAHEAD, Network, NoUdp, Policy, TcpSocket, UdpFull, UdpSocket};

/// Remembers the memory it was given.
#[derive(Default)]
struct Witness(RefCell<Vec<Range<usize>>>);

impl Witness {
    fn sees(&mut self, memory: &[u8]) {
        let start = memory.as_ptr().addr();
        self.0.get_mut().push(start..start + memory.len());
    }
}

#[derive(Debug)]
struct Never(Infallible);

impl TcpError for Never {
    fn kind(&self) -> TcpErrorKind {
        match self.0 {}
    }
}

const SOMEBODY: &str = "192.0.2.1:80";

impl TcpClientStack for Witness {
    type TcpSocket = ();
    type Error = Never;

    fn socket(&mut self) -> Result<(), Never> {
        Ok(())
    }
    fn connect(&mut self, _: &mut (), _: SocketAddr) -> nb::Result<(), Never> {
        Ok(())
    }
    fn send(&mut self, _: &mut (), buffer: &[u8]) -> nb::Result<usize, Never> {
        self.sees(buffer);
        Ok(buffer.len().min(100))
    }
    fn receive(&mut self, _: &mut (), buffer: &mut [u8]) -> nb::Result<usize, Never> {
        self.sees(buffer);
        let count = buffer.len().min(100);
        buffer[..count].fill(b'x');
        Ok(count)
    }
    fn close(&mut self, _: ()) -> Result<(), Never> {
        Ok(())
    }
}

impl UdpClientStack for Witness {
    type UdpSocket = ();
    type Error = Never;

    fn socket(&mut self) -> Result<(), Never> {
        Ok(())
    }
    fn connect(&mut self, _: &mut (), _: SocketAddr) -> Result<(), Never> {
        Ok(())
    }
    fn send(&mut self, _: &mut (), buffer: &[u8]) -> nb::Result<(), Never> {
        self.sees(buffer);
        Ok(())
    }
    fn receive(&mut self, _: &mut (), buffer: &mut [u8]) -> nb::Result<(usize, SocketAddr), Never> {
        self.sees(buffer);
        Ok((buffer.len().min(100), SOMEBODY.parse().unwrap()))
    }
    fn close(&mut self, _: ()) -> Result<(), Never> {
        Ok(())
    }
}

impl UdpFullStack for Witness {
    fn bind(&mut self, _: &mut (), _: u16) -> Result<(), Never> {
        Ok(())
    }
    fn send_to(&mut self, _: &mut (), _: SocketAddr, buffer: &[u8]) -> nb::Result<(), Never> {
        self.sees(buffer);
        Ok(())
    }
}

type Net<U = NoUdp> = Network<Witness, fn() -> u64, U>;

fn network() -> Net<UdpFull<Witness>> {
    let clock: fn() -> u64 = || 0;
    Network::without_dns(Witness::default(), clock)
        .with_policy(Policy::strict())
        .with_udp()
}

/// What the stack was given since the last time, as offsets into `memory`; `None` for other memory.
fn given(net: &Net<UdpFull<Witness>>, memory: &[u8]) -> Vec<Option<Range<usize>>> {
    let start = memory.as_ptr().addr();
    let seen = net.with_stack(|stack| stack.0.take()).unwrap();
    let inside = |range: Range<usize>| {
        let within = range.start >= start && range.end <= start + memory.len();
        within.then(|| range.start - start..range.end - start)
    };
    seen.into_iter().map(inside).collect()
}

fn connected(net: &Net<UdpFull<Witness>>) -> TcpSocket<&Net<UdpFull<Witness>>> {
    let mut socket = TcpSocket::new(net);
    socket.connect(SOMEBODY.parse().unwrap()).unwrap();
    socket
}

#[test]
fn received_bytes_go_straight_into_the_callers_buffer() {
    let net = network();
    let mut socket = connected(&net);
    let mut buf = [0; 250];
    socket.recv(&mut buf).unwrap();
    assert_eq!(given(&net, &buf), [Some(0..250)]);
    socket.readinto(&mut buf).unwrap();
    let pieces = [Some(0..250), Some(100..250), Some(200..250)];
    assert_eq!(given(&net, &buf), pieces);
}

#[test]
fn sent_bytes_go_straight_from_the_callers_buffer() {
    let net = network();
    let mut socket = connected(&net);
    let data = [7; 250];
    socket.sendall(&data).unwrap();
    let pieces = [Some(0..250), Some(100..250), Some(200..250)];
    assert_eq!(given(&net, &data), pieces);
}

#[test]
fn lines_buffered_reads_and_peeks_go_through_the_look_ahead() {
    let net = network();
    let mut socket = connected(&net);
    let mut buf = [0; 10];
    socket.readline(&mut buf).unwrap();
    assert_eq!(given(&net, &buf), [None]);
    // What was taken ahead is lent, not copied again, and the stack is not asked.
    let lent = socket.fill_buf().unwrap();
    let (address, length) = (lent.as_ptr().addr(), lent.len());
    assert_eq!(length, 90);
    assert!(given(&net, &buf).is_empty());
    socket.consume(90);
    socket.peek(&mut buf).unwrap();
    let start = address - 10;
    let seen = net.with_stack(|stack| stack.0.take()).unwrap();
    let room = start..start + LOOKAHEAD;
    assert_eq!(seen, std::slice::from_ref(&room));
}

#[test]
fn datagrams_go_straight_into_a_buffer_that_holds_the_largest() {
    let net = network();
    let mut socket = UdpSocket::<_, 200>::sized(&net);
    let data = [7; 50];
    socket.sendto(&data, SOMEBODY.parse().unwrap()).unwrap();
    assert_eq!(given(&net, &data), [Some(0..50)]);
    let mut buf = [0; 200];
    socket.recvfrom(&mut buf).unwrap();
    assert_eq!(given(&net, &buf), [Some(0..200)]);
    // A shorter one is filled by way of the socket's room.
    socket.recvfrom(&mut buf[..199]).unwrap();
    assert_eq!(given(&net, &buf), [None]);
}
