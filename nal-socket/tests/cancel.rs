//! Every call that waits: it idles, it can be cancelled from the idle hook with nothing lost, and a hook
//! that uses the network meanwhile is told what it may not do.

mod many;

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use embedded_io::BufRead;
use embedded_nal::nb;
use many::udp::{UdpNetwork, bound, with_udp};
use many::{Arrival, Line, SECOND, Town, address, connected, listening};
use nal_socket::{Error, ErrorKind, Events, Hints, TcpListener, TcpSocket, UdpSocket, Watch};

type Net = &'static UdpNetwork;

/// The line of a lookup, which ends when there is room on it.
const DNS: u16 = 53;
/// The lines of what is under test, and of what the hook uses.
const STREAM: u16 = 1;
const LISTENER: u16 = 2;
const DATAGRAMS: u16 = 3;
const OTHER: u16 = 4;

/// One of each, none of them with anything to do.
struct Stage {
    town: Rc<Town>,
    net: Net,
    new: TcpSocket<Net>,
    stream: TcpSocket<Net>,
    listener: TcpListener<Net>,
    datagrams: UdpSocket<Net>,
    watch: Watch,
}

fn stage() -> Stage {
    let town = Town::new();
    let net: Net = Box::leak(Box::new(with_udp(&town).with_resolver(|stack, _, _| {
        let now = stack.0.now.get();
        match stack.0.line(DNS, |line| now < line.room_at) {
            true => Err(nb::Error::WouldBlock),
            false => Ok([192, 0, 2, 77].into()),
        }
    })));
    Stage {
        new: TcpSocket::new(net),
        stream: connected(&town, net, STREAM),
        listener: listening(&town, net, LISTENER),
        datagrams: bound(&town, net, DATAGRAMS),
        watch: Watch::new(Events::IN).one_shot(),
        net,
        town,
    }
}

impl Stage {
    /// In two seconds, on the clock.
    fn soon(&self) -> u64 {
        self.town.now.get() + 2 * SECOND
    }

    fn script(&self, line: u16, change: impl FnOnce(&mut Line)) {
        self.town.line(line, change);
    }
}

