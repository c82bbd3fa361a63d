//! Received data, pushed and asked for.

mod common;

use common::{Host, MAIN, at, text};
use esp8285_sim::{Dialect, PeerIo, Serve, Silent};

const OK: &str = "\r\nOK\r\n";
const ERROR: &str = "\r\nERROR\r\n";

/// Joined, one link to a peer that waits to be told.
fn linked(dialect: Dialect, passive: bool, multiple: bool) -> Host {
    let mut host = Host::joined(dialect);
    host.net.listen(at(80), || Box::new(Silent));
    if passive {
        assert_eq!(host.ask("AT+CIPRECVMODE=1"), OK);
    }
    if multiple {
        host.ask("AT+CIPMUX=1");
        assert_eq!(
            host.ask("AT+CIPSTART=2,\"TCP\",\"192.168.1.3\",80"),
            "2,CONNECT\r\n\r\nOK\r\n"
        );
    } else {
        assert_eq!(
            host.ask("AT+CIPSTART=\"TCP\",\"192.168.1.3\",80"),
            "CONNECT\r\n\r\nOK\r\n"
        );
    }
    host
}

fn peer(host: &Host, act: impl FnOnce(&mut PeerIo)) {
    assert!(host.net.act(host.bench.now(), at(80), act));
}

#[test]
fn nonos_passive() {
    let mut host = linked(Dialect::NonOs1_7, true, true);
    assert_eq!(
        host.ask("AT+CIPRECVDATA=2,100"),
        OK,
        "nothing there: no header"
    );
    // One notification per segment, with that segment's length.
    peer(&host, |io| io.send(&[b'x'; 2_000]));
    assert_eq!(
        host.read_for(50_000),
        "\r\n+IPD,2,1460\r\n\r\n+IPD,2,540\r\n"
    );
    assert_eq!(
        host.ask("AT+CIPRECVLEN?"),
        "+CIPRECVLEN:0,0,2000,0,0\r\n\r\nOK\r\n"
    );
    assert_eq!(
        host.ask("AT+CIPRECVDATA=2,3"),
        "\r\n+CIPRECVDATA,3:xxx\r\nOK\r\n"
    );
    assert_eq!(host.ask("AT+CIPRECVDATA=2,2049"), ERROR);
    assert_eq!(host.ask("AT+CIPRECVDATA=2,0"), ERROR);
    assert_eq!(host.ask("AT+CIPRECVDATA=3,10"), ERROR);
    assert_eq!(
        host.ask("AT+CIPRECVDATA=10"),
        format!("ID ERROR\r\n{ERROR}")
    );
    host.send(b"AT+CIPRECVDATA=2,2048\r\n");
    let reply = host.read_for(300_000);
    assert_eq!(
        reply,
        format!("\r\n+CIPRECVDATA,1997:{}\r\nOK\r\n", "x".repeat(1_997))
    );
    // What is unread at the end is kept; the end is reported at once.
    peer(&host, |io| {
        io.send(b"OK\r\nlast");
        io.close();
    });
    assert_eq!(host.read_for(50_000), "\r\n+IPD,2,8\r\n2,CLOSED\r\n");
    assert_eq!(host.ask("AT+CIPSTATUS"), "STATUS:4\r\n\r\nOK\r\n");
    assert_eq!(
        host.ask("AT+CIPRECVDATA=2,4"),
        "\r\n+CIPRECVDATA,4:OK\r\n\r\nOK\r\n"
    );
    assert_eq!(
        host.ask("AT+CIPRECVDATA=2,100"),
        "\r\n+CIPRECVDATA,4:last\r\nOK\r\n"
    );
    assert_eq!(host.ask("AT+CIPRECVDATA=2,100"), ERROR);
    // A new link on that number has nothing of it.
    peer_stash_is_dropped(&mut host);
}

fn peer_stash_is_dropped(host: &mut Host) {
    let start = "AT+CIPSTART=2,\"TCP\",\"192.168.1.3\",80";
    host.ask(start);
    peer(host, |io| {
        io.send(b"old");
        io.close();
    });
    host.read_for(50_000);
    assert_eq!(host.ask(start), "2,CONNECT\r\n\r\nOK\r\n");
    assert_eq!(host.ask("AT+CIPRECVDATA=2,100"), OK);
}

