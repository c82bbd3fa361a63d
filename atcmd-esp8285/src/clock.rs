//! Time, passed in: the driver owns no clock and no global.

/// What the driver needs to know about time.
///
/// Any `Fn() -> u64` that returns monotonic microseconds is a clock, so the
/// usual one is a closure. Implement the trait on a type of your own to also
/// say what happens while a *blocking* call waits.
///
/// ```
/// use atcmd_esp8285::Clock;
///
/// struct Systick;
/// impl Clock for Systick {
///     fn now(&self) -> u64 {
///         0 // read a hardware timer here
///     }
///     fn idle(&self, _until: Option<u64>) {
///         // cortex_m::asm::wfi(), or feed a watchdog
///     }
/// }
///
/// fn takes_a_clock(_: impl Clock) {}
/// takes_a_clock(Systick);
/// takes_a_clock(|| 0u64);
/// ```
pub trait Clock {
    /// Microseconds since an arbitrary fixed moment. Must never go backwards;
    /// for the driver, time stands still beyond `u64::MAX / 2`.
    fn now(&self) -> u64;

    /// Called again and again while a blocking call ([`wait`](crate::Esp8285::wait),
    /// [`AtatClient::send`](atat::blocking::AtatClient::send)) has nothing to do.
    ///
    /// Must return after at most a few milliseconds, and no later than the
    /// next received byte; `until` is the moment at which the waiting call
    /// gives up, if it has one. The non-blocking calls never call it.
    fn idle(&self, until: Option<u64>) {
        let _ = until;
        core::hint::spin_loop();
    }
}

impl<F: Fn() -> u64> Clock for F {
    fn now(&self) -> u64 {
        self()
    }
}
