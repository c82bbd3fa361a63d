//! The modem in real time, on the host's sockets.
//!
//! Deadlines here only bound how long a broken run takes.

mod common;

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use embedded_io::{Read, ReadReady, Write, WriteReady};
use esp8285_sim::live::{self, LiveUart};
use esp8285_sim::{Dialect, Direction, HostNetwork, Modem};

const BAUD: u32 = 921_600;
const PATIENCE: Duration = Duration::from_secs(20);

fn modem(dialect: Dialect, network: HostNetwork) -> LiveUart {
    let air = common::air().join_time_ms(50);
    live::spawn(
        move || Modem::new(dialect, air, network).stored_baud(BAUD),
        BAUD,
    )
}

/// Reads until the output ends with `end`.
fn until(uart: &mut LiveUart, end: &[u8]) -> Vec<u8> {
    let limit = Instant::now() + PATIENCE;
    let mut all = Vec::new();
    let mut buf = [0; 1_024];
    while !all.ends_with(end) {
        assert!(
            Instant::now() < limit,
            "no {:?} in {:?}",
            common::text(end),
            common::text(&all)
        );
        let length = uart.read_for(&mut buf, Duration::from_millis(100));
        all.extend_from_slice(&buf[..length]);
    }
    all
}

fn ask(uart: &mut LiveUart, line: &str, end: &str) -> String {
    uart.write_all(format!("{line}\r\n").as_bytes()).unwrap();
    common::text(&until(uart, end.as_bytes()))
}

fn join(uart: &mut LiveUart) {
    ask(uart, "ATE0", "OK\r\n");
    ask(uart, "AT+CWMODE=1", "OK\r\n");
    ask(
        uart,
        "AT+CWJAP=\"workshop\",\"correct horse\"",
        "\r\nOK\r\n",
    );
}

/// A server that sends everything back, reversed, when it has `length` bytes, and closes.
fn reversing_server(length: usize) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut got = vec![0; length];
            stream.read_exact(&mut got).unwrap();
            got.reverse();
            stream.write_all(&got).unwrap();
        }
    });
    port
}

#[test]
fn a_real_server_answers() {
    for (&dialect, prompt) in [Dialect::NonOs1_7, Dialect::EspAt2_2]
        .iter()
        .zip(["> ", "\r\n>"])
    {
        let port = reversing_server(5);
        let mut uart = modem(dialect, HostNetwork::new().host("dl.example", "127.0.0.1"));
        join(&mut uart);
        ask(
            &mut uart,
            &format!("AT+CIPSTART=\"TCP\",\"DL.example\",{port}"),
            "CONNECT\r\n\r\nOK\r\n",
        );
        ask(&mut uart, "AT+CIPSEND=5", prompt);
        uart.write_all(b"12345").unwrap();
        let all = common::text(&until(&mut uart, b"CLOSED\r\n"));
        assert!(
            all.contains("\r\nSEND OK\r\n") && all.contains("+IPD,5:54321"),
            "{all:?}"
        );
    }
}

#[test]
fn a_name_can_lead_to_a_place() {
    let port = reversing_server(2);
    let network = HostNetwork::new().host("api.example", format!("127.0.0.1:{port}"));
    let mut uart = modem(Dialect::EspAt2_2, network);
    join(&mut uart);
    ask(
        &mut uart,
        "AT+CIPSTART=\"TCP\",\"api.example\",80",
        "CONNECT\r\n\r\nOK\r\n",
    );
    ask(&mut uart, "AT+CIPSEND=2", ">");
    uart.write_all(b"ab").unwrap();
    assert!(common::text(&until(&mut uart, b"CLOSED\r\n")).contains("+IPD,2:ba"));
}

#[test]
fn this_computer_answers_pings_under_every_name() {
    let network = HostNetwork::new()
        .host("address.example", "127.0.0.2")
        .host("place.example", "127.0.0.1:8080")
        .host("local.example", "localhost:8080")
        .host("named.example", "localhost")
        .host("six.example", "[::1]:8080")
        .host("far.example", "192.0.2.1:80")
        .host("host.example", "elsewhere.example:80");
    let mut uart = modem(Dialect::EspAt2_2, network);
    join(&mut uart);
    for name in [
        "127.0.0.1",
        "address.example",
        "place.example",
        "local.example",
        "named.example",
        "six.example",
    ] {
        let answer = ask(&mut uart, &format!("AT+PING=\"{name}\""), "\r\nOK\r\n");
        assert!(answer.starts_with("+PING:"), "{name}: {answer:?}");
    }
    for name in ["192.0.2.1", "far.example", "host.example"] {
        let answer = ask(&mut uart, &format!("AT+PING=\"{name}\""), "ERROR\r\n");
        assert_eq!(answer, "+PING:TIMEOUT\r\n\r\nERROR\r\n", "{name}");
    }
}

