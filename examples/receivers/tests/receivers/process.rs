//! A receiver process: its stdout, byte for byte and also after its end, and its numbers in /proc.

use std::{
    env, fs,
    io::Read,
    net::SocketAddr,
    ops::{Deref, DerefMut},
    path::PathBuf,
    process::{self, Command},
    sync::atomic::{AtomicU64, Ordering},
    thread,
    time::{Duration, Instant},
};

use crate::support::{
    http::{self, Request},
    receiver::{self, Receiver},
    sender,
};

/// A `Receiver` whose stdout is a file.
pub(crate) struct Process {
    receiver: Receiver,
    stdout: PathBuf,
}

impl Process {
    pub(crate) fn start(name: &str) -> Self {
        Self::spawn(&receiver::command(name))
    }

    /// Starts the receiver. A shell redirects stdout and then replaces itself with the receiver, so that the process ID is
    /// the receiver's.
    pub(crate) fn spawn(command: &Command) -> Self {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let file = format!("receivers-{}-{}.stdout", process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let stdout = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(file);
        let mut shell = Command::new("sh");
        shell.args(["-c", r#"exec "$0" >"$1""#]).arg(command.get_program()).arg(&stdout);
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => shell.env(name, value),
                None => shell.env_remove(name),
            };
        }
        Self { receiver: Receiver::spawn(shell), stdout }
    }

    /// Returns everything that it has printed. A line is printed before its delivery is answered.
    pub(crate) fn printed(&self) -> String {
        fs::read_to_string(&self.stdout).expect("stdout is UTF-8")
    }

    /// Asserts that it runs, handles deliveries, and has printed exactly `lines`.
    #[track_caller]
    pub(crate) fn assert_well_and_printed(&mut self, lines: &[String]) {
        assert_eq!(self.printed(), lines.concat());
        let answer = zeodyn("still-well").send(self.address);
        assert_eq!(answer.status, 200, "it handles deliveries");
        assert_eq!(self.printed(), lines.concat() + &line("zeodyn", "scan_complete", "still-well"));
        assert_eq!(self.child.try_wait().expect("a child"), None, "it runs");
    }

    /// Sends SIGTERM, asserts that it ends with success within `limit`, and returns how long that took.
    #[track_caller]
    pub(crate) fn assert_ends_within(&mut self, limit: Duration) -> Duration {
        let start = Instant::now();
        self.signal("TERM");
        self.assert_ended_by(start, limit)
    }

    #[track_caller]
    pub(crate) fn assert_ended_by(&mut self, start: Instant, limit: Duration) -> Duration {
        // One second more than allowed, so that a failure says how late it was.
        let status = self.wait((limit + Duration::from_secs(1)).saturating_sub(start.elapsed()));
        let took = start.elapsed();
        let status = status.unwrap_or_else(|| panic!("it still runs after {took:?}:\n{}", self.log()));
        assert_eq!(status.code(), Some(0), "{}", self.log());
        assert!(took <= limit, "it took {took:?}");
        took
    }

    /// Returns its peak memory, in MiB.
    pub(crate) fn peak_memory(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("/proc");
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("VmHWM");
        line.trim().trim_end_matches(" kB").parse::<u64>().expect("a number") / 1024
    }

    /// Returns its CPU time, in steps of 10 ms.
    pub(crate) fn cpu_time(&self) -> Duration {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id())).expect("/proc");
        // After the program's name, which may contain spaces, utime and stime are the 12th and 13th field.
        let (_, fields) = stat.rsplit_once(')').expect("a name");
        let ticks: u64 = fields.split_whitespace().skip(11).take(2).map(|field| field.parse::<u64>().unwrap()).sum();
        Duration::from_millis(ticks * 10)
    }

    pub(crate) fn open_files(&self) -> usize {
        fs::read_dir(format!("/proc/{}/fd", self.child.id())).expect("/proc").count()
    }
}

impl Deref for Process {
    type Target = Receiver;

    fn deref(&self) -> &Receiver {
        &self.receiver
    }
}

impl DerefMut for Process {
    fn deref_mut(&mut self) -> &mut Receiver {
        &mut self.receiver
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.stdout);
    }
}

/// Returns the line that is printed for a delivery.
pub(crate) fn line(provider: &str, event: &str, id: &str) -> String {
    let [provider, event, id] = [provider, event, id].map(|text| serde_json::Value::from(text).to_string());
    format!(r#"{{"provider":{provider},"event":{event},"id":{id}}}"#) + "\n"
}

/// Returns a small genuine delivery with this ID.
pub(crate) fn zeodyn(id: &str) -> Request {
    sender("zeodyn").genuine(format!(r#"{{"event":"scan_complete","scanId":"{id}"}}"#))
}

/// Returns everything that is answered to `bytes`, until the connection ends or is silent for `patience`.
pub(crate) fn answer_to(address: SocketAddr, bytes: &[u8], patience: Duration) -> String {
    let stream = http::connect(address);
    stream.set_read_timeout(Some(patience)).expect("a timeout");
    // A server that rejects early may close early.
    let _ = std::io::Write::write_all(&mut &stream, bytes);
    let mut answer = Vec::new();
    let _ = (&stream).read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

/// Waits up to `limit` until `is_so` returns true. Returns whether it did.
pub(crate) fn is_so_within(limit: Duration, mut is_so: impl FnMut() -> bool) -> bool {
    let start = Instant::now();
    loop {
        if is_so() {
            return true;
        }
        if start.elapsed() >= limit {
            return false;
        }
        thread::sleep(Duration::from_millis(10));
    }
}
