//! What is traced of refusals for what somebody else says, or does not say.

use std::convert::Infallible;

use actix_web::{dev::Service as _, web};
use axum::{Router, routing::post};
use bytes::Bytes;
use countersign::{
    AllowedSources, PeerAddr, RejectionKind, axum as for_axum,
    providers::{ScreenshotRun, Zeodyn},
};
use http_body_util::Full;
use tower::{Layer, ServiceExt, service_fn};
use tracing::Level;

use crate::traces::{
    capture::{Capture, Traced},
    convert::{documented, of, payload, to_actix, to_http},
    needles::{needles, none_is_in},
    others::rejected_by_others,
    support::http::Request,
};

const PATH: &str = "/webhooks/screenshotrun";

/// A second event, if the operator has to change something.
const PROVIDE_THE_PEER: &str = "the server does not know the peer's address: serve an axum app with \
     `into_make_service_with_connect_info::<SocketAddr>()`; elsewhere, put a `countersign::PeerAddr` into the \
     request's extensions where connections are accepted";

const SET_A_CONFIRMATION: &str = "every delivery of this provider is rejected, because its trust is below the minimum: set a \
     confirmation with `with_confirmation`, or lower the minimum with `with_minimum_trust`";

#[track_caller]
fn check(reason: RejectionKind, request: &Request, (events, everything): (Vec<Traced>, String)) {
    let Some((event, more)) = events.split_first() else { panic!("nothing is traced of {reason:?}") };
    assert_eq!((event.level, event.field("provider")), (Level::WARN, Some("screenshotrun")), "{event:?}");
    let status = countersign::Rejection::new(reason).status().to_string();
    assert_eq!((event.field("reason"), event.field("status")), (Some(reason.code()), Some(&*status)), "{event:?}");
    let message = match reason {
        RejectionKind::Undecodable => "verified webhook delivery could not be decoded",
        _ => "webhook delivery rejected",
    };
    assert_eq!(event.field("message"), Some(message));
    let hint = match reason {
        RejectionKind::SourceUnknown => Some(PROVIDE_THE_PEER),
        RejectionKind::InsufficientTrust => Some(SET_A_CONFIRMATION),
        _ => None,
    };
    assert_eq!(more.iter().map(|event| event.field("message")).collect::<Vec<_>>(), hint.map(Some).as_slice());
    for hint in more {
        let parts = (hint.level, hint.field("provider"), hint.fields.len());
        assert_eq!(parts, (Level::DEBUG, Some("screenshotrun"), 2), "{hint:?}");
    }
    // What a look-up or a confirmation says of its failure may quote the request.
    assert!(!everything.contains("the store is down"), "{everything}");
    none_is_in(&needles(&of::<ScreenshotRun>(), &[&request.body]), &everything);
}

#[tokio::test]
async fn t19_a_refusal_in_tower_is_one_event_without_what_others_said() {
    let capture = Capture::start();
    for (reason, verify, request, _) in rejected_by_others!(countersign::tower::VerifyWebhook) {
        let inner = service_fn(|_: http::Request<Full<Bytes>>| async {
            Ok::<_, Infallible>(http::Response::new(Full::<Bytes>::default()))
        });
        let response = verify.layer(inner).oneshot(to_http(&request)).await.unwrap();
        tracing::info!(?response, "outside");
        check(reason, &request, capture.take());
    }
}

#[tokio::test]
async fn t19_a_refusal_in_axum_is_one_event_without_what_others_said() {
    let capture = Capture::start();
    for (reason, verify, request, _) in rejected_by_others!(countersign::axum::VerifyWebhook) {
        let app = Router::new().route(PATH, post(async |_: for_axum::Webhook<ScreenshotRun>| {}).layer(verify));
        let response = app.oneshot(to_http::<axum::body::Body>(&request)).await.unwrap();
        tracing::info!(?response, extensions = ?response.extensions(), "outside");
        check(reason, &request, capture.take());
    }
}

#[actix_web::test]
async fn t19_a_refusal_in_actix_web_is_one_event_without_what_others_said() {
    let capture = Capture::start();
    for (reason, verify, request, _) in rejected_by_others!(countersign::actix::VerifyWebhook) {
        let handler = async |_: countersign::actix::Webhook<ScreenshotRun>| "handled";
        let resource = web::resource(PATH).wrap(verify).route(web::post().to(handler));
        let app = actix_web::test::init_service(actix_web::App::new().service(resource)).await;
        let (test, _) = to_actix(&request).to_request().replace_payload(payload(&request));
        let response = actix_web::test::call_service(&app, test).await;
        let error = response.response().extensions().get::<countersign::Rejection>().cloned();
        tracing::info!(response = ?response.response().head(), ?error, "outside");
        check(reason, &request, capture.take());
    }
}

