//! What stands in for third parties: the store of a look-up, and the API of a confirmation.

use std::{future::pending, panic::resume_unwind, sync::Arc, time::Duration};

use countersign::{
    Confirmation, Secret, SecretLookup, Secrets, UnconfirmedDelivery, UnverifiedDelivery, Verdict,
    providers::{GeoScored, ScreenshotRun, Zeodyn},
};

use crate::{
    diary::{Asked, Diary},
    surfaces::secrets,
};

/// How long a look-up and a confirmation may take where nothing else is said.
pub(crate) const TIMEOUT: Duration = Duration::from_millis(300);

/// The secret of a scan, whose id says what becomes of the look-up: it starts with one of these words and `-`.
pub(crate) fn secret_of(id: &str) -> String {
    format!("the secret of {id}")
}

pub(crate) fn by_scan(diary: Arc<Diary>) -> impl SecretLookup {
    move |unverified: UnverifiedDelivery<'_>| {
        let asked = Asked::of(&unverified);
        let times = diary.ask(&asked);
        if asked.id.as_deref().is_some_and(|id| id.starts_with("abrupt-")) {
            // As `panic!`, without its message on stderr.
            resume_unwind(Box::new("before there is a future"));
        }
        let diary = Arc::clone(&diary);
        async move {
            let Some(id) = asked.id else { return Ok(None) };
            let secret = Secret::new(secret_of(&id)).expect("a secret");
            match id.split_once('-').map_or(&*id, |(word, _)| word) {
                // The scan of the documented payloads.
                "abc123" => return Ok(Some(secrets::<GeoScored>())),
                "known" => {}
                "rotated" => {
                    return Ok(Some(Secrets::new(Secret::new("a newer one").expect("a secret")).add_previous(secret)));
                }
                "late" => tokio::time::sleep(TIMEOUT / 3).await,
                "failing" => return Err(format!("the store is down, and {id} is in it")),
                "flaky" if times == 0 => return Err("the store is down".to_owned()),
                "flaky" => {}
                "hanging" => {
                    let _waiting = diary.waiting(&asked.path);
                    pending::<()>().await;
                }
                "spinning" => loop {
                    tokio::task::consume_budget().await;
                },
                "panicking" => {
                    tokio::task::yield_now().await;
                    resume_unwind(Box::new(id));
                }
                _ => return Ok(None),
            }
            Ok(Some(Secrets::new(secret)))
        }
    }
}

/// The token of a tenant: the path names it.
pub(crate) fn token_of(tenant: &str) -> String {
    format!("token/of {tenant}&=%")
}

pub(crate) fn by_tenant(diary: Arc<Diary>) -> impl SecretLookup {
    move |unverified: UnverifiedDelivery<'_>| {
        let asked = Asked::of(&unverified);
        diary.ask(&asked);
        let tenant = asked.path.split('/').nth(2).unwrap_or_default();
        let known = ["alice", "bob"].contains(&tenant).then(|| Secret::new(token_of(tenant)).expect("a secret"));
        async move { Ok::<_, String>(known) }
    }
}

/// Stands in for the provider's API. The id says what becomes of it, likewise.
pub(crate) fn by_api(diary: Arc<Diary>) -> impl Confirmation<ScreenshotRun> {
    move |delivery: UnconfirmedDelivery<ScreenshotRun>| {
        let id = delivery.event().resource_id().unwrap_or_default().to_owned();
        let times = diary.confirm(&id);
        if id.starts_with("abrupt-") {
            resume_unwind(Box::new("before there is a future"));
        }
        let diary = Arc::clone(&diary);
        async move {
            match id.split('-').next().unwrap_or_default() {
                "failing" => return Err(format!("the API is down, and {id} is in it")),
                "flaky" if times == 0 => return Err("the API is down".to_owned()),
                "hanging" => {
                    let _waiting = diary.waiting(&id);
                    pending::<()>().await;
                }
                "spinning" => loop {
                    tokio::task::consume_budget().await;
                },
                "panicking" => {
                    tokio::task::yield_now().await;
                    resume_unwind(Box::new(id));
                }
                "late" => tokio::time::sleep(TIMEOUT / 3).await,
                "known" | "flaky" => {}
                _ => return Ok(Verdict::Denied),
            }
            Ok(Verdict::Confirmed(serde_json::from_str(&as_the_api_has_it(&id)).expect("an event")))
        }
    }
}

/// What the API says of a screenshot, whatever the delivery says.
pub(crate) fn as_the_api_has_it(id: &str) -> String {
    format!(
        r#"{{"event":"screenshot.failed","data":{{"id":"{id}","status":"failed","url":"https://api.example/{id}"}}}}"#
    )
}

pub(crate) fn of_zeodyn(diary: Arc<Diary>) -> impl Confirmation<Zeodyn> {
    move |delivery: UnconfirmedDelivery<Zeodyn>| {
        diary.confirm(delivery.event().resource_id().unwrap_or_default());
        async { Ok::<_, String>(Verdict::Confirmed(serde_json::from_str(OF_ZEODYN).expect("an event"))) }
    }
}

pub(crate) const OF_ZEODYN: &str = r#"{"event":"batch_complete","batchId":"of-the-api"}"#;
