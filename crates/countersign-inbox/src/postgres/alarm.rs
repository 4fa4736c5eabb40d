//! Tells other processes of deliveries, and hears of theirs. Workers look once in a second in any case.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use deadpool_postgres::Object;
use tokio::time::{sleep, timeout};
use tokio_postgres::Config;

use super::{connector::Connector, server::Server, transaction::within};
use crate::store::Alarm;

/// The channel. What is said on it is the schema of the tables.
const CHANNEL: &str = "countersign_inbox";

/// How often others are told, at most.
const REST: Duration = Duration::from_millis(5);

/// How long after a lost connection it is opened again.
const AGAIN: Duration = Duration::from_secs(1);

/// The deadline of opening it.
const OPENING: Duration = Duration::from_secs(30);

/// The alarms of workers.
#[derive(Clone, Default)]
pub(super) struct Alarms(Arc<Mutex<Vec<Alarm>>>);

impl Alarms {
    pub(super) fn add(&self, alarm: Alarm) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(alarm);
    }

    fn ring(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().for_each(|alarm| alarm());
    }
}

/// Tells others that something was stored, after it was committed: a transaction with a NOTIFY holds up all others
/// that have one.
pub(super) async fn tell(server: Arc<Server>) {
    let notify = notify(&server.schema);
    loop {
        server.stored.notified().await;
        let now = Instant::now();
        let deadline = now.checked_add(server.settings.deadline).unwrap_or(now);
        // If it fails, they look by themselves.
        if let Ok(client) = server.connection(deadline).await
            && within(deadline, client.batch_execute(&notify)).await.is_err()
        {
            // It may be in the middle of a transaction.
            drop(Object::take(client));
        }
        sleep(REST).await;
    }
}

/// Nothing waits for the disk until others are told.
fn notify(schema: &str) -> String {
    let payload = schema.replace('\\', r"\\").replace('\'', "''");
    format!("BEGIN; SET LOCAL synchronous_commit = off; NOTIFY {CHANNEL}, E'{payload}'; COMMIT")
}

/// Hears of what others stored.
pub(super) async fn listen(connector: Connector, config: Config, schema: Arc<str>, alarms: Alarms) {
    loop {
        let (schema, heard) = (Arc::clone(&schema), alarms.clone());
        let opened = connector.open(&config, move |notification| {
            if notification.channel() == CHANNEL && *notification.payload() == *schema {
                heard.ring();
            }
        });
        let opened = async {
            let (client, connection) = opened.await?;
            client.batch_execute(&format!("LISTEN {CHANNEL}")).await?;
            Ok::<_, tokio_postgres::Error>((client, connection))
        };
        // A server may take a connection, and never answer: another one may have its address by then.
        if let Ok(Ok((_client, connection))) = timeout(OPENING, opened).await {
            // Something may have come before.
            alarms.ring();
            let _ = connection.await;
        }
        sleep(AGAIN).await;
    }
}
