//! Our own driver, atcmd-esp8285: it keeps nal-socket's contract and brings its policy along.
//!
//! Nothing to copy here but the call.

use atcmd_esp8285::{Clock, Esp8285, Uart, socket_policy};
use nal_socket::{Network, Platform, UdpFull};

/// A network with datagrams and a server.
pub fn network<U: Uart, C: Clock, P: Platform, const RX: usize>(
    driver: Esp8285<U, C, RX>,
    platform: P,
) -> Network<Esp8285<U, C, RX>, P, UdpFull<Esp8285<U, C, RX>>> {
    socket_policy::network_with_udp(driver, platform)
        .with_server()
        .with_readiness()
        .with_abort()
        .with_listening()
        .with_local_address()
        .with_tcp_options()
}
