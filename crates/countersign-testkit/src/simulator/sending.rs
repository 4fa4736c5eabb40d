//! How one attempt is sent.

use std::time::Duration;

/// The way in which one attempt of a delivery is sent. More ways may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Sending {
    /// Sends the complete body at once, as providers do.
    Whole,
    /// Sends the body in pieces, with a pause before each. The pauses are in real time, regardless
    /// of the clock.
    #[non_exhaustive]
    Slowly {
        /// The size of a piece, in bytes; at least 1.
        piece: usize,
        /// The pause before each piece.
        pause: Duration,
    },
    /// Sends this many bytes of the body and closes the connection. In process, ends the body with
    /// an error. A shorter body is sent completely.
    #[non_exhaustive]
    BrokenOff {
        /// The number of bytes to send.
        after: usize,
    },
    /// Sends the complete body at once, waits for the answer only this long, and hangs up. The time
    /// is real time, regardless of the clock.
    #[non_exhaustive]
    HangingUp {
        /// The time to wait.
        after: Duration,
    },
}

impl Sending {
    /// Sends pieces of `piece` bytes (at least 1), with a pause before each.
    pub fn slowly(piece: usize, pause: Duration) -> Self {
        Self::Slowly { piece: piece.max(1), pause }
    }

    /// Sends only `after` bytes.
    pub fn broken_off(after: usize) -> Self {
        Self::BrokenOff { after }
    }

    /// Hangs up if there is no answer within `after`.
    pub fn hanging_up(after: Duration) -> Self {
        Self::HangingUp { after }
    }
}
