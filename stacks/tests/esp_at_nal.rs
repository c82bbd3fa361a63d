//! esp-at-nal 0.5 on the simulated modem, in virtual time.

mod atat_bench;

use std::net::{Ipv4Addr, SocketAddrV4};
use std::time::Duration;

use atat_bench::Board;
use esp8285_sim::{MemoryNetwork, Serve};
use nal_socket::TcpSocket;
use nal_socket_stacks::esp_at_nal;

const SERVER: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::new(10, 0, 0, 1), 80);

#[test]
fn a_page_is_read_to_its_end() {
    let network = MemoryNetwork::new();
    network.listen(SERVER, || Box::new(Serve::new("hello")));
    let board = Board::joined(network);
    let network = esp_at_nal::network(board.adapter, board.platform);
    let mut socket = TcpSocket::new(&network);
    socket.set_timeout(Some(Duration::from_secs(5)));
    socket.connect(SERVER.into()).unwrap();
    socket.sendall(b"GET").unwrap();
    let mut buf = [0; 100];
    assert_eq!(socket.readinto(&mut buf), Ok(5));
    assert_eq!(&buf[..5], b"hello");
    assert_eq!(socket.recv(&mut buf), Ok(0));
}
