//! What no broker decides: the layer in front, and brokers that fail, hang or are of the user's own.

use std::{
    collections::HashMap,
    future::pending,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU8, Ordering::SeqCst},
    },
    time::Duration,
};

use actix_web::{App, test, web};
use axum::{Router, body::Body, routing::post};
use bytes::Bytes;
use countersign::{
    Secret, Secrets, Verifier,
    axum::VerifyWebhook,
    dedupe::{Dedupe, MemoryStore},
    hand_off::{
        Answer as StoreAnswer, Broker, Envelope, HandOff, Published, SealKeys, StoreError, StoreErrorKind, nats,
        rabbitmq, redis,
    },
    providers::{GeoScored, Zeodyn},
};
use countersign_test_support::capture::Capture;
use countersign_testkit::Payload;
use libtest_mimic::Trial;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tower::ServiceExt;

use crate::{
    block_on,
    site::{Answer, SECRET, Site, about, delivery, keys, request},
};

const CONFIRMS: u8 = 0;
const FAILS: u8 = 1;
const HANGS: u8 = 2;

/// A broker of the user's own.
#[derive(Clone, Default)]
struct Own {
    mood: Arc<AtomicU8>,
    published: Arc<Mutex<Vec<Envelope>>>,
}

impl Own {
    fn published(&self) -> usize {
        self.published.lock().unwrap().len()
    }
}

impl Broker for Own {
    fn publish(&self, envelope: Envelope) -> StoreAnswer<'_, Published> {
        Box::pin(async move {
            match self.mood.load(SeqCst) {
                CONFIRMS => {
                    self.published.lock().unwrap().push(envelope);
                    Ok(Published::New)
                }
                FAILS => Err(StoreError::new(StoreErrorKind::Unavailable, "the broker is down")),
                _ => pending().await,
            }
        })
    }
}

pub(crate) fn trials() -> Vec<Trial> {
    macro_rules! trials {
        ($($name:ident)*) => {
            vec![$(Trial::test(concat!("seam::", stringify!($name)), || {
                block_on("seam", $name());
                Ok(())
            })),*]
        };
    }
    trials![
        a_delivery_that_no_layer_claimed_is_500_and_is_not_published
        test_events_are_not_claimed_and_pass
        a_200_commits_and_a_503_releases
        actix_web_fails_as_axum_does
        i4_a_message_that_was_edited_opens_nothing
        endpoints_of_one_secret_are_told_apart
        t19_nothing_of_a_delivery_is_logged
        urls_with_tls_are_not_plain_text
        an_old_nats_is_refused
    ]
}

const NOT_CLAIMED: &str = "no layer claimed the delivery of Zeodyn before this handler: add `with_dedupe` to the \
                           `VerifyWebhook` around its route. Without it, the broker stores a delivery again each time the \
                           provider repeats it";

async fn a_delivery_that_no_layer_claimed_is_500_and_is_not_published() {
    let own = Own::default();
    let hand_off = HandOff::new(own.clone(), keys());
    let capture = Capture::start();
    let missing = "no delivery of Zeodyn was verified before this handler: put `VerifyWebhook` for Zeodyn around its \
                   route. A `VerifyWebhook` for another provider, or around another route, does not count";
    for (site, text, reason) in [
        (Site::without_dedupe(&hand_off), NOT_CLAIMED, "not_claimed"),
        (Site::without_layer(&hand_off), missing, "missing_verification"),
    ] {
        let answer = site.send("1").await;
        let problem: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
        assert_eq!((answer.status, problem["detail"].as_str()), (500, Some(text)));
        let (events, _) = capture.take();
        let [event] = &events[..] else { panic!("{events:?}") };
        assert_eq!((event.field("message"), event.field("reason")), (Some(text), Some(reason)));
        assert_eq!(event.level, tracing::Level::ERROR);
    }
    assert_eq!(own.published(), 0);
    assert_eq!(Site::of(&hand_off).send("1").await, Answer::ok("stored"));
    assert_eq!(own.published(), 1);
}

async fn test_events_are_not_claimed_and_pass() {
    let own = Own::default();
    let hand_off = HandOff::new(own.clone(), keys());
    let request = Payload::<GeoScored>::documented("scan.test").unwrap().signed_with(SECRET);
    let verify = VerifyWebhook::geoscored(SECRET).with_dedupe(MemoryStore::new());
    let app = Router::new().route("/webhooks/geoscored", post(hand_off.publish::<GeoScored>()).layer(verify));
    for _ in 0..2 {
        let response = app.clone().oneshot(request.to_http::<Body>()).await.unwrap();
        assert_eq!(response.headers()["countersign-delivery"], "stored");
    }
    // Two equal ones are two.
    let published = own.published.lock().unwrap();
    assert_eq!(published.len(), 2);
    assert_ne!(published[0].key(), published[1].key());
}

