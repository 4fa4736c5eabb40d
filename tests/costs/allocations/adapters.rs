//! The adapters: what a request takes more than with the same service alone.

use std::convert::Infallible;

use actix_web::{App, dev::HttpServiceFactory, web};
use axum::{Router, body::Body, routing::post};
use bytes::Bytes;
use countersign::{
    actix, axum as layer,
    providers::{ScreenshotRun, Zeodyn},
    tower::VerifyWebhook,
};
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use tower::{Layer, Service, ServiceExt, layer::util::Identity};

use super::{
    assert_additional_allocations,
    convert::{documented, of, to_actix, to_http},
    ready, shared,
    support::{self, http::Request as Sent},
};

/// The request as often as needed, its body one frame.
fn request<B: From<Bytes>>(sent: &Sent) -> impl Fn() -> Request<B> + use<B> {
    let request = to_http::<Vec<u8>>(sent).map(shared);
    move || request.clone().map(B::from)
}

fn answered<S, B, R>(mut service: S, request: impl Fn() -> Request<B>, status: StatusCode) -> impl FnMut()
where
    S: Service<Request<B>, Response = Response<R>, Error = Infallible>,
{
    move || {
        let Ok(response) = ready(async { service.ready().await?.call(request()).await });
        assert_eq!(response.status(), status);
    }
}

fn forged() -> Sent {
    of::<Zeodyn>().with_tag(&support::tag(b"another", b""), documented::<Zeodyn>().body)
}

#[test]
fn the_tower_layer() {
    let service = tower::service_fn(|request: Request<Full<Bytes>>| async {
        drop(request);
        Ok::<_, Infallible>(Response::new(Full::new(Bytes::new())))
    });
    let add = |what: &str, expected, sent: &Sent, status| {
        let layered = VerifyWebhook::zeodyn(of::<Zeodyn>().secret()).layer(service);
        let bare = answered(service, request(sent), StatusCode::OK);
        assert_additional_allocations(what, expected, answered(layered, request(sent), status), bare);
    };
    // The event is read before the service is called, which takes four: its texts.
    add("genuine", 8, &documented::<Zeodyn>(), StatusCode::OK);
    add("forged", 5, &forged(), StatusCode::UNAUTHORIZED);
    add("malformed", 5, &of::<Zeodyn>().with_tag("no digits", ""), StatusCode::UNAUTHORIZED);

    let layered = VerifyWebhook::screenshotrun(of::<ScreenshotRun>().secret()).layer(service);
    let sent = documented::<ScreenshotRun>();
    let bare = answered(service, request(&sent), StatusCode::OK);
    let verified = answered(layered, request(&sent), StatusCode::OK);
    assert_additional_allocations(
        "a token, which is removed from the URL, and ten texts of the event",
        15,
        verified,
        bare,
    );
}

#[test]
fn axum() {
    async fn on_event(hook: layer::Webhook<Zeodyn>) -> StatusCode {
        assert_eq!(hook.event().name(), "score_change");
        StatusCode::OK
    }
    let request = request::<Body>;
    let sent = documented::<Zeodyn>();
    let verify = || layer::VerifyWebhook::zeodyn(of::<Zeodyn>().secret());
    let app = |handler| Router::new().route(&sent.target, handler);
    // A layer that does nothing: what axum itself takes for one does not count.
    let nothing = || post(|| async { StatusCode::OK });
    let bare = || answered(app(nothing().layer(Identity::new())), request(&sent), StatusCode::OK);

    let layered = app(nothing().layer(verify()));
    let layered = answered(layered, request(&sent), StatusCode::OK);
    assert_additional_allocations("the layer", 9, layered, bare());
    let extracting = answered(app(post(on_event).layer(verify())), request(&sent), StatusCode::OK);
    assert_additional_allocations("the layer and the extractor", 9, extracting, bare());
    let layered = app(nothing().layer(verify()));
    let refusing = answered(layered, request(&forged()), StatusCode::UNAUTHORIZED);
    assert_additional_allocations("a forged delivery", 4, refusing, bare());
}

#[test]
fn actix() {
    async fn on_event(hook: actix::Webhook<Zeodyn>) -> &'static str {
        assert_eq!(hook.event().name(), "score_change");
        ""
    }
    let sent = documented::<Zeodyn>();
    let verify = || actix::VerifyWebhook::zeodyn(of::<Zeodyn>().secret());
    let resource = || web::resource(sent.target.clone());
    let nothing = || web::post().to(|| async { "" });
    let bare = || called(resource().route(nothing()), &sent, 200);

    let layered = called(resource().wrap(verify()).route(nothing()), &sent, 200);
    assert_additional_allocations("the middleware", 9, layered, bare());
    let extracting = called(resource().wrap(verify()).route(web::post().to(on_event)), &sent, 200);
    assert_additional_allocations("the middleware and the extractor", 9, extracting, bare());
    // It reaches no handler, which saves what the middleware takes.
    let refusing = called(resource().wrap(verify()).route(nothing()), &forged(), 401);
    assert_additional_allocations("a forged delivery", -1, refusing, bare());
}

fn called<F: HttpServiceFactory + 'static>(service: F, sent: &Sent, status: u16) -> impl FnMut() + use<F> {
    let runtime = actix_web::rt::Runtime::new().expect("a runtime");
    let app = runtime.block_on(actix_web::test::init_service(App::new().service(service)));
    let (sent, body) = (sent.clone(), shared(sent.body.clone()));
    move || {
        let request = to_actix(&sent).set_payload(body.clone()).to_request();
        let response = runtime.block_on(actix_web::test::call_service(&app, request));
        assert_eq!(response.status().as_u16(), status);
    }
}