/// A call that waits.
struct Case {
    name: &'static str,
    /// Makes it wait, for more than it is going to get before it is cancelled.
    begin: fn(&mut Stage),
    /// The call, and what came of it.
    call: fn(&mut Stage) -> Result<String, Error>,
    /// In two seconds it can complete.
    release: fn(&mut Stage),
    /// What comes of both calls together.
    outcome: &'static str,
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn no_room(stage: &mut Stage) {
    stage.script(STREAM, |line| line.room_at = u64::MAX);
}

fn room_soon(stage: &mut Stage) {
    let soon = stage.soon();
    stage.script(STREAM, |line| line.room_at = soon);
}

fn data_soon(stage: &mut Stage) {
    stage.town.data(STREAM, 2 * SECOND, b"cd\n");
}

fn some_data(stage: &mut Stage) {
    stage.town.data(STREAM, 0, b"ab");
}

fn datagram_soon(stage: &mut Stage) {
    let what = Arrival::Datagram(9, b"datagram".to_vec());
    stage.town.arrive(DATAGRAMS, 2 * SECOND, what);
}

/// Sends what of `abcdef` is not sent yet.
fn send_rest(
    stage: &mut Stage,
    send: fn(&mut TcpSocket<Net>, &[u8]) -> Result<(), Error>,
) -> Result<String, Error> {
    let sent = stage.town.line(STREAM, |line| line.sent.len());
    let result = send(&mut stage.stream, &b"abcdef"[sent..]);
    let now = stage.town.line(STREAM, |line| line.sent.len());
    assert_eq!(
        stage.stream.sent(),
        now - sent,
        "the socket knows how far it came"
    );
    result?;
    Ok(stage.town.line(STREAM, |line| text(&line.sent)))
}

/// Takes two bytes, then none.
fn slow_sender(stage: &mut Stage) {
    stage.script(STREAM, |line| {
        line.send_most = 2;
        line.send_pause = u64::MAX / 2;
    });
}

fn fast_sender_soon(stage: &mut Stage) {
    let soon = stage.soon();
    stage.script(STREAM, |line| {
        line.room_at = soon;
        line.send_most = usize::MAX;
    });
}

fn unconfirmed(stage: &mut Stage) {
    stage.stream.send(b"x").unwrap();
    stage.script(STREAM, |line| line.confirm_at = u64::MAX);
}

fn confirmed_soon(stage: &mut Stage) {
    let soon = stage.soon();
    stage.script(STREAM, |line| line.confirm_at = soon);
}

const CASES: [Case; 16] = [
    Case {
        name: "connect",
        begin: |stage| stage.script(9, |line| line.connect_at = u64::MAX),
        call: |stage| stage.new.connect(address(9)).map(|()| "connected".into()),
        release: |stage| {
            let soon = stage.soon();
            stage.script(9, |line| line.connect_at = soon);
        },
        outcome: "connected",
    },
    Case {
        name: "recv",
        begin: |_| (),
        call: |stage| {
            let mut buf = [0; 8];
            stage.stream.recv(&mut buf).map(|count| text(&buf[..count]))
        },
        release: data_soon,
        outcome: "cd\n",
    },
    Case {
        name: "peek",
        begin: |_| (),
        call: |stage| {
            let mut buf = [0; 8];
            stage.stream.peek(&mut buf).map(|count| text(&buf[..count]))
        },
        release: data_soon,
        outcome: "cd\n",
    },
    Case {
        name: "fill_buf",
        begin: |_| (),
        call: |stage| stage.stream.fill_buf().map(text),
        release: data_soon,
        outcome: "cd\n",
    },
    Case {
        name: "readinto",
        begin: some_data,
        call: |stage| {
            let mut buf = [0; 5];
            let count = stage.stream.readinto(&mut buf)?;
            Ok(text(&buf[..count]))
        },
        release: data_soon,
        outcome: "abcd\n",
    },
    Case {
        name: "readline",
        begin: some_data,
        call: |stage| {
            let mut buf = [0; 80];
            let count = stage.stream.readline(&mut buf)?;
            Ok(text(&buf[..count]))
        },
        release: data_soon,
        outcome: "abcd\n",
    },
    Case {
        name: "readinto on a file",
        begin: some_data,
        call: |stage| {
            let mut buf = [0; 5];
            let count = stage.stream.file().readinto(&mut buf)?;
            Ok(text(&buf[..count]))
        },
        release: data_soon,
        outcome: "abcd\n",
    },
    Case {
        name: "send",
        begin: no_room,
        call: |stage| send_rest(stage, |socket, data| socket.send(data).map(drop)),
        release: room_soon,
        outcome: "abcdef",
    },
    Case {
        name: "sendall",
        begin: slow_sender,
        call: |stage| send_rest(stage, TcpSocket::sendall),
        release: fast_sender_soon,
        outcome: "abcdef",
    },
    Case {
        name: "write",
        begin: slow_sender,
        call: |stage| send_rest(stage, |socket, data| socket.write(data).map(drop)),
        release: fast_sender_soon,
        outcome: "abcdef",
    },
    Case {
        name: "flush",
        begin: unconfirmed,
        call: |stage| stage.stream.flush().map(|()| "flushed".into()),
        release: confirmed_soon,
        outcome: "flushed",
    },
    Case {
        name: "accept",
        begin: |_| (),
        call: |stage| stage.listener.accept().map(|(_, from)| from.to_string()),
        release: |stage| {
            stage.town.arrive(LISTENER, 2 * SECOND, Arrival::Peer(8));
        },
        outcome: "192.0.2.1:8",
    },
    Case {
        name: "getaddrinfo",
        begin: |stage| stage.script(DNS, |line| line.room_at = u64::MAX),
        call: |stage| {
            let found = stage.net.getaddrinfo("example.org", 80, Hints::stream())?;
            Ok(found.first().sockaddr.to_string())
        },
        release: |stage| {
            let soon = stage.soon();
            stage.script(DNS, |line| line.room_at = soon);
        },
        outcome: "192.0.2.77:80",
    },
    Case {
        name: "recvfrom",
        begin: |_| (),
        call: |stage| {
            let mut buf = [0; 16];
            let (count, _) = stage.datagrams.recvfrom(&mut buf)?;
            Ok(text(&buf[..count]))
        },
        release: datagram_soon,
        outcome: "datagram",
    },
    Case {
        name: "sendto",
        begin: |stage| stage.script(DATAGRAMS, |line| line.room_at = u64::MAX),
        call: |stage| {
            stage.datagrams.sendto(b"once", address(9))?;
            Ok(stage.town.line(DATAGRAMS, |line| text(&line.sent)))
        },
        release: |stage| {
            let soon = stage.soon();
            stage.script(DATAGRAMS, |line| line.room_at = soon);
        },
        outcome: "once",
    },
    Case {
        name: "poll",
        begin: |_| (),
        call: |stage| {
            let mut on_listener = Watch::new(Events::IN);
            let ready = stage.net.poll(
                &mut [
                    (&mut stage.listener, &mut on_listener),
                    (&mut stage.datagrams, &mut stage.watch),
                ],
                None,
            )?;
            Ok(format!(
                "{ready} {} {}",
                on_listener.ready(),
                stage.watch.ready()
            ))
        },
        release: datagram_soon,
        outcome: "1 none IN",
    },
];

/// A hook that tries everything on a connection of its own, and notes what it is told.
fn meddle(stage: &Stage) -> Rc<RefCell<Vec<[Option<ErrorKind>; 6]>>> {
    let net = stage.net;
    let other = RefCell::new(connected(&stage.town, net, OTHER));
    let fresh = RefCell::new(TcpSocket::new(net));
    stage.script(80, |line| line.connect_at = u64::MAX);
    let told = Rc::new(RefCell::new(Vec::new()));
    stage.town.hook.replace(Some(Box::new({
        let told = told.clone();
        move || {
            let mut other = other.borrow_mut();
            let mut watch = Watch::new(Events::IN);
            let poll = net.poll(&mut [(&mut *other, &mut watch)], None);
            let look = net.poll(&mut [(&mut *other, &mut watch)], Some(Duration::ZERO));
            let outcomes: [Result<(), Error>; 6] = [
                other.recv(&mut [0; 4]).map(drop),
                fresh.borrow_mut().connect(address(80)),
                poll.map(drop),
                look.map(drop),
                other.sendall(b"tick"),
                net.with_stack(|_| ()),
            ];
            let kinds = outcomes.map(|outcome| outcome.err().map(|error| error.kind()));
            told.borrow_mut().push(kinds);
        }
    })));
    told
}

#[test]
fn a_call_that_waits_can_be_cancelled_from_the_idle_hook_with_nothing_lost() {
    for case in CASES {
        let name = case.name;
        let mut stage = stage();
        (case.begin)(&mut stage);
        let start = stage.town.now.get();
        stage.town.cancel.set(true);
        let cancelled = (case.call)(&mut stage);
        assert_eq!(
            cancelled.unwrap_err().kind(),
            ErrorKind::Interrupted,
            "{name}"
        );
        assert_eq!(stage.town.idles.get(), 1, "{name}");
        assert_eq!(stage.town.now.get(), start, "{name}");

        (case.release)(&mut stage);
        let outcome = (case.call)(&mut stage);
        assert_eq!(outcome.unwrap(), case.outcome, "{name}");
        assert_eq!(stage.town.now.get(), start + 2 * SECOND, "{name}");
        assert_eq!(stage.town.idles.get(), 2, "{name}");
    }
}

#[test]
fn a_hook_that_would_wait_is_told_busy_and_may_do_what_does_not_wait() {
    let busy = Some(ErrorKind::Busy);
    for case in CASES {
        let name = case.name;
        let mut stage = stage();
        (case.begin)(&mut stage);
        (case.release)(&mut stage);
        let told = meddle(&stage);
        let outcome = (case.call)(&mut stage);
        assert_eq!(outcome.unwrap(), case.outcome, "{name}");
        let told = told.borrow();
        assert!(!told.is_empty(), "{name} idles");
        for kinds in told.iter() {
            assert_eq!(*kinds, [busy, busy, busy, None, None, None], "{name}");
        }
        let ticks = stage.town.line(OTHER, |line| text(&line.sent));
        assert_eq!(ticks, "tick".repeat(told.len()), "{name}");
    }
}

#[test]
fn closing_can_be_cancelled_and_has_closed_all_the_same() {
    for drops in [false, true] {
        let mut stage = stage();
        unconfirmed(&mut stage);
        let open = stage.town.open.get();
        let start = stage.town.now.get();
        stage.town.cancel.set(true);
        if drops {
            drop(stage.stream);
        } else {
            let error = stage.stream.close().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Interrupted);
            assert!(stage.stream.is_closed());
            stage.stream.close().unwrap();
        }
        assert_eq!(stage.town.idles.get(), 1);
        assert_eq!(stage.town.now.get(), start);
        assert_eq!(stage.town.open.get(), open - 1);
        assert_eq!(
            stage.town.line(STREAM, |line| text(&line.sent)),
            "x",
            "what the stack has taken is its own"
        );
    }
}

