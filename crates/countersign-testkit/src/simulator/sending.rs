//! How one attempt is sent.

use std::time::Duration;

/// How one attempt of a delivery is sent. More ways may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Sending {
    /// The whole body at once, as providers do.
    Whole,
    /// The body in pieces of so many bytes, with a pause before each. The time is real, whatever the clock.
    #[non_exhaustive]
    Slowly {
        /// The size of a piece, in bytes; at least 1.
        piece: usize,
        /// The pause before it.
        pause: Duration,
    },
    /// So many bytes of the body, and then the connection is closed; in process, where there is none, the body ends with an
    /// error. A body that is no longer than that is sent whole.
    #[non_exhaustive]
    BrokenOff {
        /// How many bytes are sent.
        after: usize,
    },
    /// The whole body at once, and then the sender hangs up, without waiting for the answer any longer than this. The
    /// time is real, whatever the clock.
    #[non_exhaustive]
    HangingUp {
        /// How long it waits.
        after: Duration,
    },
}

impl Sending {
    /// In pieces of `piece` bytes, of which there is at least one, with a pause before each.
    pub fn slowly(piece: usize, pause: Duration) -> Self {
        Self::Slowly { piece: piece.max(1), pause }
    }

    /// `after` bytes, and no more.
    pub fn broken_off(after: usize) -> Self {
        Self::BrokenOff { after }
    }

    /// Hanging up if there is no answer `after` this time.
    pub fn hanging_up(after: Duration) -> Self {
        Self::HangingUp { after }
    }
}
