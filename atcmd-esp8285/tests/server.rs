//! TCP server sockets on the simulated modem, in every dialect.

mod bench;

use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};

use atcmd_esp8285::{Config, Esp8285, ModemError, ReceiveMode, SocketError, TcpSocket};
use bench::{Setup, VirtualClock, Wifi, connect, joined, network, receive_all, send_all};
use embedded_nal::{TcpClientStack, TcpFullStack};
use esp8285_sim::{
    AccessPoint, Air, Bench, BenchConfig, ClientState, Dialect, Echo, MemoryNetwork, Modem, Peer,
    Serve, Silent, Sink, SocketId,
};

const PORT: u16 = 80;

fn from(n: u8) -> SocketAddrV4 {
    SocketAddrV4::new(Ipv4Addr::new(192, 168, 1, n), 4000 + u16::from(n))
}

fn with_server() -> impl Iterator<Item = Setup> {
    Setup::every_dialect()
        .filter(|setup| setup.dialect != Dialect::EspAtMod)
        .flat_map(|setup| {
            [ReceiveMode::Auto, ReceiveMode::Active].map(|receive| Setup { receive, ..setup })
        })
}

fn run(bench: &Bench, wifi: &mut Wifi<4096>, us: u64) {
    let until = bench.now() + us;
    while bench.now() < until {
        wifi.poll().unwrap();
        bench.idle(Some(until));
    }
}

fn listening(bench: &Bench, wifi: &mut Wifi<4096>) -> TcpSocket {
    let mut listener = TcpClientStack::socket(wifi).unwrap();
    wifi.bind(&mut listener, PORT).unwrap();
    wifi.listen(&mut listener).unwrap();
    run(bench, wifi, 200_000);
    listener
}

/// A driver that listens, on a network of its own.
fn serving(setup: Setup) -> (MemoryNetwork, Bench, Wifi<4096>, TcpSocket) {
    let network = network(setup);
    let (bench, mut wifi) = joined::<4096>(setup, &network);
    let listener = listening(&bench, &mut wifi);
    (network, bench, wifi, listener)
}

fn client(network: &MemoryNetwork, bench: &Bench, n: u8, peer: impl Peer + 'static) -> SocketId {
    network.connect_to_modem(bench.now(), from(n), PORT, peer)
}

fn accept(
    wifi: &mut Wifi<4096>,
    listener: &mut TcpSocket,
) -> Result<(TcpSocket, SocketAddr), SocketError> {
    wifi.wait(|wifi| wifi.accept(listener))
}

#[test]
fn a_peer_is_accepted_with_its_address_and_data_goes_both_ways() {
    for setup in with_server() {
        let (network, bench, mut wifi, mut listener) = serving(setup);
        let request = bench::pattern(5000);
        let sink = Sink::default();
        client(&network, &bench, 9, sink.clone());
        let (mut socket, address) = accept(&mut wifi, &mut listener).unwrap();
        assert_eq!(address, from(9).into(), "{setup:?}");
        network.act(bench.now(), from(9), |io| {
            io.send(&request);
            io.close();
        });
        assert_eq!(receive_all(&mut wifi, &mut socket).unwrap(), request);
        TcpClientStack::close(&mut wifi, socket).unwrap();

        client(&network, &bench, 10, sink.clone());
        let (mut socket, address) = accept(&mut wifi, &mut listener).unwrap();
        assert_eq!(address, from(10).into(), "{setup:?}");
        send_all(&mut wifi, &mut socket, &request).unwrap();
        TcpClientStack::close(&mut wifi, socket).unwrap();
        run(&bench, &mut wifi, 500_000);
        assert_eq!(*sink.0.borrow(), request, "{setup:?}");
    }
}

#[test]
fn data_that_came_with_the_connection_is_there() {
    for setup in with_server() {
        let (network, bench, mut wifi, mut listener) = serving(setup);
        client(
            &network,
            &bench,
            9,
            Serve::new(b"at once".to_vec()).at_connect(),
        );
        let (mut socket, _) = accept(&mut wifi, &mut listener).unwrap();
        assert_eq!(receive_all(&mut wifi, &mut socket).unwrap(), b"at once");
    }
}

#[test]
fn a_peer_that_closed_before_it_was_accepted_is_still_read() {
    for setup in with_server() {
        let (network, bench, mut wifi, mut listener) = serving(setup);
        client(
            &network,
            &bench,
            9,
            Serve::new(b"bye".to_vec()).at_connect(),
        );
        run(&bench, &mut wifi, 2_000_000);
        let (mut socket, address) = accept(&mut wifi, &mut listener).unwrap();
        // The modem still knows it where it withholds CLOSED until all is read.
        assert!([from(9).to_string(), "0.0.0.0:0".into()].contains(&address.to_string()));
        assert_eq!(
            receive_all(&mut wifi, &mut socket).unwrap(),
            b"bye",
            "{setup:?}"
        );
    }
}

