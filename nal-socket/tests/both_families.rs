//! getaddrinfo with both address families, and lookups in steps.

mod common;

use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;
use std::time::Duration;

use common::{AddrTypeName, Call, FakeNetwork, SECOND, World};
use embedded_nal::Dns;
use nal_socket::{Error, ErrorKind, Family, Hints, Lookup};

const NAME: &str = "example.org";

/// Errors of the resolver come through by kind.
fn network(world: &Rc<World>) -> FakeNetwork {
    common::network(world).with_resolver(|stack, host, family| stack.get_host_by_name(host, family))
}

fn v4() -> IpAddr {
    "192.0.2.7".parse().unwrap()
}

fn v6() -> IpAddr {
    "2001:db8::7".parse().unwrap()
}

fn asked(family: AddrTypeName) -> Call {
    Call::Resolve(NAME.into(), family)
}

fn addresses(found: &[nal_socket::AddrInfo]) -> Vec<IpAddr> {
    found.iter().map(|entry| entry.sockaddr.ip()).collect()
}

fn find(network: &FakeNetwork) -> Result<Vec<IpAddr>, Error> {
    let found = network.getaddrinfo(NAME, 80, Hints::default())?;
    Ok(addresses(&found))
}

fn kind<T: std::fmt::Debug>(result: Result<T, Error>) -> ErrorKind {
    result.unwrap_err().kind()
}

#[test]
fn ipv4_is_asked_for_first_and_listed_first() {
    let world = World::new();
    let network = network(&world);
    world.resolves(0, Ok(v4()));
    world.resolves_v6(0, Ok(v6()));
    let found = network.getaddrinfo(NAME, 80, Hints::default()).unwrap();
    assert_eq!(addresses(&found), [v4(), v6()]);
    assert_eq!(
        [found[0].family, found[1].family],
        [Family::Inet, Family::Inet6]
    );
    assert_eq!(found[1].sockaddr, SocketAddr::new(v6(), 80));
    assert_eq!(
        world.calls(),
        [asked(AddrTypeName::V4), asked(AddrTypeName::V6)]
    );
}

#[test]
fn the_second_question_waits_for_the_first_answer() {
    let world = World::new();
    let network = network(&world);
    let start = world.now.get();
    world.resolves(start + SECOND, Ok(v4()));
    world.resolves_v6(start + 3 * SECOND, Ok(v6()));
    assert_eq!(find(&network).unwrap(), [v4(), v6()]);
    assert_eq!(world.now.get(), start + 3 * SECOND);
    let mut order = world.calls();
    order.dedup();
    assert_eq!(order, [asked(AddrTypeName::V4), asked(AddrTypeName::V6)]);
}

#[test]
fn an_error_of_one_family_does_not_matter_if_the_other_has_an_address() {
    for error in [
        ErrorKind::NameNotFound,
        ErrorKind::NotSupported,
        ErrorKind::TimedOut,
        ErrorKind::Other,
    ] {
        let world = World::new();
        let network = network(&world);
        world.resolves(0, Ok(v4()));
        world.resolves_v6(0, Err(error));
        assert_eq!(find(&network).unwrap(), [v4()]);
        world.resolves(0, Err(error));
        world.resolves_v6(0, Ok(v6()));
        assert_eq!(find(&network).unwrap(), [v6()]);
    }
}

#[test]
fn of_two_errors_the_one_that_tells_more_is_reported() {
    use ErrorKind::{AddressFamily, NameNotFound, NetworkDown, NotSupported, Other, TimedOut};
    for (first, second, reported) in [
        (NameNotFound, NameNotFound, NameNotFound),
        (NameNotFound, NotSupported, NameNotFound),
        (NameNotFound, AddressFamily, NameNotFound),
        (NotSupported, NameNotFound, NameNotFound),
        (NameNotFound, TimedOut, TimedOut),
        (NetworkDown, NameNotFound, NetworkDown),
        (NetworkDown, Other, NetworkDown),
    ] {
        let world = World::new();
        let network = network(&world);
        world.resolves(0, Err(first));
        world.resolves_v6(0, Err(second));
        assert_eq!(kind(find(&network)), reported, "{first:?}, {second:?}");
    }
}

#[test]
fn a_stack_that_ignores_the_family_is_neither_listed_twice_nor_an_error() {
    let world = World::new();
    let network = network(&world);
    world.resolves(0, Ok(v4()));
    let found = network.getaddrinfo(NAME, 80, Hints::default()).unwrap();
    assert_eq!(addresses(&found), [v4()]);
    assert_eq!(found[0].family, Family::Inet);
    // Asked for IPv6 alone, it has no answer that fits.
    assert_eq!(
        kind(network.getaddrinfo(NAME, 80, Hints::default().family(Family::Inet6))),
        ErrorKind::NameNotFound
    );
    // Its second answer counts when the first question failed.
    world.resolves(0, Err(ErrorKind::TimedOut));
    world.resolves_v6(0, Ok(v4()));
    assert_eq!(find(&network).unwrap(), [v4()]);
}

#[test]
fn a_deadline_during_the_first_question_is_a_timeout() {
    let world = World::new();
    let network = network(&world);
    let start = world.now.get();
    world.resolves(start + 3 * SECOND, Ok(v4()));
    let two = Duration::from_secs(2);
    assert_eq!(
        kind(network.getaddrinfo_timeout(NAME, 80, Hints::default(), two)),
        ErrorKind::TimedOut
    );
    assert_eq!(world.now.get(), start + 2 * SECOND);
}

