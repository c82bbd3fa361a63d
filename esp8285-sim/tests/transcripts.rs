//! Exchanges published by users of real modems, reproduced.
//!
//! Addresses and names are the simulator's; the rest is byte for byte what those captures show, where the captured
//! firmware is one of the dialects (or behaves as one).

mod common;

use common::{Host, at};
use esp8285_sim::{Bench, BenchConfig, Chunk, Dialect, Direction, Modem, PeerIo, Silent};

/// laanwj/k210-sdk-stuff, a Maix Go: a join that fails, one that works, a request.
#[test]
fn maix_go_join_failure_then_tcp() {
    let mut host = Host::new(Dialect::NonOs1_7);
    host.ask("ATE0");
    host.ask("AT+CWMODE=1");
    host.net.listen(at(80), || Box::new(Silent));
    assert_eq!(host.ask("AT+CWJAP_CUR?"), "No AP\r\n\r\nOK\r\n");
    assert_eq!(host.ask("AT+CWQAP"), "\r\nOK\r\n");
    assert_eq!(host.ask("AT+CWMODE?"), "+CWMODE:1\r\n\r\nOK\r\n");
    host.send(b"AT+CWJAP_CUR=\"x\",\"x\"\r\n");
    assert_eq!(host.read_for(2_000_000), "WIFI DISCONNECT\r\n");
    assert_eq!(host.ask("AT+CWJAP_CUR=\"x\",\"x\""), "\r\nbusy p...\r\n");
    assert_eq!(host.ask("AT+CWJAP_CUR=\"x\",\"x\""), "\r\nbusy p...\r\n");
    assert_eq!(host.read_for(20_000_000), "+CWJAP:3\r\n\r\nFAIL\r\n");
    assert_eq!(host.ask("AT"), "\r\nOK\r\n");
    assert_eq!(host.ask("AT+CWJAP_CUR?"), "No AP\r\n\r\nOK\r\n");
    host.send(b"AT+CWJAP_CUR=\"workshop\",\"correct horse\"\r\n");
    assert_eq!(
        host.read_for(5_000_000),
        "WIFI CONNECTED\r\nWIFI GOT IP\r\n\r\nOK\r\n"
    );
    assert_eq!(
        host.ask("AT+CIFSR"),
        "+CIFSR:STAIP,\"192.168.1.77\"\r\n+CIFSR:STAMAC,\"18:fe:34:82:85:01\"\r\n\r\nOK\r\n"
    );
    assert_eq!(host.ask("AT+CIPSTATUS"), "STATUS:2\r\n\r\nOK\r\n");
    assert_eq!(host.ask("AT+CIPMUX=0"), "\r\nOK\r\n");
    assert_eq!(
        host.ask("AT+CIPSTART=\"TCP\",\"example.com\",80"),
        "CONNECT\r\n\r\nOK\r\n"
    );
    assert_eq!(host.ask("AT+CIPSEND=81"), "\r\nOK\r\n> ");
    host.send(&[b'x'; 81]);
    assert_eq!(
        host.read_for(100_000),
        "\r\nRecv 81 bytes\r\n\r\nSEND OK\r\n"
    );
}

/// espressif/ESP8266_NONOS_SDK#59: data and closures of other links between command, prompt and result.
#[test]
fn messages_between_prompt_and_result() {
    let mut host = Host::joined(Dialect::NonOs1_7);
    host.net.listen(at(80), || Box::new(Silent));
    host.net.listen(at(81), || Box::new(Silent));
    host.ask("AT+CIPMUX=1");
    host.ask("AT+CIPDINFO=1");
    host.ask("AT+CIPSTART=0,\"TCP\",\"192.168.1.3\",80");
    host.ask("AT+CIPSTART=1,\"TCP\",\"192.168.1.3\",81");
    host.ask("ATE1");
    assert_eq!(
        host.ask("AT+CIPSEND=0,98"),
        "AT+CIPSEND=0,98\r\n\r\nOK\r\n> "
    );
    let now = host.bench.now();
    host.net
        .act(now, at(81), |io: &mut PeerIo| io.send(&[b'd'; 345]));
    let frame = format!("\r\n+IPD,1,345,192.168.1.3,81:{}", "d".repeat(345));
    assert_eq!(host.read_for(100_000), frame);
    host.send(&[b'p'; 98]);
    assert_eq!(
        host.read_for(100_000),
        "\r\nRecv 98 bytes\r\n\r\nSEND OK\r\n"
    );
    assert_eq!(
        host.ask("AT+CIPCLOSE=0"),
        "AT+CIPCLOSE=0\r\n0,CLOSED\r\n\r\nOK\r\n"
    );
    let now = host.bench.now();
    host.net.act(now, at(81), PeerIo::close);
    assert_eq!(host.read_for(100_000), "1,CLOSED\r\n");
}

