//! Answers of a DNS server, byte by byte.

// Every test file uses its own part of it.
#![allow(dead_code, unreachable_pub)]

use std::net::IpAddr;

pub const A: u16 = 1;
pub const CNAME: u16 = 5;
pub const AAAA: u16 = 28;

pub const SERVFAIL: u8 = 2;
pub const NXDOMAIN: u8 = 3;
pub const REFUSED: u8 = 5;

/// The name as DNS has it on the wire.
pub fn labels(name: &str) -> Vec<u8> {
    let mut bytes = vec![];
    for label in name.trim_end_matches('.').split('.') {
        bytes.push(label.len() as u8);
        bytes.extend(label.as_bytes());
    }
    bytes.push(0);
    bytes
}

/// The type that a question asks for.
pub fn kind_asked(question: &[u8]) -> u16 {
    let [.., high, low, _, _] = question else {
        panic!("too short")
    };
    u16::from_be_bytes([*high, *low])
}

/// An answer in the making: header and question are those of the question.
#[derive(Clone)]
pub struct Reply(Vec<u8>);

impl Reply {
    pub fn to(question: &[u8]) -> Self {
        let mut bytes = question.to_vec();
        // An answer; recursion was desired and is available.
        bytes[2] = 0x81;
        bytes[3] = 0x80;
        Self(bytes)
    }

    pub fn code(mut self, code: u8) -> Self {
        self.0[3] |= code;
        self
    }

    /// Marked as truncated.
    pub fn cut(mut self) -> Self {
        self.0[2] |= 2;
        self
    }

    pub fn address(self, name: &str, address: IpAddr) -> Self {
        match address {
            IpAddr::V4(v4) => self.record(&labels(name), A, &v4.octets()),
            IpAddr::V6(v6) => self.record(&labels(name), AAAA, &v6.octets()),
        }
    }

    pub fn alias(self, name: &str, target: &str) -> Self {
        self.record(&labels(name), CNAME, &labels(target))
    }

    pub fn record(mut self, owner: &[u8], kind: u16, data: &[u8]) -> Self {
        self.0[7] += 1;
        self.0.extend(owner);
        self.0.extend(kind.to_be_bytes());
        // Class IN, a minute to live.
        self.0.extend([0, 1, 0, 0, 0, 60]);
        self.0.extend((data.len() as u16).to_be_bytes());
        self.0.extend(data);
        self
    }

    pub fn bytes(&self) -> Vec<u8> {
        self.0.clone()
    }
}
