//! What outer layers and logs are told of an answer that decided nothing, word for word.

use std::{error::Error, time::Duration};

use countersign::{
    VerifyErrorKind,
    confirmation::{ApiError, ApiErrorKind},
};
use serde_json::json;
use tracing::Level;

use crate::{
    api::{Api, KEY},
    capture::Capture,
    deliveries::{ID, completed, delivery, genuine, token, with},
    inside::outcome,
    raw::{self, Stream},
    receivers::Adapter,
    support::escape,
};

for_both![
    the_error_of_the_api_is_the_source_of_ours_and_traced_once,
    an_answer_that_is_not_understood_has_its_status_too,
    what_the_api_denies_has_no_error_of_the_api,
    t19_neither_key_nor_token_nor_delivery_is_traced_or_logged,
];

struct Row {
    api: Api,
    kind: ApiErrorKind,
    code: &'static str,
    status: Option<u16>,
    message: &'static str,
}

fn rows() -> Vec<Row> {
    let row = |api, kind, code, status, message| Row { api, kind, code, status, message };
    let answering = |status| Api::answering(status, completed().to_string());
    let refused = "the provider's API does not take the key";
    let elsewhere = "the provider's API wants to be asked elsewhere, which is not followed";
    let nothing = "the provider's API answered with a status that says nothing of the delivery";
    let unreachable = "the provider's API cannot be reached";
    let breaking = Api::raw(|mut stream: Stream| async move { raw::take_request(&mut stream).await });
    let hanging = Api::raw(|mut stream: Stream| async move { raw::wait_for_the_end(&mut stream).await });
    vec![
        row(breaking, ApiErrorKind::Unreachable, "api_unreachable", None, unreachable),
        row(hanging, ApiErrorKind::Timeout, "api_timeout", None, "the provider's API did not answer in time"),
        row(answering(401), ApiErrorKind::KeyRefused, "api_key_refused", Some(401), refused),
        row(answering(403), ApiErrorKind::KeyRefused, "api_key_refused", Some(403), refused),
        row(
            answering(429),
            ApiErrorKind::RateLimited,
            "api_rate_limited",
            Some(429),
            "the provider's API has been asked too often",
        ),
        row(answering(301), ApiErrorKind::Redirected, "api_redirected", Some(301), elsewhere),
        row(answering(308), ApiErrorKind::Redirected, "api_redirected", Some(308), elsewhere),
        row(answering(500), ApiErrorKind::Status, "api_status", Some(500), nothing),
        row(answering(204), ApiErrorKind::Status, "api_status", Some(204), nothing),
        row(
            Api::answering(200, " ".repeat(64 * 1024 + 1)),
            ApiErrorKind::TooLarge,
            "api_answer_too_large",
            Some(200),
            "the answer of the provider's API is too large",
        ),
    ]
}

/// Short, where nothing else ends it.
fn timeout(kind: ApiErrorKind) -> Duration {
    Duration::from_millis(if kind == ApiErrorKind::Timeout { 100 } else { 4000 })
}

/// The error that this API leads to, and the traces of countersign.
fn told(adapter: Adapter, api: &Api, timeout: Duration) -> (ApiError, Vec<crate::capture::Traced>) {
    let client = api.client().with_timeout(timeout).build().unwrap();
    let capture = Capture::start();
    let (status, error) = outcome(adapter, &client, &genuine());
    let (traced, _) = capture.take();
    let error = error.expect("an error in the extensions");
    assert_eq!((status, error.kind()), (503, VerifyErrorKind::ConfirmationFailed));
    assert_eq!(error.to_string(), "the delivery could not be confirmed or denied");
    assert_eq!(format!("{error:?}"), "VerifyError { kind: ConfirmationFailed, .. }");
    let source = error.source().expect("a source").downcast_ref::<ApiError>().expect("an `ApiError`");
    assert!(source.source().is_none());
    (*source, traced)
}

