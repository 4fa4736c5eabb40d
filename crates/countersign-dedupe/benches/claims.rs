//! Measures the cost of handling a delivery once: time and memory in this process, time and round trips on Redis.
//!
//! `cargo bench -p countersign-dedupe --bench claims --features redis` prints a report. Medians over rounds; on a machine
//! that others use, they move by some 20 %. The target: claim and commit in memory <= 1.5 us, on Redis <= 2 round trips.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::arithmetic_side_effects, clippy::indexing_slicing)]

use std::{
    future::{Future, pending, ready},
    pin::pin,
    task::{Context, Poll, Waker},
    time::{Duration, Instant},
};

use allocation_counter::measure;
use countersign_core::{
    Delivery, Verifier,
    dedupe::{Admission, Claim, ClaimStore, Dedupe, DeliveryKey, LeaseState, LeaseToken, Outcome},
    providers::ScreenshotRun,
};
use countersign_dedupe::MemoryStore;

const ROUNDS: usize = 21;
const CALLS: u64 = 20_000;
const LEASE: Duration = Duration::from_secs(10);
const RETENTION: Duration = Duration::from_secs(24 * 60 * 60);

fn main() {
    let store = MemoryStore::with_capacity(CALLS as usize * ROUNDS * 4);
    let keys = Numbers::default();
    report("memory: claim + commit, only the store", ROUNDS, CALLS, || {
        at_once(claim_and_commit(&store, keys.key()));
    });
    let key = keys.key();
    at_once(claim_and_commit(&store, key));
    report("memory: claim of a handled delivery", ROUNDS, CALLS, || {
        assert_eq!(at_once(store.claim(key, LeaseToken::unique(), LEASE)).unwrap(), Claim::Done);
    });
    let full = MemoryStore::with_capacity(CALLS as usize);
    report("memory: claim + commit, in a full store", ROUNDS, CALLS, || {
        at_once(claim_and_commit(&full, keys.key()));
    });

    let dedupe = Dedupe::new(MemoryStore::with_capacity(CALLS as usize * 4));
    let deliveries: Vec<_> = (0..CALLS).map(delivery).collect();
    let no_timer = |deliveries: &[Delivery<ScreenshotRun>], dedupe: &Dedupe| {
        for delivery in deliveries {
            at_once(admit_and_hold(dedupe, delivery, |_| pending()));
        }
    };
    let mut medians = Vec::new();
    for round in 0..ROUNDS {
        // Another namespace, so that none of them is a duplicate.
        let dedupe = dedupe.clone().with_namespace(round.to_string());
        let start = Instant::now();
        no_timer(&deliveries, &dedupe);
        medians.push(start.elapsed().as_nanos() as f64 / CALLS as f64);
    }
    print_line("memory: admit + hold of a ready handler", &mut medians);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let mut medians = Vec::new();
    for round in 0..ROUNDS {
        let dedupe = dedupe.clone().with_namespace(format!("timed {round}"));
        let start = Instant::now();
        runtime.block_on(async {
            for delivery in &deliveries {
                admit_and_hold(&dedupe, delivery, tokio::time::sleep).await;
            }
        });
        medians.push(start.elapsed().as_nanos() as f64 / CALLS as f64);
    }
    print_line("memory: the same with tokio's timer", &mut medians);
    report("(of which) the delivery's key", ROUNDS, CALLS, || {
        std::hint::black_box(dedupe.key(&deliveries[0]));
    });

    memory_of_each();
    #[cfg(feature = "redis")]
    on_redis::report();
    #[cfg(not(feature = "redis"))]
    println!("on Redis: not asked for (--features redis)");
}

/// What one remembered delivery takes, and what a million take where there is room for a tenth of them.
fn memory_of_each() {
    let keys = Numbers::default();
    let store = MemoryStore::new();
    let capacity = 100_000;
    let full = measure(|| {
        for _ in 0..capacity {
            at_once(claim_and_commit(&store, keys.key()));
        }
        assert_eq!(store.evicted(), 0);
    });
    let more = measure(|| {
        for _ in 0..capacity * 9 {
            at_once(claim_and_commit(&store, keys.key()));
        }
        assert!(store.evicted() > 0);
    });
    println!("memory: {} bytes for each delivery that is remembered", full.bytes_current / capacity);
    println!(
        "memory: {:.1} MB when it is full, {:+.1} MB after 10 times as many",
        full.bytes_current as f64 / 1e6,
        more.bytes_current as f64 / 1e6
    );
}

