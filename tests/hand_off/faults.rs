//! Brokers that are stopped, that hang, and that are killed.

use std::{
    collections::{HashMap, HashSet},
    env,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering::SeqCst},
    },
    time::{Duration, SystemTime},
};

use countersign::hand_off::HandOff;
use tokio::{task::JoinHandle, time::sleep};

use crate::{
    server::Server,
    site::{Answer, Site, ids, keys, until},
};

pub(crate) async fn i5_a_broker_that_is_down_is_503_and_comes_back<S: Server>(server: &mut S, queue: &str) {
    let site = Site::new(server.broker(queue).await);
    assert_eq!(site.send("1").await, Answer::ok("stored"));
    server.kill();
    // The claim is released: a retry is not a duplicate, and not in flight.
    for _ in 0..3 {
        assert_eq!(site.send("2").await, Answer::unavailable());
    }
    assert_eq!(site.send("1").await, Answer::ok("duplicate"));
    tokio::task::block_in_place(|| server.ensure_up());
    // It may come in, and its answer too late: then it is a duplicate.
    until("it comes back by itself", async || site.send("2").await.status == 200).await;
    let mut found = ids(&server.consume(queue).await);
    found.dedup();
    assert_eq!(found, ["1", "2"]);
}

pub(crate) async fn i5_a_broker_that_does_not_answer_is_503<S: Server>(server: &mut S, queue: &str) {
    let hand_off = HandOff::new(server.broker(queue).await, keys());
    let site = Site::of(&hand_off.clone().with_publish_timeout(Duration::from_millis(100)));
    server.pause();
    assert_eq!(site.send("1").await, Answer::unavailable());
    // As many as a client may keep, and more.
    let sends = (0..400).map(|number| {
        let site = site.clone();
        tokio::spawn(async move { site.send(&format!("more-{number}")).await })
    });
    for sent in sends.collect::<Vec<_>>() {
        assert_eq!(sent.await.unwrap(), Answer::unavailable());
    }
    server.go_on();
    let patient = Site::of(&hand_off);
    until("it answers again", async || patient.send("2").await.status == 200).await;
    // What was not acknowledged may have come in nevertheless.
    assert!(ids(&server.consume(queue).await).contains(&"2".to_owned()));
}

pub(crate) async fn i1_nothing_is_lost_while_it_stops_under_load<S: Server>(server: &mut S, queue: &str) {
    let storm = Storm::start(&Site::new(server.broker(queue).await));
    storm.until_more(50).await;
    server.kill();
    sleep(Duration::from_secs(3)).await;
    tokio::task::block_in_place(|| server.ensure_up());
    storm.until_more(50).await;
    let acknowledged = storm.stop().await;
    compare(server, queue, &acknowledged).await;
}

pub(crate) async fn i1_nothing_is_lost_when_it_is_killed<S: Server>(server: &mut S, queue: &str) {
    let kills = env::var("COUNTERSIGN_TEST_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(2_u32);
    let storm = Storm::start(&Site::new(server.broker(queue).await));
    for _ in 0..kills {
        storm.until_more(20).await;
        // At any moment.
        let nanoseconds = SystemTime::UNIX_EPOCH.elapsed().unwrap().subsec_nanos();
        sleep(Duration::from_micros(u64::from(nanoseconds / 1000 % 200_000))).await;
        server.kill();
        tokio::task::block_in_place(|| server.ensure_up());
    }
    storm.until_more(20).await;
    let acknowledged = storm.stop().await;
    let (found, twice) = compare(server, queue, &acknowledged).await;
    println!("{}: {kills} kills, {} acknowledged, {found} there, {twice} twice, 0 lost", S::NAME, acknowledged.len());
}

/// Everything acknowledged is there. Returns how many are there, and how many more than once.
async fn compare<S: Server>(server: &S, queue: &str, acknowledged: &HashSet<String>) -> (usize, usize) {
    let mut found = HashMap::<String, usize>::new();
    ids(&server.consume(queue).await).into_iter().for_each(|id| *found.entry(id).or_default() += 1);
    let lost: Vec<_> = acknowledged.iter().filter(|id| !found.contains_key(*id)).collect();
    assert!(lost.is_empty(), "of {} acknowledged deliveries, {} are lost: {lost:?}", acknowledged.len(), lost.len());
    let twice = found.values().filter(|count| **count > 1).count();
    assert!(twice == 0 || !S::KNOWS_DUPLICATES, "{twice} deliveries are there twice");
    (found.len(), twice)
}

/// Senders that retry whatever is not acknowledged.
struct Storm {
    state: Arc<State>,
    senders: Vec<JoinHandle<()>>,
}

#[derive(Default)]
struct State {
    next: AtomicU64,
    is_over: AtomicBool,
    acknowledged: Mutex<HashSet<String>>,
}

impl Storm {
    fn start(site: &Site) -> Self {
        let state = Arc::<State>::default();
        let sender = |_| {
            let (site, state) = (site.clone(), Arc::clone(&state));
            tokio::spawn(async move {
                while !state.is_over.load(SeqCst) {
                    let id = state.next.fetch_add(1, SeqCst).to_string();
                    while !state.is_over.load(SeqCst) {
                        let answer = site.send(&id).await;
                        if answer.status == 200 {
                            state.acknowledged.lock().unwrap().insert(id);
                            break;
                        }
                        assert_eq!(answer, Answer::unavailable());
                        sleep(Duration::from_millis(50)).await;
                    }
                }
            })
        };
        let senders = (0..8).map(sender).collect();
        Self { state, senders }
    }

    fn acknowledged(&self) -> usize {
        self.state.acknowledged.lock().unwrap().len()
    }

    async fn until_more(&self, more: usize) {
        let before = self.acknowledged();
        until("more deliveries are acknowledged", async || self.acknowledged() >= before + more).await;
    }

    async fn stop(self) -> HashSet<String> {
        self.state.is_over.store(true, SeqCst);
        for sender in self.senders {
            sender.await.unwrap();
        }
        std::mem::take(&mut *self.state.acknowledged.lock().unwrap())
    }
}
