//! What the benches have in common: a virtual clock, and the peer's sessions moved over whatever line.

// Every test file uses its own part of it.
#![allow(dead_code, unreachable_pub)]

use std::cell::Cell;
use std::rc::Rc;

use nal_socket::conformance::peer::{Action, Ledger, Session};
use nal_socket::conformance::{Outcome, Report};

/// Microseconds of virtual time, shared.
pub type Time = Rc<Cell<u64>>;

/// What there is to read on a line.
pub enum Incoming {
    /// So many bytes were taken.
    Bytes(usize),
    Nothing,
    /// The other side has closed its direction, and all was read.
    End,
    Broken,
}

/// One connection, seen from the peer.
pub trait Line {
    /// Offers what has come, at most `room` bytes, to `take`, which says how much it took.
    fn read(&mut self, room: usize, take: &mut dyn FnMut(&[u8]) -> usize) -> Incoming;
    /// Sends what there is room for.
    fn write(&mut self, bytes: &[u8]) -> usize;
    /// Closes the sending direction.
    fn finish(&mut self);
    fn close(&mut self);
    fn reset(&mut self);
}

/// What came of moving a session on.
#[derive(Debug, PartialEq, Eq)]
pub enum Moved {
    Goes,
    Over,
    /// It wants a connection to this port of the client.
    Connect(u16),
}

/// Moves a session on as far as it goes now.
pub fn drive(session: &mut Session, ledger: &mut Ledger, now: u64, line: &mut dyn Line) -> Moved {
    loop {
        let mut moved = false;
        let room = session.room();
        if room > 0 {
            match line.read(room, &mut |bytes| session.receive(bytes, ledger)) {
                Incoming::Bytes(count) => moved = count > 0,
                Incoming::Nothing => {}
                Incoming::End => session.end(ledger),
                Incoming::Broken => {
                    session.broken(ledger);
                    return Moved::Over;
                }
            }
        }
        match session.next(now, ledger) {
            Action::Send(bytes) => {
                let count = line.write(bytes);
                session.sent(count);
                moved |= count > 0;
            }
            Action::Wait(_) => {}
            Action::Connect(port) => return Moved::Connect(port),
            Action::Finish => {
                line.finish();
                moved = true;
            }
            Action::Close => {
                line.close();
                return Moved::Over;
            }
            Action::Reset => {
                line.reset();
                return Moved::Over;
            }
        }
        if !moved {
            return Moved::Goes;
        }
    }
}

/// The rules about listeners, which need a `TcpFullStack`.
pub const LISTEN: [&str; 6] = [
    "listen::accepts",
    "listen::nothing_yet",
    "listen::times_out",
    "listen::child_times_out",
    "listen::two_children",
    "listen::again",
];

/// Checks that exactly these rules were not kept, each with its reason, and these not tried; all others
/// were kept.
#[track_caller]
pub fn judge(report: &Report<'_>, differ: &[(&str, &str)], not_tried: &[&str]) {
    let names = |which: fn(&Outcome) -> bool| -> Vec<String> {
        report
            .outcomes()
            .filter(|(_, outcome)| which(outcome))
            .map(|(rule, _)| rule.to_string())
            .collect()
    };
    let expected: Vec<&str> = differ.iter().map(|(rule, _)| *rule).collect();
    assert_eq!(
        names(|outcome| matches!(outcome, Outcome::Differs(_))),
        expected,
        "{report}"
    );
    assert_eq!(
        names(|outcome| matches!(outcome, Outcome::NotTried(_))),
        not_tried,
        "{report}"
    );
    assert_eq!(
        report.outcomes().count(),
        nal_socket::conformance::RULES.len()
    );
}

/// The rules that are kept in `right` and differ in `wrong`.
pub fn found(right: &Report<'_>, wrong: &Report<'_>) -> Vec<String> {
    let differs = |outcome| matches!(outcome, Outcome::Differs(_));
    right
        .outcomes()
        .zip(wrong.outcomes())
        .filter(|((_, right), (_, wrong))| *right == Outcome::Kept && differs(*wrong))
        .map(|((rule, _), _)| rule.to_string())
        .collect()
}
