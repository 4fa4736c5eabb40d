//! The errors of a delivery's attempts, as they are kept in its row.

use crate::store::AttemptError;

/// How many errors of a delivery are kept: the last ones.
pub(crate) const MOST: usize = 20;

/// How many characters of an error are kept.
const LONGEST: usize = 1_000;

/// What the error of a delivery says whose process died.
pub(crate) const DEATH: &str = "the process died while it handled this delivery and no other";

/// What the error of a delivery says that was purged before it was handled.
pub(crate) const PURGED: &str = "its body was purged";

/// Adds an error to those that are written in a row. What cannot be read there is replaced.
pub(crate) fn added(written: &str, attempt: u32, at: i64, why: &str) -> String {
    let mut errors = read(written);
    errors.push(AttemptError::new(attempt, at, cut(why)));
    let first = errors.len().saturating_sub(MOST);
    // Numbers and texts: there is nothing that JSON cannot say.
    serde_json::to_string(errors.get(first..).unwrap_or_default()).unwrap_or_else(|_| "[]".to_owned())
}

/// Writes a single error.
#[cfg(feature = "postgres")]
pub(crate) fn one(attempt: u32, at: i64, why: &str) -> String {
    added("[]", attempt, at, why)
}

/// Reads the errors of a row; none if they cannot be read.
pub(crate) fn read(written: &str) -> Vec<AttemptError> {
    serde_json::from_str(written).unwrap_or_default()
}

fn cut(why: &str) -> &str {
    why.char_indices().nth(LONGEST).and_then(|(end, _)| why.get(..end)).unwrap_or(why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_20_errors_are_kept_and_cut_at_1000_characters() {
        let long = "ä".repeat(2_000);
        let written = (1..=30).fold("[]".to_owned(), |written, attempt| added(&written, attempt, 7, &long));
        let errors = read(&written);
        assert_eq!(errors.iter().map(|error| error.attempt).collect::<Vec<_>>(), (11..=30).collect::<Vec<_>>());
        assert!(errors.iter().all(|error| error.why == "ä".repeat(1_000) && error.at == 7));
        assert_eq!(cut(&"ä".repeat(1_000)), "ä".repeat(1_000));
    }

    #[test]
    fn errors_that_cannot_be_read_are_replaced() {
        for written in ["", "{}", "[1]", "null", "[{\"attempt\":-1,\"at\":0,\"why\":\"\"}]"] {
            assert_eq!(read(written), []);
            assert_eq!(read(&added(written, 1, 2, "why")), [AttemptError::new(1, 2, "why")]);
        }
    }
}
