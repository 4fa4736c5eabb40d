//! Deliveries that are remembered.

use std::{cell::Cell, time::Duration};

use countersign::dedupe::{Claim, ClaimStore, DeliveryKey, LeaseState, LeaseToken, MemoryStore};

use super::grown;
use crate::{
    points::Series,
    rounds::{Contender, at_once},
};

const COUNTS: [usize; 4] = [1_000, 10_000, 100_000, 1_000_000];

/// With so many of them: the time of one more, whereupon a full store forgets another.
pub fn remembered(rounds: usize) -> Vec<Series> {
    grown("Deliveries remembered", "deliveries remembered", &COUNTS, rounds, |count| {
        let (store, keys) = full(count);
        vec![Contender::new("claim and commit", move || claim_and_commit(&store, keys.next()))]
    })
}

/// With so many of them: the bytes that each takes.
pub fn memory() -> Series {
    let bytes = |count| {
        let mut kept = None;
        let measured = allocation_counter::measure(|| kept = Some(full(count)));
        measured.bytes_current as f64 / count as f64
    };
    Series {
        panel: "Memory of deliveries remembered",
        name: "MemoryStore".into(),
        labels: ("deliveries remembered", "bytes a delivery"),
        points: COUNTS.map(|count| (count as f64, bytes(count))).into(),
    }
}

/// A store that has no room for one more.
fn full(count: usize) -> (MemoryStore, Keys) {
    let (store, keys) = (MemoryStore::with_capacity(count), Keys::default());
    (0..count).for_each(|_| claim_and_commit(&store, keys.next()));
    (store, keys)
}

fn claim_and_commit(store: &MemoryStore, key: DeliveryKey) {
    let token = LeaseToken::unique();
    let claim = at_once(store.claim(key, token, Duration::from_secs(10)));
    assert_eq!(claim.unwrap(), Claim::New);
    let commit = at_once(store.commit(key, token, Duration::from_secs(24 * 60 * 60)));
    assert_eq!(commit.unwrap(), LeaseState::Held);
}

/// Keys that differ as hashes do, none of which comes twice.
#[derive(Default)]
struct Keys(Cell<u64>);

impl Keys {
    fn next(&self) -> DeliveryKey {
        let number = self.0.replace(self.0.get() + 1);
        let mut bytes = [0; 32];
        for (part, word) in (0..).zip(bytes.as_chunks_mut::<8>().0) {
            // An odd factor and a shift: different numbers stay different.
            let mixed = (number * 4 + part).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            *word = (mixed ^ mixed >> 29).to_be_bytes();
        }
        bytes.into()
    }
}
