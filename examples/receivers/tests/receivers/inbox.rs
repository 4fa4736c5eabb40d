//! Receivers with an inbox: a delivery is stored before its 200, and printed after it, also if the process is killed.

use std::{
    collections::HashSet,
    env,
    path::PathBuf,
    process::Command,
    time::{Duration, Instant},
};

use tempfile::TempDir;

use crate::{
    process::{Process, is_so_within, line, zeodyn},
    support::{receiver::command, sender},
};

for_both![
    a_delivery_is_stored_before_its_200_and_printed_once,
    an_attempt_that_fails_or_panics_is_made_again,
    a_stop_ends_at_once_and_the_next_start_goes_on,
    nothing_that_was_answered_is_lost_when_the_process_is_killed,
    only_deliveries_that_kill_their_process_end_as_dead_letters,
];

/// Within this time, a delivery is printed.
const SOON: Duration = Duration::from_secs(5);

struct Site {
    name: &'static str,
    folder: TempDir,
    /// What processes printed that have ended.
    printed: String,
}

impl Site {
    fn new(name: &str) -> Self {
        let name = if name == "axum_receiver" { "axum_receiver" } else { "actix_receiver" };
        Self { name, folder: tempfile::tempdir().unwrap(), printed: String::new() }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("inbox.db")
    }

    fn start(&self, set: impl Fn(&mut Command)) -> Process {
        let mut command = command(self.name);
        command.env("COUNTERSIGN_INBOX_URL", format!("sqlite:{}", self.file().display()));
        set(&mut command);
        Process::spawn(&command)
    }

    /// Kills a process, and keeps what it printed.
    fn kill(&mut self, mut process: Process) {
        process.child.kill().unwrap();
        process.child.wait().unwrap();
        self.printed += &process.printed();
    }

    /// The IDs in everything that was printed.
    fn ids(&self, process: &Process) -> Vec<String> {
        let printed = format!("{}{}", self.printed, process.printed());
        let id = |line: &str| {
            // The last line of a killed process may be cut.
            let value: serde_json::Value = serde_json::from_str(line).ok()?;
            value["id"].as_str().map(str::to_owned)
        };
        printed.lines().filter_map(id).collect()
    }
}

