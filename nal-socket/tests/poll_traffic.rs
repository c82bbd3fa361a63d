//! Random traffic: what `poll` reports is true, nothing is used up, and nothing is missed for ever.

mod many;

use std::time::Duration;

use many::{
    Arrival, FakeNetwork, Op, SECOND, Town, address, connected, listening, network, without_barrier,
};
use nal_socket::{ErrorKind, Events, Pollable, TcpListener, TcpSocket, Watch};
use proptest::prelude::*;

const SOCKETS: usize = 3;
const LISTENER: u16 = 10;

#[derive(Debug, Clone)]
enum Step {
    Data(usize, u64, usize),
    End(usize, u64),
    Reset(usize, u64),
    Lost(usize, u64),
    Peer(u64),
    /// How much a send takes, when there is room again, and when it is confirmed.
    Sending(usize, usize, u64, u64),
    Send(usize, usize),
    Interest(usize, u8),
    OneShot(usize),
    Poll(Option<u64>),
    PollCancelled,
    PollInsideTheStack,
    /// Reads this much of whatever is readable.
    Read(usize),
    Accept,
    Pass(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let who = || 0..SOCKETS;
    let time = || prop_oneof![Just(0), 0..3 * SECOND];
    prop_oneof![
        4 => (who(), time(), 1usize..1500).prop_map(|(s, t, n)| Step::Data(s, t, n)),
        1 => (who(), time()).prop_map(|(s, t)| Step::End(s, t)),
        1 => (who(), time()).prop_map(|(s, t)| Step::Reset(s, t)),
        1 => (who(), time()).prop_map(|(s, t)| Step::Lost(s, t)),
        1 => time().prop_map(Step::Peer),
        1 => (who(), 1usize..50, time(), time()).prop_map(|(s, n, a, b)| Step::Sending(s, n, a, b)),
        2 => (who(), 1usize..100).prop_map(|(s, n)| Step::Send(s, n)),
        2 => (who(), prop::sample::select(vec![0, 1, 4, 5])).prop_map(|(s, e)| Step::Interest(s, e)),
        1 => who().prop_map(Step::OneShot),
        6 => prop::option::of(time()).prop_map(Step::Poll),
        1 => Just(Step::PollCancelled),
        1 => Just(Step::PollInsideTheStack),
        4 => (1usize..1000).prop_map(Step::Read),
        1 => Just(Step::Accept),
        1 => time().prop_map(Step::Pass),
    ]
}

/// What is to be read from one socket, and how far that is.
#[derive(Default)]
struct Story {
    expected: Vec<u8>,
    seen: Vec<u8>,
    losses: usize,
    losses_seen: usize,
    ends: bool,
    resets: bool,
    reset_seen: bool,
    end_seen: bool,
}

struct Traffic<'n> {
    town: &'n Town,
    net: &'n FakeNetwork,
    sockets: Vec<TcpSocket<&'n FakeNetwork>>,
    watches: Vec<Watch>,
    stories: Vec<Story>,
    listener: TcpListener<&'n FakeNetwork>,
    on_listener: Watch,
    peers: u16,
    accepted: u16,
    draining: bool,
}

impl<'n> Traffic<'n> {
    fn new(town: &'n Town, net: &'n FakeNetwork) -> Self {
        let sockets = (1..=SOCKETS).map(|line| {
            let mut socket = connected(town, net, u16::try_from(line).unwrap());
            socket.set_nonblocking(true);
            socket
        });
        let mut listener = listening(town, net, LISTENER);
        listener.set_nonblocking(true);
        Self {
            sockets: sockets.collect(),
            watches: vec![Watch::new(Events::IN); SOCKETS],
            stories: (0..SOCKETS).map(|_| Story::default()).collect(),
            town,
            net,
            listener,
            on_listener: Watch::new(Events::IN),
            peers: 0,
            accepted: 0,
            draining: false,
        }
    }

    fn line(&self, socket: usize) -> u16 {
        u16::try_from(socket + 1).unwrap()
    }

