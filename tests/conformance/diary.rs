//! What a server's handlers, look-ups and confirmations were given, by the path of the request.

use std::{
    collections::HashMap,
    error::Error,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use countersign::{
    Delivery, ProviderEvent, Rejection, RejectionKind, SentAt, Trust, UnverifiedDelivery, provider::Provider,
};
use serde_json::Value;

use crate::own_events::Told;

/// A delivery as a handler was given it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Handled {
    pub(crate) event: String,
    pub(crate) id: String,
    pub(crate) trust: Trust,
    /// 0 is the current secret.
    pub(crate) secret: usize,
    pub(crate) label: Option<String>,
    pub(crate) tenant: Option<String>,
    pub(crate) delivery_id: Option<String>,
    pub(crate) sent_at: Option<SentAt>,
    pub(crate) body: Vec<u8>,
    /// The body as the request has it.
    pub(crate) payload: Vec<u8>,
    /// Path and query as the request has them.
    pub(crate) target: String,
    /// The typed event, written as JSON; `null` if a number in it does not fit.
    pub(crate) json: Value,
}

impl Handled {
    pub(crate) fn of<P: Provider>(hook: &Delivery<P>, target: String, payload: &[u8]) -> Self {
        Self {
            event: hook.event().name().to_owned(),
            id: hook.resource_id().unwrap_or_default().to_owned(),
            trust: hook.trust(),
            secret: hook.matched_secret().position(),
            label: hook.matched_secret().label().map(str::to_owned),
            tenant: hook.tenant().map(str::to_owned),
            delivery_id: hook.delivery_id().map(|id| id.to_string()),
            sent_at: hook.sent_at(),
            body: hook.body().to_vec(),
            payload: payload.to_vec(),
            target,
            json: serde_json::to_value(hook.event()).unwrap_or_default(),
        }
    }
}

/// An unverified delivery as a look-up was given it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Asked {
    pub(crate) path: String,
    pub(crate) query: Option<String>,
    pub(crate) tenants: Vec<String>,
    pub(crate) id: Option<String>,
}

impl Asked {
    pub(crate) fn of(unverified: &UnverifiedDelivery<'_>) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self {
            path: unverified.path().to_owned(),
            query: unverified.query().map(str::to_owned),
            tenants: unverified.header_values("x-tenant").map(text).collect(),
            id: unverified.unverified_id().map(str::to_owned),
        }
    }
}

/// Counts the futures of one key that were dropped before they were ready.
pub(crate) struct GivenUp(Arc<Diary>, String);

impl Drop for GivenUp {
    fn drop(&mut self) {
        *lock(&self.0.given_up).entry(self.1.clone()).or_default() += 1;
    }
}

/// What a layer outside is told of a rejection: its kind, and the text of the error behind it.
pub(crate) type Reason = (RejectionKind, Option<String>);

#[derive(Debug, Default)]
pub(crate) struct Diary {
    handled: Mutex<HashMap<String, Vec<Handled>>>,
    asked: Mutex<HashMap<String, Vec<Asked>>>,
    confirmed: Mutex<HashMap<String, usize>>,
    given_up: Mutex<HashMap<String, usize>>,
    reasons: Mutex<HashMap<String, Reason>>,
}

impl Diary {
    pub(crate) fn handle(&self, path: &str, handled: Handled) {
        lock(&self.handled).entry(path.to_owned()).or_default().push(handled);
    }

    /// With the event as the handler's own type.
    pub(crate) fn read(&self, event: &impl Told, handled: Handled) {
        let path = handled.target.split('?').next().unwrap_or_default().to_owned();
        self.handle(&path, Handled { json: event.told(), ..handled });
    }

    /// What was handled at `path` since it was last taken.
    pub(crate) fn take_handled(&self, path: &str) -> Vec<Handled> {
        lock(&self.handled).remove(path).unwrap_or_default()
    }

    /// Takes what a layer outside finds in the extensions of a response.
    pub(crate) fn answer(&self, path: &str, rejection: Option<&Rejection>) {
        if let Some(rejection) = rejection {
            let told = || rejection.detail().map(ToString::to_string);
            let reason = (rejection.kind(), rejection.source().map(ToString::to_string).or_else(told));
            lock(&self.reasons).insert(path.to_owned(), reason);
        }
    }

    /// The reason of the last rejection at `path`, since it was last taken.
    pub(crate) fn take_reason(&self, path: &str) -> Option<Reason> {
        lock(&self.reasons).remove(path)
    }

    /// How often the same was asked before.
    pub(crate) fn ask(&self, asked: &Asked) -> usize {
        let mut all = lock(&self.asked);
        let before = all.entry(asked.path.clone()).or_default();
        let times = before.iter().filter(|other| *other == asked).count();
        before.push(asked.clone());
        times
    }

    pub(crate) fn asked(&self, path: &str) -> Vec<Asked> {
        lock(&self.asked).get(path).cloned().unwrap_or_default()
    }

    /// A confirmation knows no path: it counts by the id that it is asked for. How often it was asked before.
    pub(crate) fn confirm(&self, id: &str) -> usize {
        let mut all = lock(&self.confirmed);
        let times = all.entry(id.to_owned()).or_default();
        *times += 1;
        *times - 1
    }

    pub(crate) fn confirmations(&self, id: &str) -> usize {
        lock(&self.confirmed).get(id).copied().unwrap_or_default()
    }

    /// Keep it in a future that waits.
    pub(crate) fn waiting(self: &Arc<Self>, key: &str) -> GivenUp {
        GivenUp(Arc::clone(self), key.to_owned())
    }

    pub(crate) fn given_up(&self, key: &str) -> usize {
        lock(&self.given_up).get(key).copied().unwrap_or_default()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
