//! What is rejected: what is looked at, what is answered, and what layers outside are told.

use countersign_test_support::{headers, problem};
use std::convert::Infallible;

use countersign::{
    Rejection, RejectionKind,
    adapter::ExtractionErrorKind,
    provider::Provider,
    providers::{ScreenshotRun, Zeodyn},
    tower::{VerifyWebhook, Webhook},
};
use http_body_util::{BodyExt, Full};
use tower::{Layer, Service, ServiceExt, service_fn};

use crate::tower::{
    Count, Response, code,
    convert::{documented, of, rejected_heads, with_body},
    counting, kind, layer,
    script::{Script, Step},
    support::http::Request,
};

/// Answers that it could not decode a body, as an extractor would.
fn decoding<P: Provider>()
-> impl Service<http::Request<Script>, Response = Response, Error = Infallible, Future: Send> + Clone {
    service_fn(|request: http::Request<Script>| async move {
        let mut response = Response::default();
        if let Err(rejection) = Webhook::<P>::from_extensions(request.extensions()) {
            assert_eq!(rejection.error().answer().status(), 422, "{rejection}");
            *response.status_mut() = http::StatusCode::IM_A_TEAPOT;
        }
        Ok(response)
    })
}

async fn answer(request: &Request, script: Script, calls: &Count) -> Response {
    if request.target.contains("screenshotrun") {
        layer::<ScreenshotRun>().layer(counting(calls)).oneshot(with_body(request, script)).await.unwrap()
    } else {
        layer::<Zeodyn>().layer(counting(calls)).oneshot(with_body(request, script)).await.unwrap()
    }
}

#[tokio::test]
async fn a_rejected_head_costs_no_look_at_the_body_and_no_call() {
    for (request, reason, status) in rejected_heads() {
        let script = Script::from(request.body.clone());
        let (calls, asked) = (Count::default(), script.asked.clone());
        let response = answer(&request, script, &calls).await;
        assert_eq!((code(&response), response.status().as_u16()), (Some(reason), status), "{request:?}");
        assert_eq!((asked.get(), calls.get()), (0, 0), "{request:?}");
    }
}

/// Each rejection that takes a body, by the steps that make it.
fn rejected_bodies() -> Vec<(Request, Vec<Step>, RejectionKind)> {
    let genuine = documented::<Zeodyn>();
    let forged = of::<Zeodyn>().proven_with(b"guessed", genuine.body.clone());
    let data = || Step::Data(genuine.body.clone().into());
    let over = || Step::Data(vec![b' '; countersign::adapter::DEFAULT_BODY_LIMIT + 1].into());
    vec![
        (genuine.clone(), vec![over()], RejectionKind::BodyTooLarge),
        (genuine.clone(), vec![Step::Stall], RejectionKind::BodyTimeout),
        (genuine.clone(), vec![data(), Step::Fail("reset".into())], RejectionKind::BodyIncomplete),
        (genuine.clone(), vec![data(), data()], RejectionKind::SignatureMismatch),
        (genuine.clone(), vec![], RejectionKind::SignatureMismatch),
        (forged, vec![data()], RejectionKind::SignatureMismatch),
    ]
}

#[tokio::test(start_paused = true)]
async fn layers_outside_are_told_the_true_reason_of_every_rejection() {
    let mut told = Vec::new();
    for (request, reason, _) in rejected_heads() {
        let response = answer(&request, Script::default(), &Count::default()).await;
        assert_eq!(code(&response), Some(reason));
        told.extend(kind(&response));
    }
    for (request, steps, reason) in rejected_bodies() {
        let calls = Count::default();
        let response = answer(&request, Script::new(steps), &calls).await;
        assert_eq!((kind(&response), calls.get()), (Some(reason), 0));
        told.push(reason);
    }
    let undecodable = of::<Zeodyn>().genuine("{}");
    let service = layer::<Zeodyn>().layer(decoding::<Zeodyn>());
    let response = service.oneshot(with_body(&undecodable, Script::from(undecodable.body.clone()))).await.unwrap();
    assert_eq!((response.status().as_u16(), kind(&response)), (422, Some(RejectionKind::Undecodable)));
    told.extend(kind(&response));

    let mut codes: Vec<_> = told.iter().map(|kind| kind.code()).collect();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), 12, "every kind there is: {codes:?}");

    let genuine = documented::<Zeodyn>();
    let response = answer(&genuine, Script::from(genuine.body.clone()), &Count::default()).await;
    assert_eq!((response.status().as_u16(), kind(&response)), (200, None));
}

