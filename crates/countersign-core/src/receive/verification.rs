//! A verification while the body arrives.

use std::{fmt, future::Future, marker::PhantomData, sync::Arc, time::Duration};

use bytes::Bytes;

use super::{
    delivery::{Delivery, Verified},
    extraction::Received,
    handshake::{Signed, Stop},
    lookup::Lookup,
    noted::Noted,
    settings::Settings,
    unverified::Seen,
    waits::{Deferred, Immediate},
};
use crate::{
    error::{BodyLengths, Rejection, RejectionKind},
    proof::{Frames, Given, Running},
    provider::Provider,
};

/// A verification with a checked head, while the body arrives.
///
/// Each frame is hashed and kept as it arrives. The frames are joined once the delivery is
/// verified.
#[must_use = "nothing is verified before `finish`"]
pub struct Verification<P: Provider, W = Immediate> {
    pub(super) progress: Progress<P>,
    waits: PhantomData<fn() -> W>,
}

/// The state of a verification.
pub(super) struct Progress<P: Provider> {
    pub(super) settings: Arc<Settings<P>>,
    pub(super) pending: Pending,
    pub(super) frames: Frames,
    pub(super) declared: Option<u64>,
    pub(super) too_large: Option<BodyLengths>,
    pub(super) noted: Noted,
    pub(super) signed: Signed,
}

/// What is left to do with the proof.
pub(super) enum Pending {
    Running(Running),
    /// The secrets are looked up once the body is complete.
    LookUp(LookUp),
}

pub(super) struct LookUp {
    pub(super) given: Given,
    pub(super) lookup: Lookup,
    pub(super) seen: Seen,
}

impl<P: Provider> Progress<P> {
    pub(super) fn push(&mut self, frame: Bytes) -> Result<(), Rejection> {
        self.check_length()?;
        let (length, limit) = (self.received().saturating_add(frame.len()), self.settings.body_limit);
        if length > limit {
            self.too_large = Some(BodyLengths::too_large(length, self.declared, limit));
            self.frames = Frames::default();
            return self.check_length();
        }
        if let Pending::Running(running) = &mut self.pending {
            running.update(&frame);
        }
        self.frames.push(frame);
        Ok(())
    }

    /// Returns the number of bytes received and kept.
    pub(super) fn received(&self) -> usize {
        self.frames.length()
    }

    /// Rejects a body that exceeded the limit before.
    pub(super) fn check_length(&self) -> Result<(), Rejection> {
        self.too_large.map_or(Ok(()), |lengths| Err(Rejection::of_lengths(RejectionKind::BodyTooLarge, lengths)))
    }

    /// Checks a proof that needs no look-up.
    fn prove(mut self) -> Result<(Verified<P>, Signed), Rejection> {
        self.check_length()?;
        match self.pending {
            Pending::Running(running) => {
                // Joined once the proof held, unless the scheme reads the body: a forged one costs no copy.
                let proven = running.finish(&mut self.frames)?;
                Ok((Verified::new(self.frames.join(), proven, self.noted), self.signed))
            }
            Pending::LookUp(_) => unreachable!("a verification with a look-up is `Deferred`"),
        }
    }

    /// Checks the proof and the age, and reads the event, if no answer has to be awaited.
    pub(super) fn read(self) -> Result<Received<P>, Stop> {
        let settings = Arc::clone(&self.settings);
        let (verified, signed) = self.prove()?;
        signed.stop(&verified, None, &settings)?;
        Ok(read(verified, &settings)?)
    }
}

/// Checks the age of a verified delivery, and reads its event. A body in which no time can be read
/// could be of any age: it reaches no handler.
pub(super) fn read<P: Provider>(verified: Verified<P>, settings: &Settings<P>) -> Result<Received<P>, Rejection> {
    settings.check_body(verified.body())?;
    Ok(Received::read(verified))
}

impl<P: Provider, W> Verification<P, W> {
    pub(super) fn new(progress: Progress<P>) -> Self {
        Self { progress, waits: PhantomData }
    }

    /// Takes the next piece of the body.
    ///
    /// # Errors
    ///
    /// Returns a [`BodyTooLarge`](RejectionKind::BodyTooLarge) rejection if the body is larger than
    /// the limit. Such a body is not kept, and `finish` returns the same rejection.
    pub fn push(&mut self, frame: Bytes) -> Result<(), Rejection> {
        self.progress.push(frame)
    }
}

impl<P: Provider> Verification<P> {
    /// Checks the proof of the complete body.
    ///
    /// # Errors
    ///
    /// Returns a rejection of one of these kinds:
    ///
    /// * [`SignatureMismatch`](RejectionKind::SignatureMismatch);
    /// * [`StaleTimestamp`](RejectionKind::StaleTimestamp), if a time is signed;
    /// * those of a missing or malformed signature, token, field or time, if it is in the body;
    /// * [`BodyTooLarge`](RejectionKind::BodyTooLarge), if [`push`](Self::push) returned it before;
    /// * with an age limit: [`EventTooOld`](RejectionKind::EventTooOld),
    ///   [`EventTimeMissing`](RejectionKind::EventTimeMissing),
    ///   [`EventTimeUnreadable`](RejectionKind::EventTimeUnreadable) or
    ///   [`Undecodable`](RejectionKind::Undecodable).
    pub fn finish(self) -> Result<Verified<P>, Rejection> {
        let settings = Arc::clone(&self.progress.settings);
        let (verified, _) = self.progress.prove()?;
        settings.check_body(verified.body())?;
        Ok(verified)
    }
}

impl<P: Provider> Verification<P, Deferred> {
    /// Checks the proof of the complete body, and reads the event. Depending on the verifier, it
    /// looks up the secrets before and confirms the event after.
    ///
    /// `sleep` returns a future that completes after a duration, like `tokio::time::sleep`.
    ///
    /// # Errors
    ///
    /// Returns a rejection like [`Verification::finish`], or of one of these kinds:
    ///
    /// * [`Undecodable`](RejectionKind::Undecodable);
    /// * from a look-up: [`SecretNotFound`](RejectionKind::SecretNotFound),
    ///   [`AmbiguousId`](RejectionKind::AmbiguousId), [`LookupFailed`](RejectionKind::LookupFailed)
    ///   or [`LookupTimeout`](RejectionKind::LookupTimeout);
    /// * from a confirmation: [`NotConfirmed`](RejectionKind::NotConfirmed),
    ///   [`ConfirmationFailed`](RejectionKind::ConfirmationFailed) or
    ///   [`ConfirmationTimeout`](RejectionKind::ConfirmationTimeout).
    pub async fn finish_async<S: Future<Output = ()>>(
        self,
        sleep: impl Fn(Duration) -> S,
    ) -> Result<Delivery<P>, Rejection> {
        match self.progress.wait(sleep).await {
            Ok(Received::Read(delivery)) => Ok(Arc::unwrap_or_clone(delivery)),
            Ok(Received::Unreadable(unreadable)) => Err(unreadable.rejection().clone()),
            Err(Stop::Rejected(rejection)) => Err(rejection),
            Err(Stop::Answered(_)) => unreachable!("a receiver answers handshakes"),
        }
    }
}

impl<P: Provider, W> fmt::Debug for Verification<P, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verification").field("provider", &P::NAME).finish_non_exhaustive()
    }
}

#[cfg(test)]
#[path = "verification_tests.rs"]
mod tests;
