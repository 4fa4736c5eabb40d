//! Stored deliveries per second: the inbox, a plain INSERT for each over a pool of as many connections, and
//! graphile_worker's `add_job`.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use countersign_core::providers::Zeodyn;
use countersign_inbox::Store;
use deadpool_postgres::{Manager, Pool};
use graphile_worker::{JobSpec, WorkerUtils};
use sqlx::postgres::PgPoolOptions;
use tokio::task::JoinSet;
use tokio_postgres::NoTls;

use crate::{delivery, inbox, latency, store};

const ROUND: Duration = Duration::from_secs(3);
const ROUNDS: usize = 3;
/// As many as the store has by default.
const CONNECTIONS: usize = 8;

/// What one would write without an inbox: the same columns in one table, with the same key.
const TABLE: &str = "CREATE TABLE plain (id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, key BYTEA NOT NULL UNIQUE,
    provider TEXT NOT NULL, event TEXT NOT NULL, resource TEXT, received_at BIGINT NOT NULL, body BYTEA NOT NULL,
    state SMALLINT NOT NULL DEFAULT 0, due_at BIGINT NOT NULL);
    CREATE INDEX plain_due ON plain (due_at, id) WHERE state = 0";
const INSERT: &str = "INSERT INTO plain (key, provider, event, resource, received_at, body, due_at)
    VALUES ($1, 'zeodyn', 'score_change', $2, $3, $4, $3) ON CONFLICT (key) DO NOTHING";

#[derive(Clone)]
enum Contender {
    Inbox(Store<Zeodyn>),
    Plain(Pool),
    Graphile(Arc<WorkerUtils>),
}

impl Contender {
    async fn store(&self, number: u64) {
        let delivery = delivery(number);
        match self {
            Self::Inbox(store) => drop(store.accept(&delivery).await.unwrap()),
            Self::Plain(pool) => {
                let client = pool.get().await.unwrap();
                let key = delivery.key("", "").unwrap();
                let insert = client.prepare_cached(INSERT).await.unwrap();
                let (key, number) = (&key.as_bytes()[..], i64::try_from(number).unwrap());
                client
                    .execute(&insert, &[&key, &delivery.resource_id(), &number, &&delivery.body()[..]])
                    .await
                    .unwrap();
            }
            Self::Graphile(utils) => {
                let key = delivery.key("", "").unwrap();
                let key: String = key.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
                let payload: serde_json::Value = serde_json::from_slice(delivery.body()).unwrap();
                let spec = JobSpec { job_key: Some(key), ..JobSpec::default() };
                utils.add_raw_job("handle", payload, spec).await.unwrap();
            }
        }
    }
}

pub(crate) async fn run(url: &str) {
    let pool = Pool::builder(Manager::new(url.parse().unwrap(), NoTls)).max_size(CONNECTIONS).build().unwrap();
    pool.get().await.unwrap().batch_execute(TABLE).await.unwrap();
    let connections = u32::try_from(CONNECTIONS).unwrap();
    let sqlx =
        PgPoolOptions::new().max_connections(connections).min_connections(connections).connect(url).await.unwrap();
    let graphile = WorkerUtils::new(sqlx, "graphile_worker");
    graphile.migrate().await.unwrap();
    let contenders = [
        ("inbox", Contender::Inbox(inbox(store(url, "stored").await).store())),
        ("plain INSERT", Contender::Plain(pool)),
        ("graphile_worker add_job", Contender::Graphile(Arc::new(graphile))),
    ];
    println!("stored, bodies of 700 bytes, medians of {ROUNDS} rounds of {} s:", ROUND.as_secs());
    let numbers = Arc::new(AtomicU64::new(0));
    for senders in [1, 16, 64] {
        let mut rates = contenders.each_ref().map(|_| Vec::new());
        let mut times = contenders.each_ref().map(|_| Vec::new());
        for _ in 0..ROUNDS {
            for (contender, (_, store)) in contenders.iter().enumerate() {
                let (start, mut tasks) = (Instant::now(), JoinSet::new());
                for _ in 0..senders {
                    tasks.spawn(send(store.clone(), Arc::clone(&numbers), start + ROUND));
                }
                let all: Vec<Duration> = tasks.join_all().await.into_iter().flatten().collect();
                rates[contender].push(all.len() as f64 / start.elapsed().as_secs_f64());
                times[contender].extend(all);
            }
        }
        for (contender, (name, _)) in contenders.iter().enumerate() {
            rates[contender].sort_by(f64::total_cmp);
            let rate = rates[contender][ROUNDS / 2];
            println!("    {senders:>2} senders, {name:<24} {rate:>6.0}/s, {}", latency(&mut times[contender]));
        }
    }
}

async fn send(store: Contender, numbers: Arc<AtomicU64>, end: Instant) -> Vec<Duration> {
    let mut times = Vec::new();
    while Instant::now() < end {
        let start = Instant::now();
        store.store(numbers.fetch_add(1, Relaxed)).await;
        times.push(start.elapsed());
    }
    times
}
