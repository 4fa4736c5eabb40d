//! Answers: statuses, headers and bodies, and the answer to an extractor's error.

use std::sync::Arc;

use serde_json::Value;
use tokio::time::sleep;

use super::*;
use crate::{
    ExtractionErrorKind, Verifier,
    adapter::{Finish, Next, Received, Receiver, Unreadable},
    providers::{ScreenshotRun, Zeodyn},
};

const UNAUTHORIZED: &str =
    r#"{"type":"about:blank","title":"Unauthorized","status":401,"detail":"The delivery could not be verified."}"#;

fn answer(kind: RejectionKind) -> Answer {
    Answer::from(Rejection::new(kind))
}

/// Every kind with its status, title and headers.
#[test]
fn each_status_has_its_headers_and_its_problem() {
    use RejectionKind::*;
    let allow: &[_] = &[("allow", "POST")];
    let retry: &[_] = &[("retry-after", "5")];
    let identity: &[_] = &[("accept-encoding", "identity")];
    for (kinds, status, title, headers) in [
        (&[BodyIncomplete][..], 400, "Bad Request", &[][..]),
        (&[MethodNotAllowed], 405, "Method Not Allowed", allow),
        (&[BodyTimeout], 408, "Request Timeout", &[]),
        (&[InFlight], 409, "Conflict", retry),
        (&[BodyTooLarge], 413, "Content Too Large", &[]),
        (&[UnsupportedEncoding], 415, "Unsupported Media Type", identity),
        (&[Undecodable], 422, "Unprocessable Content", &[]),
        (
            &[
                LookupFailed,
                LookupTimeout,
                ConfirmationFailed,
                ConfirmationTimeout,
                StoreUnavailable,
                HandlerTimeout,
                ShuttingDown,
            ],
            503,
            "Service Unavailable",
            retry,
        ),
        (
            &[
                MissingSignature,
                MalformedSignature,
                SignatureMismatch,
                MissingToken,
                MalformedToken,
                TokenMismatch,
                SourceNotAllowed,
                SourceUnknown,
                InsufficientTrust,
                HandshakeRejected,
                SecretNotFound,
                AmbiguousId,
                NotConfirmed,
                EventTooOld,
                EventTimeMissing,
                EventTimeUnreadable,
            ],
            401,
            "Unauthorized",
            &[],
        ),
    ] {
        for kind in kinds {
            let answer = answer(*kind);
            assert_eq!((answer.status(), kind.status()), (status, status), "{kind:?}");
            let all = [&[("content-type", "application/problem+json")], headers].concat();
            assert_eq!(answer.headers(), all, "{kind:?}");
            let problem: Value = serde_json::from_slice(&answer.body()).unwrap();
            assert_eq!(problem["type"], "about:blank");
            assert_eq!(
                (&problem["status"], &problem["title"]),
                (&Value::from(status), &Value::from(title)),
                "{kind:?}"
            );
            assert!(problem["detail"].as_str().is_some_and(|detail| detail.ends_with('.')), "{problem}");
            assert!(matches!(answer.why(), Why::Rejected(rejection) if rejection.kind() == *kind));
            assert_eq!(answer.to_string(), Rejection::new(*kind).to_string());
            assert_eq!(Rejection::new(*kind).is_retryable(), matches!(status, 409 | 503), "{kind:?}");
            if status == 401 {
                assert_eq!(answer.body(), UNAUTHORIZED, "{kind:?}: an attacker learns nothing");
            }
        }
    }
}

#[test]
fn what_an_adapter_reports_is_answered() {
    let receiver = Receiver::from(Verifier::<ScreenshotRun>::new("t0ken"));
    let receiving = receiver.begin(&http::Request::post("/?token=t0ken").body(()).unwrap()).unwrap();
    for (answer, expected) in [
        (receiving.timed_out(), RejectionKind::BodyTimeout),
        (receiving.incomplete(), RejectionKind::BodyIncomplete),
        (receiving.too_large(), RejectionKind::BodyTooLarge),
        (Answer::stopped::<Zeodyn>(), RejectionKind::ShuttingDown),
    ] {
        assert_eq!(answer.status(), expected.status());
        assert!(matches!(answer.why(), Why::Rejected(rejection) if rejection.kind() == expected), "{answer:?}");
    }
}

