//! C09, C18: layers that share a store and should not are warned of, and layers that should and do not.
//!
//! Each test has a secret of its own: what is known of layers is that of the whole process.

use countersign::{
    Secret, Secrets, Verifier,
    dedupe::{Dedupe, MemoryStore, RedisStore},
    providers::{ScreenScore, ScreenshotRun, Zeodyn},
    tower::VerifyWebhook,
};
use tracing::Level;

use crate::{capture::Capture, redis::Redis};

const SHARED: &str = "two layers have the same secret and the same deduplication store, so a delivery to one of them is a \
                      duplicate for the other: if they are two endpoints, name them with `Dedupe::with_endpoint`; if \
                      they are one, use clones of one layer";
const APART: &str = "two layers have the same secret and each has its own deduplication store in memory, so a delivery may \
                     be handled once by each of them: if they are one endpoint, use clones of one layer, which is made \
                     outside of the factory of actix-web's `HttpServer`; if they are two, name them with \
                     `Dedupe::with_endpoint`";

fn layer(secrets: impl countersign::IntoSecrets, dedupe: impl Into<Dedupe>) -> impl Sized {
    VerifyWebhook::<Zeodyn>::new(secrets).with_dedupe(dedupe)
}

/// What was warned of since the last time.
#[track_caller]
fn warned(capture: &Capture) -> Vec<String> {
    let (traced, text) = capture.take();
    assert!(!text.contains("of its own"), "no secret is logged: {text}");
    let warned = traced.into_iter().inspect(|event| {
        assert_eq!((event.level, event.field("provider")), (Level::WARN, Some("zeodyn")), "{event:?}");
    });
    warned.map(|event| event.field("message").unwrap_or_default().to_owned()).collect()
}

#[test]
fn c09_two_layers_that_share_secret_and_store_are_warned_of_once() {
    let capture = Capture::start();
    let (store, secret) = (MemoryStore::new(), "c09 of its own");
    let one = layer(secret, store.clone());
    assert_eq!(warned(&capture), [""; 0]);
    let two = layer(secret, store.clone());
    assert_eq!(warned(&capture), [SHARED]);
    let three = layer(secret, store);
    assert_eq!(warned(&capture), [""; 0]);
    drop((one, two, three));
}

#[test]
fn c09_a_shared_dedupe_of_any_store_is_warned_of() {
    let capture = Capture::start();
    let dedupe = Dedupe::new(crate::flawed::Flawed::new(crate::flawed::Flaw::None));
    let rotating = || {
        let previous = |text: &str| Secret::new(text).expect("a secret");
        Secrets::new(previous("c09 newer of its own")).add_previous(previous("c09 oldest of its own"))
    };
    let one = layer(rotating(), dedupe.clone());
    assert_eq!(warned(&capture), [""; 0]);
    let two = layer("c09 oldest of its own", dedupe);
    assert_eq!(warned(&capture), [SHARED]);
    drop((one, two));
}

#[tokio::test]
async fn c09_a_shared_redis_is_warned_of() {
    let capture = Capture::start();
    let redis = Redis::start();
    let store = RedisStore::connect(&redis.url).await.unwrap();
    let (secret, other) = ("c09 redis of its own", RedisStore::connect(&redis.url).await.unwrap());
    let _ = capture.take();
    let one = layer(secret, store.clone());
    // One for each worker of actix-web is as good as a shared one.
    let worker = layer(secret, other);
    assert_eq!(warned(&capture), [""; 0]);
    let two = layer(secret, store);
    assert_eq!(warned(&capture), [SHARED]);
    drop((one, worker, two));
}

#[test]
fn c09_layers_that_are_told_apart_are_not_warned_of() {
    let capture = Capture::start();
    let (dedupe, secret) = (Dedupe::new(MemoryStore::new()), "c09 apart of its own");
    let one = layer(secret, dedupe.clone());
    let another_secret = layer("c09 another of its own", dedupe.clone());
    let namespace = layer(secret, dedupe.clone().with_namespace("staging"));
    let endpoint = layer(secret, dedupe.clone().with_endpoint("alerts"));
    // What has one name is one endpoint: the user says so.
    let same_endpoint = layer(secret, dedupe.clone().with_endpoint("alerts"));
    assert_eq!(warned(&capture), [""; 0]);
    // Another provider with the same secret is another warning.
    let provider = VerifyWebhook::<ScreenScore>::new("c09 provider of its own").with_dedupe(dedupe.clone());
    let token = VerifyWebhook::<ScreenshotRun>::new("c09 token of its own").with_dedupe(dedupe);
    assert_eq!(warned(&capture), [""; 0]);
    drop((one, another_secret, namespace, endpoint, same_endpoint, provider, token));
}

