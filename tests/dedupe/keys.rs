//! What makes two deliveries equal.

use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
};

use bytes::Bytes;
use countersign::{
    Secrets,
    dedupe::{Admission, DELIVERY_HEADER, Dedupe, MemoryStore},
    provider::Provider,
    providers::{GeoScored, ScreenScore, ScreenshotCenter, ScreenshotRun, Zeodyn},
    tower::VerifyWebhook,
};
use http_body_util::Full;
use tokio::time::sleep;
use tower::{Layer, ServiceExt, service_fn};

use crate::{
    convert::{documented, documented_as, of, to_http},
    deliveries::{secret, verified, verified_with},
    support::http::Request,
};

/// Returns whether two deliveries are equal.
async fn is_one<P: Provider>(one: &Request, other: &Request) -> bool {
    is_one_of(&Dedupe::new(MemoryStore::new()), one, &verified::<P>(other)).await
}

async fn is_one_of<P: Provider>(dedupe: &Dedupe, one: &Request, other: &countersign::Delivery<P>) -> bool {
    let Admission::Claimed(_lease) = dedupe.admit(&verified::<P>(one), sleep).await else {
        panic!("it was claimed before")
    };
    match dedupe.admit(other, sleep).await {
        Admission::Rejected(error) => {
            assert_eq!((error.status(), error.kind().code()), (409, "in_flight"));
            true
        }
        Admission::Claimed(_) => false,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_retry_with_other_headers_is_the_same_delivery() {
    async fn repeated<P: Provider>() {
        let request = documented::<P>();
        let mut another = request.clone();
        for (name, value) in [
            ("x-geoscored-timestamp", "1771756200"),
            ("x-screenshotcenter-event", "batch.finished"),
            ("x-request-id", "another"),
            ("user-agent", "another"),
            ("content-type", "text/plain"),
        ] {
            another = another.with_header(name, value);
        }
        assert!(is_one::<P>(&request, &request).await, "{}", P::NAME);
        assert!(is_one::<P>(&request, &another).await, "{}", P::NAME);
    }
    repeated::<ScreenScore>().await;
    repeated::<ScreenshotCenter>().await;
    repeated::<ScreenshotRun>().await;
    repeated::<Zeodyn>().await;
    repeated::<GeoScored>().await;
}

#[tokio::test]
async fn an_id_written_differently_is_one_delivery_and_another_id_or_event_is_another() {
    let zeodyn = of::<Zeodyn>();
    let first = zeodyn.genuine(r#"{"event":"scan_complete","scanId":"1","score":72}"#);
    let same = zeodyn.genuine(r#"{ "score": 73, "scanId": "\u0031", "event": "scan_complete" }"#);
    assert!(is_one::<Zeodyn>(&first, &same).await);
    for another in [
        r#"{"event":"scan_complete","scanId":"2","score":72}"#,
        r#"{"event":"scan_complete","scanId":"1 ","score":72}"#,
        r#"{"event":"batch_complete","batchId":"1"}"#,
        r#"{"event":"scan_complete ","scanId":"1","score":72}"#,
    ] {
        assert!(!is_one::<Zeodyn>(&first, &zeodyn.genuine(another)).await, "{another}");
    }
}

#[tokio::test]
async fn a_delivery_without_a_usable_id_is_equal_only_to_the_same_bytes() {
    let zeodyn = of::<Zeodyn>();
    for body in [
        r#"{"event":"scan_complete"}"#,
        r#"{"event":"scan_complete","scanId":null}"#,
        r#"{"event":"scan_complete","scanId":7.5}"#,
        r#"{"event":"scan_complete","scanId":""}"#,
        r#"{"event":"score_change","url":"https://example.com","scanId":"1"}"#,
        r#"{"event":"something.new","scanId":"1"}"#,
    ] {
        let request = zeodyn.genuine(body);
        assert!(is_one::<Zeodyn>(&request, &request).await, "{body}");
        let other = zeodyn.genuine(format!("{body} "));
        assert!(!is_one::<Zeodyn>(&request, &other).await, "{body}");
    }
}

#[tokio::test]
async fn i6_namespaces_tenants_and_providers_do_not_meet() {
    let zeodyn = of::<Zeodyn>();
    let request = crate::convert::about("1");
    let dedupe = Dedupe::new(MemoryStore::new());
    let tenant =
        |name: &str| verified_with::<Zeodyn>(Secrets::new(secret(zeodyn.secret())).with_tenant(name), &request);
    assert!(!is_one_of(&dedupe, &request, &tenant("alice")).await);
    for name in ["bob", "", "alice "] {
        assert!(matches!(dedupe.admit(&tenant(name), sleep).await, Admission::Claimed(_)), "{name:?}");
    }
    assert!(matches!(dedupe.admit(&tenant("alice"), sleep).await, Admission::Rejected(_)));
    for namespace in ["staging", "production", " "] {
        let dedupe = dedupe.clone().with_namespace(namespace);
        assert!(is_one_of(&dedupe, &request, &verified::<Zeodyn>(&request)).await, "{namespace:?}");
    }
    // One body for two providers.
    let body = r#"{"event":"something.new","created_at":"2026-02-22T10:30:00Z"}"#;
    let (one, other) = (of::<ScreenScore>().genuine(body), of::<ScreenshotCenter>().genuine(body));
    assert!(matches!(dedupe.admit(&verified::<ScreenScore>(&one), sleep).await, Admission::Claimed(_)));
    assert!(matches!(dedupe.admit(&verified::<ScreenshotCenter>(&other), sleep).await, Admission::Claimed(_)));
}

#[tokio::test]
async fn i6_tenants_are_told_apart_by_a_url_token_too() {
    let run = of::<ScreenshotRun>();
    let request = documented::<ScreenshotRun>();
    let dedupe = Dedupe::new(MemoryStore::new());
    for name in ["alice", "bob"] {
        let delivery = verified_with::<ScreenshotRun>(Secrets::new(secret(run.secret())).with_tenant(name), &request);
        assert_eq!(delivery.matched_secret().tenant(), Some(name));
        assert!(matches!(dedupe.admit(&delivery, sleep).await, Admission::Claimed(_)), "{name}");
    }
}

#[tokio::test]
async fn c09_two_endpoints_with_a_secret_each_do_not_meet() {
    let dedupe = Dedupe::new(MemoryStore::new());
    async fn is_new<P: Provider>(dedupe: &Dedupe, own: &str) -> bool {
        let request = of::<P>().proven_with(own.as_bytes(), of::<P>().fixture().body);
        let delivery = verified_with::<P>(Secrets::new(secret(own)), &request);
        matches!(dedupe.admit(&delivery, sleep).await, Admission::Claimed(_))
    }
    for own in ["one", "two"] {
        assert!(is_new::<ScreenScore>(&dedupe, own).await);
        assert!(is_new::<ScreenshotCenter>(&dedupe, own).await);
        assert!(is_new::<ScreenshotRun>(&dedupe, own).await, "a token is the secret");
        assert!(is_new::<Zeodyn>(&dedupe, own).await);
        assert!(is_new::<GeoScored>(&dedupe, own).await);
    }
    assert!(!is_new::<Zeodyn>(&dedupe, "one").await);
}

#[tokio::test]
async fn c09_endpoints_that_share_a_secret_are_told_apart_by_name() {
    let dedupe = Dedupe::new(MemoryStore::new());
    let delivery = verified::<Zeodyn>(&crate::convert::about("1"));
    for name in ["billing", "alerts", "", " "] {
        let endpoint = dedupe.clone().with_endpoint(name);
        assert!(matches!(endpoint.admit(&delivery, sleep).await, Admission::Claimed(_)), "{name:?}");
        assert!(matches!(endpoint.admit(&delivery, sleep).await, Admission::Rejected(_)), "{name:?}");
    }
    assert!(matches!(dedupe.admit(&delivery, sleep).await, Admission::Rejected(_)), "no name is an empty one");
    // What names an endpoint is not what names a namespace.
    let swapped = dedupe.with_namespace("billing");
    assert!(matches!(swapped.admit(&delivery, sleep).await, Admission::Claimed(_)));
}

/// The pages of these three name no key to deduplicate on, and sign the time of the event.
#[tokio::test]
async fn c11_a_later_event_about_the_same_resource_is_another() {
    async fn occurs<P: Provider>(body: fn(&str) -> String) {
        let at = |time: &str| of::<P>().genuine(body(time));
        let first = at(r#""2026-04-16T10:00:00Z""#);
        for time in [r#""2026-04-16T14:00:00Z""#, r#""2026-04-16T10:00:00.001Z""#, r#""2026-04-16T10:00:00+01:00""#] {
            assert!(!is_one::<P>(&first, &at(time)).await, "{} at {time}", P::NAME);
        }
        // The same instant, however it is written, and whatever else is in the body.
        for time in
            [r#""2026-04-16T10:00:00.000Z""#, r#""2026-04-16T12:00:00+02:00""#, r#""2026-04-16T10:00:00Z","retry":2"#]
        {
            assert!(is_one::<P>(&first, &at(time)).await, "{} at {time}", P::NAME);
        }
        // Without a time, the ID decides; with one that cannot be read, the body.
        assert!(!is_one::<P>(&first, &at("null")).await, "{}", P::NAME);
        assert!(is_one::<P>(&at("null"), &at("null,\"retry\":2")).await, "{}", P::NAME);
        for time in [r#""yesterday""#, r#""2026-04-16T10:00:00""#, r#""""#, "1776334000"] {
            let unreadable = at(time);
            assert!(is_one::<P>(&unreadable, &unreadable).await, "{} at {time}", P::NAME);
            for other in [&first, &at("null"), &at(r#""tomorrow""#)] {
                assert!(!is_one::<P>(other, &unreadable).await, "{} at {time}", P::NAME);
            }
        }
    }
    occurs::<ScreenScore>(|time| {
        format!(r#"{{"event":"analysis.completed","data":{{"id":"ana_9"}},"created_at":{time}}}"#)
    })
    .await;
    occurs::<ScreenshotCenter>(|time| {
        format!(r#"{{"event":"screenshot.finished","screenshot_id":"sc_1","created_at":{time}}}"#)
    })
    .await;
    occurs::<Zeodyn>(|time| format!(r#"{{"event":"batch_complete","batchId":"b","timestamp":{time}}}"#)).await;
}

/// These say "use the `scan_id` to deduplicate" and "use the screenshot `id` to deduplicate".
#[tokio::test]
async fn c11_where_the_page_names_the_id_the_time_does_not_count() {
    let scan = |time: &str| {
        of::<GeoScored>().genuine(format!(
            r#"{{"event":"scan.completed","scan_id":"a","created_at":"{time}","completed_at":"{time}"}}"#
        ))
    };
    let (one, other) = ("2026-01-15T10:30:00", "2026-01-15T11:30:00");
    assert!(is_one::<GeoScored>(&scan(one), &scan(other)).await);
    let shot = |time: &str| {
        let body = format!(r#"{{"event":"screenshot.completed","sent_at":"{time}Z","data":{{"id":"a"}}}}"#);
        of::<ScreenshotRun>().genuine(body)
    };
    assert!(is_one::<ScreenshotRun>(&shot(one), &shot(other)).await);
}

#[tokio::test]
async fn c13_accounts_that_differ_by_secret_alone_do_not_meet() {
    async fn accounts<P: Provider>(by_tenant: bool) {
        let of_account = |name: &str| if by_tenant { secret(name).with_tenant(name) } else { secret(name) };
        let secrets = || Secrets::new(of_account("ka")).add(of_account("kb")).add_previous(secret("kb-before"));
        let dedupe = Dedupe::new(MemoryStore::new());
        let delivery = |own: &str| {
            let request = of::<P>().proven_with(own.as_bytes(), of::<P>().fixture().body);
            verified_with::<P>(secrets(), &request)
        };
        for (own, is_new, tenant) in [("ka", true, "ka"), ("kb", true, "kb"), ("kb-before", false, "kb")] {
            let delivery = delivery(own);
            assert_eq!(delivery.tenant(), by_tenant.then_some(tenant));
            let admission = dedupe.admit(&delivery, sleep).await;
            assert_eq!(matches!(admission, Admission::Claimed(_)), is_new, "{} {own}", P::NAME);
        }
    }
    for by_tenant in [false, true] {
        accounts::<ScreenScore>(by_tenant).await;
        accounts::<ScreenshotRun>(by_tenant).await;
        accounts::<GeoScored>(by_tenant).await;
    }
}

/// Of two accounts that had one secret, deliveries under that secret cannot be told apart. Names tell the others apart.
#[tokio::test]
async fn c13_accounts_that_had_one_secret_are_told_apart_by_their_tenants() {
    let dedupe = Dedupe::new(MemoryStore::new());
    let secrets = || {
        Secrets::new(secret("a").with_tenant("alice"))
            .add_previous(secret("both"))
            .add(secret("b").with_tenant("bob"))
            .add_previous(secret("both"))
    };
    for (own, is_new) in [("a", true), ("b", true), ("both", false)] {
        let request = of::<Zeodyn>().proven_with(own.as_bytes(), r#"{"event":"scan_complete","scanId":"1"}"#);
        let delivery = verified_with::<Zeodyn>(secrets(), &request);
        assert_eq!(matches!(dedupe.admit(&delivery, sleep).await, Admission::Claimed(_)), is_new, "{own}");
    }
}

/// What "fixed" accepts it may also look up.
#[tokio::test]
async fn a_secret_that_is_looked_up_is_of_the_same_account_as_a_fixed_one() {
    use countersign::{SecretMap, Verifier};
    let request = documented::<GeoScored>();
    let (head, body) = to_http::<Vec<u8>>(&request).into_parts();
    let own = || secret(of::<GeoScored>().secret());
    let looked_up = async |secrets: Secrets| {
        let map = SecretMap::new();
        map.insert("abc123", secrets).expect("room");
        let verifier = Verifier::<GeoScored>::from_lookup(map);
        verifier.verify_async(&head, body.clone(), sleep).await.expect("a genuine delivery")
    };
    let fixed = Dedupe::new(MemoryStore::new());
    assert!(is_one_of(&fixed, &request, &looked_up(own().into()).await).await);
    // Rotated in the map: the account is that of the oldest that is accepted.
    let rotated = looked_up(Secrets::new(secret("newer")).add_previous(own())).await;
    assert!(matches!(fixed.admit(&rotated, sleep).await, Admission::Rejected(_)));
    let older = looked_up(Secrets::new(own()).add_previous(secret("older"))).await;
    assert!(matches!(fixed.admit(&older, sleep).await, Admission::Claimed(_)));
}

/// While a rotation is being deployed, some machines know the new secret and others do not.
#[tokio::test]
async fn f28_machines_before_and_after_a_rotation_share_their_deliveries() {
    async fn deployed<P: Provider>() {
        let request = |own: &str| of::<P>().proven_with(own.as_bytes(), of::<P>().fixture().body);
        let before = || Secrets::new(secret("k1"));
        let during = || Secrets::new(secret("k2")).add_previous(secret("k1"));
        let after = || Secrets::new(secret("k2"));
        let key = |secrets, own: &str| {
            let delivery = verified_with::<P>(secrets, &request(own));
            Dedupe::new(MemoryStore::new()).key(&delivery).expect("no test")
        };
        let one = key(before(), "k1");
        assert_eq!([key(during(), "k1"), key(during(), "k2")], [one, one], "{}", P::NAME);
        assert_ne!(key(after(), "k2"), one, "{}: once the predecessor is removed", P::NAME);
    }
    deployed::<ScreenScore>().await;
    deployed::<ScreenshotCenter>().await;
    deployed::<ScreenshotRun>().await;
    deployed::<Zeodyn>().await;
    deployed::<GeoScored>().await;
}

/// A page whose own `identity` takes a field that the body may not have.
mod a8 {
    use countersign::{
        events,
        provider::{Envelope, Identity, Provider, Scheme},
    };
    use serde::{Deserialize, Serialize};

    pub(super) enum Paid {}

    impl Provider for Paid {
        type Event = PaidEvent;
        const NAME: &'static str = "paid";
        const TITLE: &'static str = "Paid";
        const DOCS: &'static str = "https://paid.example";
        const SCHEME: Scheme = Scheme::hmac_sha256("x-paid", "");

        fn identity<'a>(envelope: &Envelope<'a>) -> Identity<'a> {
            let id = envelope.resource_id().unwrap_or_default();
            if envelope.event() == "paid" { Identity::Id(id) } else { Identity::Occurrence(id) }
        }
    }

    events! {
        pub(super) enum PaidEvent {
            id: ["id"];
            "paid" => Paid(Order) at id,
            "refunded" => Refunded(Order) at id,
        }
    }

    #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    #[serde(default)]
    pub(super) struct Order {
        id: String,
        n: u64,
    }
}

#[tokio::test]
async fn a8_an_empty_id_is_no_id() {
    let dedupe = Dedupe::new(MemoryStore::new());
    let admit = async |body: &str| {
        let proof = <a8::Paid as Provider>::SCHEME.sign(b"k", body.as_bytes()).unwrap();
        let head = http::Request::post("/").header("x-paid", proof.value()).body(()).unwrap();
        let verifier = countersign::Verifier::<a8::Paid>::new("k");
        let delivery = verifier.verify(&head, body.as_bytes().to_vec()).unwrap();
        matches!(dedupe.admit(&delivery, sleep).await, Admission::Claimed(_))
    };
    for (body, is_new) in [
        (r#"{"event":"paid","n":1}"#, true),
        (r#"{"event":"paid","n":2}"#, true),
        (r#"{"event":"paid","n":2}"#, false),
        (r#"{"event":"paid","n":3,"id":""}"#, true),
        (r#"{"event":"paid","n":4,"id":""}"#, true),
        (r#"{"event":"refunded","n":5}"#, true),
        (r#"{"event":"refunded","n":6}"#, true),
        (r#"{"event":"refunded","n":6}"#, false),
        (r#"{"event":"paid","n":7,"id":"7"}"#, true),
        (r#"{"event":"paid","n":8,"id":"7"}"#, false),
    ] {
        assert_eq!(admit(body).await, is_new, "{body}");
    }
}

/// Sends requests through the layer to a handler that succeeds. Returns how often it ran, and which answers were
/// duplicates.
async fn through<P: Provider>(layer: VerifyWebhook<P>, requests: &[Request]) -> (usize, Vec<bool>) {
    let runs = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&runs);
    let inner = service_fn(move |_: http::Request<Full<Bytes>>| {
        count.fetch_add(1, SeqCst);
        async { Ok::<_, Infallible>(http::Response::<Full<Bytes>>::default()) }
    });
    let service = layer.with_dedupe(MemoryStore::new()).layer(inner);
    let mut duplicates = Vec::new();
    for request in requests {
        let response = service.clone().oneshot(to_http::<Full<Bytes>>(request)).await.unwrap();
        assert_eq!(response.status(), 200);
        duplicates.push(response.headers().contains_key(DELIVERY_HEADER));
    }
    (runs.load(SeqCst), duplicates)
}

#[tokio::test]
async fn f28_a_delivery_under_the_current_and_the_previous_secret_is_one() {
    async fn rotated<P: Provider>() {
        let sender = of::<P>();
        let secrets = Secrets::new(secret(sender.secret())).add_previous(secret(sender.previous_secret()));
        let fixture = sender.fixture();
        let current = sender.genuine(fixture.body.clone());
        let previous = sender.proven_with(sender.previous_secret().as_bytes(), fixture.body);
        let requests = [previous.clone(), current.clone(), previous, current];
        let found = through::<P>(VerifyWebhook::new(secrets), &requests).await;
        assert_eq!(found, (1, vec![false, true, true, true]), "{}", P::NAME);
    }
    rotated::<ScreenScore>().await;
    rotated::<ScreenshotCenter>().await;
    rotated::<ScreenshotRun>().await;
    rotated::<Zeodyn>().await;
    rotated::<GeoScored>().await;
}

#[tokio::test]
async fn test_events_are_never_duplicates_and_other_events_are() {
    let test = documented_as::<GeoScored>("scan.test");
    let genuine = documented_as::<GeoScored>("scan.completed");
    let layer = VerifyWebhook::<GeoScored>::new(of::<GeoScored>().secret());
    let requests = [test.clone(), test.clone(), genuine.clone(), test, genuine];
    assert_eq!(through(layer, &requests).await, (4, vec![false, false, false, false, true]));
}
