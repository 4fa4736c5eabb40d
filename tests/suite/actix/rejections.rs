//! Handlers that do not get their webhook, word for word.

use actix_web::{App, HttpResponse, web};
use countersign::{
    Rejection, RejectionKind,
    actix::{VerifyWebhook, Webhook, WebhookRejection},
    providers::{GeoScored, ScreenScore, ScreenshotRun, Zeodyn},
};
use countersign_test_support::{headers, problem};
use serde_json::json;

use crate::actix::{
    answer, app, call,
    convert::{documented, of, rejected_heads},
    is_problem, kind, on_event, status, text, verify,
};

const PATH: &str = "/webhooks/zeodyn";
const UNDECODABLE: &str = r#"{"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"The delivery was verified, but its body could not be decoded."}"#;
const MISSING: &str = "no delivery of Zeodyn was verified before this handler: put `VerifyWebhook` for Zeodyn around \
                       its route. A `VerifyWebhook` for another provider, or around another route, does not count";

/// That the app answers 500 and says so.
macro_rules! is_missing {
    ($app:expr, $request:expr, $detail:expr) => {
        let response = call(&app!($app), $request).await;
        is_problem(&response, 500);
        assert_eq!(kind(&response), None);
        let problem: serde_json::Value = serde_json::from_str(&text(response).await).unwrap();
        let expected =
            json!({"type": "about:blank", "title": "Internal Server Error", "status": 500, "detail": $detail});
        assert_eq!(problem, expected);
    };
}

#[actix_web::test]
async fn t30_a_handler_without_the_middleware_says_what_is_missing() {
    let bare = || web::resource(PATH).route(web::post().to(on_event::<Zeodyn>));
    let genuine = documented::<Zeodyn>();
    is_missing!(App::new().service(bare()), &genuine, MISSING);
    is_missing!(App::new().service(bare()), &of::<Zeodyn>().proven_with(b"guessed", "{}"), MISSING);
    let other = web::resource("/other").wrap(verify::<Zeodyn>()).route(web::post().to(on_event::<Zeodyn>));
    is_missing!(App::new().service(other).service(bare()), &genuine, MISSING);
    let screenscore = web::resource(PATH).route(web::post().to(on_event::<ScreenScore>));
    is_missing!(App::new().service(screenscore), &genuine, MISSING.replace("Zeodyn", "ScreenScore AI"));
}

#[actix_web::test]
async fn t30_a_handler_behind_another_providers_middleware_says_what_is_missing() {
    let bare = || web::resource(PATH).route(web::post().to(on_event::<Zeodyn>));
    let geoscored = documented::<GeoScored>().with_target(PATH);
    is_missing!(App::new().service(bare().wrap(verify::<GeoScored>())), &geoscored, MISSING);
    let run = documented::<ScreenshotRun>();
    let run = run.clone().with_target(run.target.replace("screenshotrun", "zeodyn"));
    is_missing!(App::new().service(bare().wrap(verify::<ScreenshotRun>())), &run, MISSING);
}

/// As the documentation warns: `Option` is actix-web's own, of any extractor.
#[actix_web::test]
async fn t30_an_option_hides_a_forgotten_middleware() {
    let handler = async |hook: Option<Webhook<Zeodyn>>| hook.is_some().to_string();
    let app = app!(App::new().route(PATH, web::post().to(handler)));
    assert_eq!(answer(&app, &documented::<Zeodyn>()).await, (200, "false".to_owned()));
}

