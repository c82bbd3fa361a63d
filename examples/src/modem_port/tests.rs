use super::*;
use std::net::TcpListener;

fn tcp() -> (ModemPort, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let name = format!("tcp:{}", listener.local_addr().unwrap());
    let port = ModemPort::open(&name, 0).unwrap();
    (port, listener.accept().unwrap().0)
}

fn eventually(mut condition: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(5);
    while !condition() {
        assert!(Instant::now() < end, "it never happens");
        thread::sleep(Duration::from_millis(1));
    }
}

/// Both directions at once, more than all buffers hold, every byte value.
fn exchange(mut port: ModemPort, mut far: impl io::Read + io::Write + Send + 'static) -> ModemPort {
    const TOTAL: usize = 300_000;
    let byte = |i: usize| (i * 7 + i / 256) as u8;
    let modem = thread::spawn(move || {
        let (mut got, mut piece) = (0, [0; 999]);
        while got < TOTAL {
            match io::Read::read(&mut far, &mut piece) {
                Ok(n) => {
                    for (i, b) in piece[..n].iter().enumerate() {
                        assert_eq!(*b, byte(got + i));
                    }
                    far.write_all(&piece[..n]).unwrap();
                    got += n;
                }
                Err(e) => assert_eq!(e.kind(), io::ErrorKind::TimedOut),
            }
        }
        far
    });
    let (mut sent, mut got) = (0, 0);
    let mut piece = [0; 777];
    while got < TOTAL {
        if sent < TOTAL && port.write_ready().unwrap() {
            let bytes: Vec<u8> = (sent..TOTAL.min(sent + 1000)).map(byte).collect();
            sent += port.write(&bytes).unwrap();
        } else if port.read_ready().unwrap() || sent == TOTAL {
            let n = port.read(&mut piece).unwrap();
            for (i, b) in piece[..n].iter().enumerate() {
                assert_eq!(*b, byte(got + i));
            }
            got += n;
        }
    }
    let far = modem.join().unwrap();
    assert!(!port.read_ready().unwrap());
    drop(far);
    port
}

/// Whoever asks after the other side has gone gets an error, soon.
fn assert_gone(port: &mut ModemPort) {
    eventually(|| port.read_ready() == Err(PortError::Gone));
    assert_eq!(port.read(&mut [0; 4]), Err(PortError::Gone));
    eventually(|| port.write(b"AT\r\n") == Err(PortError::Gone));
    assert_eq!(port.flush(), Err(PortError::Gone));
    assert_eq!(
        embedded_io::Error::kind(&PortError::Gone),
        embedded_io::ErrorKind::BrokenPipe
    );
}

#[test]
fn tcp_carries_every_byte_and_its_end() {
    let (port, modem) = tcp();
    assert_gone(&mut exchange(port, modem));
}

#[test]
fn last_words_are_heard_before_the_end() {
    let (mut port, mut modem) = tcp();
    modem.write_all(b"bye").unwrap();
    drop(modem);
    let mut bytes = [0; 3];
    port.read_exact(&mut bytes).unwrap();
    assert_eq!(&bytes, b"bye");
    assert_gone(&mut port);
}

#[test]
fn a_deaf_tcp_peer_makes_it_unready_not_stuck() {
    let (mut port, _modem) = tcp();
    let start = Instant::now();
    while port.write_ready().unwrap() {
        port.write(&[b'x'; 4096]).unwrap();
    }
    drop(port);
    assert!(start.elapsed() < Duration::from_secs(5));
}

#[cfg(unix)]
fn pty(baud: u32) -> (ModemPort, serialport::TTYPort, String) {
    let (mut master, slave) = serialport::TTYPort::pair().unwrap();
    master.set_timeout(Duration::from_millis(200)).unwrap();
    let name = slave.name().unwrap();
    drop(slave);
    (ModemPort::open(&name, baud).unwrap(), master, name)
}

#[cfg(unix)]
#[test]
fn a_pty_carries_every_byte_and_its_end() {
    for baud in [115_200, 921_600, 74_880] {
        let (port, master, _) = pty(baud);
        assert_gone(&mut exchange(port, master));
    }
}

#[cfg(unix)]
#[test]
fn a_deaf_pty_makes_it_unready_not_stuck() {
    let (mut port, _master, _) = pty(115_200);
    let start = Instant::now();
    while port.write_ready().unwrap() {
        port.write(&[b'x'; 100]).unwrap();
    }
    assert!(!port.read_ready().unwrap());
    drop(port);
    assert!(start.elapsed() < Duration::from_secs(5));
}

#[cfg(unix)]
#[test]
fn a_used_pty_is_busy_and_free_again_afterwards() {
    let (port, _master, name) = pty(115_200);
    let error = ModemPort::open(&name, 115_200).unwrap_err();
    assert_eq!(error.reason, OpenReason::Busy);
    drop(port);
    assert!(ModemPort::open(&name, 921_600).is_ok());
}

#[test]
fn names_that_cannot_work_are_explained() {
    let closed = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let cases = [
        ("/dev/no-such-port".to_owned(), "no such port"),
        (String::new(), "no such port"),
        (
            env!("CARGO_MANIFEST_DIR").to_owned(),
            "not a usable serial port",
        ),
        (
            concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml").to_owned(),
            "not a usable serial port",
        ),
        ("/dev/null".to_owned(), "not a usable serial port"),
        ("a\nb".to_owned(), "no such port a\\nb"),
        ("tcp:".to_owned(), "the host is missing"),
        ("tcp:localhost".to_owned(), "the port is missing"),
        ("tcp:[::1]:80".to_owned(), "IPv6"),
        ("tcp:no-such-host.invalid:80".to_owned(), "not known"),
        (format!("tcp:{closed}"), "refused"),
    ];
    for (name, part) in cases {
        let text = ModemPort::open(&name, 115_200).unwrap_err().to_string();
        assert!(text.contains(part), "{name:?}: {text}");
        assert_eq!(text.lines().count(), 1, "{text}");
    }
    let error = ModemPort::open("/dev/null", 0).unwrap_err();
    assert_eq!(error.reason, OpenReason::Baud(0));
}

#[test]
fn refusals_of_the_system_are_told_apart() {
    let error = |kind| serialport::Error::new(kind, "words");
    let denied = serialport::ErrorKind::Io(io::ErrorKind::PermissionDenied);
    assert_eq!(
        serial_reason(&error(denied), 9),
        OpenReason::PermissionDenied
    );
    let text = OpenError {
        name: "/dev/ttyUSB0".to_owned(),
        reason: OpenReason::PermissionDenied,
    };
    assert!(
        text.to_string()
            .starts_with("permission denied for /dev/ttyUSB0: ")
    );
}
