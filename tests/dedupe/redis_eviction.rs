//! F23: a Redis that may evict what it was told to keep causes a warning at start-up.

use countersign::dedupe::RedisStore;
use tracing::Level;

use crate::{
    capture::{Capture, Traced},
    own_redis::OwnRedis,
};

const WARNING: &str = "this Redis may evict keys before they expire, and an evicted delivery may be handled twice: set its `maxmemory-policy` to `noeviction`";

async fn warnings(redis: &OwnRedis, limit: &str, policy: &str) -> Vec<Traced> {
    let _: String = redis.ask(&["CONFIG", "SET", "maxmemory", limit, "maxmemory-policy", policy]);
    let capture = Capture::start();
    RedisStore::connect(&redis.url).await.unwrap();
    capture.take().0
}

#[tokio::test]
async fn f23_a_warning_is_logged_if_the_redis_may_evict() {
    let redis = OwnRedis::start();
    for policy in ["allkeys-lru", "allkeys-lfu", "allkeys-random", "volatile-lru", "volatile-ttl", "volatile-random"] {
        let traced = warnings(&redis, "100mb", policy).await;
        let [warning] = &traced[..] else { panic!("{policy}: {traced:?}") };
        assert_eq!(warning.level, Level::WARN);
        assert_eq!((warning.field("policy"), warning.field("message")), (Some(policy), Some(WARNING)));
    }
    // Without a limit there is nothing to evict for.
    for (limit, policy) in [("100mb", "noeviction"), ("0", "noeviction"), ("0", "allkeys-lru")] {
        let traced = warnings(&redis, limit, policy).await;
        assert!(traced.is_empty(), "{limit}, {policy}: {traced:?}");
    }
    // A managed service may forbid the question.
    let _: String = redis.ask(&["CONFIG", "SET", "maxmemory", "100mb", "maxmemory-policy", "allkeys-lru"]);
    let _: String = redis.ask(&["ACL", "SETUSER", "default", "-config"]);
    let capture = Capture::start();
    RedisStore::connect(&redis.url).await.unwrap();
    let (traced, _) = capture.take();
    assert!(traced.is_empty(), "{traced:?}");
}
