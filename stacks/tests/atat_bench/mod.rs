//! What esp-at-nal needs around it, on the simulator's bench in virtual time.
//!
//! atat's own client takes its time from embassy-time's driver, which is the wall clock. The one here
//! does the same with the bench's: it keeps the pause between commands, waits for the answer as long as
//! the command allows, and lets the line feed the parser meanwhile, as an interrupt would.

use std::cell::RefCell;
use std::convert::Infallible;
use std::rc::Rc;

use atat::blocking::AtatClient;
use atat::{AtatCmd, AtatIngress, Error, Ingress, Response, ResponseSlot, UrcChannel};
use embedded_io::{Read, ReadReady, Write, WriteReady};
use esp_at_nal::urc::URCMessages;
use esp_at_nal::wifi::{Adapter, WifiAdapter};
use esp8285_sim::{
    AccessPoint, Air, Bench, BenchConfig, Dialect, MemoryNetwork, Modem, VirtualUart,
};
use fugit::{TimerDurationU32, TimerInstantU32};
use fugit_timer::Timer;
use nal_socket::{Idle, Platform};
use nal_socket_stacks::esp_at_nal::UrcFirst;

/// Bytes that one command asks the modem for, and that one sends.
pub const RX: usize = 2_048;
pub const TX: usize = 256;
const URCS: usize = 32;
/// A piece with its header and what may surround it.
const BUFFER: usize = 2 * RX;
/// atat's default pause between commands.
const COOLDOWN: u64 = 20_000;

type Urcs = URCMessages<RX>;
pub type Modemed = Adapter<'static, Client, Clock, 1_000_000, TX, RX, URCS>;

/// The serial line: what comes in goes through atat's parser.
struct Line {
    bench: Bench,
    uart: VirtualUart,
    ingress: Ingress<'static, UrcFirst<RX>, Urcs, BUFFER, URCS, 1>,
}

impl Line {
    /// Lets time pass to the next moment at which something can have come, at most to `until`.
    fn step(&mut self, until: Option<u64>) {
        self.bench.idle(until);
        let mut piece = [0; 64];
        while self.uart.read_ready().unwrap() {
            let count = self.uart.read(&mut piece).unwrap();
            assert_eq!(self.ingress.try_write(&piece[..count]), Ok(count));
        }
    }
}

/// In place of atat's `Client`.
pub struct Client {
    line: Rc<RefCell<Line>>,
    slot: &'static ResponseSlot<BUFFER>,
    rested: u64,
}

impl AtatClient for Client {
    fn send<C: AtatCmd>(&mut self, command: &C) -> Result<C::Response, Error> {
        let mut line = self.line.borrow_mut();
        while line.bench.now() < self.rested {
            line.step(Some(self.rested));
        }
        let mut bytes = [0; 1_024];
        let length = command.write(&mut bytes);
        self.slot.reset();
        let mut rest = &bytes[..length];
        while !rest.is_empty() {
            if line.uart.write_ready().unwrap() {
                let count = line.uart.write(rest).unwrap();
                rest = &rest[count..];
            } else {
                line.step(None);
            }
        }
        self.rested = line.bench.now() + COOLDOWN;
        if !C::EXPECTS_RESPONSE_CODE {
            return command.parse(Ok(&[]));
        }
        let deadline = line.bench.now() + u64::from(C::MAX_TIMEOUT_MS) * 1_000;
        loop {
            if let Some(answer) = self.slot.try_get() {
                let answer: &Response<BUFFER> = &answer.borrow();
                return command.parse(answer.into());
            }
            if line.bench.now() >= deadline {
                return Err(Error::Timeout);
            }
            line.step(Some(deadline));
        }
    }
}

/// The stack's timer. It is asked again and again: each look lets time pass.
pub struct Clock {
    line: Rc<RefCell<Line>>,
    end: u64,
}

impl Timer<1_000_000> for Clock {
    type Error = Infallible;

    fn now(&mut self) -> TimerInstantU32<1_000_000> {
        TimerInstantU32::from_ticks(self.line.borrow().bench.now() as u32)
    }

    fn start(&mut self, duration: TimerDurationU32<1_000_000>) -> Result<(), Infallible> {
        self.end = self.line.borrow().bench.now() + u64::from(duration.ticks());
        Ok(())
    }

    fn cancel(&mut self) -> Result<(), Infallible> {
        Ok(())
    }

    fn wait(&mut self) -> nb::Result<(), Infallible> {
        let mut line = self.line.borrow_mut();
        if line.bench.now() >= self.end {
            return Ok(());
        }
        line.step(Some(self.end));
        Err(nb::Error::WouldBlock)
    }
}

/// The same clock for the sockets.
#[derive(Clone)]
pub struct Time(Rc<RefCell<Line>>);

impl Platform for Time {
    fn now(&self) -> u64 {
        self.0.borrow().bench.now()
    }

    fn idle(&self, until: Option<u64>) -> Idle {
        self.0.borrow_mut().step(until);
        Idle::Continue
    }
}

/// A modem on its line, and the stack over it.
pub struct Board {
    pub adapter: Modemed,
    pub platform: Time,
}

impl Board {
    /// The modem has joined an access point behind which is `network`.
    pub fn joined(network: MemoryNetwork) -> Self {
        let air = Air::new()
            .ap(AccessPoint::new("net", "password"))
            .join_time_ms(100);
        let modem = Modem::new(Dialect::EspAt2_2, air, network);
        let bench = Bench::new(modem, BenchConfig::default());
        // atat wants these to be static; a test has one board, or a few.
        let slot: &'static ResponseSlot<BUFFER> = Box::leak(Box::new(ResponseSlot::new()));
        let channel: &'static UrcChannel<Urcs, URCS, 1> = Box::leak(Box::new(UrcChannel::new()));
        let buffer = vec![0; BUFFER].leak();
        let line = Rc::new(RefCell::new(Line {
            bench: bench.clone(),
            uart: bench.uart(),
            ingress: Ingress::new(UrcFirst::default(), buffer, slot, channel),
        }));
        let client = Client {
            line: line.clone(),
            slot,
            rested: 0,
        };
        let clock = Clock {
            line: line.clone(),
            end: 0,
        };
        let mut adapter = Adapter::new(client, channel.subscribe().unwrap(), clock);
        adapter.restart().unwrap();
        let state = adapter.join("net", "password").unwrap();
        assert!(state.connected && state.ip_assigned);
        Self {
            adapter,
            platform: Time(line),
        }
    }
}
