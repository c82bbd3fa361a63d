//! The DNS client against a scripted server, in virtual time.

mod datagrams;
mod dns_bench;
mod dns_server;

use std::cell::RefCell;
use std::net::IpAddr;
use std::time::Duration;

use datagrams::{Air, Call, FakeError, SECOND, addr, client, full, stranger};
use dns_bench::{NAME, answered, both, dns, find, ipv4, kind, serve, server, v4, v6};
use dns_server::{A, AAAA, NXDOMAIN, REFUSED, Reply, SERVFAIL, kind_asked, labels};
use nal_socket::{ErrorKind, Hints, HostTable, Lookup};

#[test]
fn the_question_is_the_one_of_the_standard() {
    let air = Air::new();
    let network = full(&air).with_dns_client(dns());
    serve(&air, 1_000, both);
    find(&network, ipv4()).unwrap();
    let (to, question) = air.sent.borrow()[0].clone();
    assert_eq!(to, server());
    // Behind the id: recursion desired, one question; the name, type A, class IN.
    let mut expected = vec![1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    expected.extend(b"\x03www\x07example\x03org\0\0\x01\0\x01");
    assert_eq!(question[2..], expected);
}

#[test]
fn both_families_are_asked_for_over_one_socket_that_is_closed_at_the_end() {
    let air = Air::new();
    let network = full(&air).with_dns_client(dns());
    serve(&air, 1_000, both);
    let start = air.now.get();
    assert_eq!(find(&network, Hints::default()).unwrap(), [v4(), v6()]);
    assert_eq!(air.now.get(), start + 2_000);
    let kinds: Vec<_> = air
        .sent
        .borrow()
        .iter()
        .map(|(_, q)| kind_asked(q))
        .collect();
    assert_eq!(kinds, [A, AAAA]);
    assert_eq!(air.made.get(), 1);
    assert_eq!(*air.open.borrow(), []);
}

#[test]
fn ids_and_ports_differ_from_lookup_to_lookup() {
    let air = Air::new();
    let network = full(&air).with_dns_client(dns().seed(42));
    serve(&air, 0, both);
    for _ in 0..50 {
        find(&network, ipv4()).unwrap();
    }
    let mut ids: Vec<_> = air
        .sent
        .borrow()
        .iter()
        .map(|(_, q)| [q[0], q[1]])
        .collect();
    ids.sort();
    ids.dedup();
    assert!(ids.len() >= 48, "{ids:?}");
    let ports = air.calls().into_iter().filter_map(|call| match call {
        Call::Bind(port) => Some(port),
        _ => None,
    });
    let mut ports: Vec<_> = ports.collect();
    assert!(ports.iter().all(|port| *port >= 49_152));
    ports.sort();
    ports.dedup();
    assert!(ports.len() >= 48, "{ports:?}");
}

#[test]
fn a_taken_port_is_no_trouble_and_a_stack_of_clients_chooses_its_own() {
    let air = Air::new();
    serve(&air, 0, both);
    // Half of the ports: another is tried.
    *air.taken.borrow_mut() = (49_152..=57_000).collect();
    find(&full(&air).with_dns_client(dns()), ipv4()).unwrap();

    let air = Air::new();
    serve(&air, 0, both);
    let network = client(&air).with_dns_client(dns());
    let found = network.getaddrinfo(NAME, 80, ipv4()).unwrap();
    assert_eq!(found.first().sockaddr.ip(), v4());
    assert!(air.calls().contains(&Call::Connect(server())));
}

#[test]
fn without_an_answer_the_question_is_repeated_at_its_time_and_then_given_up() {
    let air = Air::new();
    let network = full(&air).with_dns_client(dns());
    let start = air.now.get();
    let error = find(&network, ipv4()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TimedOut);
    assert!(error.to_string().contains("DNS server"), "{error}");
    assert_eq!(air.now.get(), start + 6 * SECOND);
    let sent = air.sent.borrow();
    assert_eq!(sent.len(), 3);
    assert!(sent.iter().all(|question| *question == sent[0]));
    // The idle hook is told when to come back.
    let untils: Vec<_> = air
        .untils
        .borrow()
        .iter()
        .map(|u| u.unwrap() - start)
        .collect();
    assert_eq!(untils, [2 * SECOND, 4 * SECOND, 6 * SECOND]);
}

#[test]
fn a_late_answer_to_the_first_question_counts_for_the_second() {
    let air = Air::new();
    let network = full(&air).with_dns_client(dns());
    serve(&air, 3 * SECOND, both);
    let start = air.now.get();
    assert_eq!(find(&network, ipv4()).unwrap(), [v4()]);
    assert_eq!(air.now.get(), start + 3 * SECOND);
    assert_eq!(air.sent.borrow().len(), 2);
}

#[test]
fn patience_can_be_set_and_a_shorter_deadline_of_the_caller_comes_first() {
    let air = Air::new();
    let quick = dns().attempts(2).timeout(Duration::from_millis(300));
    let network = full(&air).with_dns_client(quick);
    let start = air.now.get();
    assert_eq!(kind(find(&network, ipv4())), ErrorKind::TimedOut);
    assert_eq!(air.now.get(), start + 600_000);
    let start = air.now.get();
    let mut lookup = Lookup::new(&network, NAME, 80, ipv4()).unwrap();
    let wait = Some(Duration::from_millis(100));
    assert_eq!(kind(lookup.wait(wait)), ErrorKind::TimedOut);
    assert_eq!(air.now.get(), start + 100_000);
    // It goes on with the same question on the same socket.
    let question = air.sent.borrow().last().unwrap().1.clone();
    air.datagram(0, server(), &both(&question)[0]);
    assert_eq!(lookup.poll().unwrap().first().sockaddr.ip(), v4());
}

#[test]
fn a_lookup_that_is_dropped_gives_its_socket_back() {
    let air = Air::new();
    let network = full(&air).with_dns_client(dns());
    let mut lookup = Lookup::new(&network, NAME, 80, ipv4()).unwrap();
    assert_eq!(kind(lookup.poll()), ErrorKind::WouldBlock);
    assert_eq!(air.open.borrow().len(), 1);
    drop(lookup);
    assert_eq!(*air.open.borrow(), []);
}

#[test]
fn only_the_answer_to_the_question_counts() {
    let forged = IpAddr::from([6, 6, 6, 6]);
    let forge = |change: fn(&mut Vec<u8>)| {
        move |question: &[u8]| {
            let mut bad = Reply::to(question).address(NAME, forged).bytes();
            change(&mut bad);
            vec![bad, both(question).remove(0)]
        }
    };
    let wrong_id = forge(|message| message[0] ^= 1);
    assert_eq!(answered(wrong_id).unwrap(), [v4()]);
    let a_question = forge(|message| message[2] &= 0x7f);
    assert_eq!(answered(a_question).unwrap(), [v4()]);
    let another_operation = forge(|message| message[2] |= 0x10);
    assert_eq!(answered(another_operation).unwrap(), [v4()]);
    let another_name = forge(|message| message[13] = b'x');
    assert_eq!(answered(another_name).unwrap(), [v4()]);
    let another_type = forge(|message| message[30] = 28);
    assert_eq!(answered(another_type).unwrap(), [v4()]);
    let no_question = forge(|message| {
        message.splice(4..6, [0, 0]);
        message.drain(12..33);
    });
    assert_eq!(answered(no_question).unwrap(), [v4()]);
    let too_short = forge(|message| message.truncate(11));
    assert_eq!(answered(too_short).unwrap(), [v4()]);
}

#[test]
fn a_stranger_with_the_right_answer_is_not_heard() {
    let air = Air::new();
    let network = full(&air).with_dns_client(dns());
    let mut lookup = Lookup::new(&network, NAME, 80, ipv4()).unwrap();
    assert_eq!(kind(lookup.poll()), ErrorKind::WouldBlock);
    let question = air.sent.borrow()[0].1.clone();
    let forged = Reply::to(&question).address(NAME, IpAddr::from([6, 6, 6, 6]));
    air.datagram(0, stranger(), &forged.bytes());
    air.datagram(0, addr("192.0.2.53:5353"), &forged.bytes());
    assert_eq!(kind(lookup.poll()), ErrorKind::WouldBlock);
    air.datagram(0, server(), &both(&question)[0]);
    assert_eq!(lookup.poll().unwrap().first().sockaddr.ip(), v4());
}

#[test]
fn a_flood_does_not_keep_the_hook_from_its_turn_nor_the_answer_away() {
    let air = Air::new();
    let network = full(&air).with_dns_client(dns());
    serve(&air, 1_000, |question| {
        let mut flood = vec![vec![0; 40]; 100];
        flood.extend(both(question));
        flood
    });
    assert_eq!(find(&network, ipv4()).unwrap(), [v4()]);
    // 100 datagrams, 8 a turn, and no sleep in between.
    assert_eq!(air.now.get(), 7 * SECOND + 1_000);
    assert!((12..20).contains(&air.untils.borrow().len()));
}

#[test]
fn aliases_are_followed_in_whatever_order_they_come() {
    let chain = |question: &[u8]| {
        vec![
            Reply::to(question)
                .address("c.example.net", v4())
                .alias("b.example.net", "c.example.net")
                .alias("WWW.Example.org", "b.example.net")
                .address("other.example.net", IpAddr::from([6, 6, 6, 6]))
                .bytes(),
        ]
    };
    assert_eq!(answered(chain).unwrap(), [v4()]);
    let open_end = |question: &[u8]| vec![Reply::to(question).alias(NAME, "gone.example").bytes()];
    assert_eq!(kind(answered(open_end)), ErrorKind::NameNotFound);
    let circle = |question: &[u8]| {
        let reply = Reply::to(question).alias(NAME, "b.example");
        vec![
            reply
                .alias("b.example", NAME)
                .address("c.example", v4())
                .bytes(),
        ]
    };
    assert_eq!(kind(answered(circle)), ErrorKind::NameNotFound);
}

#[test]
fn names_that_do_not_exist_or_have_no_address_are_not_found() {
    let unknown = |question: &[u8]| vec![Reply::to(question).code(NXDOMAIN).bytes()];
    assert_eq!(kind(answered(unknown)), ErrorKind::NameNotFound);
    let empty = |question: &[u8]| vec![Reply::to(question).bytes()];
    assert_eq!(kind(answered(empty)), ErrorKind::NameNotFound);
    let of_another = |question: &[u8]| {
        let reply = Reply::to(question);
        vec![reply.address("other.example.org", v4()).bytes()]
    };
    assert_eq!(kind(answered(of_another)), ErrorKind::NameNotFound);
    let of_another_type = |question: &[u8]| vec![Reply::to(question).address(NAME, v6()).bytes()];
    assert_eq!(kind(answered(of_another_type)), ErrorKind::NameNotFound);
}

#[test]
fn a_server_that_fails_is_asked_again_and_then_named() {
    for code in [SERVFAIL, REFUSED] {
        let air = Air::new();
        let network = full(&air).with_dns_client(dns());
        serve(&air, 1_000, move |q| vec![Reply::to(q).code(code).bytes()]);
        let error = find(&network, ipv4()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Other);
        assert!(error.to_string().contains("refused"), "{error}");
        assert_eq!(air.sent.borrow().len(), 3);
    }
    let tries = RefCell::new(0);
    let better = move |question: &[u8]| {
        *tries.borrow_mut() += 1;
        if *tries.borrow() == 1 {
            return vec![Reply::to(question).code(SERVFAIL).bytes()];
        }
        both(question)
    };
    assert_eq!(answered(better).unwrap(), [v4()]);
}

#[test]
fn a_cut_answer_counts_as_far_as_it_came() {
    let with_address = |question: &[u8]| {
        let reply = Reply::to(question).cut().address(NAME, v4());
        vec![reply.bytes()]
    };
    assert_eq!(answered(with_address).unwrap(), [v4()]);
    let without = |question: &[u8]| {
        let reply = Reply::to(question).cut().alias(NAME, "b.example");
        vec![reply.bytes()]
    };
    let error = answered(without).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Other);
    assert!(error.to_string().contains("too long"), "{error}");
    // The server counted more records than it sent.
    let short = |question: &[u8]| {
        let mut message = Reply::to(question).cut().address(NAME, v4()).bytes();
        message[7] = 9;
        vec![message]
    };
    assert_eq!(answered(short).unwrap(), [v4()]);
}

