//! Numbered sends (`AT+CIPSENDBUF`) and socket options.

mod common;

use common::{Host, at};
use esp8285_sim::{Dialect, Silent};

const OK: &str = "\r\nOK\r\n";
const ERROR: &str = "\r\nERROR\r\n";

/// Joined to a peer two seconds away.
fn far(multiple: bool) -> Host {
    let mut host = Host::joined(Dialect::NonOs1_7);
    host.net = host.net.clone().round_trip_us(2_000_000);
    host.net.listen(at(80), || Box::new(Silent));
    if multiple {
        host.ask("AT+CIPMUX=1");
    }
    let id = if multiple { "2," } else { "" };
    host.send(format!("AT+CIPSTART={id}\"TCP\",\"192.168.1.3\",80\r\n").as_bytes());
    assert!(host.read_for(3_000_000).ends_with(OK));
    host
}

#[track_caller]
fn check(host: &mut Host, exchanges: &[(&str, &str)]) {
    for (command, reply) in exchanges {
        assert_eq!(host.ask(command), *reply, "reply to {command}");
    }
}

#[test]
fn sends_are_numbered_and_nobody_waits_for_them() {
    let mut host = far(false);
    check(&mut host, &[("AT+CIPSENDBUF=3", "1,0\r\n\r\nOK\r\n> ")]);
    host.send(b"one");
    assert_eq!(host.read_for(20_000), "\r\nRecv 3 bytes\r\n");
    check(
        &mut host,
        &[
            ("AT", OK),
            ("AT+CIPBUFSTATUS", "2,1,0,2917,7\r\n\r\nOK\r\n"),
            ("AT+CIPCHECKSEQ=1", "1,FALSE\r\n\r\nOK\r\n"),
            ("AT+CIPCHECKSEQ=2", ERROR),
            ("AT+CIPBUFRESET", ERROR),
            ("AT+CIPSENDBUF=3", "2,0\r\n\r\nOK\r\n> "),
        ],
    );
    host.send(b"two");
    assert_eq!(host.read_for(20_000), "\r\nRecv 3 bytes\r\n");
    assert_eq!(host.read_for(3_000_000), "1,SEND OK\r\n2,SEND OK\r\n");
    check(
        &mut host,
        &[
            ("AT+CIPBUFSTATUS", "3,2,2,2920,8\r\n\r\nOK\r\n"),
            ("AT+CIPCHECKSEQ=1", "1,TRUE\r\n\r\nOK\r\n"),
            ("AT+CIPBUFRESET", OK),
            ("AT+CIPBUFSTATUS", "1,0,0,2920,8\r\n\r\nOK\r\n"),
        ],
    );
}

#[test]
fn several_links_show_theirs() {
    let mut host = far(true);
    check(&mut host, &[("AT+CIPSENDBUF=2,3", "2,1,0\r\n\r\nOK\r\n> ")]);
    host.send(b"one");
    assert_eq!(host.read_for(20_000), "\r\nRecv 3 bytes\r\n");
    assert_eq!(host.read_for(3_000_000), "2,1,SEND OK\r\n");
    check(
        &mut host,
        &[
            ("AT+CIPCHECKSEQ=2,1", "2,1,TRUE\r\n\r\nOK\r\n"),
            ("AT+CIPBUFSTATUS=2", "2,1,1,2920,8\r\n\r\nOK\r\n"),
            ("AT+CIPBUFSTATUS", ERROR),
            ("AT+CIPBUFSTATUS=3", ERROR),
            ("AT+CIPBUFRESET=2", OK),
            ("AT+CIPSENDBUF=3,1", "link is not valid\r\n\r\nERROR\r\n"),
        ],
    );
}

#[test]
fn the_buffer_fills() {
    let mut host = far(false);
    host.ask("AT+CIPSENDBUF=2048");
    host.send(&[b'x'; 2_048]);
    host.read_for(190_000);
    check(
        &mut host,
        &[
            ("AT+CIPSENDBUF=1000", "BUFFER FULL\r\n\r\nERROR\r\n"),
            ("AT+CIPSENDBUF=2049", "too long\r\n\r\nERROR\r\n"),
        ],
    );
    for number in 2..8 {
        host.ask("AT+CIPSENDBUF=1");
        host.send(b"x");
        assert_eq!(host.read_for(2_000), "\r\nRecv 1 bytes\r\n", "{number}");
    }
    assert_eq!(host.ask("AT+CIPSENDBUF=1"), "QUEUE FULL\r\n\r\nERROR\r\n");
}

