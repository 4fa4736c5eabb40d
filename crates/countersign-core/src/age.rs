//! How old an event may be, where the provider signs when it was.

use std::time::Duration;

use serde::de::DeserializeSeed;

use crate::{
    clock::Clock,
    error::{DecodeError, VerifyError, VerifyErrorKind},
    event::StringAt,
    provider::Provider,
    time::Timestamp,
};

/// A provider whose proof covers the time of the event, so that [old events can be
/// refused](crate::Verifier::with_max_event_age).
///
/// It is the time of the *event*, not of the delivery: none of the providers signs that.
pub trait SignedTime: Provider {
    /// Where a body carries the time: a path into the JSON with `.` between the names, to an RFC 3339 time with a zone.
    const TIME_PATH: &'static str;
}

/// How old an event may be, and now.
#[derive(Clone)]
pub(crate) struct MaxAge {
    pub(crate) age: Duration,
    pub(crate) path: &'static str,
    pub(crate) clock: Clock,
}

impl MaxAge {
    /// A body without a time is refused like an old one: it could be any age.
    pub(crate) fn check(&self, body: &[u8]) -> Result<(), VerifyError> {
        let mut json = serde_json::Deserializer::from_slice(body);
        let text = StringAt(self.path).deserialize(&mut json).map_err(DecodeError::from)?;
        json.end().map_err(DecodeError::from)?;
        let time = text.and_then(|text| Timestamp::from(text).to_system_time()).ok_or(VerifyErrorKind::EventTooOld)?;
        // What is ahead of our clock is not old.
        let age = self.clock.now().duration_since(time).unwrap_or_default();
        if age > self.age { Err(VerifyErrorKind::EventTooOld.into()) } else { Ok(()) }
    }
}
