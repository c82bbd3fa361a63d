//! Guide: serializers and protocols of other crates on a socket.
//!
//! Crates that speak [`embedded_io`] 0.7 take a [`TcpSocket`](crate::TcpSocket) or a
//! [`SocketFile`](crate::SocketFile) as it is, by value or by `&mut`. The socket's timeouts hold for them,
//! and its errors come through theirs.
//!
//! # A serializer: CBOR with minicbor
//!
//! minicbor 2 writes through minicbor-adapters 0.0.8 to any `embedded_io::Write`, here straight into the
//! socket. It reads from a slice and tells a message that is not complete from one that is wrong, so a
//! message needs no length before it: collect until all of it is there.
//!
//! ```
//! use minicbor_adapters::WriteToEmbeddedIo;
//! use nal_socket::{Network, TcpSocket};
//!
//! # use std::io::{Read as _, Write as _};
//! # let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
//! # let address = listener.local_addr()?;
//! # let server = std::thread::spawn(move || {
//! #     let (mut stream, _) = listener.accept().unwrap();
//! #     let mut message = [0; 18];
//! #     stream.read_exact(&mut message).unwrap();
//! #     // In dribs, so that the reader has to collect.
//! #     for byte in message { stream.write_all(&[byte]).unwrap(); }
//! # });
//! type Readings<'b> = (&'b str, [u32; 3]);
//!
//! let network = Network::new(std_embedded_nal::Stack, || 0_u64);
//! let mut socket = TcpSocket::new(&network);
//! socket.connect(address)?;
//!
//! // A name and three numbers, to somebody who sends them back.
//! let sent: Readings<'_> = ("sensor", [17, 300, 70_000]);
//! minicbor::encode(sent, WriteToEmbeddedIo(&mut socket))?;
//!
//! let mut buf = [0; 64];
//! let mut length = 0;
//! while minicbor::decode::<Readings<'_>>(&buf[..length]).is_err_and(|error| error.is_end_of_input()) {
//!     let count = socket.recv(&mut buf[length..])?;
//!     assert_ne!(count, 0, "the stream ended, or the message is longer than the buffer");
//!     length += count;
//! }
//! let received: Readings<'_> = minicbor::decode(&buf[..length])?;
//! assert_eq!(received, sent);
//! # server.join().unwrap();
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```
//!
//! # HTTP: edge-http
//!
//! edge-http 0.8 writes requests, parses answers and takes chunked bodies apart over embedded-io-async,
//! whose traits have the functions of [`embedded_io`] with futures. A socket that waits by itself is
//! ready at once whenever it is asked, which takes an adapter of a few lines and no executor:
//!
//! ```
//! use edge_http::io::Body;
//! use edge_http::{RequestHeaders, ResponseHeaders};
//! use embassy_futures::block_on;
//! use embedded_io_async::{ErrorType, Read, Write};
//! use nal_socket::{Network, TcpSocket};
//!
//! /// Waits inside, so that there is nothing to wait for outside.
//! struct Blocking<T>(T);
//!
//! impl<T: ErrorType> ErrorType for Blocking<T> {
//!     type Error = T::Error;
//! }
//!
//! impl<T: embedded_io::Read> Read for Blocking<T> {
//!     async fn read(&mut self, buf: &mut [u8]) -> Result<usize, T::Error> {
//!         self.0.read(buf)
//!     }
//! }
//!
//! impl<T: embedded_io::Write> Write for Blocking<T> {
//!     async fn write(&mut self, buf: &[u8]) -> Result<usize, T::Error> {
//!         self.0.write(buf)
//!     }
//!
//!     async fn flush(&mut self) -> Result<(), T::Error> {
//!         self.0.flush()
//!     }
//! }
//!
//! # use std::io::{BufRead as _, Write as _};
//! # let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
//! # let address = listener.local_addr()?;
//! # let server = std::thread::spawn(move || {
//! #     let (mut stream, _) = listener.accept().unwrap();
//! #     let mut lines = std::io::BufReader::new(stream.try_clone().unwrap()).lines();
//! #     let request: Vec<String> =
//! #         lines.by_ref().map(Result::unwrap).take_while(|line| !line.is_empty()).collect();
//! #     stream
//! #         .write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\
//! #             6\r\nhello \r\n6\r\nworld\n\r\n0\r\n\r\n")
//! #         .unwrap();
//! #     request
//! # });
//! let network = Network::new(std_embedded_nal::Stack, || 0_u64);
//! let mut socket = TcpSocket::new(&network);
//! socket.connect(address)?;
//! let mut file = Blocking(socket.makefile());
//!
//! let mut buf = [0; 512];
//! let mut page = [0; 64];
//! let (code, length) = block_on(async {
//!     let mut request = RequestHeaders::<4>::new();
//!     request.path = "/greeting";
//!     request.headers.set("Host", "example.org");
//!     let (connection, _) = request.send(false, &mut file).await?;
//!
//!     let mut response = ResponseHeaders::<16>::new();
//!     let (rest, read) = response.receive(&mut buf, &mut file, true).await?;
//!     let (_, body_type) = response.resolve(connection)?;
//!     let mut body = Body::new(body_type, rest, read, &mut file);
//!     let mut length = 0;
//!     loop {
//!         match body.read(&mut page[length..]).await? {
//!             0 => break Ok::<_, edge_http::io::Error<nal_socket::Error>>((response.code, length)),
//!             count => length += count,
//!         }
//!     }
//! })
//! .unwrap();
//! assert_eq!((code, &page[..length]), (200, &b"hello world\n"[..]));
//! # let request = server.join().unwrap();
//! # assert_eq!(request[0], "GET /greeting HTTP/1.1");
//! # assert!(request.contains(&"Host: example.org".to_string()));
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```
//!
//! Limits: crates on another major version of embedded-io need a wrapper. `std::io` traits are not
//! implemented; embedded-io-adapters makes them from these.
