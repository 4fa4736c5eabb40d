//! What a handler may say of its own answer.

/// The header, and its value, that marks the answer to a duplicate: 200, with an empty body, and its handler did not run.
pub const DUPLICATE: (&str, &str) = ("countersign-delivery", "duplicate");

/// Whether a delivery is done, where the answer's status does not say so: put it into the extensions of the response.
///
/// Unless there is one, a 2xx status is done and everything else is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(clippy::exhaustive_enums, reason = "there is no third")]
pub enum Outcome {
    /// It was handled, whatever the status: it is remembered, and does not run again. (The provider repeats what was not
    /// answered 2xx; it then gets the answer to a duplicate.)
    Done,
    /// It was not handled, whatever the status: when it comes again, it runs again. (The provider does not repeat what was
    /// answered 2xx by itself.)
    NotDone,
}

impl Outcome {
    /// What an answer of this status says, and what was said in its extensions.
    pub fn of(status: u16, said: Option<&Self>) -> Self {
        said.copied().unwrap_or(if (200..300).contains(&status) { Self::Done } else { Self::NotDone })
    }
}
