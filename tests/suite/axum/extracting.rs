//! The extractor among others, and the body that they all see.

use axum::{
    Json, Router,
    extract::{Path, RawQuery, State},
    http::{HeaderMap, Method, StatusCode},
    response::IntoResponse,
    routing::post,
};
use bytes::Bytes;
use countersign::{
    Rejection,
    axum::{Webhook, WebhookRejection},
    providers::{ScreenshotRun, Zeodyn},
};
use serde::Deserialize;

use crate::axum::{
    answer,
    convert::{documented, odd, of},
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
    for (name, app) in [("Bytes", bytes), ("String", string)] {
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
async fn path_parameters_work_beside_the_webhook() {
    let app = Router::new().route(
        "/hooks/{tenant}",
        post(|Path(tenant): Path<String>, _: Webhook<ScreenshotRun>| async { tenant }).layer(layer::<ScreenshotRun>()),
    );
    let request = documented::<ScreenshotRun>();
    let request = request.clone().with_target(request.target.replace("/webhooks/screenshotrun", "/hooks/acme%20inc"));
    assert_eq!(answer(&app, &request).await, (200, "acme inc".to_owned()));
}

/// The extractor's answer is the handler's to change.
#[tokio::test]
async fn what_became_of_the_extractors_answer_stays() {
    let accepted = || {
        post(|hook: Result<Webhook<Zeodyn>, WebhookRejection>| async move {
            (StatusCode::ACCEPTED, hook.unwrap_err()).into_response()
        })
    };
    let no = |_: &Rejection| StatusCode::IM_A_TEAPOT.into_response();
    let undecodable = of::<Zeodyn>().genuine("{}");
    let ours = accepted().layer(layer::<Zeodyn>());
    let theirs = accepted().layer(layer::<Zeodyn>().with_rejection_response(no));
    for answer in [ours, theirs] {
        assert_eq!(status(&Router::new().route(PATH, answer), &undecodable).await, 202);
    }
}
