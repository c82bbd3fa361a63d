//! The serial traits of embedded-hal 0.2.

use embedded_hal_02::serial::{Read, Write};
use embedded_io::ErrorKind;

use super::{ByteLine, NbSerial};

/// One object that both receives and sends.
#[derive(Debug)]
pub struct WholeV0_2<S>(pub S);

/// A receiving and a sending object.
#[derive(Debug)]
pub struct HalvesV0_2<Rx, Tx> {
    /// Receives.
    pub rx: Rx,
    /// Sends.
    pub tx: Tx,
}
impl<S: Read<u8> + Write<u8>> NbSerial<WholeV0_2<S>> {
    /// On a port that implements both traits of embedded-hal 0.2.
    pub const fn from_v0_2(serial: S) -> Self {
        Self::on(WholeV0_2(serial))
    }
}

impl<Rx: Read<u8>, Tx: Write<u8>> NbSerial<HalvesV0_2<Rx, Tx>> {
    /// On the two halves of a port, by the traits of embedded-hal 0.2.
    pub const fn from_v0_2_halves(rx: Rx, tx: Tx) -> Self {
        Self::on(HalvesV0_2 { rx, tx })
    }
}

/// These traits say nothing about what an error means. On a serial line it is
/// noise of some sort, which the protocol recovers from.
fn kind<T, E>(answer: nb::Result<T, E>) -> nb::Result<T, ErrorKind> {
    answer.map_err(|error| error.map(|_| ErrorKind::Other))
}

impl<S: Read<u8> + Write<u8>> ByteLine for WholeV0_2<S> {
    fn get(&mut self) -> nb::Result<u8, ErrorKind> {
        kind(self.0.read())
    }
    fn put(&mut self, byte: u8) -> nb::Result<(), ErrorKind> {
        kind(self.0.write(byte))
    }
    fn sent(&mut self) -> nb::Result<(), ErrorKind> {
        kind(self.0.flush())
    }
}

impl<Rx: Read<u8>, Tx: Write<u8>> ByteLine for HalvesV0_2<Rx, Tx> {
    fn get(&mut self) -> nb::Result<u8, ErrorKind> {
        kind(self.rx.read())
    }
    fn put(&mut self, byte: u8) -> nb::Result<(), ErrorKind> {
        kind(self.tx.write(byte))
    }
    fn sent(&mut self) -> nb::Result<(), ErrorKind> {
        kind(self.tx.flush())
    }
}
