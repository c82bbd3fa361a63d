//! The published logs of real modems, through the digester.
//!
//! Every byte the modem said is taken apart, whole and in pieces of any size;
//! what comes out is written down in `published.txt` and reviewed by hand.
//! `UPDATE_PUBLISHED=1` writes it anew.

use atcmd_esp8285::at::atat::{AtatUrc, DigestResult, Digester as _, InternalError};
use atcmd_esp8285::at::digest::Digester;
use atcmd_esp8285::at::urc::Urc;
use esp8285_sim::Direction;
use esp8285_sim::published::LOGS;

/// Everything in what a modem said, one word or line each.
fn digest(said: &[u8], piece: usize) -> Vec<String> {
    let mut digester = Digester::new();
    digester.expect_peer_info(true);
    let mut events = vec![];
    let (mut buf, mut fed) = (vec![], 0);
    while fed < said.len() {
        let end = said.len().min(fed + piece);
        buf.extend_from_slice(&said[fed..end]);
        fed = end;
        loop {
            if let Some(frame) = digester.frame() {
                let n = frame.remaining.min(buf.len());
                if n == 0 {
                    break;
                }
                if n == frame.remaining {
                    let from = frame
                        .peer
                        .map_or(String::new(), |peer| format!(" from {peer}"));
                    let link = frame.link.map_or(String::new(), |link| format!(" {link}"));
                    events.push(format!("<{:?}{link} {}{from}>", frame.kind, frame.total));
                }
                digester.consumed(n);
                buf.drain(..n);
                continue;
            }
            let (result, used) = digester.digest(&buf);
            match result {
                DigestResult::None => {}
                DigestResult::Prompt(_) => events.push("<prompt>".into()),
                DigestResult::Response(Ok(b"")) => events.push("[OK]".into()),
                DigestResult::Response(Ok(text)) => {
                    events.push(format!("[{}]", text.escape_ascii()))
                }
                DigestResult::Response(Err(InternalError::Custom(text))) => {
                    events.push(format!("[{}]", text.escape_ascii()));
                }
                DigestResult::Response(Err(_)) => events.push("[ERROR]".into()),
                DigestResult::Urc(line) => events.push(match Urc::parse(line) {
                    Some(urc) => format!("{urc:?}"),
                    None => line.escape_ascii().to_string(),
                }),
            }
            buf.drain(..used);
            if used == 0 {
                break;
            }
        }
    }
    events
}

#[test]
fn every_published_log_is_understood_and_any_cut_gives_the_same() {
    let mut all = String::new();
    for log in LOGS {
        let said: Vec<u8> = log
            .transcript()
            .unwrap()
            .exchange()
            .filter(|(direction, _)| *direction == Direction::FromModem)
            .flat_map(|(_, bytes)| bytes)
            .collect();
        let whole = digest(&said, usize::MAX);
        for piece in [1, 2, 3, 7, 64] {
            assert_eq!(
                digest(&said, piece),
                whole,
                "{} in pieces of {piece}",
                log.name
            );
        }
        all.push_str(&format!("== {} ({})\n", log.name, log.source));
        for event in whole {
            all.push_str(&event);
            all.push('\n');
        }
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/published.txt");
    if std::env::var_os("UPDATE_PUBLISHED").is_some() {
        std::fs::write(path, &all).unwrap();
    }
    assert_eq!(all, std::fs::read_to_string(path).unwrap());
}
