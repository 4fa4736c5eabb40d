//! The contenders in actix-web.

use std::hint::black_box;

use actix_web::{
    App, HttpRequest, HttpResponse,
    http::StatusCode,
    rt, test,
    web::{self, Bytes},
};
use countersign::{
    actix::{VerifyWebhook, Webhook},
    providers::ScreenScore,
};
use countersign_testkit::SignedRequest;

use super::{Deliveries, HEADER, Kind, decoded, dedupe, is_genuine};
use crate::{rounds::Contender, verify::SECRET};

pub fn contender(kind: Kind) -> Contender<'static> {
    let deliveries = Deliveries::new();
    let resource = web::resource(deliveries.next().path());
    let verify = VerifyWebhook::screenscore(SECRET);
    match kind {
        Kind::Unverified => called(kind, deliveries, resource.route(web::post().to(unverified))),
        Kind::ByHand => called(kind, deliveries, resource.route(web::post().to(by_hand))),
        Kind::Ours => called(kind, deliveries, resource.wrap(verify).route(web::post().to(ours))),
        Kind::OursOnce => {
            called(kind, deliveries, resource.wrap(verify.with_dedupe(dedupe())).route(web::post().to(ours)))
        }
    }
}

fn called(
    kind: Kind,
    deliveries: Deliveries,
    resource: impl actix_web::dev::HttpServiceFactory + 'static,
) -> Contender<'static> {
    let runtime = rt::Runtime::new().unwrap();
    let app = runtime.block_on(test::init_service(App::new().service(resource)));
    let status = move |request: &SignedRequest<ScreenScore>| {
        runtime.block_on(test::call_service(&app, request.to_actix().to_request())).status()
    };

    let is_verified = !matches!(kind, Kind::Unverified);
    assert_eq!(status(&deliveries.forged()) == StatusCode::UNAUTHORIZED, is_verified);
    Contender::new(kind.name(), move || {
        assert_eq!(status(deliveries.next()), StatusCode::NO_CONTENT);
    })
}

async fn unverified(body: Bytes) -> HttpResponse {
    answer(&body)
}

async fn by_hand(request: HttpRequest, body: Bytes) -> HttpResponse {
    if !is_genuine(request.headers().get(HEADER).and_then(|value| value.to_str().ok()), &body) {
        return HttpResponse::Unauthorized().finish();
    }
    answer(&body)
}

fn answer(body: &[u8]) -> HttpResponse {
    match decoded(body) {
        Some(event) => {
            black_box(event.data.score);
            HttpResponse::NoContent().finish()
        }
        None => HttpResponse::UnprocessableEntity().finish(),
    }
}

async fn ours(hook: Webhook<ScreenScore>) -> HttpResponse {
    black_box(hook.event());
    HttpResponse::NoContent().finish()
}