fn a_delivery_is_stored_before_its_200_and_printed_once(name: &str) {
    let site = Site::new(name);
    let mut process = site.start(|_| {});
    let answer = zeodyn("1").send(process.address);
    assert_eq!((answer.status, answer.header("countersign-delivery"), &*answer.body), (200, Some("stored"), ""));
    let expected = line("zeodyn", "scan_complete", "1");
    assert!(is_so_within(SOON, || process.printed() == expected), "{}", process.log());
    let answer = zeodyn("1").send(process.address);
    assert_eq!((answer.status, answer.header("countersign-delivery")), (200, Some("duplicate")));
    // Genuine and unreadable: kept as a dead letter, and never printed.
    let answer = sender("zeodyn").genuine("not JSON".to_owned()).send(process.address);
    assert_eq!((answer.status, answer.header("countersign-delivery")), (200, Some("stored")));
    let forged = zeodyn("2").with_body(*br#"{"event":"scan_complete","scanId":"3"}"#);
    assert_eq!(forged.send(process.address).status, 401);
    assert_eq!(zeodyn("4").send(process.address).status, 200);
    let expected = expected + &line("zeodyn", "scan_complete", "4");
    assert!(is_so_within(SOON, || process.printed() == expected), "{}", process.printed());
    process.assert_ends_within(Duration::from_secs(5));
    assert_eq!(process.printed(), expected);
}

fn an_attempt_that_fails_or_panics_is_made_again(name: &str) {
    let site = Site::new(name);
    let process = site.start(|command| {
        command.env("COUNTERSIGN_TEST_FAIL_ONCE", "fails").env("COUNTERSIGN_TEST_PANIC_ONCE", "panics");
    });
    for id in ["fails", "panics"] {
        assert_eq!(zeodyn(id).send(process.address).status, 200);
        let expected = line("zeodyn", "scan_complete", id);
        assert!(is_so_within(SOON, || process.printed().ends_with(&expected)), "{}", process.log());
    }
    assert_eq!(process.printed().lines().count(), 2);
}

fn a_stop_ends_at_once_and_the_next_start_goes_on(name: &str) {
    let mut site = Site::new(name);
    let mut process = site.start(|command| {
        command.env("COUNTERSIGN_TEST_SLOW", "slow=600").env("COUNTERSIGN_GRACE", "1");
    });
    assert_eq!(zeodyn("slow").send(process.address).status, 200);
    assert!(is_so_within(SOON, || process.log().contains("COUNTERSIGN_TEST_SLOW has")), "{}", process.log());
    process.assert_ends_within(Duration::from_secs(8));
    site.printed += &process.printed();
    let process = site.start(|_| {});
    let expected = line("zeodyn", "scan_complete", "slow");
    assert!(is_so_within(SOON, || process.printed() == expected), "{}", process.log());
}

/// How often it is killed: 1,000 times for the figures of a release.
pub(crate) fn kills() -> usize {
    env::var("COUNTERSIGN_TEST_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(6)
}

fn nothing_that_was_answered_is_lost_when_the_process_is_killed(name: &str) {
    let mut site = Site::new(name);
    let (mut acknowledged, mut sent) = (HashSet::new(), 0_usize);
    for round in 0..kills() {
        let process = site.start(|_| {});
        let (address, first) = (process.address, sent);
        // Four senders, until the process is gone.
        let senders: Vec<_> = (0..4)
            .map(|sender| {
                std::thread::spawn(move || {
                    let mut known = Vec::new();
                    for number in 0.. {
                        let id = format!("{first}-{sender}-{number}");
                        match zeodyn(&id).try_send(address) {
                            Some(answer) if answer.status == 200 => known.push(id),
                            _ => break,
                        }
                    }
                    known
                })
            })
            .collect();
        // Another moment in each round, without a clock in the result.
        std::thread::sleep(Duration::from_millis(20 + u64::try_from(round * 37 % 150).unwrap()));
        site.kill(process);
        for sender in senders {
            acknowledged.extend(sender.join().unwrap());
        }
        sent += 1;
    }
    let process = site.start(|_| {});
    let missing = || -> Vec<String> {
        let printed: HashSet<_> = site.ids(&process).into_iter().collect();
        acknowledged.iter().filter(|id| !printed.contains(*id)).cloned().collect()
    };
    assert!(is_so_within(Duration::from_secs(30), || missing().is_empty()), "lost: {:?}", missing());
    assert!(!acknowledged.is_empty());
    let all = site.ids(&process);
    let twice = all.len() - all.iter().collect::<HashSet<_>>().len();
    println!("{name}: {} kills, {} acknowledged, 0 lost, {twice} handled twice", kills(), acknowledged.len());
}

/// Four deliveries that kill their process, among others that were handled at the same time.
fn only_deliveries_that_kill_their_process_end_as_dead_letters(name: &str) {
    const GUILTY: [&str; 4] = ["guilty-0", "guilty-1", "guilty-2", "guilty-3"];

    let mut site = Site::new(name);
    let innocent: Vec<String> = (0..24).map(|number| format!("innocent-{number}")).collect();
    // As many as may are being handled when the first process dies.
    let slow: Vec<String> = innocent.iter().map(String::as_str).chain(GUILTY).map(|id| format!("{id}=600")).collect();
    let storing = site.start(|command| {
        command.env("COUNTERSIGN_TEST_SLOW", slow.join(","));
    });
    for id in innocent.iter().map(String::as_str).chain(GUILTY) {
        assert_eq!(zeodyn(id).send(storing.address).status, 200);
    }
    let handled = || storing.log().matches("COUNTERSIGN_TEST_SLOW has").count();
    assert!(is_so_within(SOON, || handled() == 16), "{}", handled());
    site.kill(storing);
    let start = Instant::now();
    let process = loop {
        assert!(start.elapsed() < Duration::from_secs(60), "the processes do not stop dying");
        let mut process = site.start(|command| {
            command.env("COUNTERSIGN_TEST_ABORT", GUILTY.join(","));
        });
        let ended = is_so_within(SOON, || {
            process.child.try_wait().unwrap().is_some() || site.ids(&process).len() >= innocent.len()
        });
        let is_dead = process.wait(Duration::from_millis(500)).is_some();
        if ended && !is_dead {
            break process;
        }
        site.printed += &process.printed();
    };
    let printed: HashSet<_> = site.ids(&process).into_iter().collect();
    let expected: HashSet<_> = innocent.into_iter().collect();
    assert_eq!(printed, expected);
    let file = rusqlite::Connection::open(site.file()).unwrap();
    let mut statement =
        file.prepare("SELECT resource FROM countersign_inbox WHERE state = 3 ORDER BY resource").unwrap();
    let dead: Vec<String> = statement.query_map((), |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    assert_eq!(dead, GUILTY);
}
