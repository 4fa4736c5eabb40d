//! The store of a receiver that is to be killed: it stops where it is told to, and says what failed.

use std::{env, error::Error, future::pending, io::Write, time::Duration};

use countersign::dedupe::{Claim, ClaimStore, DeliveryKey, LeaseState, LeaseToken, RedisStore};

/// Where a receiver stops for ever, in the name that the environment has for it.
pub(crate) const AFTER_CLAIM: &str = "after the claim";
pub(crate) const IN_HANDLER: &str = "in the handler";
pub(crate) const BEFORE_COMMIT: &str = "before the commit";
pub(crate) const AFTER_COMMIT: &str = "after the commit";

pub(crate) struct ChildStore(pub(crate) RedisStore);

/// Writes one line to stderr, in one piece: what a process has written when it is killed can be read.
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

type Answer<T> = Result<T, Box<dyn Error + Send + Sync>>;

impl ClaimStore for ChildStore {
    async fn claim(&self, key: DeliveryKey, token: LeaseToken, lease: Duration) -> Answer<Claim> {
        let claim = self.0.claim(key, token, lease).await?;
        stop(AFTER_CLAIM).await;
        Ok(claim)
    }

    async fn renew(&self, key: DeliveryKey, token: LeaseToken, lease: Duration) -> Answer<LeaseState> {
        let held = self.0.renew(key, token, lease).await?;
        if held == LeaseState::Held {
            say("renewed");
        }
        Ok(held)
    }

    async fn commit(&self, key: DeliveryKey, token: LeaseToken, retention: Duration) -> Answer<LeaseState> {
        stop(BEFORE_COMMIT).await;
        // Unless this goes: the caller gives up after a while and drops it.
        let not_known = NotKnown(Some(key));
        let held = self.0.commit(key, token, retention).await?;
        not_known.forget_if(held == LeaseState::Held);
        stop(AFTER_COMMIT).await;
        Ok(held)
    }

    async fn release(&self, key: DeliveryKey, token: LeaseToken) -> Answer<LeaseState> {
        self.0.release(key, token).await
    }
}

/// A commit of which nobody knows that it happened.
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
