//! How old an event may be, where the provider signs when it was.

#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects)]

use std::{
    future::{Future, pending},
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    task::{Context, Poll, Waker},
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use countersign_core::{
    Clock, RejectionKind, Secret, UnverifiedDelivery, Verifier,
    adapter::Answer,
    provider::Provider,
    providers::{ScreenScore, ScreenshotCenter, Zeodyn},
};
use hmac::{Hmac, KeyInit, Mac};
use http::Request;
use sha2::Sha256;

use RejectionKind::{
    EventTimeMissing, EventTimeUnreadable, EventTooOld, MissingSignature, SignatureMismatch, Undecodable,
};

const AGE: Duration = Duration::from_secs(600);

/// 2026-02-22T10:30:00Z, as `date -u -d 2026-02-22T10:30:00Z +%s` has it.
fn then() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_771_756_200)
}

fn request<P: Provider>(key: &str, body: &str) -> Request<()> {
    let header = P::SCHEME.places().find_map(|place| place.as_header()).unwrap();
    let prefix = P::SCHEME.signature_prefix().unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).unwrap();
    mac.update(body.as_bytes());
    Request::post("/").header(header, format!("{prefix}{}", hex::encode(mac.finalize().into_bytes()))).body(()).unwrap()
}

/// Why a genuine delivery is rejected at a moment; `None` if it is not.
fn rejection_at<P: Provider>(now: SystemTime, body: &str) -> Option<RejectionKind> {
    let verifier = Verifier::<P>::new("key").with_max_event_age(AGE).with_clock(Clock::manual(now));
    let request = request::<P>("key", body);
    let whole = verifier.verify_only(&request, body.to_owned()).err().map(|error| error.kind());
    let mut verification = verifier.check_head(&request).unwrap();
    verification.push(Bytes::copy_from_slice(body.as_bytes())).unwrap();
    assert_eq!(verification.finish().err().map(|error| error.kind()), whole);
    // The age is judged before the event is read.
    let read = verifier.verify(&request, body.to_owned()).err().map(|error| error.kind());
    assert_eq!(read, whole, "{body}");
    whole
}

fn rejection(body: &str) -> Option<RejectionKind> {
    rejection_at::<Zeodyn>(then() + AGE, body)
}

#[test]
fn t10_an_event_is_accepted_until_it_is_older_than_that() {
    let body = r#"{"event":"scan_complete","scanId":"1","timestamp":"2026-02-22T10:30:00.000Z"}"#;
    let at = |now| rejection_at::<Zeodyn>(now, body);
    assert_eq!(at(then()), None);
    assert_eq!(at(then() + AGE), None, "to the nanosecond");
    assert_eq!(at(then() + AGE + Duration::from_nanos(1)), Some(EventTooOld));
    assert_eq!(at(then() + Duration::from_secs(1 << 40)), Some(EventTooOld));
    // Ahead of our clock, which may be wrong: it is not old.
    assert_eq!(at(then() - Duration::from_secs(60 * 60)), None);
    assert_eq!(at(SystemTime::UNIX_EPOCH), None);
}

#[test]
fn t10_the_error_is_a_401_like_every_other_and_says_why_inside() {
    let body = r#"{"event":"scan_complete"}"#;
    let verifier = Verifier::<Zeodyn>::new("key").with_max_event_age(AGE);
    let error = verifier.verify(&request::<Zeodyn>("key", body), body).unwrap_err();
    assert_eq!((error.status(), error.kind().code()), (401, "event_time_missing"));
    assert_eq!(error.to_string(), "the event has no timestamp, and a maximum age is set");
    let forged = verifier.verify(&request::<Zeodyn>("guessed", body), body).unwrap_err();
    let (error, forged) = (Answer::from(error), Answer::from(forged));
    assert_eq!((error.body(), error.headers()), (forged.body(), forged.headers()));
}

