//! Option 20: being told that something has come.
//!
//! MicroPython's bare-metal ports take a function as the value of option 20 and call it, with the
//! socket, when there is something to receive or accept. There is nobody here who could call: no
//! interrupt, no scheduler. So the notification is asked for.
//!
//! ```
//! # use nal_socket::Network;
//! # use usocket_api::{OPENMV, USocket};
//! use usocket_api::{SO_CALLBACK, SOL_SOCKET};
//! # let network = Network::new(std_embedded_nal::Stack, || 0_u64);
//! # let server = USocket::new(&network, OPENMV).socket();
//! server.setsockopt(SOL_SOCKET, SO_CALLBACK, 1)?; // Python: setsockopt(SOL_SOCKET, 20, on_connection)
//!
//! // In the main loop:
//! if server.notified()? {
//!     // What on_connection(server) did.
//! }
//! # Ok::<(), usocket_api::OSError>(())
//! ```
//!
//! Limits: it says so as long as it is so, as the ESP32 port does; `modlwip` calls once for each
//! arrival, and loses calls when its queue is full.

use nal_socket::{Events, NetworkRef, Pollable};

use crate::os_error::OSError;
use crate::socket::Socket;

impl<N: NetworkRef> Socket<N> {
    /// Whether there is something to receive, the end of the stream or an error included, or a
    /// connection to accept, on a socket whose option [`SO_CALLBACK`](crate::SO_CALLBACK) is set.
    /// Otherwise `false`. Does not wait, and uses nothing up.
    ///
    /// # Errors
    ///
    /// `EBADF` if closed, `EBUSY` if the socket or the stack is in use further up the call chain.
    pub fn notified(&self) -> Result<bool, OSError> {
        self.with_open(|state| {
            if !self.notify.get() {
                return Ok(false);
            }
            let ready = state.look(Events::IN).map_err(|error| self.error(error))?;
            Ok(ready.ready().intersects(Events::IN | Events::ERR))
        })
    }
}
