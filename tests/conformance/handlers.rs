//! What a handler is given, and what it is told if it is given nothing.

use std::time::{Duration, UNIX_EPOCH};

use countersign::{SentAt, Trust};
use sha2::{Digest, Sha256};

use crate::{
    case::{Case, scan},
    servers::Server,
    support::{Sender, escape, http::Framing, senders},
    third_parties::secret_of,
};

fn labelled<'a>(server: &'a Server, sender: &Sender, name: &str) -> Case<'a> {
    Case::new(server, sender.name, format!("/labelled/{}/{name}", sender.name))
}

/// Bytes that no two writers of JSON would write alike, and as many spaces.
fn odd(event: &str, spaces: usize) -> Vec<u8> {
    let escaped: String = event.bytes().map(|byte| format!("\\u{byte:04x}")).collect();
    let pad = " ".repeat(spaces);
    format!("{{ \"n\" : [1.0, 1e2,-0.0 ],\t\"event\":\"{escaped}\" ,\n\"url\":\"https:\\/\\/\u{e9}.example\",{pad}\"\":0}}\r\n")
        .into_bytes()
}

/// `accepts` compares the body of the delivery, and that of the request, with the one that was sent.
pub(crate) fn t7_the_handler_gets_the_body_byte_for_byte(server: &Server) {
    for sender in senders() {
        let case = labelled(server, &sender, "bytes");
        let event = sender.fixture().event;
        // Few chunks: all have to come within the deadline, however busy the machine is.
        for (spaces, chunk) in [(0, 1), (0, 31), (5000, 2049), (300_000, 40_000), (300_000, usize::MAX)] {
            let body = odd(&event, spaces);
            for framing in [Framing::Length, Framing::Chunked(chunk)] {
                let handled = case.accepts(&case.genuine(body.clone()).framed(framing));
                assert_eq!(handled.event, event, "{framing:?}");
            }
        }
    }
}

pub(crate) fn the_matched_secret_and_the_trust_are_told(server: &Server) {
    for sender in senders() {
        let case = labelled(server, &sender, "secrets");
        let body = sender.fixture().body;
        for (secret, position, label) in
            [("new", 0, Some("2026-q4")), (&*sender.secret(), 1, Some("2026-q3")), ("unlabelled", 2, None)]
        {
            let handled = case.accepts(&case.proven_with(secret, body.clone()));
            assert_eq!((handled.secret, handled.label.as_deref()), (position, label), "{}", sender.name);
            let trust = if sender.is_signed() { Trust::Signed } else { Trust::TokenOnly };
            assert_eq!(handled.trust, trust, "{}", sender.name);
        }
        case.rejects(&case.proven_with("retired", body));
    }
}

pub(crate) fn the_ids_of_documented_and_unknown_events_are_told(server: &Server) {
    let case = Case::new(server, "screenscore", "/labelled/screenscore/ids");
    let id = "ana_09jz7p3nqwec1x5vbr4mt8ks2d";
    let handled = case.accepts(&case.documented());
    assert_eq!(
        (&*handled.id, &*handled.delivery_id.expect("an ID")),
        (id, &*format!("analysis.completed@2026-04-16T10:23:52Z/{id}"))
    );
    let unknown = r#"{"event":"analysis.revised","data":{"id":"ana_1"}}"#;
    let handled = case.accepts(&case.genuine(unknown));
    let digest = format!("sha256:{}", hex::encode(Sha256::digest(unknown)));
    assert_eq!((&*handled.id, &*handled.delivery_id.expect("an ID")), ("ana_1", &*digest));
}

