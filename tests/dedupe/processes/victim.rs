//! Starts, watches and kills the receiver inside this binary.

use std::{
    env,
    io::{BufRead, BufReader, Write},
    net::SocketAddr,
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Condvar, Mutex},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use crate::{redis::Redis, support::http::Request, support::sender};

/// More than a busy machine takes.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// How a receiver is started.
pub(crate) struct Settings<'a> {
    pub(crate) framework: &'a str,
    pub(crate) url: &'a str,
    pub(crate) prefix: &'a str,
    pub(crate) lease: Duration,
    pub(crate) store_timeout: Duration,
    /// How long the handler takes; `None` until [`Victim::let_go`].
    pub(crate) handler: Option<Duration>,
    /// Where it stops forever; nowhere if empty.
    pub(crate) stops: &'a str,
}

impl<'a> Settings<'a> {
    pub(crate) fn new(framework: &'a str, redis: &'a Redis, lease: Duration) -> Self {
        Self {
            framework,
            url: &redis.url,
            prefix: &redis.prefix,
            lease,
            store_timeout: PATIENCE,
            handler: Some(Duration::ZERO),
            stops: "",
        }
    }

    pub(crate) fn that_stops(self, stops: &'a str) -> Self {
        Self { stops, ..self }
    }
}

/// A receiver that runs, and is killed when dropped.
pub(crate) struct Victim {
    pub(crate) address: SocketAddr,
    child: Child,
    said: Arc<Said>,
    reader: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Said {
    lines: Mutex<Vec<String>>,
    more: Condvar,
}

impl Victim {
    pub(crate) fn start(settings: &Settings<'_>) -> Self {
        let mut child = Command::new(env::current_exe().expect("a path"))
            .args(["--exact", "processes::child::receiver", "--ignored", "--nocapture"])
            .env("CHILD_FRAMEWORK", settings.framework)
            .env("CHILD_REDIS", settings.url)
            .env("CHILD_PREFIX", settings.prefix)
            .env("CHILD_LEASE", settings.lease.as_millis().to_string())
            .env("CHILD_STORE_TIMEOUT", settings.store_timeout.as_millis().to_string())
            .env("CHILD_HANDLER", settings.handler.map(|time| time.as_millis().to_string()).unwrap_or_default())
            .env("CHILD_STOPS", settings.stops)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("this binary");
        let said = Arc::<Said>::default();
        let (into, from) = (Arc::clone(&said), BufReader::new(child.stderr.take().expect("stderr")));
        let reader = thread::spawn(move || {
            for line in from.lines().map_while(Result::ok) {
                into.lines.lock().unwrap().push(line);
                into.more.notify_all();
            }
        });
        let mut victim = Self { address: SocketAddr::from(([127, 0, 0, 1], 0)), child, said, reader: Some(reader) };
        let line = victim.find("where it listens", |line| line.starts_with("listening on "));
        victim.address = line.trim_start_matches("listening on ").parse().expect("an address");
        victim
    }

    /// Waits until it says so.
    #[track_caller]
    pub(crate) fn wait_for(&self, line: &str) {
        self.find(line, |said| said == line);
    }

    #[track_caller]
    fn find(&self, what: &str, is_it: impl Fn(&str) -> bool) -> String {
        self.find_in(what, |lines| lines.iter().find(|line| is_it(line)).cloned())
    }

    #[track_caller]
    fn find_in<T>(&self, what: &str, find: impl Fn(&[String]) -> Option<T>) -> T {
        let deadline = Instant::now() + PATIENCE;
        let mut lines = self.said.lines.lock().unwrap();
        loop {
            if let Some(found) = find(&lines) {
                return found;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "it does not say {what:?}, but {lines:#?}");
            lines = self.said.more.wait_timeout(lines, left).unwrap().0;
        }
    }

    /// Waits until it has said so this often.
    #[track_caller]
    pub(crate) fn wait_for_times(&self, line: &str, times: usize) {
        self.find_in(line, |lines| (lines.iter().filter(|said| *said == line).count() >= times).then_some(()));
    }

    /// How often it has said so.
    pub(crate) fn times(&self, line: &str) -> usize {
        self.lines().iter().filter(|said| *said == line).count()
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.said.lines.lock().unwrap().clone()
    }

    /// SIGKILL; then everything that it said has been read.
    pub(crate) fn kill(&mut self) {
        self.child.kill().expect("a process that runs");
        self.child.wait().expect("its end");
        self.reader.take().expect("killed once").join().expect("all it has said");
    }

    /// Lets this many handlers end.
    pub(crate) fn let_go(&mut self, handlers: usize) {
        let mut stdin = self.child.stdin.as_ref().expect("stdin");
        stdin.write_all("\n".repeat(handlers).as_bytes()).expect("a process that reads");
    }

    pub(crate) fn terminate(&self) {
        let status = Command::new("kill").arg("-TERM").arg(self.child.id().to_string()).status();
        assert!(status.expect("kill").success());
    }

    /// Waits for its end.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        let start = Instant::now();
        while start.elapsed() < PATIENCE {
            if let Some(status) = self.child.try_wait().expect("a child") {
                return status;
            }
            thread::sleep(Duration::from_millis(5));
        }
        panic!("it runs on: {:#?}", self.lines());
    }
}

impl Drop for Victim {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A small genuine delivery with this id.
pub(crate) fn zeodyn(id: &str) -> Request {
    sender("zeodyn").genuine(format!(r#"{{"event":"scan_complete","scanId":"{id}"}}"#))
}