fn the_error_of_the_api_is_the_source_of_ours_and_traced_once(adapter: Adapter) {
    for row in rows() {
        let (error, traced) = told(adapter, &row.api, timeout(row.kind));
        assert_eq!((error.kind(), error.kind().code(), error.status()), (row.kind, row.code, row.status));
        assert_eq!(error.to_string(), row.message);
        let [of_the_api, of_ours] = &traced[..] else { panic!("{traced:?}") };
        let message = format!("a delivery could be neither confirmed nor denied: {}", row.message);
        let mut fields = vec![("message", message), ("provider", "screenshotrun".into()), ("reason", row.code.into())];
        fields.extend(row.status.map(|status| ("api_status", status.to_string())));
        let mut found = of_the_api.fields.clone();
        found.sort();
        fields.sort();
        assert_eq!((of_the_api.level, found), (Level::WARN, fields));
        assert_eq!((of_ours.level, of_ours.field("reason")), (Level::WARN, Some("confirmation_failed")));
        assert_eq!((of_ours.field("status"), of_ours.field("api_status")), (Some("503"), None));
    }
}

/// As `ApiError::status` says: "the answer's status, if there was an answer".
fn an_answer_that_is_not_understood_has_its_status_too(adapter: Adapter) {
    for body in ["", "[]", "{\"id\":\"x\"}"] {
        let (error, traced) = told(adapter, &Api::answering(200, body), timeout(ApiErrorKind::Unexpected));
        assert_eq!((error.kind(), error.kind().code()), (ApiErrorKind::Unexpected, "api_answer_unexpected"));
        assert_eq!(error.to_string(), "the answer of the provider's API is not as assumed");
        assert_eq!((error.status(), traced[0].field("api_status")), (Some(200), Some("200")));
    }
}

fn what_the_api_denies_has_no_error_of_the_api(adapter: Adapter) {
    for (api, request) in [
        (Api::answering(404, ""), genuine()),
        (Api::answering(200, with(completed(), "status", json!("failed")).to_string()), genuine()),
        (Api::answering(200, ""), delivery("screenshot.completed", &json!({"id": "../.."}))),
    ] {
        let capture = Capture::start();
        let (status, error) = outcome(adapter, &api.client().build().unwrap(), &request);
        let error = error.expect("an error in the extensions");
        assert_eq!((status, error.kind(), error.source().is_none()), (401, VerifyErrorKind::NotConfirmed, true));
        let (mut traced, _) = capture.take();
        traced.retain(|event| event.level != Level::DEBUG);
        let [event] = &traced[..] else { panic!("{traced:?}") };
        assert_eq!(
            (event.level, event.field("reason"), event.field("api_status")),
            (Level::WARN, Some("not_confirmed"), None)
        );
    }
    let api = Api::answering(200, completed().to_string());
    let capture = Capture::start();
    assert_eq!(outcome(adapter, &api.client().build().unwrap(), &genuine()).0, 200);
    assert!(capture.take().0.is_empty());
}

fn t19_neither_key_nor_token_nor_delivery_is_traced_or_logged(adapter: Adapter) {
    let marked = with(completed(), "url", json!("https://canary.example"));
    let requests = [
        delivery("screenshot.completed", &marked),
        delivery("screenshot.canary", &marked),
        delivery("screenshot.completed", &with(marked.clone(), "id", json!("canary"))),
    ];
    let mut apis: Vec<_> = rows().into_iter().map(|row| (row.api, timeout(row.kind))).collect();
    let others = [
        Api::answering(200, marked.to_string()),
        Api::answering(200, with(marked, "status", json!("canary")).to_string()),
        Api::answering(200, "canary"),
        Api::answering(404, "canary"),
    ];
    apis.extend(others.map(|api| (api, timeout(ApiErrorKind::Unexpected))));
    let (token, mut is_connecting_logged) = (token(), false);
    for ((api, timeout), request) in apis.iter().flat_map(|api| requests.iter().map(move |request| (api, request))) {
        let client = api.client().with_timeout(*timeout).build().unwrap();
        let capture = Capture::start();
        outcome(adapter, &client, request);
        let (traced, text) = capture.take();
        for needle in [KEY, "7f3a91", "Bearer", ID, "api/v1", "canary", "fixture", &token, &escape(token.as_bytes())] {
            assert!(!text.contains(needle), "{needle} in {text}");
        }
        // Whom it connects to is logged by the libraries below, and not by us.
        assert!(!format!("{traced:?}").contains("localhost"), "{traced:?}");
        is_connecting_logged |= text.contains(&format!("localhost:{}", api.port));
    }
    assert!(is_connecting_logged, "what the libraries below log is looked through, too");
}
