//! Joining, losing and restarting.

mod common;

use common::{Host, MAIN, air, at};
use esp8285_sim::{Air, BenchConfig, Dialect, Modem, PeerIo, Silent};

const OK: &str = "\r\nOK\r\n";

fn with(dialect: Dialect, air: Air) -> Host {
    let mut host = Host::with(dialect, air, BenchConfig::default());
    host.ask("ATE0");
    host.ask("AT+CWMODE=1");
    host
}

#[test]
fn joins_are_noticed_at_the_poll_on_nonos_and_at_once_on_esp_at() {
    for (&dialect, at_ms) in MAIN.iter().zip([1_000, 300]) {
        let mut host = with(dialect, air().join_time_ms(300));
        host.send(b"AT+CWJAP=\"workshop\",\"correct horse\"\r\n");
        let early = host.read_for(at_ms * 1_000 - 10_000);
        assert!(!early.contains("OK"), "{early:?}");
        let all = early + &host.read_for(20_000);
        assert_eq!(all, "WIFI CONNECTED\r\nWIFI GOT IP\r\n\r\nOK\r\n");
    }
}

#[test]
fn failures_take_their_time() {
    let cases = [
        (
            Dialect::NonOs1_7,
            "\"workshop\",\"wrong\"",
            14_000_000,
            "WIFI DISCONNECT\r\n+CWJAP:2\r\n\r\nFAIL\r\n",
        ),
        (
            Dialect::NonOs1_7,
            "\"nobody\",\"x\"",
            14_000_000,
            "WIFI DISCONNECT\r\n+CWJAP:3\r\n\r\nFAIL\r\n",
        ),
        (
            Dialect::EspAt2_2,
            "\"workshop\",\"wrong\"",
            15_000_000,
            "+CWJAP:2\r\n\r\nERROR\r\n",
        ),
        (
            Dialect::EspAt2_2,
            "\"nobody\",\"x\"",
            15_000_000,
            "+CWJAP:3\r\n\r\nERROR\r\n",
        ),
        (
            Dialect::EspAt2_2,
            "\"nobody\",\"x\",,,,,,3",
            3_000_000,
            "+CWJAP:3\r\n\r\nERROR\r\n",
        ),
    ];
    for (dialect, credentials, limit, reply) in cases {
        let mut host = with(dialect, air());
        host.send(format!("AT+CWJAP={credentials}\r\n").as_bytes());
        let early = host.read_for(limit - 10_000);
        assert!(!early.contains("CWJAP"), "{early:?}");
        assert_eq!(early + &host.read_for(50_000), reply);
    }
}

#[test]
fn a_slow_access_point_is_joined_after_the_failure() {
    let mut host = with(Dialect::NonOs1_7, air().join_time_ms(16_000));
    host.send(b"AT+CWJAP=\"workshop\",\"correct horse\"\r\n");
    assert_eq!(
        host.read_for(14_500_000),
        "WIFI CONNECTED\r\n+CWJAP:1\r\n\r\nFAIL\r\n"
    );
    assert_eq!(host.read_for(2_000_000), "WIFI GOT IP\r\n");
}

#[test]
fn joining_again_leaves_first() {
    for &dialect in MAIN {
        let mut host = Host::joined(dialect);
        host.send(b"AT+CWJAP=\"workshop\",\"correct horse\"\r\n");
        assert_eq!(
            host.read_for(3_000_000),
            "WIFI DISCONNECT\r\nWIFI CONNECTED\r\nWIFI GOT IP\r\n\r\nOK\r\n"
        );
    }
}

#[test]
fn losing_the_access_point_closes_the_links() {
    let lost = [
        "2,CLOSED\r\n4,CLOSED\r\nWIFI DISCONNECT\r\n",
        "WIFI DISCONNECT\r\n2,CLOSED\r\n4,CLOSED\r\n",
    ];
    for (&dialect, lost) in MAIN.iter().zip(lost) {
        let mut host = Host::joined(dialect);
        host.net.listen(at(80), || Box::new(Silent));
        host.ask("AT+CIPMUX=1");
        host.ask("AT+CIPSTART=2,\"TCP\",\"192.168.1.3\",80");
        host.ask("AT+CIPSTART=4,\"TCP\",\"192.168.1.3\",80");
        host.bench.with_modem(Modem::wifi_lost);
        assert_eq!(host.read_for(500_000), lost);
        assert!(host.ask("AT+CIPSTATUS").starts_with("STATUS:5\r\n"));
        // It comes back by itself.
        assert_eq!(
            host.read_for(3_000_000),
            "WIFI CONNECTED\r\nWIFI GOT IP\r\n"
        );
        assert!(host.ask("AT+CIPSTATUS").starts_with("STATUS:2\r\n"));
    }
}

#[test]
fn esp_at_keeps_unread_links_over_a_loss() {
    let mut host = Host::joined(Dialect::EspAt2_2);
    host.net.listen(at(80), || Box::new(Silent));
    host.ask("AT+CIPRECVMODE=1");
    host.ask("AT+CIPSTART=\"TCP\",\"192.168.1.3\",80");
    let now = host.bench.now();
    host.net
        .act(now, at(80), |io: &mut PeerIo| io.send(b"kept"));
    host.read_for(50_000);
    host.bench.with_modem(Modem::wifi_lost);
    assert_eq!(host.read_for(500_000), "WIFI DISCONNECT\r\n");
    assert_eq!(
        host.ask("AT+CIPRECVDATA=10"),
        "+CIPRECVDATA:4,kept\r\nOK\r\nCLOSED\r\n"
    );
}

