//! The table of hosts, and names of addresses.

mod common;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use common::{AddrTypeName, Bench, Call, FakeStack, SECOND, World, network};
use embedded_nal::nb;
use nal_socket::{Error, ErrorKind, Family, Hints, HostTable, Network};

const V4: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
const V4_OTHER: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 2));
const V6: IpAddr = IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1));

const HOSTS: HostTable<'_> = HostTable::new(&[
    ("both.lan", V6),
    ("both.lan", V4),
    ("both.lan", V4_OTHER),
    ("Printer.lan.", V4_OTHER),
    ("printer", V4_OTHER),
]);

fn addresses(found: Result<nal_socket::AddrInfos<'_>, Error>) -> Vec<IpAddr> {
    let found = found.unwrap();
    found.iter().map(|entry| entry.sockaddr.ip()).collect()
}

fn kind<T: std::fmt::Debug>(result: Result<T, Error>) -> ErrorKind {
    result.unwrap_err().kind()
}

#[test]
fn a_table_alone_needs_no_resolver_and_no_stack() {
    let world = World::new();
    let network =
        Network::without_dns(FakeStack(world.clone()), Bench(world.clone())).with_hosts(HOSTS);
    let find = |host| network.getaddrinfo(host, 80, Hints::stream());
    assert_eq!(addresses(find("printer.lan")), [V4_OTHER]);
    assert_eq!(addresses(find("PRINTER.LAN.")), [V4_OTHER]);
    assert_eq!(addresses(find("printer.")), [V4_OTHER]);
    assert_eq!(addresses(find("both.lan")), [V4, V6]);
    assert_eq!(addresses(find("192.0.2.9")), [IpAddr::from([192, 0, 2, 9])]);
    for host in ["scanner.lan", "printer.lan.example", "rinter.lan", "lan"] {
        assert_eq!(kind(find(host)), ErrorKind::NameNotFound, "{host}");
    }
    assert_eq!(world.calls(), []);
    assert_eq!(world.clock_reads.get(), 0);
}

#[test]
fn the_table_comes_before_dns_and_other_names_go_on() {
    let world = World::new();
    let network = network(&world).with_hosts(HOSTS);
    world.resolves(world.now.get() + SECOND, Ok(V4));
    assert_eq!(
        addresses(network.getaddrinfo("printer", 80, Hints::stream())),
        [V4_OTHER]
    );
    assert_eq!(world.calls(), []);
    let hints = Hints::stream().family(Family::Inet);
    assert_eq!(addresses(network.getaddrinfo("scanner", 80, hints)), [V4]);
    let asked = Call::Resolve("scanner".into(), AddrTypeName::V4);
    assert_eq!(world.calls(), [asked.clone(), asked]);
}

#[test]
fn hints_hold_for_the_table_too() {
    let world = World::new();
    let network = network(&world).with_hosts(HOSTS);
    let find = |host, hints| network.getaddrinfo(host, 80, hints);
    let only = |family| Hints::stream().family(family);
    assert_eq!(addresses(find("both.lan", only(Family::Inet6))), [V6]);
    assert_eq!(
        kind(find("printer", only(Family::Inet6))),
        ErrorKind::NameNotFound
    );
    assert_eq!(
        kind(find("printer", Hints::stream().numeric_host())),
        ErrorKind::NameNotFound
    );
    let named = find("Printer.lan.", Hints::stream().canonical_name()).unwrap();
    assert_eq!(named.canonical_name(), Some("Printer.lan"));
    assert_eq!(world.calls(), []);
}

#[test]
fn a_table_on_the_stack_of_a_program_is_searched_by_itself() {
    let learned = [(String::from("door"), V4), (String::from("door"), V6)];
    let entries: Vec<_> = learned
        .iter()
        .map(|(name, ip)| (name.as_str(), *ip))
        .collect();
    let table = HostTable::new(&entries);
    assert_eq!(table.addresses("DOOR").collect::<Vec<_>>(), [V4, V6]);
    assert_eq!(table.addresses("window").next(), None);
    assert_eq!(table.name(V6), Some("door"));
}

#[test]
fn an_address_has_the_first_name_of_the_table() {
    let world = World::new();
    let network =
        Network::without_dns(FakeStack(world.clone()), Bench(world.clone())).with_hosts(HOSTS);
    assert_eq!(
        network.host_name(V4_OTHER, &mut [0; 64]).unwrap(),
        "both.lan"
    );
    assert_eq!(
        kind(network.host_name(V4_OTHER, &mut [0; 7])),
        ErrorKind::NoMemory
    );
    let unknown = IpAddr::from([192, 0, 2, 99]);
    assert_eq!(
        kind(network.host_name(unknown, &mut [0; 64])),
        ErrorKind::NameNotFound
    );
}

#[test]
fn the_stack_is_asked_for_a_name_only_if_that_was_put_in() {
    let world = World::new();
    let plain = network(&world);
    assert_eq!(
        kind(plain.host_name(V4, &mut [0; 64])),
        ErrorKind::NoResolver
    );
    assert_eq!(world.calls(), []);

    let network = network(&world).with_reverse_dns();
    let name = |answer| {
        *world.reverse.borrow_mut() = answer;
        let mut buf = [0; 16];
        network.host_name(V4, &mut buf).map(String::from)
    };
    assert_eq!(name(Ok(b"host.lan".to_vec())).unwrap(), "host.lan");
    assert_eq!(
        kind(name(Err(nb::Error::Other(ErrorKind::Other)))),
        ErrorKind::NameNotFound
    );
    assert_eq!(kind(name(Ok(b"\xff\xfe".to_vec()))), ErrorKind::Other);
    // The stack says that it wrote more than there was room for.
    assert_eq!(kind(name(Ok(vec![b'a'; 17]))), ErrorKind::Other);
    world.cancel.set(true);
    assert_eq!(
        kind(name(Err(nb::Error::WouldBlock))),
        ErrorKind::Interrupted
    );
}
