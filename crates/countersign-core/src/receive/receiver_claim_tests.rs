//! Claims: equal deliveries.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use super::*;
use crate::dedupe::{
    Admission, Claim, ClaimStore, DELIVERY_HEADER, DUPLICATE, DeliveryKey, Lease, LeaseState, LeaseToken, Outcome,
    StoreResult,
};

/// The holder of each claim; `None` once the delivery is committed. Nothing expires.
#[derive(Default)]
pub(super) struct Memory(Mutex<HashMap<DeliveryKey, Option<LeaseToken>>>);

impl Memory {
    /// Sets what is known of a delivery, if `token` holds its lease.
    fn end(&self, key: DeliveryKey, token: LeaseToken, is_done: bool) -> LeaseState {
        let mut claims = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if claims.get(&key) != Some(&Some(token)) {
            return LeaseState::Lost;
        }
        if is_done {
            claims.insert(key, None)
        } else {
            claims.remove(&key)
        };
        LeaseState::Held
    }
}

impl ClaimStore for Memory {
    async fn claim(&self, key: DeliveryKey, token: LeaseToken, _: Duration) -> StoreResult<Claim> {
        let mut claims = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match claims.get(&key) {
            Some(Some(_)) => Ok(Claim::InFlight),
            Some(None) => Ok(Claim::Done),
            None => {
                claims.insert(key, Some(token));
                Ok(Claim::New)
            }
        }
    }

    async fn renew(&self, _: DeliveryKey, _: LeaseToken, _: Duration) -> StoreResult<LeaseState> {
        Ok(LeaseState::Held)
    }

    async fn commit(&self, key: DeliveryKey, token: LeaseToken, _: Duration) -> StoreResult<LeaseState> {
        Ok(self.end(key, token, true))
    }

    async fn release(&self, key: DeliveryKey, token: LeaseToken) -> StoreResult<LeaseState> {
        Ok(self.end(key, token, false))
    }
}

pub(super) fn once<P: Provider>() -> Receiver<P> {
    plain::<P>().with_dedupe(Memory::default().into())
}

pub(super) fn leased<P: Provider>(next: Next<P>) -> Lease {
    match next {
        Next::Handle(_, Some(lease)) => lease,
        other => unreachable!("it is handled with a lease: {other:?}"),
    }
}

/// Ends a lease as after a handler.
async fn end(lease: Lease, outcome: Outcome) {
    lease.hold(async {}, |()| outcome, sleep).await.unwrap();
}

/// GeoScored's test event.
pub(super) const TEST: &str = r#"{"event":"scan.test","scan_id":"test_00000000"}"#;

fn is_in_flight(answer: &Answer) {
    assert_eq!((kind(answer), answer.status()), (RejectionKind::InFlight, 409));
    assert!(answer.headers().contains(&("retry-after", "5")));
}

#[tokio::test]
async fn i3_a_handled_delivery_is_a_duplicate_and_an_equal_one_in_flight_waits() {
    let receiver = once::<GeoScored>();
    let (next, is_ready) = finish(&receiver, &head::<GeoScored>(SCAN), SCAN).await;
    assert!(!is_ready, "a claim is awaited");
    let lease = leased(next);
    is_in_flight(&answered(genuine(&receiver, SCAN).await));
    end(lease, Outcome::Done).await;

    // The same event about the same resource, whatever else the body says.
    for body in [SCAN, r#"{"scan_id":"abc", "event":"scan.completed", "url":"https://example.com"}"#] {
        let answer = answered(genuine(&receiver.clone(), body).await);
        assert!(matches!(answer.why(), Why::Duplicate), "{answer:?}");
        assert_eq!((answer.status(), answer.headers()), (200, [(DELIVERY_HEADER, DUPLICATE)].as_slice()));
        assert_eq!((answer.body().is_empty(), answer.to_string().as_str()), (true, "the delivery is a duplicate"));
    }
    end(leased(genuine(&receiver, &SCAN.replace("abc", "other")).await), Outcome::Done).await;
}

#[tokio::test]
async fn i2_a_delivery_whose_handler_failed_runs_again() {
    let receiver = once::<GeoScored>();
    for _ in 0..2 {
        end(leased(genuine(&receiver, SCAN).await), Outcome::NotDone).await;
    }
    end(leased(genuine(&receiver, SCAN).await), Outcome::Done).await;
    assert!(matches!(answered(genuine(&receiver, SCAN).await).why(), Why::Duplicate));
}

