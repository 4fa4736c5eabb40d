//! Measures an inbox on SQLite against the disk's own speed.
//!
//! `cargo bench -p countersign-inbox --bench inbox` prints a report. `-- 2000000` sets how many rows there are when claims
//! and stores are timed on a large file (default: 100,000). It uses the folder for temporary files: set `TMPDIR` to one on
//! the disk in question. On a disk that others use, compare only figures of one run.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::arithmetic_side_effects, clippy::indexing_slicing)]

use std::{
    fs::File,
    io::Write,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use countersign_core::{Verifier, dedupe::LeaseToken, provider::Provider, providers::Zeodyn, seal::SealedColumns};
use countersign_inbox::{
    Inbox, Received,
    sqlite::{Settings, SqliteStore},
    store::{ClaimRequest, Filter, Incoming, Intake, Ledger, Purge, Queue, Retention, Settled},
};
use tempfile::TempDir;
use tokio::{runtime::Runtime, task::JoinSet};

const BODY: usize = 700;
const ROUND: Duration = Duration::from_secs(3);
const NOW: i64 = 1_800_000_000_000;

fn main() {
    let rows = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(100_000);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    memory(&runtime);
    println!("bodies of {BODY} bytes; rounds of {} s; p50 and p99 of the time to an answer", ROUND.as_secs());
    for senders in [1, 16, 64] {
        let disk = disk();
        let (rate, line) = runtime.block_on(stored(senders));
        // Others use it, too: its speed may have changed meanwhile.
        let disk = (disk + self::disk()) / 2.0;
        println!("stored, {senders:>2} senders: {line}; {:.1} x append + fdatasync at {disk:.0}/s", rate / disk);
    }
    runtime.block_on(whole_life());
    runtime.block_on(pickup());
    large(&runtime, rows);
}

/// How often a second this disk appends a body and makes it durable, one after the other.
fn disk() -> f64 {
    let folder = tempfile::tempdir().unwrap();
    let mut file = File::create(folder.path().join("raw")).unwrap();
    let (start, mut count) = (Instant::now(), 0_u32);
    while start.elapsed() < ROUND / 2 {
        file.write_all(&[b'x'; BODY]).unwrap();
        file.sync_data().unwrap();
        count += 1;
    }
    f64::from(count) / start.elapsed().as_secs_f64()
}

async fn stored(senders: u64) -> (f64, String) {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder);
    let numbers = Arc::new(AtomicU64::new(0));
    let mut tasks = JoinSet::new();
    let start = Instant::now();
    for _ in 0..senders {
        tasks.spawn(send(store.clone(), Arc::clone(&numbers), start + ROUND));
    }
    let times: Vec<Duration> = tasks.join_all().await.into_iter().flatten().collect();
    report(times, start.elapsed())
}

async fn send(store: SqliteStore, numbers: Arc<AtomicU64>, end: Instant) -> Vec<Duration> {
    let mut times = Vec::new();
    while Instant::now() < end {
        let start = Instant::now();
        store.store(delivery(numbers.fetch_add(1, Ordering::Relaxed))).await.unwrap();
        times.push(start.elapsed());
    }
    times
}

/// 16 senders, and a worker that claims up to 64 and settles each one by itself.
async fn whole_life() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder);
    let numbers = Arc::new(AtomicU64::new(0));
    let start = Instant::now();
    let mut senders = JoinSet::new();
    for _ in 0..16 {
        senders.spawn(send(store.clone(), Arc::clone(&numbers), start + ROUND));
    }
    let (mut settling, mut handled) = (JoinSet::new(), 0_u32);
    loop {
        while settling.try_join_next().is_some() {
            handled += 1;
        }
        let claimed =
            if settling.len() < 64 { store.claim(request(64 - settling.len())).await.unwrap() } else { Vec::new() };
        if claimed.is_empty() {
            match settling.join_next().await {
                Some(_) => handled += 1,
                None if start.elapsed() > ROUND => break,
                None => tokio::task::yield_now().await,
            }
        }
        for claimed in claimed {
            let store = store.clone();
            settling.spawn(async move {
                store.settle(claimed.claim, Settled::Done { now: NOW, keep_body_until: None }).await.unwrap();
            });
        }
    }
    let elapsed = start.elapsed();
    let times = senders.join_all().await.into_iter().flatten().collect();
    println!("stored, claimed, done, 16 senders: {}", report(times, ROUND).1);
    println!("    handled {:.0}/s", f64::from(handled) / elapsed.as_secs_f64());
}

