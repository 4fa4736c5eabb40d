//! A handshake in words, for the command line.

use std::fmt;

use super::{Condition, Handshake, Proof, Reply, ReplyBody, ReplyValue};

/// Writes the handshake in one phrase of Markdown.
impl fmt::Display for Handshake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.method())?;
        if self.is_signed() {
            f.write_str(", signed as a delivery")?;
        }
        for condition in self.conditions.iter().flatten() {
            match condition {
                Condition::Is(place, value) => write!(f, ", {place} is `{value}`")?,
                Condition::Begins(place, start) => write!(f, ", {place} begins with `{start}`")?,
                Condition::Has(place) => write!(f, ", with {place}")?,
                Condition::HasNot(place) => write!(f, ", without {place}")?,
            }
        }
        if let Proof::Token(place) = self.proof {
            write!(f, ", {place} is your verify token")?;
        }
        write!(f, ": answered with {}", self.reply)
    }
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.body {
            ReplyBody::Empty => write!(f, "{}", self.status),
            ReplyBody::Json(json) => write!(f, "`{json}`"),
            ReplyBody::Echo(place) => write!(f, "{place}, as text"),
            ReplyBody::Object(values) => {
                f.write_str("JSON: ")?;
                for (index, (name, value)) in values.iter().enumerate() {
                    write!(f, "{}`{name}` is {value}", if index == 0 { "" } else { ", " })?;
                }
                Ok(())
            }
        }
    }
}

impl fmt::Display for ReplyValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Echo(place) => place.fmt(f),
            Self::Mac(mac) if mac.prefix.is_empty() => {
                write!(f, "the {} {} of {}", mac.coding, mac.algorithm, mac.place)
            }
            Self::Mac(mac) => write!(f, "`{}` and the {} {} of {}", mac.prefix, mac.coding, mac.algorithm, mac.place),
        }
    }
}
