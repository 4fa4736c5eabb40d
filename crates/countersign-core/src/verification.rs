//! A verification under way: the body, the proof, and whoever else has to be asked.

use std::{fmt, future::Future, time::Duration};

use bytes::Bytes;

use crate::{
    age::MaxAge,
    body::Frames,
    confirmation::{Confirmer, UnconfirmedDelivery, Verdict},
    delivery::Delivery,
    error::{VerifyError, VerifyErrorKind},
    event::{Event, peek},
    head::RequestHead,
    lookup::{Lookup, UnverifiedDelivery, UnverifiedId},
    proof::{self, Given, Pending},
    provider::Provider,
    trust::Trust,
    wait::ask,
};

/// A verification under way: the head was in order, the body is still coming.
///
/// Every frame is hashed as it arrives, and kept as it is; they are joined once, after the proof held.
#[must_use = "nothing is verified before `finish`"]
pub struct Verification<P: Provider> {
    pub(crate) pending: Pending,
    pub(crate) frames: Frames,
    pub(crate) body_limit: usize,
    pub(crate) is_too_large: bool,
    pub(crate) unverified_timestamp: Option<u64>,
    pub(crate) max_age: Option<MaxAge>,
    pub(crate) confirmer: Option<Confirmer<P>>,
    pub(crate) lookup_timeout: Duration,
    pub(crate) confirmation_timeout: Duration,
}

impl<P: Provider> Verification<P> {
    /// Takes the next piece of the body.
    ///
    /// # Errors
    ///
    /// [`BodyTooLarge`](VerifyErrorKind::BodyTooLarge) if the body has become larger than the limit. Nothing is kept of
    /// such a body, and [`finish`](Self::finish) fails likewise.
    pub fn push(&mut self, frame: Bytes) -> Result<(), VerifyError> {
        let is_within = self.frames.length_with(frame.len()).is_some_and(|length| length <= self.body_limit);
        if self.is_too_large || !is_within {
            self.is_too_large = true;
            self.frames = Frames::default();
            return Err(VerifyErrorKind::BodyTooLarge.into());
        }
        if let Pending::Mac { macs, .. } = &mut self.pending {
            macs.update(&frame);
        }
        self.frames.push(frame);
        Ok(())
    }

    /// Whether somebody has to be asked once the body is whole, so that [`finish_async`](Self::finish_async) it is.
    pub fn must_wait(&self) -> bool {
        self.confirmer.is_some() || matches!(self.pending, Pending::LookUp { .. })
    }

    /// The body is whole: checks the proof, and joins the body if it holds.
    ///
    /// # Errors
    ///
    /// [`SignatureMismatch`](VerifyErrorKind::SignatureMismatch); [`BodyTooLarge`](VerifyErrorKind::BodyTooLarge) if
    /// [`push`](Self::push) said so before; [`NotAwaited`](VerifyErrorKind::NotAwaited) if it [must
    /// wait](Self::must_wait).
    pub fn finish(self) -> Result<Delivery<P>, VerifyError> {
        if self.is_too_large {
            return Err(VerifyErrorKind::BodyTooLarge.into());
        }
        if self.confirmer.is_some() {
            return Err(VerifyErrorKind::NotAwaited.into());
        }
        let matched = match self.pending {
            Pending::Proven(matched) => matched,
            Pending::Mac { tag, macs, keys } => {
                keys.matched(macs.verify(&tag).ok_or(VerifyErrorKind::SignatureMismatch)?)
            }
            Pending::LookUp { .. } => return Err(VerifyErrorKind::NotAwaited.into()),
        };
        Delivery::proven(self.frames.join(), matched, self.unverified_timestamp, self.max_age.as_ref())
    }

