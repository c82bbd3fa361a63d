//! TLS links and their settings.

mod common;

use common::{Host, MAIN, at};
use esp8285_sim::{
    Bench, BenchConfig, Dialect, Echo, MemoryNetwork, Modem, PeerIo, Silent, TlsServer,
};

const OK: &str = "\r\nOK\r\n";
const ERROR: &str = "\r\nERROR\r\n";
const NONOS: Dialect = Dialect::NonOs1_7;
const ESP_AT: Dialect = Dialect::EspAt2_2;
const START: &str = "AT+CIPSTART=\"SSL\",\"192.168.1.3\",443";

/// Asks and compares, showing the command on a difference.
#[track_caller]
fn check(host: &mut Host, exchanges: &[(&str, &str)]) {
    for (command, reply) in exchanges {
        assert_eq!(host.ask(command), *reply, "reply to {command}");
    }
}

fn joined(dialect: Dialect, server: TlsServer) -> Host {
    let host = Host::joined(dialect);
    host.net.listen_tls(at(443), server, || Box::new(Echo));
    host
}

fn plain_server() -> TlsServer {
    TlsServer::new("example.com")
}

/// What a connect that fails says.
fn failed(dialect: Dialect) -> &'static str {
    if dialect == NONOS {
        "\r\nERROR\r\nCLOSED\r\n"
    } else {
        ERROR
    }
}

#[test]
fn a_connection_and_its_data() {
    for (&dialect, tail) in MAIN.iter().zip(["", "\r\n"]) {
        let mut host = joined(dialect, plain_server());
        assert_eq!(host.ask(START), "CONNECT\r\n\r\nOK\r\n");
        assert_eq!(
            host.ask("AT+CIPSTATUS"),
            "STATUS:3\r\n+CIPSTATUS:0,\"SSL\",\"192.168.1.3\",443,49152,0\r\n\r\nOK\r\n"
        );
        host.ask("AT+CIPSEND=4");
        host.send(b"data");
        assert_eq!(
            host.read_for(50_000),
            format!("\r\nRecv 4 bytes\r\n\r\nSEND OK\r\n\r\n+IPD,4:data{tail}")
        );
        assert_eq!(host.ask("AT+CIPCLOSE"), "CLOSED\r\n\r\nOK\r\n");
    }
}

#[test]
fn a_handshake_takes_two_round_trips_more() {
    for &dialect in MAIN {
        let mut host = joined(dialect, plain_server());
        host.net = host.net.clone().round_trip_us(1_000_000);
        host.send(format!("{START}\r\n").as_bytes());
        assert_eq!(host.read_for(3_000_000), "");
        assert_eq!(host.read_for(50_000), "CONNECT\r\n\r\nOK\r\n");
    }
}

#[test]
fn plain_and_tls_do_not_mix() {
    for &dialect in MAIN {
        let mut host = joined(dialect, plain_server());
        host.net.listen(at(80), || Box::new(Silent));
        let plain_to_tls = START.replace("SSL", "TCP");
        let tls_to_plain = START.replace("443", "80");
        assert_eq!(host.ask(&plain_to_tls), failed(dialect));
        assert_eq!(host.ask(&tls_to_plain), failed(dialect));
    }
}

#[test]
fn only_one_tls_link_at_a_time() {
    for &dialect in MAIN {
        let mut host = joined(dialect, plain_server());
        host.ask("AT+CIPMUX=1");
        let start = |link: u8| START.replace('=', &format!("={link},"));
        host.ask(&start(0));
        let (reach, close) = if dialect == NONOS {
            (
                "ssl reach max\r\n\r\nERROR\r\n",
                "must close ssl link\r\n\r\nERROR\r\n",
            )
        } else {
            (ERROR, ERROR)
        };
        check(
            &mut host,
            &[
                (&start(1), reach),
                ("AT+CIPSSLSIZE=4096", close),
                ("AT+CIPCLOSE=0", "0,CLOSED\r\n\r\nOK\r\n"),
                (&start(1), "1,CONNECT\r\n\r\nOK\r\n"),
            ],
        );
    }
}

#[test]
fn firmware_without_tls() {
    let mut host = joined(Dialect::NonOs0_2x, plain_server());
    assert_eq!(host.ask(START), "Link typ ERROR\r\n\r\nERROR\r\n");
}