    /// Everybody, but in the end for those whose story is over: they are ready for ever.
    fn entries(&mut self) -> Vec<(&mut dyn Pollable, &mut Watch)> {
        let stories = self.stories.iter();
        let over = stories.map(|story| self.draining && (story.end_seen || story.reset_seen));
        let mut entries: Vec<(&mut dyn Pollable, &mut Watch)> = self
            .sockets
            .iter_mut()
            .map(|socket| socket as &mut dyn Pollable)
            .zip(&mut self.watches)
            .zip(over)
            .filter_map(|(entry, over)| (!over).then_some(entry))
            .collect();
        entries.push((&mut self.listener, &mut self.on_listener));
        entries
    }

    /// Polls, and checks what is reported.
    fn poll(&mut self, timeout: Option<u64>) -> usize {
        let (net, town) = (self.net, self.town);
        let interests: Vec<Events> = self.watches.iter().map(Watch::interest).collect();
        town.calls();
        let start = town.now.get();
        let idles = town.idles.get();
        let timeout = timeout.map(Duration::from_micros);
        let ready = net.poll(&mut self.entries(), timeout).unwrap();

        // At most two turns a look, and one call a turn for each socket.
        let looks = town.idles.get() - idles + 1;
        let calls = town.calls();
        for line in [1, 2, 3, LISTENER] {
            let count = calls.iter().filter(|(of, _)| *of == line).count();
            assert!(count <= 2 * looks, "{count} calls in {looks} looks");
        }
        let twice = calls.iter().any(|(_, op)| *op == Op::Barrier);
        assert!(twice || calls.len() <= (SOCKETS + 1) * looks);

        if let Some(timeout) = timeout {
            let micros = u64::try_from(timeout.as_micros()).unwrap();
            assert!(town.now.get() <= start + micros);
            assert!(ready > 0 || town.now.get() == start + micros);
        }
        let reported = self.watches.iter().chain([&self.on_listener]);
        assert_eq!(
            reported.filter(|watch| !watch.ready().is_empty()).count(),
            ready
        );
        for (watch, interest) in self.watches.iter().zip(interests) {
            assert_eq!(watch.ready() - interest - Events::ALWAYS, Events::NONE);
        }
        // Also all at once: none has its place in the order only.
        for socket in 0..SOCKETS {
            if self.watches[socket].ready().contains(Events::IN) {
                let peeked = self.sockets[socket].recv_ready();
                assert_eq!(peeked, Ok(true));
            }
        }
        ready
    }

    /// Reads once from a socket that is said to be readable.
    fn read(&mut self, socket: usize, count: usize) {
        let story = &mut self.stories[socket];
        let mut buf = vec![0; count];
        match self.sockets[socket].recv(&mut buf) {
            Ok(0) => {
                assert_eq!(story.seen, story.expected);
                assert!(story.ends || story.reset_seen);
                story.end_seen = true;
            }
            Ok(count) => {
                assert!(!story.end_seen && !story.reset_seen);
                story.seen.extend(&buf[..count]);
                assert!(story.expected.starts_with(&story.seen));
            }
            Err(error) => match error.kind() {
                ErrorKind::ConnectionReset => {
                    assert!(story.resets && !story.reset_seen);
                    assert_eq!(story.seen, story.expected);
                    story.reset_seen = true;
                }
                ErrorKind::DataLost => story.losses_seen += 1,
                kind => panic!("said to be readable, but {kind:?}"),
            },
        }
    }

    fn read_what_is_readable(&mut self, count: usize) {
        for socket in 0..SOCKETS {
            if self.watches[socket].ready().contains(Events::IN) {
                self.read(socket, count);
            }
            // The answer was for one operation.
            let interest = self.watches[socket].interest();
            self.watches[socket] = Watch::new(interest);
        }
    }

    fn accept(&mut self) {
        if self.on_listener.ready().contains(Events::IN) {
            let (_, from) = self.listener.accept().expect("said to be ready");
            self.accepted += 1;
            assert_eq!(from, address(100 + self.accepted), "in order");
        }
        self.on_listener = Watch::new(Events::IN);
    }

    fn arrive(&mut self, socket: usize, after: u64, what: Arrival) {
        // In order: nothing overtakes what is on its way.
        let line = self.line(socket);
        let last = self
            .town
            .line(line, |line| line.arrivals.back().map(|(at, _)| *at));
        let at = (self.town.now.get() + after).max(last.unwrap_or(0));
        self.town
            .line(line, |line| line.arrivals.push_back((at, what)));
    }

