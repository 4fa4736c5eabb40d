//! I6: nothing of one delivery's key can be taken for a part of another's.

use std::collections::HashMap;

use jiff::Timestamp;
use proptest::prelude::*;

use super::*;
use crate::secret::{Secret, Secrets};

/// The parts of a key, each as a text.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Given {
    namespace: String,
    endpoint: String,
    provider: String,
    tenant: Option<String>,
    secret: String,
    id: DeliveryId,
}

impl Given {
    fn key(&self) -> DeliveryKey {
        let mut secret = Secret::new(self.secret.as_str()).unwrap();
        if let Some(tenant) = &self.tenant {
            secret = secret.with_tenant(tenant.as_str());
        }
        let matched = Secrets::new(secret).matched(0).unwrap();
        let Self { namespace, endpoint, provider, id, .. } = self;
        DeliveryKey::new(namespace, endpoint, provider, &matched, id).unwrap()
    }
}

fn at(second: i64) -> Option<Timestamp> {
    Some(Timestamp::from_second(second).unwrap())
}

/// Texts that run into each other when they stand side by side.
fn texts() -> Vec<String> {
    let zeros = |length: u64| String::from_utf8(length.to_be_bytes().to_vec()).expect("ASCII");
    let mut texts: Vec<String> =
        ["", "a", "aa", "ab", "b", "a/", "/a", "\0", "\u{1}", "sha256:", "named"].map(Into::into).into();
    // As lengths are written between the parts.
    texts.extend([zeros(0), zeros(1), format!("a{}", zeros(1)), format!("{}a", zeros(1))]);
    texts
}

#[test]
fn i6_no_two_namespaces_endpoints_tenants_providers_accounts_and_ids_have_one_key() {
    let texts = texts();
    let mut ids: Vec<DeliveryId> = texts.iter().map(|text| DeliveryId::of_body(text.as_bytes())).collect();
    for event in &texts {
        for (number, id) in texts.iter().enumerate() {
            let time = [None, at(0), at(1)].into_iter().cycle().nth(number).unwrap();
            ids.push(DeliveryId::named(event, id, time));
        }
    }
    let tenants = || texts.iter().map(|text| Some(text.clone())).chain([None]).step_by(3).chain([None]);
    let mut seen: HashMap<DeliveryKey, Given> = HashMap::new();
    for (number, namespace) in texts.iter().enumerate() {
        for (endpoint, provider) in texts.iter().cycle().skip(number).zip(&texts).chain(texts.iter().zip(&texts)) {
            for tenant in tenants() {
                for (number, id) in ids.iter().enumerate().step_by(7) {
                    let secret = ["k", "l"].into_iter().cycle().nth(number).unwrap().to_owned();
                    let (namespace, endpoint, provider) = (namespace.clone(), endpoint.clone(), provider.clone());
                    let given = Given { namespace, endpoint, provider, tenant: tenant.clone(), secret, id: id.clone() };
                    let other = seen.insert(given.key(), given.clone());
                    assert!(other.as_ref().is_none_or(|other| *other == given), "{given:?} and {other:?}");
                }
            }
        }
    }
}

fn given(parts: [&str; 5], tenant: Option<&str>, id: &DeliveryId) -> Given {
    let [namespace, endpoint, provider, secret, _] = parts.map(str::to_owned);
    Given { namespace, endpoint, provider, tenant: tenant.map(str::to_owned), secret, id: id.clone() }
}

#[test]
fn i6_what_one_part_ends_with_is_not_what_the_next_begins_with() {
    let id = DeliveryId::named("event", "id", None);
    let of = |namespace, endpoint, provider, tenant, secret| {
        given([namespace, endpoint, provider, secret, ""], tenant, &id).key()
    };
    let mut keys = vec![
        of("ab", "c", "d", None, "k"),
        of("a", "bc", "d", None, "k"),
        of("a", "b", "cd", None, "k"),
        of("a", "b", "c", Some("d"), "k"),
        of("a", "b", "c", Some(""), "k"),
        of("a", "b", "c", None, "k"),
        of("b", "a", "c", None, "k"),
        of("a", "b", "c", None, "kk"),
        of("a", "b", "", Some("c"), "k"),
    ];
    let count = keys.len();
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), count);
}

