//! A private Redis, stopped when it is dropped.

use std::{
    env, thread,
    time::{Duration, Instant},
};

use ::redis::ConnectionAddr;
use countersign::dedupe::{LeaseToken, RedisStore};
use redis_test::server::RedisServer;

use crate::ports;

/// A Redis for one test: a server of its own, or a prefix of its own on the one in `COUNTERSIGN_TEST_REDIS_URL`.
pub struct Redis {
    pub server: Option<RedisServer>,
    pub url: String,
    pub prefix: String,
}

impl Redis {
    pub fn start() -> Self {
        let prefix = format!("test-{}:", LeaseToken::unique());
        if let Ok(url) = env::var("COUNTERSIGN_TEST_REDIS_URL") {
            return Self { server: None, url, prefix };
        }
        let port = ports::free();
        let address = ConnectionAddr::Tcp("127.0.0.1".to_owned(), port);
        let server = RedisServer::new_with_addr_and_modules(address, &[], false);
        let url = format!("redis://127.0.0.1:{port}/");
        let redis = Self { server: Some(server), url, prefix };
        redis.wait();
        redis
    }

    /// Until it answers.
    pub fn wait(&self) {
        let client = ::redis::Client::open(self.url.as_str()).expect("a URL");
        let start = Instant::now();
        while let Err(error) =
            client.get_connection().and_then(|mut connection| ::redis::cmd("PING").exec(&mut connection))
        {
            assert!(start.elapsed() < Duration::from_secs(10), "Redis does not start: {error}");
            thread::sleep(Duration::from_millis(10));
        }
    }

    pub async fn store(&self) -> RedisStore {
        RedisStore::connect(&self.url).await.expect("a Redis").with_prefix(&self.prefix)
    }
}
