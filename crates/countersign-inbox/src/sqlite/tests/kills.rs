//! Processes that are killed.

use std::{
    collections::HashSet,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use super::{super::SqliteStore, NOW, Place, Settings, incoming, number, request, token};
use crate::store::{Filter, Intake, Ledger, Queue, Recovery};

/// How many processes are killed while they store; `COUNTERSIGN_TEST_KILLS` raises it.
const KILLS: usize = 30;

/// Enough for a slow machine.
const LIMIT: Duration = Duration::from_secs(60);

/// Names the file and the first number for a process.
const INBOX: &str = "COUNTERSIGN_TEST_INBOX";
const FIRST: &str = "COUNTERSIGN_TEST_FIRST";

/// Starts one of the processes below.
fn start(name: &str, inbox: &Path, first: u64) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "--nocapture", &format!("sqlite::tests::kills::{name}")])
        .env(INBOX, inbox)
        .env(FIRST, first.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

fn given() -> (PathBuf, u64) {
    (std::env::var_os(INBOX).unwrap().into(), std::env::var(FIRST).unwrap().parse().unwrap())
}

/// Says a number, once it is true.
fn say(number: u64) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "\nacked {number}").and_then(|()| out.flush()).unwrap();
}

fn said(line: &str) -> Option<u64> {
    line.strip_prefix("acked ")?.parse().ok()
}

/// Stores with eight senders until it is killed, and says what it was told to be stored.
#[test]
#[ignore = "a process that others start"]
fn process_that_stores() {
    let (inbox, first) = given();
    let store = SqliteStore::open(inbox, Settings::default()).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let mut senders = tokio::task::JoinSet::new();
        for sender in 0..8 {
            let store = store.clone();
            senders.spawn(async move {
                for number in (first + sender..).step_by(8) {
                    store.store(incoming(number)).await.unwrap();
                    say(number);
                }
            });
        }
        senders.join_all().await;
    });
}

/// Works: claims everything, says so, and waits to be killed.
#[test]
#[ignore = "a process that others start"]
fn process_that_works() {
    let (inbox, _) = given();
    let store = SqliteStore::open(inbox, Settings::default()).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let _lead = runtime.block_on(store.lead()).unwrap().unwrap();
    say(runtime.block_on(store.claim(request(99))).unwrap().len().try_into().unwrap());
    sleep(LIMIT);
}

#[tokio::test]
async fn what_was_acknowledged_survives_a_kill() {
    let kills = std::env::var("COUNTERSIGN_TEST_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(KILLS);
    let place = Place::new();
    let mut acked = HashSet::new();
    for kill in 0..kills {
        let mut child = start("process_that_stores", &place.path(), u64::try_from(kill).unwrap() * 1_000_000);
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        // Between the first acknowledgement and some dozens later, and anywhere in a transaction.
        let after = kill * 7 % 41;
        acked.extend(lines.by_ref().filter_map(|line| said(&line)).take(after + 1));
        sleep(Duration::from_micros((kill * 977 % 5_000).try_into().unwrap()));
        child.kill().unwrap();
        child.wait().unwrap();
        acked.extend(lines.filter_map(|line| said(&line)));
    }
    let store = place.open();
    let rows = store.list(Filter::default(), usize::MAX).await.unwrap();
    let stored: HashSet<u64> = rows
        .iter()
        .map(|row| u64::from_be_bytes(row.sealed.columns().key.as_bytes()[..8].try_into().unwrap()))
        .collect();
    assert!(acked.len() >= kills, "{}", acked.len());
    assert_eq!(acked.difference(&stored).count(), 0, "of {} acknowledged", acked.len());
    assert_eq!(stored.len(), rows.len(), "each once");
    assert_eq!(number::<String>(&place.sql(), "PRAGMA integrity_check"), "ok");
    let bodies = "SELECT count(*) FROM countersign_inbox_body JOIN countersign_inbox USING (id)";
    assert_eq!(number::<i64>(&place.sql(), bodies), i64::try_from(rows.len()).unwrap());
}

#[tokio::test]
async fn the_work_of_a_process_that_is_killed_is_taken_over() {
    let place = Place::new();
    let store = place.open();
    for number in 1..=3 {
        super::store(&store, number).await;
    }
    let mut child = start("process_that_works", &place.path(), 0);
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    assert_eq!(lines.by_ref().find_map(|line| said(&line)), Some(3));
    assert!(store.lead().await.unwrap().is_none(), "the other process works");
    // It stores all the while.
    super::store(&store, 4).await;
    child.kill().unwrap();
    child.wait().unwrap();
    let end = Instant::now() + LIMIT;
    let lead = loop {
        if let Some(lead) = store.lead().await.unwrap() {
            break lead;
        }
        assert!(Instant::now() < end, "the lock of a dead process is held");
        sleep(Duration::from_millis(1));
    };
    assert!(lead.is_sole);
    let recovered = store.recover(Recovery::new(token(2), NOW, lead.is_sole, 3)).await.unwrap();
    assert_eq!((recovered.suspects, recovered.charged, recovered.dead), (3, 0, Vec::new()));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_that_store_at_once_lose_nothing() {
    let place = Place::new();
    let store = place.open();
    let mut child = start("process_that_stores", &place.path(), 1_000_000);
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let mut theirs: HashSet<u64> = lines.by_ref().filter_map(|line| said(&line)).take(1).collect();
    // Here no call may fail either: each waits for its turn.
    let mut calls = tokio::task::JoinSet::new();
    for sender in 0..8_u64 {
        let store = store.clone();
        calls.spawn(async move {
            for number in 0..40 {
                super::store(&store, sender * 40 + number).await;
            }
        });
    }
    calls.join_all().await;
    theirs.extend(lines.by_ref().filter_map(|line| said(&line)).take(20));
    child.kill().unwrap();
    child.wait().unwrap();
    theirs.extend(lines.filter_map(|line| said(&line)));
    assert!(theirs.len() > 20);
    let rows = store.list(Filter::default(), usize::MAX).await.unwrap();
    let stored: HashSet<u64> = rows
        .iter()
        .map(|row| u64::from_be_bytes(row.sealed.columns().key.as_bytes()[..8].try_into().unwrap()))
        .collect();
    assert!((0..320).chain(theirs).all(|number| stored.contains(&number)));
    assert_eq!(stored.len(), rows.len());
    assert_eq!(number::<String>(&place.sql(), "PRAGMA integrity_check"), "ok");
}
