//! Commands of TLS links, sent before the link is opened.

use super::commands;
use crate::machine::deadline;

commands! {
    /// `AT+CIPSSLSIZE`: the buffer for TLS records (NonOS).
    TlsBuffer {
        /// Bytes, 2048 to 4096.
        size: u16,
    } timeout deadline::QUERY; |this, line| {
        line.raw(b"AT+CIPSSLSIZE=").number(this.size.into());
    }

    /// `AT+CIPSSLCCONF`: who proves who it is.
    TlsVerification {
        /// The link; NonOS has one setting for all.
        link: Option<u8>,
        /// Bit 0: show the client's certificate. Bit 1: check the server's.
        mode: u8,
        /// Which of the modem's client certificates.
        certificate: u8,
        /// Which of the modem's certificate authorities.
        authority: u8,
    } timeout deadline::QUERY; |this, line| {
        line.raw(b"AT+CIPSSLCCONF=");
        if let Some(link) = this.link {
            line.number(link.into()).raw(b",");
        }
        line.number(this.mode.into());
        if this.link.is_some() && this.mode != 0 {
            line.raw(b",").number(this.certificate.into()).raw(b",").number(this.authority.into());
        }
    }

    /// `AT+CIPSSLCSNI`: the server's name, as it is told in the handshake.
    TlsServerName<'a> {
        /// The link, 0 to 4.
        link: u8,
        /// The name. Must hold nothing that needs escapes.
        name: &'a [u8],
    } timeout deadline::QUERY; |this, line| {
        line.raw(b"AT+CIPSSLCSNI=").number(this.link.into()).raw(b",\"").raw(this.name).raw(b"\"");
    }
}
