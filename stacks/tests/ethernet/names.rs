//! A name server for three names: one that exists, one that does not and one that is never answered.

use std::net::Ipv4Addr;

pub const HOST: &str = "peer.test";
pub const HOST_ADDRESS: Ipv4Addr = super::far_end::ADDRESS;
/// Answered with an IPv6 address, whatever was asked.
pub const HOST_V6_ONLY: &str = "six.test";
/// Never answered.
pub const LOST_HOST: &str = "lost.test";

/// The reply to a query of one question (RFC 1035, section 4.1).
pub fn answer(query: &[u8]) -> Option<Vec<u8>> {
    let question = query.get(12..)?;
    let mut name = String::new();
    let mut at = 0;
    loop {
        let length = usize::from(*question.get(at)?);
        if length == 0 {
            break;
        }
        if !name.is_empty() {
            name.push('.');
        }
        name.push_str(std::str::from_utf8(question.get(at + 1..at + 1 + length)?).ok()?);
        at += 1 + length;
    }
    let question = question.get(..at + 5)?;
    let record: Option<(u16, Vec<u8>)> = match name.as_str() {
        name if name.ends_with(LOST_HOST) => return None,
        HOST => Some((1, HOST_ADDRESS.octets().to_vec())),
        HOST_V6_ONLY => Some((
            28,
            [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1].into(),
        )),
        _ => None,
    };
    let mut reply = query.get(..2)?.to_vec();
    let code = if record.is_some() { 0 } else { 3 };
    reply.extend([
        0x81,
        0x80 | code,
        0,
        1,
        0,
        u8::from(record.is_some()),
        0,
        0,
        0,
        0,
    ]);
    reply.extend(question);
    if let Some((kind, data)) = record {
        // The name is the one in the question.
        reply.extend([0xc0, 12]);
        reply.extend(kind.to_be_bytes());
        reply.extend([0, 1, 0, 0, 0, 60]);
        reply.extend(u16::try_from(data.len()).ok()?.to_be_bytes());
        reply.extend(data);
    }
    Some(reply)
}
