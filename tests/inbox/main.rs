//! The durable inbox: stored before the 2xx, handled later.

#![allow(missing_docs, clippy::arithmetic_side_effects, clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::indexing_slicing, reason = "tests fail by panicking")]

mod answers;
mod deaths;
mod faulty;
mod flawed;
mod incident;
mod sealed;
mod warnings;
mod working;

use std::{
    future::{Future, Ready, ready},
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};

use countersign::{
    Clock, Delivery, Verifier,
    inbox::{Inbox, Received, store::Filter, store::Row},
    provider::Provider,
    providers::Zeodyn,
};
use countersign_testkit::Payload;
use tempfile::TempDir;
use tokio::{sync::oneshot, task::JoinHandle};

const SECRET: &str = "s3cr3t";

/// An inbox in a folder of its own.
async fn inbox() -> (TempDir, Inbox) {
    let folder = tempfile::tempdir().unwrap();
    let inbox = open(folder.path()).await;
    (folder, inbox)
}

async fn open(folder: &Path) -> Inbox {
    Inbox::open(folder.join("inbox.db")).await.unwrap()
}

/// A verified delivery about this scan.
fn delivery(id: &str) -> Delivery<Zeodyn> {
    delivery_of::<Zeodyn>(&format!(r#"{{"event":"scan_complete","scanId":"{id}"}}"#))
}

/// A verified delivery with this body.
fn delivery_of<P: Provider>(body: &str) -> Delivery<P> {
    let request = Payload::<P>::new(body.to_owned()).signed_with(SECRET).to_http::<Vec<u8>>();
    let (head, body) = request.into_parts();
    Verifier::<P>::new(SECRET).verify(&head, body).unwrap()
}

/// A worker, until it is dropped or stopped.
struct Working {
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
}

impl Working {
    fn start(inbox: &Inbox) -> Self {
        let (stop, stopped) = oneshot::channel();
        let inbox = inbox.clone();
        let task = tokio::spawn(async move {
            inbox
                .run(async {
                    _ = stopped.await;
                })
                .await;
        });
        Self { stop: Some(stop), task }
    }

    async fn stop(mut self) {
        drop(self.stop.take());
        (&mut self.task).await.unwrap();
    }
}

/// What handlers were called with.
#[derive(Clone, Default)]
struct Book(Arc<Mutex<Vec<(String, u32)>>>);

impl Book {
    fn write(&self, hook: &Received<Zeodyn>) -> u32 {
        let id = hook.resource_id().unwrap_or_default().to_owned();
        self.0.lock().unwrap().push((id, hook.attempt()));
        hook.attempt()
    }

    /// A handler that writes, and succeeds.
    fn handler(&self) -> impl Fn(Received<Zeodyn>) -> Ready<()> + Send + Sync + 'static {
        let own = self.clone();
        move |hook| {
            own.write(&hook);
            ready(())
        }
    }

    fn entries(&self) -> Vec<(String, u32)> {
        self.0.lock().unwrap().clone()
    }
}

/// Waits until it is so.
async fn until<F: Future<Output = bool>>(what: &str, mut is_so: impl FnMut() -> F) {
    for _ in 0..3000 {
        if is_so().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("not within 30 s: {what}");
}

async fn rows(inbox: &Inbox) -> Vec<Row> {
    inbox.ledger().list(Filter::default(), 1000).await.unwrap()
}

fn at(seconds: u64) -> Clock {
    Clock::manual(std::time::UNIX_EPOCH + Duration::from_secs(seconds))
}
