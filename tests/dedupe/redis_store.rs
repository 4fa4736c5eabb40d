//! What the store leaves on a Redis, and what it asks of it.

use std::{sync::Arc, time::Duration};

use ::redis::{FromRedisValue, aio::MultiplexedConnection, cmd};
use countersign::dedupe::{
    Admission, Claim, ClaimStore, Dedupe, DeliveryKey, LeaseState, LeaseToken, Outcome, RedisStore,
};
use tokio::{task::JoinSet, time::sleep};

use crate::{deliveries::about, private_redis::Redis};

const LONG: Duration = Duration::from_secs(60);

async fn plain(redis: &Redis) -> MultiplexedConnection {
    let client = ::redis::Client::open(redis.url.as_str()).unwrap();
    client.get_multiplexed_async_connection().await.unwrap()
}

async fn ask<T: FromRedisValue>(redis: &mut MultiplexedConnection, words: &[&str]) -> T {
    let mut command = cmd(words[0]);
    for word in &words[1..] {
        command.arg(word);
    }
    command.query_async(redis).await.unwrap()
}

fn key(byte: u8) -> DeliveryKey {
    [byte; 32].into()
}

async fn claimed(store: &RedisStore, key: DeliveryKey, lease: Duration) -> LeaseToken {
    let token = LeaseToken::unique();
    assert_eq!(store.claim(key, token, lease).await.unwrap(), Claim::New);
    token
}

#[tokio::test]
async fn keys_are_the_prefix_and_64_hex_digits_and_run_out() {
    let redis = Redis::start();
    let mut plain = plain(&redis).await;
    for prefix in ["countersign:", "{tag}:of mine:", ""] {
        let _: String = ask(&mut plain, &["FLUSHALL"]).await;
        let store = RedisStore::connect(&redis.url).await.unwrap();
        let store = if prefix == "countersign:" { store } else { store.with_prefix(prefix) };
        let dedupe = Dedupe::new(store.clone()).with_namespace("a namespace").with_retention(LONG * 2);
        let Admission::Claimed(lease) = dedupe.admit(&about("a secret id"), sleep).await else { panic!() };
        let held = async |what: &str, at_most: Duration| {
            let mut plain = plain.clone();
            let keys: Vec<String> = ask(&mut plain, &["KEYS", "*"]).await;
            let [key] = &keys[..] else { panic!("{keys:?}") };
            let digits = key.strip_prefix(prefix).unwrap_or_else(|| panic!("{key:?} begins with {prefix:?}"));
            let is_hex = digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
            assert!(digits.len() == 64 && is_hex, "{key:?}");
            let left: i64 = ask(&mut plain, &["PTTL", key]).await;
            let left = Duration::from_millis(u64::try_from(left).unwrap_or_else(|_| panic!("{what} has no end")));
            assert!(left <= at_most && left > at_most - Duration::from_secs(5), "{what}: {left:?}");
            let value: String = ask(&mut plain, &["GET", key]).await;
            value
        };
        let token = held("a lease", Duration::from_secs(10)).await;
        assert!(token.len() == 32 && token != "done", "{token:?}");
        lease.hold(async {}, |()| Outcome::Done, sleep).await.unwrap();
        assert_eq!(held("what is done", LONG * 2).await, "done");
    }
}

#[tokio::test]
async fn a_time_that_redis_cannot_count_is_a_hundred_years() {
    let redis = Redis::start();
    let (store, mut plain) = (redis.store().await, plain(&redis).await);
    let token = claimed(&store, key(1), Duration::MAX).await;
    assert_eq!(store.commit(key(1), token, Duration::MAX).await.unwrap(), LeaseState::Held);
    let left: i64 = ask(&mut plain, &["PTTL", &format!("{}{}", redis.prefix, key(1))]).await;
    let years = left / 1000 / 60 / 60 / 24 / 365;
    assert!((99..=100).contains(&years), "{left}");
}

/// How many commands came from clients, and what they were.
async fn commands(plain: &mut MultiplexedConnection) -> Vec<(String, u64)> {
    let stats: String = ask(plain, &["INFO", "commandstats"]).await;
    let row = |line: &str| {
        let (name, rest) = line.strip_prefix("cmdstat_")?.split_once(":calls=")?;
        Some((name.to_owned(), rest.split_once(',')?.0.parse().ok()?))
    };
    stats
        .lines()
        .filter_map(row)
        .filter(|(name, _)| !["info", "config", "config|resetstat"].contains(&&**name))
        .collect()
}

