//! How an attempt to handle a delivery ends.

use std::{error::Error, fmt, time::Duration};

/// No longer text of an error is kept, in bytes. A store may cut it further.
const LONGEST: usize = 4096;

/// The end of an attempt: what a handler of an [`Inbox`](crate::Inbox) may return.
///
/// Most handlers return a `Result` instead: `Ok` is done, and `Err` is tried again.
///
/// ```
/// use std::time::Duration;
/// use countersign_core::providers::Zeodyn;
/// use countersign_inbox::{End, Received};
///
/// async fn on_event(hook: Received<Zeodyn>) -> End {
///     match hook.event_name() {
///         "scan_complete" => End::done(),
///         "scan_failed" => End::retry_after(Duration::from_secs(60), "the report is not there yet"),
///         _ => End::give_up("there is nothing to do for this event"),
///     }
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "return it from the handler"]
pub struct End(pub(crate) Kind);

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Done,
    Retry { after: Option<Duration>, why: String },
    GiveUp { why: String },
}

impl End {
    /// The delivery was handled.
    pub const fn done() -> Self {
        Self(Kind::Done)
    }

    /// The delivery is tried again, after the delay of the [`Backoff`](crate::Backoff).
    pub fn retry(why: impl Into<String>) -> Self {
        Self(Kind::Retry { after: None, why: cut(why.into()) })
    }

    /// The delivery is tried again after this delay. It counts as an attempt: after the last one, the
    /// delivery is a dead letter.
    pub fn retry_after(delay: Duration, why: impl Into<String>) -> Self {
        Self(Kind::Retry { after: Some(delay), why: cut(why.into()) })
    }

    /// The delivery is a dead letter: it is kept, and not tried again unless it is redriven.
    pub fn give_up(why: impl Into<String>) -> Self {
        Self(Kind::GiveUp { why: cut(why.into()) })
    }
}

/// Writes what becomes of the delivery, for logs and examples. The text has the error.
impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Done => f.write_str("done"),
            Kind::Retry { after: None, why } => write!(f, "to be tried again: {why}"),
            Kind::Retry { after: Some(after), why } => write!(f, "to be tried again after {after:?}: {why}"),
            Kind::GiveUp { why } => write!(f, "given up: {why}"),
        }
    }
}

/// What a handler may return: `()`, an [`End`], or a `Result` of one of these. An error is written
/// with its causes, and kept in the store: it is anything that converts into
/// `Box<dyn Error + Send + Sync>`, such as `anyhow::Error` or a `String`.
#[diagnostic::on_unimplemented(
    message = "a handler of an inbox cannot return `{Self}`",
    note = "return `()`, an `End`, or a `Result` of one of these",
    note = "an error has to be `Send` and `Sync`: `Box<dyn std::error::Error + Send + Sync>`, and not `Box<dyn std::error::Error>`"
)]
pub trait IntoEnd {
    /// Converts into the end of the attempt.
    fn into_end(self) -> End;
}

impl IntoEnd for () {
    fn into_end(self) -> End {
        End::done()
    }
}

impl IntoEnd for End {
    fn into_end(self) -> End {
        self
    }
}

impl<T: IntoEnd, E: Into<Box<dyn Error + Send + Sync>>> IntoEnd for Result<T, E> {
    fn into_end(self) -> End {
        match self {
            Ok(end) => end.into_end(),
            Err(error) => End::retry(chain(&*error.into())),
        }
    }
}

/// An error and its causes.
fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        // Some errors have their cause in their own text.
        let cause_text = cause.to_string();
        if !text.ends_with(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        if text.len() > LONGEST {
            break;
        }
        next = cause.source();
    }
    text
}

/// Cuts a text at a character.
fn cut(mut text: String) -> String {
    let end = (0..=LONGEST.min(text.len())).rev().find(|end| text.is_char_boundary(*end)).unwrap_or_default();
    text.truncate(end);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("the order cannot be saved")]
    struct Outer(#[source] std::io::Error);

    #[test]
    fn an_error_is_kept_with_its_causes() {
        let error = Outer(std::io::Error::other("the database is gone"));
        let end = Err::<(), _>(error).into_end();
        assert_eq!(end, End::retry("the order cannot be saved: the database is gone"));
        assert_eq!(Err::<End, _>("a text").into_end(), End::retry("a text"));
        assert_eq!(Ok::<_, std::io::Error>(End::give_up("no")).into_end(), End::give_up("no"));
        assert_eq!(Ok::<_, std::io::Error>(()).into_end(), End::done());
    }

    #[test]
    fn a_long_text_is_cut_at_a_character() {
        let End(Kind::Retry { why, .. }) = End::retry("ä".repeat(LONGEST)) else { panic!() };
        assert_eq!(why, "ä".repeat(LONGEST / 2));
        let End(Kind::GiveUp { why }) = End::give_up(format!("x{}", "ä".repeat(LONGEST))) else { panic!() };
        assert_eq!(why.len(), LONGEST - 1);
    }
}
