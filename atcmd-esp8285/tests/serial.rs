//! The driver on serial ports of both embedded-hal generations, byte by byte.

mod common;

use std::cell::Cell;
use std::rc::Rc;

use atcmd_esp8285::serial::{ByteLine, NbSerial};
use atcmd_esp8285::{Config, Esp8285, JoinError, ModemError};
use common::START_NONOS;
use embedded_hal_mock::{eh0, eh1};
use embedded_io::{ErrorKind, Read, ReadReady, Write, WriteReady};
use nb::Error::{Other, WouldBlock};

/// What happens on the port, in order, for either generation's mock.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Op {
    Get(u8),
    Nothing,
    Noise,
    Put(u8),
    Full(u8),
    PutFails(u8),
    Flush,
    Flushing,
}

type V1 = eh1::serial::Mock<u8>;
type V0 = eh0::serial::Mock<u8>;

fn v1(ops: &[Op]) -> V1 {
    use eh1::serial::Transaction as T;
    use embedded_hal_nb::serial::ErrorKind::{FrameFormat, Overrun};
    let steps: Vec<_> = ops
        .iter()
        .map(|op| match *op {
            Op::Get(b) => T::read(b),
            Op::Nothing => T::read_error(WouldBlock),
            Op::Noise => T::read_error(Other(Overrun)),
            Op::Put(b) => T::write(b),
            Op::Full(b) => T::write_error(b, WouldBlock),
            Op::PutFails(b) => T::write_error(b, Other(FrameFormat)),
            Op::Flush => T::flush(),
            Op::Flushing => T::flush_error(WouldBlock),
        })
        .collect();
    V1::new(&steps)
}

fn v0(ops: &[Op]) -> V0 {
    use eh0::{MockError::Io, serial::Transaction as T};
    let noise = || Other(Io(std::io::ErrorKind::InvalidData));
    let steps: Vec<_> = ops
        .iter()
        .map(|op| match *op {
            Op::Get(b) => T::read(b),
            Op::Nothing => T::read_error(WouldBlock),
            Op::Noise => T::read_error(noise()),
            Op::Put(b) => T::write(b),
            Op::Full(b) => T::write_error(b, WouldBlock),
            Op::PutFails(b) => T::write_error(b, noise()),
            Op::Flush => T::flush(),
            Op::Flushing => T::flush_error(WouldBlock),
        })
        .collect();
    V0::new(&steps)
}

/// Runs `test` on all four adapters of a port that behaves like `ops`.
///
/// Halves are two handles to one mock, so the order between them counts too.
macro_rules! on_every_adapter {
    ($ops:expr, |$uart:ident| $test:expr) => {{
        let ops: &[Op] = $ops;
        let mut mock = v1(ops);
        let $uart = NbSerial::from_v1(mock.clone());
        $test;
        mock.done();
        let mut mock = v1(ops);
        let $uart = NbSerial::from_v1_halves(mock.clone(), mock.clone());
        $test;
        mock.done();
        let mut mock = v0(ops);
        let $uart = NbSerial::from_v0_2(mock.clone());
        $test;
        mock.done();
        let mut mock = v0(ops);
        let $uart = NbSerial::from_v0_2_halves(mock.clone(), mock.clone());
        $test;
        mock.done();
    }};
}

/// Time between two calls of the driver.
const TURN_US: u64 = 5_000;
/// Turns the driver waits after the first `OK` for late replies.
const QUIET_TURNS: usize = 4;

/// How the port behaves on the way.
#[derive(Debug, Clone, Copy)]
struct Manner {
    /// Takes a byte only when it is offered the second time.
    slow_writer: bool,
    /// Has one byte at a time.
    slow_reader: bool,
    /// Reports noise before every reply.
    noisy: bool,
}

