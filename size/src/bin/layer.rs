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
    #[cfg(feature = "layer-udp")]
    let network = network.with_udp();

    let remote = black_box("192.0.2.1:80")
        .parse()
        .map_err(|_| nal_socket::ErrorKind::InvalidInput)?;
    #[cfg(feature = "layer-names")]
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
    socket.close()
}

#[cortex_m_rt::entry]
fn main() -> ! {
    let _ = black_box(run());
    loop {}
}
