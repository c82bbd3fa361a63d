//! How long each exchange may take, in microseconds, and why.

const SECOND: u64 = 1_000_000;

/// A moment that does not come.
pub(crate) const NEVER: u64 = u64::MAX;
/// No clock goes beyond this, so that what is added to a time cannot overflow.
pub(crate) const LATEST: u64 = u64::MAX / 2;

/// Plain queries and settings: answered within milliseconds when idle.
pub(crate) const QUERY: u64 = SECOND;
/// From `AT+CIPSEND` to the prompt: the modem may be moving data first.
pub(crate) const PROMPT: u64 = 5 * SECOND;
/// From the last payload byte to `SEND OK`, which on NonOS waits for the
/// peer's acknowledgement and so for TCP's retransmissions.
pub(crate) const SEND_RESULT: u64 = 10 * SECOND;
/// After `CLOSED` in the middle of a send: NonOS says `SEND FAIL` or nothing.
pub(crate) const SEND_AFTER_CLOSE: u64 = 2 * SECOND;
/// NonOS 1.5 to 1.7 can print `SEND OK` right after `SEND FAIL` for one send.
pub(crate) const SEND_SECOND_THOUGHT: u64 = SECOND / 10;
/// `AT+CIPSTART`: NonOS retries the SYN for 10 to 20 s.
pub(crate) const CONNECT: u64 = 25 * SECOND;
/// `AT+CIPSTART` with TLS: the handshake alone takes seconds on this chip.
pub(crate) const CONNECT_TLS: u64 = 45 * SECOND;
/// A failed connect that took at least this long was not refused but ignored;
/// the modem reports both alike.
pub(crate) const CONNECT_REFUSED_WITHIN: u64 = 5 * SECOND;
/// `AT+CIPDOMAIN`: the modem retries for several seconds.
pub(crate) const RESOLVE: u64 = 15 * SECOND;
/// `AT+CWJAP`: firmware gives up after 14 to 17 s.
pub(crate) const JOIN: u64 = 25 * SECOND;
/// A join whose time was chosen takes this much longer than that.
pub(crate) const JOIN_MARGIN: u64 = 10 * SECOND;
/// From a join's `OK` to `WIFI GOT IP`, when `WIFI CONNECTED` has come.
pub(crate) const ADDRESS: u64 = 10 * SECOND;
/// `AT+CWLAP`: 1 to 3 s, more on crowded channels.
pub(crate) const SCAN: u64 = 15 * SECOND;
/// After a result behind a damaged entry of a list: if the entry was one with
/// line feeds in its name, the rest of the list follows at once.
pub(crate) const LIST_SECOND_THOUGHT: u64 = SECOND / 10;
/// Settings that restart an interface or write flash.
pub(crate) const SETTING: u64 = 5 * SECOND;
/// `AT+CWQAP`.
pub(crate) const LEAVE: u64 = 5 * SECOND;
/// `AT+PING`: one answer may take seconds, and a name has to be looked up.
pub(crate) const PING: u64 = 15 * SECOND;
/// `AT+RESTORE`: flash is erased first.
pub(crate) const RESTORE: u64 = 5 * SECOND;
/// `AT+CIPCLOSE`.
pub(crate) const CLOSE: u64 = 5 * SECOND;

/// A refused (`busy`) command is offered again after this long.
pub(crate) const BUSY_RETRY: u64 = SECOND / 10;
/// How long a busy modem is asked again on top of the command's own time: the
/// longest thing it can be busy with is a join.
pub(crate) const BUSY_PATIENCE: u64 = 25 * SECOND;

/// One try of the `AT` that finds out whether the modem listens.
pub(crate) const SYNC_TRY: u64 = SECOND / 2;
/// Silence before and after `+++`, so that the modem's UART driver delivers
/// it as a chunk of its own.
pub(crate) const ESCAPE_GUARD: u64 = SECOND / 20;
/// After `+++` the modem takes up to a second to be in command mode.
pub(crate) const ESCAPE_SETTLE: u64 = SECOND;
/// Time for 2048 bytes of filler, at 9600 baud.
pub(crate) const FILL: u64 = 3 * SECOND;
/// A modem that said nothing usable for so long is gone.
pub(crate) const SYNC_TOTAL: u64 = 12 * SECOND;
/// After the `OK` of a synchronising `AT`: late replies to what was asked
/// before arrive and are dropped.
pub(crate) const SYNC_QUIET: u64 = SECOND / 50;
/// After `ready`: some firmware prints more before it listens.
pub(crate) const BOOT_SETTLE: u64 = SECOND / 10;

/// How long `ready` is waited for after an asked-for restart, before `AT` is
/// tried: ESP-AT first lets its output drain, and takes longer to start.
pub(crate) const BOOT: u64 = 3 * SECOND;
/// How long the enable pin is held low. 50 ms have been seen to be enough;
/// twice that covers a slowly charged reset capacitor.
#[cfg(feature = "embedded-hal-v1")]
pub(crate) const PIN_LOW: u64 = SECOND / 10;
/// An asked-for restart nobody came back for is forgotten after this long.
pub(crate) const RESTART_UNCLAIMED: u64 = 30 * SECOND;
/// From the `OK` of `AT+UART_CUR`, still at the old rate, to the first byte at
/// the new one: NonOS 1.7 waits 10 ms before it switches.
pub(crate) const BAUD_SETTLE: u64 = SECOND / 40;
/// One try of the `AT` that proves a new rate.
pub(crate) const BAUD_TRY: u64 = SECOND / 4;

/// Frames are contiguous on the wire: a pause this long inside one means that
/// bytes were lost and the rest will never come.
/// Generous, because a modem behind a network or a pty may stall.
pub(crate) const FRAME_GAP: u64 = 2 * SECOND;
/// How long a full ring may hold up the UART before its link's data is
/// dropped so that the other links go on.
pub(crate) const FULL_RING_PATIENCE: u64 = SECOND / 10;
/// A waiting receiver that heard nothing asks the modem at this interval,
/// because firmware has been seen to forget an announcement.
pub(crate) const FORGOTTEN_DATA: u64 = SECOND;
/// The same where data is pushed and lengths cannot be asked for: `AT`, so
/// that a modem that has died is noticed.
pub(crate) const SIGN_OF_LIFE: u64 = 5 * SECOND;
/// NonOS says `CLOSED` for each link before it says `WIFI DISCONNECT`: an end
/// that recent was no orderly one.
pub(crate) const CLOSED_BY_WIFI: u64 = SECOND / 5;
/// A `CONNECT` may come behind the `OK` of its `AT+CIPSTART`, or behind a list
/// that named the link; one later than this is about another connection.
pub(crate) const CONNECT_ONCE: u64 = SECOND;
/// How long a datagram link that went with the access point waits for it: a
/// modem that finds it again has joined within that.
pub(crate) const WIFI_BACK: u64 = 10 * SECOND;
/// A result nobody came back for is dropped after this long when somebody
/// else wants the slot...
pub(crate) const UNCLAIMED: u64 = SECOND;
/// ...and after this long in any case.
pub(crate) const STALE: u64 = 10 * SECOND;
/// A link that was refused the send buffer has the first right to it for this
/// long after it becomes free.
pub(crate) const SEND_TURN: u64 = SECOND / 20;
