//! Parts one after the other in a digest.

use sha2::digest::Update;

/// A digest of parts, each with its length: the end of one cannot be read as the start of the next.
pub(super) struct Parts<H>(pub(super) H);

impl<H: Update> Parts<H> {
    pub(super) fn part(&mut self, part: impl AsRef<[u8]>) {
        let part = part.as_ref();
        self.0.update(&(part.len() as u64).to_be_bytes());
        self.0.update(part);
    }

    /// No part is not an empty one.
    pub(super) fn optional(&mut self, part: Option<&[u8]>) {
        self.0.update(&[u8::from(part.is_some())]);
        self.part(part.unwrap_or_default());
    }
}
