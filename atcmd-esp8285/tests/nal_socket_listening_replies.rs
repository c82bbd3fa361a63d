//! What `listen` through `nal-socket` makes of the modem's replies, byte for
//! byte.

mod common;

use common::{Modem, START_ESP_AT, START_NONOS, Wifi, started};
use nal_socket::{ErrorKind, Idle, Network, Platform, TcpListener};

const OK: &str = "\r\nOK\r\n";
const ERROR: &str = "\r\nERROR\r\n";

/// A millisecond at a time.
struct Pace(Modem);

impl Platform for Pace {
    fn now(&self) -> u64 {
        self.0.now()
    }
    fn idle(&self, _: Option<u64>) -> Idle {
        assert!(self.0.now() < 120_000_000, "still nothing");
        self.0.pass(1000);
        Idle::Continue
    }
}

fn network(modem: &Modem, wifi: Wifi) -> Network<Wifi, Pace> {
    atcmd_esp8285::socket_policy::network(wifi, Pace(modem.clone())).with_listening()
}

#[test]
fn a_refused_server_is_an_error_of_listen_which_can_be_called_again() {
    for start in [START_NONOS, START_ESP_AT] {
        let (modem, wifi) = started(start);
        modem.expect(&[("AT+CIPSERVER=0\r\n", OK)]);
        // In case it had restarted, it is asked.
        for _ in 0..2 {
            modem.expect(&[
                ("AT+CIPSERVER=1,80\r\n", ERROR),
                ("AT+CIPMUX?\r\n", "+CIPMUX:1\r\n\r\nOK\r\n"),
            ]);
        }
        modem.expect(&[("AT+CIPSERVER=1,80\r\n", ERROR)]);
        let network = network(&modem, wifi);
        let mut listener = TcpListener::new(&network);
        listener.bind(80).unwrap();
        let error = listener.listen().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Other);
        let error = listener.accept().map(drop).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);

        // The modem's one server is free for somebody else meanwhile.
        let (again, sto) = (("AT+CIPSERVER=1,81\r\n", OK), ("AT+CIPSTO=0\r\n", OK));
        modem.expect(&[again, sto]);
        let mut other = TcpListener::new(&network);
        other.bind(81).unwrap();
        assert_eq!(other.listen(), Ok(()));
        assert_eq!(listener.listen().unwrap_err().kind(), ErrorKind::NoSockets);
        modem.expect(&[
            ("AT+CIPSERVER=0\r\n", OK),
            ("AT+CIPSERVER=1,80\r\n", OK),
            sto,
        ]);
        other.close().unwrap();
        assert_eq!(listener.listen(), Ok(()));
    }
}

#[test]
fn listen_returns_with_the_reply_and_not_before() {
    let (modem, wifi) = started(START_ESP_AT);
    modem.expect(&[("AT+CIPSERVER=0\r\n", OK), ("AT+CIPSERVER=1,80\r\n", "")]);
    let network = network(&modem, wifi);
    let mut listener = TcpListener::new(&network);
    listener.set_nonblocking(true);
    listener.bind(80).unwrap();
    for _ in 0..50 {
        let error = listener.listen().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::WouldBlock);
        modem.pass(1000);
    }
    assert_eq!(modem.left(), 0);
    modem.expect(&[("AT+CIPSTO=0\r\n", "")]);
    modem.say(OK);
    assert_eq!(listener.listen(), Ok(()));
}

#[test]
fn while_the_modem_is_looked_for_it_is_not_known_to_listen() {
    let (modem, wifi) = started(START_ESP_AT);
    let start = [
        ("AT+CIPSERVER=0\r\n", OK),
        ("AT+CIPSERVER=1,80\r\n", OK),
        ("AT+CIPSTO=0\r\n", OK),
    ];
    modem.expect(&start);
    let network = network(&modem, wifi);
    let mut first = TcpListener::new(&network);
    first.bind(80).unwrap();
    first.listen().unwrap();
    // From here on it is silent, which this finds.
    let asked = Some(core::time::Duration::from_secs(3));
    let silent = network.wait_with_stack(asked, |wifi| wifi.free_memory());
    assert!(silent.unwrap().is_err());
    first.close().unwrap();
    let mut second = TcpListener::new(&network);
    second.bind(80).unwrap();
    second.set_nonblocking(true);
    assert_eq!(second.listen().unwrap_err().kind(), ErrorKind::WouldBlock);
}
