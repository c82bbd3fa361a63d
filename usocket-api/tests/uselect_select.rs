//! `select.select`, in virtual time.

#[path = "../../nal-socket/tests/many/mod.rs"]
mod many;

use std::rc::Rc;
use std::time::Duration;

use many::{Arrival, FakeNetwork, Op, SECOND, Town, network};
use nal_socket::ErrorKind;
use usocket_api::uselect::{List, Stream, USelect};
use usocket_api::{OPENMV, Socket, USocket};

type Sock<'n> = Socket<&'n FakeNetwork>;

fn connected<'n>(town: &Town, net: &'n FakeNetwork, line: u16) -> Sock<'n> {
    let sock = USocket::new(net, OPENMV).socket();
    sock.connect(("192.0.2.1", i32::from(line))).unwrap();
    town.calls();
    sock
}

fn is<const MAX: usize>(list: &List<&Sock<'_>, MAX>, expected: &[&Sock<'_>]) -> bool {
    list.len() == expected.len()
        && list
            .iter()
            .zip(expected)
            .all(|(a, b)| std::ptr::addr_eq(*a, *b))
}

#[test]
fn each_list_comes_back_without_what_is_not_ready_in_its_order() {
    let town = Town::new();
    let net = network(&town);
    let uselect = USelect::new(&net, OPENMV);
    let (a, b, c) = (
        connected(&town, &net, 1),
        connected(&town, &net, 2),
        connected(&town, &net, 3),
    );
    town.data(3, 0, b"x");
    town.data(1, 0, b"x");
    for _ in 0..8 {
        let (r, w, x) = uselect
            .select(&[&c, &b, &a], &[&b, &c], &[&a, &b, &c], 0)
            .unwrap();
        assert!(is(&r, &[&c, &a]) && is(&w, &[&b, &c]) && is(&x, &[]));
    }
    let (r, w, x) = uselect.select(&[&b, &a, &b, &a], &[], &[], 0).unwrap();
    assert!(is(&r, &[&a, &a]) && is(&w, &[]) && is(&x, &[]));
}

#[test]
fn a_socket_in_several_lists_is_asked_once_a_turn() {
    let town = Town::new();
    let net = network(&town);
    let (a, b) = (connected(&town, &net, 1), connected(&town, &net, 2));
    let uselect = USelect::new(&net, OPENMV);
    let (r, w, x) = uselect.select(&[&a, &b], &[&a], &[&a, &b], 1).unwrap();
    assert!(is(&r, &[]) && is(&w, &[&a]) && is(&x, &[]));
    let mut calls = town.calls();
    calls.sort_by_key(|call| call.0);
    assert_eq!(calls, [(1, Op::Receive), (2, Op::Receive)]);
}

#[test]
fn timeouts_are_seconds_and_exact() {
    let town = Town::new();
    let net = network(&town);
    let a = connected(&town, &net, 1);
    let uselect = USelect::new(&net, OPENMV);
    let waited = |select: &dyn Fn() -> bool| {
        let start = town.now.get();
        assert!(select(), "nothing is ready");
        town.now.get() - start
    };
    let none = |(r, w, x): (List<&Sock<'_>, 8>, List<&Sock<'_>, 8>, List<&Sock<'_>, 8>)| {
        r.is_empty() && w.is_empty() && x.is_empty()
    };
    assert_eq!(
        waited(&|| none(uselect.select(&[&a], &[], &[], 2).unwrap())),
        2 * SECOND
    );
    assert_eq!(
        waited(&|| none(uselect.select(&[&a], &[], &[], 0.25).unwrap())),
        250_000
    );
    assert_eq!(
        waited(&|| none(uselect.select(&[&a], &[], &[], 0.5_f32).unwrap())),
        500_000
    );
    assert_eq!(
        waited(&|| none(uselect.select(&[&a], &[], &[], 1e-12).unwrap())),
        1
    );
    assert_eq!(
        waited(&|| none(uselect.select(&[&a], &[], &[&a], Some(1.5)).unwrap())),
        1_500_000
    );
    let time = Duration::from_millis(40);
    assert_eq!(
        waited(&|| none(uselect.select(&[&a], &[], &[], time).unwrap())),
        40_000
    );
    // No objects at all: it waits.
    assert_eq!(
        waited(&|| none(uselect.select(&[], &[], &[], 3_i64).unwrap())),
        3 * SECOND
    );
    let idles = town.idles.get();
    assert_eq!(
        waited(&|| none(uselect.select(&[&a], &[], &[], 0).unwrap())),
        0
    );
    assert_eq!(
        waited(&|| none(uselect.select(&[&a], &[], &[], 0.0).unwrap())),
        0
    );
    assert_eq!(
        waited(&|| none(uselect.select(&[&a], &[], &[], -0.0).unwrap())),
        0
    );
    assert_eq!(town.idles.get(), idles);
}

#[test]
fn none_and_negative_timeouts_are_for_ever_and_no_number_is_einval() {
    let town = Town::new();
    let net = network(&town);
    let a = connected(&town, &net, 1);
    let uselect = USelect::new(&net, OPENMV);
    let week = 7 * 86_400 * SECOND;
    for wait in 0..3 {
        town.data(1, week, b"x");
        let start = town.now.get();
        let selected = match wait {
            0 => uselect.select(&[&a], &[], &[], None),
            1 => uselect.select(&[&a], &[], &[], -1),
            _ => uselect.select(&[&a], &[], &[], -0.001),
        };
        assert!(is(&selected.unwrap().0, &[&a]));
        assert_eq!(town.now.get(), start + week);
        a.recv_into(&mut [0; 4]).unwrap();
    }
    town.calls();
    for seconds in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let error = uselect.select(&[&a], &[], &[], seconds).unwrap_err();
        assert_eq!(error.name(), "EINVAL");
    }
    assert_eq!(town.calls(), []);
}

