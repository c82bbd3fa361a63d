//! The peer's sessions: whatever a client sends, in whatever pieces.
#![cfg(feature = "conformance")]

use nal_socket::conformance::peer::{
    Action, Checksum, GREETING, IMPATIENCE, Ledger, Replies, Session, TELL, UNKNOWN, datagram,
    pattern_byte,
};
use proptest::prelude::*;

/// Feeds `input` in pieces and collects what comes out, until the session waits or is over.
fn talk(session: &mut Session, ledger: &mut Ledger, input: &[u8], piece: usize) -> (Vec<u8>, bool) {
    let mut out = Vec::new();
    let mut rest = input;
    loop {
        let room = session.room().min(piece).min(rest.len());
        let taken = session.receive(&rest[..room], ledger);
        rest = &rest[taken..];
        match session.next(0, ledger) {
            Action::Send(bytes) => {
                let count = bytes.len().min(piece);
                out.extend_from_slice(&bytes[..count]);
                session.sent(count);
            }
            Action::Wait(_) if rest.is_empty() || taken == 0 => return (out, false),
            Action::Wait(_) | Action::Connect(_) | Action::Finish => {}
            Action::Close | Action::Reset => return (out, true),
        }
    }
}

fn pattern(count: u64) -> Vec<u8> {
    (0..count).map(pattern_byte).collect()
}

#[test]
fn a_reset_comes_when_everything_is_sent_and_not_before_it_is_due() {
    let (mut ledger, mut session) = (Ledger::new(), Session::new());
    session.receive(b"SEND 2 HOLD 5 RESET\n", &mut ledger);
    assert_eq!(session.next(100, &mut ledger), Action::Send(&pattern(2)));
    session.sent(2);
    assert_eq!(session.next(100, &mut ledger), Action::Wait(Some(5_100)));
    assert_eq!(session.next(5_099, &mut ledger), Action::Wait(Some(5_100)));
    assert_eq!(session.next(5_100, &mut ledger), Action::Reset);
}

#[test]
fn a_slow_session_sends_a_chunk_at_a_time() {
    let (mut ledger, mut session) = (Ledger::new(), Session::new());
    session.receive(b"SLOW 3 2 1\n", &mut ledger);
    assert_eq!(session.next(0, &mut ledger), Action::Wait(Some(1_000)));
    assert_eq!(session.next(1_000, &mut ledger), Action::Send(&pattern(2)));
    session.sent(2);
    assert_eq!(session.next(1_500, &mut ledger), Action::Wait(Some(2_000)));
    assert_eq!(
        session.next(2_000, &mut ledger),
        Action::Send(&pattern(3)[2..])
    );
    session.sent(1);
    assert_eq!(session.next(2_000, &mut ledger), Action::Close);
}

#[test]
fn a_deaf_session_has_no_room_until_its_time_is_over() {
    let (mut ledger, mut session) = (Ledger::new(), Session::new());
    session.receive(b"DEAF 3\n", &mut ledger);
    assert_eq!(session.room(), 0);
    assert_eq!(session.next(0, &mut ledger), Action::Wait(Some(3_000)));
    assert_eq!(session.receive(b"x", &mut ledger), 0);
    assert_eq!(session.next(3_000, &mut ledger), Action::Wait(None));
    assert_eq!(session.receive(b"x", &mut ledger), 1);
}

#[test]
fn what_a_closed_connection_came_to_is_told_on_another() {
    let mut ledger = Ledger::new();
    let mut teller = Session::new();
    let (out, over) = talk(&mut teller, &mut ledger, b"TELL 7\n", 64);
    assert_eq!((out, over), (Vec::new(), false));
    let mut counter = Session::new();
    talk(&mut counter, &mut ledger, b"COUNT 7\n", 64);
    talk(&mut counter, &mut ledger, &pattern(10), 64);
    counter.end(&mut ledger);
    let (out, over) = talk(&mut teller, &mut ledger, b"", 64);
    let text = format!("{} END\n", Checksum::of_pattern(10));
    assert_eq!((String::from_utf8(out).unwrap(), over), (text, true));
}

#[test]
fn the_second_port_greets_and_both_hang_up_on_who_says_nothing() {
    for (mut session, greeting) in [
        (Session::new(), &b""[..]),
        (Session::speaking_first(), GREETING),
    ] {
        let mut ledger = Ledger::new();
        let (out, over) = talk(&mut session, &mut ledger, b"", 64);
        assert_eq!((&*out, over), (greeting, false));
        assert_eq!(session.next(IMPATIENCE, &mut ledger), Action::Close);
    }
}

