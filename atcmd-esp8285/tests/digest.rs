//! The digester: every form of every frame and line, however the bytes are cut.

mod bench;

use std::sync::LazyLock;

use atcmd_esp8285::at::atat::{DigestResult, Digester as _};
use atcmd_esp8285::at::digest::{Digester, Frame, MAX_LINE};
use bench::{SERVER, Setup, connect, joined, network, pattern, receive_all, send_all};
use embedded_nal::{AddrType, Dns, TcpClientStack};
use esp8285_sim::{Direction, Echo, Serve};
use proptest::prelude::*;

/// Everything the digester finds in `bytes`, fed in pieces of the given
/// sizes through a buffer of `MAX_LINE`.
fn tokens(bytes: &[u8], mut cut: impl FnMut() -> usize, peer_info: bool) -> Vec<String> {
    let mut digester = Digester::new();
    digester.expect_peer_info(peer_info);
    let mut found = vec![];
    let mut payload: Option<(Frame, Vec<u8>)> = None;
    let mut buf: Vec<u8> = vec![];
    let mut input = bytes;
    loop {
        let n = cut().clamp(1, MAX_LINE - buf.len()).min(input.len());
        buf.extend(&input[..n]);
        input = &input[n..];
        loop {
            if let Some(frame) = digester.frame() {
                let n = frame.remaining.min(buf.len());
                let (_, data) = payload.get_or_insert((frame, vec![]));
                data.extend(buf.drain(..n));
                digester.consumed(n);
                if digester.frame().is_none() {
                    let (frame, data) = payload.take().unwrap();
                    found.push(format!(
                        "{:?} {:?} {}",
                        frame.kind,
                        frame.link,
                        data.escape_ascii()
                    ));
                } else {
                    break;
                }
            }
            let (result, used) = digester.digest(&buf);
            match result {
                DigestResult::None => {}
                DigestResult::Urc(l) => found.push(format!("line {}", l.escape_ascii())),
                other => found.push(format!("{other:?}")),
            }
            buf.drain(..used);
            if used == 0 {
                break;
            }
        }
        assert!(buf.len() < MAX_LINE, "the digester is stuck");
        if input.is_empty() {
            return found;
        }
    }
}

fn whole(text: &[u8]) -> Vec<String> {
    tokens(text, || MAX_LINE, false)
}

#[test]
fn two_lines_without_a_leading_line_end_are_two_lines() {
    assert_eq!(
        whole(b"WIFI CONNECTED\r\nWIFI GOT IP\r\n\r\nOK\r\n"),
        [
            "line WIFI CONNECTED",
            "line WIFI GOT IP",
            "Response(Ok([]))"
        ]
    );
}

#[test]
fn all_headers_of_requested_data_are_taken() {
    for header in [
        "\r\n+CIPRECVDATA,4:",
        "+CIPRECVDATA:4,",
        "+CIPRECVDATA,3,4:\r\n",
    ] {
        let text = format!("{header}ab\r\n\r\nOK\r\n");
        assert_eq!(
            whole(text.as_bytes()),
            ["Requested None ab\\r\\n", "Response(Ok([]))"],
            "{header}"
        );
    }
    let text = format!("+CIPRECVDATA,256,{}\r\nOK\r\n", "x".repeat(256));
    assert_eq!(whole(text.as_bytes()).len(), 2);
    assert_eq!(
        tokens(
            b"+CIPRECVDATA:2,\"1.2.3.4\",80,hi\r\nOK\r\n",
            || MAX_LINE,
            true
        ),
        ["Requested None hi", "Response(Ok([]))"]
    );
}

#[test]
fn all_headers_of_pushed_data_are_taken() {
    for (header, link) in [
        ("+IPD,1,2:", "Some(1)"),
        ("+IPD,1,2,192.168.1.3,5285:", "Some(1)"),
        ("+IPD,1,2,\"192.168.1.3\",5285:", "Some(1)"),
        ("+IPD,2:", "None"),
        ("+IPD,2,192.168.1.3,5285:", "None"),
    ] {
        assert_eq!(
            whole(format!("\r\n{header}>\n\r\nOK\r\n").as_bytes()),
            [
                format!("Pushed {link} >\\n"),
                "Response(Ok([]))".to_string()
            ],
            "{header}"
        );
    }
}

#[test]
fn corrupted_headers_are_lines() {
    for bad in [
        "+IPD,0,99999999:",
        "+IPD,7,3:",
        "+IPD,,3:",
        "+IPD,0,:",
        "+IPD,0,3x:",
        "+CIPRECVDATA:x,",
        "+CIPRECVDATA;3,",
        "+CIPRECVDATA:99999999999,",
    ] {
        let found = whole(format!("{bad}\r\nOK\r\n").as_bytes());
        assert_eq!(
            found.last().unwrap(),
            "Response(Ok([]))",
            "{bad}: {found:?}"
        );
    }
}

#[test]
fn an_overlong_line_is_dropped_and_the_next_is_read() {
    let text = [&[b'x'; 1000][..], b"\r\nready\r\n"].concat();
    assert_eq!(whole(&text), ["line ready"]);
}

