//! The contenders in axum.

use std::hint::black_box;

use axum::{
    Router,
    body::{Body, Bytes},
    http::{HeaderMap, Request, StatusCode},
    response::Response,
    routing::post,
};
use countersign::{
    axum::{VerifyWebhook, Webhook},
    providers::ScreenScore,
};
use tower_service::Service;

use super::{Deliveries, HEADER, Kind, decoded, dedupe, is_genuine};
use crate::{rounds::Contender, verify::SECRET};

pub fn contender(kind: Kind) -> Contender<'static> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let deliveries = Deliveries::new();
    let verify = VerifyWebhook::screenscore(SECRET);
    let route = match kind {
        Kind::Unverified => post(unverified),
        Kind::ByHand => post(by_hand),
        Kind::Ours => post(ours).layer(verify),
        Kind::OursOnce => post(ours).layer(verify.with_dedupe(dedupe())),
    };
    let mut router = Router::new().route(deliveries.next().path(), route);
    let mut status = move |request: Request<Body>| -> StatusCode {
        let response: Response = runtime.block_on(router.call(request)).unwrap();
        response.status()
    };

    let is_verified = !matches!(kind, Kind::Unverified);
    assert_eq!(status(deliveries.forged().to_http::<Bytes>().map(Body::from)) == StatusCode::UNAUTHORIZED, is_verified);
    Contender::new(kind.name(), move || {
        assert_eq!(status(deliveries.next().to_http::<Bytes>().map(Body::from)), StatusCode::NO_CONTENT);
    })
}

async fn unverified(body: Bytes) -> StatusCode {
    answer(&body)
}

async fn by_hand(headers: HeaderMap, body: Bytes) -> StatusCode {
    if !is_genuine(headers.get(HEADER).and_then(|value| value.to_str().ok()), &body) {
        return StatusCode::UNAUTHORIZED;
    }
    answer(&body)
}

fn answer(body: &[u8]) -> StatusCode {
    match decoded(body) {
        Some(event) => {
            black_box(event.data.score);
            StatusCode::NO_CONTENT
        }
        None => StatusCode::UNPROCESSABLE_ENTITY,
    }
}

async fn ours(hook: Webhook<ScreenScore>) -> StatusCode {
    black_box(hook.event());
    StatusCode::NO_CONTENT
}
