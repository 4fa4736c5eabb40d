//! Receivers on several machines, so to speak: processes that share a Postgres. Each delivery is printed by one of them.

use std::{
    collections::{HashMap, HashSet},
    process::Command,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed},
    thread,
    time::{Duration, Instant},
};

use crate::{
    inbox::kills,
    process::{Process, is_so_within, zeodyn},
    support::{
        ports,
        postgres::Postgres,
        receiver::{command, send_until},
    },
};

for_both![
    a_delivery_is_printed_by_one_of_two_receivers,
    nothing_that_was_answered_is_lost_when_processes_are_killed_and_restarted,
    a_server_that_is_away_is_answered_with_503_and_nothing_is_lost,
    a_key_is_demanded,
];

/// Within this time, everything that waits is printed.
const DRAINED: Duration = Duration::from_secs(60);

/// What processes share: a server, and what those printed that have ended.
struct Site {
    name: String,
    server: Postgres,
    printed: String,
    /// Those that were killed: it may be printed again, because the store did not hear of it.
    printed_by_killed: String,
}

impl Site {
    fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            server: Postgres::start(ports::free(), &[]),
            printed: String::new(),
            printed_by_killed: String::new(),
        }
    }

    fn command(&self) -> Command {
        let mut command = command(&self.name);
        command.env("COUNTERSIGN_INBOX_URL", self.server.url("postgres"));
        command.env("COUNTERSIGN_INBOX_KEY", "a key that both machines have").env("COUNTERSIGN_LEASE", "3");
        command
    }

    fn start(&self) -> Process {
        Process::spawn(&self.command())
    }

    /// Kills a process, and keeps what it printed.
    fn kill(&mut self, mut process: Process) {
        process.child.kill().unwrap();
        process.child.wait().unwrap();
        self.printed_by_killed += &process.printed();
    }

    /// How often each ID was printed.
    fn times(&self, processes: &[Process]) -> HashMap<String, usize> {
        let ended = [&self.printed, &self.printed_by_killed].into_iter().cloned();
        times(&processes.iter().map(Process::printed).chain(ended).collect::<String>())
    }
}

fn times(printed: &str) -> HashMap<String, usize> {
    let mut times = HashMap::new();
    // The last line of a killed process may be cut.
    for value in printed.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok()) {
        *times.entry(value["id"].as_str().unwrap_or_default().to_owned()).or_default() += 1;
    }
    times
}

fn a_delivery_is_printed_by_one_of_two_receivers(name: &str) {
    const DELIVERIES: usize = 100;
    const COPIES: usize = 20;

    let site = Site::new(name);
    let processes = [site.start(), site.start()];
    let (next, stored) = (AtomicUsize::new(0), AtomicUsize::new(0));
    thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Relaxed);
                    if number >= DELIVERIES * COPIES {
                        break;
                    }
                    // The copies of a delivery are sent together, to both.
                    let answer = zeodyn(&(number / COPIES).to_string()).send(processes[number % 2].address);
                    let is_new = match (answer.status, answer.header("countersign-delivery")) {
                        (200, Some("stored")) => true,
                        (200, Some("duplicate")) => false,
                        other => panic!("{other:?}"),
                    };
                    stored.fetch_add(is_new.into(), Relaxed);
                }
            });
        }
    });
    assert_eq!(stored.into_inner(), DELIVERIES);
    let all_once = || site.times(&processes).len() == DELIVERIES;
    assert!(is_so_within(DRAINED, all_once), "{:?}", site.times(&processes).len());
    assert!(site.times(&processes).values().all(|times| *times == 1));
}

