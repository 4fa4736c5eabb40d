//! A server that is killed, stopped and started again.

use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use countersign_core::dedupe::LeaseState;
use tokio::{task::JoinSet, time::sleep};
use tokio_postgres::NoTls;

use super::{NOW, PostgresStore, Settings, incoming, ports, request, sql, support::Postgres, token, until};
use crate::store::{ClaimRequest, Filter, Intake, Ledger, Queue, Settled, Stored};

/// How often the server is killed, at least; `COUNTERSIGN_TEST_KILLS` raises it.
const KILLS: u64 = 4;

/// How often more until the control has lost something.
const MORE: u64 = 40;

/// Senders, and what was acknowledged to them.
struct Load {
    tasks: JoinSet<()>,
    acknowledged: Acknowledged,
    plain: Acknowledged,
    stop: Arc<AtomicBool>,
}

type Acknowledged = Arc<Mutex<BTreeSet<u64>>>;

impl Load {
    /// Begins with this number. The control is a plain INSERT at `url`, as the role has it.
    fn begin(store: &PostgresStore, url: String, first: u64) -> Self {
        let (mut tasks, acknowledged, stop) = (JoinSet::new(), Acknowledged::default(), Arc::default());
        let next = Arc::new(AtomicU64::new(first));
        for _ in 0..16 {
            let (store, acknowledged, next, stop): (_, _, _, Arc<AtomicBool>) =
                (store.clone(), Arc::clone(&acknowledged), Arc::clone(&next), Arc::clone(&stop));
            tasks.spawn(async move {
                while !stop.load(Relaxed) {
                    let number = next.fetch_add(1, Relaxed);
                    match store.store(incoming(number)).await {
                        Ok(stored) => {
                            assert_eq!(stored, Stored::New);
                            acknowledged.lock().unwrap().insert(number);
                        }
                        Err(_) => sleep(Duration::from_millis(5)).await,
                    }
                }
            });
        }
        let plain = Acknowledged::default();
        tasks.spawn(insert_plainly(url, first, Arc::clone(&plain), Arc::clone(&stop)));
        Self { tasks, acknowledged, plain, stop }
    }

    fn count(&self) -> usize {
        self.acknowledged.lock().unwrap().len()
    }

    /// What was acknowledged, and what the control was told.
    async fn end(self) -> [BTreeSet<u64>; 2] {
        self.stop.store(true, Relaxed);
        self.tasks.join_all().await;
        [self.acknowledged, self.plain].map(|numbers| std::mem::take(&mut *numbers.lock().unwrap()))
    }
}

async fn insert_plainly(url: String, first: u64, acknowledged: Acknowledged, stop: Arc<AtomicBool>) {
    let mut next = i64::try_from(first).unwrap();
    while !stop.load(Relaxed) {
        let Ok((client, connection)) = tokio_postgres::connect(&url, NoTls).await else {
            sleep(Duration::from_millis(5)).await;
            continue;
        };
        tokio::spawn(connection);
        let Ok(insert) = client.prepare("INSERT INTO plain VALUES ($1)").await else { continue };
        while !stop.load(Relaxed) {
            next += 1;
            if client.execute(&insert, &[&next]).await.is_err() {
                break;
            }
            acknowledged.lock().unwrap().insert(next.unsigned_abs());
        }
    }
}

/// The numbers that the server has: the store's, and the control's.
async fn stored(server: &Postgres) -> [BTreeSet<u64>; 2] {
    let client = sql(&server.url("postgres")).await;
    let keys = client.query("SELECT key FROM countersign_inbox", &[]).await.unwrap();
    let number = |key: &[u8]| u64::from_be_bytes(key[..8].try_into().unwrap());
    let plain = client.query("SELECT n FROM plain", &[]).await.unwrap();
    [
        keys.iter().map(|row| number(row.get(0))).collect(),
        plain.iter().map(|row| row.get::<_, i64>(0).unsigned_abs()).collect(),
    ]
}

