//! A Redis of a test's own, which may be stopped, asked and set.

use std::{
    process::{Child, Command, Stdio},
    time::Duration,
};

use countersign::dedupe::{LeaseToken, RedisStore};
use redis_test::utils::get_random_available_port;

/// Unlike [`crate::redis::Redis`] never a shared one.
pub(crate) struct Redis {
    process: Child,
    port: u16,
    pub(crate) url: String,
    pub(crate) prefix: String,
    arguments: Vec<String>,
}

impl Redis {
    pub(crate) fn start() -> Self {
        Self::with(&[])
    }

    pub(crate) fn with(arguments: &[&str]) -> Self {
        let port = get_random_available_port();
        let arguments: Vec<String> = arguments.iter().map(|&argument| argument.to_owned()).collect();
        let redis = Self {
            process: spawn(port, &arguments),
            port,
            url: format!("redis://127.0.0.1:{port}/"),
            prefix: format!("test-{}:", LeaseToken::unique()),
            arguments,
        };
        redis.wait();
        redis
    }

    /// Until it listens.
    fn wait(&self) {
        let start = std::time::Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            assert!(start.elapsed() < Duration::from_secs(10), "Redis does not start");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    pub(crate) fn stop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }

    /// On the same port, with nothing of what it held.
    pub(crate) fn start_again(&mut self) {
        self.process = spawn(self.port, &self.arguments);
        self.wait();
    }

    /// Sends it a signal by name.
    pub(crate) fn signal(&self, name: &str) {
        let status = Command::new("kill").arg(format!("-{name}")).arg(self.process.id().to_string()).status();
        assert!(status.expect("kill").success());
    }

    pub(crate) async fn store(&self) -> RedisStore {
        RedisStore::connect(&self.url).await.expect("a Redis").with_prefix(&self.prefix)
    }
}

fn spawn(port: u16, arguments: &[String]) -> Child {
    let mut command = Command::new("redis-server");
    command.args(["--bind", "127.0.0.1", "--save", "", "--port"]).arg(port.to_string()).args(arguments);
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("redis-server")
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.stop();
    }
}
