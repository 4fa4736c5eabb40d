//! Any sequence of calls, against a model: rows in a list, of which nothing is remembered that can be
//! computed.

mod rows;

use std::{collections::BTreeMap, time::Duration};

use proptest::prelude::*;

use rows::Model;

use super::given::{NOW, columns, token};
use crate::store::{
    ClaimId, ClaimRequest, Counts, Filter, Incoming, Ledger, Purge, Queue, Recovery, Retention, RowId, Settled, State,
    Waiting,
};

const PROVIDERS: [&str; 2] = ["stripe", "github"];
const DEAD: Duration = Duration::from_millis(40);
const LEASE: Duration = Duration::from_millis(15);

/// A call. Numbers choose among what there is.
#[derive(Clone, Debug)]
pub(crate) enum Op {
    Store {
        key: u8,
        provider: usize,
        tenant: Option<u8>,
        resource: Option<u8>,
        ordered: bool,
        unreadable: bool,
    },
    Claim {
        by: u8,
        at_most: usize,
        rooms: [usize; 2],
        running: usize,
        fair: bool,
    },
    /// The claim counts from the last one back.
    Settle {
        claim: usize,
        end: u8,
    },
    Renew {
        by: u8,
    },
    Recover {
        by: u8,
        sole: bool,
    },
    Sweep,
    Redrive {
        provider: Option<usize>,
        state: Option<u8>,
    },
    Purge {
        key: u8,
        rows: bool,
    },
    Wait(i64),
}

fn op() -> impl Strategy<Value = Op> {
    // Few providers and resources, so that deliveries stand in each other's way.
    let often = |likely| proptest::bool::weighted(likely);
    let option = |most: u8| proptest::option::of(0..most);
    prop_oneof![
        8 => (0..12_u8, often(0.2), option(2), often(0.7), often(0.7), often(0.1)).prop_map(
            |(key, second, tenant, resource, ordered, unreadable)| {
                let resource = resource.then_some(key % 2);
                Op::Store { key, provider: second.into(), tenant: tenant.filter(|_| key > 6), resource, ordered, unreadable }
            }
        ),
        6 => (1..3_u8, 0..6_usize, [0..5_usize, 0..5_usize], often(0.2), any::<bool>())
            .prop_map(|(by, at_most, rooms, runs, fair)| Op::Claim { by, at_most, rooms, running: runs.into(), fair }),
        8 => (0..6_usize, 0..5_u8).prop_map(|(claim, end)| Op::Settle { claim, end }),
        1 => (1..3_u8).prop_map(|by| Op::Renew { by }),
        2 => (1..3_u8, any::<bool>()).prop_map(|(by, sole)| Op::Recover { by, sole }),
        1 => Just(Op::Sweep),
        2 => (proptest::option::of(0..2_usize), option(4)).prop_map(|(provider, state)| Op::Redrive { provider, state }),
        1 => (0..12_u8, any::<bool>()).prop_map(|(key, rows)| Op::Purge { key, rows }),
        3 => (0..30_i64).prop_map(Op::Wait),
    ]
}

/// Runs calls on an empty store, whose rows have the numbers from 1 on.
pub(crate) async fn run<S: Queue + Ledger>(store: &S, ops: Vec<Op>) {
    let mut model = Model { now: NOW, ..Model::default() };
    for op in ops {
        call(store, &mut model, &op).await;
        // What people see, and what the worker waits for.
        let mut counts = Counts::default();
        let mut waiting = BTreeMap::new();
        let mut rows = store.list(Filter::default(), 99).await.unwrap();
        rows.reverse();
        assert_eq!(rows.len(), model.rows.len(), "{op:?}");
        for (found, row) in rows.iter().zip(&mut model.rows) {
            let shown = (found.id.0, found.state, found.attempts, found.deaths, found.duplicates, found.errors.len());
            let number = i64::try_from(row.number).unwrap();
            let expected = (number, row.state, row.attempts, row.deaths, row.duplicates, row.errors.min(20));
            assert_eq!(shown, expected, "{op:?}");
            if row.state == State::Dead && row.settled.is_none() {
                row.settled = found.settled;
            }
            assert_eq!((found.due, found.settled, found.bytes.is_some()), (row.due, row.settled, row.body), "{op:?}");
        }
        for row in &model.rows {
            match row.state {
                State::Ready => counts.ready += 1,
                State::Claimed => counts.claimed += 1,
                State::Done => counts.done += 1,
                State::Dead => counts.dead += 1,
            }
            if row.is_open() {
                counts.oldest = Some(counts.oldest.map_or(row.received, |oldest| oldest.min(row.received)));
            }
            if row.state == State::Ready && !model.waits(row) {
                let first: &mut i64 = waiting.entry(PROVIDERS[row.provider]).or_insert(row.due);
                *first = row.due.min(*first);
            }
        }
        assert_eq!(store.counts(Filter::default()).await.unwrap(), counts, "{op:?}");
        let expected: Vec<_> = waiting.into_iter().map(|(provider, due)| Waiting::new(provider, due)).collect();
        assert_eq!(store.waiting().await.unwrap(), expected, "{op:?}");
    }
}