#[test]
fn five_peers_at_once_are_accepted_in_the_order_they_came() {
    for setup in with_server() {
        let (network, bench, mut wifi, mut listener) = serving(setup);
        for n in 1..=5 {
            client(&network, &bench, n, Echo);
            run(&bench, &mut wifi, 50_000);
        }
        let mut sockets = vec![];
        for n in 1..=5 {
            let (socket, address) = accept(&mut wifi, &mut listener).unwrap();
            assert_eq!(address, from(n).into(), "{setup:?}");
            sockets.push(socket);
        }
        for (n, socket) in sockets.iter_mut().enumerate() {
            let text = vec![b'a' + n as u8; 300];
            send_all(&mut wifi, socket, &text).unwrap();
            let mut got = vec![];
            while got.len() < text.len() {
                let mut buf = [0; 512];
                let n = wifi
                    .wait(|wifi| TcpClientStack::receive(wifi, socket, &mut buf))
                    .unwrap();
                got.extend_from_slice(&buf[..n]);
            }
            assert_eq!(got, text, "{setup:?}");
        }
    }
}

#[test]
fn a_closed_peer_makes_room_for_the_next() {
    for setup in with_server() {
        let (network, bench, mut wifi, mut listener) = serving(setup);
        for n in 1..=12 {
            client(&network, &bench, n, Silent);
            let (mut socket, address) = accept(&mut wifi, &mut listener).unwrap();
            assert_eq!(address, from(n).into(), "{setup:?}");
            network.act(bench.now(), from(n), |io| {
                io.send(&[n; 100]);
                io.close();
            });
            assert_eq!(receive_all(&mut wifi, &mut socket).unwrap(), vec![n; 100]);
            TcpClientStack::close(&mut wifi, socket).unwrap();
        }
    }
}

#[test]
fn connections_from_here_and_peers_share_the_links() {
    for setup in with_server() {
        let network = network(setup);
        network.listen(bench::SERVER, || Box::new(Echo));
        let (bench, mut wifi) = joined::<4096>(setup, &network);
        let mut listener = listening(&bench, &mut wifi);
        for n in 1..=10 {
            // Both at the same moment: who gets which link is a race.
            client(&network, &bench, n, Echo);
            let mut here = connect(&mut wifi).unwrap();
            let (mut peer, address) = accept(&mut wifi, &mut listener).unwrap();
            assert_eq!(address, from(n).into(), "{setup:?}");
            for socket in [&mut here, &mut peer] {
                send_all(&mut wifi, socket, &[n; 10]).unwrap();
                let mut buf = [0; 64];
                let got = wifi
                    .wait(|wifi| TcpClientStack::receive(wifi, socket, &mut buf))
                    .unwrap();
                assert_eq!(&buf[..got], [n; 10]);
            }
            TcpClientStack::close(&mut wifi, here).unwrap();
            TcpClientStack::close(&mut wifi, peer).unwrap();
            run(&bench, &mut wifi, 100_000);
        }
    }
}

#[test]
fn after_closing_the_listener_peers_are_turned_away() {
    for setup in with_server() {
        let (network, bench, mut wifi, listener) = serving(setup);
        TcpClientStack::close(&mut wifi, listener).unwrap();
        run(&bench, &mut wifi, 200_000);
        let id = client(&network, &bench, 9, Silent);
        run(&bench, &mut wifi, 500_000);
        let state = network.client(id);
        assert!(
            matches!(state, ClientState::Refused | ClientState::Closed),
            "{setup:?}: {state:?}"
        );
        // And a new listener works.
        let mut listener = listening(&bench, &mut wifi);
        client(&network, &bench, 10, Silent);
        let (_, address) = accept(&mut wifi, &mut listener).unwrap();
        assert_eq!(address, from(10).into(), "{setup:?}");
    }
}

#[test]
fn the_server_comes_back_after_a_restart() {
    for setup in with_server() {
        let (network, bench, mut wifi, mut listener) = serving(setup);
        client(&network, &bench, 9, Silent);
        let (mut socket, _) = accept(&mut wifi, &mut listener).unwrap();
        bench.with_modem(|modem| modem.reset());
        let got = wifi.wait(|wifi| TcpClientStack::receive(wifi, &mut socket, &mut [0; 8]));
        assert_eq!(
            got,
            Err(SocketError::Modem(ModemError::Restarted)),
            "{setup:?}"
        );
        TcpClientStack::close(&mut wifi, socket).unwrap();
        wifi.wait(|wifi| wifi.join("net", "password")).unwrap();
        client(&network, &bench, 10, Silent);
        let (_, address) = accept(&mut wifi, &mut listener).unwrap();
        assert_eq!(address, from(10).into(), "{setup:?}");
    }
}