    /// The body is whole: looks the secrets up where that is asked for, checks the proof, joins the body if it holds, and
    /// has it confirmed where that is asked for.
    ///
    /// `head` is the head that was checked. `sleep` makes a future that is ready after a time: `tokio::time::sleep`.
    ///
    /// # Errors
    ///
    /// Those of [`finish`](Self::finish) but the last; [`SecretNotFound`](VerifyErrorKind::SecretNotFound),
    /// [`AmbiguousId`](VerifyErrorKind::AmbiguousId), [`LookupFailed`](VerifyErrorKind::LookupFailed) and
    /// [`LookupTimeout`](VerifyErrorKind::LookupTimeout) of a look-up; [`NotConfirmed`](VerifyErrorKind::NotConfirmed),
    /// [`ConfirmationFailed`](VerifyErrorKind::ConfirmationFailed) and
    /// [`ConfirmationTimeout`](VerifyErrorKind::ConfirmationTimeout) of a confirmation; and, where the event has to be
    /// known for either, [`Undecodable`](VerifyErrorKind::Undecodable).
    pub async fn finish_async<S: Future<Output = ()>>(
        mut self,
        head: &(impl RequestHead + Sync),
        sleep: impl Fn(Duration) -> S,
    ) -> Result<Delivery<P>, VerifyError> {
        let confirmer = self.confirmer.take();
        let confirmation_timeout = self.confirmation_timeout;
        let delivery = match self.pending {
            Pending::LookUp { given, lookup } if !self.is_too_large => {
                let (frames, max_age, time) = (self.frames, self.max_age.as_ref(), sleep(self.lookup_timeout));
                looked_up(&given, &lookup, frames, head, self.unverified_timestamp, max_age, time).await?
            }
            _ => self.finish()?,
        };
        match confirmer {
            Some(confirmer) => confirmed(delivery, &confirmer, sleep(confirmation_timeout)).await,
            None => Ok(delivery),
        }
    }
}

/// Looks the secrets up, and holds the proof against them.
async fn looked_up<P: Provider>(
    given: &Given,
    lookup: &Lookup,
    frames: Frames,
    head: &(impl RequestHead + Sync),
    unverified_timestamp: Option<u64>,
    max_age: Option<&MaxAge>,
    time: impl Future<Output = ()>,
) -> Result<Delivery<P>, VerifyError> {
    let (matched, id) = {
        let start = frames.start(peek::LIMIT);
        let id = UnverifiedId::new();
        let unverified = UnverifiedDelivery::new(head, &start, P::Event::id_paths, &id);
        let found = ask(
            async { lookup.look_up(unverified).await },
            time,
            VerifyErrorKind::LookupFailed,
            VerifyErrorKind::LookupTimeout,
        )
        .await?;
        let matched = given.verify(&frames, found)?;
        (matched, id.get().map(|id| id.as_deref().map(str::to_owned)))
    };
    let delivery = Delivery::<P>::proven(frames.join(), matched, unverified_timestamp, max_age)?;
    match id {
        // The secret is the one of this resource: the event must not be about another.
        Some(id) => {
            let event = delivery.decode()?;
            if event.resource_id() != id.as_deref() {
                return Err(VerifyErrorKind::AmbiguousId.into());
            }
            Ok(delivery.with_event(event, proof::trust::<P>()))
        }
        None => Ok(delivery),
    }
}

/// Has a delivery confirmed whose proof held.
async fn confirmed<P: Provider>(
    delivery: Delivery<P>,
    confirmer: &Confirmer<P>,
    time: impl Future<Output = ()>,
) -> Result<Delivery<P>, VerifyError> {
    let unconfirmed = UnconfirmedDelivery::new(delivery.decode()?, delivery.matched_secret().clone());
    let verdict = ask(
        async { confirmer.confirm(unconfirmed).await },
        time,
        VerifyErrorKind::ConfirmationFailed,
        VerifyErrorKind::ConfirmationTimeout,
    );
    match verdict.await? {
        Verdict::Confirmed(event) => {
            let trust = delivery.trust().max(Trust::Confirmed);
            Ok(delivery.with_event(event, trust))
        }
        Verdict::Denied => Err(VerifyErrorKind::NotConfirmed.into()),
    }
}

impl<P: Provider> fmt::Debug for Verification<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verification").field("provider", &P::NAME).finish_non_exhaustive()
    }
}

#[cfg(test)]
#[path = "verification_tests.rs"]
mod tests;
