//! What the servers have beside a route for every provider: the same of `VerifyWebhook`, whichever the adapter.
//!
//! `{case}` in a path is for the tests: each has a path of its own, so that they can run side by side.

use std::{
    future::pending,
    panic::resume_unwind,
    sync::Arc,
    time::{Duration, SystemTime},
};

use countersign::{
    AllowedSources, Clock, Confirmation, Secret, SecretLookup, SecretMap, Secrets, Trust, UnconfirmedDelivery,
    UnverifiedDelivery, Verdict,
    providers::{self, GeoScored, ScreenshotRun, Zeodyn},
};

use crate::{
    adapters::{Site, Verify},
    diary::{Asked, Diary},
    surfaces::secrets,
};

/// How long a look-up and a confirmation may take where nothing else is said.
pub(crate) const TIMEOUT: Duration = Duration::from_millis(300);

/// Much longer than a test waits, whatever the load, and shorter than [`PATIENCE`].
pub(crate) const SOON: Duration = Duration::from_secs(30);

/// Longer than any test takes.
const PATIENCE: Duration = Duration::from_secs(60);

/// What the tests share with what is mounted.
#[derive(Clone)]
pub(crate) struct Shared {
    pub(crate) diary: Arc<Diary>,
    pub(crate) secrets: SecretMap,
    /// Keeps secrets for an hour, by `clock`.
    pub(crate) expiring: SecretMap,
    pub(crate) clock: Clock,
}

impl Shared {
    pub(crate) fn new() -> Self {
        let clock = Clock::manual(SystemTime::now());
        Self {
            diary: Arc::default(),
            secrets: SecretMap::new(),
            expiring: SecretMap::new().with_expiry(Duration::from_secs(60 * 60)).with_clock(clock.clone()),
            clock,
        }
    }
}

pub(crate) fn mount<S: Site>(site: &mut S, shared: &Shared) {
    lookups(site, shared);
    sources(site, shared);
    trust(site, &shared.diary);
}

fn lookups<S: Site>(site: &mut S, shared: &Shared) {
    let by_scan =
        |timeout| S::Verify::<GeoScored>::from_lookup(by_scan(Arc::clone(&shared.diary))).with_lookup_timeout(timeout);
    site.mount("/lookups/{case}", by_scan(TIMEOUT));
    site.mount("/patient-lookups/{case}", by_scan(PATIENCE));
    site.mount("/secret-map/{case}", S::Verify::<GeoScored>::from_lookup(shared.secrets.clone()));
    site.mount("/expiring-map/{case}", S::Verify::<GeoScored>::from_lookup(shared.expiring.clone()));
    site.mount(
        "/tenants/{name}/screenshotrun",
        S::Verify::<ScreenshotRun>::from_lookup(by_tenant(Arc::clone(&shared.diary))),
    );
    macro_rules! by_id {
        ($($name:ident => $Provider:ident,)*) => {$(
            let diary = Arc::clone(&shared.diary);
            let by_id = move |unverified: UnverifiedDelivery<'_>| {
                diary.ask(&Asked::of(&unverified));
                async { Ok::<_, String>(Some(secrets::<providers::$Provider>())) }
            };
            let verify = S::Verify::<providers::$Provider>::from_lookup(by_id);
            site.mount(concat!("/by-id/", stringify!($name), "/{case}"), verify);
        )*};
    }
    countersign::__for_each_provider!(by_id);
    let whatever_the_id = |unverified: UnverifiedDelivery<'_>| {
        let _ = unverified.unverified_id();
        async { Ok::<_, String>(Some(Secret::new("one for all").expect("a secret"))) }
    };
    site.mount("/one-for-all/{case}", S::Verify::<GeoScored>::from_lookup(whatever_the_id));
}

fn ranges(ranges: &[&str]) -> AllowedSources {
    AllowedSources::new(ranges).expect("ranges")
}

