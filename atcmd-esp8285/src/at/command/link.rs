//! Commands of the links: connect, send, receive, close.

use core::net::{Ipv4Addr, SocketAddrV4};

use super::commands;
use crate::at::parse::{ipv4, number};
use crate::machine::deadline;

/// What a link carries, with the options of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// A TCP connection.
    Tcp {
        /// Seconds between keep-alive probes, 1 to 7200; 0 for none.
        keep_alive: u16,
    },
    /// A TLS connection.
    Tls {
        /// As for TCP.
        keep_alive: u16,
    },
    /// Datagrams.
    Udp {
        /// The local port; 0 lets the modem choose.
        local_port: u16,
        /// Whose datagrams change the peer: 0 nobody's, 1 the first sender's,
        /// 2 every sender's.
        mode: u8,
    },
}

/// The host a link is opened to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Host<'a> {
    /// By address.
    Address(Ipv4Addr),
    /// By name, which the modem resolves. Must hold nothing that needs escapes.
    Name(&'a [u8]),
}

/// One line of the reply to `AT+CIPSTATUS`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LinkStatus {
    /// The link.
    pub link: u8,
    /// Its peer.
    pub remote: SocketAddrV4,
    /// The modem's server accepted it.
    pub server: bool,
}

impl LinkStatus {
    /// Takes `+CIPSTATUS:<id>,"<type>","<ip>",<port>[,<local port>],<role>`;
    /// 0.2x has no local port on TCP lines.
    #[must_use]
    pub fn parse(line: &[u8]) -> Option<Self> {
        let mut fields = line.strip_prefix(b"+CIPSTATUS:")?.split(|b| *b == b',');
        let link = u8::try_from(number(fields.next()?)?).ok()?;
        let _kind = fields.next()?;
        let ip = ipv4(fields.next()?)?;
        let port = u16::try_from(number(fields.next()?)?).ok()?;
        let role = fields.next_back()?;
        (link < crate::LINKS).then_some(Self {
            link,
            remote: SocketAddrV4::new(ip, port),
            server: role == b"1",
        })
    }

    /// The local port of such a line, which is not 0.
    #[must_use]
    pub fn local_port(line: &[u8]) -> Option<u16> {
        let mut fields = line.split(|b| *b == b',');
        let port = fields.nth(4)?;
        // What stands last is the role.
        let _role = fields.next()?;
        let port = u16::try_from(number(port)?).ok()?;
        (port > 0).then_some(port)
    }
}

commands! {
    /// `AT+CIPSTART`: open a link.
    Connect<'a> {
        /// Link to use, 0 to 4.
        link: u8,
        /// What it is to carry.
        transport: Transport,
        /// Where to.
        host: Host<'a>,
        /// The peer's port.
        port: u16,
    } timeout deadline::CONNECT; |this, line| {
        line.raw(b"AT+CIPSTART=").number(this.link.into()).raw(match this.transport {
            Transport::Tcp { .. } => b",\"TCP\",",
            Transport::Tls { .. } => b",\"SSL\",",
            Transport::Udp { .. } => b",\"UDP\",",
        });
        match this.host {
            Host::Address(address) => line.raw(b"\"").ipv4(address).raw(b"\""),
            Host::Name(name) => line.raw(b"\"").raw(name).raw(b"\""),
        };
        line.raw(b",").number(this.port.into());
        match this.transport {
            Transport::Tcp { keep_alive: 0 }
            | Transport::Tls { keep_alive: 0 }
            | Transport::Udp { local_port: 0, .. } => {}
            Transport::Tcp { keep_alive } | Transport::Tls { keep_alive } => {
                line.raw(b",").number(keep_alive.into());
            }
            Transport::Udp { local_port, mode } => {
                line.raw(b",").number(local_port.into()).raw(b",").number(mode.into());
            }
        }
    }

    /// `AT+CIPSEND`: announce `len` bytes; the prompt follows.
    Send {
        /// Link to use, 0 to 4.
        link: u8,
        /// Bytes that follow the prompt, 1 to 2048.
        len: u16,
    } timeout deadline::PROMPT; |this, line| {
        line.raw(b"AT+CIPSEND=").number(this.link.into()).raw(b",").number(this.len.into());
    }

    /// `AT+CIPSEND` of one datagram to a given peer.
    SendTo {
        /// Link to use, 0 to 4.
        link: u8,
        /// Bytes that follow the prompt, 1 to 2048.
        len: u16,
        /// Where to.
        to: SocketAddrV4,
    } timeout deadline::PROMPT; |this, line| {
        line.raw(b"AT+CIPSEND=").number(this.link.into()).raw(b",").number(this.len.into())
            .raw(b",\"").ipv4(*this.to.ip()).raw(b"\",").number(this.to.port().into());
    }

    /// `AT+CIPRECVDATA`: fetch up to `len` bytes (passive mode).
    Receive {
        /// Link to read, 0 to 4.
        link: u8,
        /// Most bytes to fetch.
        len: u16,
    } timeout deadline::QUERY; |this, line| {
        line.raw(b"AT+CIPRECVDATA=").number(this.link.into()).raw(b",").number(this.len.into());
    }

    /// `AT+CIPRECVLEN?`: how much waits in the modem, per link (passive mode).
    ReceiveLengths {} timeout deadline::QUERY; |_this, line| { line.raw(b"AT+CIPRECVLEN?"); }

    /// `AT+CIPCLOSE`: close one link, or all of them with id 5.
    Close {
        /// Link to close, or 5 for all.
        link: u8,
    } timeout deadline::CLOSE; |this, line| {
        line.raw(b"AT+CIPCLOSE=").number(this.link.into());
    }

    /// `AT+CIPCLOSEMODE`: whether a link is closed orderly or broken off
    /// (NonOS 1.7).
    CloseMode {
        /// The link, 0 to 4.
        link: u8,
        /// Break it off (1) instead of closing it (0).
        abort: bool,
    } timeout deadline::QUERY; |this, line| {
        line.raw(b"AT+CIPCLOSEMODE=").number(this.link.into()).raw(b",").number(this.abort.into());
    }

    /// `AT+CIPTCPOPT`: the options of a link's TCP connections (ESP-AT from
    /// 2.1 on). The other options of the command keep their defaults: no
    /// lingering (-1), no limit for sending (0).
    NoDelay {
        /// The link, 0 to 4.
        link: u8,
        /// Send small pieces at once (1) instead of collecting them (0).
        on: bool,
    } timeout deadline::QUERY; |this, line| {
        line.raw(b"AT+CIPTCPOPT=").number(this.link.into()).raw(b",-1,").number(this.on.into())
            .raw(b",0");
    }

    /// `AT+CIPSTATUS`: which links stand, and with whom.
    Status {} timeout deadline::QUERY; |_this, line| { line.raw(b"AT+CIPSTATUS"); }

    /// `AT+CIPCLOSE` without id: close the link of single-link mode.
    CloseSingle {} timeout deadline::CLOSE; |_this, line| { line.raw(b"AT+CIPCLOSE"); }
}