#[test]
fn what_the_stack_says_is_passed_on() {
    let air = Air::new();
    air.send_error.set(Some(FakeError(ErrorKind::NetworkDown)));
    let network = full(&air).with_dns_client(dns());
    assert_eq!(kind(find(&network, ipv4())), ErrorKind::NetworkDown);
    assert_eq!(*air.open.borrow(), []);
    air.socket_error.set(Some(FakeError(ErrorKind::NoSockets)));
    assert_eq!(kind(find(&network, ipv4())), ErrorKind::NoSockets);

    // An error while receiving is not the end of the attempts.
    let air = Air::new();
    let network = full(&air).with_dns_client(dns());
    air.fail(1_000, ErrorKind::ConnectionRefused);
    assert_eq!(kind(find(&network, ipv4())), ErrorKind::ConnectionRefused);
    assert_eq!(air.sent.borrow().len(), 3);
}

#[test]
fn a_stack_that_cannot_send_yet_is_waited_for_within_the_attempt() {
    let air = Air::new();
    let network = full(&air).with_dns_client(dns());
    serve(&air, 1_000, both);
    air.room_at.set(air.now.get() + SECOND);
    assert_eq!(find(&network, ipv4()).unwrap(), [v4()]);
    assert_eq!(air.now.get(), 8 * SECOND + 1_000);
}

