//! The two full receivers, an axum one and an actix one, on one Redis.

use std::{
    sync::{
        Barrier,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    thread,
    time::{Duration, Instant},
};

use super::victim::{PATIENCE, zeodyn};
use crate::{
    own_redis::OwnRedis,
    support::{
        receiver::{Line, Receiver, command},
        senders,
    },
};

fn start(redis: &OwnRedis, name: &str, more: &[(&str, &str)]) -> Receiver {
    let mut command = command(name);
    command.env("COUNTERSIGN_REDIS_URL", &redis.url).envs(more.iter().copied());
    Receiver::spawn(command)
}

#[test]
fn f11_every_one_of_100_deliveries_in_20_copies_at_once_is_printed_once_over_two_processes() {
    const DELIVERIES: usize = 100;
    const COPIES: usize = 20;
    let redis = OwnRedis::start();
    let receivers = ["axum_receiver", "actix_receiver"].map(|name| start(&redis, name, &[]));
    let requests: Vec<_> = (0..DELIVERIES).map(|number| zeodyn(&format!("delivery-{number:03}"))).collect();
    let (together, in_flight, handled) = (Barrier::new(COPIES), AtomicUsize::new(0), AtomicUsize::new(0));
    let start = Instant::now();
    thread::scope(|scope| {
        for copy in 0..COPIES {
            let address = receivers[copy % 2].address;
            let (together, in_flight, handled, requests) = (&together, &in_flight, &handled, &requests);
            scope.spawn(move || {
                for request in requests {
                    together.wait();
                    let answer = loop {
                        let answer = request.send(address);
                        match answer.status {
                            200 => break answer,
                            409 => _ = in_flight.fetch_add(1, Relaxed),
                            _ => panic!("{answer:?}"),
                        }
                        assert!(start.elapsed() < PATIENCE * 3, "it is never answered");
                        thread::sleep(Duration::from_millis(5));
                    };
                    handled.fetch_add(usize::from(answer.header("countersign-delivery").is_none()), Relaxed);
                }
            });
        }
    });
    println!("{:?}, {in_flight:?} in flight", start.elapsed());
    let printed = receivers.map(|receiver| receiver.lines());
    assert!(printed.iter().all(|lines| !lines.is_empty()), "both had some");
    let mut ids: Vec<_> = printed.iter().flatten().map(|line| line.id.clone()).collect();
    ids.sort();
    let all: Vec<_> = (0..DELIVERIES).map(|number| format!("delivery-{number:03}")).collect();
    assert_eq!(ids, all);
    assert_eq!(handled.into_inner(), DELIVERIES);
}

#[test]
fn t10_every_documented_delivery_is_printed_by_one_of_two_processes() {
    let redis = OwnRedis::start();
    let receivers = ["axum_receiver", "actix_receiver"].map(|name| start(&redis, name, &[]));
    let mut first = 0;
    for sender in senders() {
        for fixture in sender.fixtures() {
            let request = match &fixture.tag {
                Some(tag) => sender.with_tag(tag, fixture.body.clone()),
                None => sender.genuine(fixture.body.clone()),
            };
            let id = sender.id_of(&fixture.event, &fixture.body);
            let line = Line { provider: sender.name.to_owned(), event: fixture.event.clone(), id };
            let is_test = fixture.event == "scan.test";
            let order = [first, 1 - first, first].map(|number| &receivers[number]);
            for (attempt, receiver) in order.into_iter().enumerate() {
                let (answer, lines) = receiver.exchange(&request);
                assert_eq!((answer.status, answer.body.as_str()), (200, ""));
                let is_new = attempt == 0 || is_test;
                assert_eq!(lines, if is_new { vec![line.clone()] } else { Vec::new() });
                assert_eq!(answer.header("countersign-delivery"), (!is_new).then_some("duplicate"));
            }
            first = 1 - first;
        }
    }
}

#[test]
fn i2_a_delivery_that_failed_in_one_process_is_handled_by_another() {
    let redis = OwnRedis::start();
    for (failing, other) in [("axum_receiver", "actix_receiver"), ("actix_receiver", "axum_receiver")] {
        let ids = ["COUNTERSIGN_TEST_FAIL_ONCE", "COUNTERSIGN_TEST_PANIC_ONCE"]
            .map(|name| (name, format!("{failing}-{name}")));
        let more = ids.each_ref().map(|(name, id)| (*name, id.as_str()));
        let (failing, other) = (start(&redis, failing, &more), start(&redis, other, &[]));
        for (_, id) in &ids {
            let request = zeodyn(id);
            let (answer, lines) = failing.exchange(&request);
            assert_eq!((answer.status, lines.len()), (500, 0));
            let (answer, lines) = other.exchange(&request);
            assert_eq!((answer.status, answer.header("countersign-delivery")), (200, None));
            assert_eq!(lines.iter().map(|line| line.id.as_str()).collect::<Vec<_>>(), [id]);
            for receiver in [&failing, &other] {
                let (answer, lines) = receiver.exchange(&request);
                assert_eq!((answer.status, answer.header("countersign-delivery")), (200, Some("duplicate")));
                assert_eq!(lines, []);
            }
        }
    }
}
