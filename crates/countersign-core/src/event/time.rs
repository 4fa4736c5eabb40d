//! Times as the providers send them: the text is kept, so that nothing is lost, and read only when
//! asked.

use std::time::SystemTime;

use serde::{Deserialize, Deserializer, Serialize};

use super::field::lenient_string;

macro_rules! time_text {
    ($type:ident) => {
        impl $type {
            /// The text exactly as the provider sent it.
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

/// A point in time, as an [RFC 3339](https://www.rfc-editor.org/rfc/rfc3339) text with a zone.
///
/// The text is kept as it came, with as many digits after the second as the provider sent, and
/// compared as text. A text that is no such time does not refuse a genuine delivery: it is kept
/// too, and only [`to_system_time`](Self::to_system_time) says `None`.
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
#[serde(transparent)]
pub struct Rfc3339(Box<str>);

time_text!(Rfc3339);

impl Rfc3339 {
    /// The time, down to nanoseconds; `None` if the text is not a date and time with `Z` or an
    /// offset. Besides RFC 3339, a few looser forms are read, such as one without seconds.
    pub fn to_system_time(&self) -> Option<SystemTime> {
        Some(self.0.parse::<jiff::Timestamp>().ok()?.into())
    }
}

impl From<String> for Rfc3339 {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

/// A time in a payload that the documentation does not show: what is not a text is read as none.
pub(crate) fn lenient<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Rfc3339>, D::Error> {
    Ok(lenient_string(deserializer)?.map(Rfc3339::from))
}

/// A date and a time of day whose text **carries no zone**: it is no point in time until somebody
/// says which zone is meant, and this library does not guess.
///
/// The text is kept as it came, and compared as text.
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
#[serde(transparent)]
pub struct LocalDateTime(Box<str>);

time_text!(LocalDateTime);

impl LocalDateTime {
    /// The time **if the zone meant is UTC**, which the provider does not say; `None` if the text
    /// is not a date and a time of day without a zone.
    pub fn to_system_time_assuming_utc(&self) -> Option<SystemTime> {
        // jiff's own `civil::DateTime` refuses `Z`, but drops an offset such as `+02:00`.
        let pieces = jiff::fmt::temporal::Pieces::parse(&*self.0).ok()?;
        if pieces.offset().is_some() || pieces.time_zone_annotation().is_some() {
            return None;
        }
        let local = pieces.date().to_datetime(pieces.time()?);
        Some(jiff::tz::TimeZone::UTC.to_timestamp(local).ok()?.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_is_neither_invented_nor_dropped() {
        let timestamp = |text: &str| Rfc3339(text.into()).to_system_time();
        let local = |text: &str| LocalDateTime(text.into()).to_system_time_assuming_utc();
        assert!(timestamp("2026-01-15T10:30:00").is_none());
        assert!(timestamp("2026-01-15T10:30:00Z").is_some());
        assert_eq!(timestamp("2026-01-15T10:30:00Z"), timestamp("2026-01-15T12:30:00+02:00"));
        assert!(local("2026-01-15T10:30:00").is_some());
        assert!(local("2026-01-15T10:30:00Z").is_none());
        assert!(local("2026-01-15T10:30:00+02:00").is_none());
        for odd in ["", "yesterday", "2026-13-01T00:00:00Z", "99999-01-01T00:00:00Z", "\u{0}"] {
            assert!(timestamp(odd).is_none() && local(odd).is_none(), "{odd:?}");
        }
    }
}
