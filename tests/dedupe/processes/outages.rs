//! Redis paused, stopped and restarted while deliveries arrive.

use std::{
    collections::HashMap,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed},
    },
    thread,
    time::{Duration, Instant},
};

use countersign::{
    Verifier,
    dedupe::{Dedupe, DeliveryKey, MemoryStore},
    providers::Zeodyn,
};

use super::victim::{PATIENCE, Settings, Victim, zeodyn};
use crate::{convert::with_body, own_redis::OwnRedis, support::sender};

for_both![
    f6_f8_under_load_no_delivery_is_lost_while_redis_is_paused_stopped_and_restarted: outages_under_load,
];

const LEASE: Duration = Duration::from_secs(1);
/// The limit on a busy machine; an idle one takes half a second.
const SOON: Duration = Duration::from_secs(10);
/// Clients, two for each delivery.
const PAIRS: usize = 3;

#[derive(Default)]
struct Load {
    has_ended: AtomicBool,
    unavailable: AtomicUsize,
    handled: AtomicUsize,
    /// Every delivery that was answered 200, and how often.
    answered: Mutex<HashMap<String, usize>>,
}

impl Load {
    /// Sends a delivery until it is answered 200.
    fn deliver(&self, receiver: &Victim, id: &str) {
        let request = zeodyn(id);
        let start = Instant::now();
        loop {
            match request.send(receiver.address).status {
                200 => break,
                409 => {}
                503 => _ = self.unavailable.fetch_add(1, Relaxed),
                status => panic!("{status} to {id}"),
            }
            assert!(start.elapsed() < PATIENCE, "{id} is never answered");
            thread::sleep(Duration::from_millis(20));
        }
        self.handled.fetch_add(1, Relaxed);
        *self.answered.lock().unwrap().entry(id.to_owned()).or_default() += 1;
    }

    fn run(&self, receiver: &Victim, pair: usize) {
        for number in 0.. {
            if self.has_ended.load(Relaxed) {
                break;
            }
            self.deliver(receiver, &format!("{pair}-{number}"));
        }
    }

    fn wait_for_more(&self, count: &AtomicUsize, more: usize) {
        let (before, start) = (count.load(Relaxed), Instant::now());
        while count.load(Relaxed) < before + more {
            assert!(start.elapsed() < PATIENCE, "no more deliveries are answered");
            thread::sleep(Duration::from_millis(5));
        }
    }
}

fn outages_under_load(framework: &str) {
    let mut redis = OwnRedis::start();
    let settings = Settings {
        store_timeout: Duration::from_millis(300),
        handler: Some(Duration::from_millis(3)),
        ..Settings::new(framework, &redis, LEASE)
    };
    let receiver = Victim::start(&settings);
    let load = Load::default();
    thread::scope(|scope| {
        let (receiver, load) = (&receiver, &load);
        for client in 0..PAIRS * 2 {
            scope.spawn(move || load.run(receiver, client / 2));
        }
        // Whatever fails here must not leave the clients running.
        let _end = End(&load.has_ended);
        let is_back_soon = |id: &str| {
            let start = Instant::now();
            load.deliver(receiver, id);
            let took = start.elapsed();
            println!("{framework}: {took:?} {id}");
            assert!(took < SOON, "{took:?} {id}");
        };
        load.wait_for_more(&load.handled, 50);
        redis.pause();
        load.wait_for_more(&load.unavailable, 2 * PAIRS);
        redis.go_on();
        is_back_soon("after it was slow");
        load.wait_for_more(&load.handled, 50);
        // The second time longer than one series of attempts to connect takes.
        for outage in [Duration::ZERO, Duration::from_secs(3)] {
            redis.stop();
            load.wait_for_more(&load.unavailable, 2 * PAIRS);
            thread::sleep(outage);
            redis.start_again();
            is_back_soon(&format!("after an outage of {outage:?}"));
            load.wait_for_more(&load.handled, 50);
        }
    });
    let mut receiver = receiver;
    receiver.kill();
    assert_handled_once(framework, &receiver.lines(), &load.answered.into_inner().unwrap());
}

/// At least once, and more often only if its commit failed.
fn assert_handled_once(framework: &str, said: &[String], answered: &HashMap<String, usize>) {
    let mut runs = HashMap::<&str, usize>::new();
    for id in said.iter().filter_map(|line| line.strip_prefix("handled ")) {
        *runs.entry(id).or_default() += 1;
    }
    let mut more_than_once = 0;
    for id in answered.keys() {
        let times = runs.get(id.as_str()).copied().unwrap_or_default();
        assert!(times > 0, "{id} was answered 200, and not handled");
        if times > 1 {
            more_than_once += 1;
            let failed = format!("not committed {}", key(id));
            assert!(said.contains(&failed), "{id} was committed, and handled {times} times");
        }
    }
    let copies: usize = answered.values().sum();
    println!("{framework}: {copies} copies of {} deliveries, {more_than_once} handled more than once", answered.len());
}

fn key(id: &str) -> DeliveryKey {
    let request = zeodyn(id);
    let verifier = Verifier::<Zeodyn>::new(sender("zeodyn").secret());
    let delivery = verifier.verify(&with_body(&request, ()), request.body).expect("genuine");
    Dedupe::new(MemoryStore::new()).key(&delivery).expect("it is no test event")
}

struct End<'a>(&'a AtomicBool);

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.0.store(true, Relaxed);
    }
}
