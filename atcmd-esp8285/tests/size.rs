//! What the documentation says about RAM is true.

mod common;

use atcmd_esp8285::Esp8285;
use common::Port;

#[test]
fn the_driver_takes_its_rings_and_less_than_6_kib() {
    type Driver<const RX: usize> = Esp8285<Port, fn() -> u64, RX>;
    let rest = size_of::<Driver<4096>>() - 5 * 4096;
    assert!(rest <= 6 * 1024, "{rest} bytes");
    assert!(rest > 5 * 1024, "{rest} bytes: say so in the documentation");
}
