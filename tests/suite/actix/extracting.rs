//! The extractor among others, and the payload that they all see.

use actix_web::{App, HttpRequest, HttpResponse, ResponseError, http::StatusCode, web};
use countersign::{
    Rejection,
    actix::{Webhook, WebhookRejection},
    providers::Zeodyn,
};
use futures_util::StreamExt;
use serde::Deserialize;

use crate::actix::{
    answer, app,
    convert::{documented, odd, of},
    status, verify,
};

const PATH: &str = "/webhooks/zeodyn";

/// An app whose handler stands behind the middleware.
macro_rules! behind {
    ($handler:expr) => {
        app!(App::new().service(web::resource(PATH).wrap(verify::<Zeodyn>()).route(web::post().to($handler))))
    };
}

#[actix_web::test]
async fn the_webhook_may_stand_anywhere_among_the_extractors() {
    let genuine = documented::<Zeodyn>();
    macro_rules! check {
        ($($handler:expr,)*) => {$(assert_eq!(status(&behind!($handler), &genuine).await, 200, stringify!($handler));)*};
    }
    check! {
        async |_: Webhook<Zeodyn>| HttpResponse::Ok().finish(),
        async |_: Webhook<Zeodyn>, _: HttpRequest, _: web::Bytes| HttpResponse::Ok().finish(),
        async |_: HttpRequest, _: Webhook<Zeodyn>, _: web::Bytes| HttpResponse::Ok().finish(),
        async |_: web::Bytes, _: HttpRequest, _: Webhook<Zeodyn>| HttpResponse::Ok().finish(),
        async |_: web::Payload, _: Webhook<Zeodyn>| HttpResponse::Ok().finish(),
        async |_: Webhook<Zeodyn>, _: Webhook<Zeodyn>| HttpResponse::Ok().finish(),
    }
}

#[actix_web::test]
async fn t7_body_extractors_see_the_body_byte_for_byte() {
    let body = odd::<Zeodyn>(5000);
    let request = of::<Zeodyn>().genuine(body.clone());
    let expected = (200, String::from_utf8(body).unwrap());

    let app = behind!(async |hook: Webhook<Zeodyn>, bytes: web::Bytes| {
        assert_eq!(bytes, hook.body());
        bytes
    });
    assert_eq!(answer(&app, &request).await, expected);

    let app = behind!(async |hook: Webhook<Zeodyn>, text: String| {
        assert_eq!(text.as_bytes(), hook.body());
        text
    });
    assert_eq!(answer(&app, &request).await, expected);

    let app = behind!(async |bytes: web::Bytes| bytes);
    assert_eq!(answer(&app, &request).await, expected, "without the webhook");
}

#[actix_web::test]
async fn t7_the_payload_is_the_verified_body_and_not_a_copy() {
    let app = behind!(async |hook: Webhook<Zeodyn>, mut payload: web::Payload| {
        let frame = payload.next().await.unwrap().unwrap();
        assert_eq!((frame.as_ptr(), frame.len()), (hook.body().as_ptr(), hook.body().len()));
        assert!(payload.next().await.is_none());
        HttpResponse::Ok().finish()
    });
    assert_eq!(status(&app, &of::<Zeodyn>().genuine(odd::<Zeodyn>(100_000))).await, 200);
}

#[actix_web::test]
async fn json_works_beside_the_webhook() {
    #[derive(Deserialize)]
    struct Mine {
        event: String,
        n: [f64; 3],
    }
    let app = behind!(async |hook: Webhook<Zeodyn>, mine: web::Json<Mine>| {
        assert_eq!(mine.event, hook.event().name());
        mine.n.map(|n| n.to_string()).join(" ")
    });
    let request = of::<Zeodyn>().genuine(odd::<Zeodyn>(0)).with_header("content-type", "application/json");
    assert_eq!(answer(&app, &request).await, (200, "1 100 -0".to_owned()));
}

/// As the documentation warns: `Option` is actix-web's own, of any extractor.
#[actix_web::test]
async fn t30_an_option_hides_a_forgotten_middleware() {
    let handler = async |hook: Option<Webhook<Zeodyn>>| hook.is_some().to_string();
    let app = app!(App::new().route(PATH, web::post().to(handler)));
    assert_eq!(answer(&app, &documented::<Zeodyn>()).await, (200, "false".to_owned()));
}

/// The extractor's answer is the handler's to change.
#[actix_web::test]
async fn what_became_of_the_extractors_answer_stays() {
    async fn accepted(hook: Result<Webhook<Zeodyn>, WebhookRejection>) -> HttpResponse {
        let mut response = hook.unwrap_err().error_response();
        *response.status_mut() = StatusCode::ACCEPTED;
        response
    }
    let no = |_: &Rejection| HttpResponse::ImATeapot().finish();
    let undecodable = of::<Zeodyn>().genuine("{}");
    for verify in [verify::<Zeodyn>(), verify::<Zeodyn>().with_rejection_response(no)] {
        let app = app!(App::new().service(web::resource(PATH).wrap(verify).route(web::post().to(accepted))));
        assert_eq!(status(&app, &undecodable).await, 202);
    }
}
