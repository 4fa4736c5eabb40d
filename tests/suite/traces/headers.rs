//! T19: what middleware inside, which traces headers or whole requests, shows of the signature. (In actix-web the headers
//! stay as they came: they can be changed only where nobody else holds the request, and nothing says whether somebody
//! does.)

use axum::{
    Router,
    extract::Request,
    middleware::{Next, from_fn},
    routing::post,
};
use countersign::{
    axum as for_axum,
    provider::Provider,
    providers::{GeoScored, ScreenScore, ScreenshotCenter, Zeodyn},
};
use tower::ServiceExt;

use crate::traces::{
    capture::Capture,
    convert::{documented, of, to_http},
    needles::{needles, none_is_in},
    surfaces::secrets,
};

async fn through_axum<P: Provider>() {
    let capture = Capture::start();
    let trace = from_fn(async |request: Request, next: Next| {
        tracing::info!(?request, "inside");
        next.run(request).await
    });
    let verify = for_axum::VerifyWebhook::<P>::new(secrets::<P>());
    let handler = async |_: for_axum::Webhook<P>, headers: http::HeaderMap| {
        assert!(headers.contains_key(of::<P>().header().0), "it is still there");
    };
    let app = Router::new().route(&of::<P>().path(), post(handler)).layer(trace).layer(verify);
    let request = documented::<P>();
    assert_eq!(app.oneshot(to_http::<axum::body::Body>(&request)).await.unwrap().status(), 200);
    let (_, everything) = capture.take();
    assert!(everything.contains("inside"));
    none_is_in(&needles(&of::<P>(), &[&request.body]), &everything);
}

#[tokio::test]
async fn t19_the_signature_is_marked_sensitive_in_tower() {
    through_axum::<ScreenScore>().await;
    through_axum::<ScreenshotCenter>().await;
    through_axum::<Zeodyn>().await;
    through_axum::<GeoScored>().await;
}
