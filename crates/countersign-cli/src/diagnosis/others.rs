//! Whether it is a delivery of another provider.

use countersign_core::{RejectionKind, adapter::RequestHead};

use super::{
    Delivered,
    mistake::{Named, mistakes},
    times,
};
use crate::{
    capture::Captured,
    catalog::{ENTRIES, Entry},
    verification::Summary,
    words,
};

mistakes! {
    WRONG_PROVIDER: "wrong-provider",
        "it is a delivery of {detail}, not of {provider}, and verifies as such with {secret}",
        "Either the wrong provider was named here, or another provider sends its deliveries to {provider}'s URL.";
    OTHERS_HEADER: "other-provider-header",
        "{place} is missing, and the request has the header of a {detail} delivery",
        "If it is a delivery of {detail}, verify it as such, with {detail}'s secret: it does not verify with {secret}.";
}

/// What other providers have to do with a delivery.
pub(super) enum Other {
    /// It verifies as theirs, perhaps at another time.
    Verified(Vec<Named>),
    /// It has their header.
    LooksLike(Named),
}

/// Returns the providers whose delivery it is, or looks like. Some have the same scheme. If the proof is
/// there, they are those that have it in the same header: some providers send several.
pub(super) fn other(delivered: &Delivered<'_>, is_missing: bool) -> Option<Other> {
    let captured = delivered.as_plain_post();
    let (mut verified, mut like, mut stale) = (Vec::new(), Vec::new(), None);
    let own: Vec<_> = delivered.scheme().places().filter_map(|place| place.as_header()).collect();
    let is_shared =
        |entry: &Entry| entry.page.scheme.places().any(|place| own.iter().any(|name| place.is_in_header(name)));
    let entries = ENTRIES.iter().filter(|entry| entry.page.name != delivered.page().name);
    for entry in entries.filter(|entry| is_missing || is_shared(entry)) {
        match judge(delivered, entry, &captured) {
            Judged::Verified(summary) => {
                verified.push(entry.page.title);
                stale = stale.or_else(|| times::stale(delivered, entry.page.scheme, summary.sent_at));
            }
            Judged::LooksLike => like.push(entry.page.title),
            Judged::No => {}
        }
    }
    match (verified.as_slice(), like.as_slice()) {
        ([], []) => None,
        ([], like) => Some(Other::LooksLike(Named::with_detail(&OTHERS_HEADER, words::any_of(&named(like))))),
        (verified, _) => {
            let wrong = Named::with_detail(&WRONG_PROVIDER, words::any_of(&named(verified)));
            Some(Other::Verified(std::iter::once(wrong).chain(stale).collect()))
        }
    }
}

/// No more are named.
const NAMED: usize = 3;

/// Many follow one standard.
fn named<'a>(titles: &[&'a str]) -> Vec<&'a str> {
    let more = titles.get(NAMED.saturating_add(1)..).is_some_and(|more| !more.is_empty());
    if more {
        titles.iter().copied().take(NAMED).chain(["another with the same scheme"]).collect()
    } else {
        titles.to_vec()
    }
}

enum Judged {
    Verified(Summary),
    LooksLike,
    No,
}

fn judge(delivered: &Delivered<'_>, entry: &Entry, captured: &Captured) -> Judged {
    // Most headers have the provider's name in them; a query parameter such as `token` can be anyone's, and the secret
    // itself in `Authorization` is.
    let is_own = |name: &str| entry.page.scheme.places().any(|place| place.is_in_header(name));
    // To be in any place is one mistake with a token, and needs no other provider.
    let are_tokens = entry.page.scheme.is_credential() && delivered.scheme().is_credential();
    if entry.page.scheme.is_credential() && (are_tokens || is_own("authorization")) {
        return Judged::No;
    }
    let has_header = captured.headers().any(|(name, _)| is_own(name) && !name.eq_ignore_ascii_case("authorization"));
    let like = if has_header { Judged::LooksLike } else { Judged::No };
    let answer = delivered.verify_with(entry, captured, &delivered.secret.bytes, true);
    match answer.map(|answer| answer.map_err(|rejection| rejection.kind())) {
        Ok(Ok(summary)) => Judged::Verified(summary),
        Ok(Err(RejectionKind::MissingSignature | RejectionKind::MissingToken)) => Judged::No,
        Ok(Err(_)) | Err(_) => like,
    }
}