/// I4: nothing unverified causes a claim.
#[tokio::test]
async fn i4_a_forged_delivery_claims_nothing() {
    let receiver = once::<GeoScored>();
    let forged = answered(finish(&receiver, &head::<GeoScored>("another body"), SCAN).await.0);
    assert_eq!(kind(&forged), RejectionKind::SignatureMismatch);
    end(leased(genuine(&receiver, SCAN).await), Outcome::Done).await;
}

#[tokio::test]
async fn an_unreadable_body_is_claimed_by_its_bytes() {
    let receiver = once::<GeoScored>();
    let lease = match genuine(&receiver, "nonsense").await {
        Next::Handle(Received::Unreadable(_), Some(lease)) => lease,
        other => unreachable!("it is handled with a lease: {other:?}"),
    };
    is_in_flight(&answered(genuine(&receiver, "nonsense").await));
    end(leased(genuine(&receiver, "nonsense ").await), Outcome::Done).await;
    // It was answered with 422, and is retried.
    end(lease, Outcome::NotDone).await;
    end(leased(genuine(&receiver, "nonsense").await), Outcome::Done).await;
    assert!(matches!(answered(genuine(&receiver, "nonsense").await).why(), Why::Duplicate));
}

#[tokio::test]
async fn test_events_are_never_duplicates() {
    let receiver = once::<GeoScored>();
    for _ in 0..2 {
        end(leased(genuine(&receiver, TEST).await), Outcome::Done).await;
    }
}

/// With a look-up, a confirmation and a claim, in this order.
#[tokio::test]
async fn what_is_confirmed_is_what_is_claimed() {
    let verifier = looked_up().with_confirmation(|delivery: UnconfirmedDelivery<ScreenshotRun>| {
        let is_known = delivery.event().resource_id() == Some("abc");
        ready(Ok::<_, Rejection>(if is_known { Verdict::Confirmed(delivery.into_event()) } else { Verdict::Denied }))
    });
    let receiver = Receiver::from(verifier).with_dedupe(Memory::default().into());
    for _ in 0..2 {
        let denied = answered(genuine(&receiver, &RUN.replace("abc", "other")).await);
        assert_eq!(kind(&denied), RejectionKind::NotConfirmed);
    }
    let lease = leased(genuine(&receiver, RUN).await);
    is_in_flight(&answered(genuine(&receiver, RUN).await));
    end(lease, Outcome::Done).await;
    assert!(matches!(answered(genuine(&receiver, RUN).await).why(), Why::Duplicate));
}

/// A store that cannot answer.
pub(super) struct Down;

impl ClaimStore for Down {
    async fn claim(&self, _: DeliveryKey, _: LeaseToken, _: Duration) -> StoreResult<Claim> {
        Err("no connection".into())
    }

    async fn renew(&self, _: DeliveryKey, _: LeaseToken, _: Duration) -> StoreResult<LeaseState> {
        unreachable!("there is no lease")
    }

    async fn commit(&self, _: DeliveryKey, _: LeaseToken, _: Duration) -> StoreResult<LeaseState> {
        unreachable!("there is no lease")
    }

    async fn release(&self, _: DeliveryKey, _: LeaseToken) -> StoreResult<LeaseState> {
        unreachable!("there is no lease")
    }
}

/// I5: if the store cannot decide, the delivery is rejected, and retried.
#[tokio::test]
async fn i5_a_store_that_cannot_answer_is_answered_with_503() {
    let receiver = plain::<GeoScored>().with_dedupe(Down.into());
    let answer = answered(genuine(&receiver, SCAN).await);
    assert_eq!((kind(&answer), answer.status()), (RejectionKind::StoreUnavailable, 503));
    assert!(answer.headers().contains(&("retry-after", "5")));
}

/// Without an adapter, a delivery of the verifier is claimed by hand, and meets those of a
/// receiver.
#[tokio::test]
async fn a_verified_delivery_can_be_claimed_by_hand() {
    let dedupe = Dedupe::new(Memory::default());
    let receiver = plain::<GeoScored>().with_dedupe(dedupe.clone());
    let delivery = Verifier::<GeoScored>::new("s3cr3t").verify(&head::<GeoScored>(SCAN), SCAN).unwrap();
    let lease = match dedupe.admit(&delivery, sleep).await {
        Admission::Claimed(lease) => lease,
        other => unreachable!("it is claimed: {other:?}"),
    };
    is_in_flight(&answered(genuine(&receiver, SCAN).await));
    end(lease, Outcome::Done).await;
    assert!(matches!(dedupe.admit(&delivery, sleep).await, Admission::Duplicate));
    assert!(matches!(answered(genuine(&receiver, SCAN).await).why(), Why::Duplicate));
}
