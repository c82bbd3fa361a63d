//! Building one command line in a caller's buffer, without formatting code.

use core::net::Ipv4Addr;

use crate::wifi::MacAddress;

/// Appends to a buffer and remembers if something did not fit.
#[derive(Debug)]
pub struct LineWriter<'a> {
    buf: &'a mut [u8],
    len: usize,
    overflow: bool,
}

impl<'a> LineWriter<'a> {
    /// Starts an empty line in `buf`.
    pub fn new(buf: &'a mut [u8]) -> Self {
        Self {
            buf,
            len: 0,
            overflow: false,
        }
    }

    /// Appends bytes as they are.
    pub fn raw(&mut self, bytes: &[u8]) -> &mut Self {
        match self.buf.get_mut(self.len..self.len + bytes.len()) {
            Some(to) => {
                to.copy_from_slice(bytes);
                self.len += bytes.len();
            }
            None => self.overflow = true,
        }
        self
    }

    /// Appends a decimal number.
    pub fn number(&mut self, value: u32) -> &mut Self {
        if value >= 10 {
            self.number(value / 10);
        }
        // A remainder of ten always fits a byte.
        self.raw(&[b'0' + (value % 10) as u8])
    }

    /// Appends a dotted IPv4 address.
    pub fn ipv4(&mut self, address: Ipv4Addr) -> &mut Self {
        let [a, b, c, d] = address.octets();
        self.number(a.into())
            .raw(b".")
            .number(b.into())
            .raw(b".")
            .number(c.into())
            .raw(b".")
            .number(d.into())
    }

    /// Appends a hardware address, such as `18:fe:34:01:02:03`.
    pub fn mac(&mut self, address: MacAddress) -> &mut Self {
        for (i, octet) in address.0.into_iter().enumerate() {
            if i > 0 {
                self.raw(b":");
            }
            for nibble in [octet >> 4, octet & 15] {
                let first = if nibble < 10 { b'0' } else { b'a' - 10 };
                self.raw(&[first + nibble]);
            }
        }
        self
    }

    /// The line's length, or `None` if it did not fit.
    #[must_use]
    pub fn finish(&self) -> Option<usize> {
        (!self.overflow).then_some(self.len)
    }
}