/// What the port does while the driver goes through `script`, seen from turns:
/// read until nothing is there, then write.
fn ops(script: &[(&str, &str)], manner: Manner) -> Vec<Op> {
    let mut ops = vec![Op::Nothing];
    for (line, reply) in script {
        for byte in line.bytes() {
            if manner.slow_writer {
                ops.push(Op::Full(byte));
            }
            ops.push(Op::Put(byte));
        }
        if manner.noisy {
            // The turn ends there; what follows is the next one's.
            ops.push(Op::Noise);
        }
        // The end of what is there is met twice: by the read, and by the
        // question whether to read again.
        let pause = [Op::Nothing; 2];
        for byte in reply.bytes() {
            ops.push(Op::Get(byte));
            if manner.slow_reader {
                ops.extend(pause);
            }
        }
        if !manner.slow_reader {
            ops.extend(pause);
        }
        if *line == "AT\r\n" {
            ops.extend([Op::Nothing; QUIET_TURNS]);
        }
    }
    ops
}

/// A clock that a test moves on.
fn clock() -> (Rc<Cell<u64>>, impl Fn() -> u64) {
    let now = Rc::new(Cell::new(0));
    let time = now.clone();
    (now, move || time.get())
}

fn join<L: ByteLine>(uart: NbSerial<L>) -> Result<(), JoinError> {
    let (now, clock) = clock();
    let mut wifi = Esp8285::<_, _, 64>::with_config(uart, clock, Config::new());
    loop {
        match wifi.join("net", "password") {
            Ok(()) => return Ok(()),
            Err(Other(error)) => return Err(error),
            Err(WouldBlock) => now.set(now.get() + TURN_US),
        }
    }
}

const JOIN: (&str, &str) = (
    "AT+CWJAP_CUR=\"net\",\"password\"\r\n",
    "WIFI CONNECTED\r\nWIFI GOT IP\r\n\r\nOK\r\n",
);

/// The start-up and a join, with version lines short enough for one byte per turn.
fn script() -> Vec<(&'static str, &'static str)> {
    let mut script = START_NONOS.to_vec();
    for (line, reply) in &mut script {
        if *line == "AT+GMR\r\n" {
            *reply = "AT version:1.7.4.0(May 11 2020 19:13:04)\r\n\r\nOK\r\n";
        }
    }
    script.push(JOIN);
    script
}

#[test]
fn start_up_and_join_go_through_every_adapter_however_the_port_hesitates() {
    for bits in 0..8 {
        let manner = Manner {
            slow_writer: bits & 1 != 0,
            slow_reader: bits & 2 != 0,
            noisy: bits & 4 != 0,
        };
        let ops = ops(&script(), manner);
        on_every_adapter!(&ops, |uart| assert_eq!(join(uart), Ok(()), "{manner:?}"));
    }
}

#[test]
fn a_refusal_of_the_modem_comes_through() {
    let mut script = script();
    script.pop();
    script.push((JOIN.0, "+CWJAP:2\r\n\r\nFAIL\r\n"));
    let manner = Manner {
        slow_writer: true,
        slow_reader: true,
        noisy: false,
    };
    on_every_adapter!(&ops(&script, manner), |uart| {
        assert_eq!(join(uart), Err(JoinError::WrongPassword));
    });
}

#[test]
fn a_port_that_only_makes_noise_is_a_modem_that_does_not_answer() {
    struct Broken;
    impl ByteLine for Broken {
        fn get(&mut self) -> nb::Result<u8, ErrorKind> {
            Err(Other(ErrorKind::Other))
        }
        fn put(&mut self, _: u8) -> nb::Result<(), ErrorKind> {
            Err(Other(ErrorKind::Other))
        }
        fn sent(&mut self) -> nb::Result<(), ErrorKind> {
            Err(Other(ErrorKind::Other))
        }
    }
    impl embedded_hal_02::serial::Read<u8> for Broken {
        type Error = ();
        fn read(&mut self) -> nb::Result<u8, ()> {
            Err(Other(()))
        }
    }
    impl embedded_hal_02::serial::Write<u8> for Broken {
        type Error = ();
        fn write(&mut self, _: u8) -> nb::Result<(), ()> {
            Err(Other(()))
        }
        fn flush(&mut self) -> nb::Result<(), ()> {
            Err(Other(()))
        }
    }
    let error = join(NbSerial::from_v0_2(Broken)).unwrap_err();
    assert_eq!(error, JoinError::Modem(ModemError::NoReply));
}