/// The lengths of a body are told with its rejection, and are the text of the log.
#[test]
fn c24_a_rejection_for_its_body_says_how_many_bytes_came() {
    let receiver = Receiver::from(Verifier::<ScreenshotRun>::new("t0ken").with_body_limit(100));
    let receiving = |declared: Option<&str>, bytes: usize| {
        let head = http::Request::post("/?token=t0ken");
        let head = declared.into_iter().fold(head, |head, length| head.header("content-length", length));
        let mut receiving = receiver.begin(&head.body(()).unwrap()).map_err(|answer| detail(&answer))?;
        receiving.push(vec![b' '; bytes].into()).map_err(|answer| detail(&answer))?;
        Ok::<_, String>(receiving)
    };
    let of = |declared, bytes| {
        let receiving = receiving(declared, bytes).unwrap();
        [receiving.timed_out(), receiving.incomplete(), receiving.too_large()].map(|answer| detail(&answer))
    };
    let outer = |bytes: usize| format!("a layer outside has a lower limit, which was exceeded after {bytes} bytes");
    let partly = "12 of the 100 bytes that were declared were received".to_owned();
    assert_eq!(of(Some("100"), 12), [partly.clone(), partly, outer(12)]);
    let unknown = "12 bytes were received, and no length was declared".to_owned();
    assert_eq!(of(None, 12), [unknown.clone(), unknown, outer(12)]);
    // C35: a proxy added `Upgrade`, and the server gives the body no end.
    let endless = "all 12 bytes that were declared were received, but the server did not end the body: the request may \
                   have an `Upgrade` header that a proxy added";
    assert_eq!(of(Some("12"), 12)[0], endless);

    let rejected = |declared, bytes| receiving(declared, bytes).unwrap_err();
    assert_eq!(rejected(Some("101"), 0), "101 bytes were declared, and the limit is 100 bytes");
    let most = "18446744073709551615 bytes were declared, and the limit is 100 bytes";
    assert_eq!(rejected(Some("99999999999999999999999999"), 0), most);
    assert_eq!(rejected(None, 101), "at least 101 bytes were sent, and the limit is 100 bytes");

    let mut receiving = receiving(None, 60).unwrap();
    for _ in 0..2 {
        // The rest of such a body is not counted: it is not kept either.
        let answer = receiving.push(vec![b' '; 50].into()).unwrap_err();
        assert_eq!(detail(&answer), "at least 110 bytes were sent, and the limit is 100 bytes");
        let Some(RejectionDetail::Lengths(lengths)) = rejection(&answer).detail() else { panic!("{answer:?}") };
        assert_eq!((lengths.received(), lengths.declared(), lengths.limit()), (110, None, Some(100)));
        assert_eq!(answer.body(), self::answer(RejectionKind::BodyTooLarge).body(), "the response says nothing of it");
    }
}

#[test]
fn c24_a_method_is_told_by_name_if_it_is_a_usual_one() {
    let verifier = Verifier::<Zeodyn>::new("s3cr3t");
    for (method, name, text) in [
        ("GET", Some("GET"), "the method is GET"),
        ("PATCH", Some("PATCH"), "the method is PATCH"),
        ("post", Some("POST in another case"), "the method is POST in another case"),
        ("get", None, "the method is an unusual one of 3 bytes"),
        ("PROPFIND", None, "the method is an unusual one of 8 bytes"),
    ] {
        let head = http::Request::builder().method(method).body(()).unwrap();
        let rejection = verifier.verify(&head, "").unwrap_err();
        let Some(RejectionDetail::Method(shape)) = rejection.detail() else { panic!("{rejection:?}") };
        assert_eq!((shape.name(), shape.to_string().as_str()), (name, text));
        assert_eq!(Answer::from(rejection).headers(), answer(RejectionKind::MethodNotAllowed).headers());
    }
}

fn rejection(answer: &Answer) -> &Rejection {
    let Why::Rejected(rejection) = answer.why() else { panic!("{answer:?}") };
    rejection
}

fn detail(answer: &Answer) -> String {
    rejection(answer).detail().unwrap().to_string()
}

/// A task that did not complete is answered, unless it panicked.
#[test]
fn a_stopped_task_is_answered_and_a_panic_resumed() {
    let of = Answer::of_task::<Zeodyn, u8>;
    assert_eq!(of(Ok(Ok(1))).unwrap(), 1);
    for (held, expected) in [
        (Ok(Err(Rejection::new(RejectionKind::HandlerTimeout))), RejectionKind::HandlerTimeout),
        (Err(None), RejectionKind::ShuttingDown),
    ] {
        let answer = of(held).unwrap_err();
        assert!(matches!(answer.why(), Why::Rejected(rejection) if rejection.kind() == expected));
    }
    let panic = std::panic::catch_unwind(|| of(Err(Some(Box::new("mine")))));
    assert_eq!(panic.unwrap_err().downcast_ref(), Some(&"mine"));
}

#[test]
fn an_answer_is_a_response_of_http() {
    let answer = answer(RejectionKind::InFlight);
    let response = http::Response::from(&answer);
    assert_eq!((response.status(), response.body()), (http::StatusCode::CONFLICT, &answer.body()));
    let headers: Vec<_> =
        response.headers().iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap())).collect();
    assert_eq!(headers, answer.headers());
}