#[test]
fn a_deadline_during_the_second_question_gives_what_the_first_found() {
    let world = World::new();
    let network = network(&world);
    let start = world.now.get();
    world.resolves(start + SECOND, Ok(v4()));
    world.resolves_v6(start + 3 * SECOND, Ok(v6()));
    let two = Duration::from_secs(2);
    let found = network
        .getaddrinfo_timeout(NAME, 80, Hints::default(), two)
        .unwrap();
    assert_eq!(addresses(&found), [v4()]);
    assert_eq!(world.now.get(), start + 2 * SECOND);
}

#[test]
fn a_timeout_of_zero_is_one_look() {
    let world = World::new();
    let network = network(&world);
    world.resolves(u64::MAX, Ok(v4()));
    let now = || network.getaddrinfo_timeout(NAME, 80, Hints::default(), Duration::ZERO);
    assert_eq!(kind(now()), ErrorKind::WouldBlock);
    assert_eq!(world.calls(), [asked(AddrTypeName::V4)]);
    world.resolves(0, Ok(v4()));
    world.resolves_v6(u64::MAX, Ok(v6()));
    assert_eq!(addresses(&now().unwrap()), [v4()]);
    assert_eq!((world.idles.get(), world.clock_reads.get()), (0, 0));
}

#[test]
fn cancelling_and_a_busy_network_are_errors_even_with_one_address_found() {
    let world = World::new();
    let network = network(&world);
    world.resolves(0, Ok(v4()));
    world.resolves_v6(u64::MAX, Ok(v6()));
    world.cancel.set(true);
    let mut lookup = Lookup::new(&network, NAME, 80, Hints::default()).unwrap();
    assert_eq!(kind(lookup.wait(None)), ErrorKind::Interrupted);
    assert_eq!(addresses(&lookup.so_far().unwrap()), [v4()]);
    let busy = network.with_stack(|_| kind(lookup.poll())).unwrap();
    assert_eq!(busy, ErrorKind::Busy);
    // Neither ended the lookup.
    world.resolves_v6(0, Ok(v6()));
    assert_eq!(addresses(&lookup.wait(None).unwrap()), [v4(), v6()]);
}

#[test]
fn a_lookup_goes_on_where_it_was_and_ends_once() {
    let world = World::new();
    let network = network(&world);
    let start = world.now.get();
    world.resolves(start + SECOND, Ok(v4()));
    world.resolves_v6(start + 2 * SECOND, Ok(v6()));
    let mut lookup = Lookup::new(&network, NAME, 80, Hints::default()).unwrap();
    assert_eq!(world.calls(), []);
    assert_eq!(kind(lookup.poll()), ErrorKind::WouldBlock);
    assert_eq!(lookup.so_far(), None);
    world.now.set(start + SECOND);
    assert_eq!(kind(lookup.poll()), ErrorKind::WouldBlock);
    assert_eq!(addresses(&lookup.so_far().unwrap()), [v4()]);
    world.now.set(start + 2 * SECOND);
    world.forget_calls();
    let found = lookup.poll().unwrap();
    // The first question is not asked again, and when it is over, none is.
    assert_eq!(world.calls(), [asked(AddrTypeName::V6)]);
    assert_eq!(lookup.poll().unwrap(), found);
    assert_eq!(world.calls().len(), 1);
    assert_eq!((world.idles.get(), world.clock_reads.get()), (0, 0));
}

#[test]
fn a_failed_lookup_stays_failed() {
    let world = World::new();
    let network = network(&world);
    let mut lookup = Lookup::new(&network, NAME, 80, Hints::default()).unwrap();
    assert_eq!(kind(lookup.poll()), ErrorKind::NameNotFound);
    world.resolves(0, Ok(v4()));
    assert_eq!(kind(lookup.poll()), ErrorKind::NameNotFound);
}

#[test]
fn a_timed_lookup_can_be_resumed() {
    let world = World::new();
    let network = network(&world);
    let start = world.now.get();
    world.resolves(start + 3 * SECOND, Ok(v4()));
    let hints = Hints::default().family(Family::Inet);
    let mut lookup = Lookup::new(&network, NAME, 80, hints).unwrap();
    let two = Some(Duration::from_secs(2));
    assert_eq!(kind(lookup.wait(two)), ErrorKind::TimedOut);
    assert_eq!(world.now.get(), start + 2 * SECOND);
    assert_eq!(addresses(&lookup.wait(two).unwrap()), [v4()]);
    assert_eq!(world.now.get(), start + 3 * SECOND);
}

#[test]
fn what_cannot_be_right_is_refused_before_anything_is_polled() {
    let world = World::new();
    let network = network(&world);
    let make = |host, port, hints| kind(Lookup::new(&network, host, port, hints));
    assert_eq!(make("", 80, Hints::default()), ErrorKind::InvalidInput);
    assert_eq!(
        make(NAME, 70_000, Hints::default()),
        ErrorKind::InvalidInput
    );
    assert_eq!(
        make("::1", 80, Hints::default().family(Family::Inet)),
        ErrorKind::AddressFamily
    );
    assert_eq!(world.calls(), []);
}

#[test]
fn the_canonical_name_is_given_when_asked_for() {
    let world = World::new();
    let network = network(&world);
    world.resolves(0, Ok(v4()));
    for (host, name) in [
        ("example.org", "example.org"),
        ("example.org.", "example.org"),
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8::1", "2001:db8::1"),
    ] {
        let find = |hints| network.getaddrinfo(host, 80, hints).unwrap();
        assert_eq!(find(Hints::default()).canonical_name(), None);
        let hints = Hints::default().canonical_name();
        assert_eq!(find(hints).canonical_name(), Some(name));
    }
}
