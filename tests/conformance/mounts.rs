//! What the servers have beside a route for every provider: the same of `VerifyWebhook`, whichever the adapter.
//!
//! `{case}` in a path is for the tests: each has a path of its own, so that they can run side by side.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use countersign::{
    AllowedSources, AnyEvent, Clock, Form, Json, Secret, SecretMap, Secrets, Trust, UnverifiedDelivery, Verifier,
    dedupe::{Dedupe, MemoryStore},
    provider::Provider,
    providers::{self, GeoScored, ScreenScore, ScreenshotRun, Zeodyn},
};

use crate::{
    adapters::{Handler, Rejections, Site, Verify},
    diary::{Asked, Diary},
    own_events::{ByName, Order, Screenshot, Text},
    support::sender,
    surfaces::secrets,
    third_parties::{TIMEOUT, by_api, by_scan, by_tenant, of_zeodyn},
};

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
    /// The clock of the age limit: it starts at [`STARTED`].
    pub(crate) age: Clock,
}

/// 2026-01-15T10:00:00Z.
pub(crate) const STARTED: Duration = Duration::from_secs(1_768_471_200);

/// How old an event may be where there is a limit.
pub(crate) const MAX_AGE: Duration = Duration::from_secs(600);

/// The body limit where it is not the default.
pub(crate) const LIMIT: usize = 1000;

impl Shared {
    pub(crate) fn new() -> Self {
        let clock = Clock::manual(SystemTime::now());
        Self {
            diary: Arc::default(),
            secrets: SecretMap::new(),
            expiring: SecretMap::new().with_expiry(Duration::from_secs(60 * 60)).with_clock(clock.clone()),
            clock,
            age: Clock::manual(SystemTime::UNIX_EPOCH + STARTED),
        }
    }
}

pub(crate) fn mount<S: Site>(site: &mut S, shared: &Shared) {
    site.mount_providers();
    lookups(site, shared);
    sources(site, shared);
    trust(site, &shared.diary);
    handlers(site, &shared.diary);
    verifiers(site, shared);
    once(site);
    own_events(site, &shared.diary);
}

