//! What receivers make of everything that was tampered with: what the kit says, and for the right reason.

use countersign::{RejectionKind, Verifier, provider::Provider, providers::GeoScored};
use countersign_testkit::{Documented, Expected, SignedRequest, Tampering};

use crate::testkit::{
    about,
    apps::{Answer, Handled, answers},
    by_hand, of, signed,
    support::receiver::{Line, Receiver},
    wait_for,
};

for_every_provider![
    what_is_expected_is_what_is_written_here,
    core_makes_of_every_tampering_what_is_expected,
    both_adapters_make_of_every_tampering_what_is_expected,
];

/// Why a delivery of `P` that was tampered with is rejected, written down apart from the kit; `None` if it is not.
pub(crate) fn reason<P: Provider>(tampering: Tampering) -> Option<RejectionKind> {
    use RejectionKind::*;
    let (signed, token) = match tampering {
        Tampering::FlippedBody | Tampering::Reserialised => (Some(SignatureMismatch), None),
        Tampering::FlippedTag => (Some(SignatureMismatch), Some(TokenMismatch)),
        Tampering::TruncatedTag => (Some(MalformedSignature), Some(TokenMismatch)),
        Tampering::MissingProof | Tampering::OtherProvider => (Some(MissingSignature), Some(MissingToken)),
        Tampering::DoubledProof => (Some(MalformedSignature), Some(MalformedToken)),
        // A token has no prefix: it is not done, and what would be expected of it is as good as anything.
        Tampering::WrongPrefix => (Some(MalformedSignature), Some(TokenMismatch)),
        Tampering::RetiredSecret => (Some(SignatureMismatch), Some(TokenMismatch)),
        Tampering::Oversized => (Some(BodyTooLarge), Some(BodyTooLarge)),
        Tampering::UnknownEvent | Tampering::Duplicate | Tampering::Stale => (None, None),
        // Nothing but the body is signed: they are not done. `pages.rs` has those of other providers.
        Tampering::StaleTime => (None, None),
        Tampering::WrongTime | Tampering::SwappedId | Tampering::OtherUrl => {
            (Some(SignatureMismatch), Some(TokenMismatch))
        }
        other => panic!("{other} is new, and nothing is written here of it"),
    };
    if of::<P>().is_signed() { signed } else { token }
}

fn what_is_expected_is_what_is_written_here<P: Documented>() {
    for &tampering in Tampering::ALL {
        let expected = match (reason::<P>(tampering), tampering) {
            (Some(RejectionKind::BodyTooLarge), _) => Expected::Rejected(413),
            (Some(_), _) => Expected::Rejected(401),
            (None, Tampering::UnknownEvent) => Expected::Accepted,
            (None, Tampering::Duplicate) => Expected::AcceptedOnce,
            (None, Tampering::Stale | Tampering::StaleTime) => Expected::RejectedIfAged(401),
            // ScreenshotRun's token says nothing of the body: nobody can see that it was changed.
            (None, _) => Expected::NotProtected,
        };
        assert_eq!(tampering.expected::<P>(), expected, "{tampering}");
    }
}

fn core_makes_of_every_tampering_what_is_expected<P: Documented>() {
    for &event in of::<P>().events {
        for &tampering in Tampering::ALL {
            let Ok(tampered) = signed::<P>(event).tampered(tampering) else { continue };
            let head = tampered.to_http::<bytes::Bytes>();
            let verified = Verifier::<P>::new(of::<P>().secret()).verify(&head, head.body().clone());
            let found = verified.as_ref().err().map(|error| (error.kind(), error.status()));
            let status = if tampering == Tampering::Oversized { 413 } else { 401 };
            assert_eq!(found, reason::<P>(tampering).map(|kind| (kind, status)), "{tampering} of {event}");
            match tampering.expected::<P>() {
                Expected::Rejected(expected) => assert_eq!(found.map(|(_, status)| status), Some(expected)),
                // `ages.rs` shows what is rejected if it is old.
                Expected::Accepted | Expected::AcceptedOnce | Expected::RejectedIfAged(_) | Expected::NotProtected => {
                    assert!(verified.is_ok(), "{tampering} of {event}");
                }
                other => panic!("{other:?} is new"),
            }
        }
    }
}

/// What is sent for a tampering: before what is a duplicate, the original.
fn sequence<P: Documented>(tampering: Tampering, id: &str) -> Option<Vec<SignedRequest<P>>> {
    let original = about::<P>(id);
    let tampered = original.tampered(tampering).ok()?;
    let is_second = tampering.expected::<P>() == Expected::AcceptedOnce;
    Some(if is_second { vec![original, tampered] } else { vec![tampered] })
}

