//! How long calls wait, and what ends a wait before its time.

use std::time::Duration;

use esp8285_sim::Dialect;
use usocket_api::network::{ANSWER_TIMEOUT, CONNECT_TIMEOUT};
use usocket_api::{Nic, OPENMV, OSError};

use crate::{Board, DIALECTS, SECOND, home, number};

/// Within two milliseconds after, of which one is idling.
#[track_caller]
fn took(board: &Board, began: u64, time: Duration) {
    let (took, time) = (board.now() - began, time.as_micros() as u64);
    assert!((time..=time + 2_000).contains(&took), "{took} for {time}");
}

#[test]
fn a_modem_that_never_answers_is_enodev_after_12_seconds() {
    for dialect in DIALECTS {
        let board = Board::new(dialect, home());
        board.modem(|modem| modem.stall(true));
        let nic = board.nic();
        let began = board.now();
        let error = nic.connect("home", "12345678").unwrap_err();
        assert_eq!((error.errno(), error.name()), (19, "ENODEV"), "{dialect}");
        assert_eq!(
            error.message(),
            "the radio does not answer; check its power, enable pin, wiring and baud rate"
        );
        // Twelve seconds, and a last try.
        took(&board, began, Duration::from_millis(12_772));
        // Once it answers, everything works.
        board.modem(|modem| modem.reset());
        board.modem(|modem| modem.stall(false));
        board.time.bench.advance(SECOND);
        nic.connect("home", "12345678").unwrap();
    }
}

#[test]
fn a_modem_that_falls_silent_is_enodev_for_every_call() {
    for dialect in DIALECTS {
        let board = Board::new(dialect, home());
        let nic = board.nic();
        nic.connect("home", "12345678").unwrap();
        board.modem(|modem| modem.stall(true));
        let began = board.now();
        assert_eq!(number(nic.isconnected()), (19, "ENODEV"), "{dialect}");
        let seconds = (board.now() - began) / SECOND;
        assert!(seconds <= 2, "{dialect}: {seconds}");
        for outcome in [
            nic.connect("home", "12345678"),
            nic.disconnect(),
            nic.ifconfig().map(drop),
            nic.scan_each(|_| ()).map(drop),
            nic.enable_ap("camera", "12345678"),
            nic.disable_ap(),
        ] {
            assert_eq!(number(outcome), (19, "ENODEV"), "{dialect}");
        }
    }
}

#[test]
fn a_modem_that_falls_silent_while_joining_is_enodev_before_the_limit() {
    for dialect in DIALECTS {
        let board = Board::new(dialect, home());
        let nic = board.nic();
        assert!(!nic.isconnected().unwrap());
        board.modem(|modem| modem.stall(true));
        let began = board.now();
        let outcome = nic.connect("home", "12345678");
        assert_eq!(number(outcome), (19, "ENODEV"), "{dialect}");
        took(&board, began, Duration::from_secs(25));
    }
    assert_eq!(CONNECT_TIMEOUT, Duration::from_secs(30));
}

#[test]
fn connect_waits_its_time_exactly_and_goes_on_when_called_again() {
    for dialect in DIALECTS {
        let board = Board::new(dialect, home().join_time_ms(6_000));
        let nic = board.nic();
        assert!(!nic.isconnected().unwrap());
        let impatient = board
            .nic()
            .with_connect_timeout(Some(Duration::from_millis(1_500)));
        for _ in 0..3 {
            let began = board.now();
            let error = impatient.connect("home", "12345678").unwrap_err();
            assert_eq!((error.errno(), error.name()), (116, "ETIMEDOUT"));
            assert_eq!(
                error.message(),
                "the radio was not done in time; call again to go on waiting"
            );
            took(&board, began, Duration::from_millis(1_500));
        }
        nic.connect("home", "12345678").unwrap();
        assert_eq!(board.said("\"home\","), 1, "{dialect}: joined anew");
    }
}

#[test]
fn a_cancelled_connect_can_be_repeated() {
    for dialect in DIALECTS {
        let board = Board::new(dialect, home().join_time_ms(6_000));
        let nic = board.nic();
        assert!(!nic.isconnected().unwrap());
        let began = board.now();
        board.time.cancel_at.set(Some(began + SECOND));
        let outcome = nic.connect("home", "12345678");
        assert_eq!(number(outcome), (4, "EINTR"), "{dialect}");
        took(&board, began, Duration::from_secs(1));
        nic.connect("home", "12345678").unwrap();
        assert!(nic.isconnected().unwrap(), "{dialect}");
        assert_eq!(board.said("\"home\","), 1, "{dialect}: joined anew");
    }
}

