//! What a verified body must not be: one that anybody could have had signed, or one of an old event.

use std::time::Duration;

use super::{handshake::check_body, settings::Settings};
use crate::{
    error::{DecodeError, Rejection, RejectionDetail, RejectionKind},
    event::{Rfc3339, envelope, shape},
    provider::Provider,
};

impl<P: Provider> Settings<P> {
    /// Checks a verified body: the age of its event, if there is a limit.
    #[inline]
    pub(super) fn check_body(&self, body: &[u8]) -> Result<(), Rejection> {
        check_body::<P>(body)?;
        match (self.max_age, P::OCCURRED_AT.and_then(|place| place.as_json())) {
            (Some(max_age), Some(path)) => self.is_within(max_age, body, path),
            _ => Ok(()),
        }
    }

    fn is_within(&self, max_age: Duration, body: &[u8], path: &'static str) -> Result<(), Rejection> {
        let text = envelope::text(body, path).map_err(DecodeError::from)?;
        let Some(time) = text.and_then(|text| Rfc3339::from(text.into_owned()).to_system_time()) else {
            // It is rejected like an old one: it could be of any age.
            return Err(match shape::of(body, path) {
                Some(shape) => RejectionKind::EventTimeUnreadable.with(RejectionDetail::EventTime(shape)),
                None => Rejection::new(RejectionKind::EventTimeMissing),
            });
        };
        // A time ahead of our clock is not old.
        let age = self.clock.now().duration_since(time).unwrap_or_default();
        if age <= max_age { Ok(()) } else { Err(Rejection::new(RejectionKind::EventTooOld)) }
    }
}
