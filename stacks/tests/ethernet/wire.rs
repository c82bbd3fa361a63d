//! An Ethernet cable in memory: frames arrive in order, a little later.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use smoltcp::phy::{Device, DeviceCapabilities, Medium, RxToken, TxToken};
use smoltcp::time::Instant;

use crate::common::Time;

/// How long a frame is on its way, in microseconds.
const LATENCY: u64 = 400;

type Frames = Rc<RefCell<VecDeque<(u64, Vec<u8>)>>>;

/// One end of the cable.
pub struct Port {
    time: Time,
    arriving: Frames,
    leaving: Frames,
}

/// The two ends of a cable.
pub fn cable(time: &Time) -> (Port, Port) {
    let (one, other) = (Frames::default(), Frames::default());
    let port = |arriving: &Frames, leaving: &Frames| Port {
        time: time.clone(),
        arriving: arriving.clone(),
        leaving: leaving.clone(),
    };
    (port(&one, &other), port(&other, &one))
}

pub struct Frame(Vec<u8>);

impl RxToken for Frame {
    fn consume<R, F: FnOnce(&[u8]) -> R>(self, read: F) -> R {
        read(&self.0)
    }
}

pub struct Blank<'a>(&'a Port);

impl TxToken for Blank<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, length: usize, write: F) -> R {
        let mut frame = vec![0; length];
        let result = write(&mut frame);
        let due = self.0.time.get() + LATENCY;
        self.0.leaving.borrow_mut().push_back((due, frame));
        result
    }
}

impl Device for Port {
    type RxToken<'a> = Frame;
    type TxToken<'a> = Blank<'a>;

    fn receive(&mut self, _: Instant) -> Option<(Frame, Blank<'_>)> {
        let mut arriving = self.arriving.borrow_mut();
        let (due, _) = arriving.front()?;
        if *due > self.time.get() {
            return None;
        }
        let (_, frame) = arriving.pop_front()?;
        drop(arriving);
        Some((Frame(frame), Blank(self)))
    }

    fn transmit(&mut self, _: Instant) -> Option<Blank<'_>> {
        Some(Blank(self))
    }

    fn capabilities(&self) -> DeviceCapabilities {
        let mut capabilities = DeviceCapabilities::default();
        capabilities.medium = Medium::Ethernet;
        capabilities.max_transmission_unit = 1514;
        capabilities
    }
}
