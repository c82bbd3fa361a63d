//! The adapters between embedded-nal 0.8 and 0.9 over a stack that writes down what it is asked.
//!
//! `one-address-type` runs these tests again where both versions have the same address types.

use std::net::{IpAddr, SocketAddr};

use nal_socket::older::{FromV0_8, LookupError, OtherVersion, ToV0_8};
use nb::Error::{Other, WouldBlock};

const REMOTE: &str = "[2001:db8::1]:80";

fn remote<A: core::str::FromStr>() -> A {
    REMOTE.parse().ok().unwrap()
}

fn ip<A: core::str::FromStr>(text: &str) -> A {
    text.parse().ok().unwrap()
}

#[derive(Debug, PartialEq, Eq)]
enum Broken {
    Pipe,
    Else,
}

/// A stack that implements both versions' traits in the same way. Of calls
/// that may block, one in three each blocks, fails and succeeds; of the others, every second fails.
#[derive(Debug, Default)]
struct Recorder {
    calls: Vec<String>,
}

impl Recorder {
    fn note(&mut self, call: String) -> nb::Result<(), Broken> {
        self.calls.push(call);
        match self.calls.len() % 3 {
            1 => Err(WouldBlock),
            2 => Err(Other(Broken::Pipe)),
            _ => Ok(()),
        }
    }

    fn note_at_once(&mut self, call: String) -> Result<(), Broken> {
        self.calls.push(call);
        match self.calls.len() % 2 {
            1 => Err(Broken::Else),
            _ => Ok(()),
        }
    }
}

macro_rules! recorder {
    ($nal:ident, $SocketAddr:ty) => {
        impl $nal::TcpError for Broken {
            fn kind(&self) -> $nal::TcpErrorKind {
                match self {
                    Self::Pipe => $nal::TcpErrorKind::PipeClosed,
                    Self::Else => $nal::TcpErrorKind::Other,
                }
            }
        }

        impl $nal::TcpClientStack for Recorder {
            type TcpSocket = u8;
            type Error = Broken;

            fn socket(&mut self) -> Result<u8, Broken> {
                self.note_at_once("tcp socket".into()).map(|()| 7)
            }

            fn connect(&mut self, socket: &mut u8, to: $SocketAddr) -> nb::Result<(), Broken> {
                self.note(format!("tcp connect {socket} {to}"))
            }

            fn send(&mut self, socket: &mut u8, data: &[u8]) -> nb::Result<usize, Broken> {
                self.note(format!("tcp send {socket} {data:?}")).map(|()| 3)
            }

            fn receive(&mut self, socket: &mut u8, buf: &mut [u8]) -> nb::Result<usize, Broken> {
                buf[0] = b'x';
                self.note(format!("tcp receive {socket} {}", buf.len()))
                    .map(|()| 4)
            }

            fn close(&mut self, socket: u8) -> Result<(), Broken> {
                self.note_at_once(format!("tcp close {socket}"))
            }
        }

        impl $nal::TcpFullStack for Recorder {
            fn bind(&mut self, socket: &mut u8, port: u16) -> Result<(), Broken> {
                self.note_at_once(format!("tcp bind {socket} {port}"))
            }

            fn listen(&mut self, socket: &mut u8) -> Result<(), Broken> {
                self.note_at_once(format!("tcp listen {socket}"))
            }

            fn accept(&mut self, socket: &mut u8) -> nb::Result<(u8, $SocketAddr), Broken> {
                self.note(format!("tcp accept {socket}"))
                    .map(|()| (8, remote()))
            }
        }

        impl $nal::UdpClientStack for Recorder {
            type UdpSocket = u16;
            type Error = Broken;

            fn socket(&mut self) -> Result<u16, Broken> {
                self.note_at_once("udp socket".into()).map(|()| 9)
            }

            fn connect(&mut self, socket: &mut u16, to: $SocketAddr) -> Result<(), Broken> {
                self.note_at_once(format!("udp connect {socket} {to}"))
            }

            fn send(&mut self, socket: &mut u16, data: &[u8]) -> nb::Result<(), Broken> {
                self.note(format!("udp send {socket} {data:?}"))
            }

            fn receive(
                &mut self,
                socket: &mut u16,
                buf: &mut [u8],
            ) -> nb::Result<(usize, $SocketAddr), Broken> {
                buf[0] = b'y';
                self.note(format!("udp receive {socket} {}", buf.len()))
                    .map(|()| (5, remote()))
            }

            fn close(&mut self, socket: u16) -> Result<(), Broken> {
                self.note_at_once(format!("udp close {socket}"))
            }
        }

        impl $nal::UdpFullStack for Recorder {
            fn bind(&mut self, socket: &mut u16, port: u16) -> Result<(), Broken> {
                self.note_at_once(format!("udp bind {socket} {port}"))
            }

            fn send_to(
                &mut self,
                socket: &mut u16,
                to: $SocketAddr,
                data: &[u8],
            ) -> nb::Result<(), Broken> {
                self.note(format!("udp send_to {socket} {to} {data:?}"))
            }
        }
    };
}