fn lookups<S: Site>(site: &mut S, shared: &Shared) {
    let by_scan =
        |timeout| S::Verify::<GeoScored>::from_lookup(by_scan(Arc::clone(&shared.diary))).with_lookup_timeout(timeout);
    site.mount("/lookups/{case}", by_scan(TIMEOUT));
    site.mount("/patient-lookups/{case}", by_scan(PATIENCE));
    site.mount("/secret-map/{case}", S::Verify::<GeoScored>::from_lookup(shared.secrets.clone()));
    site.mount("/expiring-map/{case}", S::Verify::<GeoScored>::from_lookup(shared.expiring.clone()));
    site.mount_nested(
        "/tenants",
        "/{name}/screenshotrun",
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
    countersign::__for_each_typed_provider!(by_id);
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

fn labelled<P: Provider>() -> Secrets {
    let secret = |text: String| Secret::new(text).expect("a secret");
    let sender = sender(P::NAME);
    Secrets::new(secret("new".to_owned()).with_label("2026-q4"))
        .add_previous(secret(sender.secret()).with_label("2026-q3"))
        .add_previous(secret("unlabelled".to_owned()))
}

fn handlers<S: Site>(site: &mut S, diary: &Arc<Diary>) {
    macro_rules! labelled {
        ($($name:ident => $Provider:ident,)*) => {$(
            let verify = S::Verify::<providers::$Provider>::new(labelled::<providers::$Provider>());
            site.mount(concat!("/labelled/", stringify!($name), "/{case}"), verify);
        )*};
    }
    countersign::__for_each_typed_provider!(labelled);

    let fixed = || Some(S::Verify::<Zeodyn>::new(secrets::<Zeodyn>()));
    let looked_up =
        || Some(S::Verify::<GeoScored>::from_lookup(by_scan(Arc::clone(diary))).with_lookup_timeout(TIMEOUT));
    let confirmed = || {
        let run = S::Verify::<ScreenshotRun>::new(secrets::<ScreenshotRun>());
        run.with_confirmation(by_api(Arc::clone(diary))).with_confirmation_timeout(TIMEOUT)
    };
    let at_least_confirmed = || Some(confirmed().with_minimum_trust(Trust::Confirmed));
    let confirmed = || Some(confirmed());
    macro_rules! mount {
        ($($path:literal $verify:expr, $P:ty => $Q:ty, $handler:ident $rejections:ident;)*) => {$(
            site.mount_handler::<$P, $Q>($path, $verify, Handler::$handler, Rejections::$rejections);
        )*};
    }
    mount! {
        "/takes/looked-up/{case}" looked_up(), GeoScored => GeoScored, Takes Default;
        "/takes/confirmed/{case}" confirmed(), ScreenshotRun => ScreenshotRun, Takes Default;
        "/takes/fixed/{case}" fixed(), Zeodyn => Zeodyn, Takes Default;
        "/takes-own/looked-up/{case}" looked_up(), GeoScored => GeoScored, Takes Own;
        "/takes-own/confirmed/{case}" confirmed(), ScreenshotRun => ScreenshotRun, Takes Own;
        "/takes-own/fixed/{case}" fixed(), Zeodyn => Zeodyn, Takes Own;
        "/decides/looked-up/{case}" looked_up(), GeoScored => GeoScored, Decides Default;
        "/decides/confirmed/{case}" confirmed(), ScreenshotRun => ScreenshotRun, Decides Default;
        "/decides/fixed/{case}" fixed(), Zeodyn => Zeodyn, Decides Default;
        "/decides-own/fixed/{case}" fixed(), Zeodyn => Zeodyn, Decides Own;
        "/decides/at-least-confirmed/{case}" at_least_confirmed(), ScreenshotRun => ScreenshotRun, Decides Default;
        "/ignores/{case}" fixed(), Zeodyn => Zeodyn, Ignores Default;
        "/ignores-own/{case}" fixed(), Zeodyn => Zeodyn, Ignores Own;
        "/behind-nothing/{case}" None, Zeodyn => Zeodyn, Takes Default;
        "/decides-behind-nothing/{case}" None, Zeodyn => Zeodyn, Decides Default;
        "/behind-geoscored/{case}" looked_up(), GeoScored => Zeodyn, Takes Default;
        "/behind-screenshotrun/{case}" confirmed(), ScreenshotRun => Zeodyn, Takes Own;
    }
}

/// The settings of a verifier, by way of `From`.
fn verifiers<S: Site>(site: &mut S, shared: &Shared) {
    let zeodyn = || Verifier::<Zeodyn>::new(secrets::<Zeodyn>());
    let run = || Verifier::<ScreenshotRun>::new(secrets::<ScreenshotRun>());
    let aged = zeodyn().with_max_event_age(MAX_AGE).with_clock(shared.age.clone());
    site.mount("/verifier/aged/{case}", S::Verify::from_verifier(aged));
    site.mount("/verifier/limited/{case}", S::Verify::from_verifier(zeodyn().with_body_limit(LIMIT)));
    site.mount("/limited/{case}", S::Verify::<Zeodyn>::new(secrets::<Zeodyn>()).with_body_limit(LIMIT));
    let trusting = run().with_minimum_trust(Trust::Confirmed);
    site.mount("/verifier/at-least-confirmed/{case}", S::Verify::from_verifier(trusting));
    let confirming = run().with_confirmation(by_api(Arc::clone(&shared.diary))).with_minimum_trust(Trust::Confirmed);
    site.mount("/verifier/confirmed/{case}", S::Verify::from_verifier(confirming));
    let looking_up = Verifier::from_lookup(by_scan(Arc::clone(&shared.diary)));
    site.mount::<GeoScored>("/verifier/looked-up/{case}", S::Verify::from_verifier(looking_up));
    let from = zeodyn().with_allowed_sources(ranges(&["203.0.113.0/24"]));
    site.mount("/verifier/from-elsewhere/{case}", S::Verify::from_verifier(from));
}

/// One store for all of these, as in the README.
fn once<S: Site>(site: &mut S) {
    let dedupe = Dedupe::new(MemoryStore::new());
    let secret = |text: &str| Secret::new(text).expect("a secret");
    let zeodyn = |own: &str| S::Verify::<Zeodyn>::new(secret(own));
    site.mount_once("/once/one/{case}", zeodyn("one"), dedupe.clone());
    site.mount_once("/once/two/{case}", zeodyn("two"), dedupe.clone());
    site.mount_once("/once/billing/{case}", zeodyn("s3cr3t"), dedupe.clone().with_endpoint("billing"));
    site.mount_once("/once/alerts/{case}", zeodyn("s3cr3t"), dedupe.clone().with_endpoint("alerts"));
    site.mount_once("/once/screenscore/{case}", S::Verify::<ScreenScore>::new(secret("s3cr3t")), dedupe.clone());
    let accounts = Secrets::new(secret("ka").with_label("acct-a").with_tenant("a"))
        .add(secret("kb").with_label("acct-b").with_tenant("b"))
        .add_previous(secret("kb-before"));
    site.mount_once("/once/accounts/{case}", S::Verify::<ScreenScore>::new(accounts), dedupe);
}

/// Handlers that name the type of their event.
fn own_events<S: Site>(site: &mut S, diary: &Arc<Diary>) {
    macro_rules! mount {
        ($($path:literal $E:ty, $handler:ident;)*) => {$(
            let verify = S::Verify::<providers::GitHub>::new(Secret::from_static("s3cr3t"));
            site.mount_event::<_, $E>($path, verify, Dedupe::new(MemoryStore::new()), Handler::$handler);
        )*};
    }
    mount! {
        "/reads/json/{case}" Json<Order>, Takes;
        "/reads/form/{case}" Form<Text>, Takes;
        "/reads/batch/{case}" Json<Vec<Order>>, Takes;
        "/reads/by-name/{case}" ByName, Takes;
        "/reads/any/{case}" AnyEvent, Takes;
        "/reads/decides/{case}" Json<Order>, Decides;
    }
    let run = S::Verify::<ScreenshotRun>::new(secrets::<ScreenshotRun>()).with_confirmation(by_api(Arc::clone(diary)));
    let dedupe = Dedupe::new(MemoryStore::new());
    site.mount_event::<_, Json<Screenshot>>("/reads/confirmed/{case}", run, dedupe, Handler::Takes);
}