/// It is never a reason to reject.
pub(crate) fn t9_an_unsigned_time_is_told_if_it_is_one_number(server: &Server) {
    const HEADER: &str = "x-geoscored-timestamp";
    let case = Case::new(server, "geoscored", "/labelled/geoscored/time");
    let genuine = || case.documented();
    let told = |request| case.accepts(&request).sent_at;
    let at = |seconds| Some(SentAt::Unsigned(UNIX_EPOCH + Duration::from_secs(seconds)));
    assert_eq!(told(genuine()), None);
    for (value, expected) in [
        ("1768473090", at(1_768_473_090)),
        ("0", at(0)),
        ("18446744073709551615", None), // no time that can be told
        ("18446744073709551616", None),
        ("-1", None),
        ("-9223372036854775808", None),
        ("1768473090.5", None),
        ("1e9", None),
        ("0x10", None),
        ("2026-01-15T10:31:30", None),
        ("1768473090, 1", None),
        ("soon", None),
        ("", None),
    ] {
        assert_eq!(told(genuine().with_header(HEADER, value)), expected, "{value:?}");
    }
    assert_eq!(told(genuine().with_header(HEADER, [0xff, 0xfe])), None);
    assert_eq!(told(genuine().with_header(HEADER, "5").with_header(HEADER, "5")), None, "it is there twice");
    assert_eq!(told(genuine().with_header("X-GeoScored-Timestamp", "5")), at(5));
    let zeodyn = Case::new(server, "zeodyn", "/labelled/zeodyn/time");
    let request = zeodyn.documented().with_header(HEADER, "5").with_header("x-zeodyn-timestamp", "5");
    assert_eq!(zeodyn.accepts(&request).sent_at, None);
}

pub(crate) fn t19_the_handler_does_not_see_the_token_and_sees_the_rest_of_the_url(server: &Server) {
    let case = Case::new(server, "screenshotrun", "/labelled/screenshotrun/target");
    let token = format!("token={}", escape(case.sender.secret().as_bytes()));
    for (query, kept) in [
        (token.clone(), ""),
        (format!("a=1&{token}"), "?a=1"),
        (format!("{token}&a=1"), "?a=1"),
        (format!("a=%20&{token}&b"), "?a=%20&b"),
        (format!("a=%2B+%26&{token}&a=2"), "?a=%2B+%26&a=2"),
        (format!("&{token}&&tok=3&_token=4"), "?&&tok=3&_token=4"),
    ] {
        let request = case.documented().with_target(format!("{}?{query}", case.path));
        assert_eq!(case.accepts(&request).target, format!("{}{kept}", case.path), "{query}");
    }
    // A signed provider's query is left alone.
    let case = Case::new(server, "zeodyn", "/labelled/zeodyn/target");
    let request = case.documented().with_target(format!("{}?token=mine&a", case.path));
    assert_eq!(case.accepts(&request).target, request.target);
}

/// The answer to a delivery that was not verified before its handler.
#[track_caller]
fn is_missing(case: &Case<'_>, request: &crate::support::http::Request) {
    let answer = request.send(case.server.address);
    let detail = "no delivery of Zeodyn was verified before this handler: put `VerifyWebhook` for Zeodyn around its \
                  route. A `VerifyWebhook` for another provider, or around another route, does not count";
    let expected = serde_json::json!({
        "type": "about:blank", "title": "Internal Server Error", "status": 500, "detail": detail,
    });
    assert_eq!((answer.status, answer.header("content-type")), (500, Some("application/problem+json")));
    assert_eq!(serde_json::from_str::<serde_json::Value>(&answer.body).expect("JSON"), expected);
    assert_eq!(case.take_handled(), []);
    // It is a mistake in the service, and no rejection.
    assert_eq!(case.server.shared.diary.take_reason(&case.path), None);
}

pub(crate) fn t30_a_handler_without_a_verification_says_what_is_missing(server: &Server) {
    let case = Case::new(server, "zeodyn", "/behind-nothing/missing");
    is_missing(&case, &case.documented());
    is_missing(&case, &case.proven_with("guessed", "{}"));
    let decides = Case::new(server, "zeodyn", "/decides-behind-nothing/missing");
    let answer = decides.documented().send(server.address);
    assert_eq!(answer.status, 202);
    assert!(answer.body.starts_with("500: no delivery of Zeodyn was verified"), "{}", answer.body);
}

/// Two providers may not share a route. A function for rejections has no say: the delivery was not rejected.
pub(crate) fn t30_a_handler_behind_another_providers_verification_says_what_is_missing(server: &Server) {
    let case = Case::new(server, "geoscored", "/behind-geoscored/missing");
    is_missing(&case, &case.proven_with(&secret_of("known-1"), scan("known-1")));
    let case = Case::new(server, "screenshotrun", "/behind-screenshotrun/missing");
    is_missing(&case, &case.genuine(r#"{"event":"screenshot.completed","data":{"id":"known-missing"}}"#));
}