#[test]
fn c09_clones_of_one_layer_and_layers_one_after_the_other_are_not_warned_of() {
    let capture = Capture::start();
    let (store, secret) = (MemoryStore::new(), "c09 clones of its own");
    let verifier = Verifier::<Zeodyn>::new(secret);
    let one = VerifyWebhook::from(verifier.clone()).with_dedupe(store.clone());
    // Every worker of actix-web has a clone of what was made outside of the factory.
    let workers: Vec<_> = (1..9).map(|limit| one.clone().with_body_limit(limit)).collect();
    drop(Verifier::<Zeodyn>::new(secret));
    drop(workers);
    let replaced = one.with_dedupe(store.clone()).with_dedupe(store.clone());
    drop(replaced);
    // An app that was built and dropped, as in tests, with the same store or another.
    for _ in 0..3 {
        drop(layer(secret, store.clone()));
        drop(layer(secret, MemoryStore::new()));
    }
    assert_eq!(warned(&capture), [SHARED; 0]);
}

#[test]
fn c18_a_store_in_memory_for_each_worker_is_warned_of_once() {
    let capture = Capture::start();
    let secret = "c18 of its own";
    let factory = || layer(secret, MemoryStore::new());
    let mut workers = vec![factory()];
    assert_eq!(warned(&capture), [""; 0]);
    workers.push(factory());
    assert_eq!(warned(&capture), [APART]);
    workers.extend((0..6).map(|_| factory()));
    assert_eq!(warned(&capture), [""; 0]);
}

/// A name says that they are one endpoint.
#[test]
fn c18_is_warned_of_for_a_named_endpoint_too() {
    let capture = Capture::start();
    let factory = |name: &str| layer("c18 named of its own", Dedupe::new(MemoryStore::new()).with_endpoint(name));
    let two_endpoints = (factory("billing"), factory("alerts"));
    assert_eq!(warned(&capture), [""; 0]);
    let again = factory("alerts");
    assert_eq!(warned(&capture), [APART]);
    drop((two_endpoints, again));
}

/// Once the layers are gone, others are warned of again.
#[test]
fn c18_a_layer_that_is_gone_is_forgotten() {
    let capture = Capture::start();
    for _ in 0..2 {
        let both = (layer("c18 gone of its own", MemoryStore::new()), layer("c18 gone of its own", MemoryStore::new()));
        assert_eq!(warned(&capture), [APART]);
        drop(both);
    }
}

/// In actix-web itself: as the case has it, and as the README has it.
#[test]
fn c18_in_the_factory_of_actix_web() {
    use std::sync::{Arc, Mutex};

    use actix_web::{App, HttpResponse, HttpServer, web};
    use countersign::actix::VerifyWebhook;

    let start = |inside: bool, secret: &'static str| {
        let log = Arc::new(Mutex::new(Vec::<u8>::new()));
        let writer = Arc::clone(&log);
        let subscriber =
            tracing_subscriber::fmt().with_ansi(false).with_writer(move || Shared(Arc::clone(&writer))).finish();
        // The factories run on the threads of the workers.
        let dispatch = tracing::Dispatch::new(subscriber);
        let make = move || VerifyWebhook::zeodyn(secret).with_dedupe(MemoryStore::new());
        let made = (!inside).then(make);
        let factory = move || {
            let _guard = tracing::dispatcher::set_default(&dispatch);
            let verify = made.clone().unwrap_or_else(make);
            let handler = web::post().to(async || HttpResponse::Ok().finish());
            App::new().service(web::resource("/z").wrap(verify).route(handler))
        };
        actix_web::rt::System::new().block_on(async {
            let server = HttpServer::new(factory).workers(3).disable_signals().bind("127.0.0.1:0").unwrap();
            let address = server.addrs()[0];
            let server = server.run();
            let handle = server.handle();
            actix_web::rt::spawn(server);
            // It answers once every worker has run the factory, as far as it accepts.
            let _ = tokio::net::TcpStream::connect(address).await.unwrap();
            handle.stop(true).await;
        });
        let log = log.lock().unwrap();
        String::from_utf8(log.clone()).unwrap()
    };
    assert_eq!(start(true, "c18 inside of its own").matches(APART).count(), 1);
    assert_eq!(start(false, "c18 outside of its own"), "");
}

struct Shared(std::sync::Arc<std::sync::Mutex<Vec<u8>>>);

impl std::io::Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
