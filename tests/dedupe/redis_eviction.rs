//! F23: a Redis that may evict what it was told to keep is warned of at start-up.

use countersign::dedupe::RedisStore;
use tracing::Level;

use crate::{
    capture::{Capture, Traced},
    private_redis::Redis,
};

const WARNING: &str = "this Redis may evict keys before their time: deliveries that it forgets may be handled twice";

async fn warnings(arguments: &[&str]) -> Vec<Traced> {
    let redis = Redis::with(arguments);
    let capture = Capture::start();
    RedisStore::connect(&redis.url).await.unwrap();
    capture.take().0
}

#[tokio::test]
async fn f23_a_redis_that_may_evict_is_warned_of() {
    for policy in ["allkeys-lru", "allkeys-lfu", "allkeys-random", "volatile-lru", "volatile-ttl", "volatile-random"] {
        let traced = warnings(&["--maxmemory", "100mb", "--maxmemory-policy", policy]).await;
        let [warning] = &traced[..] else { panic!("{policy}: {traced:?}") };
        assert_eq!(warning.level, Level::WARN);
        assert_eq!((warning.field("policy"), warning.field("message")), (Some(policy), Some(WARNING)));
    }
}

#[tokio::test]
async fn f23_a_redis_that_may_not_is_not() {
    let never: [&[&str]; 4] = [
        &[],
        &["--maxmemory", "100mb"],
        &["--maxmemory", "100mb", "--maxmemory-policy", "noeviction"],
        // Without a limit there is nothing to evict for.
        &["--maxmemory", "0", "--maxmemory-policy", "allkeys-lru"],
    ];
    for arguments in never {
        let traced = warnings(arguments).await;
        assert!(traced.is_empty(), "{arguments:?}: {traced:?}");
    }
    // A managed service may not let itself be asked.
    let traced = warnings(&["--rename-command", "CONFIG", ""]).await;
    assert!(traced.is_empty(), "{traced:?}");
}
