//! The signed time of sending.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::{
    clock::system_time,
    error::RejectionKind,
    scheme::{Signed, Unit},
};

/// The time at which a delivery arrived, and how far its own time may be from it.
#[derive(Clone, Copy)]
pub(crate) struct Window {
    pub(crate) now: SystemTime,
    /// Overrides that of the scheme.
    pub(crate) tolerance: Option<Duration>,
}

impl Window {
    /// Checks a signed time against the tolerance of its scheme; `None` accepts any.
    pub(super) fn check(&self, time: SystemTime, tolerance: Option<Duration>) -> Result<(), RejectionKind> {
        let distance = match self.now.duration_since(time) {
            Ok(age) => age,
            Err(ahead) => ahead.duration(),
        };
        match self.tolerance.or(tolerance) {
            Some(tolerance) if distance > tolerance => Err(RejectionKind::StaleTimestamp),
            _ => Ok(()),
        }
    }
}

/// Reads the time of a scheme. Where a value stands beside it in the signed text, it has one length
/// only: a digit that moves from one to the other would make another delivery of a recorded one.
pub(super) fn read_of(signed: &Signed, text: &[u8], unit: Unit) -> Option<SystemTime> {
    let has_length = match unit {
        Unit::Seconds => text.len() == 10,
        Unit::Milliseconds => text.len() == 13,
        // Its form shows both ends.
        Unit::Rfc3339 => true,
    };
    read(text, unit).filter(|_| has_length || !signed.has_value_beside_time)
}

/// Reads a time. It has one spelling only.
fn read(text: &[u8], unit: Unit) -> Option<SystemTime> {
    match unit {
        Unit::Seconds => UNIX_EPOCH.checked_add(Duration::from_secs(number(text)?)),
        Unit::Milliseconds => UNIX_EPOCH.checked_add(Duration::from_millis(number(text)?)),
        Unit::Rfc3339 => {
            let text = std::str::from_utf8(text).ok().filter(|text| is_rfc3339(text.as_bytes()))?;
            system_time(text.parse().ok()?)
        }
    }
}

/// Whether a text has the form of RFC 3339, with capitals and at most nine digits of the second. The
/// parser accepts more.
fn is_rfc3339(text: &[u8]) -> bool {
    let has_form = |text: &[u8], form: &[u8]| {
        text.len() == form.len()
            && text
                .iter()
                .zip(form)
                .all(|(byte, form)| if *form == b'0' { byte.is_ascii_digit() } else { byte == form })
    };
    let Some((date_time, rest)) = text.split_first_chunk::<19>() else { return false };
    let zone = match rest {
        [b'.', rest @ ..] => {
            let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
            if (1..=9).contains(&digits) { rest.get(digits..).unwrap_or_default() } else { &[] }
        }
        zone => zone,
    };
    let is_zone = zone == b"Z" || has_form(zone, b"+00:00") || has_form(zone, b"-00:00");
    is_zone && has_form(date_time, b"0000-00-00T00:00:00")
}

/// Reads a number in its shortest form. Nineteen digits always fit: nothing wraps.
fn number(text: &[u8]) -> Option<u64> {
    if matches!(text, [] | [b'0', _, ..]) || text.len() > 19 {
        return None;
    }
    text.iter().try_fold(0_u64, |number, byte| {
        let digit = byte.wrapping_sub(b'0');
        (digit <= 9).then(|| number.wrapping_mul(10).wrapping_add(digit.into()))
    })
}

