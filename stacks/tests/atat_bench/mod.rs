//! What esp-at-nal needs around it, on the simulator's bench in virtual time.
//!
//! atat's own client takes its time from embassy-time's driver, which is the wall clock. The one here
//! does the same with the bench's: it keeps the pause between commands, waits for the answer as long as
//! the command allows, and lets the line feed the parser meanwhile, as an interrupt would.

// Every test file uses its own part of it.
#![allow(dead_code, unreachable_pub)]

use std::cell::RefCell;
use std::convert::Infallible;
use std::rc::Rc;

use atat::Error as AtError;
use atat::blocking::AtatClient;
use atat::{AtDigester, AtatCmd, AtatIngress, Ingress, Response, ResponseSlot, UrcChannel};
use embedded_io::{ErrorType, Read, ReadReady, Write, WriteReady};
use esp_at_nal::stack::Error;
use esp_at_nal::urc::URCMessages;
use esp_at_nal::wifi::{Adapter, WifiAdapter};
use esp8285_sim::{AccessPoint, Air, Bench, BenchConfig, Dialect, Modem, UartError, VirtualUart};
use fugit::{TimerDurationU32, TimerInstantU32};
use fugit_timer::Timer;
use nal_socket::conformance::Report;
use nal_socket::{Idle, Platform, Policy};
use nal_socket_stacks::esp_at_nal::{POLICY, network};
use nal_socket_stacks::esp_at_nal_client;

use crate::sim_peer;

/// Bytes that one command asks the modem for, and that one sends.
const RX: usize = 2_048;
const TX: usize = 256;
const URCS: usize = 32;
/// A piece with its header and what may surround it.
const BUFFER: usize = 2 * RX;
/// atat's default pause between commands.
const COOLDOWN: u64 = 20_000;

type Urcs = URCMessages<RX>;
const HZ: u32 = 1_000_000;

/// The serial line: what comes in goes through atat's parser.
struct Line {
    bench: Bench,
    uart: VirtualUart,
    ingress: Ingress<'static, AtDigester<Urcs>, Urcs, BUFFER, URCS, 1>,
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
struct Client {
    line: Rc<RefCell<Line>>,
    slot: &'static ResponseSlot<BUFFER>,
    rested: u64,
}

impl AtatClient for Client {
    fn send<C: AtatCmd>(&mut self, command: &C) -> Result<C::Response, AtError> {
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
                return Err(AtError::Timeout);
            }
            line.step(Some(deadline));
        }
    }
}

/// The stack's timer. It is asked again and again: each look lets time pass.
struct Clock {
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
struct Time(Rc<RefCell<Line>>);

impl Platform for Time {
    fn now(&self) -> u64 {
        self.0.borrow().bench.now()
    }

    fn idle(&self, until: Option<u64>) -> Idle {
        self.0.borrow_mut().step(until);
        Idle::Continue
    }
}

/// The stack on atat's parser as published, fed as an interrupt would.
pub fn report() -> Report<'static> {
    let bench = bench();
    let (slot, channel, buffer) = parts();
    let line = Rc::new(RefCell::new(Line {
        bench: bench.clone(),
        uart: bench.uart(),
        ingress: Ingress::new(AtDigester::new(), buffer, slot, channel),
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
    let adapter = joined(Adapter::new(client, channel.subscribe().unwrap(), clock));
    let network = network(adapter, Time(line));
    Report::of("esp-at-nal 0.5", &network, &sim_peer::peer())
}

/// The stack on the client that mends it.
pub fn mended_report() -> Report<'static> {
    mended_report_with(POLICY)
}

pub fn mended_report_with(policy: Policy<Error>) -> Report<'static> {
    let bench = bench();
    let (slot, channel, buffer) = parts();
    let port = Port(bench.uart(), bench.clone());
    let line = RefCell::new(esp_at_nal_client::Line::new(
        port,
        Virtual(bench),
        slot,
        channel,
        buffer,
    ));
    let share = || esp_at_nal_client::Line::share(&line);
    let adapter = joined(Adapter::<_, _, HZ, TX, RX, URCS>::new(
        share(),
        channel.subscribe().unwrap(),
        share(),
    ));
    let network = network(adapter, share()).with_policy(policy);
    Report::of(
        "esp-at-nal 0.5 on `esp_at_nal_client`",
        &network,
        &sim_peer::peer(),
    )
}

fn bench() -> Bench {
    let air = Air::new()
        .ap(AccessPoint::new("net", "password"))
        .join_time_ms(100);
    let modem = Modem::new(Dialect::EspAt2_2, air, sim_peer::network());
    Bench::new(modem, BenchConfig::default())
}

/// atat wants these to live as long as its parser; a test has few of them.
fn parts() -> (
    &'static ResponseSlot<BUFFER>,
    &'static UrcChannel<Urcs, URCS, 1>,
    &'static mut [u8],
) {
    (
        Box::leak(Box::new(ResponseSlot::new())),
        Box::leak(Box::new(UrcChannel::new())),
        vec![0; BUFFER].leak(),
    )
}

fn joined<A: AtatClient, T: Timer<HZ>>(
    mut adapter: Adapter<'static, A, T, HZ, TX, RX, URCS>,
) -> Adapter<'static, A, T, HZ, TX, RX, URCS> {
    adapter.restart().unwrap();
    let state = adapter.join("net", "password").unwrap();
    assert!(state.connected && state.ip_assigned);
    adapter
}

/// A serial port that waits while it is full, as embedded-io has it.
struct Port(VirtualUart, Bench);

impl ErrorType for Port {
    type Error = UartError;
}

impl ReadReady for Port {
    fn read_ready(&mut self) -> Result<bool, UartError> {
        self.0.read_ready()
    }
}

impl Read for Port {
    fn read(&mut self, buf: &mut [u8]) -> Result<usize, UartError> {
        self.0.read(buf)
    }
}

impl Write for Port {
    fn write(&mut self, buf: &[u8]) -> Result<usize, UartError> {
        while !self.0.write_ready()? {
            self.1.idle(None);
        }
        self.0.write(buf)
    }
    fn flush(&mut self) -> Result<(), UartError> {
        Ok(())
    }
}

/// The bench's clock.
struct Virtual(Bench);

impl Platform for Virtual {
    fn now(&self) -> u64 {
        self.0.now()
    }
    fn idle(&self, until: Option<u64>) -> Idle {
        self.0.idle(until);
        Idle::Continue
    }
}
