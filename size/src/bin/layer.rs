//! `nal-socket` on a stack that costs nothing, with what the features ask for.
#![no_std]
#![no_main]

use core::hint::black_box;

use nal_socket::{Error, Network, TcpSocket};
use size::chip::Chip;
use size::now;

fn run() -> Result<(), Error> {
    let clock: fn() -> u64 = now;
    let network = Network::new(Chip, clock);
    #[cfg(any(feature = "layer-udp", feature = "layer-dns"))]
    let network = network.with_udp();
    #[cfg(feature = "layer-dns")]
    let network = network.with_dns_client(nal_socket::DnsClient::new(black_box(
        core::net::SocketAddr::from(([192, 0, 2, 1], 53)),
    )));

    let remote = black_box("192.0.2.1:80")
        .parse()
        .map_err(|_| nal_socket::ErrorKind::InvalidInput)?;
    #[cfg(any(feature = "layer-names", feature = "layer-dns"))]
    let remote = {
        let _: core::net::SocketAddr = remote;
        let hints = nal_socket::Hints::stream();
        network
            .getaddrinfo(black_box("example.org"), 80, hints)?
            .first()
            .sockaddr
    };

    let mut socket = TcpSocket::new(&network);
    socket.set_timeout(Some(core::time::Duration::from_secs(5)));
    socket.connect(remote)?;
    socket.sendall(b"GET / HTTP/1.0\r\n\r\n")?;
    let mut page = [0; 64];
    #[cfg(feature = "layer-stream")]
    while socket.readline(&mut page)? > 2 {
        socket.readinto(&mut page)?;
    }
    while socket.recv(&mut page)? > 0 {
        black_box(&page);
    }

    #[cfg(feature = "layer-server")]
    {
        let mut listener = nal_socket::TcpListener::new(&network);
        listener.bind(80)?;
        listener.listen()?;
        let (mut visitor, _) = listener.accept()?;
        visitor.sendall(b"hello")?;
    }

    #[cfg(feature = "layer-udp")]
    {
        let mut datagrams = nal_socket::UdpSocket::<_, 64>::sized(&network);
        datagrams.sendto(b"what time is it", remote)?;
        let (length, from) = datagrams.recvfrom(&mut page)?;
        black_box((length, from));
    }
    #[cfg(feature = "layer-poll")]
    {
        use nal_socket::{Events, Watch};
        let mut second = TcpSocket::new(&network);
        let (mut on_first, mut on_second) = (Watch::new(Events::IN), Watch::new(Events::OUT));
        network.poll(
            &mut [(&mut socket, &mut on_first), (&mut second, &mut on_second)],
            None,
        )?;
        black_box((on_first.ready(), on_second.ready()));
    }
    socket.close()
}

#[cortex_m_rt::entry]
fn main() -> ! {
    let _ = black_box(run());
    loop {}
}