recorder!(embedded_nal, SocketAddr);
recorder!(embedded_nal_v0_8, embedded_nal_v0_8::SocketAddr);

impl embedded_nal::Dns for Recorder {
    type Error = Broken;

    fn get_host_by_name(
        &mut self,
        host: &str,
        family: embedded_nal::AddrType,
    ) -> nb::Result<IpAddr, Broken> {
        self.note(format!("name {host} {family:?}"))
            .map(|()| ip("192.0.2.9"))
    }

    fn get_host_by_address(&mut self, _: IpAddr, _: &mut [u8]) -> nb::Result<usize, Broken> {
        unreachable!("the adapter cannot ask this")
    }
}

impl embedded_nal_v0_8::Dns for Recorder {
    type Error = Broken;

    fn get_host_by_name(
        &mut self,
        host: &str,
        family: embedded_nal_v0_8::AddrType,
    ) -> nb::Result<embedded_nal_v0_8::IpAddr, Broken> {
        self.note(format!("name {host} {family:?}"))
            .map(|()| ip("192.0.2.9"))
    }

    fn get_host_by_address(
        &self,
        address: embedded_nal_v0_8::IpAddr,
        result: &mut [u8],
    ) -> Result<usize, Broken> {
        let name = address.to_string();
        match result.get_mut(..name.len()) {
            Some(place) => {
                place.copy_from_slice(name.as_bytes());
                Ok(name.len())
            }
            None => Err(Broken::Else),
        }
    }
}

/// Goes through every function that the two versions have in common.
macro_rules! every_call_arrives {
    ($test:ident, $nal:ident, $adapter:expr, $SocketAddr:ty) => {
        #[test]
        fn $test() {
            use $nal::{TcpClientStack, TcpFullStack, UdpClientStack, UdpFullStack};

            let to: $SocketAddr = remote();
            let pipe = || Other(OtherVersion(Broken::Pipe));

            // What may block: "not yet", an error, success, and nothing done in the adapter.
            let mut stack = $adapter;
            let mut tcp = 1;
            let connect =
                |stack: &mut _, socket: &mut _| TcpClientStack::connect(stack, socket, to);
            assert_eq!(connect(&mut stack, &mut tcp), Err(WouldBlock));
            assert_eq!(connect(&mut stack, &mut tcp), Err(pipe()));
            assert_eq!(connect(&mut stack, &mut tcp), Ok(()));
            for outcome in [Err(WouldBlock), Err(pipe()), Ok(3)] {
                assert_eq!(TcpClientStack::send(&mut stack, &mut tcp, b"ab"), outcome);
            }
            let mut buf = [0; 6];
            for outcome in [Err(WouldBlock), Err(pipe()), Ok(4)] {
                assert_eq!(
                    TcpClientStack::receive(&mut stack, &mut tcp, &mut buf),
                    outcome
                );
            }
            assert_eq!(&buf, b"x\0\0\0\0\0");
            for outcome in [Err(WouldBlock), Err(pipe()), Ok((8, to))] {
                assert_eq!(stack.accept(&mut tcp), outcome);
            }
            let mut udp = 2;
            let pipe = || Other(Broken::Pipe);
            for outcome in [Err(WouldBlock), Err(pipe()), Ok(())] {
                assert_eq!(UdpClientStack::send(&mut stack, &mut udp, b"c"), outcome);
            }
            for outcome in [Err(WouldBlock), Err(pipe()), Ok((5, to))] {
                assert_eq!(
                    UdpClientStack::receive(&mut stack, &mut udp, &mut buf),
                    outcome
                );
            }
            assert_eq!(buf[0], b'y');
            for outcome in [Err(WouldBlock), Err(pipe()), Ok(())] {
                assert_eq!(stack.send_to(&mut udp, to, b"d"), outcome);
            }
            let asked: Vec<_> = stack.0.calls.chunks(3).map(|calls| &calls[0]).collect();
            assert_eq!(
                asked,
                [
                    "tcp connect 1 [2001:db8::1]:80",
                    "tcp send 1 [97, 98]",
                    "tcp receive 1 6",
                    "tcp accept 1",
                    "udp send 2 [99]",
                    "udp receive 2 6",
                    "udp send_to 2 [2001:db8::1]:80 [100]",
                ]
            );

            // What does not block: an error, then success.
            let mut stack = $adapter;
            let failed = || OtherVersion(Broken::Else);
            assert_eq!(TcpClientStack::socket(&mut stack), Err(failed()));
            assert_eq!(TcpClientStack::socket(&mut stack), Ok(7));
            for outcome in [Err(failed()), Ok(())] {
                assert_eq!(TcpFullStack::bind(&mut stack, &mut tcp, 81), outcome);
            }
            for outcome in [Err(failed()), Ok(())] {
                assert_eq!(stack.listen(&mut tcp), outcome);
            }
            for outcome in [Err(failed()), Ok(())] {
                assert_eq!(TcpClientStack::close(&mut stack, tcp), outcome);
            }
            let failed = || Broken::Else;
            assert_eq!(UdpClientStack::socket(&mut stack), Err(failed()));
            assert_eq!(UdpClientStack::socket(&mut stack), Ok(9));
            for outcome in [Err(failed()), Ok(())] {
                assert_eq!(UdpClientStack::connect(&mut stack, &mut udp, to), outcome);
            }
            for outcome in [Err(failed()), Ok(())] {
                assert_eq!(UdpFullStack::bind(&mut stack, &mut udp, 82), outcome);
            }
            for outcome in [Err(failed()), Ok(())] {
                assert_eq!(UdpClientStack::close(&mut stack, udp), outcome);
            }
            let asked: Vec<_> = stack.0.calls.chunks(2).map(|calls| &calls[0]).collect();
            assert_eq!(
                asked,
                [
                    "tcp socket",
                    "tcp bind 1 81",
                    "tcp listen 1",
                    "tcp close 1",
                    "udp socket",
                    "udp connect 2 [2001:db8::1]:80",
                    "udp bind 2 82",
                    "udp close 2",
                ]
            );
        }
    };
}