#[test]
fn a_lookup_can_be_cancelled_and_resumed() {
    let air = Air::new();
    let network = full(&air).with_dns_client(dns());
    air.cancel.set(true);
    let mut lookup = Lookup::new(&network, NAME, 80, ipv4()).unwrap();
    assert_eq!(kind(lookup.wait(None)), ErrorKind::Interrupted);
    let busy = network.with_stack(|_| kind(lookup.poll())).unwrap();
    assert_eq!(busy, ErrorKind::Busy);
    serve(&air, 0, both);
    assert_eq!(lookup.wait(None).unwrap().first().sockaddr.ip(), v4());
    assert_eq!(air.sent.borrow().len(), 1);
}

#[test]
fn names_that_dns_cannot_carry_are_refused_without_a_question() {
    let air = Air::new();
    let network = full(&air).with_dns_client(dns());
    let label = "a".repeat(64);
    for host in ["b\u{fc}cher.example", "a..b", ".a", &label] {
        let error = network.getaddrinfo(host, 80, Hints::default()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{host}");
        let advice = if host.contains('.') && host.is_ascii() {
            "dots"
        } else {
            "xn--"
        };
        assert!(error.to_string().contains(advice), "{error}");
    }
    assert_eq!(air.calls(), []);
}

#[test]
fn the_longest_name_fits() {
    let air = Air::new();
    let network = full(&air).with_dns_client(dns());
    let label = "a".repeat(63);
    let longest = format!("{label}.{label}.{label}.{}.", "a".repeat(61));
    serve(&air, 1_000, |question| {
        // The owner as a pointer to the question's name.
        vec![
            Reply::to(question)
                .record(&[0xC0, 12], A, &[6, 7, 8, 9])
                .bytes(),
        ]
    });
    let found = network.getaddrinfo(&longest, 80, ipv4()).unwrap();
    assert_eq!(found.first().sockaddr.ip(), IpAddr::from([6, 7, 8, 9]));
    let (_, question) = air.sent.borrow()[0].clone();
    assert_eq!(question.len(), 12 + 255 + 4);
    assert_eq!(question[12..][..255], labels(&longest));
}

#[test]
fn the_table_comes_first_and_numbers_need_no_server() {
    const HOSTS: HostTable<'_> =
        HostTable::new(&[("printer", IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 9)))]);
    let air = Air::new();
    let network = full(&air).with_hosts(HOSTS).with_dns_client(dns());
    let find = |host| network.getaddrinfo(host, 80, Hints::default()).unwrap();
    assert_eq!(
        find("printer").first().sockaddr.ip(),
        IpAddr::from([192, 0, 2, 9])
    );
    assert_eq!(find("2001:db8::7").first().sockaddr.ip(), v6());
    assert_eq!(air.calls(), []);
}

#[test]
fn without_datagrams_the_error_says_what_to_put_in() {
    let air = Air::new();
    let stack = datagrams::FakeStack(air.clone());
    let network = nal_socket::Network::without_dns(stack, datagrams::Bench(air.clone()))
        .with_dns_client(dns());
    let error = network.getaddrinfo(NAME, 80, ipv4()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotSupported);
    assert!(error.to_string().contains("with_udp"), "{error}");
}
