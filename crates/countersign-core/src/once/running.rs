//! The handlers that run: how many there are, the end of the last one, and their stop.

use std::{
    collections::HashMap,
    future::poll_fn,
    mem::take,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    task::{Context, Poll, Waker},
};

/// The handlers behind a [`Dedupe`](super::Dedupe) and its clones.
#[derive(Clone, Default)]
pub(super) struct Running(Arc<Shared>);

#[derive(Default)]
struct Shared {
    handlers: Mutex<Handlers>,
    is_stopping: AtomicBool,
}

#[derive(Default)]
struct Handlers {
    next: u64,
    /// The task of each, once it has had to wait.
    tasks: HashMap<u64, Option<Waker>>,
    /// Those that wait until no handler runs.
    idle: Vec<Waker>,
}

impl Running {
    pub(super) fn count(&self) -> usize {
        self.handlers().tasks.len()
    }

    /// Counts a handler until the returned value is dropped.
    pub(super) fn enter(&self) -> Handler {
        let mut handlers = self.handlers();
        let number = handlers.next;
        handlers.next = number.wrapping_add(1);
        handlers.tasks.insert(number, None);
        drop(handlers);
        Handler { running: self.clone(), number, task: None }
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.0.is_stopping.load(SeqCst)
    }

    /// Stops the handlers that run, and those that are still to begin.
    pub(super) fn stop(&self) {
        let handlers = self.handlers();
        self.0.is_stopping.store(true, SeqCst);
        let tasks: Vec<Waker> = handlers.tasks.values().flatten().cloned().collect();
        drop(handlers);
        tasks.into_iter().for_each(Waker::wake);
    }

    /// Waits until no handler runs.
    pub(super) async fn idle(self) {
        poll_fn(|cx| {
            let mut handlers = self.handlers();
            if handlers.tasks.is_empty() {
                return Poll::Ready(());
            }
            if !handlers.idle.iter().any(|waiting| waiting.will_wake(cx.waker())) {
                handlers.idle.push(cx.waker().clone());
            }
            Poll::Pending
        })
        .await;
    }

    fn handlers(&self) -> MutexGuard<'_, Handlers> {
        // No waker is dropped or woken while it is locked: that may drop a task, and with it a handler.
        self.0.handlers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A handler that counts as running.
pub(super) struct Handler {
    running: Running,
    number: u64,
    /// The task that a stop wakes.
    task: Option<Waker>,
}

impl Handler {
    pub(super) fn is_stopping(&self) -> bool {
        self.running.is_stopping()
    }

    /// Is ready once the handler has to stop.
    pub(super) fn poll_stop(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        // A handler stays in one task, so that it locks once.
        if !self.task.as_ref().is_some_and(|task| task.will_wake(cx.waker())) {
            let task = cx.waker().clone();
            self.task = Some(task.clone());
            let previous = self.running.handlers().tasks.insert(self.number, Some(task));
            drop(previous);
        }
        if self.running.is_stopping() { Poll::Ready(()) } else { Poll::Pending }
    }
}

impl Drop for Handler {
    fn drop(&mut self) {
        let mut handlers = self.running.handlers();
        let task = handlers.tasks.remove(&self.number);
        let waiting = if handlers.tasks.is_empty() { take(&mut handlers.idle) } else { Vec::new() };
        drop(handlers);
        drop(task);
        waiting.into_iter().for_each(Waker::wake);
    }
}
