//! The contract's times: leases and retentions.

use std::time::Duration;

use countersign_core::dedupe::{Claim, ClaimStore, LeaseState, LeaseToken};
use tokio::time::sleep;

use super::{LONG, SHORT, Store, is, key};

impl<S: ClaimStore> Store<S> {
    pub(super) async fn times(&self) {
        self.a_lease_runs_out().await;
        self.a_lease_that_is_renewed_goes_on().await;
        self.a_renewal_counts_from_now().await;
        self.who_lost_the_lease_is_fenced_off().await;
        self.what_is_done_stays_done().await;
        self.a_retention_runs_out().await;
        self.claims_of_what_is_held_change_nothing().await;
        self.the_longest_and_the_shortest_times_are_times().await;
    }

    async fn a_lease_runs_out(&self) {
        let key = key();
        self.claimed(key, SHORT).await;
        sleep(SHORT * 2).await;
        self.claimed(key, LONG).await;
    }

    async fn a_lease_that_is_renewed_goes_on(&self) {
        let key = key();
        let token = self.claimed(key, SHORT * 3).await;
        for _ in 0..4 {
            sleep(SHORT).await;
            is(self.0.renew(key, token, SHORT * 3).await, LeaseState::Held, "a renewal in time");
            is(self.0.claim(key, LeaseToken::unique(), LONG).await, Claim::InFlight, "a claim of what is renewed");
        }
        is(self.0.commit(key, token, LONG).await, LeaseState::Held, "a commit of what was renewed");
    }

    async fn who_lost_the_lease_is_fenced_off(&self) {
        let key = key();
        let lost = self.claimed(key, SHORT).await;
        sleep(SHORT * 2).await;
        is(self.0.renew(key, lost, LONG).await, LeaseState::Lost, "a renewal after the lease");
        is(self.0.commit(key, lost, LONG).await, LeaseState::Lost, "a commit after the lease");
        is(self.0.release(key, lost).await, LeaseState::Lost, "a release after the lease");
        let token = self.claimed(key, LONG).await;
        is(self.0.renew(key, lost, LONG).await, LeaseState::Lost, "a renewal of another's lease");
        is(self.0.commit(key, lost, LONG).await, LeaseState::Lost, "a commit of another's lease");
        is(self.0.release(key, lost).await, LeaseState::Lost, "a release of another's lease");
        is(self.0.claim(key, LeaseToken::unique(), LONG).await, Claim::InFlight, "a claim after all that");
        is(self.0.release(key, token).await, LeaseState::Held, "a release by the holder");
    }

    async fn what_is_done_stays_done(&self) {
        let key = key();
        let token = self.claimed(key, LONG).await;
        is(self.0.commit(key, token, LONG).await, LeaseState::Held, "a commit");
        is(self.0.commit(key, token, SHORT).await, LeaseState::Lost, "a second commit");
        is(self.0.renew(key, token, SHORT).await, LeaseState::Lost, "a renewal of what is done");
        is(self.0.release(key, token).await, LeaseState::Lost, "a release of what is done");
        sleep(SHORT * 2).await;
        is(self.0.claim(key, LeaseToken::unique(), SHORT).await, Claim::Done, "a claim after all that");
    }

    async fn a_retention_runs_out(&self) {
        let key = key();
        let token = self.claimed(key, LONG).await;
        is(self.0.commit(key, token, SHORT).await, LeaseState::Held, "a commit");
        sleep(SHORT * 2).await;
        self.claimed(key, LONG).await;
    }

    async fn a_renewal_counts_from_now(&self) {
        let key = key();
        let token = self.claimed(key, LONG).await;
        is(self.0.renew(key, token, SHORT).await, LeaseState::Held, "a renewal for less than was left");
        sleep(SHORT * 2).await;
        is(self.0.commit(key, token, LONG).await, LeaseState::Lost, "a commit after what was renewed for less");
        self.claimed(key, LONG).await;
    }

    async fn claims_of_what_is_held_change_nothing(&self) {
        let (leased, done, forgotten) = (key(), key(), key());
        self.claimed(leased, SHORT * 3).await;
        let token = self.claimed(forgotten, LONG).await;
        is(self.0.commit(forgotten, token, SHORT * 3).await, LeaseState::Held, "a commit");
        // Done for longer than the lease was.
        let token = self.claimed(done, SHORT).await;
        is(self.0.commit(done, token, LONG).await, LeaseState::Held, "a commit");
        let other = LeaseToken::unique();
        is(self.0.claim(leased, other, LONG).await, Claim::InFlight, "a claim of what is leased");
        is(self.0.claim(forgotten, other, LONG).await, Claim::Done, "a claim of what is done");
        is(self.0.claim(done, other, SHORT).await, Claim::Done, "a claim of what is done");
        sleep(SHORT * 5).await;
        is(self.0.claim(leased, other, LONG).await, Claim::New, "a claim after the lease that was claimed meanwhile");
        is(self.0.claim(forgotten, other, LONG).await, Claim::New, "a claim after the retention, claimed meanwhile");
        is(self.0.claim(done, other, LONG).await, Claim::Done, "a claim of what is done for longer than its lease");
    }

    async fn the_longest_and_the_shortest_times_are_times(&self) {
        let endless = key();
        let token = self.claimed(endless, Duration::MAX).await;
        is(self.0.renew(endless, token, Duration::MAX).await, LeaseState::Held, "a renewal for ever");
        is(
            self.0.claim(endless, LeaseToken::unique(), LONG).await,
            Claim::InFlight,
            "a claim of what is leased for ever",
        );
        is(self.0.release(endless, token).await, LeaseState::Held, "a release of what was leased for ever");
        for time in [Duration::ZERO, Duration::from_nanos(1)] {
            let (leased, done) = (key(), key());
            self.claimed(leased, time).await;
            let token = self.claimed(done, LONG).await;
            is(self.0.commit(done, token, time).await, LeaseState::Held, "a commit for no time");
            sleep(Duration::from_millis(10)).await;
            self.claimed(leased, LONG).await;
            self.claimed(done, LONG).await;
        }
    }
}
