//! What can be waited for, and how a set holds it.

use core::cell::RefCell;
use core::ops::Deref;

use nal_socket::{Error, ErrorKind, Events, Look, Pollable};

/// Something that can be waited for: a socket, or an object of your own, by shared reference.
///
/// It is what MicroPython calls a stream that supports polling. The rules for
/// [`look`](Self::look) are those of [`Pollable`]; a [`RefCell`] makes a `Stream` of anything that is
/// `Pollable`.
///
/// ```
/// use core::cell::Cell;
/// use nal_socket::{Error, Events, Look};
/// use usocket_api::uselect::{POLLIN, Stream, USelect};
/// # use nal_socket::Network;
/// # use usocket_api::{OPENMV, USocket};
///
/// struct Button(Cell<bool>);
///
/// impl Stream for Button {
///     fn look(&self, _wanted: Events) -> Result<Look, Error> {
///         Ok(Look::new(if self.0.get() { Events::IN } else { Events::NONE }))
///     }
/// }
///
/// # fn main() -> Result<(), usocket_api::OSError> {
/// # let network = Network::new(std_embedded_nal::Stack, || 0_u64);
/// # let sock = USocket::new(&network, OPENMV).socket();
/// let button = Button(Cell::new(true));
/// let poller = USelect::new(&network, OPENMV).poll::<&dyn Stream>();
/// poller.register(&sock, POLLIN)?;
/// poller.register(&button, POLLIN)?;
/// for (obj, event) in poller.poll(None)? {
///     if core::ptr::addr_eq(obj, &button) {
///         assert_eq!(event, POLLIN);
///     }
/// }
/// # Ok(())
/// # }
/// ```
pub trait Stream {
    /// What is ready at this moment. `wanted` is the mask without the bits that mean nothing, or what
    /// the look before has left.
    ///
    /// # Errors
    ///
    /// Only that it could not look, which ends the poll with the [`OSError`](crate::OSError) of this
    /// kind. What has gone wrong with the object is [`Events::ERR`].
    fn look(&self, wanted: Events) -> Result<Look, Error>;
}

/// A source that is borrowed at the moment is [`ErrorKind::Busy`].
impl<P: Pollable> Stream for RefCell<P> {
    fn look(&self, wanted: Events) -> Result<Look, Error> {
        match self.try_borrow_mut() {
            Ok(mut source) => source.look(wanted),
            Err(_) => Err(Error::new(ErrorKind::Busy)),
        }
    }
}

/// How a set holds an object: `&Socket<N>`, `Rc<Socket<N>>` where sockets come and go, `&dyn Stream` or
/// `Rc<dyn Stream>` where they are of several kinds.
///
/// Every clone must lead to the same object, which stays at its address. The same object is the one at
/// the same address.
pub trait Handle: Clone + Deref<Target: Stream> {}

impl<H: Clone + Deref<Target: Stream>> Handle for H {}
