//! The example receivers, as the processes they are.

use std::{
    env,
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::PathBuf,
    process::{Child, Command, ExitStatus, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
        mpsc::{self, Receiver as Channel, RecvTimeoutError},
    },
    thread,
    time::{Duration, Instant},
};

use countersign::provider::Provider;
use serde::Deserialize;

use crate::{http::Answer, http::Request, sender, senders};

/// One line of a receiver's stdout.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    pub provider: String,
    pub event: String,
    pub id: String,
}

impl Line {
    /// The line of a delivery of `P`'s.
    pub fn of<P: Provider>(event: &str, id: &str) -> Self {
        Self { provider: P::NAME.to_owned(), event: event.to_owned(), id: id.to_owned() }
    }
}

/// A receiver that runs, and is killed when dropped.
pub struct Receiver {
    pub address: SocketAddr,
    pub child: Child,
    stdout: Mutex<Channel<String>>,
    stderr: Arc<Mutex<String>>,
}

/// A program of the workspace, which `cargo test` builds beside the tests.
pub fn program(name: &str) -> PathBuf {
    let test = env::current_exe().expect("a path");
    let target = test.parent().and_then(|deps| deps.parent()).expect("target/<profile>/deps");
    let path = target.join(name);
    assert!(
        path.is_file(),
        "{} is missing: run `cargo test`, or `cargo build --workspace --bins` first",
        path.display()
    );
    path
}

/// The command that starts a receiver (`axum_receiver` or `actix_receiver`) on a free port, with every secret and every
/// previous one.
pub fn command(name: &str) -> Command {
    let mut command = Command::new(program(name));
    command.env_remove("RUST_LOG").env("COUNTERSIGN_ADDR", "127.0.0.1:0");
    for sender in senders() {
        command.env(sender.variable(), sender.secret());
        command.env(format!("{}_PREVIOUS", sender.variable()), sender.previous_secret());
    }
    command
}

/// Sends deliveries one after the other until it is told to stop, or one is not answered. Returns the IDs of those that
/// were answered with 200.
pub fn send_until(
    stop: &AtomicBool,
    address: SocketAddr,
    request: impl Fn(&str) -> Request,
    prefix: &str,
) -> Vec<String> {
    let mut acknowledged = Vec::new();
    for number in 0.. {
        let id = format!("{prefix}-{number}");
        if stop.load(Ordering::Relaxed) {
            break;
        }
        match request(&id).try_send(address) {
            Some(answer) if answer.status == 200 => acknowledged.push(id),
            Some(answer) => assert_eq!(answer.status, 503),
            None => break,
        }
    }
    acknowledged
}

impl Receiver {
    pub fn start(name: &str) -> Self {
        Self::spawn(command(name))
    }

    pub fn spawn(mut command: Command) -> Self {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("a receiver that starts");
        let (line, stdout) = mpsc::channel();
        let out = BufReader::new(child.stdout.take().expect("stdout"));
        thread::spawn(move || out.lines().map_while(Result::ok).try_for_each(|text| line.send(text)));

        let (found, address) = mpsc::channel();
        let stderr = Arc::new(Mutex::new(String::new()));
        let log = Arc::clone(&stderr);
        let err = BufReader::new(child.stderr.take().expect("stderr"));
        thread::spawn(move || {
            for text in err.lines().map_while(Result::ok) {
                if let Some((_, address)) = text.rsplit_once("listening on ")
                    && let Ok(address) = address.trim().parse()
                {
                    let _ = found.send(address);
                }
                let mut log = log.lock().unwrap();
                log.push_str(&text);
                log.push('\n');
            }
        });
        let address = address.recv_timeout(Duration::from_secs(20)).unwrap_or_else(|_| {
            panic!("the receiver does not listen:\n{}", stderr.lock().unwrap());
        });
        Self { address, child, stdout: Mutex::new(stdout), stderr }
    }

    /// Everything it has written to stderr so far.
    pub fn log(&self) -> String {
        self.stderr.lock().unwrap().clone()
    }

    /// Sends a request, and tells which lines were printed for it. One at a time: the lines of others would be taken
    /// for its own.
    pub fn exchange(&self, request: &Request) -> (Answer, Vec<Line>) {
        let stdout = self.stdout.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let answer = request.send(self.address);
        (answer, self.lines_before_a_marker(&stdout))
    }

    /// All lines printed since the last call.
    pub fn lines(&self) -> Vec<Line> {
        self.lines_before_a_marker(&self.stdout.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
    }

    /// Lines are printed before their delivery is answered: once a marker's line is there, all earlier ones are.
    fn lines_before_a_marker(&self, stdout: &Channel<String>) -> Vec<Line> {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let id = format!("marker-{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        let marker = sender("zeodyn").genuine(format!(r#"{{"event":"scan_complete","scanId":"{id}"}}"#));
        assert_eq!(marker.send(self.address).status, 200, "the marker is genuine");
        let mut lines = Vec::new();
        loop {
            let text = match stdout.recv_timeout(Duration::from_secs(20)) {
                Ok(text) => text,
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                    panic!("the marker's line is missing:\n{}", self.log())
                }
            };
            let line: Line = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error} in {text:?}"));
            if line.id == id {
                return lines;
            }
            lines.push(line);
        }
    }

    /// The lines that it prints within `patience`, until there are enough of them or it has ended.
    pub fn lines_within(&self, patience: Duration, enough: impl Fn(&[Line]) -> bool) -> Vec<Line> {
        let stdout = self.stdout.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let (start, mut lines) = (Instant::now(), Vec::new());
        while !enough(&lines)
            && let Ok(text) = stdout.recv_timeout(patience.saturating_sub(start.elapsed()))
        {
            // The last line of a process that was killed may be cut.
            lines.extend(serde_json::from_str(&text));
        }
        lines
    }

    /// Sends a signal by name, such as `TERM`.
    pub fn signal(&self, name: &str) {
        let status = Command::new("kill").arg(format!("-{name}")).arg(self.child.id().to_string()).status();
        assert!(status.expect("kill").success());
    }

    /// Waits for the process to end.
    pub fn wait(&mut self, limit: Duration) -> Option<ExitStatus> {
        let start = Instant::now();
        while start.elapsed() < limit {
            if let Some(status) = self.child.try_wait().expect("a child") {
                return Some(status);
            }
            thread::sleep(Duration::from_millis(10));
        }
        None
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
