//! What outer layers and logs are told of an answer that decides nothing, word for word.

use std::time::Duration;

use countersign::confirmation::ApiErrorKind::{
    self, KeyRejected, RateLimited, Redirected, Status, Timeout, TooLarge, Unexpected, Unreachable,
};
use serde_json::json;
use tracing::Level;

use crate::{
    api::{Answer, Api, KEY, answer, answer_with, raw},
    capture::Capture,
    deliveries::{ID, completed, delivery, genuine, token, with},
    inside::{confirmed, undecided, verify},
    support::escape,
};

for_all![
    every_kind_of_error_has_a_code_a_message_and_one_log_event,
    a_status_that_decides_nothing_is_an_error_and_the_retry_is_confirmed,
    what_the_api_denies_or_confirms_is_not_logged_as_an_error,
    t19_neither_key_nor_token_nor_delivery_is_logged,
];

struct Row(Answer, ApiErrorKind, &'static str, Option<u16>, &'static str);

fn rows() -> Vec<Row> {
    let answering = |status| answer(status, completed().to_string());
    let breaking = Answer { breaks_off: true, ..raw("") };
    let unreachable = "the provider's API could not be reached";
    let slow = "the provider's API did not answer in time";
    let key = "the provider's API rejected the key: check the API key";
    let rate = "the provider's API limits the rate of requests";
    let redirect = "the provider's API answered with a redirect, which is not followed: check the base URL";
    let status = "the provider's API answered with an unexpected status";
    let large = "the answer of the provider's API is larger than 64 KiB";
    let json = "the answer of the provider's API is not the expected JSON";
    vec![
        Row(breaking, Unreachable, "api_unreachable", None, unreachable),
        Row(raw(""), Timeout, "api_timeout", None, slow),
        Row(answering(401), KeyRejected, "api_key_rejected", Some(401), key),
        Row(answering(403), KeyRejected, "api_key_rejected", Some(403), key),
        Row(answering(429), RateLimited, "api_rate_limited", Some(429), rate),
        Row(answering(301), Redirected, "api_redirected", Some(301), redirect),
        Row(answering(500), Status, "api_status", Some(500), status),
        Row(answering(204), Status, "api_status", Some(204), status),
        Row(answer(200, " ".repeat(65_537)), TooLarge, "api_answer_too_large", Some(200), large),
        Row(answer(200, "[]"), Unexpected, "api_answer_unexpected", Some(200), json),
    ]
}

/// Short, if nothing else ends the wait.
fn limit(kind: ApiErrorKind) -> Duration {
    if kind == Timeout { Duration::from_millis(100) } else { Duration::from_secs(60) }
}

async fn every_kind_of_error_has_a_code_a_message_and_one_log_event() {
    let (api, tell) = Api::told().await;
    for Row(answer, kind, code, status, message) in rows() {
        tell(answer);
        let client = api.builder().with_timeout(limit(kind)).build().unwrap();
        let capture = Capture::start();
        let error = undecided(&client, &genuine()).await;
        let (traced, _) = capture.take();
        assert_eq!((error.kind(), error.kind().code(), error.status()), (kind, code, status));
        assert_eq!(error.to_string(), message);
        let [event] = &traced[..] else { panic!("{traced:?}") };
        let message = format!("could not confirm or deny a delivery: {message}");
        let mut fields = vec![("message", message), ("provider", "screenshotrun".into()), ("reason", code.into())];
        fields.extend(status.map(|status| ("api_status", status.to_string())));
        let mut found = event.fields.clone();
        found.sort();
        fields.sort();
        assert_eq!((event.level, found), (Level::WARN, fields));
    }
}

/// No redirect is followed, also to a place that would confirm everything: there is one request.
async fn a_status_that_decides_nothing_is_an_error_and_the_retry_is_confirmed() {
    let (api, tell) = Api::told().await;
    let trap = Api::answering(200, completed().to_string()).await;
    let elsewhere = trap.base();
    let lines = format!("Location: {elsewhere}\r\nRefresh: {elsewhere}\r\nAlt-Svc: {elsewhere}\r\n");
    let client = api.client();
    for status in [
        201, 202, 203, 204, 206, 299, 300, 301, 302, 303, 304, 307, 308, 399, 400, 401, 402, 403, 405, 406, 408, 409,
        422, 425, 429, 451, 499, 500, 502, 503, 504, 599, 999,
    ] {
        // With a body that would agree.
        tell(answer_with(status, &lines, completed().to_string()));
        assert_eq!(undecided(&client, &genuine()).await.status(), Some(status));
        assert_eq!(api.take_seen().len(), 1, "{status}: it is the provider that tries again");
    }
    tell(answer(200, completed().to_string()));
    confirmed(&client, &genuine()).await;
    assert_eq!(trap.connections(), 0);
}

async fn what_the_api_denies_or_confirms_is_not_logged_as_an_error() {
    for (status, is_confirmed) in [(404, false), (200, true)] {
        let api = Api::answering(status, completed().to_string()).await;
        let capture = Capture::start();
        assert_eq!(verify(&api.client(), &genuine()).await.is_ok(), is_confirmed);
        let (traced, _) = capture.take();
        assert!(traced.iter().all(|event| event.level == Level::DEBUG), "{traced:?}");
    }
}

async fn t19_neither_key_nor_token_nor_delivery_is_logged() {
    let marked = with(completed(), "url", json!("https://canary.example"));
    let requests = [
        delivery("screenshot.completed", &marked),
        delivery("screenshot.canary", &marked),
        delivery("screenshot.completed", &with(marked.clone(), "id", json!("canary"))),
    ];
    let mut answers: Vec<_> = rows().into_iter().map(|Row(answer, kind, ..)| (answer, limit(kind))).collect();
    for (status, body) in [(200, marked.to_string()), (200, "canary".to_owned()), (404, "canary".to_owned())] {
        answers.push((answer(status, body), Duration::from_secs(60)));
    }
    let (api, tell) = Api::told().await;
    let (token, mut is_anything_logged) = (token(), false);
    for ((answer, limit), request) in answers.iter().flat_map(|row| requests.iter().map(move |request| (row, request)))
    {
        tell(answer.clone());
        let client = api.builder().with_timeout(*limit).build().unwrap();
        let capture = Capture::start();
        let result = verify(&client, request).await;
        let (traced, text) = capture.take();
        is_anything_logged |= !traced.is_empty();
        let text = format!("{text} {:?}", result.err());
        for needle in [KEY, "7f3a91", "Bearer", ID, "api/v1", "canary", "fixture", &token, &escape(token.as_bytes())] {
            assert!(!text.contains(needle), "{needle} in {text}");
        }
        assert!(!format!("{traced:?}").contains("localhost"), "{traced:?}");
    }
    assert!(is_anything_logged);
}
