//! Cuts the power while a program stores deliveries, and compares what it acknowledged with what is left.

use std::{
    collections::BTreeSet,
    fs,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
    time::{Duration, Instant},
};

use crate::{
    dice::Dice,
    disk::{Disk, Flushes, Left, scratch},
};

/// Where a program finds the number of its round, which makes its keys its own.
pub(crate) const ROUND: &str = "POWER_ROUND";

/// How many deliveries a program stores at once.
pub(crate) const WRITERS: usize = 16;

/// A program that prints `stored KEY` for each delivery that it acknowledges, `rejected KEY ERROR` for each that it does
/// not, and `handled KEY` if it handles them, too.
#[derive(Clone, Copy)]
pub(crate) struct Program {
    pub(crate) name: &'static str,
    /// Reads what a cut left in a folder, or says what is wrong with it.
    pub(crate) find: fn(&Path) -> Result<Found, String>,
}

/// The keys of the deliveries that a cut left.
pub(crate) struct Found {
    /// To be handled.
    pub(crate) waiting: BTreeSet<String>,
    /// Handled, as the program knew.
    pub(crate) done: BTreeSet<String>,
}

pub(crate) struct Figures {
    pub(crate) acknowledged: usize,
    pub(crate) lost: usize,
}

impl Found {
    /// Whether a delivery will be handled, or was. One that is done and that no handler saw is lost.
    fn has(&self, key: &str, handled: &BTreeSet<String>) -> bool {
        self.waiting.contains(key) || (self.done.contains(key) && handled.contains(key))
    }
}

/// Prints a line in one piece.
pub(crate) fn say(what: &str, of: &str) {
    // The driver may be gone.
    let _ = std::io::stdout().lock().write_all(format!("{what} {of}\n").as_bytes());
}

/// A program that does not answer as it should must not hang the tests.
const PATIENCE: Duration = Duration::from_secs(30);

/// Cuts the power again and again, on one disk: each program begins with what the last cut left.
pub(crate) fn storm(disk: &Disk, program: Program, cuts: usize, left: Left) -> Figures {
    let mut dice = Dice::new();
    let (mut expected, mut handled) = (BTreeSet::new(), BTreeSet::new());
    let mut figures = Figures { acknowledged: 0, lost: 0 };
    for round in 0..cuts {
        let mut running = Running::start(disk, program, round);
        for _ in 0..50 + dice.below(1500) {
            running.next();
        }
        let end = Instant::now() + Duration::from_micros(dice.below(3000));
        while Instant::now() < end {
            std::hint::spin_loop();
        }
        let heard = running.kill();
        figures.acknowledged += heard.acknowledged.len();
        expected.extend(heard.acknowledged);
        handled.extend(heard.handled);
        disk.cut(left, &mut dice);

        let found = look(disk, program).unwrap_or_else(|error| panic!("after cut {round}: {error}"));
        let before = expected.len();
        expected.retain(|key| found.has(key, &handled));
        figures.lost += before - expected.len();
    }
    figures
}

/// Cuts the power while a program starts for the first time. The next one has to start from what is left, and to store.
pub(crate) fn cut_at_start(disk: &Disk, program: Program) {
    let mut dice = Dice::new();
    let running = Running::start(disk, program, 0);
    thread::sleep(Duration::from_micros(dice.below(50_000)));
    let early = running.kill();
    disk.cut(if dice.below(2) == 0 { Left::Nothing } else { Left::Some }, &mut dice);

    let mut running = Running::start(disk, program, 1);
    while running.next().is_none() {}
    let heard = running.kill();
    disk.cut(Left::Nothing, &mut dice);
    let found = look(disk, program).expect("a sound database");
    let handled = early.handled.union(&heard.handled).cloned().collect();
    for key in early.acknowledged.iter().chain(&heard.acknowledged) {
        assert!(found.has(key, &handled), "{key} is lost");
    }
}

