//! A script for the handlers, and a record of what they and the store did, in order.

use std::{
    collections::{HashMap, VecDeque},
    io,
    mem::take,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    thread,
    time::{Duration, Instant},
};

use countersign::{RejectionKind, dedupe::Outcome};
use tokio::sync::Notify;

/// What a handler does with a delivery (default: answers 200).
#[derive(Clone, Copy)]
pub(crate) enum Step {
    Answer(u16),
    /// Answers with an `Outcome`.
    Say(u16, Outcome),
    /// The inner service fails without a response.
    Fail,
    Panic,
    /// Answers after [`Book::let_go`].
    Wait(u16),
    Hang,
    /// Uses up tokio's budget at each poll, until [`Book::stop_spinning`].
    Spin,
    /// Hangs, and panics when it is dropped.
    HangAndPanicInDrop,
}

/// The reply of a handler, for the framework to make a response of.
pub(crate) enum Reply {
    Answer(u16),
    Say(u16, Outcome),
    Fail,
}

#[derive(Default)]
pub(crate) struct Book {
    steps: Mutex<HashMap<String, VecDeque<Step>>>,
    gates: Mutex<HashMap<String, Arc<Notify>>>,
    log: Mutex<Vec<String>>,
    reasons: Mutex<Vec<RejectionKind>>,
    traces: Mutex<Vec<u8>>,
    is_spun: AtomicBool,
}

impl Book {
    /// Sets what the handler does with the next deliveries of this ID, one after the other.
    pub(crate) fn tell(&self, id: &str, steps: impl IntoIterator<Item = Step>) {
        lock(&self.steps).entry(id.to_owned()).or_default().extend(steps);
    }

    /// Lets the handler that has waited longest end.
    pub(crate) fn let_go(&self, id: &str) {
        self.gate(id).notify_one();
    }

    /// Lets the handlers end that spin.
    pub(crate) fn stop_spinning(&self) {
        self.is_spun.store(true, SeqCst);
    }

    fn gate(&self, id: &str) -> Arc<Notify> {
        Arc::clone(lock(&self.gates).entry(id.to_owned()).or_default())
    }

    pub(crate) fn note(&self, what: impl Into<String>) {
        lock(&self.log).push(what.into());
    }

    pub(crate) fn explain(&self, reason: RejectionKind) {
        lock(&self.reasons).push(reason);
    }

    /// Returns what happened since the last call.
    pub(crate) fn take(&self) -> Vec<String> {
        take(&mut *lock(&self.log))
    }

    /// Counts how often this happened since [`Self::take`].
    pub(crate) fn times(&self, what: &str) -> usize {
        lock(&self.log).iter().filter(|noted| *noted == what).count()
    }

    /// Waits until this happened this often.
    #[track_caller]
    pub(crate) fn wait_for(&self, what: &str, times: usize) {
        wait_until(what, || self.times(what) >= times);
    }

    /// Returns the rejections that the layer outside found in the extensions of responses since the last call.
    pub(crate) fn take_reasons(&self) -> Vec<RejectionKind> {
        take(&mut *lock(&self.reasons))
    }

    /// Returns what was traced since the last call.
    pub(crate) fn take_traces(&self) -> String {
        String::from_utf8(take(&mut *lock(&self.traces))).expect("UTF-8")
    }

    /// The body of every handler.
    pub(crate) async fn handle(self: &Arc<Self>, id: &str) -> Reply {
        tracing::info!("the handler runs");
        self.note(format!("start {id}"));
        let mut running = Running { book: self, id, has_ended: false };
        let step = lock(&self.steps).get_mut(id).and_then(VecDeque::pop_front).unwrap_or(Step::Answer(200));
        let reply = match step {
            Step::Answer(status) => Reply::Answer(status),
            Step::Say(status, outcome) => Reply::Say(status, outcome),
            Step::Fail => Reply::Fail,
            // As `panic!`, without its message on stderr.
            Step::Panic => std::panic::resume_unwind(Box::new("told to")),
            Step::Wait(status) => {
                self.gate(id).notified().await;
                Reply::Answer(status)
            }
            Step::Hang => std::future::pending().await,
            Step::Spin => {
                while !self.is_spun.load(SeqCst) {
                    tokio::task::consume_budget().await;
                }
                Reply::Answer(200)
            }
            Step::HangAndPanicInDrop => {
                let _panics = PanicsInDrop;
                std::future::pending().await
            }
        };
        running.has_ended = true;
        reply
    }
}

/// Notes how a handler ended.
struct Running<'a> {
    book: &'a Book,
    id: &'a str,
    has_ended: bool,
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        let word = if self.has_ended { "end" } else { "drop" };
        self.book.note(format!("{word} {}", self.id));
    }
}

struct PanicsInDrop;

impl Drop for PanicsInDrop {
    fn drop(&mut self) {
        std::panic::resume_unwind(Box::new("told to"));
    }
}

/// Traces are written into it.
pub(crate) struct Traces(pub(crate) Arc<Book>);

impl io::Write for Traces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        lock(&self.0.traces).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Waits for a condition that should soon hold.
#[track_caller]
pub(crate) fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < Duration::from_secs(60), "not within 60 s: {what}");
        thread::sleep(Duration::from_millis(2));
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
