//! Where a request to a URL goes.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::SeqCst},
};

use axum::{Router, http::Uri, response::Redirect, routing::post};
use countersign::providers::{ScreenScore, ScreenshotRun};
use countersign_testkit::{Documented, Endpoint, Simulator, SimulatorClock};

use crate::simulator::{
    scripted::{delivery, documented},
    sites::{serve, url},
};

/// The target that a delivery to `target` arrives at.
async fn arrives_at<P: Documented>(target: &str, path: Option<&str>) -> String {
    let address = serve(Router::new().fallback(post(|uri: Uri| async move { uri.to_string() })));
    let request = documented::<P>();
    let request = match path {
        Some(path) => request.with_path(path),
        None => request,
    };
    let report = Simulator::new(Endpoint::new(url(address, target))).deliver(&request).await;
    let body = report.attempts()[0].result.as_ref().expect("an answer").body.to_vec();
    String::from_utf8(body).expect("a URI")
}

/// The secret of these tests, percent-encoded by hand.
const TOKEN: &str = "token=fixture%20secret%2F%26%2B%25";

#[tokio::test]
async fn the_token_comes_after_the_urls_own_query() {
    assert_eq!(
        arrives_at::<ScreenshotRun>("/hooks?tenant=a%26b&x", None).await,
        format!("/hooks?tenant=a%26b&x&{TOKEN}")
    );
    assert_eq!(arrives_at::<ScreenshotRun>("/hooks", None).await, format!("/hooks?{TOKEN}"));
    assert_eq!(arrives_at::<ScreenshotRun>("/hooks?", None).await, format!("/hooks?{TOKEN}"));
}

#[tokio::test]
async fn without_a_token_the_url_is_as_it_was_given() {
    for target in ["/", "/hooks", "/hooks?tenant=1", "/h%20oks/?a=%C3%A9&a=2"] {
        assert_eq!(arrives_at::<ScreenScore>(target, None).await, target);
    }
}

#[tokio::test]
async fn the_url_says_the_path_and_not_the_delivery() {
    assert_eq!(arrives_at::<ScreenScore>("/hooks", Some("/elsewhere")).await, "/hooks");
    assert_eq!(arrives_at::<ScreenshotRun>("/hooks", Some("/elsewhere")).await, format!("/hooks?{TOKEN}"));
}

#[tokio::test]
async fn the_url_says_the_query_and_not_the_delivery() {
    assert_eq!(arrives_at::<ScreenScore>("/hooks?tenant=1", Some("/elsewhere?tenant=2")).await, "/hooks?tenant=1");
}

#[tokio::test]
async fn no_redirect_is_followed() {
    let followed = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&followed);
    let elsewhere = move || {
        counted.fetch_add(1, SeqCst);
        async {}
    };
    let router = Router::new()
        .route("/301", post(|| async { (http::StatusCode::MOVED_PERMANENTLY, [("location", "/elsewhere")]) }))
        .route("/303", post(|| async { Redirect::to("/elsewhere") }))
        .route("/307", post(|| async { Redirect::temporary("/elsewhere") }))
        .route("/308", post(|| async { Redirect::permanent("/elsewhere") }))
        .route("/elsewhere", axum::routing::any(elsewhere));
    let address = serve(router);
    for status in [301, 303, 307, 308] {
        let target = Endpoint::new(url(address, &format!("/{status}")));
        let report = Simulator::new(target).with_clock(SimulatorClock::skipping()).deliver(&delivery()).await;
        assert_eq!(report.statuses(), [status; 4]);
        let answer = report.attempts()[0].result.as_ref().expect("an answer");
        assert_eq!(answer.headers["location"], "/elsewhere");
    }
    assert_eq!(followed.load(SeqCst), 0);
}

#[tokio::test]
async fn a_client_of_ones_own_sends_its_own_headers_too() {
    let headers = |headers: http::HeaderMap| async move { headers["user-agent"].to_str().unwrap().to_owned() };
    let address = serve(Router::new().fallback(post(headers)));
    let client = reqwest::Client::builder().user_agent("the provider/1").build().unwrap();
    let report = Simulator::new(Endpoint::with_client(url(address, "/"), client)).deliver(&delivery()).await;
    assert_eq!(report.attempts()[0].result.as_ref().expect("an answer").body, "the provider/1");
}