/// Lets a disk fail while a program runs, until it rejects everything, and heals the disk. Nothing that was acknowledged
/// before, meanwhile or afterwards is lost, and what was rejected is stored without a restart.
pub(crate) fn fail_and_heal(disk: &Disk, program: Program, failures: &[Failure]) {
    let mut running = Running::start(disk, program, 0);
    for failure in failures {
        for _ in 0..WRITERS {
            running.next();
        }
        match failure {
            Failure::Full { room } => disk.set_room(Some(*room)),
            Failure::Flushes => disk.set_flushes(Flushes::Fail),
        }
        let start = Instant::now();
        let mut rejected = 0;
        while rejected < 3 * WRITERS {
            assert!(start.elapsed() < PATIENCE, "{failure:?}: the program still acknowledges deliveries");
            rejected = if running.next().is_some() { 0 } else { rejected + 1 };
        }
        disk.set_room(None);
        disk.set_flushes(Flushes::Honest);
        let start = Instant::now();
        let mut stored = BTreeSet::new();
        while stored.len() < WRITERS {
            assert!(start.elapsed() < PATIENCE, "{failure:?}: over, and not all writers store again");
            stored.extend(running.next().and_then(|key| Some(key.split('-').nth(1)?.to_owned())));
        }
    }
    let heard = running.kill();
    disk.cut(Left::Nothing, &mut Dice::new());
    let found = look(disk, program).expect("a sound database");
    let lost = heard.acknowledged.iter().filter(|key| !found.has(key, &heard.handled)).count();
    assert_eq!(lost, 0, "of {} acknowledged deliveries", heard.acknowledged.len());
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Failure {
    /// There is room for so many bytes more.
    Full { room: u32 },
    /// Flushes answer EIO.
    Flushes,
}

/// Looks at a copy: the next program has to recover by itself, with its power cut again.
fn look(disk: &Disk, program: Program) -> Result<Found, String> {
    let copy = scratch("look");
    for entry in fs::read_dir(disk.live()).expect("a folder").map(|entry| entry.expect("an entry")) {
        fs::copy(entry.path(), copy.join(entry.file_name())).expect("to copy a file");
    }
    let found = (program.find)(&copy);
    let _ = fs::remove_dir_all(copy);
    found
}

struct Running {
    child: Child,
    lines: Receiver<String>,
    heard: Heard,
}

/// What a program said.
#[derive(Default)]
struct Heard {
    acknowledged: Vec<String>,
    handled: BTreeSet<String>,
}

impl Running {
    fn start(disk: &Disk, program: Program, round: usize) -> Self {
        let mut command = disk.command(program.name);
        command.env(ROUND, round.to_string()).stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("a program");
        let output = BufReader::new(child.stdout.take().expect("its output"));
        let (to, lines) = channel();
        thread::spawn(move || output.lines().map_while(Result::ok).try_for_each(|line| to.send(line)));
        Self { child, lines, heard: Heard::default() }
    }

    /// Waits for an answer, and returns the key if the delivery is stored.
    fn next(&mut self) -> Option<String> {
        loop {
            let line = self.lines.recv_timeout(PATIENCE).expect("the program to answer");
            if let Some(answer) = self.heard.take(&line) {
                return answer;
            }
        }
    }

    /// Kills the program, and returns all that it said.
    fn kill(mut self) -> Heard {
        self.child.kill().expect("to kill it");
        self.child.wait().expect("its end");
        while let Ok(line) = self.lines.recv() {
            self.heard.take(&line);
        }
        std::mem::take(&mut self.heard)
    }
}

impl Heard {
    /// Returns the answer, if it is one: the key if the delivery is stored.
    fn take(&mut self, line: &str) -> Option<Option<String>> {
        match line.split_once(' ') {
            Some(("stored", key)) => {
                self.acknowledged.push(key.to_owned());
                Some(Some(key.to_owned()))
            }
            Some(("rejected", _)) => Some(None),
            Some(("handled", key)) => {
                self.handled.insert(key.to_owned());
                None
            }
            _ => panic!("the program said: {line}"),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