async fn a_200_commits_and_a_503_releases() {
    let own = Own::default();
    let dedupe = Dedupe::new(MemoryStore::new());
    let hand_off = HandOff::new(own.clone(), keys()).with_publish_timeout(Duration::from_millis(50));
    let verify = VerifyWebhook::zeodyn(SECRET).with_dedupe(dedupe.clone());
    let site = Site::with(post(hand_off.publish::<Zeodyn>()).layer(verify));
    for (mood, expected, committed, released) in [
        (FAILS, Answer::unavailable(), 0, 1),
        (HANGS, Answer::unavailable(), 0, 2),
        (CONFIRMS, Answer::ok("stored"), 1, 2),
        (FAILS, Answer::ok("duplicate"), 1, 2),
    ] {
        own.mood.store(mood, SeqCst);
        assert_eq!(site.send("1").await, expected);
        let counters = dedupe.counters();
        assert_eq!((counters.committed(), counters.released()), (committed, released));
    }
    assert_eq!(own.published(), 1);
}

async fn actix_web_fails_as_axum_does() {
    let own = Own::default();
    let hand_off = HandOff::new(own.clone(), keys()).with_publish_timeout(Duration::from_millis(50));
    let verify = || countersign::actix::VerifyWebhook::zeodyn(SECRET);
    let publish = || web::post().to(hand_off.publish::<Zeodyn>());
    let app = App::new()
        .service(web::resource("/webhooks/zeodyn").wrap(verify().with_dedupe(MemoryStore::new())).route(publish()))
        .service(web::resource("/without/dedupe").wrap(verify()).route(publish()))
        .service(web::resource("/without/layer").route(publish()));
    let app = test::init_service(app).await;
    let with_dedupe = Site::of(&hand_off);
    let (without_dedupe, without_layer) = (Site::without_dedupe(&hand_off), Site::without_layer(&hand_off));
    for (mood, path, site, status) in [
        (FAILS, "/webhooks/zeodyn", &with_dedupe, 503),
        (HANGS, "/webhooks/zeodyn", &with_dedupe, 503),
        (CONFIRMS, "/without/dedupe", &without_dedupe, 500),
        (CONFIRMS, "/without/layer", &without_layer, 500),
        (CONFIRMS, "/webhooks/zeodyn", &with_dedupe, 200),
    ] {
        own.mood.store(mood, SeqCst);
        let of_axum = site.send("1").await;
        let request = about("1").to_actix().uri(path).to_request();
        let of_actix = Answer::of_actix(test::call_service(&app, request).await).await;
        assert_eq!((of_actix.status, &of_actix), (status, &of_axum), "{path}");
    }
    assert_eq!(own.published(), 2);
}

/// By whoever can write to the broker.
async fn i4_a_message_that_was_edited_opens_nothing() {
    let own = Own::default();
    let secrets = Secrets::new(Secret::from_static(SECRET)).with_tenant("acme");
    let publish = HandOff::new(own.clone(), keys()).publish::<Zeodyn>();
    for id in ["1", "2"] {
        let (head, body) = about(id).to_http::<Vec<u8>>().into_parts();
        let delivery = Verifier::<Zeodyn>::new(secrets.clone()).verify(&head, body).unwrap();
        publish.accept(&delivery).await.unwrap();
    }
    // Of an attacker, who does not have the key.
    let guessed = HandOff::new(own.clone(), SealKeys::new(Secret::from_static("another key, of an attacker")).unwrap());
    guessed.publish::<Zeodyn>().accept(&delivery("3")).await.unwrap();
    let published = own.published.lock().unwrap();
    let [first, second, forged] = &published[..] else { panic!("{published:?}") };
    let headers =
        |of: &Envelope| of.headers().map(|(name, text)| (name, text.to_owned())).collect::<HashMap<&str, String>>();
    let opens = |headers: &HashMap<&str, String>, body: &Bytes| {
        let sealed = Envelope::read(|name| headers.get(name), body.clone()).ok()?;
        sealed.open::<Zeodyn>(&keys()).ok()
    };
    let genuine = headers(first);
    let opened = opens(&genuine, first.body()).unwrap();
    assert_eq!((opened.tenant(), opened.resource_id()), (Some("acme"), Some("1")));
    assert_eq!(genuine.len(), 8);
    assert!(opens(&genuine, second.body()).is_none());
    for (name, text) in &genuine {
        let digit = if text.ends_with('0') { "1" } else { "0" };
        let last = text.len() - 1;
        for other in [None, Some(String::new()), Some(format!("{text}0")), Some(format!("{}{digit}", &text[..last]))] {
            let mut edited = genuine.clone();
            match other {
                Some(other) => edited.insert(name, other),
                None => edited.remove(name),
            };
            assert!(opens(&edited, first.body()).is_none(), "{name}: {:?}", edited.get(name));
        }
    }
    let mut added = genuine.clone();
    added.insert("countersign-confirmed", String::from("{}"));
    assert!(opens(&added, first.body()).is_none());
    assert!(opens(&headers(forged), forged.body()).is_none());
    // As one of another provider.
    let sealed = Envelope::read(|name| genuine.get(name), first.body().clone()).unwrap();
    assert!(sealed.open::<GeoScored>(&keys()).is_err());
}

