//! The contenders in axum.

use std::{hint::black_box, sync::Arc};

use axum::{
    Json, Router,
    body::{Body, Bytes, to_bytes},
    extract::{FromRef, Request, State},
    http::{HeaderMap, StatusCode},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{MethodRouter, post},
};
use axum_standardwebhooks::{SharedWebhook, StandardWebhook};
use countersign::{
    axum::{VerifyWebhook, Webhook},
    dedupe::Counters,
    providers::{ScreenScore, ScreenScoreEvent},
};
use countersign_end_to_end::{
    contenders::Kind,
    deliveries::{PATH, SECRET},
};
use tower_github_webhook::ValidateGitHubWebhookLayer;

use crate::{announce, by_hand, dedupe, map, rotation};

pub fn serve(kind: Kind) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let (route, counters) = route(kind);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        announce(listener.local_addr().expect("an address"), counters);
        axum::serve(listener, Router::new().route(PATH, route).with_state(Settings::new())).await.expect("no end");
    });
}

#[derive(Clone)]
struct Settings {
    secret: Arc<[u8]>,
    github: webhook_verify::Secret,
    standard: SharedWebhook,
}

impl Settings {
    fn new() -> Self {
        let standard = axum_standardwebhooks::Webhook::from_bytes(SECRET.to_vec()).expect("a secret");
        let github = webhook_verify::Secret::new(String::from_utf8_lossy(SECRET).into_owned());
        Self { secret: SECRET.into(), github, standard: SharedWebhook::new(standard) }
    }
}

impl FromRef<Settings> for SharedWebhook {
    fn from_ref(settings: &Settings) -> Self {
        settings.standard.clone()
    }
}

impl FromRef<Settings> for Arc<[u8]> {
    fn from_ref(settings: &Settings) -> Self {
        Arc::clone(&settings.secret)
    }
}

fn route(kind: Kind) -> (MethodRouter<Settings>, Option<Counters>) {
    let verify = || VerifyWebhook::screenscore(SECRET);
    let from_lookup = VerifyWebhook::<ScreenScore>::from_lookup;
    let route = match kind {
        Kind::BareBytes => post(bytes),
        Kind::BareTyped => post(json),
        Kind::HandBytes => post(hand_bytes),
        Kind::HandTyped => post(hand_typed),
        Kind::FromFn => post(json).layer(middleware::from_fn_with_state(Settings::new(), verified)),
        Kind::WebhookVerify => post(webhook_verify),
        Kind::TowerGithubWebhook => post(json).layer(ValidateGitHubWebhookLayer::new(SECRET)),
        Kind::AxumStandardwebhooks => post(standard_webhook),
        Kind::OursBytes => post(bytes).layer(verify()),
        Kind::OursTyped => post(typed).layer(verify()),
        Kind::OursRotation => post(typed).layer(VerifyWebhook::screenscore(rotation())),
        Kind::OursDedupe => {
            let dedupe = dedupe();
            return (post(typed).layer(verify().with_dedupe(dedupe.clone())), Some(dedupe.counters()));
        }
        Kind::OursLookup => post(typed).layer(from_lookup(map(|| SECRET.into()))),
        Kind::OursAll => {
            let dedupe = dedupe();
            return (
                post(typed).layer(from_lookup(map(rotation)).with_dedupe(dedupe.clone())),
                Some(dedupe.counters()),
            );
        }
    };
    (route, None)
}

async fn bytes(body: Bytes) -> StatusCode {
    black_box(body);
    StatusCode::NO_CONTENT
}

async fn json(Json(event): Json<by_hand::Event>) -> StatusCode {
    black_box(event.glance());
    StatusCode::NO_CONTENT
}

async fn typed(hook: Webhook<ScreenScore>) -> StatusCode {
    if let ScreenScoreEvent::AnalysisCompleted(analysis) = hook.event() {
        black_box((&analysis.id, analysis.score));
    }
    StatusCode::NO_CONTENT
}

fn is_genuine(secret: &[u8], headers: &HeaderMap, body: &[u8]) -> bool {
    by_hand::is_genuine(secret, headers.get(by_hand::HEADER).and_then(|value| value.to_str().ok()), body)
}

async fn hand_bytes(State(secret): State<Arc<[u8]>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    if !is_genuine(&secret, &headers, &body) {
        return StatusCode::UNAUTHORIZED;
    }
    black_box(body);
    StatusCode::NO_CONTENT
}

async fn hand_typed(State(secret): State<Arc<[u8]>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    if !is_genuine(&secret, &headers, &body) {
        return StatusCode::UNAUTHORIZED;
    }
    decoded(&body)
}

fn decoded(body: &[u8]) -> StatusCode {
    match serde_json::from_slice::<by_hand::Event>(body) {
        Ok(event) => {
            black_box(event.glance());
            StatusCode::NO_CONTENT
        }
        Err(_) => StatusCode::UNPROCESSABLE_ENTITY,
    }
}

async fn verified(State(settings): State<Settings>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, 2 * 1024 * 1024).await else { return StatusCode::PAYLOAD_TOO_LARGE.into_response() };
    if !is_genuine(&settings.secret, &parts.headers, &body) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    next.run(Request::from_parts(parts, Body::from(body))).await
}

async fn webhook_verify(State(settings): State<Settings>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let provider = webhook_verify::Provider::GitHub;
    match webhook_verify::verify(provider, &headers, &body, &settings.github, Default::default()) {
        Ok(()) => decoded(&body),
        Err(_) => StatusCode::UNAUTHORIZED,
    }
}

async fn standard_webhook(StandardWebhook(Json(event)): StandardWebhook<Json<by_hand::Event>>) -> StatusCode {
    black_box(event.glance());
    StatusCode::NO_CONTENT
}