#[test]
fn nonos_pushes_tls_data_in_passive_mode_too() {
    let mut host = joined(NONOS, plain_server());
    host.ask("AT+CIPRECVMODE=1");
    host.ask(START);
    let now = host.bench.now();
    host.net.act(now, at(443), |io| io.send(b"data"));
    assert_eq!(host.read_for(50_000), "\r\n+IPD,4:data");
    assert_eq!(host.ask("AT+CIPRECVDATA=4"), ERROR);
    let now = host.bench.now();
    host.net.act(now, at(443), |io: &mut PeerIo| {
        io.send(b"end");
        io.close();
    });
    assert_eq!(host.read_for(50_000), "\r\n+IPD,3:endCLOSED\r\n");
}

#[test]
fn esp_at_counts_encrypted_bytes_in_passive_mode() {
    let mut host = joined(ESP_AT, plain_server());
    host.ask("AT+CIPRECVMODE=1");
    host.ask(START);
    let now = host.bench.now();
    host.net.act(now, at(443), |io| io.send(&[b'x'; 494]));
    assert_eq!(host.read_for(50_000), "\r\n+IPD,523\r\n");
    check(
        &mut host,
        &[
            ("AT+CIPRECVLEN?", "+CIPRECVLEN:523\r\n\r\nOK\r\n"),
            (
                "AT+CIPRECVDATA=523",
                &format!("+CIPRECVDATA:494,{}\r\nOK\r\n", "x".repeat(494)),
            ),
            ("AT+CIPRECVLEN?", "+CIPRECVLEN:0\r\n\r\nOK\r\n"),
            ("AT+CIPRECVDATA=1", ERROR),
        ],
    );
}

#[test]
fn servers_are_checked_when_asked_to() {
    // No authority is stored on NonOS out of the box.
    let mut host = joined(NONOS, plain_server());
    check(
        &mut host,
        &[
            ("AT+CIPSSLCCONF=2", OK),
            (START, failed(NONOS)),
            ("AT+CIPSSLCCONF=0", OK),
            (START, "CONNECT\r\n\r\nOK\r\n"),
        ],
    );
    let mut host = joined(ESP_AT, plain_server().untrusted());
    check(
        &mut host,
        &[
            ("AT+CIPSSLCCONF=2,0,0", OK),
            (START, ERROR),
            ("AT+CIPSSLCCONF=0", OK),
            (START, "CONNECT\r\n\r\nOK\r\n"),
        ],
    );
    let mut host = joined(ESP_AT, plain_server());
    check(
        &mut host,
        &[
            ("AT+CIPSSLCCONF=2,0,2", OK),
            (START, "NO CERT FOUND\r\n\r\nERROR\r\n"),
            ("AT+CIPSSLCCONF=2,0,1", OK),
            ("AT+CIPSSLCCN=\"example.org\"", OK),
            (START, ERROR),
            ("AT+CIPSSLCCN=\"example.com\"", OK),
            (START, "CONNECT\r\n\r\nOK\r\n"),
        ],
    );
}

#[test]
fn certificates_can_be_stored() {
    let net = MemoryNetwork::new();
    net.listen_tls(at(443), plain_server().wants_certificate(), || {
        Box::new(Echo)
    });
    let modem = Modem::new(NONOS, common::air(), net.clone()).stored_certificates(1);
    let mut host = Host::on(Bench::new(modem, BenchConfig::default()), net);
    host.join();
    check(
        &mut host,
        &[
            ("AT+CIPSSLCCONF=2", OK),
            (START, failed(NONOS)),
            ("AT+CIPSSLCCONF=3", OK),
            (START, "CONNECT\r\n\r\nOK\r\n"),
        ],
    );
}

#[test]
fn names_and_protocols_reach_the_server() {
    let mut host = joined(ESP_AT, plain_server().strict_name().protocol("http/1.1"));
    check(
        &mut host,
        &[
            (START, ERROR),
            ("AT+CIPSSLCSNI=\"example.org\"", OK),
            (START, ERROR),
            ("AT+CIPSSLCSNI=\"example.com\"", OK),
            ("AT+CIPSSLCALPN=1,\"h2\"", OK),
            (START, ERROR),
            ("AT+CIPSSLCALPN=2,\"h2\",\"http/1.1\"", OK),
            (START, "CONNECT\r\n\r\nOK\r\n"),
        ],
    );
}