impl Unit {
    /// Writes a time in this form. As a number, a time before the Unix epoch is 0.
    ///
    /// ```
    /// use countersign_core::provider::Unit;
    /// use std::time::{Duration, UNIX_EPOCH};
    ///
    /// let time = UNIX_EPOCH + Duration::from_secs(1_614_265_330);
    /// assert_eq!(Unit::Milliseconds.write(time), "1614265330000");
    /// assert_eq!(Unit::Rfc3339.write(time), "2021-02-25T15:02:10Z");
    /// ```
    pub fn write(self, time: SystemTime) -> String {
        let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
        match self {
            Self::Seconds => since.as_secs().to_string(),
            Self::Milliseconds => since.as_millis().to_string(),
            Self::Rfc3339 => jiff::Timestamp::try_from(time).unwrap_or_default().to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn millis(text: &str, unit: Unit) -> Option<u128> {
        let time = read(text.as_bytes(), unit)?;
        Some(time.duration_since(UNIX_EPOCH).unwrap().as_millis())
    }

    #[test]
    fn a_time_is_read_and_written() {
        for (text, unit, expected) in [
            ("0", Unit::Seconds, 0),
            ("1614265330", Unit::Seconds, 1_614_265_330_000),
            ("1633519811129", Unit::Milliseconds, 1_633_519_811_129),
            ("2020-01-01T07:00:00Z", Unit::Rfc3339, 1_577_862_000_000),
        ] {
            assert_eq!(millis(text, unit), Some(expected));
            assert_eq!(unit.write(UNIX_EPOCH + Duration::from_millis(u64::try_from(expected).unwrap())), text);
        }
        // Box and Twitch.
        assert_eq!(millis("2020-01-01T00:00:00-07:00", Unit::Rfc3339), Some(1_577_862_000_000));
        assert_eq!(millis("2020-01-01T07:00:00.123456789Z", Unit::Rfc3339), Some(1_577_862_000_123));
        assert_eq!(millis("2020-01-01T07:00:00.1-00:00", Unit::Rfc3339), Some(1_577_862_000_100));
        // A leap second is the one before it.
        assert_eq!(millis("2016-12-31T23:59:60Z", Unit::Rfc3339), Some(1_483_228_799_000));
        for text in ["0000-01-01T00:00:00Z", "9999-12-30T21:59:59.999999999Z"] {
            assert!(read(text.as_bytes(), Unit::Rfc3339).is_some(), "{text}");
        }
    }

    /// `i64::MIN` made another library panic before it had verified anything.
    #[test]
    fn a_time_has_one_spelling() {
        for text in [
            "",
            " ",
            "-1",
            "+1",
            "01",
            "00",
            "1.0",
            "1e3",
            "0x1",
            "1 ",
            " 1",
            "١",
            "-9223372036854775808",
            "18446744073709551616",
            "99999999999999999999",
            "\u{0}1",
            "1614265330,",
        ] {
            assert_eq!((millis(text, Unit::Seconds), millis(text, Unit::Milliseconds)), (None, None), "{text:?}");
        }
        assert_eq!(millis("9999999999999999999", Unit::Seconds), None);
        for text in [
            "",
            "yesterday",
            "2020-01-01",
            "2020-01-01T00:00:00",
            "2020-01-01 00:00:00Z",
            "20200101T000000Z",
            "+002020-01-01T00:00:00Z",
            "12020-01-01T00:00:00Z",
            "2020-01-01T00:00Z",
            "2020-13-01T00:00:00Z",
            "2020-01-01T00:00:00Z ",
            "2020-01-01T00:00:00Z[UTC]x",
            // What other standards allow.
            "2020-01-01T00:00:00Z[UTC]",
            "2020-01-01T00:00:00Z[null]",
            "2020-01-01T00:00:00,5Z",
            "2020-01-01T00:00:00.Z",
            "2020-01-01T00:00:00.1234567890Z",
            "2020-01-01T00:00:00+07",
            "2020-01-01T00:00:00+0700",
            "2020-01-01T00:00:00+07:00:00",
            "2020-01-01T00:00:00+7:00",
            "2020-01-01T00:00:00\u{2212}07:00",
            "2020-01-01t00:00:00z",
            "2020-01-01T00:00:00z",
            "2020-02-30T00:00:00Z",
            "2020-01-01T24:00:00Z",
            "2020-01-01T00:00:61Z",
            "1577862000",
        ] {
            assert_eq!(millis(text, Unit::Rfc3339), None, "{text:?}");
        }
    }

    #[test]
    fn the_tolerance_is_symmetric() {
        let now = UNIX_EPOCH + Duration::from_secs(1000);
        let window = |tolerance| Window { now, tolerance };
        let five = Some(Duration::from_secs(5));
        for (seconds, is_within) in [(994, false), (995, true), (1000, true), (1005, true), (1006, false)] {
            let time = UNIX_EPOCH + Duration::from_secs(seconds);
            assert_eq!(window(None).check(time, five).is_ok(), is_within, "{seconds}");
            assert!(window(None).check(time, None).is_ok());
            assert!(window(Some(Duration::from_secs(6))).check(time, five).is_ok());
        }
        assert_eq!(window(five).check(UNIX_EPOCH, Some(Duration::MAX)), Err(RejectionKind::StaleTimestamp));
    }
}
