//! The extractor among others, and the body that they all see.

use axum::{
    Json, Router,
    extract::{Path, RawQuery, State},
    http::{HeaderMap, Method, StatusCode},
    routing::post,
};
use bytes::Bytes;
use countersign::{
    axum::{Webhook, WebhookRejection},
    providers::{GeoScored, ScreenScore, ScreenScoreEvent, ScreenshotCenter, ScreenshotRun, Zeodyn, ZeodynEvent},
};
use serde::Deserialize;

use crate::axum::{
    answer, call,
    convert::{documented, documented_as, odd, of},
    layer, status,
};

const PATH: &str = "/webhooks/zeodyn";

/// `hook` where the handler has it and whatever comes before and after.
macro_rules! app {
    ($handler:expr) => {
        Router::new().route(PATH, post($handler).layer(layer::<Zeodyn>())).with_state("state")
    };
}

#[tokio::test]
async fn the_webhook_may_stand_anywhere_among_the_extractors() {
    let apps: Vec<(&str, Router)> = vec![
        ("alone", app!(|_: Webhook<Zeodyn>| async {})),
        ("first", app!(|_: Webhook<Zeodyn>, _: State<&'static str>, _: HeaderMap| async {})),
        ("in the middle", app!(|_: Method, _: Webhook<Zeodyn>, _: HeaderMap| async {})),
        ("last", app!(|_: State<&'static str>, _: HeaderMap, _: RawQuery, _: Webhook<Zeodyn>| async {})),
        ("twice", app!(|_: Webhook<Zeodyn>, _: Webhook<Zeodyn>| async {})),
        ("before the request", app!(|_: Webhook<Zeodyn>, _: axum::extract::Request| async {})),
    ];
    for (name, app) in apps {
        assert_eq!(status(&app, &documented::<Zeodyn>()).await, 200, "{name}");
    }
}

#[tokio::test]
async fn t7_body_extractors_see_the_body_byte_for_byte() {
    let body = odd::<Zeodyn>(5000);
    let request = of::<Zeodyn>().genuine(body.clone());

    let bytes = app!(|hook: Webhook<Zeodyn>, bytes: Bytes| async move {
        assert_eq!(bytes, hook.body());
        assert_eq!(bytes.as_ptr(), hook.body().as_ptr(), "not copied");
        bytes
    });
    let string = app!(|hook: Webhook<Zeodyn>, text: String| async move {
        assert_eq!(text.as_bytes(), hook.body());
        text
    });
    let without_the_webhook = app!(|bytes: Bytes| async move { bytes });
    let collected = app!(|_: Webhook<Zeodyn>, body: axum::body::Body| async move { body });
    for (name, app) in [("Bytes", bytes), ("String", string), ("Bytes alone", without_the_webhook), ("Body", collected)]
    {
        assert_eq!(answer(&app, &request).await, (200, String::from_utf8(body.clone()).unwrap()), "{name}");
    }
}

#[tokio::test]
async fn json_works_beside_the_webhook() {
    #[derive(Deserialize)]
    struct Mine {
        event: String,
        n: [f64; 3],
    }
    let app = app!(|hook: Webhook<Zeodyn>, Json(mine): Json<Mine>| async move {
        assert_eq!(mine.event, hook.event().name());
        mine.n.map(|n| n.to_string()).join(" ")
    });
    let request = of::<Zeodyn>().genuine(odd::<Zeodyn>(0));
    assert_eq!(status(&app, &request).await, 415, "axum's own `Json` asks for the content type");
    let request = request.with_header("content-type", "application/json");
    assert_eq!(answer(&app, &request).await, (200, "1 100 -0".to_owned()));
}

#[tokio::test]
async fn the_event_comes_by_reference_and_by_value() {
    let app = app!(|hook: Webhook<Zeodyn>| async move {
        assert!(matches!(hook.event(), ZeodynEvent::ScanComplete(scan) if scan.score == Some(72.0)));
        let clone = hook.clone();
        match (hook.into_event(), clone.into_event()) {
            (ZeodynEvent::ScanComplete(scan), ZeodynEvent::ScanComplete(same)) if scan == same => scan.scan_id,
            other => panic!("{other:?}"),
        }
    });
    let id = "a1b2c3d4-e5f6-7890-abcd-ef1234567890";
    assert_eq!(answer(&app, &documented_as::<Zeodyn>("scan_complete")).await, (200, id.to_owned()));
}

#[tokio::test]
async fn every_provider_has_a_constructor_and_its_extractor() {
    macro_rules! check {
        ($($name:ident => $Provider:ident,)*) => {$({
            let secret = of::<countersign::providers::$Provider>().secret();
            let verify = countersign::axum::VerifyWebhook::$name(secret);
            let name = |hook: Webhook<countersign::providers::$Provider>| async move { hook.event().name().to_owned() };
            let app = Router::new().route("/webhooks/{provider}", post(name).layer(verify));
            let request = documented::<countersign::providers::$Provider>();
            let event = of::<countersign::providers::$Provider>().fixture().event;
            assert_eq!(answer(&app, &request).await, (200, event));
        })*};
    }
    countersign::__for_each_provider!(check);
}

#[tokio::test]
async fn a_result_lets_the_handler_decide() {
    async fn decide(hook: Result<Webhook<Zeodyn>, WebhookRejection>) -> (StatusCode, String) {
        match hook {
            Ok(hook) => (StatusCode::OK, hook.event().name().to_owned()),
            Err(rejection) => (StatusCode::ACCEPTED, format!("{}: {rejection}", rejection.error().status())),
        }
    }
    let app = app!(decide);
    assert_eq!(answer(&app, &documented::<Zeodyn>()).await, (200, "score_change".to_owned()));
    assert_eq!(
        answer(&app, &of::<Zeodyn>().genuine("{}")).await,
        (202, "422: the delivery was verified, but its body could not be decoded".to_owned())
    );
    let missing = "500: no delivery of Zeodyn was verified before this handler: put `VerifyWebhook` for Zeodyn around \
                   its route. A `VerifyWebhook` for another provider, or around another route, does not count";
    let without = Router::new().route(PATH, post(decide));
    assert_eq!(answer(&without, &documented::<Zeodyn>()).await, (202, missing.to_owned()));
    let response = call(&app, &of::<Zeodyn>().unproven("{}")).await;
    assert_eq!(response.status(), 401, "what is not genuine never comes to the handler");
}

#[tokio::test]
async fn path_parameters_work_beside_the_webhook() {
    let app = Router::new().route(
        "/hooks/{tenant}",
        post(|Path(tenant): Path<String>, _: Webhook<ScreenshotRun>| async { tenant }).layer(layer::<ScreenshotRun>()),
    );
    let request = documented::<ScreenshotRun>();
    let request = request.clone().with_target(request.target.replace("/webhooks/screenshotrun", "/hooks/acme%20inc"));
    assert_eq!(answer(&app, &request).await, (200, "acme inc".to_owned()));
}

#[tokio::test]
async fn ids_of_unknown_and_documented_events_are_there() {
    let app = Router::new().route(
        "/webhooks/screenscore",
        post(|hook: Webhook<ScreenScore>| async move {
            let is_unknown = matches!(hook.event(), ScreenScoreEvent::Unknown(_));
            format!("{is_unknown} {:?} {}", hook.resource_id(), hook.delivery_id().unwrap())
        })
        .layer(layer::<ScreenScore>()),
    );
    let unknown = of::<ScreenScore>().genuine(r#"{"event":"analysis.revised","data":{"id":"ana_1"}}"#);
    let digest = hex::encode(<sha2::Sha256 as sha2::Digest>::digest(&unknown.body));
    assert_eq!(answer(&app, &unknown).await, (200, format!(r#"true Some("ana_1") sha256:{digest}"#)));
    let (_, documented) = answer(&app, &documented::<ScreenScore>()).await;
    let id = "ana_09jz7p3nqwec1x5vbr4mt8ks2d";
    assert_eq!(documented, format!("false Some({id:?}) analysis.completed/{id}"));
}

/// Only names the types: what a handler may ask for.
#[expect(dead_code, reason = "it compiles")]
async fn handlers_may_take_several(
    _: Result<Webhook<GeoScored>, WebhookRejection>,
    _: Result<Webhook<ScreenshotCenter>, WebhookRejection>,
    _: Webhook<Zeodyn>,
    _: Bytes,
) {
}
