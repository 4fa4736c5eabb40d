//! Whether what a scheme signs can be told from a text that somebody else chose.

use super::{Kind, Part, Scheme};

impl Scheme {
    /// Whether every text that is signed has a character outside of `chars`, a bit for each: in the fixed
    /// texts of each of its schemes.
    #[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "const code over a const")]
    pub(crate) const fn has_text_outside(&self, chars: u128) -> bool {
        match &self.0 {
            // Nothing is signed.
            Kind::Token { .. } => true,
            Kind::Signed(signed) => {
                let mut i = 0;
                while i < signed.parts.len() {
                    if let Part::Text(text) = signed.parts[i]
                        && has_outside(text, chars)
                    {
                        return true;
                    }
                    i += 1;
                }
                false
            }
            Kind::AnyOf(schemes) => {
                let mut i = 0;
                while i < schemes.len() {
                    if !schemes[i].has_text_outside(chars) {
                        return false;
                    }
                    i += 1;
                }
                true
            }
        }
    }

    /// Whether each of its schemes that signs anything signs the body as received.
    #[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "const code over a const")]
    pub(crate) const fn has_raw_body(&self) -> bool {
        match &self.0 {
            Kind::Token { .. } => true,
            Kind::Signed(signed) => {
                let mut i = 0;
                while i < signed.parts.len() {
                    if matches!(signed.parts[i], Part::Body) {
                        return true;
                    }
                    i += 1;
                }
                false
            }
            Kind::AnyOf(schemes) => {
                let mut i = 0;
                while i < schemes.len() {
                    if !schemes[i].has_raw_body() {
                        return false;
                    }
                    i += 1;
                }
                true
            }
        }
    }
}

#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "const code over a const")]
const fn has_outside(text: &str, chars: u128) -> bool {
    let bytes = text.as_bytes();
    let mut i = 0;
    while i < bytes.len() {
        if !bytes[i].is_ascii() || chars & (1 << bytes[i]) == 0 {
            return true;
        }
        i += 1;
    }
    false
}
