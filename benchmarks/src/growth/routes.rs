//! Routes with a layer each, in one router.

use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode},
    routing::{MethodRouter, post},
};
use bytes::Bytes;
use countersign::{
    Provider,
    axum::{VerifyWebhook, Webhook},
    providers::{GeoScored, ScreenScore, ScreenshotCenter, ScreenshotRun, Zeodyn},
};
use tower_service::Service;

use super::{KIB, grown};
use crate::{
    points::Series,
    rounds::{Contender, at_once},
    verify,
};

/// With so many of them, all five providers in turn; the same delivery always comes to the first.
pub fn routes(rounds: usize) -> Vec<Series> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let _timer = runtime.enter();
    grown("Routes mounted", "routes", &[1, 2, 5, 10, 20], rounds, |count| {
        vec![
            request("layer and `Webhook`", router(count, verified)),
            request("axum alone, reading `Bytes`", router(count, |_| post(async |_: Bytes| StatusCode::OK))),
        ]
    })
}

fn router(count: usize, route: impl Fn(usize) -> MethodRouter) -> Router {
    (0..count).fold(Router::new(), |router, number| router.route(&format!("/webhooks/{number}"), route(number)))
}

fn verified(number: usize) -> MethodRouter {
    fn of<P: Provider>() -> MethodRouter {
        post(async |_: Webhook<P>| StatusCode::OK).layer(VerifyWebhook::<P>::new(verify::SECRET))
    }
    [of::<ScreenshotCenter>, of::<ScreenScore>, of::<ScreenshotRun>, of::<Zeodyn>, of::<GeoScored>][number % 5]()
}

/// One delivery of 1 KiB, from the request to the answer's head.
fn request(name: &str, mut router: Router) -> Contender<'static> {
    let body = Bytes::from_static(verify::body(KIB).leak());
    let (mut parts, ()) = verify::head(&verify::signature(&body)).into_parts();
    parts.uri = "/webhooks/0".parse().unwrap();
    Contender::new(name, move || {
        let request = Request::from_parts(parts.clone(), Body::from(body.clone()));
        let response = at_once(router.call(request)).unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        response
    })
}
