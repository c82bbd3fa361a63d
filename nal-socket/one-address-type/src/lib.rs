//! In this build an address of no-std-net, and so of embedded-nal 0.8, is one of `core::net`: another
//! crate may ask for that, and nal-socket must build and work all the same. The tests are nal-socket's
//! own.

/// Holds only where it is one type.
pub fn same(
    address: core::net::SocketAddr,
) -> (no_std_net::SocketAddr, embedded_nal_v0_8::SocketAddr) {
    (address, address)
}