/// Addresses are personal data: the WARN has none, and a DEBUG event says which one was judged.
#[tokio::test]
async fn c21_the_judged_address_is_logged_at_level_debug() {
    let capture = Capture::start();
    let sources = AllowedSources::new(["203.0.113.0/24"]).unwrap().with_trusted_proxies(["130.211.0.0/22"]).unwrap();
    let verify = countersign::axum::VerifyWebhook::screenshotrun(of::<ScreenshotRun>().secret());
    let handler = post(async |_: for_axum::Webhook<ScreenshotRun>| {});
    let app = Router::new().route(PATH, handler.layer(verify.with_allowed_sources(sources)));
    let mut request = to_http::<axum::body::Body>(&documented::<ScreenshotRun>());
    request.extensions_mut().insert(PeerAddr::from(std::net::IpAddr::from([130, 211, 0, 7])));
    request.headers_mut().insert("x-forwarded-for", "203.0.113.9,34.117.5.5".parse().unwrap());
    assert_eq!(app.oneshot(request).await.unwrap().status(), 401);
    let (events, _) = capture.take();
    let [warned, told] = &events[..] else { panic!("{events:?}") };
    assert_eq!(
        (warned.level, warned.field("reason"), warned.fields.len()),
        (Level::WARN, Some("source_not_allowed"), 4)
    );
    let text = "34.117.5.5 is not allowed: it is entry 2 of 2 in x-forwarded-for, as the proxy 130.211.0.7 sent it. If \
                it is one of your own proxies, list it with `with_trusted_proxies`";
    assert_eq!((told.level, told.field("message"), told.fields.len()), (Level::DEBUG, Some(text), 2));
    assert!(!format!("{warned:?}").contains("34.117"), "{warned:?}");
}

/// The provider proved the delivery, so the shape of its time is at level WARN.
#[tokio::test]
async fn c23_the_shape_of_a_time_is_the_detail_of_its_event() {
    let capture = Capture::start();
    let verify = countersign::axum::VerifyWebhook::zeodyn("s3cr3t").with_max_event_age(std::time::Duration::MAX);
    let app = Router::new().route("/", post(async |_: for_axum::Webhook<Zeodyn>| {}).layer(verify));
    // The secret is a short one.
    drop(capture.take());
    let body = r#"{"event":"scan_complete","scanId":"1","timestamp":"2026-11-27T09:00:00"}"#;
    let tag = "6feb37ae9e9f9b0067fb44f0ec12f31e19f49706e68749ffd2713f8077791fe7";
    let request =
        http::Request::post("/").header("x-zeodyn-signature", tag).body(axum::body::Body::from(body)).unwrap();
    assert_eq!(app.oneshot(request).await.unwrap().status(), 401);
    let (events, _) = capture.take();
    let [event] = &events[..] else { panic!("{events:?}") };
    let detail = "the time of the event is a text of 19 bytes that is not an RFC 3339 time with a zone";
    assert_eq!((event.field("reason"), event.field("detail")), (Some("event_time_unreadable"), Some(detail)));
}

/// C17: one ERROR says which sharing is the cause, and shows nothing of the request.
#[actix_web::test]
async fn c17_a_held_request_is_one_error_that_says_why() {
    let capture = Capture::start();
    let handler = async |_: countersign::actix::Webhook<ScreenshotRun>| "handled";
    let verify = countersign::actix::VerifyWebhook::screenshotrun(of::<ScreenshotRun>().secret());
    let resource = web::resource(PATH).route(web::post().to(handler)).wrap(verify);
    let resource = resource.wrap_fn(|request, inner| {
        let kept = request.request().clone();
        let response = inner.call(request);
        async move {
            let response = response.await;
            drop(kept);
            response
        }
    });
    let app = actix_web::test::init_service(actix_web::App::new().service(resource)).await;
    let request = documented::<ScreenshotRun>();
    let (test, _) = to_actix(&request).to_request().replace_payload(payload(&request));
    assert_eq!(actix_web::test::call_service(&app, test).await.status(), 500);
    let (events, everything) = capture.take();
    let [event] = &events[..] else { panic!("{events:?}") };
    assert_eq!((event.level, event.field("provider")), (Level::ERROR, Some("screenshotrun")));
    let text = "middleware outside of `VerifyWebhook` holds the request while it calls the inner service: a clone of it, \
                or a borrow of its extensions. The delivery cannot be passed on. Drop the clone before that call, or put \
                the middleware inside of `VerifyWebhook`";
    assert_eq!((event.field("message"), event.fields.len()), (Some(text), 4));
    assert_eq!((event.field("reason"), event.field("status")), (Some("request_held"), Some("500")));
    none_is_in(&needles(&of::<ScreenshotRun>(), &[&request.body]), &everything);
}
