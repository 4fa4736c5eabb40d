//! Connections that are closed while nobody looks, as idle ones are.

use std::{sync::Arc, time::Duration};

use countersign::dedupe::{Claim, ClaimStore, LeaseState, LeaseToken, RedisStore};

use crate::private_redis::Redis;

const LONG: Duration = Duration::from_secs(60);

/// Ends every connection of the store.
fn hang_up(redis: &Redis) {
    let mut plain = redis::Client::open(redis.url.as_str()).unwrap().get_connection().unwrap();
    let killed: u64 = redis::cmd("CLIENT").arg(&["KILL", "TYPE", "normal", "SKIPME", "yes"]).query(&mut plain).unwrap();
    assert!(killed > 0, "the store was connected");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_finds_its_connection_closed_is_made_once_more() {
    let redis = Redis::start();
    let store = Arc::new(RedisStore::connect(&redis.url).await.unwrap());
    for number in 0..5 {
        let (key, token) = ([number; 32].into(), LeaseToken::unique());
        hang_up(&redis);
        assert_eq!(store.claim(key, token, LONG).await.unwrap(), Claim::New);
        assert_eq!(store.claim(key, LeaseToken::unique(), LONG).await.unwrap(), Claim::InFlight);
        hang_up(&redis);
        assert_eq!(store.renew(key, token, LONG).await.unwrap(), LeaseState::Held);
        hang_up(&redis);
        assert_eq!(store.commit(key, token, LONG).await.unwrap(), LeaseState::Held);
        hang_up(&redis);
        assert_eq!(store.claim(key, LeaseToken::unique(), LONG).await.unwrap(), Claim::Done);
    }
}
