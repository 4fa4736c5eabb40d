//! What is stale is refused by receivers that were told an age, and by no others.

use std::time::Duration;

use countersign::{
    SignedTime, Verifier, VerifyErrorKind, actix, axum as for_axum,
    providers::{ScreenScore, ScreenshotCenter, Zeodyn},
};
use countersign_testkit::{Documented, Expected, Tampering};

use crate::testkit::{
    apps::{to_actix_with, to_axum_with},
    of, signed, wait_for,
};

#[test]
fn a_stale_delivery_of_screenscore_is_refused_where_an_age_is_set() {
    is_refused_where_an_age_is_set::<ScreenScore>();
}

#[test]
fn a_stale_delivery_of_screenshotcenter_is_refused_where_an_age_is_set() {
    is_refused_where_an_age_is_set::<ScreenshotCenter>();
}

#[test]
fn a_stale_delivery_of_zeodyn_is_refused_where_an_age_is_set() {
    is_refused_where_an_age_is_set::<Zeodyn>();
}

fn is_refused_where_an_age_is_set<P: Documented + SignedTime>() {
    const YEARS: Duration = Duration::from_secs(20 * 365 * 24 * 60 * 60);
    assert_eq!(Tampering::Stale.expected::<P>(), Expected::RefusedIfAged(401));
    assert_eq!(P::SIGNED_TIME, Some(P::TIME_PATH));
    let secret = of::<P>().secret();
    for &event in of::<P>().events {
        let original = signed::<P>(event);
        let stale = original.tampered(Tampering::Stale).unwrap();
        let head = stale.to_http::<bytes::Bytes>();
        let verifier = Verifier::<P>::new(secret.as_str());
        assert!(verifier.verify(&head, head.body().clone()).is_ok(), "{event}");
        let error = verifier.with_max_event_age(YEARS).verify(&head, head.body().clone()).unwrap_err();
        assert_eq!((error.kind(), error.status()), (VerifyErrorKind::EventTooOld, 401), "{event}");

        // The documented payloads are of 2026.
        for answers in wait_for(async {
            let by_axum = for_axum::VerifyWebhook::<P>::new(secret.as_str()).with_max_event_age(YEARS);
            let by_actix = actix::VerifyWebhook::<P>::new(secret.as_str()).with_max_event_age(YEARS);
            let requests = [&stale, &original];
            [to_axum_with(by_axum, &requests).await, to_actix_with(by_actix, &requests).await]
        }) {
            assert_eq!((answers[0].status, answers[0].reason), (401, Some(VerifyErrorKind::EventTooOld)), "{event}");
            assert_eq!(answers[0].handled, []);
            assert_eq!((answers[1].status, answers[1].handled.len()), (200, 1), "{event}");
        }
    }
}
