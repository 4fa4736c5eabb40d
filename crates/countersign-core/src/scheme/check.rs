//! What makes no sense in a scheme: in a const, a compile error. Each message says what to change.

use super::{Kind, Scheme, coverage::Wanted, key::Key, part::Part, place::Place, signed::Signed};

/// Returns what to change unless a condition holds.
macro_rules! demand {
    ($holds:expr, $complaint:literal $(,)?) => {
        if !($holds) {
            return Some($complaint);
        }
    };
}

mod place;

pub(super) use place::place_kind;

/// What to change, if something makes no sense.
pub(super) type Complaint = Option<&'static str>;

/// Panics in a const with a complaint, if there is one.
#[expect(clippy::panic, reason = "documented; a compile error")]
pub(super) const fn reject(complaint: Complaint) {
    if let Some(complaint) = complaint {
        panic!("{}", complaint);
    }
}

/// Checks a scheme with a signature.
#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "const code over a const")]
pub(super) const fn signed(scheme: &Signed) -> Complaint {
    demand!(!scheme.parts.is_empty(), "nothing is signed: list what is signed, such as `&[Body]`");
    let complaints = [parts(scheme), key(scheme), time(scheme), id(scheme), proof_place(scheme)];
    let mut i = 0;
    while i < complaints.len() {
        if complaints[i].is_some() {
            return complaints[i];
        }
        i += 1;
    }
    demand!(
        !scheme.has_port_variants || scheme.has(Wanted::Url),
        "`with_or_without_port` is about the URL, which is not signed: add `Url` to what is signed, or remove it"
    );
    demand!(
        scheme.digest.is_none() || (scheme.has(Wanted::Url) && !has_raw_body(scheme)),
        "`body_digest` is a parameter of the signed URL, in place of the body: sign `Url` and not `Body`, or remove it"
    );
    None
}

#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "const code over a const")]
const fn parts(scheme: &Signed) -> Complaint {
    let (mut bodies, mut i) = (0, 0);
    while i < scheme.parts.len() {
        if scheme.parts[i].is_body() {
            bodies += 1;
        }
        if let Some(place) = scheme.parts[i].place() {
            demand!(
                i + 1 == scheme.parts.len()
                    || !matches!(scheme.parts[i], Part::Optional(_, _, after) if after.is_empty()),
                "nothing shows where an optional value ends: give it the text that stands behind it"
            );
            demand!(place.is_single(), "a signed field is one value: name a place that has one, such as `header(…)`");
        }
        i += 1;
    }
    demand!(bodies < 2, "the body is signed twice: remove one of `Body`, `BodySha256` and `SortedForm`");
    None
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

const fn key(scheme: &Signed) -> Complaint {
    if scheme.algorithm.has_public_key() {
        demand!(
            scheme.key.is_public(),
            "this algorithm verifies with a public key: use `Key::PublicHex`, `PublicBase64`, `PublicDer` or `PublicPem`"
        );
    } else {
        demand!(
            !scheme.key.is_public(),
            "this algorithm has a secret key, and everybody knows a public one: use `Key::Verbatim`, `Base64`, `Hex` or \
             `With`"
        );
    }
    demand!(
        cfg!(feature = "sha1") || !matches!(scheme.key, Key::Sha1),
        "`Key::Sha1` needs the feature `sha1` of countersign: switch it on"
    );
    if matches!(scheme.algorithm, super::Algorithm::RsaSha256) {
        demand!(
            matches!(scheme.key, Key::PublicDer | Key::PublicPem),
            "an RSA key is written as DER or PEM: use `Key::PublicDer` or `Key::PublicPem`"
        );
    }
    None
}

const fn time(scheme: &Signed) -> Complaint {
    match &scheme.time {
        Some((place, _)) => {
            demand!(place.is_single(), "a time is one value: name a place that has one, such as `header(…)`");
            demand!(
                scheme.has(Wanted::Time) || scheme.covers(place),
                "this time is not signed, so a tolerance protects nothing: add `Time` to what is signed, or remove \
                 `.time(…)`"
            );
        }
        None => demand!(
            !scheme.has(Wanted::Time),
            "`Time` is signed, but the scheme does not say where it is: add `.time(place, unit)`"
        ),
    }
    None
}

const fn id(scheme: &Signed) -> Complaint {
    match &scheme.id {
        Some(place) => {
            demand!(place.is_single(), "an ID is one value: name a place that has one, such as `header(…)`");
            demand!(scheme.has(Wanted::Id), "this ID is not signed: add `Id` to what is signed, or remove `.id(…)`");
        }
        None => demand!(
            !scheme.has(Wanted::Id),
            "`Id` is signed, but the scheme does not say where it is: add `.id(place)`"
        ),
    }
    None
}

const fn proof_place(scheme: &Signed) -> Complaint {
    let (in_body, is_same) = match &scheme.places {
        [Some(first), Some(second)] => (first.is_in_body() || second.is_in_body(), first.is(second)),
        [Some(first), None] => (first.is_in_body(), false),
        _ => (false, false),
    };
    demand!(
        !in_body || !has_raw_body(scheme),
        "a signature inside the body cannot cover the body: sign its fields, such as `Field(json(\"id\"))`"
    );
    demand!(!is_same, "both places of the signature are the same: remove `.or_at(…)`");
    demand!(scheme.places[1].is_none() || !in_body, "a signature in the body has one place: remove `.or_at(…)`");
    None
}

/// Checks a scheme with a token.
pub(super) const fn token(place: &Place) -> Complaint {
    demand!(place.is_single(), "a token is one value: name a place that has one, such as `header(…)`");
    None
}

/// Checks a list.
#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "const code over a const")]
pub(super) const fn list(schemes: &[Scheme]) -> Complaint {
    demand!(schemes.len() > 1, "a list of schemes has at least two: use the scheme itself");
    let mut i = 0;
    while i < schemes.len() {
        let scheme = &schemes[i];
        demand!(!matches!(scheme.0, Kind::AnyOf(_)), "a list of schemes has no lists in it: write one list");
        demand!(
            i + 1 == schemes.len() || !proof_is_in_body(scheme),
            "a scheme whose proof is in the body comes last: the others are chosen by what the head has"
        );
        let mut j = 0;
        while j < i {
            demand!(
                !shares_place(&schemes[j], scheme),
                "two schemes of the list have the same place, so the second is never tried: remove one of them"
            );
            demand!(
                schemes[j].trust_rank() >= scheme.trust_rank(),
                "the weaker scheme comes first in the list: put the scheme that covers more before it"
            );
            demand!(
                schemes[j].has_public_key() == scheme.has_public_key(),
                "one scheme has a public key and another a secret: an attacker knows the public key, and must not be able \
                 to use it as the secret. Make two providers of them"
            );
            j += 1;
        }
        i += 1;
    }
    None
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
