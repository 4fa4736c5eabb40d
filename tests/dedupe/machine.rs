//! Two instances on one store, and what has to hold for them at any time.

use std::{
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex},
    time::Duration,
};

use countersign::{
    Secrets,
    dedupe::{Admission, Dedupe, LeaseState, Outcome},
    providers::{GeoScored, Zeodyn},
};
use futures_util::FutureExt as _;
use tokio::{
    sync::watch,
    task::{self, JoinHandle},
    time::sleep,
};

use crate::{
    answers::{Answer, Record, is_right},
    convert::of,
    deliveries::{DroppedAfter, about, secret, verified, verified_with},
    ledger::{Books, Call, Ledger},
};

/// The part that tells equal IDs apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    Plain,
    Namespace,
    Tenant,
    Event,
    Provider,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Handler {
    Succeed,
    Fail,
    Panic,
    /// Until it is told how to end.
    Wait,
    /// After so many hundredths of a lease.
    SucceedLate(u32),
}

pub(crate) struct Machine {
    ledger: Ledger,
    instances: [Dedupe; 2],
    lease: Duration,
    told: watch::Sender<Option<bool>>,
    deliveries: Vec<Delivery>,
}

struct Delivery {
    instance: usize,
    identity: (Scope, usize),
    task: task::Id,
    handle: JoinHandle<()>,
    record: Arc<Mutex<Record>>,
    is_checked: bool,
}

struct Handling(Arc<Books>, task::Id);

impl Handling {
    fn begin(books: &Arc<Books>) -> Self {
        books.handling(task::id(), true);
        Self(Arc::clone(books), task::id())
    }
}

impl Drop for Handling {
    fn drop(&mut self) {
        self.0.handling(self.1, false);
    }
}

