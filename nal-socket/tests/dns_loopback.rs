//! The DNS client against a server on a real socket.

mod dns_server;

use std::net::{IpAddr, UdpSocket};
use std::thread;
use std::time::{Duration, Instant};

use dns_server::{A, NXDOMAIN, Reply, kind_asked, labels};
use nal_socket::{DnsClient, ErrorKind, Hints, Network};

#[test]
fn names_are_looked_up_over_a_real_socket() {
    let v4 = IpAddr::from([127, 0, 0, 99]);
    let v6: IpAddr = "::1".parse().unwrap();
    let server = UdpSocket::bind("127.0.0.1:0").unwrap();
    server
        .set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    let nameserver = server.local_addr().unwrap();
    let answering = thread::spawn(move || {
        let mut buf = [0; 512];
        for turn in 0..4 {
            let (count, from) = server.recv_from(&mut buf).unwrap();
            let question = &buf[..count];
            let known = question[12..]
                .to_ascii_lowercase()
                .starts_with(&labels("board.example"));
            let reply = match (known, kind_asked(question) == A) {
                (true, true) => Reply::to(question).address("board.example", v4),
                (true, false) => Reply::to(question).address("board.example", v6),
                (false, _) => Reply::to(question).code(NXDOMAIN),
            };
            // What is lost on the way does not arrive twice.
            let mut forged = reply.bytes();
            forged[turn % 2] ^= 0xff;
            server.send_to(&forged, from).unwrap();
            server.send_to(&reply.bytes(), from).unwrap();
        }
    });

    let start = Instant::now();
    let now = || u64::try_from(start.elapsed().as_micros()).unwrap();
    let dns = DnsClient::new(nameserver)
        .timeout(Duration::from_secs(10))
        .attempts(1);
    let network = Network::without_dns(std_embedded_nal::Stack, now)
        .with_udp()
        .with_dns_client(dns);
    let found = network
        .getaddrinfo("Board.example", "coap", Hints::datagram())
        .unwrap();
    let addresses: Vec<_> = found.iter().map(|entry| entry.sockaddr).collect();
    assert_eq!(addresses, [(v4, 5683).into(), (v6, 5683).into()]);
    let unknown = network.getaddrinfo("no.example", 80, Hints::stream());
    assert_eq!(unknown.unwrap_err().kind(), ErrorKind::NameNotFound);
    answering.join().unwrap();
}