#[tokio::test]
async fn t20_rejections_are_the_errors_status_headers_and_problem() {
    for (request, _, _) in rejected_heads() {
        let response = answer(&request, Script::default(), &Count::default()).await;
        let error = response.extensions().get::<Rejection>().unwrap().clone();
        assert_eq!(response.status(), error.status());
        assert_eq!(response.headers().len(), headers(&error).len(), "{:?}", response.headers());
        for (name, value) in headers(&error) {
            assert_eq!(response.headers()[*name], *value);
        }
        assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), problem(&error));
    }
}

/// A body that cannot be made from bytes.
struct Plain(String);

#[tokio::test(start_paused = true)]
async fn a_rejection_response_replaces_the_answer_whatever_the_body_is() {
    let no =
        |error: &Rejection| http::Response::builder().status(403).body(Plain(error.kind().code().to_owned())).unwrap();
    let inner = service_fn(|_: http::Request<Script>| async {
        Ok::<_, Infallible>(http::Response::new(Plain("handled".to_owned())))
    });
    let service = VerifyWebhook::zeodyn(of::<Zeodyn>().secret()).with_rejection_response(no).layer(inner);
    let heads = rejected_heads().into_iter().filter(|(request, ..)| request.target.contains("zeodyn"));
    let heads = heads.map(|(request, reason, _)| (request, Vec::new(), reason));
    let bodies = rejected_bodies().into_iter().map(|(request, steps, kind)| (request, steps, kind.code()));
    for (request, steps, reason) in heads.chain(bodies) {
        let response = service.clone().oneshot(with_body(&request, Script::new(steps))).await.unwrap();
        assert_eq!((response.status().as_u16(), &*response.body().0), (403, reason));
        assert_eq!(code(&response), Some(reason), "in the extensions, too");
    }
    let genuine = documented::<Zeodyn>();
    let response = service.oneshot(with_body(&genuine, Script::from(genuine.body.clone()))).await.unwrap();
    assert_eq!((response.status().as_u16(), &*response.body().0, kind(&response)), (200, "handled", None));
}

#[tokio::test]
async fn a_rejection_response_replaces_the_answer_to_an_undecodable_delivery() {
    let undecodable = of::<Zeodyn>().genuine("{}");
    let request = || with_body(&undecodable, Script::from(undecodable.body.clone()));
    let no = |error: &Rejection| http::Response::builder().status(403).body(Full::from(error.to_string())).unwrap();
    let service = layer::<Zeodyn>().with_rejection_response(no).layer(decoding::<Zeodyn>());
    let response = service.oneshot(request()).await.unwrap();
    assert_eq!((response.status().as_u16(), kind(&response)), (403, Some(RejectionKind::Undecodable)));
}

#[tokio::test]
async fn an_undecodable_delivery_is_the_services_to_answer() {
    let undecodable = of::<Zeodyn>().genuine("{}");
    let calls = Count::default();
    let response = answer(&undecodable, Script::from(undecodable.body.clone()), &calls).await;
    assert_eq!((response.status().as_u16(), kind(&response), calls.get()), (200, None, 1), "it did not ask");
}

#[tokio::test]
async fn t30_without_the_layer_or_behind_anothers_there_is_no_delivery() {
    let missing = Webhook::<Zeodyn>::from_extensions(&http::Extensions::new()).unwrap_err();
    assert_eq!(missing.error().status(), 500);

    let inner = service_fn(|request: http::Request<Script>| async move {
        let extensions = request.extensions();
        assert!(Webhook::<ScreenshotRun>::from_extensions(extensions).is_ok());
        let error = Webhook::<Zeodyn>::from_extensions(extensions).unwrap_err();
        assert_eq!(error.error().kind(), ExtractionErrorKind::MissingVerification);
        Ok::<_, Infallible>(Response::default())
    });
    let genuine = documented::<ScreenshotRun>();
    let request = with_body(&genuine, Script::from(genuine.body.clone()));
    assert_eq!(layer::<ScreenshotRun>().layer(inner).oneshot(request).await.unwrap().status(), 200);
}
