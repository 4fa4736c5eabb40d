//! Claims from a large table.

use std::time::Duration;

use countersign_core::dedupe::LeaseToken;
use countersign_inbox::store::{ClaimRequest, Filter, Ledger, Queue, Recovery, Settled};
use tokio_postgres::NoTls;

use crate::{store, time};

const NOW: i64 = 1_800_000_000_000;

/// Rows as they would have been stored, of 1,000 tenants and 10,000 resources.
const FILL: &str = "INSERT INTO countersign_inbox (key, provider, tenant, event, resource, received_at, meta, seal, bytes,
      state, ordered, waits, due_at, settled_at, keep_until)
    SELECT sha256(int8send($1::bigint + n)), 'stripe', 'tenant ' || n % 1000, 'charge.succeeded', 'cus_' || n % 10000, $3::bigint + n / 3,
      repeat('m', 250)::bytea, repeat('s', 36)::bytea, CASE WHEN $4::smallint = 0 THEN 700 END, $4, $5::boolean, $5 AND n > 10000, $3 + n / 3,
      CASE WHEN $4 = 2 THEN $3 END, $3 + 100000000 + n
    FROM generate_series(1, $2::bigint) AS n";

pub(crate) async fn run(url: &str, finished: i64, waiting: i64) {
    for is_ordered in [false, true] {
        let schema = if is_ordered { "ordered" } else { "unordered" };
        let store = store(url, schema).await;
        let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
        let connection = tokio::spawn(connection);
        client.batch_execute(&format!("SET search_path = {schema}; SET synchronous_commit = off")).await.unwrap();
        let begin = NOW - 10_000_000;
        for (first, rows, state) in [(0_i64, finished, 2_i16), (1 << 40, waiting, 0)] {
            client.execute(FILL, &[&first, &rows, &begin, &state, &(is_ordered && state == 0)]).await.unwrap();
        }
        let bodies = "INSERT INTO countersign_inbox_body SELECT id, repeat('x', 700)::bytea FROM countersign_inbox WHERE state = 0";
        client.batch_execute(bodies).await.unwrap();
        // As autovacuum leaves a table.
        client.batch_execute("VACUUM ANALYZE countersign_inbox, countersign_inbox_body").await.unwrap();
        client.batch_execute("CHECKPOINT").await.unwrap();
        drop(client);
        connection.await.unwrap().unwrap();
        println!("with {finished} finished rows and {waiting} that wait, {schema}:");
        let mut fair = request(32);
        fair.is_fair = true;
        let mut other = request(9);
        other.providers = vec![("other".into(), 9)];
        let mut claims = Vec::new();
        time("claim 32", 50, async || claims.extend(store.claim(request(32)).await.unwrap())).await;
        assert_eq!(claims.len(), 50 * 32);
        let mut ends = claims.into_iter();
        time("done, one", 200, async || {
            let done = Settled::Done { now: NOW, keep_body_until: None };
            store.settle(ends.next().unwrap().claim, done).await.unwrap();
        })
        .await;
        time("claim 32, tenants in turn", 20, async || drop(store.claim(fair.clone()).await.unwrap())).await;
        time("claim of nothing", 50, async || assert!(store.claim(other.clone()).await.unwrap().is_empty())).await;
        time("what waits", 50, async || drop(store.waiting().await.unwrap())).await;
        time("recover nothing", 50, async || {
            let token = LeaseToken::from([1; 16]);
            store.recover(Recovery::new(token, NOW, false, 3)).await.unwrap();
        })
        .await;
        time("list the last 50", 20, async || drop(store.list(Filter::default(), 50).await.unwrap())).await;
        time("counts", 3, async || _ = store.counts(Filter::default()).await.unwrap()).await;
    }
}

fn request(at_most: usize) -> ClaimRequest {
    let mut request = ClaimRequest::new(LeaseToken::from([1; 16]), NOW, Duration::from_secs(60), at_most);
    request.providers = vec![("stripe".into(), usize::MAX)];
    request
}
