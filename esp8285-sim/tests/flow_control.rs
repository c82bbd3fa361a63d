//! RTS and CTS.

mod common;

use common::{Host, air, at, text};
use embedded_io::{Read, ReadReady, Write};
use esp8285_sim::{BenchConfig, Dialect, Modem, Serve};

const OK: &str = "\r\nOK\r\n";

fn host(dialect: Dialect, rx_fifo: usize) -> Host {
    let config = BenchConfig {
        rx_fifo,
        flow_control: true,
        ..BenchConfig::default()
    };
    let mut host = Host::with(dialect, air(), config);
    host.join();
    host
}

/// Starts a download of `length` bytes and does not read it for ten seconds.
fn neglected_download(host: &mut Host, length: usize) -> Vec<u8> {
    let data: Vec<u8> = (0..length).map(|i| b'a' + (i % 26) as u8).collect();
    let served = data.clone();
    host.net.listen(at(80), move || {
        Box::new(Serve::new(served.clone()).at_connect())
    });
    host.send(b"AT+CIPSTART=\"TCP\",\"192.168.1.3\",80\r\n");
    host.bench.advance(10_000_000);
    data
}

/// Takes the payload out of `+IPD` frames.
fn payload(mut bytes: &[u8]) -> Vec<u8> {
    let mut all = Vec::new();
    while let Some(start) = bytes.windows(5).position(|window| window == b"+IPD,") {
        let colon = start
            + bytes[start..]
                .iter()
                .position(|&byte| byte == b':')
                .unwrap();
        let length: usize = text(&bytes[start + 5..colon]).parse().unwrap();
        let end = colon + 1 + length;
        all.extend_from_slice(&bytes[colon + 1..end]);
        bytes = &bytes[end..];
    }
    all
}

#[test]
fn nothing_is_lost_when_the_modem_obeys_cts() {
    for dialect in [Dialect::NonOs1_7, Dialect::EspAt2_2] {
        for flow in [2, 3] {
            let mut host = host(dialect, 64);
            assert_eq!(host.ask(&format!("AT+UART_CUR=115200,8,1,0,{flow}")), OK);
            let data = neglected_download(&mut host, 20_000);
            assert!(!host.bench.rts());
            let received = host.bytes_for(10_000_000);
            assert_eq!(payload(&received), data, "{dialect}");
            assert_eq!(host.bench.stats().overruns, 0);
            assert!(host.bench.rts());
        }
    }
}

#[test]
fn without_cts_the_buffer_overruns() {
    for flow in [0, 1] {
        let mut host = host(Dialect::NonOs1_7, 64);
        assert_eq!(host.ask(&format!("AT+UART_CUR=115200,8,1,0,{flow}")), OK);
        neglected_download(&mut host, 20_000);
        assert!(host.bench.stats().overruns > 10_000);
    }
}

#[test]
fn the_modem_stops_behind_the_byte_it_is_sending() {
    let mut host = host(Dialect::NonOs1_7, 64);
    host.ask("AT+UART_CUR=115200,8,1,0,2");
    host.send(b"AT+GMR\r\n");
    host.bench.advance(1_000_000);
    // 48 of 64 bytes say stop, and one more was under way.
    let mut uart = host.bench.uart();
    let mut buf = [0; 100];
    assert_eq!(uart.read(&mut buf).unwrap(), 49);
    assert!(!uart.read_ready().unwrap());
    assert!(host.bench.rts());
    host.bench.advance(10_000);
    assert_eq!(uart.read(&mut buf).unwrap(), 49);
}

#[test]
fn a_modem_that_takes_nothing_stops_the_host() {
    for (flow, arrives) in [(1, true), (3, true), (0, false), (2, false)] {
        let mut host = host(Dialect::NonOs1_7, 4_096);
        host.ask(&format!("AT+UART_CUR=115200,8,1,0,{flow}"));
        host.bench.with_modem(|modem| modem.stall(true));
        let mut uart = host.bench.uart();
        // 130 bytes nobody knows, then a command.
        let line = [&[b'x'; 130][..], b"\r\nAT\r\nATE0\r\nAT+CWMODE?\r\n"].concat();
        uart.write_all(&line).unwrap();
        host.bench.advance(100_000);
        assert_eq!(host.bench.cts(), !arrives);
        assert_eq!(host.read_for(1_000_000), "");
        host.bench.with_modem(|modem| modem.stall(false));
        assert!(host.bench.cts());
        let reply = host.read_for(100_000);
        // The commands arrive, if together: busy. What was lost is not answered.
        assert_eq!(
            reply.contains("busy p...") || reply.contains("OK"),
            arrives,
            "{reply:?}"
        );
        assert_eq!(host.ask("AT"), OK);
    }
}

#[test]
fn a_reset_ends_flow_control_until_the_stored_setting_is_back() {
    let mut host = host(Dialect::EspAt2_2, 64);
    host.ask("AT+UART_CUR=115200,8,1,0,3");
    host.ask("AT+CWAUTOCONN=0");
    host.bench.with_modem(Modem::reset);
    host.bench.advance(3_000_000);
    // The loader's text takes no notice of RTS.
    assert!(host.bench.stats().overruns > 0);
    host.bytes_for(10_000);
    assert!(
        host.ask("AT+UART_CUR?")
            .ends_with("+UART_CUR:115273,8,1,0,0\r\n\r\nOK\r\n")
    );
}
