//! Any bytes can be signed, and any bytes can be the secret.

use countersign::{RejectionKind, Secret, Verifier, providers::Zeodyn};
use countersign_testkit::{Documented, Payload, sign};
use hmac::{Hmac, KeyInit, Mac};
use proptest::{collection::vec, prelude::*};
use sha2::Sha256;

use crate::testkit::of;

for_every_provider![what_was_signed_is_accepted_under_its_secret_and_no_other,];

const BODIES: [&[u8]; 6] =
    [b"", b"\0", b"\xff\xfe\x00", b"{}", b"a\r\nb\n", "{\"event\":\"\u{e9}\u{1f4f8}\"}".as_bytes()];

fn what_was_signed_is_accepted_under_its_secret_and_no_other<P: Documented>() {
    let verifier = |secret: &[u8]| Verifier::<P>::new(Secret::new(secret).unwrap());
    let long = [b'k'; 65];
    let secrets: [&[u8]; 6] =
        [b"s", b"line\n", concat!("whsec", "_c2VjcmV0").as_bytes(), b"\0\xff", "\u{e9}".as_bytes(), &long];
    for secret in secrets {
        for body in BODIES {
            let request = Payload::<P>::new(body).signed_with(secret);
            let head = request.to_http::<bytes::Bytes>();
            let verified = verifier(secret).verify_only(&head, head.body().clone()).expect("it verifies");
            assert_eq!(verified.body()[..], *body);
            let other = [secret, b"\n"].concat();
            let error = verifier(&other).verify_only(&head, body).expect_err("another secret");
            let expected =
                if of::<P>().is_signed() { RejectionKind::SignatureMismatch } else { RejectionKind::TokenMismatch };
            assert_eq!(error.kind(), expected);
        }
    }
}

#[test]
fn a_proof_is_the_same_for_everything_that_holds_the_same_bytes() {
    let proof = sign::<Zeodyn>("s3cr3t", "{}");
    assert!(proof == sign::<Zeodyn>(b"s3cr3t", *b"{}"));
    assert!(proof == sign::<Zeodyn>(vec![b's', b'3', b'c', b'r', b'3', b't'], bytes::Bytes::from("{}")));
    assert!(proof != sign::<Zeodyn>("s3cr3t\n", "{}"));
    assert!(proof != sign::<Zeodyn>("s3cr3t", "{}\n"));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(countersign_test_support::cases(200)) })]

    #[test]
    fn any_bytes_are_signed(secret in vec(any::<u8>(), 0..150), body in vec(any::<u8>(), 0..300)) {
        let mut mac = Hmac::<Sha256>::new_from_slice(&secret).expect("any length");
        mac.update(&body);
        let tag = hex::encode(mac.finalize().into_bytes());
        let proof = sign::<Zeodyn>(&secret, &body);
        prop_assert_eq!(proof.headers().collect::<Vec<_>>(), [("x-zeodyn-signature", tag.as_str())]);
    }
}
