//! What every broker has to do.

use actix_web::{App, test, web};
use bytes::Bytes;
use countersign::{
    Delivery, Secret, Trust, Verdict, Verifier,
    dedupe::MemoryStore,
    hand_off::{Broker, Envelope, HandOff, Published, SealKeys, Sealed, SealedColumns},
    providers::{ScreenshotRun, ScreenshotRunEvent, Zeodyn},
};
use countersign_testkit::Payload;

use crate::{
    proxy::Proxy,
    server::Server,
    site::{Answer, SECRET, Site, about, delivery, ids, keys, request, until},
};

pub(crate) async fn a_delivery_is_published_before_it_is_answered<S: Server>(server: &mut S, queue: &str) {
    let site = Site::new(server.broker(queue).await);
    let before = std::time::SystemTime::now();
    assert_eq!(site.send("1").await, Answer::ok("stored"));
    // The answer was the promise.
    let messages = server.consume(queue).await;
    let [message] = &messages[..] else { panic!("{messages:?}") };
    let opened: Delivery<Zeodyn> = message.open(&keys()).unwrap();
    let sent = delivery("1");
    assert_eq!((opened.body(), opened.event(), opened.trust()), (sent.body(), sent.event(), Trust::Signed));
    assert_eq!((opened.matched_secret().position(), opened.tenant()), (0, None));
    let received =
        std::time::UNIX_EPOCH + std::time::Duration::from_millis(message.columns().received_at.try_into().unwrap());
    assert!(received + std::time::Duration::from_millis(1) > before && received <= std::time::SystemTime::now());
    // What cannot be read is handed off, too: the consumer decides.
    assert_eq!(site.sends(&request("not JSON")).await, Answer::ok("stored"));
    let unreadable = server.consume(queue).await;
    assert_eq!(unreadable[0].contents(&keys()).unwrap().body, "not JSON");
    assert_eq!(
        unreadable[0].open::<Zeodyn>(&keys()).unwrap_err().to_string(),
        "the body of the stored delivery cannot be read"
    );
    // I4: a forged one is not.
    let forged = Payload::new(r#"{"event":"scan_complete","scanId":"1"}"#).signed_with("guessed");
    assert_eq!(site.sends(&forged).await.status, 401);
    assert!(server.consume(queue).await.is_empty());
}

pub(crate) async fn axum_and_actix_answer_the_same<S: Server>(server: &mut S, queue: &str) {
    let hand_off = HandOff::new(server.broker(queue).await, keys());
    let site = Site::of(&hand_off);
    let verify = countersign::actix::VerifyWebhook::zeodyn(SECRET).with_dedupe(MemoryStore::new());
    let publish = hand_off.publish::<Zeodyn>();
    let resource = web::resource("/webhooks/zeodyn").wrap(verify).route(web::post().to(publish));
    let app = test::init_service(App::new().service(resource)).await;
    for (id, expected) in [("1", "stored"), ("1", "duplicate"), ("2", "stored")] {
        let of_axum = site.send(&format!("axum-{id}")).await;
        let request = about(&format!("actix-{id}")).to_actix().to_request();
        assert_eq!(of_axum, Answer::of_actix(test::call_service(&app, request).await).await);
        assert_eq!(of_axum, Answer::ok(expected));
    }
    let mut found = ids(&server.consume(queue).await);
    found.sort_unstable();
    assert_eq!(found, ["actix-1", "actix-2", "axum-1", "axum-2"]);
}

/// The layer knows it. It does not ask the broker.
pub(crate) async fn i3_a_retry_is_a_duplicate<S: Server>(server: &mut S, queue: &str) {
    let site = Site::new(server.broker(queue).await);
    for expected in ["stored", "duplicate", "duplicate"] {
        assert_eq!(site.send("1").await, Answer::ok(expected));
    }
    assert_eq!(ids(&server.consume(queue).await), ["1"]);
    assert_eq!(site.send("1").await, Answer::ok("duplicate"));
}

/// The second line, such as after a restart of a process whose store was in memory.
pub(crate) async fn a_repeated_message_is_stored_once_where_the_broker_knows<S: Server>(server: &mut S, queue: &str) {
    let hand_off = HandOff::new(server.broker(queue).await, keys());
    assert_eq!(Site::of(&hand_off).send("1").await, Answer::ok("stored"));
    let again = Site::of(&hand_off).send("1").await;
    assert_eq!(again, Answer::ok(if S::KNOWS_DUPLICATES { "duplicate" } else { "stored" }));
    assert_eq!(server.consume(queue).await.len(), if S::KNOWS_DUPLICATES { 1 } else { 2 });
    // In a framework without an adapter.
    let accepted = hand_off.publish::<Zeodyn>().accept(&delivery("2")).await.unwrap();
    assert_eq!(accepted, Published::New);
    assert_eq!(ids(&server.consume(queue).await), ["2"]);
}

pub(crate) async fn any_header_comes_back_as_it_was<S: Server>(server: &mut S, queue: &str) {
    let broker = server.broker(queue).await;
    let texts = ["", " ", "a", "a\r\nb: c", "%41", "Zoë 🦀", "\0", "\t: \u{7f}", "\u{feff}\u{2028}"];
    let mut sent: Vec<SealedColumns> = Vec::new();
    for (number, text) in (0_u8..).zip(texts) {
        let bytes = || Bytes::from([text.as_bytes(), &[0, 255, b'\n', number]].concat());
        let is_odd = number % 2 == 1;
        sent.push(SealedColumns {
            key: [number; 32].into(),
            provider: "zeodyn".to_owned(),
            tenant: is_odd.then(|| text.to_owned()),
            event: text.to_owned(),
            resource: (!is_odd).then(|| text.to_owned()),
            received_at: i64::from(number) - 4,
            body: Some(if number == 0 { Bytes::new() } else { bytes() }),
            confirmed: is_odd.then(bytes),
            meta: bytes(),
            seal: bytes(),
        });
    }
    for columns in &sent {
        let envelope = Envelope::new(columns.clone().into()).unwrap();
        assert_eq!(broker.publish(envelope).await.unwrap(), Published::New);
    }
    let received: Vec<_> = server.consume(queue).await.into_iter().map(Sealed::into_columns).collect();
    assert_eq!(received, sent);
}

/// Encrypted, which makes it larger.
pub(crate) async fn a_body_of_the_limit_and_a_confirmed_event_fit<S: Server>(server: &mut S, queue: &str) {
    const LIMIT: usize = 1024 * 1024;

    let keys = keys().encrypting();
    let hand_off = HandOff::new(server.broker(queue).await, keys.clone());
    let hand_off = hand_off.with_publish_timeout(crate::server::PATIENCE);
    let begin = r#"{"event":"screenshot.completed","data":{"id":"1","url":""#;
    let body = format!("{begin}{}\"}}}}", "x".repeat(LIMIT - begin.len() - 3));
    assert_eq!(body.len(), LIMIT);
    let request = Payload::<ScreenshotRun>::new(body.clone()).signed_with(SECRET);
    let (head, sent) = request.to_http::<Vec<u8>>().into_parts();
    // Encrypted and percent-encoded, it is nearly as large as all headers may be.
    let event = format!(r#"{{"event":"screenshot.completed","data":{{"id":"1","url":"{}"}}}}"#, "y".repeat(27_000));
    let event: ScreenshotRunEvent = serde_json::from_str(&event).unwrap();
    let confirmed = event.clone();
    let verifier = Verifier::<ScreenshotRun>::new(Secret::from_static(SECRET)).with_confirmation(move |_| {
        let event = confirmed.clone();
        async move { Ok::<_, std::io::Error>(Verdict::Confirmed(event)) }
    });
    let delivery = verifier.verify_async(&head, sent, tokio::time::sleep).await.unwrap();
    assert_eq!(delivery.trust(), Trust::Confirmed);
    hand_off.publish::<ScreenshotRun>().accept(&delivery).await.unwrap();
    let messages = server.consume(queue).await;
    let text = format!("{:?}", messages[0].columns().body);
    assert!(!text.contains("xxxx"));
    let opened: Delivery<ScreenshotRun> = messages[0].open(&keys).unwrap();
    assert_eq!((opened.body().len(), opened.event(), opened.trust()), (LIMIT, &event, Trust::Confirmed));
    let other = SealKeys::new(Secret::from_static("another key, of an attacker")).unwrap();
    assert_eq!(
        messages[0].open::<ScreenshotRun>(&other).unwrap_err().to_string(),
        "the delivery was sealed with a key that is not given: add it as a previous one"
    );
}

pub(crate) async fn i5_a_full_broker_is_503<S: Server>(server: &mut S, queue: &str) {
    let site = Site::new(server.small(queue).await);
    let mut stored = Vec::new();
    for number in 0..10 {
        let answer = site.send(&number.to_string()).await;
        if answer.status == 200 {
            stored.push(number.to_string());
        } else {
            assert_eq!(answer, Answer::unavailable());
        }
    }
    // A queue of RabbitMQ takes some more than its limit.
    assert!(stored.len() < 10, "{stored:?}");
    assert_eq!(ids(&server.consume(queue).await), stored);
    until("there is room again", async || site.send("again").await.status == 200).await;
    assert_eq!(ids(&server.consume(queue).await), ["again"]);
}

/// Messages arrive, and the connection stays, but nothing comes back.
pub(crate) async fn i5_a_broker_that_confirms_nothing_is_503<S: Server>(server: &mut S, queue: &str) {
    let proxy = Proxy::start(server.port()).await;
    let site = Site::new(server.broker_at(queue, proxy.port).await);
    assert_eq!(site.send("1").await, Answer::ok("stored"));
    proxy.silence();
    assert_eq!(site.send("2").await, Answer::unavailable());
    // It came in, and only its answer did not: by another connection, it comes in again where the broker does not know.
    let expected = if S::KNOWS_DUPLICATES { "duplicate" } else { "stored" };
    until("another connection is made", async || site.send("2").await == Answer::ok(expected)).await;
    let mut found = ids(&server.consume(queue).await);
    assert_eq!(found.len() == 2, S::KNOWS_DUPLICATES);
    found.dedup();
    assert_eq!(found, ["1", "2"]);
}