#[test]
fn the_passive_window_holds_back_a_real_server() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let sent: Vec<u8> = (0..200_000u32).map(|n| (n * 7 % 253) as u8).collect();
    let served = sent.clone();
    thread::spawn(move || listener.accept().unwrap().0.write_all(&served).unwrap());
    let mut uart = modem(Dialect::EspAt2_2, HostNetwork::new());
    join(&mut uart);
    ask(&mut uart, "AT+CIPRECVMODE=1", "OK\r\n");
    uart.write_all(format!("AT+CIPSTART=\"TCP\",\"127.0.0.1\",{port}\r\n").as_bytes())
        .unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"OK\r\n") {
        let mut byte = [0];
        uart.read_exact(&mut byte).unwrap();
        answer.push(byte[0]);
    }
    let mut got = Vec::new();
    let limit = Instant::now() + PATIENCE;
    while got.len() < sent.len() {
        assert!(Instant::now() < limit, "only {} bytes", got.len());
        uart.write_all(b"AT+CIPRECVDATA=2048\r\n").unwrap();
        let mut header = Vec::new();
        while !header.ends_with(b"+CIPRECVDATA:") && !header.ends_with(b"ERROR\r\n") {
            let mut byte = [0];
            uart.read_exact(&mut byte).unwrap();
            header.push(byte[0]);
        }
        if header.ends_with(b"ERROR\r\n") {
            continue;
        }
        let mut digits = Vec::new();
        loop {
            let mut byte = [0];
            uart.read_exact(&mut byte).unwrap();
            if byte[0] == b',' {
                break;
            }
            digits.push(byte[0]);
        }
        let mut data = vec![0; common::text(&digits).parse().unwrap()];
        uart.read_exact(&mut data).unwrap();
        got.extend_from_slice(&data);
        let mut end = [0; 6];
        uart.read_exact(&mut end).unwrap();
        assert_eq!(&end, b"\r\nOK\r\n");
    }
    assert!(got == sent);
}

#[test]
fn nothing_leaves_this_computer_unasked() {
    let mut uart = modem(
        Dialect::NonOs1_7,
        HostNetwork::new().host("far.example", "192.0.2.1"),
    );
    join(&mut uart);
    assert_eq!(
        ask(
            &mut uart,
            "AT+CIPSTART=\"TCP\",\"192.0.2.1\",80",
            "CLOSED\r\n"
        ),
        "\r\nERROR\r\nCLOSED\r\n"
    );
    assert_eq!(
        ask(
            &mut uart,
            "AT+CIPSTART=\"TCP\",\"far.example\",80",
            "CLOSED\r\n"
        ),
        "\r\nERROR\r\nCLOSED\r\n"
    );
    assert_eq!(
        ask(&mut uart, "AT+CIPDOMAIN=\"example.com\"", "ERROR\r\n"),
        "DNS Fail\r\n\r\nERROR\r\n"
    );
}

#[test]
fn what_is_not_allowed_is_told() {
    let told = Arc::new(Mutex::new(Vec::new()));
    let list = Arc::clone(&told);
    let network = HostNetwork::new()
        .host("far.example", "192.0.2.1")
        .on_forbidden(move |_, what| list.lock().unwrap().push(what.to_owned()));
    let mut uart = modem(Dialect::EspAt2_2, network);
    join(&mut uart);
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    for command in [
        "AT+CIPSTART=\"TCP\",\"far.example\",80",
        "AT+CIPDOMAIN=\"example.com\"",
        // Refused by the other side, which is nobody's prohibition.
        &format!("AT+CIPSTART=\"TCP\",\"127.0.0.1\",{port}"),
    ] {
        assert_eq!(ask(&mut uart, command, "ERROR\r\n"), "\r\nERROR\r\n");
    }
    assert_eq!(*told.lock().unwrap(), ["192.0.2.1:80", "example.com"]);
}

#[test]
fn a_closed_port_refuses() {
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let mut uart = modem(Dialect::EspAt2_2, HostNetwork::new());
    join(&mut uart);
    let start = format!("AT+CIPSTART=\"TCP\",\"127.0.0.1\",{port}");
    assert_eq!(ask(&mut uart, &start, "ERROR\r\n"), "\r\nERROR\r\n");
    assert_eq!(
        ask(&mut uart, "AT+PING=\"127.0.0.1\"", "OK\r\n"),
        "+PING:1\r\n\r\nOK\r\n"
    );
}

