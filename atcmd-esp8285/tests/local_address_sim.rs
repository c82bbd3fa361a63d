//! Local addresses on the simulated modem: what its network says they are.

mod bench;

use std::cell::Cell;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::rc::Rc;

use atcmd_esp8285::wifi::AccessPointConfig;
use atcmd_esp8285::{Capability, ModemError, SocketError, TcpSocket};
use bench::{SERVER, Setup, Wifi, connect, joined, network};
use embedded_nal::{TcpClientStack, TcpFullStack};
use esp8285_sim::{Bench, Direction, Echo, MemoryNetwork, Peer, PeerIo};

/// Notes which port of the modem it talks to.
struct Port(Rc<Cell<u16>>);

impl Peer for Port {
    fn connected(&mut self, io: &mut PeerIo) {
        self.0.set(io.modem_port());
    }
    fn received(&mut self, _: &[u8], _: &mut PeerIo) {}
}

/// What the modem is told from here on is for [`commands`].
fn listen_in(bench: &Bench) {
    bench.record(true);
    bench.take_record();
}

fn commands(bench: &Bench) -> String {
    let to_modem = |(_, direction, bytes)| (direction == Direction::ToModem).then_some(bytes);
    let bytes = bench.take_record().into_iter().filter_map(to_modem);
    String::from_utf8(bytes.flatten().collect()).unwrap()
}

fn station(wifi: &mut Wifi<2048>) -> Ipv4Addr {
    let addresses = wifi.wait(|wifi| wifi.addresses()).unwrap();
    addresses.station.unwrap().ip.unwrap()
}

#[test]
fn a_connection_has_the_port_that_its_peer_sees() {
    for setup in Setup::every_dialect() {
        let network = network(setup);
        let seen = Rc::new(Cell::new(0));
        let noted = seen.clone();
        network.listen(SERVER, move || Box::new(Port(noted.clone())));
        let (bench, mut wifi) = joined::<2048>(setup, &network);
        let ip = station(&mut wifi);
        let mut ports = vec![];
        let mut sockets = vec![];
        for _ in 0..2 {
            let mut socket = connect(&mut wifi).unwrap();
            listen_in(&bench);
            let told = wifi.wait(|wifi| wifi.local_address(&mut socket));
            let said = commands(&bench);
            if !wifi.dialect().unwrap().has(Capability::LocalPort) {
                let unsupported = ModemError::Unsupported("AT+CIPSTATUS (local port)");
                assert_eq!(told, Err(SocketError::Modem(unsupported)), "{setup:?}");
                assert_eq!(said, "", "{setup:?}");
                continue;
            }
            let told = told.unwrap_or_else(|error| panic!("{setup:?}: {error}"));
            assert_eq!(told, SocketAddr::from((ip, seen.get())), "{setup:?}");
            assert_eq!(said, "AT+CIPSTATUS\r\nAT+CIFSR\r\n", "{setup:?}");
            assert_eq!(wifi.local_address(&mut socket), Ok(told), "{setup:?}");
            assert_eq!(commands(&bench), "", "{setup:?}");
            ports.push(told.port());
            sockets.push(socket);
        }
        if let [one, other] = ports[..] {
            assert_ne!(one, other, "{setup:?}");
        }
    }
}

fn listen(wifi: &mut Wifi<2048>, port: u16) -> Result<TcpSocket, SocketError> {
    let mut listener = TcpClientStack::socket(wifi)?;
    TcpFullStack::bind(wifi, &mut listener, port)?;
    wifi.listen(&mut listener)?;
    Ok(listener)
}

/// Has a peer connect, and says where the modem's end is.
fn local_for(
    wifi: &mut Wifi<2048>,
    (bench, network): (&Bench, &MemoryNetwork),
    listener: &mut TcpSocket,
    from: [u8; 4],
) -> SocketAddr {
    let from = SocketAddrV4::new(from.into(), 4711);
    // The server may still be starting.
    let at = bench.now() + 1_000_000;
    network.connect_to_modem(at, from, 8080, Echo);
    let (mut socket, peer) = wifi.wait(|wifi| wifi.accept(listener)).unwrap();
    assert_eq!(peer, SocketAddr::V4(from));
    listen_in(bench);
    let told = wifi.wait(|wifi| wifi.local_address(&mut socket)).unwrap();
    assert!(!commands(bench).contains("CIPSTATUS"), "the port is known");
    TcpClientStack::close(wifi, socket).unwrap();
    told
}

#[test]
fn an_accepted_connection_has_the_servers_port_on_the_interface_it_came_to() {
    for setup in Setup::every_dialect() {
        let network = network(setup);
        let (bench, mut wifi) = joined::<2048>(setup, &network);
        if !wifi.dialect().unwrap().has(Capability::Server) {
            continue;
        }
        let world = (&bench, &network);
        let ip = station(&mut wifi);
        let mut listener = listen(&mut wifi, 8080).unwrap();
        let everywhere = wifi.local_address(&mut listener);
        assert_eq!(everywhere, Ok(([0, 0, 0, 0], 8080).into()), "{setup:?}");
        let told = local_for(&mut wifi, world, &mut listener, [10, 0, 0, 9]);
        assert_eq!(told, (ip, 8080).into(), "{setup:?}");

        let config = AccessPointConfig::new("mine", "long enough");
        wifi.wait(|wifi| wifi.start_access_point(&config)).unwrap();
        let told = local_for(&mut wifi, world, &mut listener, [192, 168, 4, 2]);
        assert_eq!(told, ([192, 168, 4, 1], 8080).into(), "{setup:?}");
        let told = local_for(&mut wifi, world, &mut listener, [10, 0, 0, 9]);
        assert_eq!(told, (ip, 8080).into(), "{setup:?}");
    }
}