/// espressif/esp-at#325: echo, prompt without a space, CRLF behind the frame and outside its count.
#[test]
fn esp_at_send_and_receive() {
    let mut host = Host::joined(Dialect::EspAt2_2);
    host.net.listen(at(80), || Box::new(Silent));
    host.ask("AT+CIPMUX=1");
    host.ask("AT+CIPSTART=0,\"TCP\",\"192.168.1.3\",80");
    host.ask("ATE1");
    assert_eq!(
        host.ask("AT+CIPSEND=0,8"),
        "AT+CIPSEND=0,8\r\n\r\nOK\r\n\r\n>"
    );
    host.send(b"test,26,");
    assert_eq!(
        host.read_for(100_000),
        "\r\nRecv 8 bytes\r\n\r\nSEND OK\r\n"
    );
    let now = host.bench.now();
    host.net
        .act(now, at(80), |io: &mut PeerIo| io.send(b"test,28,"));
    assert_eq!(host.read_for(100_000), "\r\n+IPD,0,8:test,28,\r\n");
}

/// ARMmbed/mbed-os#11544: commands during an unacknowledged send are refused with `busy s...`.
#[test]
fn busy_while_a_send_is_unacknowledged() {
    let mut host = Host::joined(Dialect::NonOs1_7);
    host.net = host.net.clone().round_trip_us(1_000_000);
    host.net.listen(at(80), || Box::new(Silent));
    host.ask("AT+CIPMUX=1");
    host.send(b"AT+CIPSTART=0,\"TCP\",\"192.168.1.3\",80\r\n");
    host.read_for(1_500_000);
    assert_eq!(host.ask("AT+CIPSEND=0,653"), "\r\nOK\r\n> ");
    host.send(&[b'x'; 653]);
    assert_eq!(host.read_for(100_000), "\r\nRecv 653 bytes\r\n");
    assert_eq!(host.ask("AT+CIPSEND=0,75"), "\r\nbusy s...\r\n");
    assert_eq!(host.ask("AT+CIPSEND=0,75"), "\r\nbusy s...\r\n");
    assert_eq!(host.read_for(1_000_000), "\r\nSEND OK\r\n");
    assert_eq!(host.ask("AT+CIPSEND=0,75"), "\r\nOK\r\n> ");
}

/// espressif/esp-at#388: one busy per `AT` during a failing join, the result after 15 s.
#[test]
fn esp_at_failing_join() {
    let mut host = Host::new(Dialect::EspAt2_2);
    host.ask("ATE0");
    let start = host.bench.now();
    host.send(b"AT+CWJAP=\"workshop\",\"wrong password\"\r\n");
    for _ in 0..19 {
        assert_eq!(host.read_for(650_000), "");
        assert_eq!(host.ask("AT"), "\r\nbusy p...\r\n");
    }
    assert_eq!(host.read_for(20_000_000), "+CWJAP:2\r\n\r\nERROR\r\n");
    assert!(host.bench.now() - start > 15_000_000);
    assert_eq!(host.ask("AT"), "\r\nOK\r\n");
}