#[test]
fn a_lost_access_point_that_is_gone_is_tried_again() {
    let mut host = Host::joined(Dialect::NonOs1_7);
    host.bench.with_modem(|modem| {
        modem.air_mut().remove("workshop");
        modem.wifi_lost();
    });
    assert_eq!(host.read_for(60_000_000), "WIFI DISCONNECT\r\n");
    host.bench.with_modem(|modem| *modem.air_mut() = air());
    assert_eq!(
        host.read_for(5_000_000),
        "WIFI CONNECTED\r\nWIFI GOT IP\r\n"
    );
}

#[test]
fn a_stored_access_point_is_joined_at_boot() {
    for &dialect in MAIN {
        let mut host = Host::joined(dialect);
        host.bench.with_modem(Modem::reset);
        let boot = host.read_for(4_000_000);
        assert!(
            boot.ends_with("\r\nready\r\nWIFI CONNECTED\r\nWIFI GOT IP\r\n"),
            "{boot:?}"
        );
        // Not when that is switched off.
        host.ask("AT+CWAUTOCONN=0");
        host.bench.with_modem(Modem::reset);
        assert!(host.read_for(4_000_000).ends_with("\r\nready\r\n"));
    }
}

#[test]
fn current_settings_are_not_stored() {
    let mut host = Host::new(Dialect::NonOs1_7);
    host.ask("ATE0");
    host.ask("AT+CWMODE_CUR=1");
    host.send(b"AT+CWJAP_CUR=\"workshop\",\"correct horse\"\r\n");
    host.read_for(3_000_000);
    host.bench.with_modem(Modem::reset);
    assert!(host.read_for(4_000_000).ends_with("\r\nready\r\n"));
    assert!(host.ask("AT+CWMODE?").contains("+CWMODE:2\r\n"));

    let mut host = Host::new(Dialect::EspAt2_2);
    host.ask("ATE0");
    host.ask("AT+SYSSTORE=0");
    host.join();
    host.bench.with_modem(Modem::reset);
    assert!(host.read_for(4_000_000).ends_with("\r\nready\r\n"));
}

#[test]
fn restore_forgets() {
    for (&dialect, mode) in MAIN.iter().zip(["2", "1"]) {
        let mut host = Host::joined(dialect);
        host.send(b"AT+RESTORE\r\n");
        let boot = host.read_for(4_000_000);
        assert!(boot.starts_with(OK), "{boot:?}");
        assert!(boot.ends_with("\r\nready\r\n"), "{boot:?}");
        assert!(
            host.ask("AT+CWMODE?")
                .ends_with(&format!("+CWMODE:{mode}\r\n\r\nOK\r\n"))
        );
    }
}

#[test]
fn a_restart_clears_the_session() {
    for &dialect in MAIN {
        let mut host = Host::joined(dialect);
        host.net.listen(at(80), || Box::new(Silent));
        host.ask("AT+CIPMUX=1");
        host.ask("AT+CIPDINFO=1");
        host.ask("AT+CIPRECVMODE=1");
        host.ask("AT+CIPSTART=1,\"TCP\",\"192.168.1.3\",80");
        host.bench.with_modem(Modem::reset);
        host.read_for(4_000_000);
        assert_eq!(
            host.ask("AT+CIPMUX?"),
            "AT+CIPMUX?\r\n+CIPMUX:0\r\n\r\nOK\r\n"
        );
        assert!(host.ask("AT+CIPRECVMODE?").contains("+CIPRECVMODE:0\r\n"));
        assert!(host.ask("AT+CIPSTATUS").contains("STATUS:2\r\n\r\nOK"));
        assert_eq!(host.net.connections(), 0);
    }
}

#[test]
fn a_reset_cuts_what_is_being_said() {
    let mut host = Host::joined(Dialect::NonOs1_7);
    host.net.listen(at(80), || Box::new(Silent));
    host.ask("AT+CIPSTART=\"TCP\",\"192.168.1.3\",80");
    let now = host.bench.now();
    host.net
        .act(now, at(80), |io: &mut PeerIo| io.send(&[b'x'; 1_460]));
    let first = host.read_for(50_000);
    assert!(first.starts_with("\r\n+IPD,1460:xxx"));
    host.bench.with_modem(Modem::reset);
    let rest = host.read_for(4_000_000);
    assert!(
        first.len() + rest.matches('x').count() < 1_000,
        "the frame is never completed"
    );
    assert!(rest.contains("\r\nready\r\n"));
}

#[test]
fn injected_text_appears() {
    let mut host = Host::joined(Dialect::EspAt2_2);
    host.bench
        .with_modem(|modem| modem.inject(b"to read 75 bytes\r\n"));
    assert_eq!(host.read_for(50_000), "to read 75 bytes\r\n");
}
