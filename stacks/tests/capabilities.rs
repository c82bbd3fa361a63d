//! The rules about what a stack adds to embedded-nal's traits, on the stacks that add something.

mod common;
mod loopback;
mod modem;
mod sim_peer;

use atcmd_esp8285::ReceiveMode;
use esp8285_sim::Dialect;
use nal_socket::NetworkRef;
use nal_socket::conformance::{Outcome, Peer, capability};
use nal_socket_stacks::std_embedded_nal;

/// Half close, abort, local address.
fn outcomes<N: NetworkRef>(net: N, peer: &Peer<'_>) -> [Outcome; 3] {
    [
        capability::half_close(net.clone(), peer),
        capability::abort(net.clone(), peer),
        capability::local_address(net, peer),
    ]
}

/// `true` if kept, `false` if the stack does not have it. Anything else fails.
#[track_caller]
fn kept(outcomes: [Outcome; 3]) -> [bool; 3] {
    outcomes.map(|outcome| match outcome {
        Outcome::Kept => true,
        Outcome::NotTried(_) => false,
        Outcome::Differs(difference) => panic!("{difference}"),
    })
}

// Elsewhere the stack's network lacks both.
#[cfg(unix)]
#[test]
fn std_embedded_nal_closes_by_halves_and_knows_its_address() {
    let world = loopback::World::new();
    let network = std_embedded_nal::network(loopback::platform());
    let [half_close, _, local_address] = kept(outcomes(&network, &world.peer()));
    assert!(half_close && local_address);
}

#[test]
fn our_driver_knows_its_address_and_breaks_off_where_the_firmware_can() {
    for (dialect, expected) in [
        (Dialect::NonOs1_7, [false, true, true]),
        (Dialect::EspAt2_2, [false, false, true]),
        (Dialect::NonOs0_2x, [false, false, false]),
    ] {
        let board = modem::board(dialect, ReceiveMode::Auto);
        let found = kept(outcomes(&board, &modem::peer()));
        assert_eq!(found, expected, "{dialect}");
    }
}
