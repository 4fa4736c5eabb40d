//! The store of a receiver that is killed: it stops at one point, and reports commits that failed.

use std::{env, future::pending, io::Write, time::Duration};

use countersign::dedupe::{Claim, ClaimStore, DeliveryKey, LeaseState, LeaseToken, RedisStore, StoreResult};

/// Where a receiver stops forever, in the name that the environment has for it.
pub(crate) const AFTER_CLAIM: &str = "after the claim";
pub(crate) const IN_HANDLER: &str = "in the handler";
pub(crate) const BEFORE_COMMIT: &str = "before the commit";
pub(crate) const AFTER_COMMIT: &str = "after the commit";

pub(crate) struct ChildStore(pub(crate) RedisStore);

/// Writes one line to stderr in one piece, so that it can be read after the process was killed.
pub(crate) fn say(line: &str) {
    let _ = std::io::stderr().lock().write_all(format!("{line}\n").as_bytes());
}

/// Stops here if this is where to stop.
pub(crate) async fn stop(place: &str) {
    if env::var("CHILD_STOPS").is_ok_and(|stops| stops == place) {
        say(&format!("stopped {place}"));
        pending::<()>().await;
    }
}

impl ClaimStore for ChildStore {
    async fn claim(&self, key: DeliveryKey, token: LeaseToken, lease: Duration) -> StoreResult<Claim> {
        let claim = self.0.claim(key, token, lease).await?;
        stop(AFTER_CLAIM).await;
        Ok(claim)
    }

    async fn renew(&self, key: DeliveryKey, token: LeaseToken, lease: Duration) -> StoreResult<LeaseState> {
        let held = self.0.renew(key, token, lease).await?;
        if held == LeaseState::Held {
            say("renewed");
        }
        Ok(held)
    }

    async fn commit(&self, key: DeliveryKey, token: LeaseToken, retention: Duration) -> StoreResult<LeaseState> {
        stop(BEFORE_COMMIT).await;
        // Says so when it is dropped, as by a caller whose time limit has passed.
        let not_known = NotKnown(Some(key));
        let held = self.0.commit(key, token, retention).await?;
        not_known.forget_if(held == LeaseState::Held);
        stop(AFTER_COMMIT).await;
        Ok(held)
    }

    async fn release(&self, key: DeliveryKey, token: LeaseToken) -> StoreResult<LeaseState> {
        self.0.release(key, token).await
    }
}

/// A commit that may not have happened.
struct NotKnown(Option<DeliveryKey>);

impl NotKnown {
    fn forget_if(mut self, known: bool) {
        if known {
            self.0 = None;
        }
    }
}

impl Drop for NotKnown {
    fn drop(&mut self) {
        if let Some(key) = self.0 {
            say(&format!("not committed {key}"));
        }
    }
}
