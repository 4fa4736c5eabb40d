//! What the handlers are told to do, and what they did, in the order it happened.

use std::{
    collections::VecDeque,
    future::pending,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tokio::{sync::Semaphore, time::sleep};

/// What a handler does with a delivery. Unless told, it answers 200.
#[derive(Clone, Copy)]
pub(crate) enum Step {
    Answer(u16),
    /// Answers when it is let go.
    Wait(u16),
    Hang,
}

pub(crate) struct Work {
    steps: Mutex<VecDeque<Step>>,
    log: Mutex<Vec<String>>,
    gate: Semaphore,
}

impl Work {
    pub(crate) fn told(steps: impl IntoIterator<Item = Step>) -> Arc<Self> {
        Arc::new(Self {
            steps: Mutex::new(steps.into_iter().collect()),
            log: Mutex::default(),
            gate: Semaphore::new(0),
        })
    }

    pub(crate) fn willing() -> Arc<Self> {
        Self::told([])
    }

    /// Lets a handler go that waits, or will.
    pub(crate) fn let_go(&self) {
        self.gate.add_permits(1);
    }

    pub(crate) fn log(&self) -> Vec<String> {
        lock(&self.log).clone()
    }

    /// How often this happened.
    pub(crate) fn times(&self, what: &str) -> usize {
        lock(&self.log).iter().filter(|noted| noted.starts_with(what)).count()
    }

    pub(crate) async fn wait_for(&self, what: &str, times: usize) {
        wait_until(what, || self.times(what) >= times).await;
    }

    /// What every handler does.
    pub(crate) async fn handle(&self, id: &str) -> u16 {
        lock(&self.log).push(format!("start {id}"));
        let mut running = Running { work: self, id, has_ended: false };
        let step = lock(&self.steps).pop_front().unwrap_or(Step::Answer(200));
        let status = match step {
            Step::Answer(status) => status,
            Step::Wait(status) => {
                self.gate.acquire().await.expect("it is never closed").forget();
                status
            }
            Step::Hang => pending().await,
        };
        running.has_ended = true;
        status
    }
}

/// Notes how a handler ended.
struct Running<'a> {
    work: &'a Work,
    id: &'a str,
    has_ended: bool,
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        let word = if self.has_ended { "end" } else { "drop" };
        lock(&self.work.log).push(format!("{word} {}", self.id));
    }
}

/// Waits for what should soon be so.
pub(crate) async fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < Duration::from_secs(30), "not within 30 s: {what}");
        sleep(Duration::from_millis(1)).await;
    }
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