#[test]
fn silent_peers_stay_beyond_the_firmwares_three_minutes() {
    for setup in with_server() {
        let (network, bench, mut wifi, mut listener) = serving(setup);
        let id = client(&network, &bench, 9, Silent);
        let (mut socket, _) = accept(&mut wifi, &mut listener).unwrap();
        let until = bench.now() + 400_000_000;
        while bench.now() < until {
            wifi.poll().unwrap();
            bench.idle(Some(bench.now() + 10_000_000));
        }
        assert_eq!(network.client(id), ClientState::Connected, "{setup:?}");
        send_all(&mut wifi, &mut socket, b"still here").unwrap();
    }
}

#[test]
fn the_modems_time_out_can_be_asked_for() {
    for setup in with_server() {
        let network = network(setup);
        let (bench, mut wifi) = with_config(setup, &network, Config::new().server_timeout(10));
        let mut listener = listening(&bench, &mut wifi);
        client(&network, &bench, 9, Silent);
        let (mut socket, _) = accept(&mut wifi, &mut listener).unwrap();
        let began = bench.now();
        assert_eq!(
            receive_all(&mut wifi, &mut socket).unwrap(),
            b"",
            "{setup:?}"
        );
        let took = bench.now() - began;
        assert!((9_000_000..12_500_000).contains(&took), "{setup:?}: {took}");
    }
}

fn with_config(setup: Setup, network: &MemoryNetwork, config: Config) -> (Bench, Wifi<4096>) {
    let air = Air::new()
        .ap(AccessPoint::new("net", "password"))
        .join_time_ms(100);
    let modem = Modem::new(setup.dialect, air, network.clone());
    let bench = Bench::new(modem, BenchConfig::default());
    let clock = VirtualClock(bench.clone());
    let config = config.receive(setup.receive);
    let mut wifi = Esp8285::with_config(bench.uart(), clock, config);
    wifi.wait(|wifi| wifi.join("net", "password")).unwrap();
    (bench, wifi)
}

#[test]
fn links_can_be_kept_back_from_the_server_where_the_firmware_can() {
    for setup in with_server() {
        let network = network(setup);
        network.listen(bench::SERVER, || Box::new(Echo));
        let (bench, mut wifi) = with_config(setup, &network, Config::new().server_links(2));
        let mut listener = TcpClientStack::socket(&mut wifi).unwrap();
        wifi.bind(&mut listener, PORT).unwrap();
        if !wifi
            .dialect()
            .unwrap()
            .has(atcmd_esp8285::Capability::ServerLimit)
        {
            let unsupported = ModemError::Unsupported("AT+CIPSERVERMAXCONN");
            let result = wifi.listen(&mut listener);
            assert_eq!(result, Err(unsupported.into()), "{setup:?}");
            continue;
        }
        wifi.listen(&mut listener).unwrap();
        run(&bench, &mut wifi, 200_000);
        for n in 1..=5 {
            client(&network, &bench, n, Silent);
        }
        run(&bench, &mut wifi, 500_000);
        for _ in 0..3 {
            connect(&mut wifi).unwrap();
        }
        assert_eq!(
            connect(&mut wifi).unwrap_err(),
            SocketError::NoFreeLink,
            "{setup:?}"
        );
        for _ in 0..2 {
            accept(&mut wifi, &mut listener).unwrap();
        }
    }
}

#[test]
fn one_listener_at_a_time_and_only_where_there_is_a_server() {
    let setup = Setup::new(Dialect::NonOs1_7, ReceiveMode::Auto);
    let (bench, mut wifi) = joined::<4096>(setup, &network(setup));
    let mut first = listening(&bench, &mut wifi);
    let mut second = TcpClientStack::socket(&mut wifi).unwrap();
    let result = wifi.listen(&mut second);
    assert_eq!(result, Err(SocketError::NotConnected), "not bound");
    let taken = Err(SocketError::PortInUse);
    assert_eq!(wifi.bind(&mut second, PORT), taken);
    wifi.bind(&mut second, 8080).unwrap();
    let result = wifi.listen(&mut second);
    assert_eq!(result, Err(SocketError::ServerInUse));
    assert_eq!(wifi.listen(&mut first), Ok(()), "again is no error");
    let result = TcpClientStack::connect(&mut wifi, &mut first, bench::SERVER.into());
    assert_eq!(result, Err(nb::Error::Other(SocketError::AlreadyConnected)));
    let result = TcpClientStack::send(&mut wifi, &mut first, b"x");
    assert_eq!(result, Err(nb::Error::Other(SocketError::NotConnected)));

    let setup = Setup::new(Dialect::EspAtMod, ReceiveMode::Auto);
    let (_bench, mut wifi) = joined::<4096>(setup, &network(setup));
    let mut listener = TcpClientStack::socket(&mut wifi).unwrap();
    let unsupported = ModemError::Unsupported("AT+CIPSERVER");
    assert_eq!(wifi.bind(&mut listener, PORT), Err(unsupported.into()));
}

