//! The attempts that run.

use std::{collections::HashMap, sync::Arc, time::Duration};

use countersign_core::dedupe::LeaseToken;
use tokio::{
    task::{Id, JoinError, JoinSet},
    time::timeout,
};

use super::attempt::Trial;
use crate::{
    inbox::Inbox,
    store::{ClaimId, Claimed, Settled},
};

/// How long a stop waits for attempts that are stopped, and then for the store.
const PATIENCE: Duration = Duration::from_secs(1);

/// The attempts that run.
#[derive(Default)]
pub(super) struct Running {
    tasks: JoinSet<()>,
    claims: HashMap<Id, One>,
}

struct One {
    claim: ClaimId,
    provider: String,
    is_suspect: bool,
}

impl Running {
    pub(super) fn count(&self) -> usize {
        self.claims.len()
    }

    pub(super) fn count_of(&self, provider: &str) -> usize {
        self.claims.values().filter(|one| one.provider == provider).count()
    }

    pub(super) fn has_suspect(&self) -> bool {
        self.claims.values().any(|one| one.is_suspect)
    }

    pub(super) fn begin(&mut self, inbox: &Inbox, claimed: Claimed) {
        let one = One {
            claim: claimed.claim,
            provider: claimed.sealed.columns().provider.clone(),
            is_suspect: claimed.is_suspect,
        };
        let task = self.tasks.spawn(Trial::new(inbox, claimed).run());
        self.claims.insert(task.id(), one);
    }

    pub(super) fn has_token(&self, token: LeaseToken) -> bool {
        self.claims.values().any(|one| one.claim.token == token)
    }

    /// Waits until an attempt ends, and takes with it all that have ended. Pending if none runs. Returns
    /// whether the store knows of each.
    pub(super) async fn one_ended(&mut self) -> bool {
        let mut next = self.tasks.join_next_with_id().await;
        if next.is_none() {
            std::future::pending::<()>().await;
        }
        let mut are_known = true;
        while let Some(ended) = next {
            are_known &= ended.is_ok();
            self.claims.remove(&number(&ended));
            next = self.tasks.try_join_next_with_id();
        }
        are_known
    }

    /// Stops what still runs, and gives its rows back.
    pub(super) async fn give_back(&mut self, inbox: &Inbox) {
        self.tasks.abort_all();
        let mut returned = JoinSet::new();
        let all_stopped = async {
            while let Some(stopped) = self.tasks.join_next_with_id().await {
                let Some(One { claim, .. }) = self.claims.remove(&number(&stopped)) else { continue };
                let core = Arc::clone(&inbox.core);
                // The next worker finds the row in any case.
                returned.spawn(async move { core.store.settle(claim, Settled::Returned).await.map(drop) });
            }
        };
        _ = timeout(PATIENCE, all_stopped).await;
        _ = timeout(PATIENCE, async { while returned.join_next().await.is_some() {} }).await;
        let left = self.claims.len();
        if left > 0 {
            tracing::warn!(
                target: "countersign", deliveries = left,
                "handlers of stored webhook deliveries block their threads and cannot be stopped"
            );
        }
    }
}

fn number<T>(ended: &Result<(Id, T), JoinError>) -> Id {
    match ended {
        Ok((id, _)) => *id,
        Err(error) => error.id(),
    }
}
