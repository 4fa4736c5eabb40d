//! The end of a verification that has to wait: for a look-up of the secrets, for a confirmation of
//! the event.

use std::{future::Future, sync::Arc, time::Duration};

use super::{
    confirmation::{UnconfirmedDelivery, Verdict},
    delivery::{Delivery, Verified},
    extraction::Received,
    handshake::Stop,
    settings::Settings,
    unverified::{UnverifiedDelivery, UnverifiedId},
    verification::{LookUp, Pending, Progress, read},
};
use crate::{
    error::{Rejection, RejectionKind},
    event::envelope::{self, Paths},
    handshake::check::has_mac,
    proof::{Frames, Proven},
    provider::Provider,
    secret::Secrets,
    wait::ask,
};

impl<P: Provider> Progress<P> {
    pub(super) async fn wait<S: Future<Output = ()>>(self, sleep: impl Fn(Duration) -> S) -> Result<Received<P>, Stop> {
        let settings = Arc::clone(&self.settings);
        let read = match self.pending {
            Pending::LookUp(look_up) if self.too_large.is_none() => {
                let mut frames = self.frames;
                let (start, id) = (frames.start(envelope::LIMIT), UnverifiedId::new());
                let unverified = UnverifiedDelivery::new(&look_up.seen, &start, Paths::of::<P::Event>(), &id);
                let (proven, found) = look_up.prove(unverified, &mut frames, &settings, &sleep).await?;
                let verified = Verified::new(frames.join(), proven, self.noted);
                self.signed.stop(&verified, found.as_ref(), &settings)?;
                let read = read(verified, &settings)?;
                // The secret is the one of this resource: the event must not be about another.
                match (&read, id.get()) {
                    (Received::Read(delivery), Some(id)) if delivery.resource_id() != id.as_deref() => {
                        return Err(Rejection::new(RejectionKind::AmbiguousId).into());
                    }
                    // Nor may a body that cannot be read: the handler could read another resource's
                    // ID in it.
                    (Received::Unreadable(unreadable), Some(id))
                        if !envelope::is_about(
                            unreadable.verified().body(),
                            Paths::of::<P::Event>(),
                            id.as_deref(),
                        ) =>
                    {
                        return Err(unreadable.rejection().clone().into());
                    }
                    _ => read,
                }
            }
            _ => self.read()?,
        };
        Ok(confirmed(read, &settings, sleep).await?)
    }
}

impl LookUp {
    /// Looks the secrets up, and checks the proof. Returns the secrets, too, if a handshake is answered
    /// with one of them.
    async fn prove<'a, P: Provider, S: Future<Output = ()>>(
        &'a self,
        unverified: UnverifiedDelivery<'a>,
        frames: &mut Frames,
        settings: &Settings<P>,
        sleep: &impl Fn(Duration) -> S,
    ) -> Result<(Proven, Option<Secrets>), Rejection> {
        let (look_up, time) = (async { self.lookup.look_up(unverified).await }, sleep(settings.lookup_timeout));
        let found = ask(look_up, time, RejectionKind::LookupFailed, RejectionKind::LookupTimeout).await?;
        let kept = if const { has_mac(P::HANDSHAKES) } { found.clone() } else { None };
        let proven = self.given.verify(frames, found, settings.url.as_ref(), P::NAME)?;
        Ok((proven, kept))
    }
}

/// Has a verified delivery confirmed, if that is asked for.
async fn confirmed<P: Provider, S: Future<Output = ()>>(
    received: Received<P>,
    settings: &Settings<P>,
    sleep: impl Fn(Duration) -> S,
) -> Result<Received<P>, Rejection> {
    let Some(confirmer) = &settings.confirmer else { return Ok(received) };
    let delivery = match received {
        Received::Read(delivery) => Arc::unwrap_or_clone(delivery),
        // It has no event that could be confirmed. A handler sees it only if the proof is enough without.
        Received::Unreadable(unreadable) if unreadable.verified().trust().is_below(settings.minimum_trust) => {
            return Err(unreadable.rejection().clone());
        }
        unreadable @ Received::Unreadable(_) => return Ok(unreadable),
    };
    let (verified, event) = delivery.into_parts();
    let unconfirmed = UnconfirmedDelivery::new(event, verified.matched_secret().clone());
    let verdict = ask(
        async { confirmer.confirm(unconfirmed).await },
        sleep(settings.confirmation_timeout),
        RejectionKind::ConfirmationFailed,
        RejectionKind::ConfirmationTimeout,
    );
    match verdict.await? {
        Verdict::Confirmed(event) => Ok(Received::Read(Arc::new(Delivery::confirmed(verified, event)))),
        Verdict::Denied => Err(Rejection::new(RejectionKind::NotConfirmed)),
    }
}