#[test]
fn a_last_byte_the_port_had_no_room_for_leaves_while_only_reading_is_asked() {
    let ops = [
        Op::Put(b'A'),
        Op::Full(b'B'),
        Op::Full(b'B'),
        Op::Nothing,
        Op::Put(b'B'),
        Op::Nothing,
        Op::Nothing,
    ];
    on_every_adapter!(&ops, |uart| {
        let mut uart = uart;
        assert_eq!(uart.write(b"ABC"), Ok(2));
        for _ in 0..3 {
            assert_eq!(uart.read_ready(), Ok(false));
        }
    });
}

#[test]
fn room_is_asked_for_only_while_a_byte_waits_and_a_true_answer_is_kept() {
    let ops = [
        Op::Full(b'A'),
        Op::Full(b'A'),
        Op::Put(b'A'),
        Op::Full(b'B'),
    ];
    on_every_adapter!(&ops, |uart| {
        let mut uart = uart;
        assert_eq!(uart.write_ready(), Ok(true));
        assert_eq!(uart.write(b"A"), Ok(1));
        assert_eq!(uart.write_ready(), Ok(false));
        assert_eq!(uart.write_ready(), Ok(true));
        // The port has changed its mind, and still one byte is taken at once.
        assert_eq!(uart.write(b"BC"), Ok(1));
    });
}

#[test]
fn a_byte_seen_by_the_question_is_read_first_and_errors_come_after_good_bytes() {
    let ops = [
        Op::Get(b'a'),
        Op::Get(b'b'),
        Op::Noise,
        Op::Get(b'c'),
        Op::Nothing,
        Op::Nothing,
    ];
    on_every_adapter!(&ops, |uart| {
        let mut uart = uart;
        let mut buf = [0; 8];
        assert_eq!(uart.read_ready(), Ok(true));
        assert_eq!(uart.read_ready(), Ok(true), "asking takes nothing");
        assert_eq!(uart.read(&mut []), Ok(0));
        assert_eq!(uart.read(&mut buf), Ok(2));
        assert_eq!(buf[..2], *b"ab");
        assert_eq!(uart.read_ready(), Err(ErrorKind::Other));
        assert_eq!(uart.read_ready(), Ok(true));
        assert_eq!(uart.read(&mut buf), Ok(1));
        assert_eq!(buf[0], b'c');
        assert_eq!(uart.read_ready(), Ok(false));
    });
}

#[test]
fn a_failed_write_loses_no_byte_and_says_so_when_it_is_the_first() {
    let ops = [
        Op::Put(b'A'),
        Op::PutFails(b'B'),
        Op::PutFails(b'B'),
        Op::Put(b'B'),
        Op::Full(b'C'),
        Op::PutFails(b'C'),
        Op::Put(b'C'),
    ];
    on_every_adapter!(&ops, |uart| {
        let mut uart = uart;
        assert_eq!(uart.write(b"ABC"), Ok(1));
        assert_eq!(uart.write(b"BC"), Err(ErrorKind::Other));
        assert_eq!(uart.write(b"BC"), Ok(2));
        assert_eq!(uart.write_ready(), Err(ErrorKind::Other));
        assert_eq!(uart.write_ready(), Ok(true));
    });
}

#[test]
fn blocking_reads_writes_and_flushes_wait_and_move_what_is_pending() {
    let ops = [
        Op::Full(b'A'),
        Op::Full(b'A'),
        Op::Put(b'A'),
        Op::Full(b'B'),
        Op::Nothing,
        Op::Put(b'B'),
        Op::Get(b'x'),
        Op::Full(b'C'),
        Op::Full(b'C'),
        Op::Put(b'C'),
        Op::Flushing,
        Op::Flush,
    ];
    on_every_adapter!(&ops, |uart| {
        let mut uart = uart;
        assert_eq!(uart.write(b"A"), Ok(1));
        assert_eq!(uart.write(b"B"), Ok(1), "A first");
        let mut byte = [0];
        assert_eq!(uart.read(&mut byte), Ok(1), "B leaves meanwhile");
        assert_eq!(byte, *b"x");
        assert_eq!(uart.write(b"C"), Ok(1));
        assert_eq!(uart.flush(), Ok(()));
    });
}

#[test]
fn the_port_is_given_back() {
    on_every_adapter!(&[], |uart| drop(uart.release()));
}