#[test]
fn only_plain_tcp_has_them() {
    let mut host = Host::joined(Dialect::NonOs1_7);
    host.ask("AT+CIPSTART=\"UDP\",\"192.168.1.3\",80");
    check(
        &mut host,
        &[
            ("AT+CIPSENDBUF=1", ERROR),
            ("AT+CIPBUFSTATUS", ERROR),
            ("AT+CIPCHECKSEQ=1", ERROR),
            ("AT+CIPBUFRESET", ERROR),
        ],
    );
    let mut host = Host::joined(Dialect::EspAt2_2);
    host.net.listen(at(80), || Box::new(Silent));
    host.ask("AT+CIPSTART=\"TCP\",\"192.168.1.3\",80");
    check(
        &mut host,
        &[("AT+CIPSENDBUF=1", ERROR), ("AT+CIPBUFSTATUS", ERROR)],
    );
}

#[test]
fn socket_options() {
    let mut host = Host::joined(Dialect::EspAt2_2);
    let shown = |third: &str| {
        format!(
            "+CIPTCPOPT:0,-1,0,0\r\n+CIPTCPOPT:1,-1,0,0\r\n+CIPTCPOPT:2,{third}\r\n\
             +CIPTCPOPT:3,-1,0,0\r\n+CIPTCPOPT:4,-1,0,0\r\n\r\nOK\r\n"
        )
    };
    host.ask("AT+CIPMUX=1");
    check(
        &mut host,
        &[
            ("AT+CIPTCPOPT?", &shown("-1,0,0")),
            ("AT+CIPTCPOPT=2,0,1,500", OK),
            ("AT+CIPTCPOPT?", &shown("0,1,500")),
            ("AT+CIPTCPOPT=2,,0", OK),
            ("AT+CIPTCPOPT?", &shown("0,0,500")),
            ("AT+CIPTCPOPT=5,-1,0,0", OK),
            ("AT+CIPTCPOPT?", &shown("-1,0,0")),
            ("AT+CIPTCPOPT=2,-2", ERROR),
            ("AT+CIPTCPOPT=2,0,2", ERROR),
            ("AT+CIPTCPOPT=6,0", ERROR),
            ("AT+CIPTCPOPT=?", ERROR),
            ("AT+CIPTCPOPT", ERROR),
        ],
    );
}

#[test]
fn the_firmware_without_socket_options_refuses_every_form() {
    for &dialect in Dialect::ALL {
        let has = matches!(
            dialect,
            Dialect::EspAt2_1 | Dialect::EspAt2_2 | Dialect::EspAt2_3
        );
        let mut host = Host::joined(dialect);
        host.ask("AT+CIPMUX=1");
        for command in ["AT+CIPTCPOPT=1,-1,1,0", "AT+CIPTCPOPT?", "AT+CIPTCPOPT=?"] {
            let reply = host.ask(command);
            let taken = has && command != "AT+CIPTCPOPT=?";
            assert_eq!(
                !reply.ends_with(ERROR),
                taken,
                "{dialect} {command}: {reply}"
            );
        }
    }
}

#[test]
fn no_delay_stays_with_the_link_until_a_restart() {
    let mut host = Host::joined(Dialect::EspAt2_2);
    host.net.listen(at(80), || Box::new(Silent));
    host.ask("AT+CIPMUX=1");
    check(&mut host, &[("AT+CIPTCPOPT=1,-1,1,0", OK)]);
    host.ask("AT+CIPSTART=1,\"TCP\",\"192.168.1.3\",80");
    host.ask("AT+CIPCLOSE=1");
    assert_eq!(
        [0, 1, 2, 5].map(|link| host.bench.with_modem(|modem| modem.no_delay(link))),
        [false, true, false, false]
    );
}

#[test]
fn links_of_the_newest_firmware() {
    let mut host = Host::joined(Dialect::EspAt2_3);
    host.net.listen(at(80), || Box::new(Silent));
    assert_eq!(host.ask("AT+CIPSTATE?"), OK);
    host.ask("AT+CIPSTART=\"TCP\",\"192.168.1.3\",80");
    assert_eq!(
        host.ask("AT+CIPSTATE?"),
        "+CIPSTATE:0,\"TCP\",\"192.168.1.3\",80,49152,0\r\n\r\nOK\r\n"
    );
    assert_eq!(Host::joined(Dialect::EspAt2_2).ask("AT+CIPSTATE?"), ERROR);
}
