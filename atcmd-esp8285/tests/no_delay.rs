//! `TCP_NODELAY` on the simulated modem: which link has it, and when not any
//! more.

mod bench;

use std::net::{Ipv4Addr, SocketAddrV4};

use atcmd_esp8285::{Capability, ModemError, SocketError, TcpSocket};
use bench::{SERVER, Setup, Wifi, connect, joined, network, pattern, receive_all, send_all};
use embedded_nal::{TcpClientStack, TcpFullStack, UdpClientStack};
use esp8285_sim::{Bench, Dialect, Direction, Echo, MemoryNetwork, Serve, Silent, UdpSink};

const CLIENT: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::new(192, 168, 1, 9), 4000);

fn with_command() -> impl Iterator<Item = Setup> {
    let firmware = [Dialect::EspAt2_1, Dialect::EspAt2_2, Dialect::EspAt2_3];
    Setup::every_dialect()
        .filter(move |setup| firmware.contains(&setup.dialect))
        .chain(Setup::all().filter(move |setup| firmware.contains(&setup.dialect)))
}

fn links(bench: &Bench) -> [bool; 5] {
    [0, 1, 2, 3, 4].map(|link| bench.with_modem(|modem| modem.no_delay(link)))
}

const NONE: [bool; 5] = [false; 5];

/// The commands that were sent since the record was switched on.
fn commands(bench: &Bench) -> String {
    let record = bench.take_record().into_iter();
    let sent: Vec<u8> = record
        .filter(|(_, direction, _)| *direction == Direction::ToModem)
        .flat_map(|(.., bytes)| bytes)
        .collect();
    String::from_utf8_lossy(&sent).into_owned()
}

fn run(bench: &Bench, wifi: &mut Wifi<2048>, us: u64) {
    let until = bench.now() + us;
    while bench.now() < until {
        wifi.poll().unwrap();
        bench.idle(Some(until));
    }
}

fn world(setup: Setup) -> (MemoryNetwork, Bench, Wifi<2048>) {
    let network = network(setup);
    network.listen(SERVER, || Box::new(Echo));
    network.listen_udp(SERVER, UdpSink::default());
    let (bench, wifi) = joined::<2048>(setup, &network);
    (network, bench, wifi)
}

fn fresh(wifi: &mut Wifi<2048>) -> TcpSocket {
    TcpClientStack::socket(wifi).unwrap()
}

fn set(wifi: &mut Wifi<2048>, socket: &mut TcpSocket, on: bool) -> Result<(), SocketError> {
    wifi.wait(|wifi| wifi.set_no_delay(socket, on))
}

#[test]
fn before_connecting_it_is_noted_and_goes_out_ahead_of_the_connect() {
    for setup in with_command() {
        let (_, bench, mut wifi) = world(setup);
        bench.record(true);
        let mut socket = fresh(&mut wifi);
        assert_eq!(wifi.set_no_delay(&mut socket, true), Ok(()), "at once");
        run(&bench, &mut wifi, 100_000);
        assert_eq!(commands(&bench), "", "{setup:?}");
        wifi.wait(|wifi| TcpClientStack::connect(wifi, &mut socket, SERVER.into()))
            .unwrap();
        assert_eq!(
            commands(&bench),
            "AT+CIPTCPOPT=0,-1,1,0\r\nAT+CIPSTART=0,\"TCP\",\"10.0.0.1\",80\r\n",
            "{setup:?}"
        );
        assert_eq!(links(&bench), [true, false, false, false, false]);
    }
}

#[test]
fn one_that_was_switched_off_again_costs_nothing() {
    for setup in Setup::every_dialect() {
        let (_, bench, mut wifi) = world(setup);
        let has = wifi.dialect().unwrap().has(Capability::NoDelay);
        let unsupported = SocketError::Modem(ModemError::Unsupported("AT+CIPTCPOPT"));
        bench.record(true);
        let mut socket = fresh(&mut wifi);
        let on = if has {
            Ok(())
        } else {
            Err(nb::Error::Other(unsupported))
        };
        assert_eq!(wifi.set_no_delay(&mut socket, true), on, "{setup:?}");
        assert_eq!(wifi.set_no_delay(&mut socket, false), Ok(()), "{setup:?}");
        wifi.wait(|wifi| TcpClientStack::connect(wifi, &mut socket, SERVER.into()))
            .unwrap();
        assert_eq!(set(&mut wifi, &mut socket, false), Ok(()), "{setup:?}");
        let sent = commands(&bench);
        assert!(!sent.contains("TCPOPT"), "{setup:?}: {sent}");

        let on = if has { Ok(()) } else { Err(unsupported) };
        assert_eq!(set(&mut wifi, &mut socket, true), on, "{setup:?}");
        assert_eq!(commands(&bench).contains("TCPOPT"), has, "{setup:?}");
        send_all(&mut wifi, &mut socket, b"still works").unwrap();
    }
}

#[test]
fn on_a_connection_it_is_not_yet_until_the_modem_has_answered() {
    for setup in with_command() {
        let (_, bench, mut wifi) = world(setup);
        let mut socket = connect(&mut wifi).unwrap();
        for on in [true, false, true] {
            let start = bench.now();
            for _ in 0..3 {
                let not_yet = Err(nb::Error::WouldBlock);
                assert_eq!(wifi.set_no_delay(&mut socket, on), not_yet, "{setup:?}");
            }
            assert_eq!(bench.now(), start, "no time passes inside");
            assert_eq!(set(&mut wifi, &mut socket, on), Ok(()), "{setup:?}");
            assert_eq!(links(&bench), [on, false, false, false, false]);
            assert_eq!(wifi.set_no_delay(&mut socket, on), Ok(()), "known already");
        }
        let data = pattern(3000);
        send_all(&mut wifi, &mut socket, &data).unwrap();
    }
}

