//! Measures the inbox on Postgres, in one run and on one server: `cargo run --release` in this folder.
//!
//! It starts a server of its own in the folder for temporary files: set `TMPDIR` to one on the disk in question. Arguments:
//! the number of finished rows when claims are timed, and of those that wait (default: 200,000 and 10,000); and of `stored`,
//! `drain`, `pickup` and `claims`, which ones (default: all). On a machine that others use, compare only figures of one run.

mod claims;
mod life;
mod stored;

#[allow(dead_code, unreachable_pub, reason = "they are public in their own package")]
#[path = "../../../tests/support/ports.rs"]
mod ports;
#[allow(dead_code, unreachable_pub, reason = "they are public in their own package")]
#[path = "../../../tests/support/postgres.rs"]
mod support;

use std::time::{Duration, Instant};

use countersign_core::{Delivery, Secret, Verifier, provider::Provider, providers::Zeodyn, seal::SealKeys};
use countersign_inbox::{
    Inbox,
    postgres::{PostgresStore, Settings},
};
use support::Postgres;

#[tokio::main(worker_threads = 2)]
async fn main() {
    let mut numbers = std::env::args().skip(1).filter_map(|argument| argument.parse().ok());
    let (finished, waiting) = (numbers.next().unwrap_or(200_000), numbers.next().unwrap_or(10_000));
    let settings = ["shared_buffers=512MB", "max_wal_size=8GB", "dynamic_shared_memory_type=posix"];
    let server = Postgres::start_in(&std::env::temp_dir(), ports::free(), &settings);
    let url = server.url("postgres");
    let parts: Vec<String> = std::env::args().skip(1).filter(|argument| argument.parse::<i64>().is_err()).collect();
    let is_asked = |part: &str| parts.is_empty() || parts.iter().any(|asked| asked == part);
    if is_asked("stored") {
        stored::run(&url).await;
    }
    if is_asked("drain") {
        life::drain(&url).await;
    }
    if is_asked("pickup") {
        life::pickup(&url).await;
    }
    if is_asked("claims") {
        claims::run(&url, finished, waiting).await;
    }
}

/// An inbox in a schema of its own.
async fn store(url: &str, schema: &str) -> PostgresStore {
    let settings = Settings::default().with_schema(schema).with_max_open_rows(u64::MAX).with_max_bytes(u64::MAX);
    PostgresStore::connect(url, settings.with_deadline(Duration::from_secs(60))).await.unwrap()
}

fn inbox(store: PostgresStore) -> Inbox {
    let key = Secret::from_static("a key for all inboxes of this benchmark");
    Inbox::on_store(store, SealKeys::new(key).unwrap()).with_store_timeout(Duration::from_secs(60))
}

/// A verified delivery with a body of about 700 bytes.
fn delivery(number: u64) -> Delivery<Zeodyn> {
    let (url, more) = (format!("https://{number}.example"), "x".repeat(600));
    let body = format!(r#"{{"event":"score_change","url":"{url}","newScore":{number},"more":"{more}"}}"#);
    let proof = Zeodyn::SCHEME.sign(b"s3cr3t", body.as_str()).unwrap();
    let head = http::Request::post("/").header("x-zeodyn-signature", proof.value()).body(()).unwrap();
    Verifier::<Zeodyn>::new("s3cr3t").verify(&head, body).unwrap()
}

/// The median, and the 99th of a hundred, in milliseconds.
fn latency(times: &mut [Duration]) -> String {
    times.sort_unstable();
    let at = |percent: usize| times[(times.len() * percent / 100).min(times.len() - 1)].as_secs_f64() * 1e3;
    format!("p50 {:>6.1} ms, p99 {:>6.1} ms", at(50), at(99))
}

async fn time(what: &str, times: u32, mut call: impl AsyncFnMut()) {
    let mut all = Vec::new();
    for _ in 0..times {
        let start = Instant::now();
        call().await;
        all.push(start.elapsed());
    }
    println!("    {what:<34} {}", latency(&mut all));
}
