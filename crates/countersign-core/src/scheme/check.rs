//! What makes no sense in a scheme, as compile errors. Each message says what to change.

use super::{
    Kind, Scheme,
    key::Key,
    part::Part,
    place::Place,
    signed::{Signed, Wanted},
};

/// Panics if the scheme makes no sense.
pub(super) const fn signed(scheme: &Signed) {
    assert!(!scheme.parts.is_empty(), "nothing is signed: list what is signed, such as `&[Body]`");
    parts(scheme);
    key(scheme);
    time(scheme);
    id(scheme);
    place(scheme);
    assert!(
        !scheme.has_port_variants || scheme.has(Wanted::Url),
        "`with_or_without_port` is about the URL, which is not signed: add `Url` to what is signed, or remove it"
    );
    assert!(
        scheme.digest.is_none() || (scheme.has(Wanted::Url) && !has_raw_body(scheme)),
        "`body_digest` is a parameter of the signed URL, in place of the body: sign `Url` and not `Body`, or remove it"
    );
}

#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "const code over a const")]
const fn parts(scheme: &Signed) {
    let (mut bodies, mut i) = (0, 0);
    while i < scheme.parts.len() {
        if scheme.parts[i].is_body() {
            bodies += 1;
        }
        if let Some(place) = scheme.parts[i].place() {
            assert!(
                i + 1 == scheme.parts.len()
                    || !matches!(scheme.parts[i], Part::Optional(_, _, after) if after.is_empty()),
                "nothing shows where an optional value ends: give it the text that stands behind it"
            );
            assert!(place.is_single(), "a signed field is one value: name a place that has one, such as `header(…)`");
        }
        i += 1;
    }
    assert!(bodies < 2, "the body is signed twice: remove one of `Body`, `BodySha256` and `SortedForm`");
}

#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "const code over a const")]
const fn has_raw_body(scheme: &Signed) -> bool {
    let mut i = 0;
    while i < scheme.parts.len() {
        if matches!(scheme.parts[i], Part::Body | Part::BodySha256) {
            return true;
        }
        i += 1;
    }
    false
}

const fn key(scheme: &Signed) {
    if scheme.algorithm.has_public_key() {
        assert!(
            scheme.key.is_public(),
            "this algorithm verifies with a public key: use `Key::PublicHex`, `PublicBase64`, `PublicDer` or `PublicPem`"
        );
    } else {
        assert!(
            !scheme.key.is_public(),
            "this algorithm has a secret key, and everybody knows a public one: use `Key::Verbatim`, `Base64`, `Hex` or \
             `With`"
        );
    }
    assert!(
        cfg!(feature = "sha1") || !matches!(scheme.key, Key::Sha1),
        "`Key::Sha1` needs the feature `sha1` of countersign: switch it on"
    );
    if matches!(scheme.algorithm, super::Algorithm::RsaSha256) {
        assert!(
            matches!(scheme.key, Key::PublicDer | Key::PublicPem),
            "an RSA key is written as DER or PEM: use `Key::PublicDer` or `Key::PublicPem`"
        );
    }
}

const fn time(scheme: &Signed) {
    match &scheme.time {
        Some((place, _)) => {
            assert!(place.is_single(), "a time is one value: name a place that has one, such as `header(…)`");
            assert!(
                scheme.has(Wanted::Time) || scheme.covers(place),
                "this time is not signed, so a tolerance protects nothing: add `Time` to what is signed, or remove \
                 `.time(…)`"
            );
        }
        None => assert!(
            !scheme.has(Wanted::Time),
            "`Time` is signed, but the scheme does not say where it is: add `.time(place, unit)`"
        ),
    }
}

const fn id(scheme: &Signed) {
    match &scheme.id {
        Some(place) => {
            assert!(place.is_single(), "an ID is one value: name a place that has one, such as `header(…)`");
            assert!(scheme.has(Wanted::Id), "this ID is not signed: add `Id` to what is signed, or remove `.id(…)`");
        }
        None => assert!(
            !scheme.has(Wanted::Id),
            "`Id` is signed, but the scheme does not say where it is: add `.id(place)`"
        ),
    }
}

const fn place(scheme: &Signed) {
    let (in_body, is_same) = match &scheme.places {
        [Some(first), Some(second)] => (first.is_in_body() || second.is_in_body(), first.is(second)),
        [Some(first), None] => (first.is_in_body(), false),
        _ => (false, false),
    };
    assert!(
        !in_body || !has_raw_body(scheme),
        "a signature inside the body cannot cover the body: sign its fields, such as `Field(json(\"id\"))`"
    );
    assert!(!is_same, "both places of the signature are the same: remove `.or_at(…)`");
    assert!(scheme.places[1].is_none() || !in_body, "a signature in the body has one place: remove `.or_at(…)`");
}

/// Panics if the list makes no sense.
#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "const code over a const")]
pub(super) const fn list(schemes: &[Scheme]) {
    assert!(schemes.len() > 1, "a list of schemes has at least two: use the scheme itself");
    let mut i = 0;
    while i < schemes.len() {
        let scheme = &schemes[i];
        assert!(!matches!(scheme.0, Kind::AnyOf(_)), "a list of schemes has no lists in it: write one list");
        assert!(
            i + 1 == schemes.len() || !proof_is_in_body(scheme),
            "a scheme whose proof is in the body comes last: the others are chosen by what the head has"
        );
        let mut j = 0;
        while j < i {
            assert!(
                !shares_place(&schemes[j], scheme),
                "two schemes of the list have the same place, so the second is never tried: remove one of them"
            );
            assert!(
                schemes[j].trust_rank() >= scheme.trust_rank(),
                "the weaker scheme comes first in the list: put the scheme that covers more before it"
            );
            assert!(
                schemes[j].has_public_key() == scheme.has_public_key(),
                "one scheme has a public key and another a secret: an attacker knows the public key, and must not be able \
                 to use it as the secret. Make two providers of them"
            );
            j += 1;
        }
        i += 1;
    }
}

const fn proof_is_in_body(scheme: &Scheme) -> bool {
    let [first, second] = scheme.proof_places();
    (match first {
        Some(place) => place.is_in_body(),
        None => false,
    }) || (match second {
        Some(place) => place.is_in_body(),
        None => false,
    })
}

const fn shares_place(a: &Scheme, b: &Scheme) -> bool {
    let ([a1, a2], [b1, b2]) = (a.proof_places(), b.proof_places());
    both(a1, b1) || both(a1, b2) || both(a2, b1) || both(a2, b2)
}

const fn both(a: Option<Place>, b: Option<Place>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => a.is(&b),
        _ => false,
    }
}