#[test]
fn while_connecting_it_follows_the_connect() {
    for setup in with_command() {
        let (_, bench, mut wifi) = world(setup);
        let mut socket = fresh(&mut wifi);
        let not_yet = Err(nb::Error::WouldBlock);
        let connecting = TcpClientStack::connect(&mut wifi, &mut socket, SERVER.into());
        assert_eq!(connecting, not_yet);
        bench.advance(1000); // the command is out
        wifi.poll().unwrap();
        assert_eq!(wifi.set_no_delay(&mut socket, true), not_yet);
        assert_eq!(set(&mut wifi, &mut socket, true), Ok(()), "{setup:?}");
        assert!(links(&bench)[0], "{setup:?}");
        assert!(wifi.is_connected(&socket), "{setup:?}");
    }
}

#[test]
fn an_accepted_connection_has_it_too_and_leaves_nothing_behind() {
    for setup in with_command() {
        let (network, bench, mut wifi) = world(setup);
        let mut listener = fresh(&mut wifi);
        wifi.bind(&mut listener, 80).unwrap();
        let refused = Err(nb::Error::Other(SocketError::AlreadyConnected));
        assert_eq!(wifi.set_no_delay(&mut listener, true), refused);
        wifi.listen(&mut listener).unwrap();
        assert_eq!(wifi.set_no_delay(&mut listener, true), refused);
        run(&bench, &mut wifi, 200_000);
        network.connect_to_modem(bench.now(), CLIENT, 80, Silent);
        let (mut peer, _) = wifi.wait(|wifi| wifi.accept(&mut listener)).unwrap();
        assert_eq!(set(&mut wifi, &mut peer, true), Ok(()), "{setup:?}");
        assert_eq!(links(&bench), [true, false, false, false, false]);
        TcpClientStack::close(&mut wifi, peer).unwrap();
        run(&bench, &mut wifi, 200_000);
        assert_eq!(links(&bench), NONE, "{setup:?}");

        network.connect_to_modem(bench.now(), CLIENT, 80, Silent);
        wifi.wait(|wifi| wifi.accept(&mut listener)).unwrap();
        assert_eq!(links(&bench), NONE, "{setup:?}");
    }
}

#[test]
fn the_next_connection_on_a_link_does_not_have_it() {
    for setup in with_command() {
        let (_, bench, mut wifi) = world(setup);
        let mut socket = fresh(&mut wifi);
        set(&mut wifi, &mut socket, true).unwrap();
        wifi.wait(|wifi| TcpClientStack::connect(wifi, &mut socket, SERVER.into()))
            .unwrap();
        // The next one waits already while the link is being closed.
        TcpClientStack::close(&mut wifi, socket).unwrap();
        bench.record(true);
        let mut next = connect(&mut wifi).unwrap();
        run(&bench, &mut wifi, 200_000);
        assert_eq!(links(&bench), NONE, "{setup:?}: {}", commands(&bench));
        send_all(&mut wifi, &mut next, b"x").unwrap();
        TcpClientStack::close(&mut wifi, next).unwrap();

        // Nor has a datagram socket any trouble.
        let mut udp = UdpClientStack::socket(&mut wifi).unwrap();
        UdpClientStack::connect(&mut wifi, &mut udp, SERVER.into()).unwrap();
        wifi.wait(|wifi| UdpClientStack::send(wifi, &mut udp, b"x"))
            .unwrap();
    }
}

#[test]
fn where_the_peer_has_closed_there_is_nothing_to_send_and_nothing_to_set() {
    for setup in with_command() {
        let network = network(setup);
        network.listen(SERVER, || Box::new(Serve::new("bye").at_connect()));
        let (bench, mut wifi) = joined::<2048>(setup, &network);
        let mut socket = fresh(&mut wifi);
        set(&mut wifi, &mut socket, true).unwrap();
        wifi.wait(|wifi| TcpClientStack::connect(wifi, &mut socket, SERVER.into()))
            .unwrap();
        run(&bench, &mut wifi, 500_000);
        bench.record(true);
        assert_eq!(wifi.set_no_delay(&mut socket, false), Ok(()), "{setup:?}");
        assert_eq!(receive_all(&mut wifi, &mut socket).unwrap(), b"bye");
        assert!(!commands(&bench).contains("TCPOPT"), "{setup:?}");
        TcpClientStack::close(&mut wifi, socket).unwrap();
        run(&bench, &mut wifi, 200_000);
        assert_eq!(commands(&bench), "AT+CIPTCPOPT=0,-1,0,0\r\n", "{setup:?}");
        assert_eq!(links(&bench), NONE, "{setup:?}");
    }
}

#[test]
fn a_restarted_modem_has_forgotten_it_and_is_not_asked_to() {
    for setup in with_command() {
        let (_, bench, mut wifi) = world(setup);
        let mut socket = connect(&mut wifi).unwrap();
        set(&mut wifi, &mut socket, true).unwrap();
        bench.with_modem(|modem| modem.reset());
        run(&bench, &mut wifi, 3_000_000);
        bench.record(true);
        let gone = Err(nb::Error::Other(SocketError::Modem(ModemError::Restarted)));
        assert_eq!(wifi.set_no_delay(&mut socket, true), gone, "{setup:?}");
        TcpClientStack::close(&mut wifi, socket).unwrap();
        run(&bench, &mut wifi, 200_000);
        assert_eq!(commands(&bench), "", "{setup:?}");
    }
}
