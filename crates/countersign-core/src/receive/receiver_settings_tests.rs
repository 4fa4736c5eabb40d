//! Every combination of settings makes every check that it names, and nothing that fails one is claimed or handled.

use super::*;
use crate::{
    AllowedSources, PeerAddr, ProviderEvent,
    dedupe::{Claim, ClaimStore, DeliveryKey, LeaseState, LeaseToken, StoreResult},
};

/// Counts claims, and gives each.
#[derive(Default)]
struct Counting(AtomicUsize);

impl ClaimStore for Counting {
    async fn claim(&self, _: DeliveryKey, _: LeaseToken, _: Duration) -> StoreResult<Claim> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Ok(Claim::New)
    }

    async fn renew(&self, _: DeliveryKey, _: LeaseToken, _: Duration) -> StoreResult<LeaseState> {
        Ok(LeaseState::Held)
    }

    async fn commit(&self, _: DeliveryKey, _: LeaseToken, _: Duration) -> StoreResult<LeaseState> {
        Ok(LeaseState::Held)
    }

    async fn release(&self, _: DeliveryKey, _: LeaseToken) -> StoreResult<LeaseState> {
        Ok(LeaseState::Held)
    }
}

#[derive(Clone, Copy, Debug)]
struct Set {
    lookup: bool,
    confirmation: bool,
    age: bool,
    sources: bool,
    dedupe: bool,
    trust: Trust,
}

/// Confirms every event but those about `denied`.
fn confirm_known<P: Provider>(delivery: UnconfirmedDelivery<P>) -> Ready<Result<Verdict<P::Event>, Rejection>> {
    let is_denied = delivery.event().resource_id() == Some("denied");
    ready(Ok(if is_denied { Verdict::Denied } else { Verdict::Confirmed(delivery.into_event()) }))
}

fn set_up<P: Provider>(set: Set, store: &Arc<Counting>) -> Receiver<P> {
    let mut receiver = if set.lookup { looked_up::<P>().into() } else { plain::<P>() };
    let settings = receiver.settings_mut();
    settings.minimum_trust = set.trust;
    settings.max_age = set.age.then_some(Duration::from_secs(60));
    settings.sources = set.sources.then(|| Arc::new(AllowedSources::new(["192.0.2.0/24"]).unwrap()));
    if set.confirmation {
        settings.confirm(confirm_known);
    }
    if set.dedupe {
        settings.remember(Arc::clone(store).into());
    }
    receiver
}

/// Whether the delivery is handled. Nothing else may be claimed.
async fn is_handled<P: Provider>(set: Set, body: &str, is_forged: bool, is_elsewhere: bool) -> bool {
    let store = Arc::<Counting>::default();
    let receiver = set_up::<P>(set, &store);
    let mut head = head::<P>(body);
    if is_forged {
        let proof = P::SCHEME.sign(b"guessed", body).unwrap();
        match proof.place().as_header() {
            Some(header) => drop(head.headers_mut().insert(header, proof.value().parse().unwrap())),
            None => *head.uri_mut() = format!("/hook?token={}", proof.value()).parse().unwrap(),
        }
    }
    let peer: std::net::IpAddr = if is_elsewhere { [198, 51, 100, 1] } else { [192, 0, 2, 1] }.into();
    head.extensions_mut().insert(PeerAddr::from(peer));
    let next = match receiver.begin(&head) {
        Ok(_) => finish(&receiver, &head, body).await.0,
        Err(answer) => Next::Answer(answer),
    };
    let (is_handled, is_claimed) = match &next {
        Next::Handle(_, lease) => (true, lease.is_some()),
        Next::Answer(answer) => {
            assert!(answer.status() >= 400, "{answer:?}");
            (false, false)
        }
    };
    let claims = store.0.load(Ordering::SeqCst);
    assert_eq!((is_claimed, claims), (is_handled && set.dedupe, usize::from(is_handled && set.dedupe)), "{set:?}");
    is_handled
}

fn all() -> impl Iterator<Item = Set> {
    let trusts = [Trust::TokenOnly, Trust::Confirmed, Trust::Signed];
    (0..32_u8).flat_map(move |bits| {
        let is = move |bit: u8| bits & (1 << bit) != 0;
        let [lookup, confirmation, age, sources, dedupe] = [is(0), is(1), is(2), is(3), is(4)];
        trusts.map(|trust| Set { lookup, confirmation, age, sources, dedupe, trust })
    })
}

const RECENT: &str = "2999-01-01T00:00:00Z";
const OLD: &str = "2020-01-01T00:00:00Z";

#[tokio::test]
async fn i4_no_combination_drops_a_check_of_a_signed_delivery() {
    let event = |id: &str, time: &str| format!(r#"{{"event":"scan_complete","scanId":"{id}","timestamp":"{time}"}}"#);
    // Each body, whether it is old or could be, and whether it is denied.
    let bodies = [
        (event("known", RECENT), false, false),
        (event("known", OLD), true, false),
        (event("denied", RECENT), false, true),
        (event("known", RECENT).replace('}', r#","score":"high"}"#), false, false),
        (event("known", OLD).replace('}', r#","score":"high"}"#), true, false),
        (event("known", RECENT).replace('}', &format!(r#","timestamp":"{OLD}"}}"#)), true, false),
        ("nonsense".to_owned(), true, false),
    ];
    for set in all() {
        for (body, is_old, is_denied) in &bodies {
            for (is_forged, is_elsewhere) in [(false, false), (false, true), (true, false), (true, true)] {
                let fails =
                    is_forged || is_elsewhere && set.sources || *is_old && set.age || *is_denied && set.confirmation;
                let handled = is_handled::<Zeodyn>(set, body, is_forged, is_elsewhere).await;
                assert_eq!(handled, !fails, "{set:?} {body} forged: {is_forged}, elsewhere: {is_elsewhere}");
            }
        }
    }
}

#[tokio::test]
async fn i4_no_combination_drops_a_check_of_a_delivery_with_a_token() {
    let event = |id: &str| format!(r#"{{"event":"screenshot.completed","data":{{"id":"{id}"}}}}"#);
    for set in all().filter(|set| !set.age) {
        let reached = if set.confirmation { Trust::Confirmed } else { Trust::TokenOnly };
        for (body, is_denied, trust) in [
            (event("known"), false, reached),
            (event("denied"), set.confirmation, reached),
            ("nonsense".to_owned(), false, Trust::TokenOnly),
        ] {
            for (is_forged, is_elsewhere) in [(false, false), (false, true), (true, false), (true, true)] {
                let fails = is_forged || is_elsewhere && set.sources || is_denied || trust.is_below(set.trust);
                let handled = is_handled::<ScreenshotRun>(set, &body, is_forged, is_elsewhere).await;
                assert_eq!(handled, !fails, "{set:?} {body} forged: {is_forged}, elsewhere: {is_elsewhere}");
            }
        }
    }
}
