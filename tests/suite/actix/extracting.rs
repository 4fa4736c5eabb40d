//! The extractor among others, and the payload that they all see.

use actix_web::{App, HttpRequest, HttpResponse, Responder, web};
use countersign::{
    Secret, Secrets, Trust,
    actix::{VerifyWebhook, Webhook, WebhookRejection},
    provider::Provider,
    providers::{GeoScored, ScreenScore, ScreenshotCenter, ScreenshotRun, Zeodyn, ZeodynEvent},
};
use futures_util::StreamExt;
use serde::Deserialize;

use crate::actix::{
    answer, app, call,
    convert::{documented, documented_as, odd, of},
    seconds, status, verify,
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

#[actix_web::test]
async fn the_event_comes_by_reference_and_by_value() {
    let app = behind!(async |hook: Webhook<Zeodyn>| {
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

#[actix_web::test]
async fn every_provider_has_a_constructor_and_its_extractor() {
    macro_rules! check {
        ($($name:ident => $Provider:ident,)*) => {$({
            let sender = of::<countersign::providers::$Provider>();
            let verify = VerifyWebhook::$name(sender.secret());
            let name = async |hook: Webhook<countersign::providers::$Provider>| hook.event().name().to_owned();
            let resource = web::resource("/webhooks/{provider}").wrap(verify).route(web::post().to(name));
            let app = app!(App::new().service(resource));
            let request = documented::<countersign::providers::$Provider>();
            assert_eq!(answer(&app, &request).await, (200, sender.fixture().event));
        })*};
    }
    countersign::__for_each_provider!(check);
}

#[actix_web::test]
async fn a_result_lets_the_handler_decide() {
    async fn decide(hook: Result<Webhook<Zeodyn>, WebhookRejection>) -> impl Responder {
        match hook {
            Ok(hook) => HttpResponse::Ok().body(hook.event().name().to_owned()),
            Err(rejection) => HttpResponse::Accepted().body(format!("{}: {rejection}", rejection.error().status())),
        }
    }
    let app = behind!(decide);
    assert_eq!(answer(&app, &documented::<Zeodyn>()).await, (200, "score_change".to_owned()));
    assert_eq!(
        answer(&app, &of::<Zeodyn>().genuine("{}")).await,
        (202, "422: the delivery was verified, but its body could not be decoded".to_owned())
    );
    let missing = "500: no delivery of Zeodyn was verified before this handler: put `VerifyWebhook` for Zeodyn around \
                   its route. A `VerifyWebhook` for another provider, or around another route, does not count";
    let without = app!(App::new().route(PATH, web::post().to(decide)));
    assert_eq!(answer(&without, &documented::<Zeodyn>()).await, (202, missing.to_owned()));
    assert_eq!(call(&app, &of::<Zeodyn>().unproven("{}")).await.status(), 401, "it never comes to the handler");
}

#[actix_web::test]
async fn the_matched_secret_and_the_trust_are_told() {
    async fn rotation<P: Provider>(trust: Trust) {
        let sender = of::<P>();
        let secrets = Secrets::new(Secret::new("new").unwrap().with_label("2026-q4"))
            .add_previous(Secret::new(sender.secret()).unwrap().with_label("2026-q3"))
            .add_previous(Secret::new("unlabelled").expect("a secret"));
        let handler = |hook: Webhook<P>| async move {
            let matched = hook.matched_secret();
            format!("{} {} {:?} {:?}", matched.position(), matched.is_current(), matched.label(), hook.trust())
        };
        let verify = VerifyWebhook::<P>::new(secrets);
        let resource = web::resource("/webhooks/{provider}").wrap(verify).route(web::post().to(handler));
        let app = app!(App::new().service(resource));
        for (secret, expected) in [
            (b"new".to_vec(), r#"0 true Some("2026-q4")"#),
            (sender.secret().into_bytes(), r#"1 false Some("2026-q3")"#),
            (b"unlabelled".to_vec(), "2 false None"),
        ] {
            let request = sender.proven_with(&secret, sender.fixture().body);
            assert_eq!(answer(&app, &request).await, (200, format!("{expected} {trust:?}")));
        }
        assert_eq!(status(&app, &sender.proven_with(b"retired", sender.fixture().body)).await, 401);
    }
    rotation::<ScreenScore>(Trust::Signed).await;
    rotation::<ScreenshotCenter>(Trust::Signed).await;
    rotation::<ScreenshotRun>(Trust::TokenOnly).await;
    rotation::<Zeodyn>(Trust::Signed).await;
    rotation::<GeoScored>(Trust::Signed).await;
}

#[actix_web::test]
async fn t9_geoscoreds_timestamp_is_told_where_it_is_one_number() {
    const HEADER: &str = "x-geoscored-timestamp";
    let handler = async |hook: Webhook<GeoScored>| seconds(hook.sent_at());
    let resource = web::resource("/webhooks/geoscored").wrap(verify::<GeoScored>()).route(web::post().to(handler));
    let app = app!(App::new().service(resource));
    let genuine = documented::<GeoScored>;
    let repeated = genuine().with_header(HEADER, "5").with_header(HEADER, "5");
    for (request, expected) in [
        (genuine(), "None"),
        (genuine().with_header(HEADER, "1768473090"), "Some(1768473090)"),
        (genuine().with_header(HEADER, "-1"), "None"),
        (genuine().with_header(HEADER, "18446744073709551616"), "None"),
        (genuine().with_header(HEADER, "soon"), "None"),
        (genuine().with_header(HEADER, [0xff, 0xfe]), "None"),
        (repeated, "None"),
    ] {
        assert_eq!(answer(&app, &request).await, (200, expected.to_owned()), "{:?}", request.headers);
    }
}
