//! A time server small enough to start inside a program.
//!
//! A thread on the loopback interface that answers NTP requests (RFC 5905) with
//! this computer's time and ends when dropped.
//!
//! ```
//! use examples::ntp_server::NtpServer;
//! use std::net::UdpSocket;
//!
//! let server = NtpServer::start()?;
//! let client = UdpSocket::bind("127.0.0.1:0")?;
//! let mut request = [0; 48];
//! request[0] = 4 << 3 | 3; // version 4, mode 3: a client
//! client.send_to(&request, server.addr())?;
//! let mut reply = [0; 48];
//! assert_eq!(client.recv(&mut reply)?, 48);
//! assert_eq!(reply[0], 4 << 3 | 4); // mode 4: a server
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! Limits: for examples and tests. It claims to have its time from a clock of its
//! own (stratum 1, `LOCL`), whatever this computer's clock is worth.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// How long it may overlook that the server has ended.
const LOOK_UP: Duration = Duration::from_millis(20);

/// Seconds from 1900, where NTP starts, to 1970.
const TO_1970: u64 = 2_208_988_800;

/// A running server; dropping it ends it.
#[derive(Debug)]
pub struct NtpServer {
    addr: SocketAddr,
    ended: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl NtpServer {
    /// Starts a server on a free port of the loopback interface.
    ///
    /// # Errors
    ///
    /// When no port can be had.
    pub fn start() -> io::Result<Self> {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
        socket.set_read_timeout(Some(LOOK_UP))?;
        let addr = socket.local_addr()?;
        let ended = Arc::new(AtomicBool::new(false));
        let thread = {
            let ended = Arc::clone(&ended);
            thread::Builder::new().spawn(move || serve(&socket, &ended))?
        };
        Ok(Self {
            addr,
            ended,
            thread: Some(thread),
        })
    }

    /// Where it listens.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }
}

impl Drop for NtpServer {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn serve(socket: &UdpSocket, ended: &AtomicBool) {
    let mut request = [0; 1024];
    while !ended.load(Ordering::SeqCst) {
        // Nothing yet, or a client who has gone.
        let Ok((length, client)) = socket.recv_from(&mut request) else {
            continue;
        };
        let received = timestamp(SystemTime::now());
        if let Some(reply) = reply(request.get(..length).unwrap_or_default(), received) {
            // Lost datagrams are the client's to notice.
            let _ = socket.send_to(&reply, client);
        }
    }
}

/// The reply to a client's request; to anything else none.
fn reply(request: &[u8], received: u64) -> Option<[u8; 48]> {
    let request: &[u8; 48] = request.first_chunk()?;
    let (version, mode) = (request[0] >> 3 & 7, request[0] & 7);
    if mode != 3 {
        return None;
    }
    let mut reply = [0; 48];
    // No leap second is near; mode 4: a server.
    reply[0] = version << 3 | 4;
    // Stratum 1: it has a clock of its own.
    reply[1] = 1;
    reply[2] = request[2];
    // Precision: 2^-20 seconds, about a microsecond.
    reply[3] = (-20_i8).to_be_bytes()[0];
    reply[12..16].copy_from_slice(b"LOCL");
    reply[16..24].copy_from_slice(&received.to_be_bytes());
    reply[24..32].copy_from_slice(&request[40..48]);
    reply[32..40].copy_from_slice(&received.to_be_bytes());
    reply[40..48].copy_from_slice(&timestamp(SystemTime::now()).to_be_bytes());
    Some(reply)
}

/// Seconds from 1900 in the upper half, which begins again in 2036, and their
/// fraction in the lower.
fn timestamp(time: SystemTime) -> u64 {
    let time = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    let fraction = (u64::from(time.subsec_nanos()) << 32) / 1_000_000_000;
    time.as_secs().wrapping_add(TO_1970) << 32 | fraction
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_carries_the_request_back() {
        let mut request = [0; 60];
        request[0] = 3 << 3 | 3;
        request[2] = 6;
        request[40..48].copy_from_slice(b"whenever");
        let reply = reply(&request, 77).unwrap();
        assert_eq!(reply[..4], [3 << 3 | 4, 1, 6, 0xec]);
        assert_eq!(&reply[24..32], b"whenever");
        assert_eq!(reply[32..40], 77_u64.to_be_bytes());
    }

    #[test]
    fn what_is_no_request_gets_no_reply() {
        let mut request = [0; 48];
        for mode in [0, 1, 2, 4, 5, 6, 7] {
            request[0] = 4 << 3 | mode;
            assert_eq!(reply(&request, 0), None, "{mode}");
        }
        request[0] = 4 << 3 | 3;
        assert_eq!(reply(&request[..47], 0), None);
        assert_eq!(reply(&[], 0), None);
    }

    #[test]
    fn timestamps_count_from_1900_and_again_from_2036() {
        let at = |seconds| UNIX_EPOCH + Duration::from_millis(seconds);
        assert_eq!(timestamp(at(0)), TO_1970 << 32);
        assert_eq!(timestamp(at(500)), TO_1970 << 32 | 1 << 31);
        // 7 February 2036, 06:28:16.
        assert_eq!(timestamp(at(2_085_978_496_000)), 0);
    }
}
