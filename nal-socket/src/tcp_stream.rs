//! Stream reads: no short results, and nothing lost.
//!
//! A read that cannot be completed in time puts what it had taken back into the socket and reports the
//! error; the next read of any kind starts with those bytes. (MicroPython loses them: its issue 3155.)

use crate::{Error, ErrorKind, NetworkRef, TcpSocket};

impl<N: NetworkRef> TcpSocket<N> {
    /// Fills `buf`. Less is returned only at the end of the stream, before an error other than a
    /// timeout (which the next read reports), and on a non-blocking socket.
    ///
    /// Reading "until the end, into a buffer" is this with a buffer that is large enough.
    ///
    /// # Errors
    ///
    /// As [`recv`](Self::recv). After [`TimedOut`](ErrorKind::TimedOut),
    /// [`Interrupted`](ErrorKind::Interrupted) and [`Busy`](ErrorKind::Busy) what had been read stays
    /// in the socket. Without the feature `alloc` that is possible for
    /// [`LOOKAHEAD`](crate::LOOKAHEAD) bytes; if more had been read, their number is returned instead
    /// of the error.
    pub fn readinto(&mut self, buf: &mut [u8]) -> Result<usize, Error> {
        // As in MicroPython, asking for nothing does not touch the socket.
        if buf.is_empty() {
            return Ok(0);
        }
        let limit = self.receive_limit();
        self.need_connection(limit)?;
        let mut count = 0;
        while let Some(rest) = buf.get_mut(count..).filter(|rest| !rest.is_empty()) {
            match self.piece(limit, rest) {
                Ok(0) => break,
                Ok(more) => count += more,
                Err(error) => return self.cut_short(buf.get(..count).unwrap_or(&[]), error),
            }
        }
        Ok(count)
    }

    /// Reads a line with its `\n` into `buf`: up to the line end, the end of the stream, or as much as
    /// fits; the rest of a longer line is read next.
    ///
    /// # Errors
    ///
    /// As [`readinto`](Self::readinto), with the same rule about what had been read.
    pub fn readline(&mut self, buf: &mut [u8]) -> Result<usize, Error> {
        if buf.is_empty() {
            return Ok(0);
        }
        let limit = self.receive_limit();
        self.need_connection(limit)?;
        let mut count = 0;
        while let Some(rest) = buf.get_mut(count..).filter(|rest| !rest.is_empty()) {
            if let Err(error) = self.look(limit) {
                return self.cut_short(buf.get(..count).unwrap_or(&[]), error);
            }
            if self.lookahead.is_empty() {
                break;
            }
            let (length, complete) = line_length(self.lookahead.bytes());
            let room = length.min(rest.len());
            count += self.lookahead.take(rest.get_mut(..room).unwrap_or(&mut []));
            // Or the buffer is full, which ends the loop too.
            if complete {
                break;
            }
        }
        Ok(count)
    }

    /// The outcome of a read that ended with `error` after `taken`.
    fn cut_short(&mut self, taken: &[u8], error: Error) -> Result<usize, Error> {
        if taken.is_empty() {
            return Err(error);
        }
        match error.kind() {
            ErrorKind::WouldBlock => Ok(taken.len()),
            kind if is_wait(kind) => {
                if self.lookahead.keep(taken) {
                    return Err(error);
                }
                // The others come by themselves again; that somebody wanted to cancel would be forgotten.
                if kind == ErrorKind::Interrupted {
                    self.pending = Some(error);
                }
                Ok(taken.len())
            }
            _ => {
                self.pending = Some(error);
                Ok(taken.len())
            }
        }
    }
}

/// Errors of the waiting, not of the connection.
const fn is_wait(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::TimedOut | ErrorKind::Interrupted | ErrorKind::Busy
    )
}

/// How many of `bytes` belong to the line, and whether its end is among them.
fn line_length(bytes: &[u8]) -> (usize, bool) {
    match bytes.iter().position(|byte| *byte == b'\n') {
        Some(end) => (end + 1, true),
        None => (bytes.len(), false),
    }
}

#[cfg(feature = "alloc")]
mod heap {
    use alloc::vec::Vec;

    use super::{is_wait, line_length};
    use crate::{Error, ErrorKind, LOOKAHEAD, NetworkRef, TcpSocket};

    impl<N: NetworkRef> TcpSocket<N> {
        /// Reads `size` bytes into a new vector; otherwise as [`readinto`](Self::readinto). Memory is
        /// taken as bytes arrive, not for `size` at once.
        ///
        /// # Errors
        ///
        /// As [`readinto`](Self::readinto), and [`ErrorKind::NoMemory`].
        pub fn read_vec(&mut self, size: usize) -> Result<Vec<u8>, Error> {
            let mut bytes = Vec::new();
            if size == 0 {
                return Ok(bytes);
            }
            let limit = self.receive_limit();
            self.need_connection(limit)?;
            while bytes.len() < size {
                let had = bytes.len();
                let more = (size - had).min(LOOKAHEAD);
                if bytes.try_reserve(more).is_err() {
                    return self.cut_short_vec(bytes, Error::new(ErrorKind::NoMemory));
                }
                bytes.resize(had + more, 0);
                let piece = self.piece(limit, bytes.get_mut(had..).unwrap_or(&mut []));
                bytes.truncate(had + *piece.as_ref().unwrap_or(&0));
                match piece {
                    Ok(0) => break,
                    Ok(_) => {}
                    Err(error) => return self.cut_short_vec(bytes, error),
                }
            }
            Ok(bytes)
        }

        /// Reads until the end of the stream.
        ///
        /// # Errors
        ///
        /// As [`read_vec`](Self::read_vec).
        pub fn read_to_end(&mut self) -> Result<Vec<u8>, Error> {
            self.read_vec(usize::MAX)
        }

        /// Reads a line with its `\n` into a new vector, at most `limit` bytes of it.
        ///
        /// # Errors
        ///
        /// As [`read_vec`](Self::read_vec).
        pub fn readline_vec(&mut self, limit: Option<usize>) -> Result<Vec<u8>, Error> {
            let most = limit.unwrap_or(usize::MAX);
            let mut line = Vec::new();
            if most == 0 {
                return Ok(line);
            }
            let wait = self.receive_limit();
            self.need_connection(wait)?;
            while line.len() < most {
                if let Err(error) = self.look(wait) {
                    return self.cut_short_vec(line, error);
                }
                if self.lookahead.is_empty() {
                    break;
                }
                let (length, complete) = line_length(self.lookahead.bytes());
                let more = length.min(most - line.len());
                if line.try_reserve(more).is_err() {
                    return self.cut_short_vec(line, Error::new(ErrorKind::NoMemory));
                }
                line.extend_from_slice(self.lookahead.bytes().get(..more).unwrap_or(&[]));
                self.lookahead.consume(more);
                if complete {
                    break;
                }
            }
            Ok(line)
        }

        fn cut_short_vec(&mut self, taken: Vec<u8>, error: Error) -> Result<Vec<u8>, Error> {
            if taken.is_empty() {
                return Err(error);
            }
            match error.kind() {
                ErrorKind::WouldBlock => Ok(taken),
                kind if is_wait(kind) => {
                    self.lookahead.adopt(taken);
                    Err(error)
                }
                // Memory is needed here and now; the bytes stay for a reader that asks for fewer.
                ErrorKind::NoMemory if self.lookahead.is_empty() => {
                    self.lookahead.adopt(taken);
                    Err(error)
                }
                _ => {
                    self.pending = Some(error);
                    Ok(taken)
                }
            }
        }
    }
}