#[tokio::test]
async fn every_call_is_one_round_trip() {
    let redis = Redis::start();
    let (store, mut plain) = (redis.store().await, plain(&redis).await);
    let all = async |byte| {
        let token = claimed(&store, key(byte), LONG).await;
        assert_eq!(store.renew(key(byte), token, LONG).await.unwrap(), LeaseState::Held);
        assert_eq!(store.release(key(byte), token).await.unwrap(), LeaseState::Held);
        let token = claimed(&store, key(byte), LONG).await;
        assert_eq!(store.commit(key(byte), token, LONG).await.unwrap(), LeaseState::Held);
        let again = store.claim(key(byte), token, LONG).await.unwrap();
        assert_eq!(again, Claim::Done);
    };
    // The first call of each loads its script.
    all(1).await;
    let _: String = ask(&mut plain, &["CONFIG", "RESETSTAT"]).await;
    all(2).await;
    let commands = commands(&mut plain).await;
    let of_clients: Vec<_> =
        commands.iter().filter(|(name, _)| !["get", "set", "del", "pexpire"].contains(&&**name)).collect();
    assert_eq!(of_clients, [&("evalsha".to_owned(), 6)], "six calls: {commands:?}");
}

#[tokio::test]
async fn scripts_that_redis_forgot_are_loaded_again() {
    let redis = Redis::start();
    let (store, mut plain) = (redis.store().await, plain(&redis).await);
    let forget = async || {
        let _: String = ask(&mut plain.clone(), &["SCRIPT", "FLUSH"]).await;
    };
    forget().await;
    let token = claimed(&store, key(1), LONG).await;
    forget().await;
    assert_eq!(store.renew(key(1), token, LONG).await.unwrap(), LeaseState::Held);
    forget().await;
    assert_eq!(store.commit(key(1), token, LONG).await.unwrap(), LeaseState::Held);
    forget().await;
    assert_eq!(store.claim(key(1), token, LONG).await.unwrap(), Claim::Done);
    let token = claimed(&store, key(2), LONG).await;
    forget().await;
    assert_eq!(store.release(key(2), token).await.unwrap(), LeaseState::Held);
    let keys: Vec<String> = ask(&mut plain, &["KEYS", "*"]).await;
    assert_eq!(keys.len(), 1, "{keys:?}");
}

#[tokio::test]
async fn f12_i8_a_lease_ends_by_the_time_of_the_server() {
    let redis = Redis::start();
    let (store, mut plain) = (redis.store().await, plain(&redis).await);
    let token = claimed(&store, key(1), LONG).await;
    // The server's clock, not ours, says when it is over.
    let name = format!("{}{}", redis.prefix, key(1));
    let _: i64 = ask(&mut plain, &["PEXPIRE", &name, "1"]).await;
    while ask::<i64>(&mut plain, &["EXISTS", &name]).await == 1 {}
    assert_eq!(store.renew(key(1), token, LONG).await.unwrap(), LeaseState::Lost);
    assert_eq!(store.commit(key(1), token, LONG).await.unwrap(), LeaseState::Lost);
    assert_eq!(store.release(key(1), token).await.unwrap(), LeaseState::Lost);
    let next = claimed(&store, key(1), LONG).await;
    assert_eq!(store.commit(key(1), token, LONG).await.unwrap(), LeaseState::Lost);
    assert_eq!(store.commit(key(1), next, LONG).await.unwrap(), LeaseState::Held);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn t13_of_a_thousand_claims_at_once_over_several_connections_one_is_new() {
    let redis = Redis::start();
    let stores = [redis.store().await, redis.store().await, redis.store().await];
    let mut claims = JoinSet::new();
    let start = Arc::new(tokio::sync::Barrier::new(1000));
    for number in 0..1000_usize {
        let (store, start) = (stores[number % 3].clone(), Arc::clone(&start));
        // Every tenth is of one delivery, the others are alone.
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&(if number % 10 == 0 { 0 } else { number as u64 }).to_be_bytes());
        claims.spawn(async move {
            start.wait().await;
            (number % 10 == 0, store.claim(bytes.into(), LeaseToken::unique(), LONG).await.unwrap())
        });
    }
    let claims = claims.join_all().await;
    let count = |is_shared, claim| claims.iter().filter(|found| **found == (is_shared, claim)).count();
    assert_eq!((count(true, Claim::New), count(true, Claim::InFlight)), (1, 99));
    assert_eq!(count(false, Claim::New), 900);
}

#[tokio::test]
async fn i6_stores_of_other_prefixes_do_not_meet() {
    let redis = Redis::start();
    let one = redis.store().await;
    let other = redis.store().await.with_prefix("other:");
    claimed(&one, key(1), LONG).await;
    claimed(&other, key(1), LONG).await;
}
