//! What a look-up is given where routers are nested.

use std::sync::{Arc, Mutex};

use axum::{Router, routing::post};
use countersign::{Secret, UnverifiedDelivery, axum::VerifyWebhook, providers::ScreenshotRun};

use crate::axum::{
    convert::{documented, of},
    on_event, status,
};

/// axum shortens the URI of a nested router; who is named in a path is named by its place in the whole of it.
#[tokio::test]
async fn a_look_up_in_a_nested_router_is_given_the_path_as_it_came() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let paths = Arc::clone(&seen);
    let verify = VerifyWebhook::<ScreenshotRun>::from_lookup(move |unverified: UnverifiedDelivery<'_>| {
        let asked = (unverified.path().to_owned(), unverified.query().map(str::to_owned));
        paths.lock().unwrap().push(asked);
        async { Ok::<_, String>(Some(Secret::new(of::<ScreenshotRun>().secret()).expect("a secret"))) }
    });
    let tenants = Router::new().route("/{name}/screenshotrun", post(on_event::<ScreenshotRun>).layer(verify));
    let app = Router::new().nest("/tenants", tenants);
    let genuine = documented::<ScreenshotRun>();
    let (_, query) = genuine.target.split_once('?').unwrap();
    let request = genuine.clone().with_target(format!("/tenants/al%69ce/screenshotrun?a=1&{query}"));
    assert_eq!(status(&app, &request).await, 200);
    let expected = ("/tenants/al%69ce/screenshotrun".to_owned(), Some("a=1".to_owned()));
    assert_eq!(*seen.lock().unwrap(), [expected]);
}
