//! Redis, with settings that lose nothing.

use std::{process::Command, time::Duration};

use countersign::hand_off::{
    Broker, HandOff, Published, SealKeys, Sealed,
    redis::{
        Settings, Stream, read,
        redis::{AsyncCommands, Client, aio::MultiplexedConnection, cmd, streams::StreamRangeReply},
    },
};
use countersign_test_support::capture::Capture;

use countersign_test_support::program::Program;

use crate::{
    server::Server,
    site::{KEY, Site, envelope, until},
};

pub(crate) struct Redis(Program);

impl Redis {
    fn up(&mut self) {
        self.0.ensure_up(|process| {
            let mut command = Command::new("redis-server");
            command.args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "yes", "--appendfsync", "always"]);
            command.args(["--port", &process.port.to_string(), "--dir"]).arg(process.folder.path());
            command
        });
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/", self.0.port)
    }

    async fn connection(&self) -> MultiplexedConnection {
        let client = Client::open(self.url()).unwrap();
        let mut connected = None;
        until("Redis answers", async || {
            connected = client.get_multiplexed_async_connection().await.ok();
            match &mut connected {
                Some(connection) => cmd("PING").exec_async(connection).await.is_ok(),
                None => false,
            }
        })
        .await;
        connected.unwrap()
    }

    async fn set(&self, name: &str, value: &str) {
        cmd("CONFIG").arg("SET").arg(name).arg(value).exec_async(&mut self.connection().await).await.unwrap();
    }

    /// Its file is complete: what it acknowledges from now on is safe.
    async fn until_written(&self) {
        let mut connection = self.connection().await;
        until("Redis has written its file", async || {
            let info: String = cmd("INFO").arg("persistence").query_async(&mut connection).await.unwrap();
            info.contains("aof_rewrite_in_progress:0") && info.contains("aof_rewrite_scheduled:0")
        })
        .await;
    }
}

impl Server for Redis {
    const NAME: &'static str = "redis";
    const PROGRAM: &'static str = "redis-server";
    const IS_EVERYWHERE: bool = true;
    const KNOWS_DUPLICATES: bool = true;

    fn start() -> Self {
        Self(Program::unstarted())
    }

    fn ensure_up(&mut self) {
        self.up();
    }

    fn kill(&mut self) {
        self.0.kill();
    }

    fn pause(&mut self) {
        self.0.pause();
    }

    fn go_on(&mut self) {
        self.0.go_on();
    }

    fn port(&self) -> u16 {
        self.0.port
    }

    async fn broker_at(&self, queue: &str, port: u16) -> impl Broker {
        self.connection().await;
        Stream::connect(&format!("redis://127.0.0.1:{port}/"), Settings::new(queue)).await.unwrap()
    }

    /// It is full at once: Redis has no limit for a stream.
    async fn small(&self, queue: &str) -> impl Broker {
        let broker = self.broker(queue).await;
        self.set("maxmemory", "1").await;
        broker
    }

    async fn consume(&self, queue: &str) -> Vec<Sealed> {
        self.set("maxmemory", "0").await;
        let mut connection = self.connection().await;
        let range: StreamRangeReply = connection.xrange_all(queue).await.unwrap();
        let ids: Vec<_> = range.ids.iter().map(|entry| &entry.id).collect();
        if !ids.is_empty() {
            let _: usize = connection.xdel(queue, &ids).await.unwrap();
        }
        range.ids.iter().map(|entry| read(entry).unwrap()).collect()
    }
}

/// With their texts, word for word.
pub(crate) async fn settings_that_lose_are_refused(server: &mut Redis, queue: &str) {
    server.connection().await;
    for (name, value, safe, loss) in [
        ("appendonly", "no", "yes", "acknowledged deliveries are lost when it stops"),
        ("appendfsync", "everysec", "always", "acknowledged deliveries are lost in a power cut"),
        (
            "no-appendfsync-on-rewrite",
            "yes",
            "no",
            "acknowledged deliveries are lost in a power cut while it writes its file again",
        ),
        ("maxmemory-policy", "allkeys-lru", "noeviction", "acknowledged deliveries are evicted when it is full"),
    ] {
        server.set(name, value).await;
        let error = Stream::connect(&server.url(), Settings::new(queue)).await.unwrap_err();
        assert_eq!(error.to_string(), format!("Redis has `{name} {value}`: set `{name} {safe}`, or {loss}"));
        // A user who says otherwise is believed.
        assert!(Stream::connect(&server.url(), Settings::new(queue).server_syncs_always()).await.is_ok());
        server.set(name, safe).await;
        server.until_written().await;
    }
    // A managed Redis hides them.
    let mut connection = server.connection().await;
    let rules = ["reset", "on", "nopass", "~*", "+@all", "-config"];
    cmd("ACL").arg("SETUSER").arg("app").arg(&rules).exec_async(&mut connection).await.unwrap();
    let url = server.url().replace("127.0.0.1", "app:any@127.0.0.1");
    let error = Stream::connect(&url, Settings::new(queue)).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "Redis does not show its setting `appendonly` (CONFIG GET): make sure that it has `appendonly yes`, `appendfsync \
         always`, `no-appendfsync-on-rewrite no`, `maxmemory-policy noeviction`, and then say so with \
         `Settings::server_syncs_always`"
    );
    let site = Site::new(Stream::connect(&url, Settings::new(queue).server_syncs_always()).await.unwrap());
    assert_eq!(site.send("1").await.status, 200);
    let keys = SealKeys::new(countersign::Secret::from_static(KEY)).unwrap();
    let short = Settings::new(queue).with_duplicate_window(Duration::from_secs(60));
    let hand_off = HandOff::new(Stream::connect(&server.url(), short).await.unwrap(), keys);
    assert_eq!(
        hand_off.try_publish::<countersign::providers::Vercel>().unwrap_err().to_string(),
        "vercel repeats deliveries for 86400 s, and their keys are kept in Redis for 60 s: set at least 86400 s with \
         `Settings::with_duplicate_window`"
    );
}

