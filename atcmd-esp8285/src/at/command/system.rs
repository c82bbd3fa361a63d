//! Commands about the modem itself: restart, serial line, sleep, memory.

use super::commands;
use crate::machine::deadline;

commands! {
    /// `AT+RST`: restart.
    Reset {} timeout deadline::QUERY; |_this, line| { line.raw(b"AT+RST"); }

    /// `AT+RESTORE`: back to factory settings, and restart.
    Restore {} timeout deadline::RESTORE; |_this, line| { line.raw(b"AT+RESTORE"); }

    /// `AT+UART_CUR`: another serial line, until the next restart. Always 8
    /// data bits, 1 stop bit, no parity.
    SetSerial {
        /// Bits per second.
        baud: u32,
        /// 0 none, 1 RTS, 2 CTS, 3 both, as the modem sees them.
        flow: u8,
    } timeout deadline::QUERY; |this, line| {
        line.raw(b"AT+UART_CUR=").number(this.baud).raw(b",8,1,0,").number(this.flow.into());
    }

    /// `AT+SLEEP`: what the modem switches off while it is idle.
    Sleep {
        /// 0 nothing; what 1 and 2 mean differs between firmware lines.
        mode: u8,
    } timeout deadline::QUERY; |this, line| {
        line.raw(b"AT+SLEEP=").number(this.mode.into());
    }

    /// `AT+GSLP`: off, and a restart at the end.
    DeepSleep {
        /// How long, in milliseconds.
        milliseconds: u32,
    } timeout deadline::QUERY; |this, line| {
        line.raw(b"AT+GSLP=").number(this.milliseconds);
    }

    /// `AT+SYSRAM?`: how much memory is free.
    FreeMemory {} timeout deadline::QUERY; |_this, line| { line.raw(b"AT+SYSRAM?"); }
}