/// The key is the layer's, with its namespace and endpoint.
async fn endpoints_of_one_secret_are_told_apart() {
    let own = Own::default();
    let hand_off = HandOff::new(own.clone(), keys());
    for endpoint in ["billing", "shipping"] {
        let dedupe = Dedupe::new(MemoryStore::new()).with_endpoint(endpoint);
        let verify = VerifyWebhook::zeodyn(SECRET).with_dedupe(dedupe);
        let site = Site::with(post(hand_off.publish::<Zeodyn>()).layer(verify));
        assert_eq!(site.send("1").await, Answer::ok("stored"));
    }
    let published = own.published.lock().unwrap();
    assert_ne!(published[0].key(), published[1].key());
}

async fn t19_nothing_of_a_delivery_is_logged() {
    let own = Own::default();
    let hand_off = HandOff::new(own.clone(), keys()).with_publish_timeout(Duration::from_millis(50));
    let site = Site::of(&hand_off);
    let capture = Capture::start();
    for mood in [FAILS, HANGS, CONFIRMS, CONFIRMS] {
        own.mood.store(mood, SeqCst);
        site.sends(&request(r#"{"event":"scan_complete","scanId":"1","at":"M4rkOfTheBody"}"#)).await;
    }
    let (events, text) = capture.take();
    let details: Vec<_> = events.iter().filter_map(|event| event.field("detail")).collect();
    assert_eq!(details, ["the broker is down", "the broker did not answer within 50 ms"]);
    let envelope = own.published.lock().unwrap()[0].clone();
    let debug = format!("{hand_off:?} {:?} {envelope:?}", hand_off.publish::<Zeodyn>());
    for secret in ["M4rkOfTheBody", crate::site::KEY, SECRET] {
        assert!(!text.contains(secret) && !debug.contains(secret), "{secret}: {text} {debug}");
    }
}

/// lapin and redis leave TLS out if they are built without it: one silently.
async fn urls_with_tls_are_not_plain_text() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let settings = rabbitmq::Settings::new("webhooks").without_dead_letters();
    let (url, handshake) = (format!("amqps://user:password@127.0.0.1:{port}/%2f"), [22]);
    let connecting = rabbitmq::QuorumQueue::connect(&url, settings);
    let answering = async {
        let mut first = [0];
        listener.accept().await.unwrap().0.read_exact(&mut first).await.unwrap();
        first
    };
    let (connected, first) = tokio::join!(connecting, answering);
    assert_eq!((first, connected.unwrap_err().to_string().as_str()), (handshake, "cannot connect to RabbitMQ"));
    let url = format!("rediss://user:password@127.0.0.1:{port}/");
    assert!(redis::Stream::connect(&url, redis::Settings::new("webhooks")).await.is_err());
}

/// As Debian's: what it answers about its streams cannot be read.
async fn an_old_nats_is_refused() {
    const INFO: &str = r#"INFO {"server_id":"1","version":"2.9.10","proto":1,"headers":true,"max_payload":2097152}"#;

    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("nats://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (read, mut write) = listener.accept().await.unwrap().0.into_split();
        write.write_all(format!("{INFO}\r\n").as_bytes()).await.unwrap();
        let mut lines = BufReader::new(read).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            if line == "PING" {
                write.write_all(b"PONG\r\n").await.unwrap();
            }
        }
    });
    let settings = nats::Settings::new("webhooks", "webhooks.{provider}");
    let error = nats::JetStream::connect(&url, settings).await.unwrap_err();
    assert_eq!(error.to_string(), "NATS has the version 2.9.10: install 2.10 or later");
}
