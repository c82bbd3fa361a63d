//! What can be asked of TCP connections beyond plain ones: by name,
//! keep-alive, abort; in every dialect.

mod bench;

use std::cell::RefCell;
use std::rc::Rc;

use atcmd_esp8285::{Capability, ModemError, SocketError};
use bench::{Ends, SERVER, Setup, Wifi, connect, joined, network, send_all};
use embedded_nal::TcpClientStack;
use esp8285_sim::{Bench, Echo};

fn run(bench: &Bench, wifi: &mut Wifi<4096>, us: u64) {
    let until = bench.now() + us;
    while bench.now() < until {
        wifi.poll().unwrap();
        bench.idle(Some(until));
    }
}

#[test]
fn a_host_can_be_connected_to_by_name() {
    for setup in Setup::every_dialect() {
        let network = network(setup).host("echo.example", *SERVER.ip());
        network.listen(SERVER, || Box::new(Echo));
        let (_bench, mut wifi) = joined::<4096>(setup, &network);
        let mut socket = TcpClientStack::socket(&mut wifi).unwrap();
        wifi.wait(|wifi| wifi.connect_by_name(&mut socket, "echo.example", 80))
            .unwrap_or_else(|error| panic!("{setup:?}: {error}"));
        send_all(&mut wifi, &mut socket, b"hello").unwrap();
        let mut buf = [0; 8];
        let n = wifi
            .wait(|wifi| TcpClientStack::receive(wifi, &mut socket, &mut buf))
            .unwrap();
        assert_eq!(&buf[..n], b"hello", "{setup:?}");
        TcpClientStack::close(&mut wifi, socket).unwrap();

        let mut socket = TcpClientStack::socket(&mut wifi).unwrap();
        let result = wifi.wait(|wifi| wifi.connect_by_name(&mut socket, "nobody.example", 80));
        assert!(
            matches!(result, Err(SocketError::Refused | SocketError::TimedOut)),
            "{setup:?}: {result:?}"
        );
        for bad in ["", "a b", "a\"b", "a\r\nAT+RST"] {
            let result = wifi.connect_by_name(&mut socket, bad, 80);
            assert_eq!(result, Err(nb::Error::Other(SocketError::InvalidAddress)));
        }
    }
}

#[test]
fn keep_alive_is_asked_for_where_the_firmware_has_it() {
    for setup in Setup::every_dialect() {
        let network = network(setup);
        network.listen(SERVER, || Box::new(Echo));
        let (_bench, mut wifi) = joined::<4096>(setup, &network);
        let mut socket = TcpClientStack::socket(&mut wifi).unwrap();
        socket.set_keep_alive(60);
        let result = wifi.wait(|wifi| wifi.connect(&mut socket, SERVER.into()));
        if wifi.dialect().unwrap().has(Capability::KeepAlive) {
            assert_eq!(result, Ok(()), "{setup:?}");
        } else {
            let unsupported = ModemError::Unsupported("AT+CIPSTART (keep-alive)");
            assert_eq!(result, Err(unsupported.into()), "{setup:?}");
        }
    }
}

#[test]
fn a_connection_is_broken_off_where_the_firmware_can_and_closed_elsewhere() {
    for setup in Setup::every_dialect() {
        let network = network(setup);
        let ends = Rc::new(RefCell::new(vec![]));
        let noted = ends.clone();
        network.listen(SERVER, move || Box::new(Ends(noted.clone())));
        let (bench, mut wifi) = joined::<4096>(setup, &network);
        let socket = connect(&mut wifi).unwrap();
        let result = wifi.abort(socket);
        run(&bench, &mut wifi, 200_000);
        let can = wifi.dialect().unwrap().has(Capability::Abort);
        if can {
            assert_eq!(result, Ok(()), "{setup:?}");
        } else {
            let unsupported = ModemError::Unsupported("AT+CIPCLOSEMODE");
            assert_eq!(result, Err(unsupported.into()), "{setup:?}");
        }
        // The next connection on that link is closed as usual.
        let socket = connect(&mut wifi).unwrap();
        TcpClientStack::close(&mut wifi, socket).unwrap();
        run(&bench, &mut wifi, 200_000);
        let first = if can { "reset" } else { "closed" };
        assert_eq!(*ends.borrow(), [first, "closed"], "{setup:?}");
    }
}
