//! I5: whatever a user's function makes of a refusal, what has to come again is never answered with success.

use std::convert::Infallible;

use actix_web::{App, HttpResponse, web};
use bytes::Bytes;
use countersign::{
    VerifyErrorKind, actix::VerifyWebhook as ForActix, providers::Zeodyn, tower::VerifyWebhook as ForTower,
};
use http_body_util::Full;
use tower::{Layer, ServiceExt, service_fn};

use crate::{
    convert::{documented, of, payload, to_actix, to_http},
    support::http::Request,
};

/// A delivery whose look-up fails, and one that is forged.
fn deliveries() -> [(Request, VerifyErrorKind, u16); 2] {
    let genuine = documented::<Zeodyn>();
    let forged = of::<Zeodyn>().unproven(genuine.body.clone());
    [(genuine, VerifyErrorKind::LookupFailed, 503), (forged, VerifyErrorKind::MissingSignature, 200)]
}

async fn fails(_: ()) -> Result<Option<countersign::Secret>, &'static str> {
    Err("the store is down")
}

#[tokio::test]
async fn in_tower() {
    for (request, kind, status) in deliveries() {
        let verify = ForTower::<Zeodyn>::from_lookup(|_: countersign::UnverifiedDelivery<'_>| fails(()))
            .with_rejection_response(|_: &countersign::VerifyError| http::Response::<Full<Bytes>>::default());
        let inner =
            service_fn(|_: http::Request<Full<Bytes>>| async { Ok::<_, Infallible>(http::Response::default()) });
        let response = verify.layer(inner).oneshot(to_http(&request)).await.unwrap();
        let reason = response.extensions().get::<countersign::VerifyError>().map(countersign::VerifyError::kind);
        assert_eq!((response.status().as_u16(), reason), (status, Some(kind)));
    }
}

#[actix_web::test]
async fn in_actix() {
    for (request, kind, status) in deliveries() {
        let verify = ForActix::<Zeodyn>::from_lookup(|_: countersign::UnverifiedDelivery<'_>| fails(()))
            .with_rejection_response(|_| HttpResponse::Ok().finish());
        let resource = web::resource("/webhooks/zeodyn").wrap(verify).route(web::post().to(HttpResponse::Ok));
        let app = actix_web::test::init_service(App::new().service(resource)).await;
        let (test, _) = to_actix(&request).to_request().replace_payload(payload(&request));
        let response = actix_web::test::call_service(&app, test).await;
        let reason = response.response().extensions().get::<countersign::VerifyError>().map(|error| error.kind());
        assert_eq!((response.status().as_u16(), reason), (status, Some(kind)));
    }
}
