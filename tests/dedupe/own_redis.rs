//! A Redis of one test, which can be paused, stopped and restarted, and keeps every write that it has acknowledged.

use std::{
    fs,
    ops::Deref,
    path::PathBuf,
    process::{self, Child, Command, Stdio},
    sync::atomic::{AtomicU64, Ordering},
};

use countersign::dedupe::LeaseToken;
use redis::FromRedisValue;

use crate::{redis::Redis, support::ports};

/// Unlike [`Redis`] never a shared one.
pub(crate) struct OwnRedis {
    /// Its address, whether it runs or not.
    redis: Redis,
    process: Child,
    pub(crate) port: u16,
    options: Vec<&'static str>,
    dir: PathBuf,
}

impl OwnRedis {
    pub(crate) fn start() -> Self {
        Self::with(&[])
    }

    pub(crate) fn with(options: &[&'static str]) -> Self {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("redis-{}-{number}", process::id()));
        fs::create_dir_all(&dir).expect("a directory");
        let port = ports::free();
        let (url, prefix) = (format!("redis://127.0.0.1:{port}/"), format!("test-{}:", LeaseToken::unique()));
        let redis = Redis { server: None, url, prefix };
        let process = run(port, options, &dir);
        redis.wait();
        Self { redis, process, port, options: options.to_vec(), dir }
    }

    /// Stops answering; its connections stay.
    pub(crate) fn pause(&self) {
        self.signal("STOP");
    }

    pub(crate) fn go_on(&self) {
        self.signal("CONT");
    }

    pub(crate) fn stop(&mut self) {
        self.process.kill().expect("a process that runs");
        self.process.wait().expect("its end");
    }

    /// Returns when it answers.
    pub(crate) fn start_again(&mut self) {
        self.process = run(self.port, &self.options, &self.dir);
        self.redis.wait();
    }

    /// Sends it a command over a new connection.
    pub(crate) fn ask<T: FromRedisValue>(&self, words: &[&str]) -> T {
        ask(&self.url, words)
    }

    fn signal(&self, name: &str) {
        let status = Command::new("kill").arg(format!("-{name}")).arg(self.process.id().to_string()).status();
        assert!(status.expect("kill").success());
    }
}

impl Deref for OwnRedis {
    type Target = Redis;

    fn deref(&self) -> &Redis {
        &self.redis
    }
}

/// Sends a command over a new connection.
pub(crate) fn ask<T: FromRedisValue>(url: &str, words: &[&str]) -> T {
    let (command, arguments) = words.split_first().expect("a command");
    let mut connection = redis::Client::open(url).unwrap().get_connection().unwrap();
    redis::cmd(command).arg(arguments).query(&mut connection).unwrap()
}

fn run(port: u16, options: &[&str], dir: &PathBuf) -> Child {
    Command::new("redis-server")
        .args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "yes", "--appendfsync", "always", "--port"])
        .arg(port.to_string())
        .arg("--dir")
        .arg(dir)
        .args(options)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("redis-server")
}

impl Drop for OwnRedis {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = fs::remove_dir_all(&self.dir);
    }
}
