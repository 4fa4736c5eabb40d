//! Stale deliveries are rejected only by receivers with a maximum age.

use std::time::Duration;

use countersign::{
    RejectionKind, Verifier, actix, axum as for_axum,
    providers::{ScreenScore, ScreenshotCenter, Zeodyn},
};
use countersign_testkit::{Documented, Expected, Tampering};

use crate::testkit::{
    apps::{to_actix_with, to_axum_with},
    of, signed, wait_for,
};

#[test]
fn a_stale_delivery_of_screenscore_is_rejected_with_a_maximum_age() {
    is_rejected_with_a_maximum_age::<ScreenScore>();
}

#[test]
fn a_stale_delivery_of_screenshotcenter_is_rejected_with_a_maximum_age() {
    is_rejected_with_a_maximum_age::<ScreenshotCenter>();
}

#[test]
fn a_stale_delivery_of_zeodyn_is_rejected_with_a_maximum_age() {
    is_rejected_with_a_maximum_age::<Zeodyn>();
}

fn is_rejected_with_a_maximum_age<P: Documented>() {
    const YEARS: Duration = Duration::from_secs(20 * 365 * 24 * 60 * 60);
    assert_eq!(Tampering::Stale.expected::<P>(), Expected::RejectedIfAged(401));
    let secret = of::<P>().secret();
    for &event in of::<P>().events {
        let original = signed::<P>(event);
        let stale = original.tampered(Tampering::Stale).unwrap();
        let head = stale.to_http::<bytes::Bytes>();
        let verifier = Verifier::<P>::new(secret.as_str());
        assert!(verifier.verify(&head, head.body().clone()).is_ok(), "{event}");
        let error = verifier.with_max_event_age(YEARS).verify(&head, head.body().clone()).unwrap_err();
        assert_eq!((error.kind(), error.status()), (RejectionKind::EventTooOld, 401), "{event}");

        // The documented payloads are of 2026.
        for answers in wait_for(async {
            let by_axum = for_axum::VerifyWebhook::<P>::new(secret.as_str()).with_max_event_age(YEARS);
            let by_actix = actix::VerifyWebhook::<P>::new(secret.as_str()).with_max_event_age(YEARS);
            let requests = [&stale, &original];
            [to_axum_with(by_axum, &requests).await, to_actix_with(by_actix, &requests).await]
        }) {
            assert_eq!((answers[0].status, answers[0].reason), (401, Some(RejectionKind::EventTooOld)), "{event}");
            assert_eq!(answers[0].handled, []);
            assert_eq!((answers[1].status, answers[1].handled.len()), (200, 1), "{event}");
        }
    }
}
