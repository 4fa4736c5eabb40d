//! A connection to a broker that is replaced when it is lost.

use std::{
    fmt,
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use tokio::{
    sync::watch,
    task::JoinHandle,
    time::{sleep, timeout},
};

use super::unavailable;
use crate::error::{StoreError, StoreErrorKind};

/// The time that connecting may take, the checks of the broker's settings included.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// The time between two attempts, so that a broker that breaks each connection gets few of them.
const PAUSE: Duration = Duration::from_millis(100);

/// A connection, with its number in the order of connecting.
#[derive(Clone)]
pub(super) struct Numbered<C> {
    number: u64,
    /// How many answers came.
    answers: Arc<AtomicU64>,
    pub(super) connection: C,
}

impl<C> Numbered<C> {
    fn new(number: u64, connection: C) -> Self {
        Self { number, answers: Arc::default(), connection }
    }
}

/// A question without an answer yet. If it is given up, and nothing was answered since it was asked, the
/// connection is lost: its other end may have vanished.
pub(super) struct Question<'a, C: Clone + Send + Sync + 'static> {
    link: &'a Link<C>,
    asked: &'a Numbered<C>,
    answers: u64,
}

impl<C: Clone + Send + Sync + 'static> Question<'_, C> {
    pub(super) fn answered(self) {
        self.asked.answers.fetch_add(1, Relaxed);
    }
}

impl<C: Clone + Send + Sync + 'static> Drop for Question<'_, C> {
    fn drop(&mut self) {
        if self.asked.answers.load(Relaxed) == self.answers {
            self.link.lose(self.asked);
        }
    }
}

/// Keeps a connection. A task of the runtime in which it was made connects again.
pub(super) struct Link<C> {
    current: watch::Receiver<Option<Numbered<C>>>,
    /// The number of the last connection that was lost.
    lost: watch::Sender<u64>,
    keeper: JoinHandle<()>,
}

impl<C: Clone + Send + Sync + 'static> Link<C> {
    /// Connects, and connects again as often as it is told that the connection is lost.
    pub(super) async fn new<F>(
        broker: &'static str,
        connect: impl Fn() -> F + Send + Sync + 'static,
    ) -> Result<Self, StoreError>
    where
        F: Future<Output = Result<C, StoreError>> + Send + 'static,
    {
        let connect = move || {
            let connecting = connect();
            async move {
                let late = || unavailable(format!("{broker} did not answer within {} s", CONNECT_TIMEOUT.as_secs()));
                timeout(CONNECT_TIMEOUT, connecting).await.unwrap_or_else(|_| Err(late()))
            }
        };
        let first = Numbered::new(1, connect().await?);
        let (current, receiver) = watch::channel(Some(first));
        let (lost, mut losses) = watch::channel(0);
        let keeper = tokio::spawn(async move {
            for number in 2_u64.. {
                if losses.wait_for(|lost| *lost >= number.saturating_sub(1)).await.is_err() {
                    return;
                }
                current.send_replace(None);
                tracing::warn!(target: "countersign", "the connection to {broker} is lost: connecting again");
                let mut last = None;
                let connection = loop {
                    sleep(PAUSE).await;
                    match connect().await {
                        Ok(connection) => break connection,
                        Err(error) => {
                            let text = error.to_string();
                            if error.kind() == StoreErrorKind::Unusable && last.as_ref() != Some(&text) {
                                tracing::error!(target: "countersign", "deliveries are answered with 503: {text}");
                            }
                            last = Some(text);
                        }
                    }
                };
                tracing::info!(target: "countersign", "connected to {broker} again");
                current.send_replace(Some(Numbered::new(number, connection)));
            }
        });
        Ok(Self { current: receiver, lost, keeper })
    }

    /// Returns the connection, and waits for it if there is none that is not lost.
    pub(super) async fn get(&self) -> Result<Numbered<C>, StoreError> {
        let mut current = self.current.clone();
        // The keeper may not have taken a lost one away yet.
        let is_usable =
            |found: &Option<Numbered<C>>| found.as_ref().is_some_and(|found| found.number > *self.lost.borrow());
        let found = current.wait_for(is_usable).await.ok().and_then(|found| found.clone());
        found.ok_or_else(|| unavailable("the runtime in which the hand-off was connected has ended".to_owned()))
    }

    /// Begins a question. Whoever gets the answer says so.
    pub(super) fn ask<'a>(&'a self, asked: &'a Numbered<C>) -> Question<'a, C> {
        Question { link: self, asked, answers: asked.answers.load(Relaxed) }
    }

    /// Says that a connection is lost.
    pub(super) fn lose(&self, lost: &Numbered<C>) {
        self.lost.send_if_modified(|last| {
            let is_news = *last < lost.number;
            *last = (*last).max(lost.number);
            is_news
        });
    }
}

impl<C> Drop for Link<C> {
    fn drop(&mut self) {
        self.keeper.abort();
    }
}

impl<C> fmt::Debug for Link<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link").field("is_connected", &self.current.borrow().is_some()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_lost_connection_is_not_given_again() {
        let link = Link::new("a broker", || async { Ok(()) }).await.unwrap();
        for number in 1..4 {
            let found = link.get().await.unwrap();
            assert_eq!(found.number, number);
            link.lose(&found);
        }
    }
}
