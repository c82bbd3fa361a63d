//! Arguments of the types in which ported scripts have their numbers and bytes.

use core::time::Duration;

use nal_socket::{Hooks, Idle, Network};
use usocket_api::uselect::{PollTimeout, SelectTimeout, Stream, USelect};
#[cfg(feature = "alloc")]
use usocket_api::{AF_INET, IP_ADD_MEMBERSHIP, IPPROTO_IP, SO_REUSEADDR, SOCK_DGRAM, SOL_SOCKET};
use usocket_api::{OPENMV, OptionValue, Timeout, USocket};

#[test]
fn options_take_numbers_of_every_width_below_64_bits() {
    for value in [
        OptionValue::from(1_u8),
        OptionValue::from(1_u16),
        OptionValue::from(1_u32),
        OptionValue::from(1_i32),
        OptionValue::from(true),
    ] {
        assert_eq!(value, OptionValue::Number(1));
    }
}

#[test]
fn timeouts_take_what_seconds_and_milliseconds_are_counted_in() {
    assert_eq!(Timeout::from(5_u16), Timeout::from(5_u64));
    assert_eq!(PollTimeout::from(5_u16), PollTimeout::from(5));
    assert_eq!(PollTimeout::from(5_u64), PollTimeout::from(5));
    assert_eq!(
        PollTimeout::from(u64::MAX),
        PollTimeout::from(Duration::from_millis(u64::MAX))
    );
    assert_eq!(SelectTimeout::from(5_u16), SelectTimeout::from(5));
    assert_eq!(SelectTimeout::from(5_u64), SelectTimeout::from(5.0));
}

#[test]
fn a_timeout_in_u64_does_not_overflow() {
    let platform = Hooks::new(|| 7_u64, |_| Idle::Cancel);
    let network = Network::new(std_embedded_nal::Stack, platform);
    let uselect = USelect::new(&network, OPENMV);
    let sock = USocket::new(&network, OPENMV).socket();
    let poller = uselect.poll::<&dyn Stream>();
    assert_eq!(poller.poll(u64::MAX).err().unwrap().name(), "EINTR");
    let found = uselect.select(&[&sock], &[], &[], u64::MAX).unwrap();
    assert_eq!(found.0.len(), 1);
}

#[cfg(feature = "alloc")]
#[test]
fn sizes_that_came_over_the_wire_are_taken_as_they_are() {
    use usocket_api::Size;

    assert_eq!(Size::from(3_u8), Size::from(3));
    assert_eq!(Size::from(0xFFFF_u16), Size::from(0xFFFF_u32));
}

#[cfg(feature = "alloc")]
#[test]
fn a_membership_that_was_put_together_in_a_vec_is_an_option_value() {
    let network = Network::new(std_embedded_nal::Stack, || 0_u64).with_udp();
    let usocket = USocket::new(&network, OPENMV);
    let sock = usocket.socket_with(AF_INET, SOCK_DGRAM, 0).unwrap();
    sock.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1_u8).unwrap();
    let mut group = usocket.inet_pton(AF_INET, "224.0.0.251").unwrap().to_vec();
    group.extend([0; 4]);
    let error = sock
        .setsockopt(IPPROTO_IP, IP_ADD_MEMBERSHIP, &group)
        .unwrap_err();
    assert_eq!(error.name(), "EOPNOTSUPP");
    group.pop();
    let error = sock
        .setsockopt(IPPROTO_IP, IP_ADD_MEMBERSHIP, &group)
        .unwrap_err();
    assert_eq!(error.name(), "EINVAL");
}