#[actix_web::test]
async fn a_genuine_body_that_is_no_event_is_undecodable() {
    let resource = web::resource(PATH).wrap(verify::<Zeodyn>()).route(web::post().to(on_event::<Zeodyn>));
    let app = app!(App::new().service(resource));
    for no_event in ["{}", "", "[]", "null", "{", r#"{"event":7}"#, r#"{"event":"scan_complete","score":"high"}"#] {
        let response = call(&app, &of::<Zeodyn>().genuine(no_event)).await;
        is_problem(&response, 422);
        assert_eq!(kind(&response), Some(RejectionKind::Undecodable), "{no_event}");
        assert_eq!(text(response).await, UNDECODABLE);
    }
    let response = call(&app, &of::<Zeodyn>().genuine(r#"{"event":"scan_complete","score":"high"}"#)).await;
    let extensions = response.response().extensions();
    let cause = std::error::Error::source(extensions.get::<Rejection>().unwrap()).unwrap().to_string();
    assert_eq!(cause, "the body does not match the documentation: expected f64 at line 1 column 39");
}

#[actix_web::test]
async fn a_body_is_not_decoded_unless_the_handler_asks() {
    let handler = async |bytes: web::Bytes| bytes;
    let app = app!(App::new().service(web::resource(PATH).wrap(verify::<Zeodyn>()).route(web::post().to(handler))));
    assert_eq!(answer(&app, &of::<Zeodyn>().genuine("no event")).await, (200, "no event".to_owned()));
}

#[actix_web::test]
async fn t20_rejections_are_the_errors_status_headers_and_problem() {
    let app = app!(
        App::new()
            .service(web::resource(PATH).wrap(verify::<Zeodyn>()))
            .service(web::resource("/webhooks/screenshotrun").wrap(verify::<ScreenshotRun>()))
    );
    for (request, reason, status) in rejected_heads() {
        let response = call(&app, &request).await;
        assert_eq!((kind(&response).map(RejectionKind::code), response.status().as_u16()), (Some(reason), status));
        let error = Rejection::new(kind(&response).unwrap());
        assert_eq!(response.headers().len(), headers(&error).len(), "{:?}", response.headers());
        for (name, value) in headers(&error) {
            assert_eq!(response.headers().get(*name).unwrap(), *value);
        }
        assert_eq!(text(response).await, problem(&error));
    }
}

fn no(error: &Rejection) -> HttpResponse {
    HttpResponse::Forbidden().body(error.kind().code())
}

#[actix_web::test]
async fn a_rejection_response_replaces_every_answer_of_ours() {
    let sender = of::<Zeodyn>();
    let verify = VerifyWebhook::zeodyn(sender.secret()).with_rejection_response(no);
    let resource = web::resource(PATH).wrap(verify).route(web::post().to(on_event::<Zeodyn>));
    let app = app!(App::new().service(resource));
    for (request, reason) in [
        (sender.unproven("{}"), RejectionKind::MissingSignature),
        (sender.proven_with(b"guessed", "{}"), RejectionKind::SignatureMismatch),
        (documented::<Zeodyn>().with_method("GET"), RejectionKind::MethodNotAllowed),
        (sender.genuine("{}"), RejectionKind::Undecodable),
    ] {
        let response = call(&app, &request).await;
        assert_eq!((response.status().as_u16(), kind(&response)), (403, Some(reason)));
        assert_eq!(text(response).await, reason.code());
    }
    assert_eq!(status(&app, &documented::<Zeodyn>()).await, 200);
}

#[actix_web::test]
async fn a_rejection_response_leaves_the_services_own_answers() {
    macro_rules! behind {
        ($handler:expr) => {
            app!(
                App::new().service(
                    web::resource(PATH)
                        .wrap(verify::<Zeodyn>().with_rejection_response(no))
                        .route(web::post().to($handler))
                )
            )
        };
    }
    let teapot = behind!(async |_: Webhook<Zeodyn>| HttpResponse::ImATeapot().finish());
    assert_eq!(status(&teapot, &documented::<Zeodyn>()).await, 418);
    is_problem(&call(&behind!(on_event::<GeoScored>), &documented::<Zeodyn>()).await, 500);
    let undecodable = of::<Zeodyn>().genuine("{}");
    let decides = behind!(async |hook: Result<Webhook<Zeodyn>, WebhookRejection>| {
        assert!(hook.is_err());
        HttpResponse::Accepted().finish()
    });
    assert_eq!(status(&decides, &undecodable).await, 202);
    let unprocessable = behind!(async || HttpResponse::UnprocessableEntity().finish());
    assert_eq!(status(&unprocessable, &undecodable).await, 422);
}
