//! Deduplication, with the store in memory.

use countersign::{
    Delivery, Verifier,
    dedupe::{Admission, Dedupe, MemoryStore, Outcome},
    providers::Zeodyn,
};

use super::{
    RUNS_BEFORE, assert_allocations,
    convert::{about, of, to_http},
    ready, shared, sleep,
    support::http::Request,
};

/// A verified delivery about this id, its event decoded.
fn delivery(id: &str) -> Delivery<Zeodyn> {
    verified(&about(id))
}

/// Its key has the time of the event.
fn timed(id: &str) -> Delivery<Zeodyn> {
    let time = "2026-02-22T10:30:00.000Z";
    verified(&of::<Zeodyn>().genuine(format!(r#"{{"event":"scan_complete","scanId":"{id}","timestamp":"{time}"}}"#)))
}

fn verified(request: &Request) -> Delivery<Zeodyn> {
    let (parts, body) = to_http::<Vec<u8>>(request).into_parts();
    let request = http::Request::from_parts(parts, ());
    Verifier::new(of::<Zeodyn>().secret()).verify(&request, shared(body)).expect("genuine")
}

fn handle(dedupe: &Dedupe, delivery: &Delivery<Zeodyn>) {
    match ready(dedupe.admit(delivery, sleep)) {
        Admission::Claimed(lease) => ready(lease.hold(async {}, |()| Outcome::Done, sleep)).expect("in time"),
        other => panic!("{other:?}"),
    }
}

/// The claim and the commit; the store's table does not grow in the last run.
#[test]
fn a_delivery_that_is_new() {
    for make in [delivery, timed] {
        let dedupe = Dedupe::new(MemoryStore::new());
        let mut deliveries = (0..=RUNS_BEFORE).map(|number| make(&number.to_string())).collect::<Vec<_>>().into_iter();
        assert_allocations("a delivery that is new", 5, || {
            let delivery = deliveries.next().expect("one for each run");
            handle(&dedupe, &delivery);
            delivery
        });
    }
}

#[test]
fn a_delivery_that_comes_again() {
    for delivery in [delivery("1"), timed("1")] {
        let dedupe = Dedupe::new(MemoryStore::new());
        handle(&dedupe, &delivery);
        assert_allocations("a delivery that comes again", 3, || {
            assert!(matches!(ready(dedupe.admit(&delivery, sleep)), Admission::Duplicate));
        });
    }
}
