//! One contract for every store.

use countersign::dedupe::{MemoryStore, contract};

use crate::redis::Redis;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn memory() {
    contract::check(MemoryStore::new()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn redis() {
    let redis = Redis::start();
    contract::check(redis.store().await).await;
}
