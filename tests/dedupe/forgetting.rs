//! C28: a handled delivery is forgotten when the operator asks for it, and one in flight is not.

use std::time::Duration;

use countersign::{
    Delivery,
    dedupe::{
        Admission, Claim, ClaimStore, Dedupe, DeliveryKey, ForgetErrorKind, Forgotten, Lease, LeaseState, LeaseToken,
        MemoryStore, Outcome, RedisStore, StoreResult,
    },
    providers::{GeoScored, Zeodyn},
};
use tokio::time::sleep;
use tracing::Level;

use crate::{
    capture::Capture,
    convert::documented_as,
    deliveries::{about, verified},
    flawed::{Flaw, Flawed},
    redis::Redis,
};

async fn claimed(dedupe: &Dedupe, delivery: &Delivery<Zeodyn>) -> Lease {
    match dedupe.admit(delivery, sleep).await {
        Admission::Claimed(lease) => lease,
        other => panic!("it is claimed: {other:?}"),
    }
}

async fn handle(dedupe: &Dedupe, delivery: &Delivery<Zeodyn>) {
    claimed(dedupe, delivery).await.hold(async {}, |()| Outcome::Done, sleep).await.unwrap();
}

async fn is_forgotten(dedupe: Dedupe) {
    let (delivery, other) = (about("once more"), about("another"));
    assert_eq!(dedupe.forget(&delivery).await.unwrap(), Forgotten::NotFound);
    handle(&dedupe, &delivery).await;
    handle(&dedupe, &other).await;
    // By whoever has the same store and settings, and by no other.
    for elsewhere in [dedupe.clone().with_namespace("another"), dedupe.clone().with_endpoint("another")] {
        assert_eq!(elsewhere.forget(&delivery).await.unwrap(), Forgotten::NotFound);
    }
    assert!(matches!(dedupe.admit(&delivery, sleep).await, Admission::Duplicate));
    assert_eq!(dedupe.forget(&delivery).await.unwrap(), Forgotten::Removed);
    assert_eq!(dedupe.forget(&delivery).await.unwrap(), Forgotten::NotFound);
    assert!(matches!(dedupe.admit(&other, sleep).await, Admission::Duplicate));

    // The resent delivery is handled, and cannot be forgotten while it is.
    let lease = claimed(&dedupe, &delivery).await;
    let counters = dedupe.counters();
    let before = (counters.committed(), counters.lost());
    let forget = async { assert_eq!(dedupe.forget(&delivery).await.unwrap(), Forgotten::InFlight) };
    lease.hold(forget, |()| Outcome::Done, sleep).await.unwrap();
    assert_eq!((counters.committed(), counters.lost()), (before.0 + 1, before.1));
    assert!(matches!(dedupe.admit(&delivery, sleep).await, Admission::Duplicate));
}

#[tokio::test]
async fn c28_a_handled_delivery_is_forgotten_by_the_store_in_memory() {
    is_forgotten(Dedupe::new(MemoryStore::new())).await;
}

#[tokio::test]
async fn c28_a_handled_delivery_is_forgotten_by_redis() {
    let redis = Redis::start();
    let store = RedisStore::connect(&redis.url).await.unwrap();
    is_forgotten(Dedupe::new(store.with_prefix(&redis.prefix))).await;
}

/// A store of the user's, as the documentation of `ClaimStore` has it: only the four methods.
struct Four(MemoryStore);

impl ClaimStore for Four {
    async fn claim(&self, key: DeliveryKey, token: LeaseToken, lease: Duration) -> StoreResult<Claim> {
        self.0.claim(key, token, lease).await
    }

    async fn renew(&self, key: DeliveryKey, token: LeaseToken, lease: Duration) -> StoreResult<LeaseState> {
        self.0.renew(key, token, lease).await
    }

    async fn commit(&self, key: DeliveryKey, token: LeaseToken, retention: Duration) -> StoreResult<LeaseState> {
        self.0.commit(key, token, retention).await
    }

    async fn release(&self, key: DeliveryKey, token: LeaseToken) -> StoreResult<LeaseState> {
        self.0.release(key, token).await
    }
}

#[tokio::test]
async fn c28_a_store_that_cannot_forget_says_so() {
    let dedupe = Dedupe::new(std::sync::Arc::new(Four(MemoryStore::new())));
    let error = dedupe.forget(&about("a")).await.unwrap_err();
    assert_eq!(error.kind(), ForgetErrorKind::NotSupported);
    assert_eq!(
        error.to_string(),
        "the deduplication store cannot forget a delivery: implement `ClaimStore::forget` for it"
    );
    assert!(std::error::Error::source(&error).is_none());
}

/// What the store says of it is behind it.
#[tokio::test]
async fn c28_a_store_that_is_down_says_so() {
    let dedupe = Dedupe::new(Flawed::new(Flaw::Fails));
    let error = dedupe.forget(&about("a")).await.unwrap_err();
    assert_eq!(error.kind(), ForgetErrorKind::StoreUnavailable);
    assert_eq!(error.to_string(), "the deduplication store could not forget the delivery: try again");
    assert_eq!(std::error::Error::source(&error).unwrap().to_string(), "down");
}

#[tokio::test]
async fn c28_a_test_event_is_not_remembered() {
    let dedupe = Dedupe::new(Four(MemoryStore::new()));
    let test = verified::<GeoScored>(&documented_as::<GeoScored>("scan.test"));
    assert_eq!(dedupe.key(&test), None);
    assert_eq!(dedupe.forget(&test).await.unwrap(), Forgotten::NotFound);
}

#[tokio::test]
async fn c28_c36_what_is_forgotten_and_what_is_a_duplicate_is_logged() {
    let capture = Capture::start();
    let dedupe = Dedupe::new(MemoryStore::new());
    let delivery = about(r"c36\nWARN forged");
    handle(&dedupe, &delivery).await;
    let _ = capture.take();
    assert!(matches!(dedupe.admit(&delivery, sleep).await, Admission::Duplicate));
    assert_eq!(dedupe.forget(&delivery).await.unwrap(), Forgotten::Removed);
    let (traced, _) = capture.take();
    let [duplicate, forgotten] = traced.as_slice() else { panic!("{traced:?}") };
    for (event, message) in
        [(duplicate, "duplicate answered without running the handler"), (forgotten, "asked to forget a delivery")]
    {
        assert_eq!(event.level, Level::INFO);
        assert_eq!(event.field("message"), Some(message));
        assert_eq!(event.field("provider"), Some("zeodyn"));
        assert_eq!(event.field("delivery_id"), Some(r"scan_complete/c36\nWARN forged"));
    }
    assert_eq!(forgotten.field("forgotten"), Some("Removed"));
}
