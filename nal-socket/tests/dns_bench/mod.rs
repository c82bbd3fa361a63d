//! A network with a DNS client, and a scripted server on the other side.

// Every test file uses its own part of it.
#![allow(dead_code, unreachable_pub)]

use std::cell::RefCell;
use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;

use nal_socket::{DnsClient, Error, ErrorKind, Family, Hints};

use crate::datagrams::{Air, FullNetwork, addr, full};
use crate::dns_server::{A, Reply, kind_asked};

pub const NAME: &str = "www.example.org";

pub fn server() -> SocketAddr {
    addr("192.0.2.53:53")
}

pub fn v4() -> IpAddr {
    "198.51.100.7".parse().unwrap()
}

pub fn v6() -> IpAddr {
    "2001:db8::7".parse().unwrap()
}

pub fn dns() -> DnsClient {
    DnsClient::new(server())
}

/// Lets `answer` answer each question from the server's address, `after` microseconds later.
pub fn serve(air: &Rc<Air>, after: u64, answer: impl Fn(&[u8]) -> Vec<Vec<u8>> + 'static) {
    let seen = RefCell::new(0);
    let weak = Rc::downgrade(air);
    *air.hook.borrow_mut() = Some(Box::new(move || {
        let air = weak.upgrade().unwrap();
        let sent = air.sent.borrow().clone();
        for (to, question) in &sent[*seen.borrow()..] {
            assert_eq!(*to, server());
            for message in answer(question) {
                air.datagram(after, server(), &message);
            }
        }
        *seen.borrow_mut() = sent.len();
    }));
}

pub fn both(question: &[u8]) -> Vec<Vec<u8>> {
    let address = if kind_asked(question) == A {
        v4()
    } else {
        v6()
    };
    vec![Reply::to(question).address(NAME, address).bytes()]
}

pub fn find(network: &FullNetwork, hints: Hints) -> Result<Vec<IpAddr>, Error> {
    let found = network.getaddrinfo(NAME, 80, hints)?;
    Ok(found.iter().map(|entry| entry.sockaddr.ip()).collect())
}

pub fn ipv4() -> Hints {
    Hints::default().family(Family::Inet)
}

pub fn kind<T: std::fmt::Debug>(result: Result<T, Error>) -> ErrorKind {
    result.unwrap_err().kind()
}

/// The answer to one question about IPv4 that is answered so.
pub fn answered(answer: impl Fn(&[u8]) -> Vec<Vec<u8>> + 'static) -> Result<Vec<IpAddr>, Error> {
    let air = Air::new();
    serve(&air, 1_000, answer);
    find(&full(&air).with_dns_client(dns()), ipv4())
}