#[test]
fn the_uart_behaves_as_embedded_io_says() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let trace = Arc::clone(&seen);
    let build = || Modem::new(Dialect::NonOs1_7, common::air(), HostNetwork::new());
    let mut uart = live::spawn_traced(build, 115_200, move |_, way, bytes| {
        trace.lock().unwrap().push((way, bytes.to_vec()));
    });
    assert!(!uart.read_ready().unwrap());
    assert!(uart.write_ready().unwrap());
    uart.write_all(b"AT\r\n").unwrap();
    uart.flush().unwrap();
    let mut answer = [0; 10];
    uart.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"AT\r\n\r\nOK\r\n");
    // The rate can change on the way.
    ask(&mut uart, "AT+UART_CUR=460800,8,1,0,0", "OK\r\n");
    thread::sleep(Duration::from_millis(50));
    uart.set_baud(460_800);
    ask(&mut uart, "AT", "OK\r\n");
    // Faults reach the modem.
    uart.with_modem(Modem::reset);
    until(&mut uart, b"");
    uart.set_baud(115_200);
    until(&mut uart, b"\r\nready\r\n");
    drop(uart);
    let seen = seen.lock().unwrap();
    assert!(
        seen.iter()
            .any(|(way, bytes)| *way == Direction::ToModem && bytes == b"AT\r\n")
    );
    assert!(seen.iter().any(|(way, _)| *way == Direction::FromModem));
}

#[test]
fn datagrams_travel_over_the_hosts_sockets() {
    let peer = UdpSocket::bind("127.0.0.1:0").unwrap();
    peer.set_read_timeout(Some(PATIENCE)).unwrap();
    let place = peer.local_addr().unwrap();
    // A name with a place of its own: answers from there come from the name's address.
    let network = HostNetwork::new().host("udp.example", place);
    let mut uart = modem(Dialect::EspAt2_2, network);
    join(&mut uart);
    ask(&mut uart, "AT+CIPDINFO=1", "OK\r\n");
    ask(
        &mut uart,
        "AT+CIPSTART=\"UDP\",\"udp.example\",7",
        "\r\nOK\r\n",
    );
    ask(&mut uart, "AT+CIPSEND=5", ">");
    uart.write_all(b"hello").unwrap();
    until(&mut uart, b"SEND OK\r\n");
    let mut buf = [0; 100];
    let (length, from) = peer.recv_from(&mut buf).unwrap();
    assert_eq!(&buf[..length], b"hello");
    peer.send_to(b"answer", from).unwrap();
    let answer = until(&mut uart, b":answer\r\n");
    assert_eq!(
        common::text(&answer),
        "\r\n+IPD,6,\"198.18.0.1\",7:answer\r\n"
    );
    // Nothing leaves this computer.
    ask(&mut uart, "AT+CIPSEND=1,\"192.0.2.1\",9", ">");
    uart.write_all(b"x").unwrap();
    until(&mut uart, b"SEND OK\r\n");
}

#[test]
fn clients_on_the_host_reach_the_modems_server() {
    // A port nobody else has.
    let port = TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .unwrap()
        .port();
    let network = HostNetwork::new().forward(80, port);
    let mut uart = modem(Dialect::NonOs1_7, network);
    join(&mut uart);
    ask(&mut uart, "AT+CIPMUX=1", "OK\r\n");
    ask(&mut uart, "AT+CIPSERVER=1,80", "\r\nOK\r\n");
    let mut client = TcpStream::connect(("127.0.0.1", port)).unwrap();
    client.set_read_timeout(Some(PATIENCE)).unwrap();
    until(&mut uart, b"0,CONNECT\r\n");
    client.write_all(b"GET /").unwrap();
    until(&mut uart, b"\r\n+IPD,0,5:GET /");
    ask(&mut uart, "AT+CIPSEND=0,4", "> ");
    uart.write_all(b"page").unwrap();
    until(&mut uart, b"SEND OK\r\n");
    ask(&mut uart, "AT+CIPCLOSE=0", "\r\nOK\r\n");
    let mut page = Vec::new();
    client.read_to_end(&mut page).unwrap();
    assert_eq!(page, b"page");
    // The other way to end a connection.
    let mut client = TcpStream::connect(("127.0.0.1", port)).unwrap();
    client.set_read_timeout(Some(PATIENCE)).unwrap();
    until(&mut uart, b"0,CONNECT\r\n");
    ask(&mut uart, "AT+CIPCLOSEMODE=0,1", "\r\nOK\r\n");
    ask(&mut uart, "AT+CIPCLOSE=0", "\r\nOK\r\n");
    let error = client.read(&mut [0]).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
    ask(&mut uart, "AT+CIPSERVER=0", "\r\nOK\r\n");
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err());
}