every_call_arrives!(
    every_call_arrives_in_an_older_stack,
    embedded_nal,
    FromV0_8(Recorder::default()),
    SocketAddr
);
every_call_arrives!(
    every_call_arrives_in_a_newer_stack,
    embedded_nal_v0_8,
    ToV0_8(Recorder::default()),
    embedded_nal_v0_8::SocketAddr
);

#[test]
fn the_kind_of_a_tcp_error_is_the_same_in_both_versions() {
    use embedded_nal::TcpErrorKind as Newer;
    use embedded_nal_v0_8::TcpErrorKind as Older;
    for (error, newer, older) in [
        (Broken::Pipe, Newer::PipeClosed, Older::PipeClosed),
        (Broken::Else, Newer::Other, Older::Other),
    ] {
        let error = OtherVersion(error);
        assert_eq!(embedded_nal::TcpError::kind(&error), newer);
        assert_eq!(embedded_nal_v0_8::TcpError::kind(&error), older);
    }
}

#[test]
fn names_are_looked_up_in_an_older_stack() {
    use embedded_nal::{AddrType, Dns};
    let mut stack = FromV0_8(Recorder::default());
    for (family, outcome) in [
        (AddrType::IPv4, Err(WouldBlock)),
        (AddrType::IPv6, Err(Other(Broken::Pipe))),
        (AddrType::Either, Ok(ip("192.0.2.9"))),
    ] {
        assert_eq!(stack.get_host_by_name("a.example", family), outcome);
    }
    assert_eq!(
        stack.0.calls,
        [
            "name a.example IPv4",
            "name a.example IPv6",
            "name a.example Either"
        ]
    );
    let mut name = [0; 16];
    assert_eq!(
        stack.get_host_by_address(ip("2001:db8::5"), &mut name),
        Ok(11)
    );
    assert_eq!(&name[..11], b"2001:db8::5");
    assert_eq!(
        stack.get_host_by_address(ip("2001:db8::5"), &mut [0; 10]),
        Err(Other(Broken::Else))
    );
}

#[test]
fn names_are_looked_up_in_a_newer_stack_but_addresses_are_not() {
    use embedded_nal_v0_8::{AddrType, Dns};
    let mut stack = ToV0_8(Recorder::default());
    for (family, outcome) in [
        (AddrType::IPv4, Err(WouldBlock)),
        (AddrType::IPv6, Err(Other(LookupError::Stack(Broken::Pipe)))),
        (AddrType::Either, Ok(ip("192.0.2.9"))),
    ] {
        assert_eq!(stack.get_host_by_name("a.example", family), outcome);
    }
    assert_eq!(
        stack.0.calls,
        [
            "name a.example IPv4",
            "name a.example IPv6",
            "name a.example Either"
        ]
    );
    assert_eq!(
        stack.get_host_by_address(ip("2001:db8::5"), &mut [0; 16]),
        Err(LookupError::Reverse)
    );
}

#[test]
fn there_and_back_is_the_stack_itself() {
    use embedded_nal::UdpFullStack;
    let mut stack = FromV0_8(ToV0_8(Recorder {
        calls: vec![String::new(); 2],
    }));
    assert_eq!(stack.send_to(&mut 2, remote(), b"d"), Ok(()));
    assert_eq!(
        stack.0.0.calls[2..],
        ["udp send_to 2 [2001:db8::1]:80 [100]"]
    );
}
