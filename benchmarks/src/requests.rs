//! Whole requests through a route of axum and of actix-web, in this process: without verification, verified by hand, and
//! by countersign.

use std::{cell::Cell, rc::Rc};

use countersign::{
    dedupe::{Dedupe, MemoryStore},
    providers::ScreenScore,
};
use countersign_testkit::{Payload, SignedRequest};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::{decode::plain::screenscore::AnalysisEvent, rounds::Case, verify::SECRET};

mod by_actix;
mod by_axum;

/// How many deliveries there are, each with its own ID. A store that remembers half of them finds each of them new.
const DISTINCT: usize = 64;

/// What one contender's route does.
#[derive(Clone, Copy)]
enum Kind {
    ByHand,
    Unverified,
    Ours,
    OursOnce,
}

impl Kind {
    /// In the order of the table; the first is the reference.
    const ALL: [Self; 4] = [Self::ByHand, Self::Unverified, Self::Ours, Self::OursOnce];

    fn name(self) -> &'static str {
        match self {
            Self::ByHand => "by hand",
            Self::Unverified => "not verified",
            Self::Ours => "countersign",
            Self::OursOnce => "countersign, each handled once",
        }
    }
}

pub fn cases() -> Vec<Case> {
    vec![
        Case { name: "axum".into(), contenders: Kind::ALL.map(by_axum::contender).into() },
        Case { name: "actix-web".into(), contenders: Kind::ALL.map(by_actix::contender).into() },
    ]
}

/// Genuine deliveries, in turn.
#[derive(Clone)]
struct Deliveries {
    signed: Rc<[SignedRequest<ScreenScore>]>,
    turn: Cell<usize>,
}

impl Deliveries {
    fn new() -> Self {
        let signed = |number: usize| {
            let payload = Payload::<ScreenScore>::documented("analysis.completed").unwrap();
            payload.with_field("/data/id", format!("ana_{number:026}")).unwrap().signed_with(SECRET)
        };
        Self { signed: (0..DISTINCT).map(signed).collect(), turn: Cell::new(0) }
    }

    fn next(&self) -> &SignedRequest<ScreenScore> {
        &self.signed[self.turn.replace((self.turn.get() + 1) % DISTINCT)]
    }

    /// The same delivery under another secret, which has to be rejected.
    fn forged(&self) -> SignedRequest<ScreenScore> {
        Payload::<ScreenScore>::documented("analysis.completed").unwrap().signed_with("another secret")
    }
}

fn dedupe() -> Dedupe {
    Dedupe::new(MemoryStore::with_capacity(DISTINCT / 2))
}

const HEADER: &str = "x-screenscore-signature";

/// What a careful user writes: the key is set up for each request, and the tag is decoded into a `Vec`.
fn is_genuine(signature: Option<&str>, body: &[u8]) -> bool {
    let Some(tag) = signature.and_then(|signature| hex::decode(signature).ok()) else { return false };
    let mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).expect("HMAC takes keys of any length");
    mac.chain_update(body).verify_slice(&tag).is_ok()
}

/// The event of a known name, with the same fields as countersign's.
fn decoded(body: &[u8]) -> Option<AnalysisEvent> {
    serde_json::from_slice(body).ok()
}
