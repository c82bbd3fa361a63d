//! Waits with a limit end in time and break nothing.

mod bench;

use std::time::Duration;

use atcmd_esp8285::{JoinError, WaitError};
use bench::{SERVER, Setup, connect, joined, network, pattern, receive_all, send_all};
use embedded_nal::{AddrType, Dns, TcpClientStack};
use esp8285_sim::{Echo, Serve};

const SHORT: Duration = Duration::from_millis(3);

#[test]
fn a_wait_ends_at_its_deadline_to_the_microsecond() {
    for setup in Setup::all() {
        let network = network(setup);
        network.listen(SERVER, || Box::new(Echo));
        let (bench, mut wifi) = joined::<2048>(setup, &network);
        let mut socket = connect(&mut wifi).unwrap();
        let before = bench.now();
        let waited = wifi.wait_for(SHORT, |wifi| wifi.receive(&mut socket, &mut [0; 8]));
        assert_eq!(waited, Err(WaitError::Elapsed));
        assert_eq!(bench.now() - before, 3000, "{setup:?}");
        // The same for a moment, and one that is over allows one try.
        let waited = wifi.wait_until(before, |wifi| wifi.receive(&mut socket, &mut [0; 8]));
        assert_eq!(waited, Err(WaitError::Elapsed));
        assert_eq!(bench.now() - before, 3000, "{setup:?}");
    }
}

#[test]
fn everything_can_be_waited_for_in_pieces() {
    for setup in Setup::all() {
        let network = network(setup).host("example.com", *SERVER.ip());
        let data = pattern(5000);
        let served = data.clone();
        network.listen(SERVER, move || Box::new(Serve::new(served.clone())));
        let (_, mut wifi) = joined::<2048>(setup, &network);
        let mut pieces = 0;
        let address = loop {
            let name =
                |wifi: &mut bench::Wifi<2048>| wifi.get_host_by_name("example.com", AddrType::IPv4);
            match wifi.wait_for(SHORT, name) {
                Err(WaitError::Elapsed) => pieces += 1,
                other => break other.unwrap(),
            }
        };
        assert_eq!(address, *SERVER.ip());
        let mut socket = wifi.socket().unwrap();
        while let Err(error) = wifi.wait_for(SHORT, |wifi| wifi.connect(&mut socket, SERVER.into()))
        {
            assert_eq!(error, WaitError::Elapsed);
            pieces += 1;
        }
        assert!(pieces > 2, "{setup:?}");
        send_all(&mut wifi, &mut socket, b"please").unwrap();
        assert!(receive_all(&mut wifi, &mut socket).unwrap() == data);
        wifi.close(socket).unwrap();
    }
}

#[test]
fn a_join_that_was_not_waited_for_goes_on_and_its_failure_is_kept() {
    for setup in Setup::all() {
        let (_, mut wifi) = joined::<64>(setup, &network(setup));
        let waited = wifi.wait_for(SHORT, |wifi| wifi.join("elsewhere", "password"));
        assert_eq!(waited, Err(WaitError::Elapsed));
        let minute = Duration::from_secs(60);
        let waited = wifi.wait_for(minute, |wifi| wifi.join("elsewhere", "password"));
        let expected = WaitError::Failed(JoinError::NoSuchAccessPoint);
        assert_eq!(waited, Err(expected), "{setup:?}");
        assert_eq!(
            wifi.wait_for(minute, |wifi| wifi.join("net", "password")),
            Ok(())
        );
    }
}
