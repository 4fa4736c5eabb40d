//! T2: whether an id is known does not show in how much is hashed. What is counted are calls of the compression function.

use super::*;
use crate::{SecretMap, signature::counting_hash::compressions};

const SIZES: [usize; 8] = [0, 1, 55, 56, 64, 1024, 40 * 1024, 100 * 1024];
const FRAMES: [usize; 6] = [1, 7, 64, 1000, 33 * 1024, usize::MAX];

/// What HMAC-SHA256 of `length` bytes costs: both pads of the key, the padded message, and the inner hash.
fn hmac(length: usize) -> u64 {
    2 + u64::try_from((length + 9).div_ceil(64)).unwrap() + 1
}

/// The compressions of one delivery in frames of `frame` bytes, and what became of it.
async fn work(
    verifier: &Verifier<GeoScored>,
    head: &Request<()>,
    body: &[u8],
    frame: usize,
) -> (u64, Option<VerifyErrorKind>) {
    let before = compressions();
    let mut verification = verifier.check_head(head).unwrap();
    for frame in body.chunks(frame) {
        verification.push(Bytes::copy_from_slice(frame)).unwrap();
    }
    let result = verification.finish_async(head, sleep).await;
    (compressions() - before, result.err().map(|error| error.kind()))
}

#[tokio::test]
async fn t2_known_and_unknown_ids_cost_the_same_hashing() {
    let map = SecretMap::new();
    map.insert("abc", "s3cr3t").unwrap();
    let verifier = Verifier::from_lookup(map);
    let known = BODY;
    let unknown = BODY.replace("abc", "xyz");
    let without = BODY.replace("scan_id", "scan_no");
    let not_json = BODY.replace(':', ";");
    for size in SIZES.into_iter().filter(|size| *size >= BODY.len()) {
        for frame in FRAMES {
            for (body, secret, expected) in [
                (known, "s3cr3t", None),
                (known, "forged", Some(VerifyErrorKind::SignatureMismatch)),
                (&unknown, "s3cr3t", Some(VerifyErrorKind::SecretNotFound)),
                // Not even the stand-in's own key makes a difference.
                (&unknown, std::str::from_utf8(&[0; 32]).unwrap(), Some(VerifyErrorKind::SecretNotFound)),
                (&without, "s3cr3t", Some(VerifyErrorKind::SecretNotFound)),
                (&not_json, "s3cr3t", Some(VerifyErrorKind::SecretNotFound)),
            ] {
                let body = body.to_owned() + &" ".repeat(size - body.len());
                let head = signed(secret, body.as_bytes());
                let (counted, kind) = work(&verifier, &head, body.as_bytes(), frame).await;
                assert_eq!((counted, kind), (hmac(size), expected), "{size} bytes in frames of {frame}");
            }
        }
    }
}

/// Sizes that have no room for an id, by tenant.
#[tokio::test]
async fn t2_known_and_unknown_tenants_cost_the_same_hashing() {
    let verifier = Verifier::<GeoScored>::from_lookup(|unverified: UnverifiedDelivery<'_>| {
        ready(Ok::<_, VerifyError>((unverified.path() == "/hooks/acme").then(|| Secret::from("s3cr3t"))))
    });
    for size in SIZES {
        let body = vec![b'x'; size];
        let genuine = signed("s3cr3t", &body);
        let forged = signed("forged", &body);
        let mut unknown = signed("s3cr3t", &body);
        *unknown.uri_mut() = "/hooks/other".parse().unwrap();
        for frame in FRAMES {
            for (head, expected) in [
                (&genuine, None),
                (&forged, Some(VerifyErrorKind::SignatureMismatch)),
                (&unknown, Some(VerifyErrorKind::SecretNotFound)),
            ] {
                let (counted, kind) = work(&verifier, head, &body, frame).await;
                assert_eq!((counted, kind), (hmac(size), expected), "{size} bytes in frames of {frame}");
            }
        }
    }
}

/// The counter counts: a verifier with a key of its own has paid for the pads at start-up.
#[tokio::test]
async fn a_key_that_is_prepared_saves_its_two_compressions() {
    for size in SIZES {
        let body = vec![b'x'; size];
        let before = compressions();
        let verifier = Verifier::<GeoScored>::new("s3cr3t");
        assert_eq!(compressions() - before, 2);
        for (secret, expected) in [("s3cr3t", None), ("forged", Some(VerifyErrorKind::SignatureMismatch))] {
            let counted = work(&verifier, &signed(secret, &body), &body, 7).await;
            assert_eq!(counted, (hmac(size) - 2, expected), "{size} bytes");
        }
    }
}

/// Where the work is not equal: whoever has a second secret, or one of more than a block, costs more than who is unknown.
/// What the stand-in cannot know it cannot make up for.
#[tokio::test]
async fn more_secrets_and_longer_ones_cost_more_than_none() {
    let body = vec![b'x'; 1024];
    let costs = async |secrets: Secrets| {
        let verifier = answering(move || ready(found(secrets.clone())));
        work(&verifier, &signed("forged", &body), &body, usize::MAX).await.0
    };
    assert_eq!(costs(Secrets::new("s3cr3t")).await, hmac(1024));
    assert_eq!(costs(Secrets::new("s3cr3t").add_previous("older")).await, 2 * hmac(1024));
    assert_eq!(costs(Secrets::new("k".repeat(64))).await, hmac(1024));
    assert_eq!(costs(Secrets::new("k".repeat(65))).await, hmac(1024) + 2);
}
