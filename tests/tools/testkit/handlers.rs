//! A handler in a unit test: the kit makes what its extractor would give it.

use countersign::{RejectionKind, actix, axum as for_axum, provider::Provider};
use countersign_testkit::{Documented, Expected, Payload, SignedRequest, Tampering};

use crate::testkit::{
    about,
    apps::{Handled, answer},
    first, of,
    rejections::reason,
    signed, wait_for,
};

for_every_provider![
    a_handler_is_given_what_its_extractor_would_give_it,
    a_body_that_is_not_an_event_is_no_delivery,
    what_is_rejected_is_no_delivery,
    what_is_accepted_is_the_delivery_that_the_handler_sees,
];

/// What both adapters make of it.
fn handed<P: Provider>(request: &SignedRequest<P>) -> Handled {
    let by_axum = for_axum::Webhook::from(request.delivery().unwrap());
    let by_actix = actix::Webhook::from(request.delivery().unwrap());
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

fn a_body_that_is_not_an_event_is_no_delivery<P: Documented>() {
    for body in [&b"{}"[..], b"", b"not JSON", b"[]", b"{\"event\":1}", b"\xff"] {
        let request = Payload::<P>::new(body).signed_with(of::<P>().secret());
        let rejection = request.delivery().unwrap_err();
        assert_eq!((rejection.kind(), rejection.status()), (RejectionKind::Undecodable, 422));
        let expected = wait_for(answer(&request));
        assert_eq!((expected.status, expected.reason, &expected.handled[..]), (422, Some(rejection.kind()), &[][..]));
    }
}

fn what_is_rejected_is_no_delivery<P: Documented>() {
    let mut rejected = 0;
    for &tampering in Tampering::ALL {
        let Ok(tampered) = first::<P>().tampered(tampering) else { continue };
        let Expected::Rejected(status) = tampering.expected::<P>() else { continue };
        rejected += 1;
        if tampering == Tampering::Oversized {
            // It verifies: `delivery` has no limit, so only a receiver rejects it.
            assert_eq!((status, tampered.delivery().unwrap().body().len()), (413, 1024 * 1024 + 1));
            continue;
        }
        let error = tampered.delivery().expect_err("what is tampered with");
        assert_eq!((Some(error.kind()), error.status()), (reason::<P>(tampering), status), "{tampering}");
    }
    assert_eq!(rejected, if of::<P>().is_signed() { 10 } else { 7 });
}

fn what_is_accepted_is_the_delivery_that_the_handler_sees<P: Documented>() {
    for &tampering in Tampering::ALL {
        let Ok(tampered) = first::<P>().tampered(tampering) else { continue };
        if let Expected::Accepted | Expected::AcceptedOnce | Expected::RejectedIfAged(_) = tampering.expected::<P>() {
            assert_eq!(wait_for(answer(&tampered)).handled, [handed(&tampered)], "{tampering}");
        }
    }
}

#[test]
#[should_panic(expected = "a webhook secret must not be empty")]
fn no_verifier_takes_an_empty_secret() {
    let _ = Payload::<countersign::providers::Zeodyn>::new("{}").signed_with("").delivery();
}