/// From the answer to the handler's first line: verified deliveries, one by one, through an inbox and its worker.
async fn pickup() {
    let folder = tempfile::tempdir().unwrap();
    let (begun, mut begins) = tokio::sync::mpsc::unbounded_channel();
    let inbox = Inbox::open(folder.path().join("inbox.db")).await.unwrap().on(move |_: Received<Zeodyn>| {
        begun.send(Instant::now()).unwrap();
        std::future::ready(())
    });
    let store = inbox.store::<Zeodyn>();
    let worker = tokio::spawn(async move { inbox.run(std::future::pending()).await });
    let mut times = Vec::new();
    for number in 0..2_000 {
        let body = format!(r#"{{"event":"scan_complete","scanId":"{number}"}}"#);
        let proof = Zeodyn::SCHEME.sign(b"s3cr3t", body.as_str()).unwrap();
        let head = http::Request::post("/").header("x-zeodyn-signature", proof.value()).body(()).unwrap();
        let delivery = Verifier::<Zeodyn>::new("s3cr3t").verify(&head, body).unwrap();
        store.accept(&delivery).await.unwrap();
        let answered = Instant::now();
        times.push(begins.recv().await.unwrap().saturating_duration_since(answered));
    }
    worker.abort();
    println!("from the answer to the handler: {}", latency(times));
}

fn memory(runtime: &Runtime) {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder);
    let before = resident();
    fill(&folder.path().join("inbox.db"), 100_000);
    let token = runtime.block_on(async {
        store.waiting().await.unwrap();
        store.counts(Filter::default()).await.unwrap();
        store.claim(request(64)).await.unwrap()
    });
    println!("memory: {:+.1} MB with 100,000 that wait, and {} claimed", resident() - before, token.len());
}

fn large(runtime: &Runtime, rows: u64) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("inbox.db");
    drop(open(&folder));
    fill(&path, rows);
    let store =
        SqliteStore::open(&path, Settings::default().with_max_open_rows(u64::MAX).with_max_bytes(u64::MAX)).unwrap();
    println!(
        "with {rows} rows that wait, of 1,000 tenants ({} MB):",
        std::fs::metadata(&path).unwrap().len() / 1_000_000
    );
    runtime.block_on(async {
        let mut fair = request(32);
        fair.is_fair = true;
        let mut other = request(9);
        other.providers = vec![("other".into(), 9)];
        let mut of = Filter::default();
        of.tenant = Some("tenant 7".into());
        let mut next = u64::MAX;
        let mut next = || {
            next -= 1;
            next
        };
        time("store", 200, async || _ = store.store(delivery(next())).await.unwrap()).await;
        time("claim 32", 200, async || assert_eq!(store.claim(request(32)).await.unwrap().len(), 32)).await;
        time("claim 32, tenants in turn", 50, async || assert_eq!(store.claim(fair.clone()).await.unwrap().len(), 32))
            .await;
        time("claim of nothing", 200, async || {
            assert!(store.claim(other.clone()).await.unwrap().is_empty());
        })
        .await;
        time("what waits", 200, async || _ = store.waiting().await.unwrap()).await;
        time("counts", 20, async || _ = store.counts(Filter::default()).await.unwrap()).await;
        time("counts of a tenant", 3, async || _ = store.counts(of.clone()).await.unwrap()).await;
        time("list the last 50", 20, async || drop(store.list(Filter::default(), 50).await.unwrap())).await;
        time("sweep of nothing", 20, async || _ = store.sweep(NOW, Retention::default()).await.unwrap()).await;
        time("purge of a tenant", 1, async || _ = store.purge(of.clone(), Purge::Rows).await.unwrap()).await;
    });
}

