//! The file object of `makefile`.
//!
//! A socket is a stream already; the file is the same stream with the reading and writing half of the
//! interface, for code that wants a file and for `embedded_io`.
//!
//! [`TcpSocket::makefile`] makes the file the owner: it can be passed around and outlives nothing.
//! [`TcpSocket::file`] borrows: the socket is there again when the file is gone, closed if the file was.
//!
//! ```
//! use nal_socket::{ErrorKind, Network, TcpSocket};
//!
//! let network = Network::new(std_embedded_nal::Stack, || 0_u64);
//! let mut socket = TcpSocket::new(&network);
//! socket.file().close().unwrap();
//! assert_eq!(socket.recv(&mut [0; 4]).unwrap_err().kind(), ErrorKind::Closed);
//! ```
//!
//! Limits: unbuffered, as MicroPython's; bytes only, no text decoding.

use core::borrow::BorrowMut;
use core::fmt;
use core::marker::PhantomData;

use embedded_io::{BufRead, ErrorType, Read, ReadReady, Write, WriteReady};

use crate::{Error, Events, Look, NetworkRef, Pollable, TcpSocket};

/// A file object on a socket `B`, which is a [`TcpSocket`] or a `&mut` to one.
pub struct SocketFile<N: NetworkRef, B: BorrowMut<TcpSocket<N>> = TcpSocket<N>> {
    socket: B,
    network: PhantomData<N>,
}

impl<N: NetworkRef> SocketFile<N> {
    pub(crate) const fn owning(socket: TcpSocket<N>) -> Self {
        Self {
            socket,
            network: PhantomData,
        }
    }

    /// Gives the socket back, open if it was.
    pub fn into_socket(self) -> TcpSocket<N> {
        self.socket
    }
}

impl<'s, N: NetworkRef> SocketFile<N, &'s mut TcpSocket<N>> {
    pub(crate) const fn borrowing(socket: &'s mut TcpSocket<N>) -> Self {
        Self {
            socket,
            network: PhantomData,
        }
    }
}

impl<N: NetworkRef, B: BorrowMut<TcpSocket<N>>> SocketFile<N, B> {
    /// The socket underneath.
    pub fn socket(&mut self) -> &mut TcpSocket<N> {
        self.socket.borrow_mut()
    }

    /// See [`TcpSocket::readinto`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn readinto(&mut self, buf: &mut [u8]) -> Result<usize, Error> {
        self.socket().readinto(buf)
    }

    /// See [`TcpSocket::readline`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn readline(&mut self, buf: &mut [u8]) -> Result<usize, Error> {
        self.socket().readline(buf)
    }

    /// See [`TcpSocket::read_vec`].
    ///
    /// # Errors
    ///
    /// As there.
    #[cfg(feature = "alloc")]
    pub fn read_vec(&mut self, size: usize) -> Result<alloc::vec::Vec<u8>, Error> {
        self.socket().read_vec(size)
    }

    /// See [`TcpSocket::read_to_end`].
    ///
    /// # Errors
    ///
    /// As there.
    #[cfg(feature = "alloc")]
    pub fn read_to_end(&mut self) -> Result<alloc::vec::Vec<u8>, Error> {
        self.socket().read_to_end()
    }

    /// See [`TcpSocket::readline_vec`].
    ///
    /// # Errors
    ///
    /// As there.
    #[cfg(feature = "alloc")]
    pub fn readline_vec(&mut self, limit: Option<usize>) -> Result<alloc::vec::Vec<u8>, Error> {
        self.socket().readline_vec(limit)
    }

    /// See [`TcpSocket::write`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn write(&mut self, data: &[u8]) -> Result<usize, Error> {
        self.socket().write(data)
    }

    /// See [`TcpSocket::flush`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn flush(&mut self) -> Result<(), Error> {
        self.socket().flush()
    }

    /// Closes the socket; see [`TcpSocket::close`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn close(&mut self) -> Result<(), Error> {
        self.socket().close()
    }
}

impl<N: NetworkRef, B: BorrowMut<TcpSocket<N>>> ErrorType for SocketFile<N, B> {
    type Error = Error;
}

impl<N: NetworkRef, B: BorrowMut<TcpSocket<N>>> Read for SocketFile<N, B> {
    fn read(&mut self, buf: &mut [u8]) -> Result<usize, Error> {
        self.socket().recv(buf)
    }
}

impl<N: NetworkRef, B: BorrowMut<TcpSocket<N>>> BufRead for SocketFile<N, B> {
    fn fill_buf(&mut self) -> Result<&[u8], Error> {
        self.socket().fill_buf()
    }

    fn consume(&mut self, amt: usize) {
        self.socket().consume(amt);
    }
}

impl<N: NetworkRef, B: BorrowMut<TcpSocket<N>>> Write for SocketFile<N, B> {
    fn write(&mut self, buf: &[u8]) -> Result<usize, Error> {
        self.socket().send(buf)
    }

    fn flush(&mut self) -> Result<(), Error> {
        self.socket().flush()
    }
}

impl<N: NetworkRef, B: BorrowMut<TcpSocket<N>>> ReadReady for SocketFile<N, B> {
    fn read_ready(&mut self) -> Result<bool, Error> {
        self.socket().recv_ready()
    }
}

impl<N: NetworkRef, B: BorrowMut<TcpSocket<N>>> WriteReady for SocketFile<N, B> {
    fn write_ready(&mut self) -> Result<bool, Error> {
        self.socket().send_ready()
    }
}

impl<N: NetworkRef, B: BorrowMut<TcpSocket<N>>> Pollable for SocketFile<N, B> {
    fn look(&mut self, wanted: Events) -> Result<Look, Error> {
        Pollable::look(self.socket(), wanted)
    }
}

impl<N: NetworkRef, B: BorrowMut<TcpSocket<N>>> fmt::Debug for SocketFile<N, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SocketFile")
            .field(self.socket.borrow())
            .finish()
    }
}
