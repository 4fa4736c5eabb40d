//! Redis stopped, slowed and started again while deliveries come.

use std::{
    collections::HashMap,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed},
    },
    thread,
    time::{Duration, Instant},
};

use countersign::{Verifier, dedupe::DeliveryKey, providers::Zeodyn};

use super::{
    own_redis::OwnRedis,
    victim::{PATIENCE, Settings, Victim, zeodyn},
};
use crate::{
    convert::with_body,
    support::{
        receiver::{Receiver, command},
        sender,
    },
};

for_both![
    f6_f8_under_load_nothing_is_lost_while_redis_is_slowed_stopped_and_started_again,
    f6_a_receiver_is_back_soon_after_a_redis_that_was_gone_for_long,
];

const LEASE: Duration = Duration::from_secs(1);
/// By when it is back on a busy machine; on an idle one it takes half a second.
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
    /// Sends a delivery until it is answered 200, which is the one success there is.
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
            assert!(start.elapsed() < PATIENCE, "they do not come");
            thread::sleep(Duration::from_millis(5));
        }
    }
}

fn f6_f8_under_load_nothing_is_lost_while_redis_is_slowed_stopped_and_started_again(framework: &str) {
    let mut redis = OwnRedis::start();
    let settings = Settings {
        store_timeout: Duration::from_millis(300),
        handler: Duration::from_millis(3),
        ..Settings::new(framework, &redis.redis, LEASE)
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
        for _ in 0..2 {
            redis.pause();
            load.wait_for_more(&load.unavailable, 2 * PAIRS);
            redis.go_on();
            is_back_soon(&format!("after it was slow, at {}", load.handled.load(Relaxed)));
            load.wait_for_more(&load.handled, 50);
        }
        for _ in 0..2 {
            redis.stop();
            load.wait_for_more(&load.unavailable, 10 * PAIRS);
            redis.start_again();
            is_back_soon(&format!("after it was gone, at {}", load.handled.load(Relaxed)));
            load.wait_for_more(&load.handled, 50);
        }
    });
    let mut receiver = receiver;
    receiver.kill();
    assert_handled_once(framework, &receiver.lines(), &load.answered.into_inner().unwrap());
}

/// Once unless nobody knows that it was committed, and never not at all.
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
    DeliveryKey::new("", None, "zeodyn", &delivery.delivery_id().expect("an id"))
}

struct End<'a>(&'a AtomicBool);

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.0.store(true, Relaxed);
    }
}

fn f6_a_receiver_is_back_soon_after_a_redis_that_was_gone_for_long(framework: &str) {
    let mut redis = OwnRedis::start();
    let mut command = command(&format!("{framework}_receiver"));
    command.env("COUNTERSIGN_REDIS_URL", &redis.redis.url);
    let receiver = Receiver::spawn(command);
    let printed = |id: &str| {
        let (answer, lines) = receiver.exchange(&zeodyn(id));
        (answer.status, lines.len())
    };
    assert_eq!(printed("before"), (200, 1));

    redis.stop();
    let start = Instant::now();
    let answer = zeodyn("while it is gone").send(receiver.address);
    let took = start.elapsed();
    assert_eq!((answer.status, answer.header("retry-after")), (503, Some("5")));
    assert!(took < SOON, "{took:?}");
    // Longer than its connection is tried for at a time.
    thread::sleep(Duration::from_secs(3));
    redis.start_again();
    let start = Instant::now();
    while zeodyn("after").send(receiver.address).status != 200 {
        assert!(start.elapsed() < SOON, "{:?}\n{}", start.elapsed(), receiver.log());
        thread::sleep(Duration::from_millis(20));
    }
    println!("{framework}: back after {:?}", start.elapsed());
    assert_eq!(receiver.lines().iter().map(|line| &*line.id).collect::<Vec<_>>(), ["after"]);
    assert_eq!(printed("while it is gone"), (200, 1), "it was not claimed");
    assert_eq!(printed("before"), (200, 0), "it is remembered");
}
