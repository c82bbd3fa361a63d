//! The DNS client against answers that are no answers.

mod datagrams;
mod dns_bench;
mod dns_server;

use std::net::IpAddr;

use datagrams::{Air, Call, FakeError, SECOND, full};
use dns_bench::{NAME, answered, both, dns, find, ipv4, kind, serve, v4};
use dns_server::{CNAME, Reply, labels};
use nal_socket::{Error, ErrorKind, Lookup};
use proptest::prelude::*;

#[test]
fn a_name_that_points_at_itself_ends() {
    let endless = |question: &[u8]| {
        let mut message = Reply::to(question).bytes();
        message[7] = 1;
        // An owner that is a pointer to itself.
        let here = message.len() as u16;
        message.extend((0xC000 | here).to_be_bytes());
        message.extend([0, 1, 0, 1, 0, 0, 0, 0, 0, 4, 6, 6, 6, 6]);
        vec![message]
    };
    assert_eq!(kind(answered(endless)), ErrorKind::NameNotFound);
    let alias = |question: &[u8]| {
        let reply = Reply::to(question);
        let at = reply.bytes().len() as u16 + 2 + 10;
        let pointer = (0xC000 | at).to_be_bytes();
        vec![reply.record(&[0xC0, 12], CNAME, &pointer).bytes()]
    };
    assert_eq!(kind(answered(alias)), ErrorKind::NameNotFound);
}

/// Whatever comes, the lookup ends, in time, with an address that was in the message or with an error.
fn survives(messages: impl Fn(&[u8]) -> Vec<Vec<u8>> + 'static) -> Result<Vec<IpAddr>, Error> {
    let air = Air::new();
    let network = full(&air).with_dns_client(dns());
    let start = air.now.get();
    serve(&air, 1_000, messages);
    let found = find(&network, ipv4());
    assert!(air.now.get() <= start + 6 * SECOND);
    assert_eq!(*air.open.borrow(), []);
    found
}

proptest! {
    #[test]
    fn random_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        let error = survives(move |_| vec![bytes.clone()]).unwrap_err();
        prop_assert_eq!(error.kind(), ErrorKind::TimedOut);
    }

    #[test]
    fn random_bytes_behind_the_right_header_and_question_are_survived(
        flags: [u8; 2],
        counts: [u8; 6],
        bytes in prop::collection::vec(prop_oneof![any::<u8>(), Just(0xC0), Just(12)], 0..480),
    ) {
        let _ = survives(move |question| {
            let mut message = question.to_vec();
            message[2..4].copy_from_slice(&[flags[0] | 0x80, flags[1]]);
            message[6..12].copy_from_slice(&counts);
            message.extend(&bytes);
            vec![message]
        });
    }

    #[test]
    fn a_message_cut_anywhere_never_gives_a_wrong_address(cut in 0_usize..200) {
        let found = survives(move |question| {
            let reply = Reply::to(question).alias(NAME, "b.example").address("b.example", v4());
            let mut message = reply.bytes();
            message.truncate(cut);
            vec![message]
        });
        prop_assert!(found.is_err() || found == Ok(vec![v4()]));
    }

    #[test]
    fn a_message_with_changed_bytes_is_survived(
        changes in prop::collection::vec((0_usize..120, any::<u8>()), 1..6),
    ) {
        let _ = survives(move |question| {
            let reply = Reply::to(question).alias(NAME, "b.example").address("b.example", v4());
            let mut message = reply.bytes();
            for (at, byte) in &changes {
                if let Some(old) = message.get_mut(*at) {
                    *old = *byte;
                }
            }
            vec![message]
        });
    }

    #[test]
    fn any_name_is_asked_for_or_refused(host in "[a-z0-9.\\\\-]{1,80}|\\PC{1,40}") {
        let air = Air::new();
        let network = full(&air).with_dns_client(dns().attempts(1));
        let _ = network.getaddrinfo(&host, 80, ipv4());
        if let Some((_, question)) = air.sent.borrow().first() {
            prop_assert_eq!(&question[12..question.len() - 4], &labels(&host)[..]);
        }
    }
}

#[test]
fn a_port_that_the_stack_cannot_give_yet_is_asked_for_again_and_no_other() {
    let air = Air::new();
    let network = full(&air).with_dns_client(dns());
    serve(&air, 1_000, both);
    air.bind_error.set(Some(FakeError(ErrorKind::WouldBlock)));
    let mut lookup = Lookup::new(&network, NAME, 80, ipv4()).unwrap();
    for _ in 0..3 {
        assert_eq!(kind(lookup.poll()), ErrorKind::WouldBlock);
    }
    air.bind_error.set(None);
    assert_eq!(lookup.wait(None).unwrap().first().sockaddr.ip(), v4());
    let mut calls = air.calls();
    calls.retain(|call| matches!(call, Call::Bind(_)));
    assert_eq!(calls.len(), 4);
    calls.dedup();
    assert_eq!(calls.len(), 1);
}
