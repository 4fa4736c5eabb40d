//! Workers: how fast they handle what waits, and how soon they hear of what another process stored.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use countersign_core::providers::Zeodyn;
use countersign_inbox::Received;
use tokio::{sync::mpsc, task::JoinSet, time::sleep};

use crate::{delivery, inbox, latency, store};

const WAITING: u64 = 10_000;

/// The whole life of deliveries that wait, with handlers that do nothing.
pub(crate) async fn drain(url: &str) {
    println!("{WAITING} that wait, handled by workers with 16 at a time:");
    for workers in [1, 2, 4] {
        let schema = format!("drained_{workers}");
        let intake = inbox(store(url, &schema).await).store::<Zeodyn>();
        let (mut senders, next) = (JoinSet::new(), Arc::new(AtomicU64::new(0)));
        for _ in 0..64 {
            let (intake, next) = (intake.clone(), Arc::clone(&next));
            senders.spawn(async move {
                loop {
                    match next.fetch_add(1, Relaxed) {
                        number if number < WAITING => drop(intake.accept(&delivery(number)).await.unwrap()),
                        _ => return,
                    }
                }
            });
        }
        senders.join_all().await;
        let (handled, mut running) = (Arc::new(AtomicU64::new(0)), JoinSet::new());
        let start = Instant::now();
        for _ in 0..workers {
            let counts = Arc::clone(&handled);
            let inbox = inbox(store(url, &schema).await).on(move |_: Received<Zeodyn>| {
                counts.fetch_add(1, Relaxed);
                std::future::ready(())
            });
            running.spawn(async move { inbox.run(std::future::pending()).await });
        }
        while handled.load(Relaxed) < WAITING {
            sleep(Duration::from_millis(2)).await;
        }
        println!("    {workers} workers: {:.0}/s", WAITING as f64 / start.elapsed().as_secs_f64());
        running.shutdown().await;
    }
}

/// From the answer to the handler's first line, which runs in a worker that only hears of it by the server.
pub(crate) async fn pickup(url: &str) {
    let (begun, mut begins) = mpsc::unbounded_channel();
    let intake = inbox(store(url, "picked").await).store::<Zeodyn>();
    let worker = inbox(store(url, "picked").await).on(move |_: Received<Zeodyn>| {
        begun.send(Instant::now()).unwrap();
        std::future::ready(())
    });
    let worker = tokio::spawn(async move { worker.run(std::future::pending()).await });
    sleep(Duration::from_secs(2)).await;
    let (mut times, mut answers) = (Vec::new(), Vec::new());
    for number in 0..300 {
        let delivery = delivery(number);
        let start = Instant::now();
        intake.accept(&delivery).await.unwrap();
        let answered = Instant::now();
        answers.push(answered - start);
        times.push(begins.recv().await.unwrap().saturating_duration_since(answered));
        sleep(Duration::from_millis(20)).await;
    }
    worker.abort();
    println!("from the answer to a handler of another process: {}", latency(&mut times));
    println!("    (to the answer:                              {})", latency(&mut answers));
}