async fn time(what: &str, times: u32, mut call: impl AsyncFnMut()) {
    let mut all = Vec::new();
    for _ in 0..times {
        let start = Instant::now();
        call().await;
        all.push(start.elapsed());
    }
    all.sort_unstable();
    let (p50, most) = (all[all.len() / 2], all[all.len() - 1]);
    println!("    {what:<26} p50 {:>8.2} ms, max {:>8.2} ms", p50.as_secs_f64() * 1e3, most.as_secs_f64() * 1e3);
}

fn open(folder: &TempDir) -> SqliteStore {
    SqliteStore::open(folder.path().join("inbox.db"), Settings::default()).unwrap()
}

/// Writes rows that wait, as they would have been stored.
fn fill(path: &Path, rows: u64) {
    let mut connection = rusqlite::Connection::open(path).unwrap();
    let transaction = connection.transaction().unwrap();
    {
        let mut row = transaction
            .prepare(
                "INSERT INTO countersign_inbox (key, provider, tenant, event, resource, received_at, meta, seal, bytes,
                 state, due_at, keep_until) VALUES (randomblob(32), 'stripe', ?1, 'charge.succeeded', ?2, ?3,
                 randomblob(250), randomblob(36), ?4, 0, ?3, ?3)",
            )
            .unwrap();
        let mut body =
            transaction.prepare("INSERT INTO countersign_inbox_body (id, body) VALUES (?1, zeroblob(?2))").unwrap();
        for number in 1..=rows {
            let number = i64::try_from(number).unwrap();
            let tenant = format!("tenant {}", number % 1_000);
            let resource = format!("cus_{}", number % 100_000);
            row.execute(rusqlite::params![tenant, resource, NOW - 1_000_000 + number / 3, BODY as i64]).unwrap();
            body.execute(rusqlite::params![transaction.last_insert_rowid(), BODY as i64]).unwrap();
        }
    }
    transaction.commit().unwrap();
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
}

fn delivery(number: u64) -> Incoming {
    let mut key = [0; 32];
    for (part, bytes) in key.chunks_exact_mut(8).enumerate() {
        let mixed = number.wrapping_mul(4).wrapping_add(part as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        bytes.copy_from_slice(&(mixed ^ mixed >> 29).to_be_bytes());
    }
    let columns = SealedColumns {
        key: key.into(),
        provider: "stripe".into(),
        tenant: None,
        event: "charge.succeeded".into(),
        resource: Some(format!("ch_{number}")),
        received_at: NOW,
        body: Some(vec![b'x'; BODY].into()),
        confirmed: None,
        meta: vec![b'm'; 250].into(),
        seal: vec![b's'; 36].into(),
    };
    Incoming::new(columns.into(), NOW)
}

fn request(at_most: usize) -> ClaimRequest {
    let mut request = ClaimRequest::new(LeaseToken::from([1; 16]), NOW, Duration::from_secs(60), at_most);
    request.providers = vec![("stripe".into(), usize::MAX)];
    request
}

fn report(times: Vec<Duration>, elapsed: Duration) -> (f64, String) {
    let rate = times.len() as f64 / elapsed.as_secs_f64();
    (rate, format!("{rate:.0}/s, {}", latency(times)))
}

fn latency(mut times: Vec<Duration>) -> String {
    times.sort_unstable();
    let at = |percent: usize| times[(times.len() * percent / 100).min(times.len() - 1)].as_secs_f64() * 1e3;
    format!("p50 {:.1} ms, p99 {:.1} ms", at(50), at(99))
}

/// The resident memory of this process in MB; 0 where that is not known.
fn resident() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or("0");
    line.split_whitespace().next().and_then(|kib| kib.parse::<f64>().ok()).unwrap_or_default() * 1024.0 / 1e6
}
