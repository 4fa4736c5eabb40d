//! What the webhook says of its proof.

use axum::{Router, routing::post};
use countersign::{
    Secret, Secrets, Trust,
    axum::{VerifyWebhook, Webhook},
    provider::Provider,
    providers::{GeoScored, ScreenScore, ScreenshotCenter, ScreenshotRun, Zeodyn},
};

use crate::axum::{
    answer,
    convert::{documented, of},
    layer, seconds, status,
    support::http::Request,
};

async fn matched<P: Provider>(hook: Webhook<P>) -> String {
    let matched = hook.matched_secret();
    format!("{} {} {:?}", matched.position(), matched.is_current(), matched.label())
}

async fn rotation<P: Provider>() {
    let sender = of::<P>();
    let secrets = Secrets::new(Secret::new("new").unwrap().with_label("2026-q4"))
        .add_previous(Secret::new(sender.secret()).unwrap().with_label("2026-q3"))
        .add_previous(Secret::new("unlabelled").expect("a secret"));
    let app = Router::new().route("/webhooks/{provider}", post(matched::<P>).layer(VerifyWebhook::<P>::new(secrets)));
    for (secret, expected) in [
        (b"new".to_vec(), r#"0 true Some("2026-q4")"#),
        (sender.secret().into_bytes(), r#"1 false Some("2026-q3")"#),
        (b"unlabelled".to_vec(), "2 false None"),
    ] {
        let request = sender.proven_with(&secret, sender.fixture().body);
        assert_eq!(answer(&app, &request).await, (200, expected.to_owned()), "{}", P::NAME);
    }
    assert_eq!(status(&app, &sender.proven_with(b"retired", sender.fixture().body)).await, 401);
}

#[tokio::test]
async fn the_matched_secret_is_told_by_position_and_label() {
    rotation::<ScreenScore>().await;
    rotation::<ScreenshotCenter>().await;
    rotation::<ScreenshotRun>().await;
    rotation::<Zeodyn>().await;
    rotation::<GeoScored>().await;
}

/// The fixtures' tags under the previous secret are openssl's.
#[tokio::test]
async fn a_previous_secret_is_told_from_the_current_one() {
    let sender = of::<ScreenScore>();
    let secrets = Secrets::new(Secret::new(sender.secret()).expect("a secret"))
        .add_previous(Secret::new(sender.previous_secret()).expect("a secret"));
    let app = Router::new()
        .route("/webhooks/screenscore", post(matched::<ScreenScore>).layer(VerifyWebhook::screenscore(secrets)));
    let fixture = sender.fixture();
    for (tag, expected) in [(fixture.tag, "0 true None"), (fixture.previous_tag, "1 false None")] {
        let request = sender.with_tag(&tag.unwrap(), fixture.body.clone());
        assert_eq!(answer(&app, &request).await, (200, expected.to_owned()));
    }
}

#[tokio::test]
async fn trust_says_what_was_proven() {
    async fn trust<P: Provider>(expected: Trust) {
        let handler = |hook: Webhook<P>| async move { format!("{:?}", hook.trust()) };
        let app = Router::new().route("/webhooks/{provider}", post(handler).layer(layer::<P>()));
        assert_eq!(answer(&app, &documented::<P>()).await, (200, format!("{expected:?}")));
    }
    trust::<ScreenScore>(Trust::Signed).await;
    trust::<ScreenshotCenter>(Trust::Signed).await;
    trust::<ScreenshotRun>(Trust::TokenOnly).await;
    trust::<Zeodyn>(Trust::Signed).await;
    trust::<GeoScored>(Trust::Signed).await;
}

async fn timestamp<P: Provider>(request: Request) -> String {
    let handler = |hook: Webhook<P>| async move { seconds(hook.sent_at()) };
    let app = Router::new().route("/webhooks/{provider}", post(handler).layer(layer::<P>()));
    let (status, body) = answer(&app, &request).await;
    assert_eq!(status, 200, "it is never a reason to reject");
    body
}

#[tokio::test]
async fn t9_geoscoreds_timestamp_is_told_where_it_is_one_number() {
    const HEADER: &str = "x-geoscored-timestamp";
    let genuine = documented::<GeoScored>;
    assert_eq!(timestamp::<GeoScored>(genuine()).await, "None");
    for (value, expected) in [
        ("1768473090", "Some(1768473090)"),
        ("0", "Some(0)"),
        ("18446744073709551615", "None"), // no time that can be told
        ("18446744073709551616", "None"),
        ("-1", "None"),
        ("-9223372036854775808", "None"),
        ("1768473090.5", "None"),
        ("1e9", "None"),
        ("0x10", "None"),
        ("2026-01-15T10:31:30", "None"),
        ("1768473090, 1", "None"),
        ("", "None"),
    ] {
        assert_eq!(timestamp::<GeoScored>(genuine().with_header(HEADER, value)).await, expected, "{value:?}");
    }
    assert_eq!(timestamp::<GeoScored>(genuine().with_header(HEADER, [0xff, 0xfe])).await, "None");
    let repeated = genuine().with_header(HEADER, "1768473090").with_header(HEADER, "1768473090");
    assert_eq!(timestamp::<GeoScored>(repeated).await, "None");
    let mixed_case = genuine().with_header("X-GeoScored-Timestamp", "5");
    assert_eq!(timestamp::<GeoScored>(mixed_case).await, "Some(5)");
    let anothers = documented::<Zeodyn>().with_header(HEADER, "5").with_header("x-zeodyn-timestamp", "5");
    assert_eq!(timestamp::<Zeodyn>(anothers).await, "None");
}