fn nothing_that_was_answered_is_lost_when_processes_are_killed_and_restarted(name: &str) {
    let mut site = Site::new(name);
    let mut processes = vec![site.start(), site.start(), site.start()];
    let mut acknowledged = HashSet::new();
    for round in 0..kills() {
        let stop = AtomicBool::new(false);
        let addresses: Vec<_> = processes.iter().map(|process| process.address).collect();
        let victim = processes.remove(0);
        thread::scope(|scope| {
            let stop = &stop;
            let sending: Vec<_> = (0..4)
                .map(|sender| {
                    let address = addresses[sender % addresses.len()];
                    scope.spawn(move || send_until(stop, address, zeodyn, &format!("{round}-{sender}")))
                })
                .collect();
            // Another moment in each round, without a clock in the result.
            thread::sleep(Duration::from_millis(20 + u64::try_from(round * 37 % 150).unwrap()));
            // Of three, one is restarted as a deployment does it.
            if round % 3 == 2 {
                let mut victim = victim;
                victim.assert_ends_within(Duration::from_secs(15));
                site.printed += &victim.printed();
            } else {
                site.kill(victim);
            }
            stop.store(true, Relaxed);
            for sent in sending {
                acknowledged.extend(sent.join().unwrap());
            }
        });
        processes.push(site.start());
    }
    let missing = || -> Vec<String> {
        let times = site.times(&processes);
        acknowledged.iter().filter(|id| !times.contains_key(*id)).cloned().collect()
    };
    // The leases of those that were killed last have to end.
    assert!(is_so_within(Duration::from_secs(90), || missing().is_empty()), "lost: {:?}", missing());
    assert!(!acknowledged.is_empty());
    // Nothing is printed again but what a killed process had printed.
    let all = site.times(&processes);
    let again: Vec<_> = all.iter().filter(|(_, times)| **times > 1).map(|(id, _)| id).collect();
    let by_killed = times(&site.printed_by_killed);
    assert!(again.iter().all(|id| by_killed.contains_key(*id)), "twice without a kill: {again:?}");
    println!(
        "{name} on Postgres: {} ended, two of three of them killed, {} acknowledged, 0 lost, {} handled twice",
        kills(),
        acknowledged.len(),
        again.len(),
    );
}

fn a_server_that_is_away_is_answered_with_503_and_nothing_is_lost(name: &str) {
    let seconds = std::env::var("COUNTERSIGN_TEST_AWAY").ok().and_then(|seconds| seconds.parse().ok()).unwrap_or(3);
    let site = Site::new(name);
    let processes = [site.start(), site.start()];
    let stop = AtomicBool::new(false);
    let mut acknowledged = Vec::new();
    thread::scope(|scope| {
        let (stop, processes) = (&stop, &processes);
        let sending: Vec<_> = (0..4)
            .map(|sender| {
                let address = processes[sender % 2].address;
                scope.spawn(move || send_until(stop, address, zeodyn, &format!("away-{sender}")))
            })
            .collect();
        thread::sleep(Duration::from_millis(300));
        site.server.stop("INT");
        let answer = zeodyn("while-away").send(processes[0].address);
        assert_eq!((answer.status, answer.header("retry-after")), (503, Some("5")));
        thread::sleep(Duration::from_secs(seconds));
        site.server.restart();
        let back = Instant::now();
        let is_stored = || zeodyn("once-back").send(processes[1].address).status == 200;
        assert!(is_so_within(Duration::from_secs(10), is_stored), "it does not come back");
        println!("{name}: stores again {:?} after the server is back", back.elapsed());
        stop.store(true, Relaxed);
        for sent in sending {
            acknowledged.extend(sent.join().unwrap());
        }
    });
    let missing = || {
        let times = site.times(&processes);
        acknowledged.iter().filter(|id| !times.contains_key(*id)).count()
    };
    assert!(is_so_within(DRAINED, || missing() == 0), "lost: {}", missing());
    assert!(acknowledged.len() > 4);
}

fn a_key_is_demanded(name: &str) {
    let site = Site::new(name);
    let mut command = site.command();
    let output = command.env_remove("COUNTERSIGN_INBOX_KEY").output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    assert!(error.contains("an inbox on a server needs a key that its machines share"), "{error}");
}
