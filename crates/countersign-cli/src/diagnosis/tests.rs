//! Whatever is changed, a delivery verifies only with its own secret and request.

use countersign_core::providers::{GeoScored, ScreenshotCenter, ScreenshotRun, Zeodyn};
use countersign_testkit::{Documented, sign};
use proptest::prelude::*;

use super::{Delivered, Report, diagnose};
use crate::{capture::Captured, catalog::ENTRIES, secret::SecretInput};

const SECRET: &[u8] = b"Kq7vRw2-mN_4tZ8x";

fn input(bytes: &[u8]) -> SecretInput {
    SecretInput { bytes: bytes.to_vec().into(), origin: "the secret in X".to_owned() }
}

fn report<P: Documented>(secret: &[u8], previous: &[SecretInput], capture: Vec<u8>) -> Option<Report> {
    let captured = Captured::from_request(capture).ok()?;
    let entry = ENTRIES.iter().find(|entry| entry.page.name == P::NAME)?;
    let secret = input(secret);
    Some(diagnose(&Delivered { entry, captured: &captured, secret: &secret, previous, url: None, at: None }))
}

fn capture<P: Documented>() -> Vec<u8> {
    let body = P::PAYLOADS[0].1;
    let proof = sign::<P>(SECRET, body);
    let query = proof.query().map(|query| format!("?{query}")).unwrap_or_default();
    let headers: String = proof.headers().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    format!("POST /h{query} HTTP/1.1\r\n{headers}\r\n{body}").into_bytes()
}

/// A change of some bytes that may leave everything as it was.
#[derive(Clone, Debug)]
struct Change {
    at: prop::sample::Index,
    removed: usize,
    added: Vec<u8>,
}

fn change() -> impl Strategy<Value = Change> {
    (any::<prop::sample::Index>(), 0_usize..4, prop::collection::vec(any::<u8>(), 0..4))
        .prop_map(|(at, removed, added)| Change { at, removed, added })
}

impl Change {
    fn of(&self, bytes: &[u8]) -> Vec<u8> {
        let at = self.at.index(bytes.len());
        let mut changed = bytes.to_vec();
        changed.splice(at..bytes.len().min(at + self.removed), self.added.iter().copied());
        changed
    }
}

/// `HMAC` hashes a key of up to 64 bytes padded with zeros.
fn is_other_key(one: &[u8], other: &[u8]) -> bool {
    let unpadded = |key: &[u8]| key.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
    one[..unpadded(one)] != other[..unpadded(other)]
}

fn another_secret_never_verifies<P: Documented>(change: &Change) -> Result<(), TestCaseError> {
    let secret = change.of(SECRET);
    if !secret.is_empty() && is_other_key(&secret, SECRET) {
        for previous in [vec![], vec![input(SECRET)]] {
            let report = report::<P>(&secret, &previous, capture::<P>()).unwrap();
            prop_assert!(!report.verified && !report.causes.is_empty());
        }
    }
    Ok(())
}

/// It verifies if the verifier says so of the same bytes, and never if a signed body changed.
fn another_request_never_verifies<P: Documented>(change: &Change) -> Result<(), TestCaseError> {
    let original = capture::<P>();
    let changed = change.of(&original);
    let Some(report) = report::<P>(SECRET, &[], changed.clone()) else { return Ok(()) };
    let read = |bytes| Captured::from_request(bytes).ok();
    let (Some(original), Some(changed)) = (read(original), read(changed)) else { return Ok(()) };
    let secret = countersign_core::Secret::new(SECRET).unwrap();
    let verified = countersign_core::Verifier::<P>::new(secret).verify_only(&changed, changed.body().clone());
    prop_assert_eq!(report.verified, verified.is_ok());
    if P::SCHEME.covers_body() && original.body() != changed.body() {
        prop_assert!(!report.verified);
    }
    prop_assert!(report.verified || !report.causes.is_empty());
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn another_secret(change in change()) {
        another_secret_never_verifies::<Zeodyn>(&change)?;
        another_secret_never_verifies::<GeoScored>(&change)?;
        another_secret_never_verifies::<ScreenshotRun>(&change)?;
    }

    #[test]
    fn another_request(change in change()) {
        another_request_never_verifies::<Zeodyn>(&change)?;
        another_request_never_verifies::<ScreenshotCenter>(&change)?;
        another_request_never_verifies::<ScreenshotRun>(&change)?;
    }

    #[test]
    fn any_request(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let request = [b"POST /?token=a HTTP/1.1\nx-zeodyn-signature: 00\n", bytes.as_slice()].concat();
        for report in [report::<Zeodyn>(SECRET, &[], request.clone()), report::<ScreenshotRun>(SECRET, &[], request)] {
            prop_assert!(report.is_none_or(|report| !report.verified));
        }
    }
}

#[test]
fn the_original_verifies() {
    assert!(report::<Zeodyn>(SECRET, &[], capture::<Zeodyn>()).unwrap().verified);
    assert!(report::<ScreenshotRun>(SECRET, &[], capture::<ScreenshotRun>()).unwrap().verified);
}