fn sources<S: Site>(site: &mut S, shared: &Shared) {
    let zeodyn = |sources: AllowedSources| S::Verify::<Zeodyn>::new(secrets::<Zeodyn>()).with_allowed_sources(sources);
    site.mount("/from/loopback/{case}", zeodyn(ranges(&["127.0.0.1/32"])));
    site.mount("/from/loopback-network/{case}", zeodyn(ranges(&["192.0.2.1", "127.0.0.0/8", "2001:db8::/32"])));
    site.mount("/from/elsewhere/{case}", zeodyn(ranges(&["203.0.113.0/24"])));
    site.mount("/from/mapped-loopback/{case}", zeodyn(ranges(&["::ffff:127.0.0.1/128"])));
    site.mount("/from/mapped-elsewhere/{case}", zeodyn(ranges(&["::ffff:203.0.113.0/120"])));
    site.mount("/from/ipv6-loopback/{case}", zeodyn(ranges(&["::1"])));
    site.mount("/from/any-ipv6/{case}", zeodyn(ranges(&["::/0"])));

    let behind =
        |proxies: &[&str]| ranges(&["203.0.113.0/24", "2001:db8::/32"]).with_trusted_proxies(proxies).expect("ranges");
    site.mount("/behind/loopback/{case}", zeodyn(behind(&["127.0.0.1", "::1", "10.0.0.0/8"])));
    site.mount("/behind/another/{case}", zeodyn(behind(&["198.51.100.7"])));
    site.mount(
        "/behind/cloud/{case}",
        zeodyn(behind(&["127.0.0.1"]).with_forwarded_header("cf-connecting-ip").expect("a header")),
    );

    let run = || S::Verify::<ScreenshotRun>::new(secrets::<ScreenshotRun>());
    site.mount("/token-from/loopback/{case}", run().with_allowed_sources(ranges(&["127.0.0.1"])));
    site.mount("/token-from/elsewhere/{case}", run().with_allowed_sources(ranges(&["203.0.113.0/24"])));
    site.mount(
        "/scan-from/elsewhere/{case}",
        S::Verify::<GeoScored>::from_lookup(by_scan(Arc::clone(&shared.diary)))
            .with_allowed_sources(ranges(&["203.0.113.0/24"])),
    );
}

fn trust<S: Site>(site: &mut S, diary: &Arc<Diary>) {
    let run = || S::Verify::<ScreenshotRun>::new(secrets::<ScreenshotRun>());
    let zeodyn = || S::Verify::<Zeodyn>::new(secrets::<Zeodyn>());
    let by_api = || by_api(Arc::clone(diary));
    site.mount("/at-least-token/{case}", run().with_minimum_trust(Trust::TokenOnly));
    site.mount("/at-least-confirmed/{case}", run().with_minimum_trust(Trust::Confirmed));
    site.mount("/at-least-signed/{case}", run().with_minimum_trust(Trust::Signed));
    site.mount("/confirmed-but-not-signed/{case}", run().with_confirmation(by_api()).with_minimum_trust(Trust::Signed));
    site.mount("/signed/{case}", zeodyn().with_minimum_trust(Trust::Signed));
    site.mount(
        "/signed-and-confirmed/{case}",
        zeodyn().with_confirmation(of_zeodyn(Arc::clone(diary))).with_minimum_trust(Trust::Signed),
    );
    site.mount(
        "/confirmed/{case}",
        run().with_confirmation(by_api()).with_confirmation_timeout(TIMEOUT).with_minimum_trust(Trust::Confirmed),
    );
    site.mount("/patiently-confirmed/{case}", run().with_confirmation(by_api()).with_confirmation_timeout(PATIENCE));
    site.mount(
        "/all/{name}/screenshotrun",
        S::Verify::<ScreenshotRun>::from_lookup(by_tenant(Arc::clone(diary)))
            .with_allowed_sources(ranges(&["127.0.0.0/8"]))
            .with_confirmation(by_api())
            .with_confirmation_timeout(TIMEOUT)
            .with_minimum_trust(Trust::Confirmed),
    );
}

/// The secret of a scan, whose id says what becomes of the look-up: it starts with one of these words and `-`.
pub(crate) fn secret_of(id: &str) -> String {
    format!("the secret of {id}")
}

fn by_scan(diary: Arc<Diary>) -> impl SecretLookup {
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

fn by_tenant(diary: Arc<Diary>) -> impl SecretLookup {
    move |unverified: UnverifiedDelivery<'_>| {
        let asked = Asked::of(&unverified);
        diary.ask(&asked);
        let tenant = asked.path.split('/').nth(2).unwrap_or_default();
        let known = ["alice", "bob"].contains(&tenant).then(|| Secret::new(token_of(tenant)).expect("a secret"));
        async move { Ok::<_, String>(known) }
    }
}

/// Stands in for the provider's API. The id says what becomes of it, likewise.
fn by_api(diary: Arc<Diary>) -> impl Confirmation<ScreenshotRun> {
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

fn of_zeodyn(diary: Arc<Diary>) -> impl Confirmation<Zeodyn> {
    move |delivery: UnconfirmedDelivery<Zeodyn>| {
        diary.confirm(delivery.event().resource_id().unwrap_or_default());
        async { Ok::<_, String>(Verdict::Confirmed(serde_json::from_str(OF_ZEODYN).expect("an event"))) }
    }
}

pub(crate) const OF_ZEODYN: &str = r#"{"event":"batch_complete","batchId":"of-the-api"}"#;