#[test]
fn names_keys_and_protocols_are_reported() {
    let lines = |name: &str, lines: [&str; 5]| {
        let lines = lines.map(|line| format!("+{name}:{line}\r\n"));
        lines.concat() + OK
    };
    let mut host = Host::joined(ESP_AT);
    host.ask("AT+CIPMUX=1");
    let sni = ["0,\"\"", "1,\"a.example\"", "2,\"\"", "3,\"\"", "4,\"\""];
    let none = ["0,\"\"", "1,\"\"", "2,\"\"", "3,\"\"", "4,\"\""];
    let two = ["0,\"\"", "1,\"\"", "2,\"h2\",\"x\"", "3,\"\"", "4,\"\""];
    let keys: Vec<String> = (0..5)
        .map(|link| format!("{link},\"id\",\"hint\""))
        .collect();
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    check(
        &mut host,
        &[
            ("AT+CIPSSLCSNI=1,\"a.example\"", OK),
            ("AT+CIPSSLCSNI?", &lines("CIPSSLCSNI", sni)),
            ("AT+CIPSSLCSNI=\"a.example\"", ERROR),
            ("AT+CIPSSLCSNI=1", ERROR),
            ("AT+CIPSSLCCN?", &lines("CIPSSLCCN", none)),
            ("AT+CIPSSLCALPN=2,2,\"h2\",\"x\"", OK),
            ("AT+CIPSSLCALPN=2,2,\"h2\"", ERROR),
            ("AT+CIPSSLCALPN?", &lines("CIPSSLCALPN", two)),
            ("AT+CIPSSLCALPN=2,0", OK),
            ("AT+CIPSSLCALPN?", &lines("CIPSSLCALPN", none)),
            ("AT+CIPSSLCPSK=5,\"id\",\"hint\"", OK),
            (
                "AT+CIPSSLCPSK?",
                &lines("CIPSSLCPSK", keys.try_into().unwrap()),
            ),
            ("AT+CIPSSLCPSK=5,\"id\"", ERROR),
        ],
    );
    let mut host = Host::joined(NONOS);
    for command in ["CIPSSLCSNI", "CIPSSLCCN", "CIPSSLCALPN", "CIPSSLCPSK"] {
        assert_eq!(host.ask(&format!("AT+{command}?")), ERROR);
    }
}

#[test]
fn settings_are_stored_per_link_on_esp_at() {
    let mut host = Host::joined(Dialect::NonOs1_7);
    check(
        &mut host,
        &[
            ("AT+CIPSSLSIZE?", "+CIPSSLSIZE:2048\r\n\r\nOK\r\n"),
            ("AT+CIPSSLSIZE=4096", OK),
            ("AT+CIPSSLSIZE?", "+CIPSSLSIZE:4096\r\n\r\nOK\r\n"),
            ("AT+CIPSSLSIZE=2047", ERROR),
            ("AT+CIPSSLSIZE=4097", ERROR),
            ("AT+CIPSSLSIZE=\"4096\"", ERROR),
            ("AT+CIPSSLSIZE", ERROR),
            ("AT+CIPSSLCCONF?", "+CIPSSLCCONF:0\r\n\r\nOK\r\n"),
            ("AT+CIPSSLCCONF=3", OK),
            ("AT+CIPSSLCCONF?", "+CIPSSLCCONF:3\r\n\r\nOK\r\n"),
            ("AT+CIPSSLCCONF=4", ERROR),
            ("AT+CIPSSLCCONF=1,0", ERROR),
            ("AT+CIPSSLCCONF", ERROR),
        ],
    );
    let esp_at = |lines: [&str; 5]| {
        let lines = lines.map(|line| format!("+CIPSSLCCONF:{line}\r\n"));
        lines.concat() + OK
    };
    let none = ["0,0,0,0", "1,0,0,0", "2,0,0,0", "3,0,0,0", "4,0,0,0"];
    let mut host = Host::joined(Dialect::EspAt2_2);
    // What a client does that knows NonOS first.
    check(
        &mut host,
        &[
            ("AT+CIPSSLSIZE=4096", ERROR),
            ("AT+CIPSSLCCONF?", &esp_at(none)),
            ("AT+CIPSSLCCONF=2,0,1", OK),
            ("AT+CIPSSLCCONF=4", ERROR),
            ("AT+CIPSSLCCONF=1,0,0,0", ERROR),
            ("AT+CIPMUX=1", OK),
            ("AT+CIPSSLCCONF=4,3", OK),
            ("AT+CIPSSLCCONF=6,0", ERROR),
            ("AT+CIPSSLCCONF=0", ERROR),
            (
                "AT+CIPSSLCCONF?",
                &esp_at(["0,2,0,1", "1,0,0,0", "2,0,0,0", "3,0,0,0", "4,3,0,0"]),
            ),
            ("AT+CIPSSLCCONF=5,0", OK),
            ("AT+CIPSSLCCONF?", &esp_at(none)),
        ],
    );
}