#[test]
fn every_provider_that_signs_a_time_has_it_where_its_documentation_shows_it() {
    let late = then() + AGE;
    for time in
        ["2026-02-22T10:30:00Z", "2026-02-22T10:30:00.000Z", "2026-02-22T12:30:00+02:00", "2026-02-22T05:30:00-05:00"]
    {
        let created = format!(r#"{{"event":"analysis.completed","created_at":"{time}","data":{{"id":"1"}}}}"#);
        assert_eq!(rejection_at::<ScreenScore>(late, &created), None, "{time}");
        assert_eq!(rejection_at::<ScreenScore>(late + Duration::from_secs(1), &created), Some(EventTooOld), "{time}");
        assert_eq!(rejection_at::<ScreenshotCenter>(late, &created), None, "{time}");
        let timestamp = format!(r#"{{"event":"scan_complete","timestamp":"{time}"}}"#);
        assert_eq!(rejection_at::<Zeodyn>(late, &timestamp), None, "{time}");
        // The name of another's field, and the same name further down, are not it.
        assert_eq!(rejection_at::<Zeodyn>(late, &created), Some(EventTimeMissing));
        assert_eq!(rejection_at::<ScreenScore>(late, &timestamp), Some(EventTimeMissing));
        let inside = format!(r#"{{"event":"analysis.completed","data":{{"created_at":"{time}"}}}}"#);
        assert_eq!(rejection_at::<ScreenScore>(late, &inside), Some(EventTimeMissing));
    }
}

#[test]
fn t10_what_does_not_say_when_it_was_is_rejected_as_if_it_were_old() {
    let times = [
        "null",
        "0",
        "1771756200",
        "1e400",
        "true",
        "[]",
        "{}",
        r#"["2026-02-22T10:30:00Z"]"#,
        r#""""#,
        r#"" ""#,
        r#""yesterday""#,
        r#""2026-02-22""#,
        r#""10:30:00Z""#,
        r#""2026-02-22T10:30:00""#,
        r#""2026-02-22T10:30:00 ""#,
        r#""2026-02-30T10:30:00Z""#,
        r#""2026-02-22T25:30:00Z""#,
        r#""1771756200""#,
        r#""99999-01-01T00:00:00Z""#,
        r#""Sun, 22 Feb 2026 10:30:00 GMT""#,
        r#""2026-02-22T10:30:00+99:00""#,
        r#""2026-02-22T10:30:00Z\u0000""#,
    ];
    for time in times {
        let body = format!(r#"{{"event":"scan_complete","scanId":"1","timestamp":{time}}}"#);
        let expected = if time == "null" { EventTimeMissing } else { EventTimeUnreadable };
        assert_eq!(rejection(&body), Some(expected), "{time}");
    }
    assert_eq!(rejection(r#"{"event":"scan_complete"}"#), Some(EventTimeMissing), "missing");
    for body in ["[]", "null", "1", r#""2026-02-22T10:30:00Z""#] {
        assert_eq!(rejection(body), Some(EventTimeMissing), "{body}");
    }
}

/// A fresh event whose time has no zone is not "too old": nobody has to look at clocks.
#[test]
fn c23_a_time_that_cannot_be_read_is_told_by_its_shape() {
    let verifier = Verifier::<Zeodyn>::new("key").with_max_event_age(Duration::from_secs(10 * 365 * 86_400));
    for (time, shape) in [
        (r#""2026-11-27T09:00:00""#, "a text of 19 bytes that is not an RFC 3339 time with a zone"),
        (r#""2026-11-27T09:00:00 UTC""#, "a text of 23 bytes that is not an RFC 3339 time with a zone"),
        (r#""Fri, 27 Nov 2026 09:00:00 +0000""#, "a text of 31 bytes that is not an RFC 3339 time with a zone"),
        (r#""9999-12-31T09:00:00Z""#, "a text of 20 bytes that is not an RFC 3339 time with a zone"),
        (r#""""#, "a text of 0 bytes that is not an RFC 3339 time with a zone"),
        ("1771756200", "a number of 10 characters"),
        ("true", "a boolean"),
        ("[]", "a list"),
        (r#"{"at":1}"#, "an object"),
    ] {
        let body = format!(r#"{{"event":"scan_complete","scanId":"1","timestamp":{time}}}"#);
        let rejection = verifier.verify(&request::<Zeodyn>("key", &body), body).unwrap_err();
        assert_eq!(
            (rejection.status(), rejection.kind().code(), rejection.to_string().as_str()),
            (401, "event_time_unreadable", "the event's timestamp cannot be read, and a maximum age is set")
        );
        assert_eq!(rejection.detail().unwrap().to_string(), format!("the time of the event is {shape}"));
    }
    // With a tag from elsewhere.
    let body = r#"{"event":"scan_complete","scanId":"1","timestamp":"2026-11-27T09:00:00"}"#;
    let tag = "6feb37ae9e9f9b0067fb44f0ec12f31e19f49706e68749ffd2713f8077791fe7";
    let head = Request::post("/").header("x-zeodyn-signature", tag).body(()).unwrap();
    let verifier = Verifier::<Zeodyn>::new("s3cr3t").with_max_event_age(AGE);
    assert_eq!(verifier.verify(&head, body).unwrap_err().kind(), EventTimeUnreadable);
}

#[test]
fn undocumented_events_are_read_too() {
    for event in ["something.new", "batch_complete", "score_change"] {
        let body = format!(r#"{{"timestamp":"2026-02-22T10:30:00Z","event":"{event}","more":[{{"timestamp":1}}]}}"#);
        assert_eq!(rejection_at::<Zeodyn>(then() + AGE, &body), None, "{event}");
        assert_eq!(rejection_at::<Zeodyn>(then() + AGE * 2, &body), Some(EventTooOld), "{event}");
    }
    let upload = r#"{"event":"app.upload.finished","created_at":"2026-02-22T10:30:00Z"}"#;
    assert_eq!(rejection_at::<ScreenshotCenter>(then() + AGE, upload), None);
    assert_eq!(rejection_at::<ScreenshotCenter>(then() + AGE * 2, upload), Some(EventTooOld));
}

#[test]
fn t23_a_time_that_is_there_twice_is_undecodable_in_both_orders() {
    let (old, new) = (r#""timestamp":"2020-01-01T00:00:00Z""#, r#""timestamp":"2026-02-22T10:30:00Z""#);
    for body in [format!("{{{old},{new}}}"), format!("{{{new},{old}}}"), format!("{{{new},{new}}}")] {
        assert_eq!(rejection(&body), Some(Undecodable), "{body}");
    }
    let escaped = r#"{"timestamp":"2026-02-22T10:30:00Z","time\u0073tamp":"2020-01-01T00:00:00Z"}"#;
    assert_eq!(rejection(escaped), Some(Undecodable));
    let only_escaped = r#"{"event":"scan_complete","time\u0073tamp":"2026-02-22T10:30:00Z"}"#;
    assert_eq!(rejection(only_escaped), None, "it is the same name");
}

#[test]
fn what_is_not_json_is_undecodable() {
    let deep = format!(r#"{{"timestamp":"2026-02-22T10:30:00Z","deep":{}}}"#, "[".repeat(200));
    let bodies = ["", "{", "not json", r#"{"timestamp":"2026-02-22T10:30:00Z""#, r#"{"timestamp":"\x"}"#, &deep];
    for body in bodies {
        assert_eq!(rejection(body), Some(Undecodable), "{body}");
    }
    let trailing = r#"{"event":"scan_complete","timestamp":"2026-02-22T10:30:00Z"} and more"#;
    assert_eq!(rejection(trailing), Some(Undecodable), "what follows the JSON is not JSON");
}

#[test]
fn i4_the_time_of_what_is_forged_is_not_looked_at() {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let clock = Clock::following(then(), move || {
        count.fetch_add(1, SeqCst);
        Duration::ZERO
    });
    let verifier = Verifier::<Zeodyn>::new("key").with_max_event_age(AGE).with_clock(clock);
    let kind =
        |request: &Request<()>, body: &str| verifier.verify(request, body.to_owned()).err().map(|error| error.kind());
    let old = r#"{"event":"scan_complete","timestamp":"2020-01-01T00:00:00Z"}"#;
    assert_eq!(kind(&request::<Zeodyn>("guessed", old), old), Some(SignatureMismatch));
    assert_eq!(kind(&request::<Zeodyn>("guessed", "not json"), "not json"), Some(SignatureMismatch));
    assert_eq!(kind(&Request::post("/").body(()).unwrap(), old), Some(MissingSignature));
    assert_eq!(asked.load(SeqCst), 0);
    assert_eq!(kind(&request::<Zeodyn>("key", old), old), Some(EventTooOld));
    assert_eq!(asked.load(SeqCst), 1);
}

#[test]
fn what_is_proven_with_a_secret_that_was_looked_up_is_held_against_it_too() {
    let verifier = Verifier::<Zeodyn>::from_lookup(|_: UnverifiedDelivery<'_>| async {
        Ok::<_, std::io::Error>(Some(Secret::from_static("key")))
    });
    let kind = |key: &str, time: &str| {
        let body = format!(r#"{{"event":"scan_complete","timestamp":{time}}}"#);
        let head = request::<Zeodyn>(key, &body);
        let verifier = verifier.clone().with_max_event_age(AGE).with_clock(Clock::manual(then() + AGE));
        let verification = verifier.verify_async(&head, body, |_| pending());
        match pin!(verification).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(result) => result.err().map(|error| error.kind()),
            Poll::Pending => unreachable!("it is found at once"),
        }
    };
    assert_eq!(kind("key", r#""2026-02-22T10:30:00Z""#), None);
    assert_eq!(kind("key", r#""2026-02-22T10:29:59Z""#), Some(EventTooOld));
    assert_eq!(kind("key", "null"), Some(EventTimeMissing));
    assert_eq!(kind("guessed", "null"), Some(SignatureMismatch));
}
