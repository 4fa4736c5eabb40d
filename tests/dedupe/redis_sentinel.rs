//! A primary that Sentinels replace: the store follows.

use std::{
    fs,
    path::PathBuf,
    process::{self, Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use countersign::dedupe::{Claim, ClaimStore, DeliveryKey, LeaseState, LeaseToken, RedisStore};
use tokio::time::sleep;

use crate::{
    own_redis::{OwnRedis, ask},
    support::ports,
};

const LONG: Duration = Duration::from_secs(60);

struct Sentinel {
    process: Child,
    url: String,
    dir: PathBuf,
}

impl Sentinel {
    /// Watches a primary under the name `mymaster`, and replaces it on its own.
    fn of(primary: &OwnRedis) -> Self {
        let port = ports::free();
        let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("sentinel-{}-{port}", process::id()));
        fs::create_dir_all(&dir).unwrap();
        let settings = [
            format!("port {port}"),
            "bind 127.0.0.1".to_owned(),
            format!("dir {}", dir.display()),
            format!("sentinel monitor mymaster 127.0.0.1 {} 1", primary.port),
            "sentinel down-after-milliseconds mymaster 500".to_owned(),
            "sentinel failover-timeout mymaster 5000".to_owned(),
        ];
        let file = dir.join("sentinel.conf");
        fs::write(&file, settings.join("\n")).unwrap();
        let process = Command::new("redis-server")
            .arg(&file)
            .arg("--sentinel")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self { process, url: format!("redis://127.0.0.1:{port}"), dir }
    }

    fn knows_a_replica(&self) -> bool {
        let ask = || {
            let mut connection = redis::Client::open(self.url.as_str())?.get_connection()?;
            redis::cmd("SENTINEL").arg("REPLICAS").arg("mymaster").query::<Vec<redis::Value>>(&mut connection)
        };
        ask().is_ok_and(|replicas| !replicas.is_empty())
    }
}

impl Drop for Sentinel {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = fs::remove_dir_all(&self.dir);
    }
}

#[tokio::test]
async fn c08_the_store_follows_a_failover_of_sentinels() {
    let (mut old, new) = (OwnRedis::start(), OwnRedis::start());
    new.ask::<()>(&["REPLICAOF", "127.0.0.1", &old.port.to_string()]);
    let sentinel = Sentinel::of(&old);
    let start = Instant::now();
    while !sentinel.knows_a_replica() {
        assert!(start.elapsed() < LONG, "the Sentinel does not start");
        thread::sleep(Duration::from_millis(20));
    }
    let closed = format!("redis://127.0.0.1:{}", ports::free());
    let store = RedisStore::connect_sentinel([closed.as_str(), &sentinel.url], "redis://mymaster/0").await.unwrap();
    let (key, token): (DeliveryKey, _) = ([1; 32].into(), LeaseToken::unique());
    assert_eq!(store.claim(key, token, LONG).await.unwrap(), Claim::New);
    assert_eq!(store.commit(key, token, LONG).await.unwrap(), LeaseState::Held);
    while ask::<usize>(&new.url, &["DBSIZE"]) == 0 {
        assert!(start.elapsed() < LONG, "the replica does not follow");
        thread::sleep(Duration::from_millis(20));
    }
    old.stop();
    // As many calls as deliveries come, until the Sentinel has promoted the replica.
    let claimed = loop {
        match store.claim(key, LeaseToken::unique(), LONG).await {
            Ok(claimed) => break claimed,
            Err(error) => assert!(start.elapsed() < LONG * 2, "{error}"),
        }
        sleep(Duration::from_millis(20)).await;
    };
    assert_eq!(claimed, Claim::Done, "the replica has what the primary acknowledged");
}

#[tokio::test]
async fn urls_of_sentinels_are_checked_at_once() {
    let connect = async |sentinels: &[&str], primary| {
        RedisStore::connect_sentinel(sentinels.iter().copied(), primary).await.unwrap_err().to_string()
    };
    let begins = "cannot connect to the Redis of the deduplication store: ";
    for (sentinels, primary) in [
        (&[][..], "redis://mymaster"),
        (&["http://127.0.0.1:1"][..], "redis://mymaster"),
        (&["redis://127.0.0.1:1"][..], "mymaster"),
    ] {
        let error = connect(sentinels, primary).await;
        assert!(error.starts_with(begins), "{error}");
    }
}
