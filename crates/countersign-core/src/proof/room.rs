//! Room for an unverified head.

use super::{
    reading::{Lines, Single},
    signed::Unverified,
    source::Source,
    timing::Window,
};
use crate::{
    error::RejectionKind,
    scheme::{Scheme, Signed},
};

/// Where an unverified head is read to, and kept: moving it around would cost a part of the hash.
#[derive(Default)]
pub(crate) struct Room<'a>(Option<Unverified<'a>>);

impl<'a> Room<'a> {
    pub(super) fn read(
        &mut self,
        scheme: &'static Scheme,
        signed: &'static Signed,
        lines: &Lines<Single<'a>>,
        source: &'a dyn Source,
        window: &'a Window,
    ) -> Result<(), RejectionKind> {
        self.0.insert(Unverified::new(scheme, signed, source, window)).read(lines)
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
