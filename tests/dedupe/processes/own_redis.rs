//! A Redis that can be stopped, slowed and started again, and keeps what it has acknowledged.

use std::{
    fs,
    net::TcpListener,
    path::PathBuf,
    process::{self, Child, Command, Stdio},
    sync::atomic::{AtomicU64, Ordering},
};

use crate::redis::Redis;

pub(crate) struct OwnRedis {
    /// Its address, whether it runs or not.
    pub(crate) redis: Redis,
    process: Child,
    port: u16,
    dir: PathBuf,
}

impl OwnRedis {
    pub(crate) fn start() -> Self {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("redis-{}-{number}", process::id()));
        fs::create_dir_all(&dir).expect("a directory");
        let port = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a port").port();
        let redis = Redis { server: None, url: format!("redis://127.0.0.1:{port}/"), prefix: "outages:".to_owned() };
        let process = run(port, &dir);
        redis.wait();
        Self { redis, process, port, dir }
    }

    /// It answers nobody, and its connections stay.
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

    /// Until it answers.
    pub(crate) fn start_again(&mut self) {
        self.process = run(self.port, &self.dir);
        self.redis.wait();
    }

    fn signal(&self, name: &str) {
        let status = Command::new("kill").arg(format!("-{name}")).arg(self.process.id().to_string()).status();
        assert!(status.expect("kill").success());
    }
}

fn run(port: u16, dir: &PathBuf) -> Child {
    Command::new("redis-server")
        .args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "yes", "--appendfsync", "always", "--port"])
        .arg(port.to_string())
        .arg("--dir")
        .arg(dir)
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