/// Redis refuses some after it has stored the entry.
pub(crate) async fn any_duplicate_window_is_kept(server: &mut Redis, queue: &str) {
    server.connection().await;
    for (number, window) in [(1, Duration::MAX), (2, Duration::from_secs(u64::MAX / 2000)), (3, Duration::ZERO)] {
        let settings = Settings::new(queue).with_duplicate_window(window);
        let stream = Stream::connect(&server.url(), settings).await.unwrap();
        assert_eq!(stream.publish(envelope(number)).await.unwrap(), Published::New, "{window:?}");
        if number != 3 {
            assert_eq!(stream.publish(envelope(number)).await.unwrap(), Published::Duplicate, "{window:?}");
        }
    }
}

/// The connection is healthy, and others use it.
pub(crate) async fn what_the_script_fails_with_is_not_tried_again(server: &mut Redis, queue: &str) {
    let stream = Stream::connect(&server.url(), Settings::new(queue)).await.unwrap();
    let mut connection = server.connection().await;
    let _: () = connection.set(queue, "another type").await.unwrap();
    let capture = Capture::start();
    let error = stream.publish(envelope(1)).await.unwrap_err();
    assert_eq!(error.to_string(), "Redis did not confirm the delivery");
    let _: () = connection.del(queue).await.unwrap();
    assert_eq!(stream.publish(envelope(1)).await.unwrap(), Published::New);
    let (traced, _) = capture.take();
    assert!(traced.is_empty(), "{traced:?}");
}

/// After `CONFIG SET appendonly yes`, as a user does it who reads what is refused. A SIGKILL then loses.
pub(crate) async fn a_file_that_is_not_written_yet_is_refused(server: &mut Redis, queue: &str) {
    let mut connection = server.connection().await;
    let _: () = connection.set(queue, "a key").await.unwrap();
    server.set("appendonly", "no").await;
    // For each key, in microseconds.
    server.set("rdb-key-save-delay", "1000000000").await;
    server.set("appendonly", "yes").await;
    let error = Stream::connect(&server.url(), Settings::new(queue)).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "Redis is writing its append-only file again, and what it acknowledges may not be safe before that: connect when \
         `INFO persistence` says `aof_rewrite_in_progress:0`"
    );
    server.set("rdb-key-save-delay", "0").await;
    // It stops what it writes.
    server.set("appendonly", "no").await;
    let _: () = connection.del(queue).await.unwrap();
    server.set("appendonly", "yes").await;
    assert!(Stream::connect(&server.url(), Settings::new(queue)).await.is_ok());
}

/// Such as after a failover to a server with other settings.
pub(crate) async fn settings_are_checked_at_each_connection(server: &mut Redis, queue: &str) {
    let site = Site::new(server.broker(queue).await);
    assert_eq!(site.send("1").await.status, 200);
    let capture = Capture::start();
    server.set("appendfsync", "everysec").await;
    let mut connection = server.connection().await;
    cmd("CLIENT").arg("KILL").arg("TYPE").arg("normal").exec_async(&mut connection).await.unwrap();
    let expected = "deliveries are answered with 503: Redis has `appendfsync everysec`: set `appendfsync always`, or \
                    acknowledged deliveries are lost in a power cut";
    assert_eq!(site.send("2").await.status, 503);
    let mut said = Vec::new();
    until("it is said why", async || {
        said.extend(capture.take().0.iter().filter_map(|traced| traced.field("message").map(str::to_owned)));
        said.iter().any(|message| message == expected)
    })
    .await;
    assert_eq!(site.send("2").await.status, 503);
    server.set("appendfsync", "always").await;
    until("it is connected again", async || site.send("2").await.status == 200).await;
}
