//! The serial traits of embedded-hal-nb 1.0.

use embedded_hal_nb::serial::{Read, Write};
use embedded_io::ErrorKind;

use super::{ByteLine, NbSerial};

/// One object that both receives and sends.
#[derive(Debug)]
pub struct WholeV1<S>(pub S);

/// A receiving and a sending object.
#[derive(Debug)]
pub struct HalvesV1<Rx, Tx> {
    /// Receives.
    pub rx: Rx,
    /// Sends.
    pub tx: Tx,
}

impl<S: Read + Write> NbSerial<WholeV1<S>> {
    /// On a port that implements both traits of embedded-hal-nb 1.0.
    pub const fn from_v1(serial: S) -> Self {
        Self::on(WholeV1(serial))
    }
}

impl<Rx: Read, Tx: Write> NbSerial<HalvesV1<Rx, Tx>> {
    /// On the two halves of a port, by the traits of embedded-hal-nb 1.0.
    pub const fn from_v1_halves(rx: Rx, tx: Tx) -> Self {
        Self::on(HalvesV1 { rx, tx })
    }
}

/// Overrun, framing, parity, noise: whatever the line suffered, the protocol
/// recovers from it. These traits know no error after which a port is gone.
fn kind<T, E>(answer: nb::Result<T, E>) -> nb::Result<T, ErrorKind> {
    answer.map_err(|error| error.map(|_| ErrorKind::Other))
}

impl<S: Read + Write> ByteLine for WholeV1<S> {
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

impl<Rx: Read, Tx: Write> ByteLine for HalvesV1<Rx, Tx> {
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
