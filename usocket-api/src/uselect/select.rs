//! `select.select`: three lists in, three lists out.

use nal_socket::{ErrorKind, Events, NetworkRef};

use super::watched::Watched;
use super::{EventMask, Handle, List, ROOM, SelectTimeout, USelect};
use crate::os_error::OSError;

/// What [`select`](USelect::select) returns: what is readable, what is writable, and what has an error.
pub type Selected<H, const MAX: usize = ROOM> = (List<H, MAX>, List<H, MAX>, List<H, MAX>);

impl<N: NetworkRef> USelect<N> {
    /// Waits until one of `rlist` can be read from or accepted from, one of `wlist` be written to, or
    /// one of `xlist` has an error, at most `timeout` seconds; `None` and negative numbers are for ever,
    /// 0 only looks. Returns those of each list, in its order; three empty lists if the time ran out.
    /// Without any objects it waits all the same.
    ///
    /// An object may be in several lists, and is asked once. One with an error, hung up or closed counts
    /// as ready in every list it is in: what one would do with it does not wait.
    ///
    /// ```
    /// use usocket_api::uselect::USelect;
    /// # use nal_socket::Network;
    /// # use usocket_api::{OPENMV, USocket};
    /// # fn main() -> Result<(), usocket_api::OSError> {
    /// # let network = Network::new(std_embedded_nal::Stack, || 0_u64);
    /// # let usocket = USocket::new(&network, OPENMV);
    /// # let (a, b) = (usocket.socket(), usocket.socket());
    /// # b.close()?;
    /// let select = USelect::new(&network, OPENMV);
    /// let (r, w, x) = select.select(&[&a, &b], &[&a], &[&b], 0.5)?;
    /// # assert_eq!((r.len(), w.len(), x.len()), (2, 1, 1));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// `EINVAL` for a timeout that is no number, `ENOMEM` for more than 8 objects in a list or in all
    /// of them together, and what [`Poll::poll`](super::Poll::poll) raises.
    pub fn select<H: Handle>(
        &self,
        rlist: &[H],
        wlist: &[H],
        xlist: &[H],
        timeout: impl Into<SelectTimeout>,
    ) -> Result<Selected<H>, OSError> {
        self.select_sized(rlist, wlist, xlist, timeout)
    }

    /// The same for at most `MAX` objects: `select_sized::<_, 20>(..)`.
    ///
    /// # Errors
    ///
    /// As [`select`](Self::select).
    pub fn select_sized<H: Handle, const MAX: usize>(
        &self,
        rlist: &[H],
        wlist: &[H],
        xlist: &[H],
        timeout: impl Into<SelectTimeout>,
    ) -> Result<Selected<H, MAX>, OSError> {
        let timeout = timeout.into().check()?;
        let mut watched = Watched::<H, MAX>::new();
        let lists = [
            (rlist, Events::IN),
            (wlist, Events::OUT),
            (xlist, Events::NONE),
        ];
        for (list, events) in lists {
            if list.len() > MAX {
                return Err(self.too_many());
            }
            for handle in list {
                if let Some(watch) = watched.interest(handle) {
                    watch.set_interest(watch.interest() | events);
                } else if !watched.push(handle.clone(), EventMask::from(events)) {
                    return Err(self.too_many());
                }
            }
        }
        watched
            .wait(&self.net, timeout)
            .map_err(|error| self.error(error))?;
        let [readable, writable, exceptional] = lists.map(|(list, events)| {
            let ready = list.iter().filter(|handle| {
                watched
                    .interest(handle)
                    .is_some_and(|watch| watch.ready().intersects(events | Events::ALWAYS))
            });
            List::of(ready.cloned())
        });
        Ok((readable, writable, exceptional))
    }

    fn too_many(&self) -> OSError {
        OSError::kind_with(
            &self.profile,
            ErrorKind::NoMemory,
            "too many objects; use USelect::select_sized",
        )
    }
}