fn both_adapters_make_of_every_tampering_what_is_expected<P: Documented>() {
    for &tampering in Tampering::ALL {
        let Some(requests) = sequence::<P>(tampering, "in-process") else { continue };
        let answers = wait_for(answers(&requests.iter().collect::<Vec<_>>()));
        let tampered = requests.last().unwrap();
        let Answer { status, is_duplicate, reason: why, handled, content_type, .. } = answers.last().unwrap();
        let seen = (*status, *is_duplicate, handled.len());
        match tampering.expected::<P>() {
            Expected::Rejected(status) => {
                assert_eq!(seen, (status, false, 0), "{tampering}");
                assert_eq!(*why, reason::<P>(tampering), "{tampering}");
                assert_eq!(content_type.as_deref(), Some("application/problem+json"));
            }
            Expected::Accepted | Expected::RejectedIfAged(_) => {
                assert_eq!(seen, (200, false, 1), "{tampering}");
                assert_eq!(handled[0], Handled::of(&tampered.delivery().unwrap()));
            }
            Expected::AcceptedOnce => {
                assert_eq!((answers[0].status, answers[0].is_duplicate, answers[0].handled.len()), (200, false, 1));
                assert_eq!(seen, (200, true, 0), "{tampering}");
            }
            // It gets to the handler, whatever that makes of it.
            Expected::NotProtected if *status == 422 => assert_eq!(seen, (422, false, 0), "{tampering}"),
            Expected::NotProtected => assert_eq!(seen, (200, false, 1), "{tampering}"),
            other => panic!("{other:?} is new"),
        }
    }
}

/// `Expected` is of a provider, and GeoScored's test events, which all look alike, are no duplicates of one another.
#[test]
fn a_test_event_is_handled_again() {
    let original = signed::<GeoScored>("scan.test");
    let duplicate = original.tampered(Tampering::Duplicate).unwrap();
    let answers = wait_for(answers(&[&original, &duplicate]));
    let seen: Vec<_> =
        answers.iter().map(|answer| (answer.status, answer.is_duplicate, answer.handled.len())).collect();
    assert_eq!(seen, [(200, false, 1); 2]);
}

#[test]
fn the_axum_receiver_makes_of_every_tampering_what_is_expected() {
    makes_of_every_tampering_what_is_expected("axum_receiver");
}

#[test]
fn the_actix_receiver_makes_of_every_tampering_what_is_expected() {
    makes_of_every_tampering_what_is_expected("actix_receiver");
}

fn makes_of_every_tampering_what_is_expected(name: &str) {
    fn of_provider<P: Documented>(receiver: &Receiver) {
        for &tampering in Tampering::ALL {
            let id = format!("{tampering}-{}", P::NAME);
            let Some(requests) = sequence::<P>(tampering, &id) else { continue };
            let mut seen = Vec::new();
            for request in &requests {
                // One that is rejected at its head may be cut off while it is still sent.
                let (answer, lines) = receiver.exchange(&by_hand(request));
                let is_duplicate = answer.header("countersign-delivery") == Some("duplicate");
                seen.push((answer.status, is_duplicate, lines));
            }
            let own = vec![Line::of::<P>(of::<P>().events[0], &id)];
            let (status, is_duplicate, lines) = seen.pop().unwrap();
            match tampering.expected::<P>() {
                Expected::Rejected(expected) => {
                    assert_eq!((status, is_duplicate, lines), (expected, false, vec![]), "{tampering}");
                }
                Expected::Accepted => {
                    assert_eq!((status, is_duplicate, lines.len()), (200, false, 1), "{tampering}");
                    assert_eq!((lines[0].provider.as_str(), lines[0].event.as_str()), (P::NAME, "countersign.unknown"));
                }
                Expected::RejectedIfAged(_) => assert_eq!((status, is_duplicate, lines), (200, false, own)),
                Expected::AcceptedOnce => {
                    assert_eq!(seen.pop(), Some((200, false, own)));
                    assert_eq!((status, is_duplicate, lines), (200, true, vec![]), "{tampering}");
                }
                Expected::NotProtected if status == 422 => assert_eq!((is_duplicate, lines), (false, vec![])),
                Expected::NotProtected => {
                    assert_eq!((status, is_duplicate, lines.len()), (200, false, 1), "{tampering}");
                }
                other => panic!("{other:?} is new"),
            }
        }
    }
    let receiver = Receiver::start(name);
    macro_rules! every {
        ($($name:ident => $Provider:ident,)*) => { $(of_provider::<countersign::providers::$Provider>(&receiver);)* };
    }
    countersign::__for_each_typed_provider!(every);
}
