//! The ID of a delivery, for deduplication.

use std::{
    fmt::{self, Write},
    time::SystemTime,
};

use jiff::Timestamp;
use sha2::{Digest, Sha256};

/// The maximum number of characters of an ID in a log: one from a body may be as long as the body.
const SHOWN: usize = 200;

/// The ID of a delivery, for deduplication. It consists of the event's name and the ID that the
/// provider documents for this purpose. If the provider documents none, it consists of the event's
/// name, the resource's ID, and the signed time of the event. Without an ID, it is the SHA-256
/// digest of the body. It is never empty.
///
/// Two IDs are equal only if all parts are equal. IDs of different providers, endpoints, accounts
/// and tenants can be equal: store what tells them apart with them.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DeliveryId(Repr);

#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Repr {
    Named { event: Box<str>, id: Box<str>, time: Option<Timestamp> },
    Digest([u8; 32]),
}

impl DeliveryId {
    /// Returns the time of the event, if it is part of the ID.
    pub fn time(&self) -> Option<SystemTime> {
        match &self.0 {
            Repr::Named { time, .. } => time.map(Into::into),
            Repr::Digest(_) => None,
        }
    }

    pub(crate) fn named(event: &str, id: &str, time: Option<Timestamp>) -> Self {
        Self(Repr::Named { event: event.into(), id: id.into(), time })
    }

    pub(crate) fn of_body(body: &[u8]) -> Self {
        Self(Repr::Digest(Sha256::digest(body).into()))
    }

    pub(super) fn repr(&self) -> &Repr {
        &self.0
    }

    /// Returns the ID for a log: on one line, and not longer than a line should be.
    pub(super) fn for_log(&self) -> impl fmt::Display {
        let shown: String = self.to_string().chars().take(SHOWN).flat_map(char::escape_debug).collect();
        shown
    }
}

/// Writes `event/id`, `event@time/id`, or `sha256:` and the digest in hex. Different IDs have
/// different texts, so the text can be stored and compared: `/`, `@` and `%` in an event's name are
/// written `%2F`, `%40` and `%25`. The time is in UTC.
impl fmt::Display for DeliveryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Repr::Named { event, id, time } => {
                for character in event.chars() {
                    match character {
                        '%' => f.write_str("%25")?,
                        '/' => f.write_str("%2F")?,
                        '@' => f.write_str("%40")?,
                        other => f.write_char(other)?,
                    }
                }
                if let Some(time) = time {
                    write!(f, "@{time}")?;
                }
                write!(f, "/{id}")
            }
            Repr::Digest(digest) => {
                f.write_str("sha256:")?;
                digest.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }
    }
}

impl fmt::Debug for DeliveryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DeliveryId({:?})", self.to_string())
    }
}
