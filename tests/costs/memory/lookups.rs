//! What an unverified delivery costs that a secret is looked up for.

use std::{
    future::{Future, pending},
    pin::pin,
    task::{Context, Poll, Waker},
};

use allocation_counter::AllocationInfo;
use bytes::Bytes;
use countersign::{RejectionKind, Secret, SecretMap, Verifier, providers::Zeodyn};

use super::{KIB, MIB, SECRET, Sample, body, frames, head, measured, support};

/// Verifies with a map that knows the id `s` alone, which answers at once.
fn verify(sample: &Sample, sizes: &[usize]) -> Result<Bytes, RejectionKind> {
    let secrets = SecretMap::new();
    secrets.insert("s", Secret::from_static(SECRET)).expect("room");
    let verifier = Verifier::<Zeodyn>::from_lookup(secrets);
    let mut verification = verifier.check_head(&sample.head).expect("a head in order");
    for frame in frames(&sample.body, sizes) {
        verification.push(frame).expect("a body within the limit");
    }
    match pin!(verification.finish_async(|_| pending())).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(verified) => verified.map(|delivery| delivery.body().clone()).map_err(|error| error.kind()),
        Poll::Pending => panic!("the map answers at once"),
    }
}

/// Without what the frames themselves take: each is allocated when it comes.
fn beside_the_body(sample: &Sample, info: &AllocationInfo) -> u64 {
    info.bytes_max.saturating_sub(sample.body.len() as u64)
}

#[test]
fn t15_a_look_up_for_a_stranger_costs_next_to_nothing() {
    for (sample, expected) in [
        (Sample::forged(KIB), RejectionKind::SignatureMismatch),
        (about("unknown"), RejectionKind::SecretNotFound),
        (about(&"x".repeat(10 * KIB)), RejectionKind::SecretNotFound),
        (about(&"\\u0078".repeat(40)), RejectionKind::SecretNotFound),
    ] {
        let whole = [sample.body.len()];
        let info = measured(|| assert_eq!(verify(&sample, &whole), Err(expected)));
        assert!(beside_the_body(&sample, &info) < 4 * KIB as u64, "{info:?}");
    }
}

#[test]
fn t15_a_peek_is_bounded_in_size_and_depth() {
    let escapes = "\\n".repeat(MIB / 2 - 100);
    for hostile in
        ["[".repeat(MIB - 100), "{\"a\":".repeat(MIB / 5 - 100), format!("\"{escapes}\""), "1".repeat(MIB - 100)]
    {
        let body: Bytes = format!(r#"{{"event":"scan_complete","more":{hostile},"scanId":"s"}}"#).into();
        let sample = Sample { head: head(&"0".repeat(64)), body };
        for sizes in [&[MIB][..], &[1], &[1, 2 * KIB]] {
            let info = measured(|| assert_eq!(verify(&sample, sizes), Err(RejectionKind::SecretNotFound)));
            // In pieces, its start is copied; what is skipped is kept as one bracket a level.
            let most = (if sizes == [MIB] { 32 } else { 140 }) * KIB as u64;
            assert!(beside_the_body(&sample, &info) < most, "{:.40} in frames of {sizes:?}: {info:?}", hostile);
        }
    }
}

#[test]
fn t15_a_body_is_joined_once_its_proof_held() {
    let sample = Sample::genuine(MIB);
    let info = measured(|| assert_eq!(verify(&sample, &[1, 2 * KIB]).as_ref(), Ok(&sample.body)));
    assert!(info.bytes_max >= 2 * MIB as u64, "the frames and what they are joined to: {info:?}");
    assert!(info.bytes_max <= 3 * MIB as u64, "{info:?}");
    let forged = Sample::forged(MIB);
    let info = measured(|| assert_eq!(verify(&forged, &[1, 2 * KIB]), Err(RejectionKind::SignatureMismatch)));
    assert!(info.bytes_max <= MIB as u64 * 12 / 10, "{info:?}");
}

/// A forged delivery about this id.
fn about(id: &str) -> Sample {
    let body: Bytes = format!(r#"{{"event":"scan_complete","scanId":"{id}"}}"#).into();
    Sample { head: head(&"0".repeat(64)), body }
}

#[test]
fn the_sample_is_about_the_id_that_is_known() {
    let sample = Sample { head: head(&support::tag(SECRET.as_bytes(), &body(KIB))), body: body(KIB) };
    assert_eq!(verify(&sample, &[KIB]).as_ref(), Ok(&sample.body));
}
