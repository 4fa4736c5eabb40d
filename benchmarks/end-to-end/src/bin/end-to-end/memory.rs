//! What a server holds of the memory while bodies are coming.

use std::{fs::File, thread};

use countersign_benchmarks::points::Series;
use countersign_end_to_end::{
    contenders::{Contender, Framework, Kind},
    deliveries::{Dialect, LAST_CHUNK, body, dribbled, genuine, promise},
};

use crate::{
    Failure, Options,
    client::{Client, accepted},
    process::Server,
    speed::{Spread, cell},
};

const SIZE: usize = 1024 * 1024;

/// How many uploads there are at once.
const UPLOADS: [usize; 5] = [8, 16, 32, 64, 128];

/// How many connections promise a body and send nothing.
const PROMISES: usize = 256;

/// How many uploads come in chunks of one byte, and how often: how far the senders get ahead of the server, and so how much
/// its framework holds of what nobody has asked for yet, differs by a third from one time to the next.
const DRIBBLES: usize = 8;
const TIMES: usize = 9;

/// Of each framework: nobody verifies, somebody does by hand, we do.
const KINDS: [Kind; 3] = [Kind::BareBytes, Kind::HandBytes, Kind::OursBytes];

/// MiB for each upload, promise, and MiB of a body in chunks of one byte.
pub struct Memory(Vec<Row>);

pub struct Row {
    contender: Contender,
    /// MiB with so many uploads at once.
    growth: Vec<(f64, f64)>,
    peak: f64,
    promised: f64,
    dribbled: Vec<f64>,
}

impl Row {
    /// MiB for each upload with 64 at once.
    pub fn held(&self) -> f64 {
        let (count, held) = self.growth[self.growth.len() - 2];
        held / count
    }

    pub fn promised(&self) -> f64 {
        self.promised
    }

    pub fn dribbled(&self) -> Spread {
        Spread::of(&self.dribbled)
    }
}

impl Memory {
    pub fn measure(options: &Options) -> Result<Self, Failure> {
        let upload = genuine(Dialect::ScreenScore, &body(SIZE, 0));
        let (start, end) = upload.split_at(upload.len() - 1);
        let promise = promise(SIZE as u64);
        let dribble = dribbled(&body(SIZE, 0));
        let uploads = if options.quick { &UPLOADS[2..] } else { &UPLOADS };
        let mut rows = Vec::new();
        for framework in Framework::ALL {
            for kind in KINDS {
                let contender = framework.with(kind);
                let mut row = Row { contender, growth: Vec::new(), peak: 0.0, promised: 0.0, dribbled: Vec::new() };
                for &count in uploads {
                    let (held, peak) = held(contender, count, start, end)?;
                    row.growth.push((count as f64, held));
                    row.peak = if count == 64 { peak / 64.0 } else { row.peak };
                }
                row.promised = held(contender, PROMISES, &promise, b"")?.0 / PROMISES as f64;
                rows.push(row);
            }
        }
        for _ in 0..if options.quick { 3 } else { TIMES } {
            for row in &mut rows {
                row.dribbled.push(held(row.contender, DRIBBLES, &dribble, LAST_CHUNK)?.0 / DRIBBLES as f64);
            }
        }
        Ok(Self(rows))
    }

    pub fn of(&self, contender: Contender) -> &Row {
        self.0.iter().find(|row| row.contender == contender).expect("it took part")
    }

    pub fn print(&self, mut points: Option<&File>) -> Result<(), Failure> {
        println!(
            "| | held, of an upload | at most | of a promise | of a MiB in 1-byte chunks | grows by |\n\
             |---|--:|--:|--:|--:|--:|"
        );
        for row in &self.0 {
            let series = Series {
                panel: "memory",
                name: format!("{}, {}", row.contender.framework, row.contender.kind).replace('*', ""),
                labels: ("uploads of 1 MiB at once", "MiB held"),
                points: row.growth.clone(),
            };
            let (start, slope) = series.line(|uploads| uploads);
            println!(
                "| {}, {} | {:.2} | {:.2} | {:.3} | {} | {slope:.2} an upload, from {start:.1} |",
                row.contender.framework,
                row.contender.kind,
                row.held(),
                row.peak,
                row.promised,
                cell(row.dribbled()),
            );
            if let Some(file) = &mut points {
                series.write_to(file)?;
            }
        }
        Ok(())
    }
}

/// How much a fresh server's memory has grown while `count` connections have sent `start`, and once they have sent `end`
/// and have their answers, the most that it had grown by.
fn held(contender: Contender, count: usize, start: &[u8], end: &[u8]) -> Result<(f64, f64), Failure> {
    let server = Server::start(contender)?;
    // What it allocates once, it has.
    let small = genuine(Dialect::ScreenScore, &body(1024, 0));
    accepted(Client::connect(server.address)?.ask(&small)?)?;
    server.settle()?;
    let before = server.memory()?;
    let mut clients = (0..count).map(|_| Client::connect(server.address)).collect::<Result<Vec<_>, _>>()?;
    on_all(&mut clients, |client| client.send(start))?;
    server.settle()?;
    let held = server.memory()? - before;
    if end.is_empty() {
        return Ok((held, held));
    }
    on_all(&mut clients, |client| {
        client.send(end)?;
        accepted(client.status()?)
    })?;
    let most = server.peak()? - before;
    server.end()?;
    Ok((held, most))
}

/// All at the same time, as so many senders would.
pub fn on_all(
    clients: &mut [Client],
    act: impl Fn(&mut Client) -> Result<(), Failure> + Copy + Send + Sync,
) -> Result<(), Failure> {
    thread::scope(|scope| {
        let threads: Vec<_> = clients.iter_mut().map(|client| scope.spawn(move || act(client))).collect();
        threads.into_iter().try_for_each(|thread| thread.join().map_err(|_| "a client panicked")?)
    })
}
