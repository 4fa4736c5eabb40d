//! Whether it is a delivery of another provider.

use clap::ValueEnum;
use countersign_core::{Scheme, Secret, Verifier, VerifyErrorKind};
use countersign_testkit::Documented;

use super::{
    Delivered,
    mistake::Named,
    refusals::{OTHERS_HEADER, OTHERS_HEADER_FOR_TOKEN, WRONG_PROVIDER},
};
use crate::catalog::{Job, Name};

/// The provider whose delivery it is, or looks like.
pub(super) fn other(delivered: &Delivered<'_>, own: &'static str, is_token: bool) -> Option<Named> {
    let others: Vec<Found> =
        Name::value_variants().iter().filter_map(|name| name.dispatch(AsOther(delivered, own))).collect();
    let (verified, header) =
        (others.iter().find(|found| found.is_verified), others.iter().find(|found| found.is_signed));
    let looks_like = if is_token { &OTHERS_HEADER_FOR_TOKEN } else { &OTHERS_HEADER };
    let verified = verified.map(|found| Named::with_detail(&WRONG_PROVIDER, found.title));
    verified.or_else(|| header.map(|found| Named::with_detail(looks_like, found.title)))
}

struct Found {
    title: &'static str,
    is_verified: bool,
    is_signed: bool,
}

struct AsOther<'a>(&'a Delivered<'a>, &'static str);

impl Job for AsOther<'_> {
    type Output = Option<Found>;

    /// `None` if the request has no proof as `Q` gives one.
    fn run<Q: Documented>(self) -> Option<Found> {
        let Self(delivered, own) = self;
        if Q::NAME == own {
            return None;
        }
        let secret = Secret::new(delivered.secret.bytes.to_vec()).ok()?;
        let verifier = Verifier::<Q>::new(secret).with_body_limit(usize::MAX);
        let verified = verifier.verify(&delivered.as_plain_post(), delivered.captured.body().clone());
        let kind = verified.as_ref().err().map(countersign_core::VerifyError::kind);
        let is_missing = matches!(kind, Some(VerifyErrorKind::MissingSignature | VerifyErrorKind::MissingToken));
        let is_signed = matches!(Q::SCHEME, Scheme::HmacSha256 { .. });
        (!is_missing).then_some(Found { title: Q::TITLE, is_verified: verified.is_ok(), is_signed })
    }
}
