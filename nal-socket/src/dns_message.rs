//! DNS messages: a question built, an answer read. The bytes are the library's business, what they mean
//! for a lookup is here.

use core::net::IpAddr;

use domain_v0_12::base::iana::{Opcode, Rcode, Rtype};
use domain_v0_12::base::message_builder::MessageBuilder;
use domain_v0_12::base::name::{Name, NameBuilder};
use domain_v0_12::base::{Message, ToName};
use domain_v0_12::dep::octseq::Array;
use domain_v0_12::rdata::{A, Aaaa};

use crate::Error;
use crate::error::Fault;
use crate::getaddrinfo::Family;
use crate::host_table::without_dot;

/// What a datagram may have without extensions (RFC 1035, section 2.3.4).
pub(crate) const LONGEST_MESSAGE: usize = 512;

/// A header, a name of at most 255 bytes, a type and a class.
const LONGEST_QUESTION: usize = 12 + 255 + 4;

/// A question as it is sent.
pub(crate) type Question = Message<Array<LONGEST_QUESTION>>;

/// What a datagram from the server's address says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    Address(IpAddr),
    /// The name does not exist, or has no address of the kind asked for.
    NotFound,
    /// The server could not or would not say.
    Failed,
    /// The address is in the part that did not fit.
    Truncated,
    /// Not an answer to this question.
    Stray,
}

/// The question for the addresses of `host`, with an id of 0.
pub(crate) fn question(host: &str, family: Family) -> Result<Question, Error> {
    let name = name(host).ok_or(Error::invalid(Fault::HostNotDns))?;
    let kind = match family {
        Family::Inet => Rtype::A,
        Family::Inet6 => Rtype::AAAA,
    };
    let build = || {
        let mut message = MessageBuilder::from_target(Array::new()).ok()?;
        message.header_mut().set_rd(true);
        let mut message = message.question();
        message.push((name, kind)).ok()?;
        Some(message.into_message())
    };
    // A name that could be built fits.
    build().ok_or(Error::invalid(Fault::HostNotDns))
}

/// Labels of 1 to 63 ASCII characters.
fn name(host: &str) -> Option<Name<Array<255>>> {
    let mut name = NameBuilder::<Array<255>>::new();
    for label in without_dot(host).split('.') {
        if label.is_empty() || !label.is_ascii() {
            return None;
        }
        name.append_label(label.as_bytes()).ok()?;
    }
    name.into_name().ok()
}

/// What `bytes` say to `question`, which asked for an address of `family`.
pub(crate) fn answer(bytes: &[u8], question: &Question, family: Family) -> Answer {
    let Ok(message) = Message::from_slice(bytes) else {
        return Answer::Stray;
    };
    let header = message.header();
    if header.opcode() != Opcode::QUERY || !message.is_answer(question) {
        return Answer::Stray;
    }
    match header.rcode() {
        Rcode::NOERROR => {}
        Rcode::NXDOMAIN => return Answer::NotFound,
        _ => return Answer::Failed,
    }
    match address(message, family) {
        Some(address) => Answer::Address(address),
        None if header.tc() => Answer::Truncated,
        None => Answer::NotFound,
    }
}

/// The first address of the name at the end of the aliases.
fn address(message: &Message<[u8]>, family: Family) -> Option<IpAddr> {
    // At most 20 aliases are followed, so that a circle ends.
    let name = message.canonical_name()?;
    let answers = message.answer().ok()?;
    // A record that cannot be read ends the iteration.
    match family {
        Family::Inet => answers
            .limit_to_in::<A>()
            .flatten()
            .find(|record| record.owner().name_eq(&name))
            .map(|record| record.data().addr().into()),
        Family::Inet6 => answers
            .limit_to_in::<Aaaa>()
            .flatten()
            .find(|record| record.owner().name_eq(&name))
            .map(|record| record.data().addr().into()),
    }
}