async fn admit(dedupe: &Dedupe, scope: Scope, id: &str) -> Admission {
    let zeodyn = of::<Zeodyn>();
    match scope {
        Scope::Plain => dedupe.admit(&about(id), sleep).await,
        Scope::Namespace => dedupe.clone().with_namespace("another").admit(&about(id), sleep).await,
        Scope::Tenant => {
            let secrets = Secrets::new(secret(zeodyn.secret())).with_tenant("a tenant");
            let delivery = verified_with::<Zeodyn>(secrets, &crate::convert::about(id));
            dedupe.admit(&delivery, sleep).await
        }
        Scope::Event => {
            let request = zeodyn.genuine(format!(r#"{{"event":"batch_complete","batchId":"{id}"}}"#));
            dedupe.admit(&verified::<Zeodyn>(&request), sleep).await
        }
        Scope::Provider => {
            let request = of::<GeoScored>().genuine(format!(r#"{{"event":"scan.completed","scan_id":"{id}"}}"#));
            dedupe.admit(&verified::<GeoScored>(&request), sleep).await
        }
    }
}

impl Machine {
    pub(crate) fn new(lease: Duration) -> Self {
        let ledger = Ledger::new(2);
        let dedupe = Dedupe::new(ledger.clone())
            .with_lease(lease)
            .with_store_timeout(lease / 4)
            .with_handler_timeout(lease * 3)
            .with_retention(lease * 5);
        Self {
            ledger,
            instances: [dedupe.clone(), dedupe],
            lease,
            told: watch::channel(None).0,
            deliveries: Vec::new(),
        }
    }

    pub(crate) fn books(&self) -> Arc<Books> {
        self.ledger.books()
    }

    pub(crate) fn deliver(
        &mut self,
        instance: usize,
        scope: Scope,
        id: usize,
        handler: Handler,
        killed_after: Option<usize>,
    ) {
        let (dedupe, books) = (self.instances[instance].clone(), self.books());
        let record = Arc::new(Mutex::new(Record::default()));
        let (kept, lease, mut told) = (Arc::clone(&record), self.lease, self.told.subscribe());
        told.mark_unchanged();
        let attempt = async move {
            let claimed = match admit(&dedupe, scope, &format!("id-{id}")).await {
                Admission::Claimed(claimed) => claimed,
                Admission::Duplicate => return Answer::Duplicate,
                Admission::Rejected(error) => return Answer::Rejected(error.kind()),
                _ => return Answer::Unclaimed,
            };
            let of_handler = Arc::clone(&kept);
            let handler = async move {
                let _handling = Handling::begin(&books);
                of_handler.lock().unwrap().has_run = true;
                let is_success = match handler {
                    Handler::Succeed => true,
                    Handler::Fail => false,
                    Handler::Panic => panic!("as told"),
                    Handler::Wait => {
                        let _ = told.changed().await;
                        told.borrow().unwrap_or_default()
                    }
                    Handler::SucceedLate(hundredths) => {
                        sleep(lease * hundredths / 100).await;
                        true
                    }
                };
                of_handler.lock().unwrap().has_succeeded = is_success;
                is_success
            };
            let outcome = |is_success: &bool| if *is_success { Outcome::Done } else { Outcome::NotDone };
            match AssertUnwindSafe(claimed.hold(handler, outcome, sleep)).catch_unwind().await {
                Ok(Ok(is_success)) => Answer::Handled { is_success },
                Ok(Err(error)) => Answer::Rejected(error.kind()),
                Err(_) => Answer::Panicked,
            }
        };
        let of_answer = Arc::clone(&record);
        let handle = tokio::spawn(async move {
            let answer = DroppedAfter::new(killed_after.unwrap_or(usize::MAX), attempt).await;
            of_answer.lock().unwrap().answer = Some(answer.unwrap_or(Answer::Killed));
        });
        let (task, identity) = (handle.id(), (scope, id));
        self.deliveries.push(Delivery { instance, identity, task, handle, record, is_checked: false });
    }

    pub(crate) fn finish(&self, is_success: bool) {
        self.told.send_replace(Some(is_success));
    }

    pub(crate) fn kill(&self, instance: usize) {
        let mut under_way = self.deliveries.iter().filter(|delivery| !delivery.handle.is_finished());
        if let Some(delivery) = under_way.find(|delivery| delivery.instance == instance) {
            delivery.handle.abort();
        }
    }

    pub(crate) async fn wait(&self, hundredths: u32) {
        sleep(self.lease * hundredths / 100).await;
    }

    /// Returns when every task waits for the time, or to be told.
    pub(crate) async fn settle(&self) {
        for _ in 0..60 {
            task::yield_now().await;
        }
    }

    /// Checks what happened since the last time against the invariants.
    pub(crate) fn check(&mut self) -> Result<(), String> {
        let books = self.books();
        if let Some(violation) = books.violations().first() {
            return Err(violation.clone());
        }
        let succeeded: Vec<(Scope, usize)> = self
            .deliveries
            .iter()
            .filter(|delivery| delivery.record.lock().unwrap().has_succeeded)
            .map(|delivery| delivery.identity)
            .collect();
        for delivery in
            self.deliveries.iter_mut().filter(|delivery| delivery.handle.is_finished() && !delivery.is_checked)
        {
            delivery.is_checked = true;
            let record = delivery.record.lock().unwrap();
            let mut calls = books.calls(delivery.task);
            calls.retain(|call| !matches!(call, Call::Renew(_)));
            let is_lost = matches!(
                calls.last(),
                Some(Call::Commit(Some(LeaseState::Lost)) | Call::Release(Some(LeaseState::Lost)))
            );
            // The time stands still while a task has something to do, so nothing is late.
            if is_lost && !books.has_failed(delivery.task) {
                return Err(format!("F12: {:?} lost its lease, and the store never failed", delivery.identity));
            }
            let is_handled_once = succeeded.contains(&delivery.identity);
            let Some(answer) = record.answer else { continue };
            is_right(answer, &record, &calls, is_handled_once)
                .map_err(|what| format!("{what}: {:?} was {record:?} with {calls:?}", delivery.identity))?;
        }
        Ok(())
    }

    /// Ends everything. Then no delivery stays claimed for longer than a lease: each was handled, or is now.
    pub(crate) async fn comes_to_rest(mut self) -> Result<(), String> {
        let books = self.books();
        books.heal();
        self.finish(false);
        self.wait(450).await;
        self.settle().await;
        self.check()?;
        if let Some(delivery) = self.deliveries.iter().find(|delivery| !delivery.handle.is_finished()) {
            return Err(format!("{:?} does not end", delivery.identity));
        }
        self.wait(110).await;
        let mut identities: Vec<_> = self.deliveries.iter().map(|delivery| delivery.identity).collect();
        identities.dedup();
        for (scope, id) in identities {
            self.deliver(0, scope, id, Handler::Succeed, None);
            self.settle().await;
            let last = self.deliveries.last().unwrap().record.lock().unwrap().answer;
            if !matches!(last, Some(Answer::Duplicate | Answer::Handled { is_success: true })) {
                return Err(format!("{scope:?} {id} is answered {last:?} at the end"));
            }
        }
        self.check()
    }
}
