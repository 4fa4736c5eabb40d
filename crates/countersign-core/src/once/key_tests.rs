//! I6: nothing of one delivery's key can be taken for a part of another's.

use std::collections::HashMap;

use proptest::prelude::*;

use super::*;

type Parts = (String, Option<String>, String, DeliveryId);

fn key((namespace, tenant, provider, id): &Parts) -> DeliveryKey {
    DeliveryKey::new(namespace, tenant.as_deref(), provider, id)
}

/// Texts that run into each other when they stand side by side.
fn texts() -> Vec<String> {
    let zeros = |length: u64| String::from_utf8(length.to_be_bytes().to_vec()).expect("ASCII");
    let mut texts: Vec<String> =
        ["", "a", "aa", "ab", "b", "a/", "/a", "\0", "\u{1}", "sha256:"].map(Into::into).into();
    // As lengths are written between the parts.
    texts.extend([zeros(0), zeros(1), format!("a{}", zeros(1)), format!("{}a", zeros(1))]);
    texts
}

#[test]
fn i6_no_two_namespaces_tenants_providers_and_ids_have_one_key() {
    let texts = texts();
    let mut ids: Vec<DeliveryId> = texts.iter().map(|text| DeliveryId::of_body(text.as_bytes())).collect();
    for event in &texts {
        ids.extend(texts.iter().map(|id| DeliveryId::named(event, id)));
    }
    let mut seen: HashMap<DeliveryKey, Parts> = HashMap::new();
    for namespace in &texts {
        for provider in &texts {
            for tenant in texts.iter().map(Some).chain([None]).step_by(3).chain([None]) {
                for id in ids.iter().step_by(7) {
                    let parts = (namespace.clone(), tenant.cloned(), provider.clone(), id.clone());
                    let key = key(&parts);
                    let other = seen.insert(key, parts.clone());
                    assert!(other.as_ref().is_none_or(|other| *other == parts), "{parts:?} and {other:?}");
                }
            }
        }
    }
}

#[test]
fn i6_what_one_part_ends_with_is_not_what_the_next_begins_with() {
    let id = DeliveryId::named("event", "id");
    let of = |namespace: &str, tenant: Option<&str>, provider: &str| DeliveryKey::new(namespace, tenant, provider, &id);
    assert_ne!(of("ab", Some("c"), "d"), of("a", Some("bc"), "d"));
    assert_ne!(of("a", Some("bc"), "d"), of("a", Some("b"), "cd"));
    assert_ne!(of("a", None, "b"), of("a", Some(""), "b"));
    assert_ne!(of("a", Some("b"), ""), of("a", None, "b"));
    assert_ne!(of("a", Some("b"), "c"), of("b", Some("a"), "c"));
    assert_ne!(DeliveryKey::new("", None, "p", &DeliveryId::named("a/b", "c")), {
        DeliveryKey::new("", None, "p", &DeliveryId::named("a", "b/c"))
    });
    let digest = DeliveryId::of_body(b"x");
    let lookalike = DeliveryId::named("", digest.to_string().as_str());
    assert_ne!(DeliveryKey::new("", None, "p", &digest), DeliveryKey::new("", None, "p", &lookalike));
}

proptest! {
    #[test]
    fn i6_equal_parts_alone_have_equal_keys(
        one in (".{0,6}", prop::option::of(".{0,6}"), "[ab]{0,3}", ".{0,6}", ".{0,6}"),
        other in (".{0,6}", prop::option::of(".{0,6}"), "[ab]{0,3}", ".{0,6}", ".{0,6}"),
    ) {
        let parts = |(namespace, tenant, provider, event, id): (String, Option<String>, String, String, String)| {
            (namespace, tenant, provider, DeliveryId::named(&event, &id))
        };
        let (one, other) = (parts(one), parts(other));
        prop_assert_eq!(key(&one) == key(&other), one == other);
        prop_assert_eq!(key(&one), key(&one.clone()));
    }
}

#[test]
fn a_key_is_written_in_64_lower_case_hex_digits() {
    let key = DeliveryKey::from([0xAB; 32]);
    assert_eq!(key.to_string(), "ab".repeat(32));
    assert_eq!(format!("{key:?}"), format!("DeliveryKey({})", "ab".repeat(32)));
    assert_eq!(key.as_bytes(), &[0xAB; 32]);
}

/// Keys outlive the process, in Redis: they may not change from one version to the next.
#[test]
fn a_key_is_the_one_that_sha256_of_its_parts_gives() {
    // printf '\0\0\0\0\0\0\0\0\4prod\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\6zeodyn\0\0\0\0\0\0\0\17scan_complete/x' | sha256sum
    let id = DeliveryId::named("scan_complete", "x");
    assert_eq!(DeliveryKey::new("prod", None, "zeodyn", &id).to_string(), KNOWN);
}

const KNOWN: &str = "2976e78b1784de1435a1fd37353030817965562abf940b9da7528e396e529f99";
