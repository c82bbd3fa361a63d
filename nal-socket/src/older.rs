//! Stacks and programs from the time before addresses were in `core`.
//!
//! Up to version 0.8, embedded-nal took its addresses from the crate no-std-net. No current stack does:
//! all of them speak embedded-nal 0.9 with `core::net`, and so does the rest of this crate. This module
//! is for what is pinned to the older versions:
//!
//! | you have | you want | feature | use |
//! |---|---|---|---|
//! | a stack of embedded-nal 0.8 | sockets on it | `embedded-nal-v0_8` | `FromV0_8` |
//! | a program for embedded-nal 0.8 | it on a newer stack | `embedded-nal-v0_8` | `ToV0_8` |
//! | an address of no-std-net 0.6 | one of `core::net` | `no-std-net-v0_6` | `ToCore` |
//! | an address of `core::net` | one of no-std-net 0.6 | `no-std-net-v0_6` | `ToNoStdNet` |
//!
#![cfg_attr(
    feature = "embedded-nal-v0_8",
    doc = r#"
A stack of the older version is wrapped, and then is a stack like any other. The package is
`std-embedded-nal` 0.3, the last of embedded-nal 0.8:

```
use nal_socket::older::FromV0_8;
use nal_socket::{Hints, Network, Policy, ErrorKind};

let stack = FromV0_8(std_embedded_nal_v0_3::Stack);
let network = Network::new(stack, || 0_u64)
    // The stack's own TCP error is the field of the adapter's.
    .with_policy(Policy::strict().classify(|error| match error.0.0.kind() {
        std::io::ErrorKind::ConnectionRefused => ErrorKind::ConnectionRefused,
        _ => ErrorKind::Other,
    }));
let found = network.getaddrinfo("localhost", 80, Hints::stream()).unwrap();
assert!(found.first().sockaddr.ip().is_loopback());
```
"#
)]
#![cfg_attr(
    feature = "no-std-net-v0_6",
    doc = r#"
An address goes there and back:

```
use nal_socket::older::{ToCore, ToNoStdNet};

let old: no_std_net::SocketAddr = "192.0.2.1:80".parse().unwrap();
let new: core::net::SocketAddr = old.to_core();
assert_eq!(new, "192.0.2.1:80".parse().unwrap());
assert_eq!(new.to_no_std_net(), old);
```
"#
)]
//! Limits: embedded-nal 0.7 and older are not adapted. The address types may be the same on both
//! sides, which is nothing to worry about: no-std-net's feature `std` and embedded-nal 0.8's feature
//! `ip_in_core` (which needs a nightly compiler) make them so, and then every conversion is a copy.

mod conversions;
#[cfg(feature = "embedded-nal-v0_8")]
mod embedded_nal_v0_8;
#[cfg(feature = "no-std-net-v0_6")]
mod no_std_net_v0_6;

#[cfg(feature = "embedded-nal-v0_8")]
pub use self::embedded_nal_v0_8::{FromV0_8, LookupError, OtherVersion, ToV0_8};
#[cfg(feature = "no-std-net-v0_6")]
pub use self::no_std_net_v0_6::{ToCore, ToNoStdNet};
