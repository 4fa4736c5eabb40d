//! T19: nothing behind the layer sees the token of the URL, and everything else of the URL stays.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use axum::{
    Json, Router,
    body::Body,
    extract::{MatchedPath, NestedPath, OriginalUri, Query, RawQuery, Request},
    http::Uri,
    middleware::{Next, from_fn},
    routing::post,
};
use countersign::{axum::Webhook, providers::ScreenshotRun};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::{Layer, ServiceExt};
use tower_http::trace::TraceLayer;

use crate::axum::{
    answer,
    convert::{documented, of, to_http},
    layer, status,
    support::{escape, http::Request as Delivery},
};

/// All that a handler can learn of its URI.
async fn show(
    (uri, OriginalUri(original), RawQuery(raw)): (Uri, OriginalUri, RawQuery),
    Query(query): Query<BTreeMap<String, String>>,
    matched: Option<MatchedPath>,
    nested: Result<NestedPath, axum::extract::rejection::NestedPathRejection>,
    _: Webhook<ScreenshotRun>,
    request: Request,
) -> Json<Value> {
    assert_eq!(request.uri(), &uri);
    assert_eq!(request.extensions().get::<OriginalUri>().map(|original| &original.0), Some(&original));
    Json(json!({
        "uri": uri.to_string(),
        "original": original.to_string(),
        "raw": raw,
        "query": query,
        "matched": matched.map(|path| path.as_str().to_owned()),
        "nested": nested.ok().map(|path| path.as_str().to_owned()),
    }))
}

/// The token is as escaped as a URL asks for, and the secret has what has to be escaped.
fn token() -> String {
    format!("token={}", escape(of::<ScreenshotRun>().secret().as_bytes()))
}

fn delivery(target: impl Into<String>) -> Delivery {
    documented::<ScreenshotRun>().with_target(target)
}

async fn shown(app: &Router, target: &str) -> Value {
    let (status, body) = answer(app, &delivery(target)).await;
    assert_eq!(status, 200, "{target}");
    assert!(!body.contains("token") && !body.contains("fixture"), "{body}");
    serde_json::from_str(&body).unwrap()
}

#[tokio::test]
async fn t19_no_extractor_sees_the_token() {
    let app = Router::new().route("/hooks/{tenant}", post(show).layer(layer::<ScreenshotRun>()));
    let token = token();
    assert_eq!(
        shown(&app, &format!("/hooks/a%20b?{token}")).await,
        json!({
            "uri": "/hooks/a%20b", "original": "/hooks/a%20b", "raw": null, "query": {},
            "matched": "/hooks/{tenant}", "nested": null,
        })
    );
    let some = shown(&app, &format!("/hooks/a?x=%2B+%26&{token}&y")).await;
    assert_eq!(some["query"], json!({"x": "+ &", "y": ""}));
    assert_eq!(some["raw"], "x=%2B+%26&y");
    assert_eq!(some["original"], "/hooks/a?x=%2B+%26&y");
}

#[tokio::test]
async fn t19_nested_routers_do_not_see_the_token() {
    let leaf = || Router::new().route("/run/{tenant}", post(show));
    let verify = layer::<ScreenshotRun>;
    let target = format!("/api/v1/run/acme?a=1&{}", token());
    for (place, app) in [
        ("on the route", {
            let leaf = Router::new().route("/run/{tenant}", post(show).layer(verify()));
            Router::new().nest("/api", Router::new().nest("/v1", leaf))
        }),
        ("innermost", Router::new().nest("/api", Router::new().nest("/v1", leaf().layer(verify())))),
        ("between", Router::new().nest("/api", Router::new().nest("/v1", leaf()).layer(verify()))),
        ("outermost", Router::new().nest("/api", Router::new().nest("/v1", leaf())).layer(verify())),
        ("merged", Router::new().merge(Router::new().nest("/api/v1", leaf()).route_layer(verify()))),
    ] {
        let shown = shown(&app, &target).await;
        assert_eq!(shown["uri"], "/run/acme?a=1", "{place}");
        assert_eq!(shown["original"], "/api/v1/run/acme?a=1", "{place}");
        assert_eq!(shown["nested"], "/api/v1", "{place}");
        assert_eq!(shown["matched"], "/api/v1/run/{tenant}", "{place}");
    }
    let service = Router::new().nest_service("/api/v1", leaf().layer(verify()));
    assert_eq!(shown(&service, &target).await["original"], "/api/v1/run/acme?a=1");
}

#[tokio::test]
async fn t19_absolute_uris_lose_the_token_too() {
    let app = Router::new().route("/run", post(show).layer(layer::<ScreenshotRun>()));
    for (rest, kept) in [("", ""), ("&a=1", "?a=1")] {
        let target = format!("https://user@hooks.example:8443/run?{}{rest}", token());
        let shown = shown(&app, &target).await;
        let expected = format!("https://user@hooks.example:8443/run{kept}");
        assert_eq!((&shown["uri"], &shown["original"]), (&json!(expected), &json!(expected)));
    }
}

#[tokio::test]
async fn t19_around_a_whole_app_the_router_never_sees_the_token() {
    let app = Router::new().route("/run", post(show));
    let service = layer::<ScreenshotRun>().layer(app);
    let request = to_http::<Body>(&delivery(format!("/run?a=1&{}", token())));
    let body = service.oneshot(request).await.unwrap().into_body().collect().await.unwrap().to_bytes();
    let shown: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!((&shown["uri"], &shown["original"]), (&json!("/run?a=1"), &json!("/run?a=1")));
}

#[tokio::test]
async fn t19_middleware_inside_does_not_see_the_token_and_middleware_outside_does() {
    type Seen = Arc<Mutex<Vec<String>>>;
    let (inside, outside) = (Seen::default(), Seen::default());
    let spy = |seen: &Seen| {
        let seen = Arc::clone(seen);
        from_fn(move |request: Request, next: Next| {
            let (head, _) = request.into_parts();
            // Every extension that can be shown is in the two below.
            let original = head.extensions.get::<OriginalUri>().map(|original| original.0.to_string());
            seen.lock().unwrap().extend([head.uri.to_string()].into_iter().chain(original));
            next.run(Request::from_parts(head, Body::from(documented::<ScreenshotRun>().body)))
        })
    };
    let trace = |seen: &Seen| {
        let seen = Arc::clone(seen);
        TraceLayer::new_for_http().make_span_with(move |request: &Request| {
            seen.lock().unwrap().push(request.uri().to_string());
            tracing::Span::none()
        })
    };
    let app = Router::new()
        .route("/run", post(|_: Webhook<ScreenshotRun>| async {}))
        .layer(spy(&inside))
        .layer(trace(&inside))
        .layer(layer::<ScreenshotRun>())
        .layer(trace(&outside))
        .layer(spy(&outside));
    let target = format!("/run?a=1&{}", token());
    assert_eq!(status(&app, &delivery(&target)).await, 200);
    assert_eq!(*inside.lock().unwrap(), ["/run?a=1"; 3]);
    assert_eq!(*outside.lock().unwrap(), [&*target; 3], "as the documentation warns");
}
