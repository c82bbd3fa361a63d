//! `embedded_io` on sockets.
//!
//! `Read::read` is [`TcpSocket::recv`] (at least one byte, 0 at the end of the stream), `Write::write`
//! is [`TcpSocket::send`], `flush` is [`TcpSocket::flush`].

use embedded_io::{BufRead, ErrorType, Read, ReadReady, Write, WriteReady};

use crate::{Error, NetworkRef, TcpSocket};

impl<N: NetworkRef> ErrorType for TcpSocket<N> {
    type Error = Error;
}

impl<N: NetworkRef> Read for TcpSocket<N> {
    fn read(&mut self, buf: &mut [u8]) -> Result<usize, Error> {
        self.recv(buf)
    }
}

impl<N: NetworkRef> BufRead for TcpSocket<N> {
    fn fill_buf(&mut self) -> Result<&[u8], Error> {
        let limit = self.receive_limit();
        self.need_connection(limit)?;
        self.look(limit)?;
        Ok(self.lookahead.bytes())
    }

    fn consume(&mut self, amt: usize) {
        self.lookahead.consume(amt);
    }
}

impl<N: NetworkRef> Write for TcpSocket<N> {
    fn write(&mut self, buf: &[u8]) -> Result<usize, Error> {
        self.send(buf)
    }

    fn flush(&mut self) -> Result<(), Error> {
        Self::flush(self)
    }
}

impl<N: NetworkRef> ReadReady for TcpSocket<N> {
    fn read_ready(&mut self) -> Result<bool, Error> {
        self.recv_ready()
    }
}

impl<N: NetworkRef> WriteReady for TcpSocket<N> {
    fn write_ready(&mut self) -> Result<bool, Error> {
        self.send_ready()
    }
}
