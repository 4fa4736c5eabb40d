//! The keys, commands and connections of the store on Redis.

use std::time::Duration;

use countersign::dedupe::{
    Admission, Claim, ClaimStore, Dedupe, DeliveryKey, LeaseState, LeaseToken, Outcome, RedisStore,
};
use tokio::time::sleep;

use crate::{deliveries::about, own_redis::OwnRedis};

const LONG: Duration = Duration::from_secs(60);

fn key(byte: u8) -> DeliveryKey {
    [byte; 32].into()
}

async fn claimed(store: &RedisStore, key: DeliveryKey, lease: Duration) -> LeaseToken {
    let token = LeaseToken::unique();
    assert_eq!(store.claim(key, token, lease).await.unwrap(), Claim::New);
    token
}

#[tokio::test]
async fn keys_are_the_prefix_and_64_hex_digits_and_expire() {
    let redis = OwnRedis::start();
    for prefix in ["countersign:", "{tag}:of mine:", ""] {
        let _: String = redis.ask(&["FLUSHALL"]);
        let store = RedisStore::connect(&redis.url).await.unwrap();
        let store = if prefix == "countersign:" { store } else { store.with_prefix(prefix) };
        let dedupe = Dedupe::new(store.clone()).with_namespace("a namespace").with_retention(LONG * 2);
        let Admission::Claimed(lease) = dedupe.admit(&about("a secret id"), sleep).await else { panic!() };
        let held = async |what: &str, at_most: Duration| {
            let keys: Vec<String> = redis.ask(&["KEYS", "*"]);
            let [key] = &keys[..] else { panic!("{keys:?}") };
            let digits = key.strip_prefix(prefix).unwrap_or_else(|| panic!("{key:?} begins with {prefix:?}"));
            let is_hex = digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
            assert!(digits.len() == 64 && is_hex, "{key:?}");
            let left: i64 = redis.ask(&["PTTL", key]);
            let left = Duration::from_millis(u64::try_from(left).unwrap_or_else(|_| panic!("{what} has no end")));
            assert!(left <= at_most && left > at_most - Duration::from_secs(5), "{what}: {left:?}");
            let value: String = redis.ask(&["GET", key]);
            value
        };
        let token = held("a lease", Duration::from_secs(10)).await;
        assert!(token.len() == 32 && token != "done", "{token:?}");
        lease.hold(async {}, |()| Outcome::Done, sleep).await.unwrap();
        let done = held("a handled delivery", LONG * 2).await;
        assert_eq!(done, format!("done {token}"));
    }
}

#[tokio::test]
async fn a_time_that_redis_cannot_count_is_a_hundred_years() {
    let redis = OwnRedis::start();
    let store = redis.store().await;
    let token = claimed(&store, key(1), Duration::MAX).await;
    assert_eq!(store.commit(key(1), token, Duration::MAX).await.unwrap(), LeaseState::Held);
    let left: i64 = redis.ask(&["PTTL", &format!("{}{}", redis.prefix, key(1))]);
    let years = left / 1000 / 60 / 60 / 24 / 365;
    assert!((99..=100).contains(&years), "{left}");
}

/// Returns the number of calls of each command.
fn commands(redis: &OwnRedis) -> Vec<(String, u64)> {
    let stats: String = redis.ask(&["INFO", "commandstats"]);
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
    let redis = OwnRedis::start();
    let store = redis.store().await;
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
    let _: String = redis.ask(&["CONFIG", "RESETSTAT"]);
    all(2).await;
    let commands = commands(&redis);
    let of_clients: Vec<_> =
        commands.iter().filter(|(name, _)| !["get", "set", "del", "pexpire"].contains(&&**name)).collect();
    assert_eq!(of_clients, [&("evalsha".to_owned(), 6)], "six calls: {commands:?}");
}

#[tokio::test]
async fn scripts_that_redis_lost_are_loaded_again() {
    let redis = OwnRedis::start();
    let store = redis.store().await;
    let forget = async || {
        let _: String = redis.ask(&["SCRIPT", "FLUSH"]);
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
    let keys: Vec<String> = redis.ask(&["KEYS", "*"]);
    assert_eq!(keys.len(), 1, "{keys:?}");
}

#[tokio::test]
async fn i6_stores_of_other_prefixes_do_not_meet() {
    let redis = OwnRedis::start();
    let one = redis.store().await;
    let other = redis.store().await.with_prefix("other:");
    claimed(&one, key(1), LONG).await;
    claimed(&other, key(1), LONG).await;
}

/// As idle connections are.
#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_finds_its_connection_closed_is_repeated_once() {
    let redis = OwnRedis::start();
    let store = redis.store().await;
    let hang_up = || {
        let killed: u64 = redis.ask(&["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"]);
        assert!(killed > 0, "the store was connected");
    };
    for number in 0..5 {
        let (key, token) = ([number; 32].into(), LeaseToken::unique());
        hang_up();
        assert_eq!(store.claim(key, token, LONG).await.unwrap(), Claim::New);
        assert_eq!(store.claim(key, LeaseToken::unique(), LONG).await.unwrap(), Claim::InFlight);
        hang_up();
        assert_eq!(store.renew(key, token, LONG).await.unwrap(), LeaseState::Held);
        hang_up();
        assert_eq!(store.commit(key, token, LONG).await.unwrap(), LeaseState::Held);
        hang_up();
        assert_eq!(store.claim(key, LeaseToken::unique(), LONG).await.unwrap(), Claim::Done);
    }
}