#[test]
fn connecting_back_goes_on_with_the_next_line() {
    let (mut ledger, mut session) = (Ledger::new(), Session::new());
    for port in [80, 8080] {
        session.receive(format!("CONNECT {port}\n").as_bytes(), &mut ledger);
        assert_eq!(session.next(0, &mut ledger), Action::Connect(port));
    }
}

#[test]
fn no_other_lines_are_known() {
    for line in [
        "",
        "echo",
        "ECHO 1",
        "SEND",
        "SEND x",
        "SEND 1 2",
        "CONNECT 70000",
        "TELL",
    ] {
        let (mut ledger, mut session) = (Ledger::new(), Session::new());
        let (out, over) = talk(
            &mut session,
            &mut ledger,
            format!("{line}\n").as_bytes(),
            64,
        );
        assert_eq!((&*out, over), (UNKNOWN, true), "{line}");
    }
}

#[test]
fn datagrams_are_answered_as_asked() {
    let answer = |request: &[u8]| {
        let mut out = [0; 1472];
        let replies = datagram(request, &mut out);
        (replies, out[..replies.length].to_vec())
    };
    let replies = |count, length, from_other_port| Replies {
        count,
        length,
        from_other_port,
    };
    assert_eq!(answer(b"hi"), (replies(1, 2, false), b"hi".to_vec()));
    assert_eq!(answer(b""), (replies(1, 0, false), Vec::new()));
    assert_eq!(
        answer(b"SIZE 1472"),
        (replies(1, 1472, false), pattern(1472))
    );
    assert_eq!(
        answer(b"SIZE 9999"),
        (replies(1, 1472, false), pattern(1472))
    );
    assert_eq!(answer(b"TWICE").0, replies(2, 5, false));
    assert_eq!(answer(b"OTHER").0, replies(1, 5, true));
    assert_eq!(answer(b"EMPTY").0, replies(1, 0, false));
    assert_eq!(answer(b"QUIET").0.count, 0);
}

proptest! {
    #[test]
    fn an_echo_is_what_was_sent_in_whatever_pieces(
        data in proptest::collection::vec(any::<u8>(), 0..3000),
        piece in 1_usize..1500,
    ) {
        let (mut ledger, mut session) = (Ledger::new(), Session::new());
        let mut input = b"ECHO\n".to_vec();
        input.extend_from_slice(&data);
        let (out, over) = talk(&mut session, &mut ledger, &input, piece);
        prop_assert_eq!(out, data);
        prop_assert!(!over);
        session.end(&mut ledger);
        prop_assert_eq!(session.next(0, &mut ledger), Action::Close);
    }

    #[test]
    fn counting_counts_every_byte_but_the_one_that_asks(
        counts in proptest::collection::vec(0_u64..2000, 1..4),
        piece in 1_usize..1500,
    ) {
        let (mut ledger, mut session) = (Ledger::new(), Session::new());
        let mut input = b"COUNT\n".to_vec();
        let (mut all, mut text) = (0, String::new());
        for count in counts {
            input.extend((all..all + count).map(pattern_byte));
            input.push(TELL);
            all += count;
            text += &format!("{}\n", Checksum::of_pattern(all));
        }
        let (out, _) = talk(&mut session, &mut ledger, &input, piece);
        prop_assert_eq!(String::from_utf8(out).unwrap(), text);
    }

    #[test]
    fn whatever_is_sent_a_session_neither_panics_nor_runs_for_ever(
        data in proptest::collection::vec(prop_oneof![
            proptest::collection::vec(any::<u8>(), 0..80),
            "(ECHO|SEND|SLOW|COUNT|DEAF|TELL|CONNECT)( [0-9]{1,3}){0,3}( HOLD 1| RESET| HALF)?\n"
                .prop_map(String::into_bytes),
        ], 0..5),
    ) {
        let (mut ledger, mut session) = (Ledger::new(), Session::speaking_first());
        talk(&mut session, &mut ledger, &data.concat(), 100);
        session.end(&mut ledger);
        let mut now = 0;
        for _ in 0..2000 {
            match session.next(now, &mut ledger) {
                Action::Send(bytes) => {
                    let count = bytes.len();
                    session.sent(count);
                }
                Action::Wait(Some(until)) => now = until,
                Action::Wait(None) => prop_assert!(false, "waits for ever after the end"),
                Action::Connect(_) | Action::Finish => {}
                Action::Close | Action::Reset => return Ok(()),
            }
        }
        // TELL looks again every few milliseconds for ten seconds; anything else is over by now.
        prop_assert!(now >= IMPATIENCE / 2, "still busy at {}", now);
    }
}
