//! What a store forgets when it is asked to, if it can.

use countersign_core::dedupe::{Claim, ClaimStore, ForgetError, ForgetErrorKind, Forgotten, LeaseState, LeaseToken};

use super::{LONG, Store, is, key};

impl<S: ClaimStore> Store<S> {
    pub(super) async fn what_is_forgotten_can_be_claimed_again(&self) {
        let (key, other) = (key(), key());
        match self.0.forget(key).await {
            Err(error) if error.downcast_ref().is_some_and(is_not_supported) => return,
            unknown => is(unknown, Forgotten::NotFound, "to forget a delivery that the store does not know"),
        }
        let (token, of_other) = (self.claimed(key, LONG).await, self.claimed(other, LONG).await);
        is(self.0.commit(other, of_other, LONG).await, LeaseState::Held, "a commit of another delivery");
        is(self.0.forget(key).await, Forgotten::InFlight, "to forget a delivery in flight");
        is(self.0.claim(key, LeaseToken::unique(), LONG).await, Claim::InFlight, "a claim of a delivery in flight");
        is(self.0.commit(key, token, LONG).await, LeaseState::Held, "a commit after a forget while it was in flight");
        is(self.0.forget(key).await, Forgotten::Removed, "to forget a handled delivery");
        is(self.0.forget(key).await, Forgotten::NotFound, "to forget a delivery twice");
        is(
            self.0.claim(other, LeaseToken::unique(), LONG).await,
            Claim::Done,
            "a claim of a delivery that was not forgotten",
        );
        let again = self.claimed(key, LONG).await;
        is(self.0.renew(key, token, LONG).await, LeaseState::Lost, "a renewal with the token of a forgotten delivery");
        is(self.0.release(key, again).await, LeaseState::Held, "a release of a delivery that was forgotten before");
        is(self.0.forget(key).await, Forgotten::NotFound, "to forget a released delivery");
    }
}

fn is_not_supported(error: &ForgetError) -> bool {
    error.kind() == ForgetErrorKind::NotSupported
}
