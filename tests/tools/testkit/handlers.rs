//! A handler by itself: what the kit makes for it is what its extractor would have given it.

use actix_web::ResponseError;
use axum::response::IntoResponse;
use countersign::{Provider, VerifyErrorKind, actix, axum as for_axum};
use countersign_testkit::{Documented, Expected, Payload, SignedRequest, Tampering};
use http_body_util::BodyExt;

use crate::testkit::{
    about,
    apps::{Answer, Handled, answer},
    first, of,
    refusals::reason,
    signed, wait_for,
};

for_every_provider![
    a_handler_is_given_what_its_extractor_would_give_it,
    a_body_that_is_no_event_is_rejected_as_by_the_extractor,
    what_is_refused_is_no_delivery,
    what_is_accepted_is_the_delivery_that_the_handler_sees,
];

/// What both adapters make of it.
fn handed<P: Provider>(request: &SignedRequest<P>) -> Handled {
    let by_axum = for_axum::Webhook::try_from(request.delivery().unwrap()).unwrap();
    let by_actix = actix::Webhook::try_from(request.delivery().unwrap()).unwrap();
    assert_eq!(Handled::of(&by_axum), Handled::of(&by_actix));
    let handed = Handled::of(&by_axum);
    assert_eq!(format!("{:?}", by_axum.into_event()), handed.debug);
    assert_eq!(format!("{:?}", by_actix.into_event()), handed.debug);
    handed
}

fn a_handler_is_given_what_its_extractor_would_give_it<P: Documented>() {
    let events = of::<P>().events.iter().map(|event| signed::<P>(event));
    let odd = Payload::new(r#" {"event" : "new", "n":[1.0]} "#).signed_with(of::<P>().secret());
    let elsewhere = Payload::<P>::documented(of::<P>().events[0]).unwrap().signed_with("another secret");
    for request in events.chain([about::<P>("an id"), odd]) {
        let answer = wait_for(answer(&request));
        assert_eq!(answer.handled, [handed(&request)]);
        assert_eq!(answer.handled[0].body, request.body());
    }
    // Which secret it is does not matter where no receiver is asked, nor does the path.
    assert_eq!(handed(&elsewhere.with_path("/x?y")).debug, handed(&first::<P>()).debug);
}

fn a_body_that_is_no_event_is_rejected_as_by_the_extractor<P: Documented>() {
    for body in [&b"{}"[..], b"", b"not JSON", b"[]", b"{\"event\":1}", b"\xff"] {
        let request = Payload::<P>::new(body).signed_with(of::<P>().secret());
        let delivery = || request.delivery().expect("it is genuine");
        assert_eq!(delivery().event().unwrap_err().kind(), VerifyErrorKind::Undecodable);
        let expected = wait_for(answer(&request));
        assert_eq!((expected.status, &expected.handled[..]), (422, &[][..]));

        let rejection = for_axum::Webhook::try_from(delivery()).unwrap_err();
        let text = rejection.to_string();
        let response = rejection.into_response();
        let is_expected = |status: u16, content_type: &str, body: &[u8], reason: Option<VerifyErrorKind>| {
            let Answer { status: other, content_type: types, body: bytes, reason: why, .. } = &expected;
            assert_eq!((status, Some(content_type), body, reason), (*other, types.as_deref(), &bytes[..], *why));
        };
        let status = response.status().as_u16();
        let content_type = response.headers()["content-type"].to_str().unwrap().to_owned();
        let why = response.extensions().get::<countersign::VerifyError>().map(countersign::VerifyError::kind);
        let bytes = wait_for(response.into_body().collect()).unwrap().to_bytes();
        is_expected(status, &content_type, &bytes, why);

        let rejection = actix::Webhook::try_from(delivery()).unwrap_err();
        assert_eq!(rejection.to_string(), text);
        let response = rejection.error_response();
        let status = response.status().as_u16();
        let content_type = response.headers().get("content-type").unwrap().to_str().unwrap().to_owned();
        let why = response.extensions().get::<countersign::VerifyError>().map(countersign::VerifyError::kind);
        let bytes = wait_for(actix_web::body::to_bytes(response.into_body())).unwrap();
        is_expected(status, &content_type, &bytes, why);
    }
}

fn what_is_refused_is_no_delivery<P: Documented>() {
    let mut refused = 0;
    for &tampering in Tampering::ALL {
        let Ok(tampered) = first::<P>().tampered(tampering) else { continue };
        let Expected::Refused(status) = tampering.expected::<P>() else { continue };
        refused += 1;
        if tampering == Tampering::Oversized {
            // It is genuine, and `delivery` has a limit that it keeps: only a receiver's own refuses it.
            assert_eq!((status, tampered.delivery().unwrap().body().len()), (413, 1024 * 1024 + 1));
            continue;
        }
        let error = tampered.delivery().expect_err("what is tampered with");
        assert_eq!((Some(error.kind()), error.status()), (reason::<P>(tampering), status), "{tampering}");
    }
    assert_eq!(refused, if of::<P>().is_signed() { 10 } else { 7 });
}

fn what_is_accepted_is_the_delivery_that_the_handler_sees<P: Documented>() {
    for &tampering in Tampering::ALL {
        let Ok(tampered) = first::<P>().tampered(tampering) else { continue };
        if let Expected::Accepted | Expected::AcceptedOnce | Expected::RefusedIfAged(_) = tampering.expected::<P>() {
            assert_eq!(wait_for(answer(&tampered)).handled, [handed(&tampered)], "{tampering}");
        }
    }
}

#[test]
#[should_panic(expected = "a webhook secret must not be empty")]
fn no_verifier_takes_an_empty_secret() {
    let _ = Payload::<countersign::providers::Zeodyn>::new("{}").signed_with("").delivery();
}
