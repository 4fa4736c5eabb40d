//! Warns of layers whose deliveries meet and should not, and of layers whose deliveries should meet
//! and do not.

use std::{
    any::Any,
    hash::{BuildHasher, RandomState},
    sync::{Arc, LazyLock, Mutex, PoisonError, Weak},
};

use super::{Dedupe, settings::Names};
use crate::secret::MatchedSecret;

/// The maximum number of layers that are remembered: a service has a handful.
const REMEMBERED: usize = 1024;

/// A layer that remembers deliveries. Clones of a layer share it.
#[derive(Clone)]
pub(crate) struct Registration(#[expect(dead_code, reason = "others look whether it is alive")] Arc<()>);

/// A layer that was made, for one of its accounts.
struct Known {
    provider: &'static str,
    /// A hash of the account with a key per process.
    account: u64,
    names: Arc<Names>,
    store: Weak<dyn Any + Send + Sync>,
    is_local: bool,
    layer: Weak<()>,
    /// Each warning is logged once, however many layers there are.
    was_warned: Conflicts,
}

/// What is wrong with two layers of one endpoint.
#[derive(Clone, Copy, Default)]
struct Conflicts {
    /// They share a store, and the endpoint is not named: they may be two.
    shared: bool,
    /// Each has a store that the other cannot reach.
    apart: bool,
}

impl Conflicts {
    fn or(self, other: Self) -> Self {
        Self { shared: self.shared || other.shared, apart: self.apart || other.apart }
    }
}

impl Known {
    /// Whether deliveries of both are those of one endpoint, as far as is known.
    fn is_of_one_endpoint(&self, other: &Self) -> bool {
        (self.provider, self.account, &self.names) == (other.provider, other.account, &other.names)
    }

    fn conflicts(&self, other: &Self) -> Conflicts {
        let is_same = std::ptr::addr_eq(self.store.as_ptr(), other.store.as_ptr());
        Conflicts {
            shared: is_same && self.names.endpoint.is_empty(),
            apart: !is_same && self.is_local && other.is_local,
        }
    }
}

/// Remembers a layer of `provider`, until its last clone is dropped. Warns if another one has the
/// same secret.
pub(crate) fn register(provider: &'static str, secrets: &[MatchedSecret], dedupe: &Dedupe) -> Registration {
    static HASHER: LazyLock<RandomState> = LazyLock::new(RandomState::new);
    static KNOWN: Mutex<Vec<Known>> = Mutex::new(Vec::new());

    let (layer, identity) = (Arc::new(()), dedupe.0.store.identity());
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let mut to_warn_of = Conflicts::default();
    known.retain(|other| other.layer.strong_count() > 0);
    for account in secrets.iter().map(|matched| HASHER.hash_one(matched.account())) {
        let mut new = Known {
            provider,
            account,
            names: Arc::clone(&dedupe.0.names),
            store: identity.state(&dedupe.0.store),
            is_local: identity.is_local(),
            layer: Arc::downgrade(&layer),
            was_warned: Conflicts::default(),
        };
        if known.iter().any(|other| other.account == account && Weak::ptr_eq(&other.layer, &new.layer)) {
            // Another secret of the same account.
            continue;
        }
        let (mut found, mut before) = (Conflicts::default(), Conflicts::default());
        for other in known.iter().filter(|other| other.is_of_one_endpoint(&new)) {
            found = found.or(new.conflicts(other));
            before = before.or(other.was_warned);
        }
        let news = Conflicts { shared: found.shared && !before.shared, apart: found.apart && !before.apart };
        to_warn_of = to_warn_of.or(news);
        new.was_warned = found.or(before);
        for other in known.iter_mut().filter(|other| other.is_of_one_endpoint(&new)) {
            other.was_warned = new.was_warned;
        }
        if known.len() < REMEMBERED {
            known.push(new);
        }
    }
    // A subscriber may do anything.
    drop(known);
    warn(provider, &dedupe.0.names.endpoint, to_warn_of);
    Registration(layer)
}

fn warn(provider: &str, endpoint: &str, conflicts: Conflicts) {
    if conflicts.shared {
        tracing::warn!(
            target: "countersign", provider,
            "two layers have the same secret and the same deduplication store, so a delivery to one of them is a \
             duplicate for the other: if they are two endpoints, name them with `Dedupe::with_endpoint`; if they are \
             one, use clones of one layer"
        );
    }
    if conflicts.apart {
        tracing::warn!(
            target: "countersign", provider, endpoint,
            "two layers have the same secret and each has its own deduplication store in memory, so a delivery may be \
             handled once by each of them: if they are one endpoint, use clones of one layer, which is made outside of \
             the factory of actix-web's `HttpServer`; if they are two, name them with `Dedupe::with_endpoint`"
        );
    }
}