    fn run(&mut self, step: Step) {
        match step {
            Step::Data(s, _, _) | Step::End(s, _) | Step::Reset(s, _) | Step::Lost(s, _)
                if self.stories[s].ends || self.stories[s].resets => {}
            Step::Data(socket, after, count) => {
                let story = &mut self.stories[socket];
                let from = story.expected.len();
                let bytes: Vec<u8> = (from..from + count).map(|n| (n % 251) as u8).collect();
                story.expected.extend(&bytes);
                self.arrive(socket, after, Arrival::Data(bytes));
            }
            Step::End(socket, after) => {
                self.stories[socket].ends = true;
                self.arrive(socket, after, Arrival::End);
            }
            Step::Reset(socket, after) => {
                self.stories[socket].resets = true;
                self.arrive(socket, after, Arrival::Fail(ErrorKind::ConnectionReset));
                // Also when it has been told.
                self.arrive(socket, after, Arrival::End);
            }
            Step::Lost(socket, after) => {
                self.stories[socket].losses += 1;
                self.arrive(socket, after, Arrival::Fail(ErrorKind::DataLost));
            }
            Step::Peer(after) => {
                self.peers += 1;
                let peer = Arrival::Peer(100 + self.peers);
                let last = self
                    .town
                    .line(LISTENER, |line| line.arrivals.back().map(|(at, _)| *at));
                let at = (self.town.now.get() + after).max(last.unwrap_or(0));
                self.town
                    .line(LISTENER, |line| line.arrivals.push_back((at, peer)));
            }
            Step::Sending(socket, most, pause, confirm) => {
                self.town.line(self.line(socket), |line| {
                    line.send_most = most;
                    line.send_pause = pause;
                    line.confirm_after = confirm;
                });
            }
            Step::Send(socket, count) => {
                let _ = self.sockets[socket].send(&vec![b's'; count]);
            }
            Step::Interest(socket, bits) => {
                self.watches[socket].set_interest(Events::from_bits(bits).unwrap());
            }
            Step::OneShot(socket) => {
                self.watches[socket] = self.watches[socket].one_shot();
            }
            Step::Poll(timeout) => {
                // For ever is for the end, where something is sure to come.
                self.poll(Some(timeout.unwrap_or(0)));
            }
            Step::PollCancelled => {
                self.town.cancel.set(true);
                let net = self.net;
                if let Err(error) = net.poll(&mut self.entries(), None) {
                    assert_eq!(error.kind(), ErrorKind::Interrupted);
                }
                self.town.cancel.set(false);
            }
            Step::PollInsideTheStack => {
                let net = self.net;
                let entries = &mut self.entries();
                let found = net.with_stack(|_| net.poll(entries, Some(Duration::ZERO)));
                // What is known needs no stack.
                if let Err(error) = found.unwrap() {
                    assert_eq!(error.kind(), ErrorKind::Busy);
                }
            }
            Step::Read(count) => self.read_what_is_readable(count),
            Step::Accept => self.accept(),
            Step::Pass(time) => self.town.pass(time),
        }
    }

    /// Until everything that was sent has been read, with nothing but what poll says.
    fn drain(&mut self) {
        self.draining = true;
        for watch in &mut self.watches {
            *watch = Watch::new(Events::IN);
        }
        self.on_listener = Watch::new(Events::IN);
        for _ in 0..10_000 {
            let done = self.stories.iter().all(|story| {
                story.seen == story.expected
                    && story.losses_seen == story.losses
                    && (story.end_seen || !story.ends)
                    && (story.reset_seen || !story.resets)
            });
            if done && self.accepted == self.peers {
                return;
            }
            assert!(self.poll(None) > 0);
            self.read_what_is_readable(700);
            self.accept();
        }
        panic!("something was missed");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(384))]

    #[test]
    fn whatever_is_reported_is_there_and_whatever_comes_is_reported(
        steps in prop::collection::vec(step(), 1..80),
        kind in 0..3,
    ) {
        let town = Town::new();
        let net = match kind {
            0 => network(&town),
            1 => without_barrier(&town),
            _ => network(&town).with_readiness(),
        };
        let mut traffic = Traffic::new(&town, &net);
        for step in steps {
            traffic.run(step);
        }
        traffic.drain();
    }
}