#[test]
fn errors_hang_ups_and_closed_sockets_are_ready_in_every_list_they_are_in() {
    let town = Town::new();
    let net = network(&town);
    let uselect = USelect::new(&net, OPENMV);
    let reset = connected(&town, &net, 1);
    town.arrive(1, 0, Arrival::Fail(ErrorKind::ConnectionReset));
    let closed = connected(&town, &net, 2);
    closed.close().unwrap();
    let new = USocket::new(&net, OPENMV).socket();
    let fine = connected(&town, &net, 3);
    for sock in [&reset, &closed, &new] {
        let (r, w, x) = uselect.select(&[&fine, sock], &[], &[&fine], None).unwrap();
        assert!(is(&r, &[sock]) && is(&w, &[]) && is(&x, &[]));
        let (r, w, x) = uselect.select(&[&fine], &[sock], &[&fine], None).unwrap();
        assert!(is(&r, &[]) && is(&w, &[sock]) && is(&x, &[]));
        let (r, w, x) = uselect.select(&[&fine], &[], &[sock], None).unwrap();
        assert!(is(&r, &[]) && is(&w, &[]) && is(&x, &[sock]));
    }
    // And the operation that follows does not wait.
    let start = town.now.get();
    for (sock, name) in [
        (&reset, "ECONNRESET"),
        (&closed, "EBADF"),
        (&new, "ENOTCONN"),
    ] {
        assert_eq!(sock.recv_into(&mut [0; 1]).unwrap_err().name(), name);
    }
    assert_eq!(town.now.get(), start);
}

#[test]
fn an_error_is_waited_for_with_the_third_list_alone() {
    let town = Town::new();
    let net = network(&town);
    let a = connected(&town, &net, 1);
    town.arrive(1, 3 * SECOND, Arrival::Fail(ErrorKind::ConnectionReset));
    let start = town.now.get();
    let (_, _, x) = USelect::new(&net, OPENMV)
        .select(&[], &[], &[&a], None)
        .unwrap();
    assert!(is(&x, &[&a]));
    assert_eq!(town.now.get(), start + 3 * SECOND);
}

#[test]
fn a_connect_under_way_becomes_writable_when_it_is_done_or_refused() {
    for refused in [false, true] {
        let town = Town::new();
        let net = network(&town);
        let sock = USocket::new(&net, OPENMV).socket();
        sock.setblocking(false).unwrap();
        town.line(1, |line| {
            line.connect_at = 9 * SECOND;
            if refused {
                line.connect = Err(ErrorKind::ConnectionRefused);
            }
        });
        sock.connect(("192.0.2.1", 1)).unwrap_err();
        let uselect = USelect::new(&net, OPENMV);
        let (r, w, x) = uselect.select(&[], &[&sock], &[], None).unwrap();
        assert!(is(&r, &[]) && is(&w, &[&sock]) && is(&x, &[]));
        assert_eq!(town.now.get(), 9 * SECOND);
        match sock.send("GET") {
            Ok(count) => assert_eq!((refused, count), (false, 3)),
            Err(error) => assert_eq!((refused, error.name()), (true, "ECONNREFUSED")),
        }
    }
}

#[test]
fn too_many_objects_are_enomem_and_nothing_is_asked() {
    let town = Town::new();
    let net = network(&town);
    let socks: Vec<_> = (1..=9).map(|line| connected(&town, &net, line)).collect();
    let all: Vec<_> = socks.iter().collect();
    let uselect = USelect::new(&net, OPENMV);
    let error = uselect.select(&all, &[], &[], 0).unwrap_err();
    assert_eq!((error.errno(), error.name()), (12, "ENOMEM"));
    let error = uselect.select(&all[..5], &all[5..], &[], 0).unwrap_err();
    assert_eq!(error.name(), "ENOMEM");
    let error = uselect.select(&[all[0]; 9], &[], &[], 0).unwrap_err();
    assert_eq!(error.name(), "ENOMEM");
    assert_eq!(town.calls(), []);
    let (_, w, _) = uselect
        .select_sized::<_, 9>(&all[..5], &all[5..], &[], 0)
        .unwrap();
    assert!(is(&w, &all[5..]));
}

#[test]
fn other_handles_are_taken_too() {
    let town = Town::new();
    let net = network(&town);
    let uselect = USelect::new(&net, OPENMV);
    let clients: Vec<_> = (1..=3)
        .map(|line| Rc::new(connected(&town, &net, line)))
        .collect();
    town.data(2, 0, b"x");
    let (r, w, _) = uselect.select(&clients, &clients[..1], &[], 1.0).unwrap();
    assert!(Rc::ptr_eq(&r[0], &clients[1]) && r.len() == 1);
    assert!(Rc::ptr_eq(&w[0], &clients[0]) && w.len() == 1);

    let (sock, cell) = (
        connected(&town, &net, 4),
        std::cell::RefCell::new(nal_socket::TcpSocket::new(&net)),
    );
    let (r, _, _) = uselect
        .select::<&dyn Stream>(&[&sock, &cell], &[], &[], 1)
        .unwrap();
    assert!(r.len() == 1 && std::ptr::addr_eq(r[0], &cell));
}
