//! Commands of the user's own: `atat::blocking::AtatClient`.

use atat::blocking::AtatClient;
use atat::{AtatCmd, Error, InternalError};

use crate::error::ModemError;
use crate::machine::{Outcome, Purpose, State, Visit};
use crate::{Clock, Esp8285, Uart};

/// The owner of every command of the user's own.
pub(crate) const USER: (Purpose, u32) = (Purpose::User, 0);

impl<U: Uart, C: Clock, const RX: usize> AtatClient for Esp8285<U, C, RX> {
    type Writer = U;

    /// The UART itself. Writing to it while the driver is in the middle of an
    /// exchange confuses the modem; [`send_with`](AtatClient::send_with) finds
    /// the right moment.
    fn inner(&mut self) -> &mut U {
        self.uart()
    }

    /// Sends one command line and waits for its reply, while data for open
    /// sockets keeps being received.
    ///
    /// Blocks for at most `A::MAX_TIMEOUT_MS` after the line was free, calling
    /// [`Clock::idle`]. The reply holds the lines between the command and its
    /// `OK`, separated by CR LF, without the modem's unsolicited lines.
    ///
    /// # Errors
    /// `Error::Write` if what `A` writes is not exactly one line ended by CR LF
    /// of at most as many bytes as the firmware takes
    /// ([`max_line`](crate::Dialect::max_line), 128 or 256);
    /// `Error::Capacity` if the reply is longer than
    /// [`MAX_RESPONSE`](crate::at::MAX_RESPONSE).
    fn send<A: AtatCmd>(&mut self, cmd: &A) -> Result<A::Response, Error> {
        self.free_slot()?;
        let now = self.now();
        self.machine.state.queue_command(cmd, now)?;
        if !A::EXPECTS_RESPONSE_CODE {
            // Gone out once the line was free; what comes back is not ours.
            while !self.machine.state.control_written() {
                self.step()?;
            }
            return cmd.parse(Ok(&[]));
        }
        self.reply(cmd)
    }

    /// Waits until the modem is idle, lets `write` put bytes on the UART, and
    /// waits for the reply.
    fn send_with<A: AtatCmd>(
        &mut self,
        cmd: &A,
        write: impl FnOnce(&mut U) -> Result<(), U::Error>,
    ) -> Result<A::Response, Error> {
        self.free_slot()?;
        while !self.machine.state.is_idle() {
            self.check_alive()?;
            self.step()?;
        }
        let timeout = u64::from(A::MAX_TIMEOUT_MS) * 1000;
        let now = self.now();
        self.machine.state.control_external(timeout, now);
        write(self.uart()).map_err(|_| Error::Write)?;
        self.reply(cmd)
    }
}

impl<U: Uart, C: Clock, const RX: usize> Esp8285<U, C, RX> {
    fn step(&mut self) -> Result<(), Error> {
        self.poll().map_err(|_| Error::Read)?;
        self.idle(None);
        Ok(())
    }

    /// The modem may have been given up while this call was waiting.
    fn check_alive(&self) -> Result<(), Error> {
        if self.machine.state.is_off() {
            return Err(Error::Timeout);
        }
        Ok(())
    }

    /// Waits until the modem is set up and nobody else uses the control slot.
    fn free_slot(&mut self) -> Result<(), Error> {
        self.wait(|wifi| wifi.start()).map_err(modem_error)?;
        loop {
            let now = self.now();
            match self.machine.state.control.visit(USER, now) {
                Visit::Busy => self.step()?,
                // An answer is one that an earlier call did not wait for.
                Visit::Free | Visit::Answer(..) => return self.check_alive(),
            }
        }
    }

    fn reply<A: AtatCmd>(&mut self, cmd: &A) -> Result<A::Response, Error> {
        loop {
            self.poll().map_err(|_| Error::Read)?;
            let now = self.now();
            match self.machine.state.command_reply(cmd, now)? {
                Some(response) => return Ok(response),
                None => self.idle(None),
            }
        }
    }
}

impl<const RX: usize> State<RX> {
    /// Puts a command in the control slot, which is free.
    pub(crate) fn queue_command<A: AtatCmd>(&mut self, cmd: &A, now: u64) -> Result<(), Error> {
        let timeout = u64::from(A::MAX_TIMEOUT_MS) * 1000;
        let control = &mut self.control;
        let filled = control.fill(USER, 0, timeout, |buf| cmd.write(buf));
        let one_line = control.line.iter().position(|b| *b == b'\n')
            == control.line.len().checked_sub(1)
            && control.line.ends_with(b"\r\n");
        let fits = control.line.len() <= usize::from(self.dialect.max_line);
        if !filled || !one_line || !fits {
            control.done(Ok(()), now);
            control.visit(USER, now);
            return Err(Error::Write);
        }
        self.control_queued();
        Ok(())
    }

    /// The reply to the command in the control slot, once it is there.
    pub(crate) fn command_reply<A: AtatCmd>(
        &mut self,
        cmd: &A,
        now: u64,
    ) -> Outcome<A::Response, Error> {
        let control = &mut self.control;
        match control.visit(USER, now) {
            Visit::Answer(_, Ok(())) if control.overflow => Err(Error::Capacity),
            Visit::Answer(_, Ok(())) => cmd.parse(Ok(&control.body)).map(Some),
            Visit::Answer(_, Err(ModemError::Rejected)) => {
                cmd.parse(Err(InternalError::Error)).map(Some)
            }
            Visit::Answer(_, Err(error)) => Err(modem_error(error)),
            Visit::Busy => Ok(None),
            Visit::Free => Err(Error::Aborted),
        }
    }
}

pub(crate) fn modem_error(error: ModemError) -> Error {
    match error {
        ModemError::NoReply => Error::Timeout,
        ModemError::Restarted => Error::Aborted,
        ModemError::Uart(_) => Error::Read,
        ModemError::Unreadable => Error::Parse,
        ModemError::Rejected | ModemError::Unsupported(_) | ModemError::LineTooLong { .. } => {
            Error::Error
        }
    }
}
