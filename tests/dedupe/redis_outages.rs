//! A Redis that is down, slow, or back again.

use std::time::{Duration, Instant};

use countersign::{
    VerifyErrorKind,
    dedupe::{Admission, Claim, ClaimStore, Dedupe, DeliveryKey, LeaseToken, Outcome, RedisStore, WhenUnavailable},
};
use tokio::{task::JoinSet, time::sleep};

use crate::{deliveries::about, private_redis::Redis};

const TIMEOUT: Duration = Duration::from_millis(400);
/// What a busy machine may take on top.
const SLACK: Duration = Duration::from_secs(10);

fn key(byte: u8) -> DeliveryKey {
    [byte; 32].into()
}

/// The status of a delivery whose handler succeeds, and how long that took.
async fn deliver(dedupe: &Dedupe, id: &str) -> (u16, Duration) {
    let start = Instant::now();
    let status = match dedupe.admit(&about(id), sleep).await {
        Admission::Claimed(lease) => {
            lease.hold(async {}, |()| Outcome::Done, sleep).await.unwrap();
            200
        }
        Admission::Duplicate => 208,
        Admission::Rejected(error) => {
            assert_ne!(error.kind(), VerifyErrorKind::HandlerTimeout);
            error.status()
        }
        other => panic!("{other:?}"),
    };
    (status, start.elapsed())
}

async fn guarded(redis: &Redis) -> Dedupe {
    Dedupe::new(redis.store().await).with_store_timeout(TIMEOUT)
}

#[tokio::test]
async fn f6_a_redis_that_is_stopped_is_503_within_the_time_limit_and_works_again_soon_after_its_return() {
    let mut redis = Redis::start();
    let dedupe = guarded(&redis).await;
    assert_eq!(deliver(&dedupe, "before").await.0, 200);
    redis.stop();
    // Longer than one series of attempts to connect takes.
    let start = Instant::now();
    while start.elapsed() < Duration::from_millis(3500) {
        let (status, time) = deliver(&dedupe, "while it is down").await;
        assert_eq!(status, 503);
        assert!(time < TIMEOUT + SLACK, "{time:?}");
        sleep(Duration::from_millis(20)).await;
    }
    redis.start_again();
    let back = Instant::now();
    while deliver(&dedupe, "after").await.0 == 503 {
        assert!(back.elapsed() < SLACK, "F6: it does not come back");
        sleep(Duration::from_millis(20)).await;
    }
    println!("back after {:?}", back.elapsed());
    assert_eq!(deliver(&dedupe, "after").await.0, 208);
    // It forgot what it knew: a duplicate is possible, a loss is not.
    assert_eq!(deliver(&dedupe, "before").await.0, 200);
}

#[tokio::test]
async fn f6_a_redis_that_nobody_asked_while_it_was_away_is_not_missed() {
    let mut redis = Redis::start();
    let dedupe = guarded(&redis).await;
    redis.stop();
    redis.start_again();
    sleep(Duration::from_millis(20)).await;
    let start = Instant::now();
    while deliver(&dedupe, "after").await.0 == 503 {
        assert!(start.elapsed() < SLACK, "F6");
    }
}

