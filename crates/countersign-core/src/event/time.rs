//! Times as the providers send them. The text is kept, so that nothing is lost, and parsed only on
//! request.

use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use crate::clock::system_time;

macro_rules! time_text {
    ($type:ident) => {
        impl $type {
            /// Returns the text, exactly as the provider sent it.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

/// A point in time: an [RFC 3339](https://www.rfc-editor.org/rfc/rfc3339) string with a time zone.
///
/// The text is kept as received, including every digit after the second, and compared as text. A
/// malformed time does not cause a rejection: its text is kept, and
/// [`to_system_time`](Self::to_system_time) returns `None`.
///
/// ```
/// use std::time::{Duration, UNIX_EPOCH};
/// use countersign_core::Rfc3339;
///
/// let at: Rfc3339 = serde_json::from_str(r#""2026-03-09T10:30:05.500000Z""#)?;
/// assert_eq!(at.as_str(), "2026-03-09T10:30:05.500000Z");
/// assert_eq!(at.to_system_time(), Some(UNIX_EPOCH + Duration::from_millis(1_773_052_205_500)));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Rfc3339(Box<str>);

time_text!(Rfc3339);

impl Rfc3339 {
    /// Returns the time, to the nanosecond; `None` if the text is not a date and time with `Z` or
    /// an offset. A few forms that RFC 3339 does not allow are accepted, such as a time without
    /// seconds.
    pub fn to_system_time(&self) -> Option<SystemTime> {
        instant(&self.0).and_then(system_time)
    }
}

/// Reads the time that [`Rfc3339::to_system_time`] returns.
pub(crate) fn instant(text: &str) -> Option<jiff::Timestamp> {
    text.parse().ok()
}

impl From<String> for Rfc3339 {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

/// A date and a time of day that the provider documents **without a zone**. Such a text is not a
/// point in time until you choose a zone; this library does not guess one.
///
/// If the provider sends a zone after all (`Z`, `+00:00`), the text is a point in time, and both
/// accessors return it.
///
/// The text is kept as received, and compared as text.
///
/// ```
/// use std::time::{Duration, UNIX_EPOCH};
/// use countersign_core::LocalDateTime;
///
/// let at: LocalDateTime = serde_json::from_str(r#""2026-01-15T10:30:00""#)?;
/// assert_eq!(at.as_str(), "2026-01-15T10:30:00");
/// assert_eq!(at.to_system_time_assuming_utc(), Some(UNIX_EPOCH + Duration::from_secs(1_768_473_000)));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct LocalDateTime(Box<str>);

time_text!(LocalDateTime);

impl LocalDateTime {
    /// Returns the time, to the nanosecond, if the text has a zone: `Z` or an offset. `None` if it
    /// has none, which is what the provider documents.
    pub fn to_system_time(&self) -> Option<SystemTime> {
        instant(&self.0).and_then(system_time)
    }

    /// Returns the time. If the text has no zone, **it is assumed to be UTC**: the provider does not
    /// document the zone. If the text has a zone, nothing is assumed. `None` if the text is not a
    /// date and a time of day, or has only the name of a zone.
    pub fn to_system_time_assuming_utc(&self) -> Option<SystemTime> {
        // jiff's own `civil::DateTime` rejects `Z`, but drops an offset such as `+02:00`.
        let pieces = jiff::fmt::temporal::Pieces::parse(&*self.0).ok()?;
        if pieces.offset().is_some() || pieces.time_zone_annotation().is_some() {
            return self.to_system_time();
        }
        let local = pieces.date().to_datetime(pieces.time()?);
        system_time(jiff::tz::TimeZone::UTC.to_timestamp(local).ok()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_is_neither_invented_nor_dropped() {
        let timestamp = |text: &str| Rfc3339(text.into()).to_system_time();
        let local = |text: &str| LocalDateTime(text.into()).to_system_time_assuming_utc();
        let with_zone = |text: &str| LocalDateTime(text.into()).to_system_time();
        assert!(timestamp("2026-01-15T10:30:00").is_none());
        assert!(timestamp("2026-01-15T10:30:00Z").is_some());
        assert_eq!(timestamp("2026-01-15T10:30:00Z"), timestamp("2026-01-15T12:30:00+02:00"));
        assert!(local("2026-01-15T10:30:00").is_some());
        assert!(with_zone("2026-01-15T10:30:00").is_none());
        for text in ["2026-01-15T10:30:00Z", "2026-01-15T12:30:00+02:00", "2026-01-15T10:30:00+00:00"] {
            assert_eq!(local(text), timestamp("2026-01-15T10:30:00Z"), "{text}");
            assert_eq!(with_zone(text), timestamp("2026-01-15T10:30:00Z"), "{text}");
        }
        for odd in ["", "yesterday", "2026-13-01T00:00:00Z", "99999-01-01T00:00:00Z", "\u{0}"] {
            assert!(timestamp(odd).is_none() && local(odd).is_none() && with_zone(odd).is_none(), "{odd:?}");
        }
    }
}
