//! A server as a process of its own, on a core of its own, and what the operating system says of it.

use std::{
    fs,
    io::{BufRead, BufReader},
    net::SocketAddr,
    process::{Child, ChildStdout, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use countersign_end_to_end::contenders::Contender;

use crate::Failure;

/// Of the server.
const CORE: &str = "0";

/// Of whoever asks it.
pub const OTHER_CORE: &str = "1";

pub struct Server {
    pub contender: Contender,
    pub address: SocketAddr,
    /// Which of many requests is its next.
    pub turn: usize,
    process: Child,
    output: BufReader<ChildStdout>,
}

impl Server {
    pub fn start(contender: Contender) -> Result<Self, Failure> {
        let program = std::env::current_exe()?.with_file_name("server");
        let mut process = Command::new("taskset")
            .args(["-c", CORE])
            .arg(program)
            .arg(contender.name())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut output = BufReader::new(process.stdout.take().ok_or("no output")?);
        let mut address = String::new();
        output.read_line(&mut address)?;
        Ok(Self { contender, address: address.trim().parse()?, turn: 0, process, output })
    }

    /// Ends it; none of what it was sent may have been a duplicate.
    pub fn end(mut self) -> Result<(), Failure> {
        drop(self.process.stdin.take());
        let mut duplicates = String::new();
        self.output.read_line(&mut duplicates)?;
        self.process.wait()?;
        match duplicates.trim() {
            "0" => Ok(()),
            _ => Err(format!("{} ended with {duplicates:?} duplicates", self.contender.name()).into()),
        }
    }

    /// What its threads have had of the processor, in nanoseconds: exact while they sleep.
    pub fn cpu(&self) -> Result<u64, Failure> {
        let mut nanos = 0;
        for thread in fs::read_dir(format!("/proc/{}/task", self.process.id()))? {
            let statistics = fs::read_to_string(thread?.path().join("schedstat"))?;
            nanos += statistics.split(' ').next().ok_or("no time in schedstat")?.parse::<u64>()?;
        }
        Ok(nanos)
    }

    /// What it holds of the memory, in MiB.
    pub fn memory(&self) -> Result<f64, Failure> {
        self.mebibytes("smaps_rollup", "Rss:")
    }

    /// The most it has ever held.
    pub fn peak(&self) -> Result<f64, Failure> {
        self.mebibytes("status", "VmHWM:")
    }

    fn mebibytes(&self, file: &str, field: &str) -> Result<f64, Failure> {
        let text = fs::read_to_string(format!("/proc/{}/{file}", self.process.id()))?;
        let value =
            text.lines().find_map(|line| line.strip_prefix(field)?.strip_suffix("kB")).ok_or("no such field")?;
        Ok(value.trim().parse::<f64>()? / 1024.0)
    }

    /// Waits until it has nothing to do: nothing is queued for it, and it takes no processor time.
    pub fn settle(&self) -> Result<(), Failure> {
        let (mut before, mut quiet) = (self.cpu()?, 0);
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(20) {
            sleep(Duration::from_millis(20));
            let now = self.cpu()?;
            quiet = if now == before && !self.is_anything_queued()? { quiet + 1 } else { 0 };
            if quiet == 2 {
                return Ok(());
            }
            before = now;
        }
        Err(format!("{} does not come to rest", self.contender.name()).into())
    }

    /// Whether there is anything that it has not read, or that could not be sent to it yet.
    fn is_anything_queued(&self) -> Result<bool, Failure> {
        let port = format!(":{:04X}", self.address.port());
        Ok(fs::read_to_string("/proc/net/tcp")?.lines().any(|line| {
            let mut fields = line.split_whitespace().skip(1);
            let (local, remote, _, queues) = (fields.next(), fields.next(), fields.next(), fields.next());
            let (to_send, to_read) = queues.and_then(|queues| queues.split_once(':')).unwrap_or_default();
            let is_at = |address: Option<&str>| address.is_some_and(|address| address.ends_with(&port));
            let is_some = |queue: &str| queue.contains(|digit| digit != '0');
            is_at(local) && is_some(to_read) || is_at(remote) && is_some(to_send)
        }))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
