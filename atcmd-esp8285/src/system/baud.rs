//! Another baud rate, or flow control, on the line to the modem.

use core::fmt;

use embedded_io::ErrorKind;

use crate::driver::flatten;
use crate::error::ModemError;
use crate::{Clock, Esp8285, Uart};

/// Which of the two flow control lines the modem uses, from its own side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum FlowControl {
    /// Neither.
    #[default]
    None = 0,
    /// The modem stops the host: its RTS (GPIO15) to the host's CTS.
    Rts = 1,
    /// The host stops the modem: the host's RTS to its CTS (GPIO13).
    Cts = 2,
    /// Both.
    Both = 3,
}

/// What both ends of the serial line are set to; always 8N1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct SerialMode {
    /// Bits per second.
    pub baud: u32,
    /// Flow control lines in use.
    pub flow: FlowControl,
}

impl SerialMode {
    /// The lowest rate all firmware takes.
    pub const MIN_BAUD: u32 = 110;

    /// The same rate with flow control.
    #[must_use]
    pub const fn with_flow(mut self, flow: FlowControl) -> Self {
        self.flow = flow;
        self
    }
}

impl From<u32> for SerialMode {
    /// That rate without flow control.
    fn from(baud: u32) -> Self {
        Self {
            baud,
            flow: FlowControl::None,
        }
    }
}

/// Sets the host's UART. It either succeeds, or fails and changes nothing.
///
/// A plain function, because the driver keeps it: a modem that restarts by
/// itself does so at its stored rate, and has to be followed there and back.
/// What the function needs (a clock rate, registers) belongs into the port.
pub type SetSerial<U> = fn(&mut U, SerialMode) -> Result<(), ErrorKind>;

/// Why the line could not be switched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum BaudError {
    /// The rate is below 110 or above what this firmware takes; nothing was
    /// sent.
    InvalidRate {
        /// The highest rate it takes.
        max: u32,
    },
    /// At the new rate nothing readable came back. Both ends are at the old
    /// one again, and everything goes on there.
    NotVerified,
    /// The host's UART could not be set; the modem may have switched alone,
    /// and comes back when it is reset.
    Uart(ErrorKind),
    /// The modem could not do it at all.
    Modem(ModemError),
}

impl fmt::Display for BaudError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidRate { max } => write!(f, "the baud rate must be 110 to {max}"),
            Self::NotVerified => f.write_str(
                "the line does not work at the new rate: check both UARTs' clocks and the wiring of RTS/CTS",
            ),
            Self::Uart(kind) => write!(f, "the host's UART cannot be set to this: {kind:?}"),
            Self::Modem(e) => e.fmt(f),
        }
    }
}

impl embedded_io::Error for BaudError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::InvalidRate { .. } => ErrorKind::InvalidInput,
            Self::NotVerified => ErrorKind::TimedOut,
            Self::Uart(kind) => *kind,
            Self::Modem(e) => e.kind(),
        }
    }
}

impl core::error::Error for BaudError {}

impl From<ModemError> for BaudError {
    fn from(e: ModemError) -> Self {
        Self::Modem(e)
    }
}

impl<U: Uart, C: Clock, const RX: usize> Esp8285<U, C, RX> {
    /// Switches the line to another baud rate, and proves that it works there.
    ///
    /// The modem is told at the old rate and says `OK` at the old rate (as
    /// NonOS 1.7 does, which then waits 10 ms). After 25 ms of silence `set`
    /// switches the host's UART, what was received in part is dropped, and
    /// `AT` has to be answered. The rate a modem reports is the one its
    /// divider gives, so it is not compared.
    ///
    /// **The way back.** If nothing readable comes, the modem is told the old
    /// rate at the new one, where it may hear although it cannot be heard, and
    /// looked for at the old; three times over. The call then fails with
    /// [`BaudError::NotVerified`] and the driver goes on at the old rate.
    ///
    /// **After a restart** the modem is at its stored rate, and its `ready`
    /// is noise. The driver finds it there (it has to be the rate given to
    /// [`Config::baud`](crate::Config::baud)), sets it up and switches again;
    /// if that fails there is
    /// [`Event::BaudNotRestored`](crate::Event::BaudNotRestored). Nothing is
    /// ever written to flash.
    ///
    /// **Connections stay open.** In passive mode they lose nothing, because
    /// the modem sends no payload unasked. In active mode it may be pushing
    /// data at that very moment: bytes are lost then, which the reader is told
    /// if a frame had begun
    /// ([`DataLost`](crate::SocketError::DataLost)), but not if the frame's
    /// header was lost too. There, switch before connecting.
    ///
    /// **Flow control** takes wires most boards do not have: the modem's RTS
    /// is GPIO15 and its CTS GPIO13, and the host's UART has to be told in
    /// `set` as well. Maix boards connect neither. A line that turns out not to
    /// be connected is like a rate that does not work.
    ///
    /// ```
    /// use atcmd_esp8285::system::{BaudError, FlowControl, SerialMode};
    /// use atcmd_esp8285::{Clock, Esp8285, Uart};
    ///
    /// # trait SetBaud { fn set_baud(&mut self, baud: u32) {} fn set_rts_cts(&mut self, on: bool) {} }
    /// fn fast<U: Uart + SetBaud, C: Clock>(wifi: &mut Esp8285<U, C>) -> Result<(), BaudError> {
    ///     let mode = SerialMode::from(921_600).with_flow(FlowControl::Both);
    ///     wifi.wait(|wifi| {
    ///         wifi.switch_baud(mode, |uart, mode| {
    ///             uart.set_baud(mode.baud);
    ///             uart.set_rts_cts(mode.flow == FlowControl::Both);
    ///             Ok(())
    ///         })
    ///     })
    /// }
    /// ```
    ///
    /// # Errors
    /// `WouldBlock` until the line is proven or given up (30 ms, or up to 5 s
    /// for the way back). Unsupported on NonOS 0.2x, which can only
    /// change its rate for good.
    pub fn switch_baud(
        &mut self,
        mode: impl Into<SerialMode>,
        set: SetSerial<U>,
    ) -> nb::Result<(), BaudError> {
        self.set_serial = Some(set);
        let mode = mode.into();
        flatten(self.turn(None, |state, now| state.switch_baud(mode, now)))
    }

    /// What the host's end of the line is set to now.
    #[must_use]
    pub fn serial_mode(&self) -> SerialMode {
        self.machine.state.serial.host()
    }
}
