//! What differs between MicroPython ports, as plain constants.
//!
//! ```
//! use core::time::Duration;
//! use usocket_api::{MAIXPY, OPENMV};
//!
//! assert_eq!(MAIXPY.default_timeout, Some(Duration::from_secs(10)));
//! assert_eq!(OPENMV.default_timeout, None);
//!
//! // A port of your own: MaixPy's numbers, but a timed-out recv is an error.
//! use usocket_api::{Profile, TimedOutRecv};
//! const STRICT: Profile = MAIXPY.with_timed_out_recv(TimedOutRecv::Error);
//! # let _ = STRICT;
//! ```
//!
//! Limits: a profile changes numbers and the points listed in [`Profile`]; it does not bring a port's
//! defects back. Nothing received is lost to a timeout in any profile.

use core::time::Duration;

/// Which C library's error numbers a script sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Numbering {
    /// Linux's numbers, which are also MicroPython's own: OpenMV on STM32, the unix port.
    Linux,
    /// newlib's numbers: MaixPy on the K210, the ESP32 port.
    Newlib,
}

/// What [`recv`](crate::Socket::recv_into) gives when its time is up and nothing has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TimedOutRecv {
    /// Empty bytes, as at the end of the stream (MaixPy's ESP8285 driver).
    EmptyBytes,
    /// The error `ETIMEDOUT` (both ports' documents).
    Error,
    /// The error `EAGAIN`, as if the socket were non-blocking, and so does a timed-out `send` (the unix
    /// port, and OpenMV's WINC1500 boards for `recv`).
    Again,
}

/// A MicroPython port, as far as its sockets go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Profile {
    /// What to call it.
    pub name: &'static str,
    /// The error numbers.
    pub numbering: Numbering,
    /// The timeout of a new socket; `None` blocks without limit.
    pub default_timeout: Option<Duration>,
    /// What a timed-out `recv` gives.
    pub timed_out_recv: TimedOutRecv,
}

/// MaixPy on the K210 with the ESP8285: newlib's numbers, a timeout of 10 seconds on every new socket,
/// and a timed-out `recv` that looks like the end of the stream.
///
/// MaixPy's published examples end their receive loops by that empty result.
pub const MAIXPY: Profile = Profile {
    name: "MaixPy",
    numbering: Numbering::Newlib,
    default_timeout: Some(Duration::from_secs(10)),
    timed_out_recv: TimedOutRecv::EmptyBytes,
};

/// OpenMV Cam: MicroPython's own numbers (Linux's), no timeout on a new socket, and `ETIMEDOUT`.
pub const OPENMV: Profile = Profile {
    name: "OpenMV",
    numbering: Numbering::Linux,
    default_timeout: None,
    timed_out_recv: TimedOutRecv::Error,
};

/// OpenMV Cam RT1062: newlib's numbers, otherwise as [`OPENMV`].
pub const OPENMV_RT1062: Profile = OPENMV
    .with_name("OpenMV RT1062")
    .with_numbering(Numbering::Newlib);

/// OpenMV Cam with the WINC1500 Wi-Fi shield: a timed-out `recv` is `EAGAIN`, otherwise as [`OPENMV`].
pub const OPENMV_WINC1500: Profile = OPENMV
    .with_name("OpenMV WINC1500")
    .with_timed_out_recv(TimedOutRecv::Again);

/// MicroPython's ESP32 port: newlib's numbers, otherwise as [`OPENMV`].
pub const ESP32: Profile = OPENMV.with_name("ESP32").with_numbering(Numbering::Newlib);

/// MicroPython's unix port on Linux: a timed-out `recv` or `send` is `EAGAIN`, otherwise as [`OPENMV`].
pub const UNIX: Profile = OPENMV
    .with_name("unix")
    .with_timed_out_recv(TimedOutRecv::Again);

impl Profile {
    /// The same under another name.
    #[must_use]
    pub const fn with_name(mut self, name: &'static str) -> Self {
        self.name = name;
        self
    }

    /// The same with other error numbers.
    #[must_use]
    pub const fn with_numbering(mut self, numbering: Numbering) -> Self {
        self.numbering = numbering;
        self
    }

    /// The same with another timeout on new sockets.
    #[must_use]
    pub const fn with_default_timeout(mut self, timeout: Option<Duration>) -> Self {
        self.default_timeout = timeout;
        self
    }

    /// The same with another outcome of a timed-out `recv`.
    #[must_use]
    pub const fn with_timed_out_recv(mut self, outcome: TimedOutRecv) -> Self {
        self.timed_out_recv = outcome;
        self
    }
}