#[test]
fn a_hook_is_told_busy_while_a_socket_closes() {
    let mut stage = stage();
    unconfirmed(&mut stage);
    confirmed_soon(&mut stage);
    let told = meddle(&stage);
    stage.stream.close().unwrap();
    assert_eq!(stage.town.now.get(), 9 * SECOND);
    assert_eq!(told.borrow().len(), 1);
    assert_eq!(told.borrow()[0][0], Some(ErrorKind::Busy));
}

#[test]
fn a_close_from_the_hook_that_would_wait_is_busy_and_changes_nothing() {
    let mut stage = stage();
    let (town, net) = (stage.town.clone(), stage.net);
    let open = town.open.get();
    let other = RefCell::new(Some(connected(&town, net, OTHER)));
    other.borrow_mut().as_mut().unwrap().send(b"x").unwrap();
    stage.script(OTHER, |line| line.confirm_at = u64::MAX);
    stage.stream.set_timeout(Some(Duration::from_secs(1)));
    let told = Rc::new(RefCell::new(Vec::new()));
    town.hook.replace(Some(Box::new({
        let told = told.clone();
        move || {
            let mut slot = other.borrow_mut();
            let Some(socket) = slot.as_mut() else { return };
            let kind = socket.close().unwrap_err().kind();
            told.borrow_mut()
                .push((kind, socket.is_closed(), socket.is_connected()));
            // Nobody can close it again then.
            *slot = None;
        }
    })));
    let waited = stage.stream.recv(&mut [0; 4]).unwrap_err();
    assert_eq!(waited.kind(), ErrorKind::TimedOut);
    assert_eq!(*told.borrow(), [(ErrorKind::Busy, false, true)]);
    assert_eq!(town.open.get(), open, "dropping gives it back");
}

#[test]
fn a_hook_may_cancel_at_any_idle() {
    for case in CASES {
        let name = case.name;
        // Something happens elsewhere every half second, so that there are idles to choose from.
        for at in 1..=4 {
            let mut stage = stage();
            (case.begin)(&mut stage);
            (case.release)(&mut stage);
            let count = Rc::new(Cell::new(0));
            let town = stage.town.clone();
            let tick = move |town: &Town| {
                let next = town.now.get() + SECOND / 2;
                town.line(99, |line| line.room_at = next);
            };
            tick(&town);
            stage.town.hook.replace(Some(Box::new({
                let count = count.clone();
                move || {
                    count.set(count.get() + 1);
                    town.cancel.set(count.get() == at);
                    tick(&town);
                }
            })));
            let error = (case.call)(&mut stage).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Interrupted, "{name} at {at}");
            let outcome = (case.call)(&mut stage);
            assert_eq!(outcome.unwrap(), case.outcome, "{name} at {at}");
            assert_eq!(stage.town.now.get(), 9 * SECOND, "{name} at {at}");
        }
    }
}