#[test]
fn esp_at_passive() {
    let mut host = linked(Dialect::EspAt2_2, true, true);
    assert_eq!(host.ask("AT+CIPRECVDATA=2,100"), ERROR, "nothing there");
    // One notification, and no other until something is read.
    peer(&host, |io| io.send(b"0123456789"));
    assert_eq!(host.read_for(50_000), "\r\n+IPD,2,10\r\n");
    peer(&host, |io| io.send(b"abcde"));
    assert_eq!(host.read_for(50_000), "");
    assert_eq!(
        host.ask("AT+CIPRECVLEN?"),
        "+CIPRECVLEN:-1,-1,15,-1,-1\r\n\r\nOK\r\n"
    );
    assert_eq!(
        host.ask("AT+CIPRECVDATA=2,4"),
        "+CIPRECVDATA:4,0123\r\nOK\r\n\r\n+IPD,2,11\r\n"
    );
    host.ask("AT+CIPDINFO=1");
    assert_eq!(
        host.ask("AT+CIPRECVDATA=2,2147483647"),
        "+CIPRECVDATA:11,\"192.168.1.3\",80,456789abcde\r\nOK\r\n"
    );
    host.ask("AT+CIPDINFO=0");
    assert_eq!(
        host.ask("AT+CIPRECVLEN?"),
        "+CIPRECVLEN:-1,-1,0,-1,-1\r\n\r\nOK\r\n"
    );
    // The end is withheld until everything is read.
    peer(&host, |io| {
        io.send(b"last words");
        io.close();
    });
    assert_eq!(host.read_for(50_000), "\r\n+IPD,2,10\r\n");
    assert_eq!(
        host.ask("AT+CIPRECVDATA=2,4"),
        "+CIPRECVDATA:4,last\r\nOK\r\n\r\n+IPD,2,6\r\n"
    );
    assert_eq!(
        host.ask("AT+CIPRECVDATA=2,100"),
        "+CIPRECVDATA:6, words\r\nOK\r\n2,CLOSED\r\n"
    );
    assert_eq!(host.ask("AT+CIPRECVDATA=2,100"), ERROR);
}

#[test]
fn esp_at_withheld_end_and_close() {
    let mut host = linked(Dialect::EspAt2_2, true, false);
    peer(&host, |io| {
        io.send(b"unread");
        io.close();
    });
    assert_eq!(host.read_for(50_000), "\r\n+IPD,6\r\n");
    assert_eq!(host.ask("AT+CIPRECVLEN?"), "+CIPRECVLEN:6\r\n\r\nOK\r\n");
    assert_eq!(host.ask("AT+CIPCLOSE"), "CLOSED\r\n\r\nOK\r\n");
    assert_eq!(host.ask("AT+CIPRECVDATA=6"), ERROR);
}

#[test]
fn single_link_forms() {
    let mut host = linked(Dialect::NonOs1_7, true, false);
    peer(&host, |io| io.send(b"abc"));
    assert_eq!(host.read_for(50_000), "\r\n+IPD,3\r\n");
    assert_eq!(
        host.ask("AT+CIPRECVLEN?"),
        "+CIPRECVLEN:3,0,0,0,0\r\n\r\nOK\r\n"
    );
    assert_eq!(host.ask("AT+CIPRECVDATA=0,3"), ERROR);
    assert_eq!(
        host.ask("AT+CIPRECVDATA=3"),
        "\r\n+CIPRECVDATA,3:abc\r\nOK\r\n"
    );
    peer(&host, PeerIo::close);
    assert_eq!(host.read_for(50_000), "CLOSED\r\n");
}

#[test]
fn the_window_bounds_what_waits() {
    for (&dialect, window) in MAIN.iter().zip([5_840, 5_760]) {
        let mut host = linked(dialect, true, false);
        peer(&host, |io| io.send(&[7; 100_000]));
        host.read_for(200_000);
        // Whole segments only.
        let waiting = window / 1_460 * 1_460;
        assert!(
            host.ask("AT+CIPRECVLEN?")
                .starts_with(&format!("+CIPRECVLEN:{waiting}"))
        );
    }
}