#[test]
fn i6_what_an_id_is_made_of_is_not_what_another_is_made_of() {
    let digest = DeliveryId::of_body(b"x");
    let mut ids = vec![
        DeliveryId::named("a/b", "c", None),
        DeliveryId::named("a", "b/c", None),
        DeliveryId::named("a", "c", None),
        DeliveryId::named("a", "c", at(0)),
        DeliveryId::named("a", "c", at(1)),
        DeliveryId::named("a@1970-01-01T00:00:00Z", "c", None),
        DeliveryId::named("a%401970-01-01T00:00:00Z", "c", None),
        DeliveryId::named("a", "c@1970-01-01T00:00:00Z", None),
        DeliveryId::named("", digest.to_string().as_str(), None),
        digest,
    ];
    let keys: Vec<_> = ids.iter().map(|id| given(["", "", "p", "k", ""], None, id).key()).collect();
    for (number, key) in keys.iter().enumerate() {
        assert!(keys.iter().skip(number + 1).all(|other| other != key), "{:?}", ids.get(number));
    }
    let texts: Vec<_> = ids.iter().map(ToString::to_string).collect();
    assert!(texts.iter().enumerate().all(|(number, text)| !texts.iter().skip(number + 1).any(|other| other == text)));
    ids.dedup();
    assert_eq!(ids.len(), texts.len());
    assert_eq!(texts.get(3).unwrap(), "a@1970-01-01T00:00:00Z/c");
}

fn any_id() -> impl Strategy<Value = DeliveryId> {
    prop_oneof![
        (".{0,6}", ".{0,6}", prop::option::of(0..3_i64)).prop_map(|(event, id, time)| DeliveryId::named(
            &event,
            &id,
            time.and_then(at)
        )),
        ".{0,2}".prop_map(|body| DeliveryId::of_body(body.as_bytes())),
    ]
}

fn any_given() -> impl Strategy<Value = Given> {
    (".{0,6}", ".{0,3}", "[ab]{0,3}", prop::option::of(".{0,6}"), "[kl]{1,2}", any_id()).prop_map(
        |(namespace, endpoint, provider, tenant, secret, id)| Given {
            namespace,
            endpoint,
            provider,
            tenant,
            secret,
            id,
        },
    )
}

proptest! {
    #[test]
    fn i6_equal_parts_alone_have_equal_keys(one in any_given(), other in any_given()) {
        prop_assert_eq!(one.key() == other.key(), one == other);
        prop_assert_eq!(one.key(), one.clone().key());
    }

    /// One part changed, all others the same.
    #[test]
    fn i6_every_part_counts(one in any_given(), other in any_given(), part in 0..6_u8) {
        let mut changed = one.clone();
        match part {
            0 => changed.namespace = other.namespace,
            1 => changed.endpoint = other.endpoint,
            2 => changed.provider = other.provider,
            3 => changed.tenant = other.tenant,
            4 => changed.secret = other.secret,
            _ => changed.id = other.id,
        }
        prop_assert_eq!(one.key() == changed.key(), one == changed);
    }

    #[test]
    fn different_ids_have_different_texts(one in any_id(), other in any_id()) {
        prop_assert_eq!(one.to_string() == other.to_string(), one == other);
    }
}

#[test]
fn t24_an_id_in_a_log_is_one_short_line() {
    let id = DeliveryId::named("event", "1\n2026-01-01 WARN forged \u{1b}[31m\u{202e}\"", None);
    assert_eq!(id.for_log().to_string(), r#"event/1\n2026-01-01 WARN forged \u{1b}[31m\u{202e}\""#);
    let long = DeliveryId::named("event", &"é".repeat(1_000_000), None);
    assert_eq!(long.for_log().to_string(), format!("event/{}", "é".repeat(194)));
}

#[test]
fn a_key_is_written_in_64_lower_case_hex_digits() {
    let key = DeliveryKey::from([0xAB; 32]);
    assert_eq!(key.to_string(), "ab".repeat(32));
    assert_eq!(format!("{key:?}"), format!("DeliveryKey({})", "ab".repeat(32)));
    assert_eq!(key.as_bytes(), &[0xAB; 32]);
}

/// Keys outlive the process, in Redis: they may not change from one version to the next. Made by
/// Python's `hashlib` and `hmac`, of the parts as the documentation of [`DeliveryKey`] lists them.
#[test]
fn a_key_is_the_one_that_sha256_of_its_parts_gives() {
    let named = DeliveryId::named("scan_complete", "x", None);
    let timed = DeliveryId::named("scan_complete", "x", at(1_776_333_600));
    let digest = DeliveryId::of_body(b"{}");
    for (parts, tenant, id, expected) in [
        (
            ["prod", "", "zeodyn", "s3cr3t", ""],
            None,
            &named,
            "772bb8fe5db0db71dc909a8655266edf34917a2ec58505cfa91d6eb3de369d30",
        ),
        (
            ["", "billing", "zeodyn", "s3cr3t", ""],
            Some("alice"),
            &timed,
            "3301cdc7decfe1540b7f2d544faf7842db3eb2856f6905569f599793aea7469b",
        ),
        (
            ["", "", "zeodyn", "s3cr3t", ""],
            None,
            &digest,
            "06186dbd6da1e70e0356ed745a92ef0cad34c6871e52f79581a8b47f54ffefa9",
        ),
    ] {
        assert_eq!(given(parts, tenant, id).key().to_string(), expected);
    }
}