#[test]
fn a_prompt_counts_only_at_the_start_of_a_line() {
    assert_eq!(
        whole(b"+CWLAP:(3,\"net> \")\r\n\r\nOK\r\n> \r\nRecv 5 bytes\r\n"),
        [
            r#"line +CWLAP:(3,\"net> \")"#,
            "Response(Ok([]))",
            "Prompt(62)",
            "line Recv 5 bytes"
        ]
    );
}

#[test]
fn an_empty_frame_is_no_frame() {
    assert_eq!(whole(b"+CIPRECVDATA,0:\r\nOK\r\n"), ["Response(Ok([]))"]);
}

fn piece() -> impl Strategy<Value = Vec<u8>> {
    let text = prop::sample::select(vec![
        "\r\nOK\r\n",
        "ERROR\r\n",
        "0,CLOSED\r\n",
        "busy p...\r\n",
        "> ",
        "\r\n>",
        "SEND OK\r\n",
        "+IPD,0,5:",
        "+IPD,3,12\r\n",
        "+CIPRECVDATA,7:",
        "+CIPRECVDATA:3,",
        "+CIPRECVDATA,1,2:\r\n",
        "+CIPRECVDATA,300,",
        "+IPD,",
        "+CIP",
        "\r\n",
        "\n",
        "ready\r\n",
        "+CWLAP:(4,\"x\",-3)\r\n",
        "AT+CIPSEND=0,1,CONNECT\r\n",
    ]);
    prop_oneof![
        3 => text.prop_map(|t| t.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..300),
    ]
}

proptest! {
    #[test]
    fn any_cut_gives_the_same_tokens(
        pieces in prop::collection::vec(piece(), 0..30),
        cuts in prop::collection::vec(1usize..40, 1..50),
    ) {
        let bytes = pieces.concat();
        let expected = tokens(&bytes, || 1, false);
        let mut i = 0;
        let found = tokens(&bytes, || { i += 1; cuts[i % cuts.len()] }, false);
        prop_assert_eq!(&found, &expected);
        prop_assert_eq!(&whole(&bytes), &expected);
    }
}

/// What the simulated modem says in whole sessions, in every dialect and mode:
/// joins, lookups, transfers both ways, refusals, a lost access point, a
/// restart.
static SESSIONS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| Setup::all().map(session).collect());

fn session(setup: Setup) -> Vec<u8> {
    let network = network(setup).host("x.example", *SERVER.ip());
    network.listen(SERVER, || Box::new(Serve::new(pattern(3000))));
    network.listen("10.0.0.2:7".parse().unwrap(), || Box::new(Echo));
    let (bench, mut wifi) = joined::<4096>(setup, &network);
    bench.record(true);
    let _ = wifi.wait(|wifi| wifi.join("net", "wrong"));
    wifi.wait(|wifi| wifi.join("net", "password")).unwrap();
    wifi.wait(|wifi| wifi.get_host_by_name("x.example", AddrType::IPv4))
        .unwrap();
    let _ = wifi.wait(|wifi| wifi.get_host_by_name("y.example", AddrType::IPv4));
    let mut refused = wifi.socket().unwrap();
    let _ = wifi.wait(|wifi| wifi.connect(&mut refused, "10.0.0.9:9".parse().unwrap()));
    let mut echo = wifi.socket().unwrap();
    wifi.wait(|wifi| wifi.connect(&mut echo, "10.0.0.2:7".parse().unwrap()))
        .unwrap();
    let mut served = connect(&mut wifi).unwrap();
    send_all(&mut wifi, &mut served, b"please").unwrap();
    send_all(&mut wifi, &mut echo, b"\r\nOK\r\n+IPD,0,5:> ready\r\n").unwrap();
    receive_all(&mut wifi, &mut served).unwrap();
    wifi.wait(|wifi| wifi.receive(&mut echo, &mut [0; 4]))
        .unwrap();
    wifi.close(served).unwrap();
    let until = |wifi: &mut bench::Wifi<4096>, time: u64| {
        let end = bench.now() + time;
        while bench.now() < end {
            wifi.poll().unwrap();
            bench.idle(Some(end));
        }
    };
    bench.with_modem(|modem| modem.wifi_lost());
    until(&mut wifi, 3_000_000);
    bench.with_modem(|modem| modem.reset());
    until(&mut wifi, 3_000_000);
    let record = bench.take_record().into_iter();
    record
        .filter(|(_, direction, _)| *direction == Direction::FromModem)
        .flat_map(|(_, _, bytes)| bytes)
        .collect()
}

#[test]
fn recorded_sessions_hold_what_they_should() {
    for session in SESSIONS.iter() {
        let found = tokens(session, || 1, false);
        for expected in [
            "line WIFI DISCONNECT",
            "line ready",
            "Prompt(62)",
            "line +CWJAP:2",
        ] {
            assert!(found.iter().any(|t| t == expected), "{expected}");
        }
        let frames = found
            .iter()
            .filter(|t| t.starts_with("Pushed") || t.starts_with("Requested"));
        assert!(frames.count() >= 2);
    }
}

proptest! {
    #[test]
    fn any_cut_of_a_whole_session_gives_the_same_tokens(
        which in 0usize..4,
        cuts in prop::collection::vec(1usize..300, 1..50),
    ) {
        let bytes = &SESSIONS[which];
        let expected = tokens(bytes, || 1, false);
        let mut i = 0;
        let found = tokens(bytes, || { i += 1; cuts[i % cuts.len()] }, false);
        prop_assert_eq!(found, expected);
    }
}