#[test]
fn active_frames() {
    let mut host = linked(Dialect::NonOs1_7, false, true);
    peer(&host, |io| io.send(b"ab"));
    assert_eq!(host.read_for(50_000), "\r\n+IPD,2,2:ab");
    assert_eq!(host.ask("AT+CIPRECVDATA=2,1"), ERROR);
    // Nothing separates the payload from what follows.
    peer(&host, |io| {
        io.send(b"cd");
        io.close();
    });
    assert_eq!(host.read_for(50_000), "\r\n+IPD,2,2:cd2,CLOSED\r\n");

    let mut host = linked(Dialect::EspAt2_2, false, false);
    peer(&host, |io| io.send(b"ab"));
    assert_eq!(host.read_for(50_000), "\r\n+IPD,2:ab\r\n");
    host.ask("AT+CIPDINFO=1");
    peer(&host, |io| io.send(b"cd"));
    assert_eq!(
        host.read_for(50_000),
        "\r\n+IPD,2,\"192.168.1.3\",80:cd\r\n"
    );
}

#[test]
fn a_backlog_makes_frames_of_two_segments() {
    for (&dialect, tail) in MAIN.iter().zip([0, 2]) {
        let mut host = linked(dialect, false, false);
        let sent: Vec<u8> = (0..50_000u32).map(|n| (n % 251) as u8).collect();
        peer(&host, |io| {
            io.send(&sent);
            io.close();
        });
        let mut stream = &host.bytes_for(6_000_000)[..];
        let (mut got, mut longest) = (Vec::new(), 0);
        while let Some(frame) = stream.strip_prefix(b"\r\n+IPD,") {
            let colon = frame.iter().position(|&byte| byte == b':').unwrap();
            let length: usize = text(&frame[..colon]).parse().unwrap();
            got.extend_from_slice(&frame[colon + 1..][..length]);
            stream = &frame[colon + 1 + length + tail..];
            longest = longest.max(length);
        }
        assert_eq!(text(stream), "CLOSED\r\n");
        assert_eq!(longest, 2_920);
        assert!(got == sent);
    }
}

#[test]
fn links_take_turns() {
    let mut host = Host::joined(Dialect::NonOs1_7);
    host.net
        .listen(at(80), || Box::new(Serve::new(vec![b'x'; 30_000])));
    host.ask("AT+CIPMUX=1");
    for link in 0..2 {
        host.ask(&format!("AT+CIPSTART={link},\"TCP\",\"192.168.1.3\",80"));
    }
    for link in 0..2 {
        host.ask(&format!("AT+CIPSEND={link},1"));
        host.send(b"G");
        host.read_for(2_000);
    }
    let all = host.read_for(8_000_000);
    let (one, other) = (all.find("0,CLOSED").unwrap(), all.find("1,CLOSED").unwrap());
    assert!(
        one.abs_diff(other) < 10_000,
        "both end together: {one} {other}"
    );
}

#[test]
fn esp_at_serves_no_link_while_it_connects() {
    for (&dialect, held) in MAIN.iter().zip([false, true]) {
        let mut host = linked(dialect, false, true);
        host.net.blackhole(at(81));
        host.send(b"AT+CIPSTART=1,\"TCP\",\"192.168.1.3\",81\r\n");
        host.read_for(100_000);
        peer(&host, |io| io.send(b"data"));
        assert_eq!(host.read_for(1_000_000).is_empty(), held);
        let rest = host.read_for(20_000_000);
        assert_eq!(rest.contains("+IPD,2,4:data"), held, "{rest:?}");
    }
}

#[test]
fn a_reset_peer_closes_the_link() {
    for &dialect in MAIN {
        let mut host = linked(dialect, false, false);
        peer(&host, PeerIo::reset);
        assert_eq!(host.read_for(50_000), "CLOSED\r\n");
        assert_eq!(host.net.connections(), 0);
    }
}