/// I1: the user's own response does not end the retries of a delivery that was not handled.
#[test]
fn i1_a_users_response_never_makes_a_success_of_a_delivery_to_be_retried() {
    for kind in [RejectionKind::InFlight, RejectionKind::StoreUnavailable, RejectionKind::HandlerTimeout] {
        let of = |status| Rejection::new(kind).status_of(status);
        assert_eq!([200, 202, 299].map(of), [kind.status(); 3]);
        assert_eq!([100, 199, 300, 302, 404, 500, 503].map(of), [100, 199, 300, 302, 404, 500, 503]);
    }
    for kind in [RejectionKind::SignatureMismatch, RejectionKind::BodyTooLarge, RejectionKind::Undecodable] {
        let of = |status| Rejection::new(kind).status_of(status);
        assert_eq!([200, 204, 401, 404, 500].map(of), [200, 204, 401, 404, 500]);
    }
}

fn unreadable(body: &'static str) -> (Received<ScreenshotRun>, Arc<Unreadable<ScreenshotRun>>) {
    let receiver = Receiver::from(Verifier::<ScreenshotRun>::new("t0ken"));
    let head = http::Request::post("/?token=t0ken").body(()).unwrap();
    let mut receiving = receiver.begin(&head).unwrap();
    receiving.push(body.into()).unwrap();
    match receiving.finish(sleep) {
        Finish::Ready(Next::Handle(received, None)) => {
            let unreadable = received.unreadable().unwrap();
            (received, unreadable)
        }
        other => unreachable!("it is handled: {other:?}"),
    }
}

/// The answer of a handler that takes a `Result` is not replaced.
#[test]
fn an_unreadable_body_is_the_answer_only_if_the_extractors_error_becomes_it() {
    let (received, unreadable) = unreadable("nonsense");
    assert!(unreadable.answered(422).is_none());
    let error = Received::extract(Some(&received)).unwrap_err();
    let again = Received::extract(Some(&received)).unwrap_err();
    assert_eq!((error.kind(), error.status()), (ExtractionErrorKind::Undecodable, 422));
    assert_eq!(error.to_string(), "the delivery was verified, but its body could not be decoded");
    assert_eq!(std::error::Error::source(&error).unwrap().to_string(), "the body is not JSON at line 1 column 2");
    drop((error.clone(), format!("{error:?}"), error.rejection().cloned(), again));
    assert!(unreadable.answered(422).is_none(), "nothing was answered with it");

    let answer = error.clone().answer();
    assert_eq!(answer.status(), 422);
    assert_eq!(answer.headers(), [("content-type", "application/problem+json")]);
    assert_eq!(answer.body(), self::answer(RejectionKind::Undecodable).body());
    assert_eq!(unreadable.answered(422).map(Rejection::kind), Some(RejectionKind::Undecodable));
    assert!(unreadable.answered(202).is_none(), "the handler made another answer of it");
    // Another delivery is another answer.
    let (_, other) = self::unreadable("nonsense");
    assert!(other.answered(422).is_none());
}

#[test]
fn a_missing_verification_is_answered_with_500_and_says_what_to_do() {
    let error = Received::<Zeodyn>::extract(None).unwrap_err();
    assert_eq!((error.kind(), error.status()), (ExtractionErrorKind::MissingVerification, 500));
    assert!(error.rejection().is_none() && std::error::Error::source(&error).is_none());
    let text = "no delivery of Zeodyn was verified before this handler: put `VerifyWebhook` for Zeodyn around its \
                route. A `VerifyWebhook` for another provider, or around another route, does not count";
    assert_eq!(error.to_string(), text);
    assert_eq!(format!("{error:?}"), "MissingVerification(\"Zeodyn\")");
    let answer = error.answer();
    assert_eq!((answer.status(), answer.headers()), (500, [("content-type", "application/problem+json")].as_slice()));
    let problem: Value = serde_json::from_slice(&answer.body()).unwrap();
    let expected = serde_json::json!({
        "type": "about:blank", "title": "Internal Server Error", "status": 500, "detail": text,
    });
    assert_eq!(problem, expected);
    assert!(matches!(answer.why(), Why::NotVerified));
    assert_eq!(answer.to_string(), "no delivery was verified before the handler");
}

#[test]
fn t19_nothing_prints_a_body() {
    let (received, unreadable) = unreadable("n0nsense");
    let answer = Received::extract(Some(&received)).unwrap_err();
    let printed = format!("{received:?} {unreadable:?} {answer:?} {:?}", answer.answer());
    assert!(printed.contains("[8 bytes]") && !printed.contains("n0nsense"), "{printed}");
}
