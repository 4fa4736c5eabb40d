//! The contract's times: leases and retentions.

use std::time::Duration;

use countersign_core::dedupe::{Claim, ClaimStore, LeaseState, LeaseToken};
use tokio::time::sleep;

use super::{LONG, SHORT, Store, is, key};

impl<S: ClaimStore> Store<S> {
    pub(super) async fn times(&self) {
        // At the same time, because they mostly wait.
        tokio::join!(
            self.a_lease_expires(),
            self.a_lease_that_is_renewed_goes_on(),
            self.a_renewal_counts_from_now(),
            self.a_worker_that_lost_its_lease_is_fenced_off(),
            self.a_committed_delivery_stays_committed(),
            self.a_retention_expires(),
            self.claims_of_a_held_delivery_change_nothing(),
            self.the_longest_and_the_shortest_times_are_times(),
        );
    }

    async fn a_lease_expires(&self) {
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
            is(self.0.renew(key, token, SHORT * 3).await, LeaseState::Held, "a renewal before the lease expires");
            is(self.0.claim(key, LeaseToken::unique(), LONG).await, Claim::InFlight, "a claim of a renewed delivery");
        }
        is(self.0.commit(key, token, LONG).await, LeaseState::Held, "a commit of a renewed delivery");
    }

    async fn a_worker_that_lost_its_lease_is_fenced_off(&self) {
        let key = key();
        let lost = self.claimed(key, SHORT).await;
        sleep(SHORT * 2).await;
        is(self.0.renew(key, lost, LONG).await, LeaseState::Lost, "a renewal of an expired lease");
        is(self.0.commit(key, lost, LONG).await, LeaseState::Lost, "a commit of an expired lease");
        is(self.0.release(key, lost).await, LeaseState::Lost, "a release of an expired lease");
        let token = self.claimed(key, LONG).await;
        is(self.0.renew(key, lost, LONG).await, LeaseState::Lost, "a renewal of another's lease");
        is(self.0.commit(key, lost, LONG).await, LeaseState::Lost, "a commit of another's lease");
        is(self.0.release(key, lost).await, LeaseState::Lost, "a release of another's lease");
        is(self.0.claim(key, LeaseToken::unique(), LONG).await, Claim::InFlight, "a claim after calls by others");
        is(self.0.release(key, token).await, LeaseState::Held, "a release by the holder");
    }

    async fn a_committed_delivery_stays_committed(&self) {
        let key = key();
        let token = self.claimed(key, LONG).await;
        is(self.0.commit(key, token, LONG).await, LeaseState::Held, "a commit");
        is(self.0.commit(key, token, SHORT).await, LeaseState::Lost, "a second commit");
        is(self.0.renew(key, token, SHORT).await, LeaseState::Lost, "a renewal of a committed delivery");
        is(self.0.release(key, token).await, LeaseState::Lost, "a release of a committed delivery");
        sleep(SHORT * 2).await;
        is(self.0.claim(key, LeaseToken::unique(), SHORT).await, Claim::Done, "a claim after calls by others");
    }

    async fn a_retention_expires(&self) {
        let key = key();
        let token = self.claimed(key, LONG).await;
        is(self.0.commit(key, token, SHORT).await, LeaseState::Held, "a commit");
        sleep(SHORT * 2).await;
        self.claimed(key, LONG).await;
    }

    async fn a_renewal_counts_from_now(&self) {
        let key = key();
        let token = self.claimed(key, LONG).await;
        is(self.0.renew(key, token, SHORT).await, LeaseState::Held, "a renewal that shortens the lease");
        sleep(SHORT * 2).await;
        is(self.0.commit(key, token, LONG).await, LeaseState::Lost, "a commit of an expired, shortened lease");
        self.claimed(key, LONG).await;
    }

    async fn claims_of_a_held_delivery_change_nothing(&self) {
        let (leased, done, forgotten) = (key(), key(), key());
        self.claimed(leased, SHORT * 3).await;
        let token = self.claimed(forgotten, LONG).await;
        is(self.0.commit(forgotten, token, SHORT * 3).await, LeaseState::Held, "a commit");
        // The retention is longer than the lease was.
        let token = self.claimed(done, SHORT).await;
        is(self.0.commit(done, token, LONG).await, LeaseState::Held, "a commit");
        let other = LeaseToken::unique();
        is(self.0.claim(leased, other, LONG).await, Claim::InFlight, "a claim of a leased delivery");
        is(self.0.claim(forgotten, other, LONG).await, Claim::Done, "a claim of a committed delivery");
        is(self.0.claim(done, other, SHORT).await, Claim::Done, "a claim of a committed delivery");
        sleep(SHORT * 5).await;
        is(
            self.0.claim(leased, other, LONG).await,
            Claim::New,
            "a claim after the lease, which other claims did not extend",
        );
        is(
            self.0.claim(forgotten, other, LONG).await,
            Claim::New,
            "a claim after the retention, which other claims did not extend",
        );
        is(
            self.0.claim(done, other, LONG).await,
            Claim::Done,
            "a claim of a delivery whose retention is longer than its lease was",
        );
    }

    async fn the_longest_and_the_shortest_times_are_times(&self) {
        let endless = key();
        let token = self.claimed(endless, Duration::MAX).await;
        is(self.0.renew(endless, token, Duration::MAX).await, LeaseState::Held, "a renewal for the longest time");
        is(
            self.0.claim(endless, LeaseToken::unique(), LONG).await,
            Claim::InFlight,
            "a claim of a delivery leased for the longest time",
        );
        is(
            self.0.release(endless, token).await,
            LeaseState::Held,
            "a release of a delivery leased for the longest time",
        );
        for time in [Duration::ZERO, Duration::from_nanos(1)] {
            let (leased, done) = (key(), key());
            self.claimed(leased, time).await;
            let token = self.claimed(done, LONG).await;
            is(self.0.commit(done, token, time).await, LeaseState::Held, "a commit for the shortest time");
            sleep(Duration::from_millis(10)).await;
            self.claimed(leased, LONG).await;
            self.claimed(done, LONG).await;
        }
    }
}
