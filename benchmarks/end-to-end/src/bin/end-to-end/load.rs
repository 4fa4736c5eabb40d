//! Load, made by `wrk` on a core of its own.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use countersign_end_to_end::deliveries::{DISTINCT, Dialect, PATH, REMEMBERED, body, forged, genuine};

use crate::{
    Failure,
    process::{OTHER_CORE, Server},
};

/// Requests of the same length in a file.
pub struct Requests {
    file: PathBuf,
    bytes: Vec<u8>,
    length: usize,
}

impl Requests {
    /// Genuine ones of a size: many different ones of 1 KiB, so that none is a duplicate; one if they are larger.
    pub fn genuine(folder: &Path, size: usize, dialect: Dialect) -> Result<Self, Failure> {
        let count = if size == 1024 { DISTINCT } else { 1 };
        let first = body(size, 0);
        let at = first.windows(4).position(|bytes| bytes == b"ana_").ok_or("a body without an id")?;
        let requests = (0..count).map(|number| {
            let mut body = first.clone();
            let id = countersign_end_to_end::deliveries::id(number);
            body[at..at + id.len()].copy_from_slice(id.as_bytes());
            genuine(dialect, &body)
        });
        Self::write(folder.join(format!("genuine-{dialect:?}-{size}")), requests)
    }

    pub fn forged(folder: &Path, size: usize) -> Result<Self, Failure> {
        let request = forged(Dialect::ScreenScore, &body(size, 0));
        Self::write(folder.join(format!("forged-{size}")), std::iter::once(request))
    }

    fn write(file: PathBuf, requests: impl Iterator<Item = Vec<u8>>) -> Result<Self, Failure> {
        let requests: Vec<_> = requests.collect();
        let (bytes, length) = (requests.concat(), requests[0].len());
        fs::write(&file, &bytes)?;
        Ok(Self { file, bytes, length })
    }

    pub fn in_turn(&self) -> impl Iterator<Item = &[u8]> {
        self.bytes.chunks(self.length).cycle()
    }
}

/// What came out in one round.
#[derive(Clone, Copy, Debug)]
pub struct Round {
    /// Microseconds of the server's processor time a request.
    pub cpu: f64,
    /// Requests a second.
    pub rate: f64,
    /// Milliseconds, of one request in two and in a hundred.
    pub median: f64,
    pub slowest: f64,
}

pub struct Load<'a> {
    pub folder: &'a Path,
    script: PathBuf,
}

impl<'a> Load<'a> {
    pub fn new(folder: &'a Path) -> Result<Self, Failure> {
        let script = folder.join("load.lua");
        fs::write(&script, include_str!("../../load.lua"))?;
        Ok(Self { folder, script })
    }

    /// Sends requests for a second, all of which have to be accepted, or refused.
    pub fn round(
        &self,
        server: &mut Server,
        requests: &Requests,
        connections: usize,
        are_accepted: bool,
    ) -> Result<Round, Failure> {
        let before = server.cpu()?;
        let output = Command::new("taskset")
            .args(["-c", OTHER_CORE, "wrk", "--threads", "1", "--duration", "1s", "--timeout", "10s"])
            .args(["--connections", &connections.to_string(), "--script"])
            .arg(&self.script)
            .arg(format!("http://{}{PATH}", server.address))
            .arg("--")
            .arg(&requests.file)
            .args([requests.length.to_string(), server.turn.to_string()])
            .output()?;
        server.settle()?;
        let cpu = server.cpu()? - before;
        let text = String::from_utf8_lossy(&output.stdout);
        let numbers = text
            .lines()
            .find_map(|line| line.strip_prefix("measured "))
            .ok_or_else(|| format!("wrk measured nothing: {text}{}", String::from_utf8_lossy(&output.stderr)))?;
        let numbers: Vec<f64> = numbers.split(' ').map(str::parse).collect::<Result<_, _>>()?;
        let &[count, micros, median, slowest, refused, failed] = &numbers[..] else { return Err("too few".into()) };
        if failed > 0.0 || refused != if are_accepted { 0.0 } else { count } {
            let name = server.contender.name();
            return Err(format!("{name}: of {count} requests, {refused} were refused and {failed} failed").into());
        }
        // The next requests are such that it remembers none of them.
        server.turn = (server.turn + count as usize + REMEMBERED) % DISTINCT;
        Ok(Round {
            cpu: cpu as f64 / 1000.0 / count,
            rate: count / micros * 1_000_000.0,
            median: median / 1000.0,
            slowest: slowest / 1000.0,
        })
    }
}
