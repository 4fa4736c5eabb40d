//! Deliveries through core's verifier. That the adapters keep its errors is tested by the suite.

use std::{error::Error, time::Duration};

use crate::{convert::to_http, deliveries::token, support::http::Request};
use countersign::{
    Delivery, Rejection, RejectionKind, Trust, Verifier,
    confirmation::{ApiError, ScreenshotRunApi},
    providers::{Capture, ScreenshotRun, ScreenshotRunEvent},
};

/// Verifies and confirms a delivery. It is the client's time limit that ends the wait.
pub(crate) async fn verify(client: &ScreenshotRunApi, request: &Request) -> Result<Delivery<ScreenshotRun>, Rejection> {
    let verifier = Verifier::<ScreenshotRun>::new(token())
        .with_confirmation(client.clone())
        .with_confirmation_timeout(Duration::from_secs(3600));
    verifier.verify_async(&to_http::<Vec<u8>>(request), request.body.clone(), tokio::time::sleep).await
}

pub(crate) async fn confirmed(client: &ScreenshotRunApi, request: &Request) -> Delivery<ScreenshotRun> {
    let delivery = verify(client, request).await.unwrap_or_else(|error| panic!("{error:?}: {}", text(request)));
    assert_eq!((delivery.trust(), &**delivery.body()), (Trust::Confirmed, &*request.body));
    delivery
}

/// What the handler gets of a delivery that is confirmed.
pub(crate) async fn capture(client: &ScreenshotRunApi, request: &Request) -> Capture {
    match confirmed(client, request).await.into_event() {
        ScreenshotRunEvent::ScreenshotCompleted(capture) | ScreenshotRunEvent::ScreenshotFailed(capture) => capture,
        other => panic!("{other:?}"),
    }
}

pub(crate) async fn denied(client: &ScreenshotRunApi, request: &Request) {
    let error = verify(client, request).await.map(|delivery| panic!("{delivery:?}: {}", text(request))).unwrap_err();
    assert_eq!((error.kind(), error.source().is_none()), (RejectionKind::NotConfirmed, true), "{}", text(request));
}

/// Neither confirmed nor denied: why.
pub(crate) async fn undecided(client: &ScreenshotRunApi, request: &Request) -> ApiError {
    let error = verify(client, request).await.map(|delivery| panic!("{delivery:?}: {}", text(request))).unwrap_err();
    assert_eq!(error.kind(), RejectionKind::ConfirmationFailed, "{}", text(request));
    let source = error.source().expect("a source").downcast_ref::<ApiError>().expect("an `ApiError`");
    assert!(source.source().is_none());
    *source
}

fn text(request: &Request) -> String {
    request.body[..request.body.len().min(200)].escape_ascii().to_string()
}
