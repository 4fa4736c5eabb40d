//! The outcome of a handler, and the marks of answers without one.

/// The response header that marks a [duplicate](DUPLICATE), and a delivery that an inbox
/// [stored](STORED).
pub const DELIVERY_HEADER: &str = "countersign-delivery";

/// The value of [`DELIVERY_HEADER`] in the response to a duplicate. That response is a 200 with an
/// empty body, and the handler does not run.
pub const DUPLICATE: &str = "duplicate";

/// The value of [`DELIVERY_HEADER`] in the response to a delivery that an inbox stored. That response
/// is a 200 with an empty body.
pub const STORED: &str = "stored";

/// The outcome of a handler, if it differs from the response's status. Put it into the extensions
/// of the response.
///
/// Without an `Outcome`, a 2xx response counts as done and any other as not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(clippy::exhaustive_enums, reason = "there is no third")]
pub enum Outcome {
    /// The delivery was handled, whatever the status. It is committed and not handled again. (If
    /// the status is not a 2xx, the provider retries; the retry is answered as a duplicate.)
    Done,
    /// The delivery was not handled, whatever the status. It is released, and a retry runs the
    /// handler again. (A provider does not retry after a 2xx.)
    NotDone,
}

impl Outcome {
    /// Returns `said`, the `Outcome` that the handler put into the response's extensions. If it is
    /// `None`, returns the outcome for `status`.
    pub fn of(status: u16, said: Option<&Self>) -> Self {
        said.copied().unwrap_or(if (200..300).contains(&status) { Self::Done } else { Self::NotDone })
    }
}
