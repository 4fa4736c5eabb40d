//! The contract's races: calls that start together.

use std::sync::Arc;

use countersign_core::dedupe::{Claim, ClaimStore, DeliveryKey, LeaseState, LeaseToken};
use tokio::{sync::Barrier, task::JoinSet, time::sleep};

use super::{LONG, SHORT, Store, is, key};

const RACES: usize = 20;
const RUNNERS: usize = 20;

impl<S: ClaimStore> Store<S> {
    pub(super) async fn races(&self) {
        self.of_many_claims_at_once_one_is_new().await;
        self.of_many_claims_of_an_expired_lease_one_is_new().await;
        self.of_many_commits_and_releases_at_once_one_holds_the_lease().await;
        self.a_renewal_at_the_end_changes_nothing().await;
    }

    async fn of_many_claims_at_once_one_is_new(&self) {
        for _ in 0..RACES {
            self.one_of_many_claims(key()).await;
        }
    }

    async fn of_many_claims_of_an_expired_lease_one_is_new(&self) {
        let mut keys = Vec::new();
        for _ in 0..RACES {
            let key = key();
            self.claimed(key, SHORT).await;
            keys.push(key);
        }
        sleep(SHORT * 2).await;
        for key in keys {
            self.one_of_many_claims(key).await;
        }
    }

    async fn one_of_many_claims(&self, key: DeliveryKey) {
        let claims = self.at_once(move |store, _| async move {
            let token = LeaseToken::unique();
            let claim = store.claim(key, token, LONG).await.map_err(|error| error.to_string());
            (claim, token)
        });
        let claims = claims.await;
        let new: Vec<LeaseToken> =
            claims.iter().filter(|(claim, _)| *claim == Ok(Claim::New)).map(|(_, token)| *token).collect();
        let in_flight = claims.iter().filter(|(claim, _)| *claim == Ok(Claim::InFlight)).count();
        assert!(
            new.len() == 1 && in_flight == RUNNERS.saturating_sub(1),
            "of {RUNNERS} concurrent claims, exactly one must be new: {claims:?}"
        );
        for token in new {
            is(self.0.renew(key, token, LONG).await, LeaseState::Held, "a renewal by the holder");
        }
    }

    async fn of_many_commits_and_releases_at_once_one_holds_the_lease(&self) {
        for _ in 0..RACES {
            let key = key();
            let token = self.claimed(key, LONG).await;
            let ends = self.at_once(move |store, number| async move {
                let is_commit = number % 2 == 0;
                let end =
                    if is_commit { store.commit(key, token, LONG).await } else { store.release(key, token).await };
                (is_commit, end.map_err(|error| error.to_string()))
            });
            let ends = ends.await;
            let mut held = ends.iter().filter(|(_, held)| *held == Ok(LeaseState::Held));
            let (Some((is_commit, _)), None) = (held.next(), held.next()) else {
                panic!("of {RUNNERS} concurrent commits and releases, exactly one must succeed: {ends:?}");
            };
            let expected = if *is_commit { Claim::Done } else { Claim::New };
            is(
                self.0.claim(key, LeaseToken::unique(), LONG).await,
                expected,
                "a claim after the commit or release that succeeded",
            );
        }
    }

    async fn a_renewal_at_the_end_changes_nothing(&self) {
        for race in 0..RACES {
            let key = key();
            let token = self.claimed(key, LONG).await;
            let is_commit = race % 2 == 0;
            let calls = self.at_once(move |store, number| async move {
                let call = match (number % 4, is_commit) {
                    (1, true) => store.commit(key, token, LONG).await,
                    (1, false) => store.release(key, token).await,
                    _ => store.renew(key, token, LONG).await,
                };
                (number % 4 == 1, call.map_err(|error| error.to_string()))
            });
            let calls = calls.await;
            let held = calls.iter().filter(|(is_end, held)| *is_end && *held == Ok(LeaseState::Held)).count();
            assert!(held == 1, "of several commits or releases during renewals, exactly one must succeed: {calls:?}");
            let expected = if is_commit { Claim::Done } else { Claim::New };
            is(
                self.0.claim(key, LeaseToken::unique(), LONG).await,
                expected,
                "a claim after a commit or release during renewals",
            );
        }
    }

    /// Starts calls together and returns their answers.
    async fn at_once<T, F>(&self, call: impl Fn(Arc<S>, usize) -> F) -> Vec<T>
    where
        T: Send + 'static,
        F: Future<Output = T> + Send + 'static,
    {
        let start = Arc::new(Barrier::new(RUNNERS));
        let mut calls = JoinSet::new();
        for number in 0..RUNNERS {
            let (start, call) = (Arc::clone(&start), call(Arc::clone(&self.0), number));
            calls.spawn(async move {
                start.wait().await;
                call.await
            });
        }
        calls.join_all().await
    }
}