async fn call<S: Queue + Ledger>(store: &S, model: &mut Model, op: &Op) {
    let now = model.now;
    match *op {
        Op::Store { key, provider, tenant, resource, ordered, unreadable } => {
            let mut columns = columns(key.into());
            columns.provider = PROVIDERS[provider].into();
            columns.tenant = tenant.map(|tenant| tenant.to_string());
            columns.resource = resource.map(|resource| resource.to_string());
            columns.received_at = now;
            let mut incoming = Incoming::new(columns.into(), now + 30);
            incoming.is_ordered = ordered;
            incoming.unreadable = unreadable.then(|| "unreadable".into());
            assert_eq!(store.store(incoming).await.unwrap(), model.store(op), "{op:?}");
        }
        Op::Claim { by, at_most, rooms, running, fair } => {
            let mut request = ClaimRequest::new(token(by), now, LEASE, at_most);
            request.providers = PROVIDERS.into_iter().map(str::to_owned).zip(rooms).collect();
            (request.running, request.is_fair) = (running, fair);
            let claimed = store.claim(request).await.unwrap();
            let found: Vec<_> =
                claimed.iter().map(|row| (row.sealed.columns().key.as_bytes()[7], row.claim.attempt)).collect();
            assert_eq!(found, model.claim(by, at_most, rooms, running, fair), "{op:?}");
        }
        Op::Settle { claim, end } => {
            let Some(&claim) = model.claims.iter().nth_back(claim) else { return };
            let why = || "failed".to_owned();
            let settled = match end {
                0 => Settled::Done { now, keep_body_until: None },
                1 => Settled::Done { now, keep_body_until: Some(now + 10) },
                2 => Settled::Retry { now, due: now + 5, why: why() },
                3 => Settled::Dead { now, why: why() },
                _ => Settled::Returned,
            };
            let id = ClaimId::new(RowId(claim.0.try_into().unwrap()), token(claim.1), claim.2);
            assert_eq!(store.settle(id, settled).await.unwrap(), model.settle(claim, end), "{op:?}");
        }
        Op::Renew { by } => {
            let mut held = 0;
            for (_, until) in model.rows.iter_mut().filter_map(|row| row.lease.as_mut()).filter(|lease| lease.0 == by) {
                *until = now + 15;
                held += 1;
            }
            assert_eq!(store.renew(token(by), now + 15).await.unwrap(), held, "{op:?}");
        }
        Op::Recover { by, sole } => {
            let recovered = store.recover(Recovery::new(token(by), now, sole, 2)).await.unwrap();
            assert_eq!(recovered, model.recover(by, sole), "{op:?}");
        }
        Op::Sweep => {
            assert_eq!(store.sweep(now, Retention { dead: DEAD }).await.unwrap(), model.sweep(), "{op:?}");
        }
        Op::Redrive { provider, state } => {
            let state = state.map(|number| State::ALL[usize::from(number)]);
            let provider_name = provider.map(|provider| PROVIDERS[provider].to_owned());
            let filter = Filter { provider: provider_name, state, ..Filter::default() };
            assert_eq!(store.redrive(filter, now).await.unwrap(), model.redrive(provider, state), "{op:?}");
        }
        Op::Purge { key, rows } => {
            let row = model.rows.iter().find(|row| row.key == key);
            let id = RowId(row.map_or(-1, |row| row.number.try_into().unwrap()));
            let purge = if rows { Purge::Rows } else { Purge::Bodies };
            let purged = store.purge(Filter { id: Some(id), ..Filter::default() }, purge).await.unwrap();
            assert_eq!(purged, model.purge(key, rows), "{op:?}");
        }
        Op::Wait(milliseconds) => model.now += milliseconds,
    }
}

/// Tries an eighth of so many sequences, or all of them.
pub(crate) fn check(all: u32, run: impl Fn(Vec<Op>)) {
    let cases = if std::env::var_os("COUNTERSIGN_TEST_ALL_CASES").is_some() { all } else { all / 8 };
    proptest!(ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }, |(ops in proptest::collection::vec(op(), 1..60))| {
        run(ops);
    });
}