#[test]
fn a_lost_connect_is_found_out_while_somebody_waits() {
    for setup in with_server() {
        let (network, bench, mut wifi, mut listener) = serving(setup);
        // The modem says CONNECT while the UART's bytes go nowhere.
        client(&network, &bench, 9, Silent);
        let mut uart = bench.uart();
        let until = bench.now() + 300_000;
        while bench.now() < until {
            bench.idle(Some(until));
            while embedded_io::ReadReady::read_ready(&mut uart).unwrap() {
                embedded_io::Read::read(&mut uart, &mut [0; 64]).unwrap();
            }
        }
        let (_, address) = accept(&mut wifi, &mut listener).unwrap();
        assert_eq!(address, from(9).into(), "{setup:?}");
    }
}

#[test]
fn a_server_with_peers_is_left_and_taken_up_again() {
    for setup in with_server() {
        let (network, bench, mut wifi, mut listener) = serving(setup);
        client(&network, &bench, 9, Echo);
        let (mut socket, _) = accept(&mut wifi, &mut listener).unwrap();
        TcpClientStack::close(&mut wifi, listener).unwrap();
        run(&bench, &mut wifi, 200_000);
        // Whoever comes now is not wanted, whether the firmware stopped or not.
        let id = client(&network, &bench, 10, Silent);
        run(&bench, &mut wifi, 500_000);
        let state = network.client(id);
        assert!(
            matches!(state, ClientState::Refused | ClientState::Closed),
            "{setup:?}: {state:?}"
        );
        // The accepted peer is still there.
        send_all(&mut wifi, &mut socket, b"hello").unwrap();
        let mut listener = listening(&bench, &mut wifi);
        client(&network, &bench, 11, Silent);
        let (_, address) = accept(&mut wifi, &mut listener).unwrap();
        assert_eq!(address, from(11).into(), "{setup:?}");
    }
}

#[test]
fn another_port_works_or_is_refused_where_a_server_cannot_be_moved() {
    for setup in with_server() {
        let (network, bench, mut wifi, mut listener) = serving(setup);
        client(&network, &bench, 9, Silent);
        accept(&mut wifi, &mut listener).unwrap();
        TcpClientStack::close(&mut wifi, listener).unwrap();
        run(&bench, &mut wifi, 200_000);
        let mut listener = TcpClientStack::socket(&mut wifi).unwrap();
        wifi.bind(&mut listener, 8080).unwrap();
        wifi.listen(&mut listener).unwrap();
        run(&bench, &mut wifi, 200_000);
        network.connect_to_modem(bench.now(), from(10), 8080, Silent);
        match accept(&mut wifi, &mut listener) {
            Ok((_, address)) => assert_eq!(address, from(10).into(), "{setup:?}"),
            Err(error) => {
                assert!(
                    matches!(error, SocketError::Modem(ModemError::Unsupported(_))),
                    "{setup:?}: {error:?}"
                );
                let dialect = wifi.dialect().unwrap().name;
                assert!(dialect.starts_with("NonOS"), "{dialect}");
            }
        }
    }
}

#[test]
fn firmware_found_out_too_late_says_so_when_accepting() {
    for (dialect, config, command) in [
        (Dialect::EspAtMod, Config::new(), "AT+CIPSERVER"),
        (
            Dialect::NonOs1_3,
            Config::new().server_links(1),
            "AT+CIPSERVERMAXCONN",
        ),
    ] {
        let modem = Modem::new(dialect, Air::new(), MemoryNetwork::new());
        let bench = Bench::new(modem, BenchConfig::default());
        let clock = VirtualClock(bench.clone());
        let mut wifi: Wifi<4096> = Esp8285::with_config(bench.uart(), clock, config);
        let mut listener = TcpClientStack::socket(&mut wifi).unwrap();
        wifi.bind(&mut listener, PORT).unwrap();
        wifi.listen(&mut listener).unwrap();
        let error = accept(&mut wifi, &mut listener).map(drop);
        assert_eq!(error, Err(ModemError::Unsupported(command).into()));
    }
}