/// The server is killed with all of its processes, so that what was not written yet is gone. Its role asks for what
/// loses, and the control beside the store shows that it does.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_acknowledged_is_lost_when_the_server_is_killed_or_stopped_and_all_goes_on_by_itself() {
    let kills = std::env::var("COUNTERSIGN_TEST_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(KILLS);
    // Only what somebody waits for is written: the control loses what it did since then.
    let server = Postgres::start(ports::free(), &["wal_writer_delay=10s", "wal_writer_flush_after=1GB"]);
    let url = server.url("postgres");
    let admin = sql(&url).await;
    admin
        .batch_execute("CREATE TABLE plain (n BIGINT); ALTER ROLE postgres SET synchronous_commit = off")
        .await
        .unwrap();
    let settings = || Settings::default().with_deadline(Duration::from_secs(30));
    let stores = [
        PostgresStore::connect(&url, settings()).await.unwrap(),
        PostgresStore::connect(&url, settings()).await.unwrap(),
    ];
    let heard = Arc::new(AtomicU64::new(0));
    let hears = Arc::clone(&heard);
    stores[1].watch(Box::new(move || {
        hears.fetch_add(1, Relaxed);
    }));
    let (mut acknowledged, mut control, mut control_lost) = (0, 0, 0);
    let mut round = 0;
    while round < kills + 1 || control_lost == 0 {
        assert!(round < kills + MORE, "the control loses nothing, so that the trial shows nothing");
        let load = Load::begin(&stores[0], url.clone(), round * 1_000_000);
        until(async || load.count() > 50).await;
        sleep(Duration::from_micros(round * 977 % 5_000)).await;
        match round {
            // It is away for a while.
            0 => {
                server.stop("INT");
                sleep(Duration::from_millis(1_500)).await;
            }
            // It hangs, as a machine that swaps does, and is killed then.
            1 => {
                server.signal_all("STOP");
                sleep(Duration::from_millis(300)).await;
                server.stop("KILL");
            }
            _ => server.stop("KILL"),
        }
        server.restart();
        // What was answered before it was gone is counted: from now on it is stored again.
        let before = load.count();
        until(async || load.count() > before + 50).await;
        let [ours, plain] = load.end().await;
        let [stored, in_plain] = stored(&server).await;
        let lost: Vec<_> = ours.difference(&stored).collect();
        assert!(lost.is_empty(), "round {round}: lost {lost:?}");
        (acknowledged, control) = (acknowledged + ours.len(), control + plain.len());
        control_lost += plain.difference(&in_plain).count();
        round += 1;
    }
    println!(
        "{} kills: {acknowledged} acknowledged, 0 lost; a plain INSERT of the role: {control} acknowledged, {control_lost} \
         lost",
        round - 1
    );
    // The other store was told of it, and works as well.
    let before = heard.load(Relaxed);
    until(async || {
        stores[0].store(incoming(u64::MAX - heard.load(Relaxed))).await.unwrap();
        heard.load(Relaxed) > before
    })
    .await;
    let claimed = stores[1].claim(ClaimRequest { token: token(2), ..request(10) }).await.unwrap();
    assert_eq!(claimed.len(), 10);
    for claimed in claimed {
        let done = Settled::Done { now: NOW, keep_body_until: None };
        assert_eq!(stores[1].settle(claimed.claim, done).await.unwrap(), LeaseState::Held);
    }
    assert_eq!(stores[0].counts(Filter::default()).await.unwrap().done, 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_away_is_an_error_at_once_and_one_that_hangs_when_the_time_is_over() {
    let server = Postgres::start(ports::free(), &[]);
    let settings = Settings::default().with_deadline(Duration::from_millis(1_000));
    let one = PostgresStore::connect(&server.url("postgres"), settings).await.unwrap();
    until(async || one.store(incoming(1)).await.is_ok()).await;
    let kind = crate::error::StoreErrorKind::Unavailable;
    server.signal_all("STOP");
    super::says(one.store(incoming(2)).await, kind, "the inbox's server did not answer in time");
    super::says(one.claim(request(1)).await, kind, "the inbox's server did not answer in time");
    server.signal_all("CONT");
    until(async || one.claim(request(1)).await.is_ok()).await;
    server.stop("KILL");
    let text = "the inbox's server cannot be reached: start it, and the inbox goes on by itself";
    super::says(one.store(incoming(2)).await, kind, text);
    super::says(one.claim(request(1)).await, kind, text);
    super::says(one.list(Filter::default(), 1).await, kind, text);
    server.restart();
    until(async || one.store(incoming(2)).await.is_ok()).await;
    // Somebody holds what it needs.
    let holder = sql(&server.url("postgres")).await;
    holder.batch_execute("BEGIN; LOCK countersign_inbox").await.unwrap();
    let Err(error) = one.store(incoming(3)).await else { panic!("it is locked") };
    let texts = [
        "the inbox's server did not answer in time",
        "the inbox's server did not get to it in time: find out what keeps it busy, and the inbox goes on by itself",
    ];
    assert!(texts.contains(&error.to_string().as_str()), "{error:?}");
    holder.batch_execute("COMMIT").await.unwrap();
    until(async || one.store(incoming(3)).await.is_ok()).await;
}

/// A failover: the server becomes a standby which lacks what was stored last, and is promoted then.
#[tokio::test(flavor = "multi_thread")]
async fn a_standby_takes_nothing_until_it_is_promoted_and_what_it_lacks_is_stored_again() {
    let server = Postgres::start(ports::free(), &[]);
    let (url, data, older) = (server.url("postgres"), server.folder.join("data"), server.folder.join("older"));
    let settings = || Settings::default().with_deadline(Duration::from_secs(10));
    let one = PostgresStore::connect(&url, settings()).await.unwrap();
    super::store(&one, 1).await;
    let kept = one.claim(request(1)).await.unwrap().remove(0).claim;
    server.stop("INT");
    let copied = std::process::Command::new("cp").arg("-a").args([&data, &older]).status().unwrap();
    assert!(copied.success());
    server.restart();
    until(async || one.store(incoming(2)).await.is_ok()).await;
    let lacking = one.claim(ClaimRequest { token: token(2), ..request(1) }).await.unwrap().remove(0).claim;
    server.stop("INT");
    std::fs::remove_dir_all(&data).unwrap();
    std::fs::rename(&older, &data).unwrap();
    std::fs::write(data.join("standby.signal"), "").unwrap();
    server.restart();
    let (kind, text) =
        (crate::error::StoreErrorKind::Unavailable, "the inbox's server only reads: connect to the primary");
    super::says(one.store(incoming(2)).await, kind, text);
    super::says(one.claim(request(1)).await, kind, text);
    super::says(PostgresStore::connect(&url, settings()).await, kind, text);
    sql(&url).await.batch_execute("SELECT pg_promote()").await.unwrap();
    until(async || one.store(incoming(3)).await.is_ok()).await;
    assert_eq!(super::store(&one, 2).await, Stored::New);
    let done = || Settled::Done { now: NOW, keep_body_until: None };
    assert_eq!(one.settle(lacking, done()).await.unwrap(), LeaseState::Lost);
    assert_eq!(one.settle(kept, done()).await.unwrap(), LeaseState::Held);
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_hang_are_replaced() {
    let server = Postgres::start(ports::free(), &[]);
    let settings = Settings::default().with_deadline(Duration::from_millis(1_000));
    let one = PostgresStore::connect(&server.url("postgres"), settings).await.unwrap();
    until(async || one.store(incoming(1)).await.is_ok()).await;
    let admin = sql(&server.url("postgres")).await;
    let pids = "SELECT pid::text FROM pg_stat_activity WHERE application_name = 'countersign-inbox'";
    let pids: Vec<String> = admin.query(pids, &[]).await.unwrap().iter().map(|row| row.get(0)).collect();
    let signal = |signal: &str| std::process::Command::new("kill").arg(signal).args(&pids).status().unwrap();
    assert!(!pids.is_empty() && signal("-STOP").success());
    until(async || one.store(incoming(2)).await.is_ok()).await;
    until(async || one.claim(request(2)).await.is_ok_and(|claimed| !claimed.is_empty())).await;
    signal("-CONT");
    until(async || one.store(incoming(3)).await.is_ok()).await;
    assert_eq!(one.counts(Filter::default()).await.unwrap().ready, 1);
}

/// A server that waits for a standby does not notice that nobody waits for it any more.
#[tokio::test(flavor = "multi_thread")]
async fn no_more_connections_than_the_pool_has_wait_for_a_standby() {
    let server = Postgres::start(ports::free(), &[]);
    let settings = Settings::default().with_deadline(Duration::from_millis(500)).with_connections(3);
    let store = PostgresStore::connect(&server.url("postgres"), settings).await.unwrap();
    let admin = sql(&server.url("postgres")).await;
    for statement in ["ALTER SYSTEM SET synchronous_standby_names = 'gone'", "SELECT pg_reload_conf()"] {
        admin.batch_execute(statement).await.unwrap();
    }
    let waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
    for number in 0..12 {
        // The first ones may be stored: the setting is read a moment later.
        let _ = store.store(incoming(number)).await;
        assert!(super::number(&admin, waiting).await <= 3);
    }
    assert!(super::number(&admin, waiting).await > 0);
    for statement in ["ALTER SYSTEM RESET synchronous_standby_names", "SELECT pg_reload_conf()"] {
        admin.batch_execute(statement).await.unwrap();
    }
    until(async || store.store(incoming(100)).await.is_ok()).await;
}

/// Then Postgres says that it is committed, with a warning.
#[tokio::test(flavor = "multi_thread")]
async fn i1_a_wait_for_a_standby_that_somebody_cancels_is_not_an_acknowledgement() {
    let server = Postgres::start(ports::free(), &[]);
    let store = PostgresStore::connect(&server.url("postgres"), Settings::default()).await.unwrap();
    let admin = sql(&server.url("postgres")).await;
    for statement in ["ALTER SYSTEM SET synchronous_standby_names = 'gone'", "SELECT pg_reload_conf()"] {
        admin.batch_execute(statement).await.unwrap();
    }
    let waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
    let mut numbers = 0..;
    let mut stored = loop {
        let (store, number) = (store.clone(), numbers.next().unwrap());
        let stored = tokio::spawn(async move { store.store(incoming(number)).await });
        // The setting is read a moment later: the first ones are stored.
        until(async || stored.is_finished() || super::number(&admin, waiting).await > 0).await;
        if !stored.is_finished() {
            break stored;
        }
    };
    let cancel = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
    until(async || {
        admin.batch_execute(cancel).await.unwrap();
        stored.is_finished()
    })
    .await;
    assert!((&mut stored).await.unwrap().is_err());
}
