//! What the tests of the stores on SQL store.

use bytes::Bytes;
use countersign_core::{dedupe::LeaseToken, seal::SealedColumns};

use crate::{
    error::{StoreError, StoreErrorKind},
    store::{ClaimRequest, Incoming, Intake, Stored},
};

/// When the tests begin.
pub(crate) const NOW: i64 = 1_800_000_000_000;
pub(crate) const PROVIDER: &str = "stripe";

pub(crate) fn columns(number: u64) -> SealedColumns {
    let mut key = [0; 32];
    key[..8].copy_from_slice(&number.to_be_bytes());
    SealedColumns {
        key: key.into(),
        provider: PROVIDER.into(),
        tenant: None,
        event: "charge.succeeded".into(),
        resource: None,
        received_at: NOW,
        body: Some(Bytes::from(format!("{{\"number\":{number}}}"))),
        confirmed: None,
        meta: Bytes::from_static(b"{}"),
        seal: Bytes::from_static(b"seal"),
    }
}

pub(crate) fn incoming(number: u64) -> Incoming {
    Incoming::new(columns(number).into(), NOW + 1_000)
}

pub(crate) fn request(at_most: usize) -> ClaimRequest {
    let mut request = ClaimRequest::new(token(1), NOW, std::time::Duration::from_secs(60), at_most);
    request.providers = vec![(PROVIDER.into(), usize::MAX)];
    request
}

pub(crate) fn token(number: u8) -> LeaseToken {
    [number; 16].into()
}

pub(crate) async fn store(store: &impl Intake, number: u64) -> Stored {
    store.store(incoming(number)).await.unwrap()
}

/// Checks an error, word for word.
#[track_caller]
pub(crate) fn says<T>(found: Result<T, StoreError>, kind: StoreErrorKind, text: &str) {
    let Err(error) = found else { panic!("expected an error: {text}") };
    assert_eq!((error.to_string(), error.kind()), (text.to_owned(), kind), "{error:?}");
}