fn delivery(number: u64) -> Delivery<ScreenshotRun> {
    let head = http::Request::post("/?token=t0ken").body(()).unwrap();
    let body =
        format!(r#"{{"event":"screenshot.completed","data":{{"id":"{number:08}-e5f6-7890-abcd-ef1234567890"}}}}"#);
    Verifier::<ScreenshotRun>::new("t0ken").verify(&head, body).unwrap()
}

async fn claim_and_commit(store: &impl ClaimStore, key: DeliveryKey) {
    let token = LeaseToken::unique();
    assert_eq!(store.claim(key, token, LEASE).await.unwrap(), Claim::New);
    assert_eq!(store.commit(key, token, RETENTION).await.unwrap(), LeaseState::Held);
}

async fn admit_and_hold<S: Future<Output = ()>>(
    dedupe: &Dedupe,
    delivery: &Delivery<ScreenshotRun>,
    sleep: impl Fn(Duration) -> S + Copy,
) {
    let Admission::Claimed(lease) = dedupe.admit(delivery, sleep).await else { unreachable!("it is new") };
    lease.hold(ready(()), |()| Outcome::Done, sleep).await.unwrap();
}

/// Runs what never waits.
fn at_once<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => unreachable!("it never waits"),
    }
}

/// Keys that differ as hashes do.
#[derive(Default)]
struct Numbers(std::cell::Cell<u64>);

impl Numbers {
    fn key(&self) -> DeliveryKey {
        let number = self.0.get() + 1;
        self.0.set(number);
        let mut bytes = [0; 32];
        for (part, bytes) in bytes.chunks_exact_mut(8).enumerate() {
            let mixed = (number * 4 + part as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            bytes.copy_from_slice(&(mixed ^ mixed >> 29).to_be_bytes());
        }
        bytes.into()
    }
}

fn report(what: &str, rounds: usize, calls: u64, mut call: impl FnMut()) {
    let mut times = Vec::new();
    for _ in 0..rounds {
        let start = Instant::now();
        (0..calls).for_each(|_| call());
        times.push(start.elapsed().as_nanos() as f64 / calls as f64);
    }
    print_line(what, &mut times);
}

fn print_line(what: &str, times: &mut [f64]) {
    times.sort_by(f64::total_cmp);
    let (median, best) = (times[times.len() / 2], times[0]);
    println!("{what:<52} {median:>9.0} ns   (best {best:.0})");
}

#[cfg(feature = "redis")]
mod on_redis {
    //! On a private Redis on this machine.

    use std::error::Error;

    use countersign_dedupe::RedisStore;
    use redis_test::server::RedisServer;

    use super::*;

    pub(super) fn report() {
        if std::process::Command::new("redis-server").arg("--version").output().is_err() {
            return println!("on Redis: there is no redis-server");
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        if let Err(error) = runtime.block_on(measured()) {
            println!("on Redis: {error}");
        }
    }

    async fn measured() -> Result<(), Box<dyn Error + Send + Sync>> {
        let server = RedisServer::new();
        let (host, port) = server.host_and_port().expect("a TCP port");
        let url = format!("redis://{host}:{port}/");
        let store = RedisStore::connect(&url).await?;
        let keys = Numbers::default();
        // The scripts are loaded when they are run first.
        claim_and_commit(&store, keys.key()).await;

        let mut plain = redis::Client::open(url)?.get_multiplexed_async_connection().await?;
        let calls = 500_u32;
        let before = commands(&mut plain).await?;
        for _ in 0..calls {
            claim_and_commit(&store, keys.key()).await;
        }
        let round_trips = (commands(&mut plain).await? - before) as f64 / f64::from(calls);
        let (mut claims, mut pings) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            let start = Instant::now();
            for _ in 0..calls {
                claim_and_commit(&store, keys.key()).await;
            }
            claims.push(start.elapsed().as_nanos() as f64 / f64::from(calls));
            let start = Instant::now();
            for _ in 0..calls {
                let _: String = redis::cmd("PING").query_async(&mut plain).await?;
            }
            pings.push(start.elapsed().as_nanos() as f64 / f64::from(calls));
        }
        print_line("Redis: claim + commit", &mut claims);
        print_line("Redis: PING, one round trip", &mut pings);
        println!("Redis: {round_trips} round trips for claim + commit");
        Ok(())
    }

    /// How many commands came from clients: what scripts call is not counted.
    async fn commands(connection: &mut redis::aio::MultiplexedConnection) -> Result<u64, redis::RedisError> {
        let stats: String = redis::cmd("INFO").arg("commandstats").query_async(connection).await?;
        let of_clients = |line: &&str| line.starts_with("cmdstat_eval") || line.starts_with("cmdstat_script");
        let calls = |line: &str| line.split_once("calls=")?.1.split_once(',')?.0.parse::<u64>().ok();
        Ok(stats.lines().filter(of_clients).filter_map(calls).sum())
    }
}