/// ARMmbed/esp8266-driver#44: what is said between the OK of a restart and the ROM's first line.
#[test]
fn restart_with_an_open_link() {
    let mut host = Host::joined(Dialect::NonOs1_7);
    host.net.listen(at(80), || Box::new(Silent));
    host.ask("AT+CIPMUX=1");
    host.ask("AT+CIPSTART=0,\"TCP\",\"192.168.1.3\",80");
    host.ask("ATE1");
    host.send(b"AT+RST\r\n");
    assert_eq!(host.read_for(5_000), "AT+RST\r\n\r\nOK\r\n");
    let rest = host.read_for(1_000_000);
    assert!(
        rest.starts_with("0,CLOSED\r\nWIFI DISCONNECT\r\n"),
        "{rest:?}"
    );
    assert!(
        !rest.contains("ets"),
        "the ROM's text is noise at this rate: {rest:?}"
    );
    assert!(rest.ends_with("\r\nready\r\n"), "{rest:?}");
}

/// sipeed/Maixduino#2: the boot text of a Maix Go, read at the ROM's rate.
#[test]
fn maix_go_boot_text() {
    let mut host = Host::new(Dialect::NonOs1_7);
    host.bench.set_host_baud(74_880);
    host.bench.with_modem(Modem::pulse_enable);
    let boot = host.read_for(1_000_000);
    let expected = " ets Jan  8 2013,rst cause:2, boot mode:(3,0)\r\n\r\n\
        load 0x40100000, len 2592, room 16 \r\ntail 0\r\nchksum 0xf3\r\n\
        load 0x3ffe8000, len 764, room 8 \r\ntail 4\r\nchksum 0x92\r\n\
        load 0x3ffe82fc, len 676, room 4 \r\ntail 0\r\nchksum 0x22\r\ncsum 0x22\r\n\r\n2nd boot";
    assert!(boot.contains(expected), "{boot:?}");
}

/// espressif/esp-at#76: frames with the sender's address, nothing between them.
#[test]
fn frames_with_addresses() {
    let mut host = Host::joined(Dialect::NonOs1_7);
    host.net.listen(at(8080), || Box::new(Silent));
    assert_eq!(host.ask("AT+CIPMUX=1"), "\r\nOK\r\n");
    assert_eq!(host.ask("AT+CIPDINFO=1"), "\r\nOK\r\n");
    assert_eq!(
        host.ask("AT+CIPSTART=0,\"TCP\",\"192.168.1.3\",8080"),
        "0,CONNECT\r\n\r\nOK\r\n"
    );
    let mut all = String::new();
    for text in ["12345", "12345", "12345788", "1234578834"] {
        let now = host.bench.now();
        host.net
            .act(now, at(8080), |io: &mut PeerIo| io.send(text.as_bytes()));
        all += &host.read_for(20_000);
    }
    assert_eq!(
        all,
        "\r\n+IPD,0,5,192.168.1.3,8080:12345\r\n+IPD,0,5,192.168.1.3,8080:12345\
         \r\n+IPD,0,8,192.168.1.3,8080:12345788\r\n+IPD,0,10,192.168.1.3,8080:1234578834"
    );
}

/// What was recorded is what went over the line, and the same session gives the same record.
#[test]
fn sessions_repeat_exactly() {
    let session = || {
        let config = BenchConfig {
            rx_chunk: Chunk::Bytes(7),
            ..BenchConfig::default()
        };
        let mut host = Host::with(Dialect::NonOs1_7, common::air(), config);
        host.bench.record(true);
        host.join();
        host.net.listen(at(80), || {
            Box::new(esp8285_sim::Serve::new(vec![b'z'; 20_000]))
        });
        host.ask("AT+CIPSTART=\"TCP\",\"192.168.1.3\",80");
        host.ask("AT+CIPSEND=3");
        host.send(b"GET");
        host.bytes_for(3_000_000);
        host.bench.with_modem(Modem::reset);
        host.bytes_for(2_000_000);
        let bench: &Bench = &host.bench;
        (bench.take_record(), bench.stats(), bench.now())
    };
    let first = session();
    assert_eq!(first, session());
    let read: usize = first
        .0
        .iter()
        .filter(|(_, way, _)| *way == Direction::FromModem)
        .map(|(.., bytes)| bytes.len())
        .sum();
    assert_eq!(read as u64, first.1.from_modem);
    assert!(read > 20_000);
}
