//! The contenders in actix-web.

use std::{hint::black_box, sync::Arc};

use actix_web::{
    App, HttpRequest, HttpResponse, HttpServer,
    web::{self, Bytes, Data, Json, PayloadConfig, ServiceConfig},
};
use countersign::{
    actix::{VerifyWebhook, Webhook},
    dedupe::Counters,
    providers::{ScreenScore, ScreenScoreEvent},
};
use countersign_end_to_end::{
    contenders::Kind,
    deliveries::{PATH, SECRET},
};

use crate::{announce, by_hand, dedupe, map, rotation};

pub fn serve(kind: Kind) {
    actix_web::rt::System::new().block_on(async {
        let (verify, counters) = middleware(kind);
        let app = move || App::new().configure(|config| configure(config, kind, &verify));
        let server = HttpServer::new(app).workers(1).disable_signals().bind("127.0.0.1:0").expect("a free port");
        announce(server.addrs()[0], counters);
        server.run().await.expect("no end");
    });
}

/// For the contenders of ours.
fn middleware(kind: Kind) -> (VerifyWebhook<ScreenScore>, Option<Counters>) {
    let from_lookup = VerifyWebhook::<ScreenScore>::from_lookup;
    let dedupe = dedupe();
    let verify = match kind {
        Kind::OursRotation => VerifyWebhook::screenscore(rotation()),
        Kind::OursLookup => from_lookup(map(|| SECRET.into())),
        Kind::OursDedupe => VerifyWebhook::screenscore(SECRET).with_dedupe(dedupe.clone()),
        Kind::OursAll => from_lookup(map(rotation)).with_dedupe(dedupe.clone()),
        _ => VerifyWebhook::screenscore(SECRET),
    };
    (verify, Some(dedupe.counters()))
}

fn configure(config: &mut ServiceConfig, kind: Kind, verify: &VerifyWebhook<ScreenScore>) {
    // `Bytes` stops at 256 KiB otherwise.
    config.app_data(PayloadConfig::new(2 * 1024 * 1024)).app_data(Data::<[u8]>::from(Arc::from(SECRET)));
    let hook = web::resource(PATH);
    match kind {
        Kind::BareBytes => config.service(hook.route(web::post().to(bytes))),
        Kind::BareTyped => config.service(hook.route(web::post().to(json))),
        Kind::HandBytes => config.service(hook.route(web::post().to(hand_bytes))),
        Kind::HandTyped => config.service(hook.route(web::post().to(hand_typed))),
        Kind::OursBytes => config.service(hook.wrap(verify.clone()).route(web::post().to(bytes))),
        _ => config.service(hook.wrap(verify.clone()).route(web::post().to(typed))),
    };
}

async fn bytes(body: Bytes) -> HttpResponse {
    black_box(body);
    HttpResponse::NoContent().finish()
}

async fn json(Json(event): Json<by_hand::Event>) -> HttpResponse {
    black_box(event.glance());
    HttpResponse::NoContent().finish()
}

async fn typed(hook: Webhook<ScreenScore>) -> HttpResponse {
    if let ScreenScoreEvent::AnalysisCompleted(analysis) = hook.event() {
        black_box((&analysis.id, analysis.score));
    }
    HttpResponse::NoContent().finish()
}

fn is_genuine(secret: &[u8], request: &HttpRequest, body: &[u8]) -> bool {
    let signature = request.headers().get(by_hand::HEADER).and_then(|value| value.to_str().ok());
    by_hand::is_genuine(secret, signature, body)
}

async fn hand_bytes(secret: Data<[u8]>, request: HttpRequest, body: Bytes) -> HttpResponse {
    if !is_genuine(&secret, &request, &body) {
        return HttpResponse::Unauthorized().finish();
    }
    black_box(body);
    HttpResponse::NoContent().finish()
}

async fn hand_typed(secret: Data<[u8]>, request: HttpRequest, body: Bytes) -> HttpResponse {
    if !is_genuine(&secret, &request, &body) {
        return HttpResponse::Unauthorized().finish();
    }
    match serde_json::from_slice::<by_hand::Event>(&body) {
        Ok(event) => {
            black_box(event.glance());
            HttpResponse::NoContent().finish()
        }
        Err(_) => HttpResponse::UnprocessableEntity().finish(),
    }
}
