//! Room for an unverified head.

use super::signed::Unverified;

/// Where an unverified head is kept: moving it around would cost a part of the hash.
#[derive(Default)]
pub(crate) struct Room<'a>(Option<Unverified<'a>>);

impl<'a> Room<'a> {
    pub(super) fn fill(&mut self, unverified: Unverified<'a>) {
        self.0 = Some(unverified);
    }

    pub(super) fn get(&self) -> &Unverified<'a> {
        #[expect(clippy::expect_used, reason = "it is filled before anybody is given it")]
        self.0.as_ref().expect("a filled room")
    }

    pub(super) fn take(&mut self) -> Unverified<'a> {
        #[expect(clippy::expect_used, reason = "it is filled before anybody is given it")]
        self.0.take().expect("a filled room")
    }
}
