//! A Redis that is down or restarted.

use std::time::{Duration, Instant};

use countersign::dedupe::{Claim, ClaimStore, DeliveryKey, LeaseToken, RedisStore};
use tokio::{task::JoinSet, time::sleep};

use crate::{own_redis::OwnRedis, support::ports};

const TIMEOUT: Duration = Duration::from_millis(400);
/// The additional time that a busy machine may take.
const SLACK: Duration = Duration::from_secs(10);

fn key(byte: u8) -> DeliveryKey {
    [byte; 32].into()
}

#[tokio::test]
async fn f6_the_store_reconnects_to_a_redis_that_was_restarted_between_two_calls() {
    let mut redis = OwnRedis::start();
    let store = redis.store().await;
    redis.stop();
    redis.start_again();
    assert_comes_back(&store).await;
}

async fn assert_comes_back(store: &RedisStore) {
    let start = Instant::now();
    while store.claim(key(1), LeaseToken::unique(), TIMEOUT).await.ok() != Some(Claim::New) {
        assert!(start.elapsed() < SLACK, "F6: it does not come back");
        sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn f6_without_a_time_limit_around_it_every_call_fails_within_seconds() {
    let mut redis = OwnRedis::start();
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
    assert_comes_back(&store).await;
}

#[tokio::test]
async fn t19_no_error_shows_the_password() {
    let closed = ports::free();
    let redis = OwnRedis::start();
    let _: String = redis.ask(&["CONFIG", "SET", "requirepass", "hunter2"]);
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
        assert!(text.starts_with("cannot connect to the Redis of the deduplication store: "), "{text}");
        assert!(time < Duration::from_secs(30), "{url} took {time:?}");
    }
    let store = RedisStore::connect(&with_password("hunter2")).await.unwrap();
    assert_eq!(format!("{store:?}"), r#"RedisStore { prefix: "countersign:", .. }"#);
    assert_eq!(store.claim(key(1), LeaseToken::unique(), TIMEOUT).await.unwrap(), Claim::New);
}