#[tokio::test]
async fn f8_a_redis_that_is_slow_is_503_within_the_time_limit() {
    let redis = Redis::start();
    let dedupe = guarded(&redis).await.with_lease(Duration::from_secs(1));
    assert_eq!(deliver(&dedupe, "before").await.0, 200);
    redis.signal("STOP");
    for _ in 0..3 {
        let (status, time) = deliver(&dedupe, "while it stands still").await;
        assert_eq!(status, 503);
        assert!(time > TIMEOUT - Duration::from_millis(5) && time < TIMEOUT + SLACK, "{time:?}");
    }
    redis.signal("CONT");
    let start = Instant::now();
    assert_eq!(deliver(&dedupe, "after").await.0, 200);
    assert_eq!(deliver(&dedupe, "before").await.0, 208, "it forgot nothing");
    // The claims arrived after all. Nobody holds them, so they are free after a lease.
    while deliver(&dedupe, "while it stands still").await.0 != 200 {
        assert!(start.elapsed() < SLACK, "it is blocked still");
        sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn f7_what_was_handled_while_redis_went_down_keeps_its_answer_and_may_run_again() {
    let mut redis = Redis::start();
    let dedupe = guarded(&redis).await;
    let Admission::Claimed(lease) = dedupe.admit(&about("handled"), sleep).await else { panic!() };
    redis.stop();
    assert_eq!(lease.hold(async { "done" }, |_| Outcome::Done, sleep).await.unwrap(), "done");
    let (not_committed, committed) = (dedupe.counters().not_committed(), dedupe.counters().committed());
    assert_eq!((not_committed, committed), (1, 0));
}

#[tokio::test]
async fn i5_the_user_may_risk_to_go_on_without_redis() {
    let mut redis = Redis::start();
    let dedupe = guarded(&redis).await.with_unavailable_store(WhenUnavailable::RiskHandlingTwice);
    redis.stop();
    assert!(matches!(dedupe.admit(&about("risked"), sleep).await, Admission::Unclaimed));
    assert_eq!(dedupe.counters().unavailable(), 1);
}

#[tokio::test]
async fn without_a_time_limit_around_it_every_call_fails_within_seconds() {
    let mut redis = Redis::start();
    let store = redis.store().await;
    redis.stop();
    let (key, token, time) = (key(1), LeaseToken::unique(), Duration::from_secs(1));
    let start = Instant::now();
    let (claim, renewal, commit, release) = tokio::join!(
        store.claim(key, token, time),
        store.renew(key, token, time),
        store.commit(key, token, time),
        store.release(key, token)
    );
    assert!(claim.is_err() && renewal.is_err() && commit.is_err() && release.is_err());
    assert!(start.elapsed() < Duration::from_secs(30), "{:?}", start.elapsed());
    redis.start_again();
    let start = Instant::now();
    while store.claim(key, token, time).await.ok() != Some(Claim::New) {
        assert!(start.elapsed() < SLACK, "F6");
        sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn t19_no_error_shows_the_password() {
    let closed = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap().port()
    };
    let redis = Redis::with(&["--requirepass", "hunter2"]);
    let with_password = |password: &str| redis.url.replace("redis://", &format!("redis://:{password}@"));
    let urls = [
        "hunter3".to_owned(),
        "redis://:hunter3@[::1".to_owned(),
        "redis://:hunter3@127.0.0.1:99999/".to_owned(),
        "redis://:hunter3@127.0.0.1/not-a-database".to_owned(),
        "redis://:hunter3 @host with spaces/".to_owned(),
        "http://:hunter3@127.0.0.1/".to_owned(),
        "rediss://:hunter3@127.0.0.1/".to_owned(),
        "redis+unix:///tmp/none.sock?pass=hunter3".to_owned(),
        format!("redis://:hunter3@127.0.0.1:{closed}/"),
        "redis://user:hunter3@name.invalid/".to_owned(),
        with_password("hunter3"),
    ];
    let mut attempts = JoinSet::new();
    for url in urls {
        attempts.spawn(async move {
            let start = Instant::now();
            let error = RedisStore::connect(&url).await.expect_err(&url);
            (url, error, start.elapsed())
        });
    }
    for (url, error, time) in attempts.join_all().await {
        let mut text = format!("{error}\n{error:?}");
        let mut source = std::error::Error::source(&error);
        while let Some(error) = source {
            text.push_str(&format!("\n{error}\n{error:?}"));
            source = error.source();
        }
        assert!(!text.contains("hunter"), "{url}: {text}");
        assert!(text.starts_with("the Redis for remembering deliveries cannot be used: "), "{text}");
        assert!(time < Duration::from_secs(30), "{url} took {time:?}");
    }
    let store = RedisStore::connect(&with_password("hunter2")).await.unwrap();
    assert_eq!(format!("{store:?}"), r#"RedisStore { prefix: "countersign:", .. }"#);
    assert_eq!(store.claim(key(1), LeaseToken::unique(), TIMEOUT).await.unwrap(), Claim::New);
}