#[test]
fn a_cancelled_connect_can_be_given_up_for_another() {
    for dialect in DIALECTS {
        let board = Board::new(dialect, home().join_time_ms(3_000));
        let nic = board.nic();
        board.time.cancel_at.set(Some(board.now() + SECOND));
        assert_eq!(number(nic.connect("elsewhere", "1234")), (4, "EINTR"));
        nic.connect("home", "12345678").unwrap();
        assert_eq!(nic.ifconfig().unwrap().ssid.as_str(), Some("home"));
    }
}

#[test]
fn the_idle_hook_runs_while_a_call_waits() {
    let board = Board::new(Dialect::NonOs1_7, home());
    let nic = board.nic();
    nic.connect("home", "12345678").unwrap();
    assert!(board.time.waits.get() > 10);
    let calls: [&dyn Fn() -> Result<(), OSError>; 6] = [
        &|| nic.isconnected().map(drop),
        &|| nic.ifconfig().map(drop),
        &|| nic.scan_each(|_| ()).map(drop),
        &|| nic.enable_ap("camera", "12345678"),
        &|| nic.disable_ap(),
        &|| nic.disconnect(),
    ];
    for call in calls {
        board.time.waits.set(0);
        call().unwrap();
        assert!(board.time.waits.get() > 0);
    }
}

#[test]
fn with_no_time_to_wait_connect_is_begun_and_polled() {
    for dialect in DIALECTS {
        let board = Board::new(dialect, home());
        let nic = Nic::new(&board.network, OPENMV).with_connect_timeout(Some(Duration::ZERO));
        let outcome = nic.connect("home", "12345678");
        assert_eq!(number(outcome), (115, "EINPROGRESS"), "{dialect}");
        let began = board.now();
        assert_eq!(board.time.waits.get(), 0);
        let mut polls = 0;
        while let Err(error) = nic.connect("home", "12345678") {
            assert_eq!(error.name(), "EINPROGRESS");
            board.time.bench.advance(1_000);
            polls += 1;
            assert!(polls < 10_000, "{dialect}: never");
        }
        assert_eq!(board.now() - began, polls * 1_000);
        assert!(nic.isconnected().unwrap(), "{dialect}");
    }
}

#[test]
fn with_no_time_to_wait_isconnected_polls_too() {
    for dialect in DIALECTS {
        let board = Board::new(dialect, home());
        let nic = board.nic().with_connect_timeout(Some(Duration::ZERO));
        assert!(!nic.isconnected().unwrap());
        let outcome = nic.connect("home", "12345678");
        assert_eq!(number(outcome), (119, "EINPROGRESS"), "{dialect}");
        let mut polls = 0;
        while !nic.isconnected().unwrap() {
            board.time.bench.advance(100_000);
            polls += 1;
            assert!(polls < 100, "{dialect}: never");
        }
    }
}

#[test]
fn inside_with_stack_every_call_is_ebusy() {
    let board = Board::new(Dialect::NonOs1_7, home());
    let nic = board.nic();
    let outcomes = board.network.with_stack(|_| {
        [
            nic.connect("home", "12345678"),
            nic.isconnected().map(drop),
            nic.scan_each(|_| ()).map(drop),
        ]
    });
    for outcome in outcomes.unwrap() {
        assert_eq!(number(outcome), (16, "EBUSY"));
    }
    assert_eq!(ANSWER_TIMEOUT, Duration::from_secs(30));
}

#[test]
fn a_restart_while_joining_is_econnreset() {
    for dialect in DIALECTS {
        let board = Board::new(dialect, home().join_time_ms(6_000));
        let nic = board.nic();
        assert!(!nic.isconnected().unwrap());
        board.time.cancel_at.set(Some(board.now() + SECOND));
        assert_eq!(number(nic.connect("home", "12345678")), (4, "EINTR"));
        board.modem(|modem| modem.reset());
        let outcome = nic.connect("home", "12345678");
        assert_eq!(number(outcome), (104, "ECONNRESET"), "{dialect}");
        nic.connect("home", "12345678").unwrap();
    }
}
