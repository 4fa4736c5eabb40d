//! The ID of a delivery, for deduplication.

use std::fmt::{self, Write};

use sha2::{Digest, Sha256};

/// The ID of a delivery, for deduplication. It consists of the event's name and the ID that the
/// provider documents for this purpose, or the resource's ID. Without either, it is the SHA-256
/// digest of the body. It is never empty.
///
/// Two IDs are equal only if both parts are equal. IDs of different providers can be equal: store
/// the provider's name with them.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DeliveryId(Repr);

#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Repr {
    Named { event: Box<str>, id: Box<str> },
    Digest([u8; 32]),
}

impl DeliveryId {
    pub(crate) fn named(event: &str, id: &str) -> Self {
        Self(Repr::Named { event: event.into(), id: id.into() })
    }

    pub(crate) fn of_body(body: &[u8]) -> Self {
        Self(Repr::Digest(Sha256::digest(body).into()))
    }
}

/// Writes `event/id`, or `sha256:` and the digest in hex. Different IDs have different texts, so
/// the text can be stored and compared: `/` and `%` in an event's name are written `%2F` and `%25`.
impl fmt::Display for DeliveryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Repr::Named { event, id } => {
                for character in event.chars() {
                    match character {
                        '%' => f.write_str("%25")?,
                        '/' => f.write_str("%2F")?,
                        other => f.write_char(other)?,
                    }
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
