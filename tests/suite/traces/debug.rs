//! T19: `Debug` of everything public that holds, or has held, something of a request or a secret.

use std::{error::Error, fmt::Debug};

use actix_web::dev::{Service, Transform};
use bytes::Bytes;
use countersign::{
    DecodeError, Delivery, ExtractionErrorKind, ProviderEvent, Rejection, RejectionKind, Secret, SecretError, Secrets,
    Verifier, actix,
    adapter::{Finish, Next, Received, Receiver},
    axum as for_axum,
    provider::Provider,
    providers::{ScreenScore, ScreenScoreEvent, ScreenshotRun, Zeodyn},
    tower as for_tower,
};
use http_body_util::Full;
use tower::{Layer, ServiceExt, service_fn};

use crate::traces::{
    convert::{of, payload, to_actix, to_http},
    needles::{CANARY, needles, none_is_in},
    surfaces::secrets,
};

/// A genuine body with the canary where it is no id and no name.
fn body() -> String {
    format!(r#"{{"event":"batch.completed","data":{{"id":"bat_1","secret":"{CANARY}"}},"{CANARY}":["{CANARY}"]}}"#)
}

/// Checks both forms, and that they show what type it is.
#[track_caller]
fn hides<P: Provider>(name: &str, value: &impl Debug, unlike: &[&str]) {
    let needles = needles(&of::<P>(), &[body().as_bytes()]);
    for text in [format!("{value:?}"), format!("{value:#?}")] {
        assert!(text.starts_with(name), "{text}");
        none_is_in(&needles, &text);
        for other in unlike {
            assert!(!text.contains(other), "{other} in {text}");
        }
    }
}

fn delivery<P: Provider>() -> Delivery<P> {
    let request = of::<P>().genuine(body());
    Verifier::<P>::new(secrets::<P>()).verify(&to_http::<Vec<u8>>(&request), request.body).unwrap()
}

fn core<P: Provider>() {
    let secret = Secret::new(of::<P>().secret()).unwrap();
    hides::<P>("Secret(", &secret, &[]);
    hides::<P>("Secret(", &secret.clone().with_label("2026-q4"), &[]);
    hides::<P>(
        "Secrets",
        &Secrets::new(secret).add_previous(Secret::new(of::<P>().previous_secret()).expect("a secret")),
        &[],
    );
    hides::<P>("Secrets", &secrets::<P>(), &[]);

    let verifier = Verifier::<P>::new(secrets::<P>());
    hides::<P>("Verifier", &verifier, &[]);
    let mut verification = verifier.check_head(&to_http::<Vec<u8>>(&of::<P>().genuine(body()))).unwrap();
    verification.push(Bytes::from(body())).unwrap();
    hides::<P>("Verification", &verification, &["bat_1"]);

    let delivery = delivery::<P>();
    hides::<P>("Delivery", &delivery, &["bat_1"]);
    hides::<P>("MatchedSecret", delivery.matched_secret(), &[]);
    hides::<P>("DeliveryId(\"", &delivery.delivery_id().unwrap(), &[]);
    let request = of::<P>().genuine(body());
    let verified = verifier.verify_only(&to_http::<Vec<u8>>(&request), request.body).unwrap();
    hides::<P>("Verified", &verified, &["bat_1"]);
}

#[test]
fn t19_debug_of_the_core_types_hides_all() {
    core::<ScreenScore>();
    core::<ScreenshotRun>();
    core::<Zeodyn>();
}

#[tokio::test]
async fn t19_debug_of_the_tower_types_hides_all() {
    async fn check<P: Provider>() {
        let layer = for_axum::VerifyWebhook::<P>::new(secrets::<P>());
        hides::<P>("VerifyWebhook", &layer, &[]);
        let replaced = layer.clone().with_rejection_response(|_: &Rejection| http::Response::new(CANARY));
        hides::<P>("VerifyWebhook", &replaced, &[]);
        let service = layer.layer(service_fn(|request: http::Request<Full<Bytes>>| async move {
            let hook = for_tower::Webhook::<P>::from_extensions(request.extensions()).unwrap();
            hides::<P>("Webhook(", &hook, &["bat_1"]);
            hides::<P>("Webhook(", &hook.clone(), &["bat_1"]);
            hides::<P>("{", request.extensions(), &["bat_1"]);
            Ok::<_, std::convert::Infallible>(http::Response::new(Full::<Bytes>::default()))
        }));
        hides::<P>("VerifyWebhookService", &service, &[]);
        let response = service.oneshot(to_http(&of::<P>().genuine(body()))).await.unwrap();
        assert_eq!(response.status(), 200);
    }
    check::<ScreenScore>().await;
    check::<ScreenshotRun>().await;
    hides::<Zeodyn>("Problem", &for_tower::Problem::default(), &[]);
    let rejection = for_tower::Webhook::<Zeodyn>::from_extensions(&http::Extensions::new()).unwrap_err();
    hides::<Zeodyn>("WebhookRejection(", &rejection, &[]);
}

#[actix_web::test]
async fn t19_debug_of_the_actix_types_hides_all() {
    async fn check<P: Provider>() {
        let verify = actix::VerifyWebhook::<P>::new(secrets::<P>());
        hides::<P>("VerifyWebhook", &verify, &[]);
        hides::<P>("VerifyWebhook", &verify.clone().with_rejection_response(|_| panic!("{CANARY}")), &[]);
        let inner = actix_web::dev::fn_service(|mut request: actix_web::dev::ServiceRequest| async move {
            let hook = request.extract::<actix::Webhook<P>>().await.unwrap();
            hides::<P>("Webhook(", &hook, &["bat_1"]);
            hides::<P>("Webhook(", &hook.clone(), &["bat_1"]);
            Ok(request.into_response(actix_web::HttpResponse::Ok().finish()))
        });
        let inner = actix_web::dev::ServiceFactory::new_service(&inner, ()).await.unwrap();
        let middleware = verify.new_transform(inner).await.unwrap();
        hides::<P>("VerifyWebhookMiddleware", &middleware, &[]);
        let genuine = of::<P>().genuine(body());
        let mut request = to_actix(&genuine).to_srv_request();
        request.set_payload(payload(&genuine));
        assert_eq!(middleware.call(request).await.unwrap().status(), 200);
    }
    check::<ScreenScore>().await;
    check::<ScreenshotRun>().await;
}

/// Display and Debug of an error and of all its causes.
#[track_caller]
fn error_hides(error: &(impl Error + 'static)) {
    let needles = needles(&of::<Zeodyn>(), &[body().as_bytes()]);
    for error in std::iter::successors(Some(error as &(dyn Error + 'static)), |&error| error.source()) {
        for text in [format!("{error}"), format!("{error:?}"), format!("{error:#?}")] {
            assert!(!text.is_empty());
            none_is_in(&needles, &text);
        }
    }
}

#[test]
fn t19_errors_hide_all() {
    let verifier = Verifier::<Zeodyn>::new(secrets::<Zeodyn>());
    let wrong = of::<Zeodyn>().proven_with(CANARY.as_bytes(), body());
    error_hides(&verifier.verify(&to_http::<Vec<u8>>(&wrong), wrong.body.clone()).unwrap_err());

    let undecodable = of::<Zeodyn>().genuine(format!(r#"{{"event":["{CANARY}"]}}"#));
    let error = verifier.verify(&to_http::<Vec<u8>>(&undecodable), undecodable.body.clone()).unwrap_err();
    assert_eq!(error.kind(), RejectionKind::Undecodable);
    error_hides(&error);
    let cause = error.source().and_then(|cause| cause.downcast_ref::<DecodeError>());
    error_hides(cause.expect("a `DecodeError`"));
    let mut receiving = Receiver::from(verifier).begin(&to_http::<Vec<u8>>(&undecodable)).unwrap();
    receiving.push(undecodable.body.into()).unwrap();
    let Finish::Ready(Next::Handle(received, _)) = receiving.finish(tokio::time::sleep) else { panic!("verified") };
    hides::<Zeodyn>("Verified", &received, &[]);
    let extraction = Received::extract(Some(&received)).unwrap_err();
    assert_eq!(extraction.kind(), ExtractionErrorKind::Undecodable);
    error_hides(&extraction);
    error_hides(&Received::<Zeodyn>::extract(None).unwrap_err());

    let empty: SecretError = Secret::new("").unwrap_err();
    error_hides(&empty);
}

#[test]
fn t19_json_that_is_kept_as_it_came_is_not_shown() {
    let unknown = body().replace("batch.completed", "batch.renamed");
    let ScreenScoreEvent::Unknown(event) = ScreenScoreEvent::decode(unknown.as_bytes()).unwrap() else {
        panic!("unknown")
    };
    assert!(event.json().get().contains(CANARY), "it is there");
    hides::<ScreenScore>("UnknownEvent", &event, &[]);
    hides::<ScreenScore>("RawJson(", event.json(), &["bat_1", "batch"]);

    let ScreenScoreEvent::BatchCompleted(batch) = ScreenScoreEvent::decode(body().as_bytes()).unwrap() else {
        panic!("documented")
    };
    assert!(batch.json.get().contains(CANARY), "it is there");
    hides::<ScreenScore>("PartlyDocumented", &batch, &[]);
    hides::<ScreenScore>("BatchCompleted(", &ScreenScoreEvent::BatchCompleted(batch), &[]);
}
