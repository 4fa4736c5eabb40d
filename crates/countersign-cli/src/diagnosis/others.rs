//! Whether it is a delivery of another provider.

use clap::ValueEnum;
use countersign_core::{Rejection, RejectionKind};
use countersign_testkit::Documented;

use super::{
    Delivered,
    mistake::{Named, mistakes},
};
use crate::catalog::{Job, Name};

mistakes! {
    WRONG_PROVIDER: "wrong-provider",
        "it is a delivery of {detail}, not of {provider}, and verifies as such with {secret}",
        "Verify it as a delivery of {detail}: either the wrong provider was named here, or {detail} was given {provider}'s URL.";
    OTHERS_HEADER: "other-provider-header",
        "{place} is missing, and the request has the header of a {detail} delivery",
        "If it is a delivery of {detail}, verify it as such, with {detail}'s secret: it does not verify with {secret}.";
}

/// What another provider has to do with a delivery.
pub(super) enum Other {
    /// It verifies as the other's.
    Verified(Named),
    /// It has the other's header.
    LooksLike(Named),
}

/// Returns the provider whose delivery it is, or looks like.
pub(super) fn other(delivered: &Delivered<'_>, own: &'static str) -> Option<Other> {
    let others = Name::value_variants().iter().filter_map(|name| name.dispatch(AsOther(delivered, own)));
    let mut others: Vec<_> = others.collect();
    others.sort_by_key(|other| matches!(other, Other::LooksLike(_)));
    others.into_iter().next()
}

struct AsOther<'a>(&'a Delivered<'a>, &'static str);

impl Job for AsOther<'_> {
    type Output = Option<Other>;

    /// `None` if the request has no proof at `Q`'s place.
    fn run<Q: Documented>(self) -> Option<Other> {
        let Self(delivered, own) = self;
        if Q::NAME == own {
            return None;
        }
        let verified = delivered.verify::<Q>(&delivered.as_plain_post()).ok()?;
        match verified.as_ref().map_err(Rejection::kind) {
            Ok(_) => Some(Other::Verified(Named::with_detail(&WRONG_PROVIDER, Q::TITLE))),
            Err(RejectionKind::MissingSignature | RejectionKind::MissingToken) => None,
            // A header has the provider's name in it; a query parameter such as `token` can be anyone's.
            Err(_) => {
                let has_header = Q::SCHEME.places().any(|place| place.as_header().is_some());
                has_header.then(|| Other::LooksLike(Named::with_detail(&OTHERS_HEADER, Q::TITLE)))
            }
        }
    }
}
