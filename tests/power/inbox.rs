//! A program with an inbox: senders, and its worker.

use std::{
    collections::BTreeSet,
    env, fs,
    future::{pending, ready},
    path::Path,
    time::Duration,
};

use countersign::{
    Delivery, Secret, Verifier,
    inbox::{
        Inbox, Received, SealKeys,
        store::{Filter, State},
    },
    providers::Zeodyn,
};
use countersign_testkit::Payload;
use tokio::{runtime::Runtime, time::sleep};

use crate::storm::{Found, ROUND, WRITERS, say};

const FILE: &str = "inbox.db";
const SECRET: &str = "s3cr3t";

/// Stores deliveries until it is killed, and handles them. A delivery that is rejected is sent again.
pub(crate) fn run() {
    Runtime::new().expect("a runtime").block_on(async {
        let inbox = Inbox::open(FILE).await.expect("an inbox").on::<Zeodyn, _>(|received: Received<Zeodyn>| {
            say("handled", received.resource_id().expect("a key"));
            ready(())
        });
        let round = env::var(ROUND).expect("the round");
        for writer in 0..WRITERS {
            let (store, round) = (inbox.store::<Zeodyn>(), round.clone());
            tokio::spawn(async move {
                for number in 0.. {
                    let key = format!("{round}-{writer}-{number}");
                    let delivery = delivery(&key);
                    while let Err(error) = store.accept(&delivery).await {
                        say("rejected", &format!("{key} {error}"));
                        sleep(Duration::from_millis(1)).await;
                    }
                    say("stored", &key);
                }
            });
        }
        inbox.run(pending()).await;
    });
}

fn body(key: &str) -> String {
    format!(r#"{{"event":"scan_complete","scanId":"{key}","note":"{}"}}"#, key.repeat(80))
}

fn delivery(key: &str) -> Delivery<Zeodyn> {
    let request = Payload::<Zeodyn>::new(body(key)).signed_with(SECRET).to_http::<Vec<u8>>();
    let (head, body) = request.into_parts();
    Verifier::<Zeodyn>::new(SECRET).verify(&head, body).expect("a genuine delivery")
}

/// Opens what a cut left. Each delivery that is not done has to open, with its body.
pub(crate) fn find(folder: &Path) -> Result<Found, String> {
    let file = folder.join(FILE);
    if file.exists() {
        crate::sqlite::check(&rusqlite::Connection::open(&file).map_err(|error| error.to_string())?)?;
    }
    Runtime::new().expect("a runtime").block_on(async {
        let inbox = Inbox::open(&file).await.map_err(|error| error.to_string())?;
        let key = fs::read_to_string(folder.join("inbox.db.key")).map_err(|error| error.to_string())?;
        let keys = Secret::new(key.trim_end()).map(SealKeys::new).expect("a key").expect("a key");
        let mut found = Found { waiting: BTreeSet::new(), done: BTreeSet::new() };
        for row in inbox.ledger().list(Filter::default(), usize::MAX).await.map_err(|error| error.to_string())? {
            let key = row.sealed.columns().resource.clone().expect("a key");
            if row.state == State::Done {
                found.done.insert(key);
                continue;
            }
            let row = inbox.ledger().show(row.id).await.map_err(|error| error.to_string())?.expect("a row");
            let delivery = row.sealed.open::<Zeodyn>(&keys).map_err(|error| format!("{key}: {error}"))?;
            if delivery.body() != body(&key).as_bytes() {
                return Err(format!("the body of {key} is another"));
            }
            found.waiting.insert(key);
        }
        Ok(found)
    })
}
