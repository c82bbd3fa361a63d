//! `uselect`, which both documents recommend in place of `settimeout`.

use usocket_api::uselect::{POLLIN, POLLOUT, USelect};
use usocket_api::{AF_INET, MAIXPY, OPENMV, SOCK_DGRAM};

use crate::world::{Step, World, send};

surface! {
    everywhere {
        the_documents_snippet_in_place_of_settimeout
        a_poller_waits_for_many_objects_at_once
        a_poller_says_when_somebody_connects
    }
}

fn the_documents_snippet_in_place_of_settimeout<W: World>(world: &W) {
    assert_eq!((POLLIN.raw(), POLLOUT.raw()), (1, 4));
    for profile in [MAIXPY, OPENMV] {
        let (s, _server) = world.connected(profile, vec![Step::Read(1), send("0123456789")]);
        let millis = (W::PAUSE / 1_000) as i32;
        let uselect = USelect::new(world.net(), profile);

        let poller = uselect.poll();
        poller.register(&s, POLLIN).unwrap();
        let res = world.takes(W::PAUSE, || poller.poll(millis)).unwrap();
        assert!(res.is_empty());

        s.send("?").unwrap();
        let res = poller.poll(5_000).unwrap();
        let [(obj, event)] = res[..] else {
            panic!("{} objects", res.len());
        };
        assert!(std::ptr::eq(obj, &s));
        assert_eq!(event, POLLIN);
        assert_eq!(s.read(10).unwrap().unwrap(), b"0123456789");
    }
}

/// Streams and datagrams; the one that has something is the one that is told.
fn a_poller_waits_for_many_objects_at_once<W: World>(world: &W) {
    let datagrams = world
        .usocket(OPENMV)
        .socket_with(AF_INET, SOCK_DGRAM, 0)
        .unwrap();
    let echo = world.echo(1);
    datagrams.sendto("first", echo.at()).unwrap();
    assert_eq!(datagrams.recv(9).unwrap(), b"first");
    let (silent, _server) = world.connected(OPENMV, vec![]);
    let (talks, _other) = world.connected(OPENMV, vec![Step::Read(1), send("!")]);
    let poller = USelect::new(world.net(), OPENMV).poll();
    for sock in [&silent, &talks, &datagrams] {
        poller.register(sock, POLLIN).unwrap();
    }
    assert!(poller.poll(0).unwrap().is_empty());
    talks.send("?").unwrap();
    let res = poller.poll(5_000).unwrap();
    assert_eq!(res.len(), 1);
    assert!(std::ptr::eq(res[0].0, &talks));
    assert_eq!(talks.read(1).unwrap().unwrap(), b"!");
    datagrams.sendto("second", echo.at()).unwrap();
    let res = poller.poll(5_000).unwrap();
    assert_eq!(res.len(), 1);
    assert!(std::ptr::eq(res[0].0, &datagrams));
    poller.modify(&silent, POLLOUT).unwrap();
    poller.unregister(&datagrams).unwrap();
    let res = poller.poll(5_000).unwrap();
    assert_eq!(res.len(), 1);
    assert!(std::ptr::eq(res[0].0, &silent));
    assert_eq!(res[0].1, POLLOUT);
}

fn a_poller_says_when_somebody_connects<W: World>(world: &W) {
    let listener = world.usocket(OPENMV).socket();
    let port = world.free_port();
    listener.bind(("", port)).unwrap();
    listener.listen(None).unwrap();
    let poller = USelect::new(world.net(), OPENMV).poll();
    poller.register(&listener, POLLIN).unwrap();
    assert!(poller.poll(0).unwrap().is_empty());
    let visitor = world.visit(port, vec![]);
    assert_eq!(poller.poll(5_000).unwrap()[0].1, POLLIN);
    listener.setblocking(false).unwrap();
    listener.accept().unwrap();
    world.until(|| visitor.connections() == 1);
    assert!(poller.poll(0).unwrap().is_empty());
}
