//! A delivery while its body arrives, and the decision once it is complete.

use std::{fmt, future::Future, pin::Pin, sync::Arc, time::Duration};

use bytes::Bytes;

use super::{answer::Answer, extraction::Received, handshake::Stop, verification::Progress};
use crate::{
    error::{BodyLengths, Rejection, RejectionKind},
    once::{Admission, Dedupe, Lease},
    provider::Provider,
};

/// A delivery with a checked head, while its body arrives.
#[must_use = "nothing is verified before `finish`"]
pub struct Receiving<P: Provider>(pub(super) Progress<P>);

/// The decision once the body is complete.
#[allow(clippy::exhaustive_enums, reason = "now or later")]
#[expect(clippy::large_enum_variant, reason = "a box would cost an allocation for each delivery")]
pub enum Finish<P: Provider> {
    /// The decision is ready: there was nothing to wait for.
    Ready(Next<P>),
    /// The decision has to wait for a look-up, a confirmation or a claim.
    Wait(Pin<Box<dyn Future<Output = Next<P>> + Send>>),
}

/// The next step of an adapter.
#[allow(clippy::exhaustive_enums, reason = "the handler answers, or the receiver does")]
pub enum Next<P: Provider> {
    /// Call the handler. With a lease (always, if deliveries are deduplicated), run it in a
    /// separate task with [`Lease::hold`].
    Handle(Received<P>, Option<Lease>),
    /// Answer without the handler.
    Answer(Answer),
}

impl<P: Provider> Receiving<P> {
    pub(super) fn new(progress: Progress<P>) -> Self {
        Self(progress)
    }

    /// Takes the next piece of the body. A rejection is logged.
    ///
    /// # Errors
    ///
    /// Returns the answer if the body is larger than the limit.
    pub fn push(&mut self, frame: Bytes) -> Result<(), Answer> {
        self.0.push(frame).map_err(Answer::rejected::<P>)
    }

    /// Answers a body that did not arrive in time, and logs the rejection.
    pub fn timed_out(&self) -> Answer {
        let lengths = BodyLengths::timed_out(self.0.received(), self.0.declared);
        Answer::rejected::<P>(Rejection::of_lengths(RejectionKind::BodyTimeout, lengths))
    }

    /// Answers a body that ended early or is malformed, and logs the rejection.
    pub fn incomplete(&self) -> Answer {
        let lengths = BodyLengths::incomplete(self.0.received(), self.0.declared);
        Answer::rejected::<P>(Rejection::of_lengths(RejectionKind::BodyIncomplete, lengths))
    }

    /// Answers a body that exceeds the limit of an outer layer, and logs the rejection.
    pub fn too_large(&self) -> Answer {
        let lengths = BodyLengths::over_outer_limit(self.0.received(), self.0.declared);
        Answer::rejected::<P>(Rejection::of_lengths(RejectionKind::BodyTooLarge, lengths))
    }

    /// Decides what to do with a complete body. Depending on the settings, it looks up the secrets,
    /// checks the proof, answers a [handshake](crate::provider::Handshake), reads the event, confirms
    /// it, and claims the delivery. A rejection is logged.
    ///
    /// `sleep` returns a future that completes after a duration, like `tokio::time::sleep`.
    pub fn finish<S>(self, sleep: fn(Duration) -> S) -> Finish<P>
    where
        S: Future<Output = ()> + Send + 'static,
    {
        let settings = &self.0.settings;
        if !settings.waits() && settings.dedupe.is_none() {
            return Finish::Ready(
                received(self.0.read()).map_or_else(Next::Answer, |received| Next::Handle(received, None)),
            );
        }
        let settings = Arc::clone(settings);
        Finish::Wait(Box::pin(async move {
            let read = if settings.waits() { self.0.wait(sleep).await } else { self.0.read() };
            match (received(read), &settings.dedupe) {
                (Ok(received), Some(dedupe)) => claimed(received, dedupe, sleep).await,
                (Ok(received), None) => Next::Handle(received, None),
                (Err(answer), _) => Next::Answer(answer),
            }
        }))
    }
}

/// Answers a rejection. A body that cannot be read is logged and passed on: a handler may take it
/// as a `Result`.
fn received<P: Provider>(received: Result<Received<P>, Stop>) -> Result<Received<P>, Answer> {
    if let Ok(Received::Unreadable(unreadable)) = &received {
        unreadable.rejection().trace(P::NAME);
    }
    received.map_err(|stop| match stop {
        Stop::Rejected(rejection) => Answer::rejected::<P>(rejection),
        Stop::Answered(answer) => answer,
    })
}

async fn claimed<P: Provider, S: Future<Output = ()>>(
    mut received: Received<P>,
    dedupe: &Dedupe,
    sleep: fn(Duration) -> S,
) -> Next<P> {
    match dedupe.claim::<P, _>(received.delivery_id(), received.matched_secret(), sleep).await {
        Admission::Claimed(lease) | Admission::Unclaimed(lease) => {
            received.admit(lease.key());
            Next::Handle(received, Some(lease))
        }
        Admission::Duplicate => Next::Answer(Answer::duplicate::<P>()),
        Admission::Rejected(rejection) => Next::Answer(Answer::rejected::<P>(rejection)),
    }
}

impl<P: Provider> fmt::Debug for Receiving<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiving").field("provider", &P::NAME).finish_non_exhaustive()
    }
}

impl<P: Provider> fmt::Debug for Finish<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ready(next) => f.debug_tuple("Ready").field(next).finish(),
            Self::Wait(_) => f.debug_tuple("Wait").finish_non_exhaustive(),
        }
    }
}

impl<P: Provider> fmt::Debug for Next<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Handle(received, lease) => f.debug_tuple("Handle").field(received).field(lease).finish(),
            Self::Answer(answer) => f.debug_tuple("Answer").field(answer).finish(),
        }
    }
}
