//! What the modem itself will do, and when.

/// Something due at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Timer {
    /// The received command line is executed.
    Command,
    /// `AT+CWJAP` looks whether it is done.
    JoinCheck,
    /// `AT+CWLAP` has its list.
    ScanDone,
    /// A name was not answered.
    LookupLimit,
    /// A ping was not answered.
    PingLimit,
    /// A connection was not answered.
    ConnectLimit,
    /// `SEND OK` of a firmware that does not wait for the peer.
    SendDone,
    /// The result of a send that is late by fault.
    LateSend,
    /// The supply dips.
    Brownout,
    /// The access point has admitted the station, or turned it away.
    Associated,
    /// DHCP has answered.
    GotIp,
    /// The station tries its access point again.
    Rejoin,
    /// The station has left on request.
    LeftAp,
    /// A packet of the transparent mode goes out.
    Packet,
    /// A client of the server has been idle for too long.
    IdleClients,
    /// DHCP has not answered.
    DhcpLimit,
    /// A station at the modem's access point gets its address.
    Lease,
    /// A time server has answered.
    TimeAnswer,
    /// The baud rate changes.
    Baud,
    /// The chip resets.
    Restart,
    /// The firmware is up.
    Ready,
}

/// The pending timers; never more than a handful.
#[derive(Debug, Default)]
pub(super) struct Timers(Vec<(u64, Timer)>);

impl Timers {
    /// Sets a timer, replacing one of its kind.
    pub(super) fn set(&mut self, at: u64, timer: Timer) {
        self.cancel(timer);
        self.0.push((at, timer));
    }

    pub(super) fn cancel(&mut self, timer: Timer) {
        self.0.retain(|&(_, pending)| pending != timer);
    }

    /// Whether such a timer is pending.
    pub(super) fn has(&self, timer: Timer) -> bool {
        self.0.iter().any(|&(_, pending)| pending == timer)
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    pub(super) fn next(&self) -> Option<u64> {
        self.0.iter().map(|&(at, _)| at).min()
    }

    /// Takes the earliest timer due by `now`; of two at one time, the one set first.
    pub(super) fn pop_due(&mut self, now: u64) -> Option<Timer> {
        let next = self.next().filter(|&at| at <= now)?;
        let index = self.0.iter().position(|&(at, _)| at == next)?;
        Some(self.0.remove(index).1)
    }
}
