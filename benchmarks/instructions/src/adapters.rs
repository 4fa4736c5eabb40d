//! The adapters: what they add to a service that is called without them.

use std::convert::Infallible;

use actix_web::{App, dev::HttpServiceFactory, rt, test, web};
use axum::{Router, body::Body, routing::post};
use bytes::Bytes;
use countersign::{
    actix,
    axum::{VerifyWebhook, Webhook},
    providers::Zeodyn,
};
use countersign_testkit::{Payload, SignedRequest};
use http::{Request, Response, StatusCode};
use tower::{Layer, Service, ServiceExt, service_fn};

use crate::{
    operation::{Named, Operation, hmac_blocks, ready},
    verification::{SECRET, body, signed},
};

pub fn operations() -> Vec<Named> {
    vec![
        ("tower: 1 KiB".into(), || tower(SECRET, StatusCode::OK)),
        ("tower: 1 KiB, forged".into(), || tower("another", StatusCode::UNAUTHORIZED)),
        ("axum: typed event".into(), axum),
        ("actix: typed event".into(), actix),
    ]
}

/// The layer around a service that does nothing, beside that service.
fn tower(secret: &str, status: StatusCode) -> Operation {
    let request = signed(body(1024), 8);
    let inner = service_fn(|request: Request<Body>| async {
        drop(request);
        Ok::<_, Infallible>(Response::new(Body::empty()))
    });
    let layered = VerifyWebhook::screenshotcenter(secret).layer(inner);
    beside(request, layered, inner, status).without_compressions(hmac_blocks(1024))
}

/// The layer and the extractor, beside a route that takes nothing.
fn axum() -> Operation {
    async fn on_event(hook: Webhook<Zeodyn>) -> StatusCode {
        assert_eq!(hook.event().name(), "scan_complete");
        StatusCode::OK
    }
    let request = documented();
    let layered = Router::new().route(request.path(), post(on_event).layer(VerifyWebhook::zeodyn(SECRET)));
    let bare = Router::new().route(request.path(), post(|| async { StatusCode::OK }));
    let blocks = hmac_blocks(request.body().len());
    beside(request.to_http::<Bytes>(), layered, bare, StatusCode::OK).without_compressions(blocks)
}

/// The middleware and the extractor, beside a route that takes nothing.
fn actix() -> Operation {
    async fn on_event(hook: actix::Webhook<Zeodyn>) -> &'static str {
        assert_eq!(hook.event().name(), "scan_complete");
        ""
    }
    let request = documented();
    let blocks = hmac_blocks(request.body().len());
    let resource = || web::resource("/webhooks/zeodyn");
    let layered = resource().wrap(actix::VerifyWebhook::zeodyn(SECRET)).route(web::post().to(on_event));
    let bare = resource().route(web::post().to(|| async { "" }));
    Operation::new(called(layered, request.clone())).over(called(bare, request)).without_compressions(blocks)
}

fn documented() -> SignedRequest<Zeodyn> {
    Payload::documented("scan_complete").unwrap().signed_with(SECRET)
}

/// What `layered` takes more than `bare`, with a body of one frame.
fn beside<L, B>(request: Request<Bytes>, mut layered: L, mut bare: B, status: StatusCode) -> Operation
where
    L: Service<Request<Body>, Response = Response<Body>, Error = Infallible> + 'static,
    B: Service<Request<Body>, Response = Response<Body>, Error = Infallible> + 'static,
{
    let bare_request = request.clone();
    Operation::new(move || {
        let response = answer(&mut layered, &request);
        assert_eq!(response.status(), status);
        response
    })
    .over(move || answer(&mut bare, &bare_request))
}

fn answer<S>(service: &mut S, request: &Request<Bytes>) -> Response<Body>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
{
    let Ok(response) = ready(async { service.ready().await?.call(request.clone().map(Body::from)).await });
    response
}

fn called(service: impl HttpServiceFactory + 'static, request: SignedRequest<Zeodyn>) -> impl FnMut() {
    let runtime = rt::Runtime::new().unwrap();
    let app = runtime.block_on(test::init_service(App::new().service(service)));
    move || {
        let response = runtime.block_on(test::call_service(&app, request.to_actix().to_request()));
        assert!(response.status().is_success());
    }
}
