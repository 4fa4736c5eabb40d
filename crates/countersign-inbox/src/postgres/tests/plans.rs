//! Statements that are run for each delivery go by an index, however many rows there are.

use super::{
    super::{claim, insert, known, line, purge, recover, settle, sweep, totals, turns},
    Place,
};

#[tokio::test]
async fn no_statement_reads_the_table() {
    let place = Place::new();
    let _store = place.open().await;
    let sql = place.sql().await;
    sql.batch_execute(
        "INSERT INTO countersign_inbox (key, provider, tenant, event, resource, received_at, meta, seal, bytes, state,
           due_at, lease, lease_until, settled_at, keep_until)
         SELECT sha256(n::text::bytea), 'stripe', 'tenant ' || n % 1000, 'charge', 'r ' || n % 5000, n, '', '', 9,
           CASE WHEN n % 10 = 0 THEN 0 WHEN n % 1000 = 1 THEN 1 WHEN n % 1000 = 2 THEN 3 ELSE 2 END, n,
           CASE n % 1000 WHEN 1 THEN '\\x01'::bytea END, n, n, n
         FROM generate_series(1, 100000) AS n;
         INSERT INTO countersign_inbox_body SELECT id, 'x' FROM countersign_inbox WHERE state <> 2",
    )
    .await
    .unwrap();
    // The session of a store, and statistics that are right, and those of a table that was empty a minute ago.
    let begin = "BEGIN; SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL jit = off";
    for has_statistics in [false, true] {
        if has_statistics {
            sql.batch_execute("ANALYZE").await.unwrap();
        }
        for statement in [
            claim::SUSPECTS,
            claim::SUSPECT,
            claim::OLDEST,
            claim::CHOSEN,
            claim::IS_DUE,
            claim::PROVIDERS,
            claim::WAITING,
            turns::FIRSTS,
            insert::LOCK,
            insert::INSERT,
            insert::WAIT,
            known::KNOWN,
            known::DUPLICATES,
            known::DUPLICATE,
            line::LOCK,
            line::RELEASE,
            settle::RENEW,
            settle::DONE,
            settle::DEAD,
            settle::RETRY,
            settle::RETURNED,
            recover::ORPHANS,
            recover::MINE,
            recover::PUT_BACK,
            sweep::BODIES,
            sweep::DONE,
            sweep::DEAD,
            purge::AGAIN,
            purge::HOLD,
            purge::OPEN,
            purge::FREE,
            purge::REMOVE,
            purge::FORGET,
            totals::OPEN,
        ] {
            let statement = sql.prepare(statement).await.map(|_| statement).unwrap();
            sql.batch_execute(begin).await.unwrap();
            sql.batch_execute("SET LOCAL plan_cache_mode = force_generic_plan").await.unwrap();
            sql.batch_execute(&format!("PREPARE explained AS {statement}")).await.unwrap();
            let places = (1..=18).take_while(|place| statement.contains(&format!("${place}"))).count();
            let values = vec!["NULL"; places].join(", ");
            let values = if places == 0 { String::new() } else { format!("({values})") };
            let plan = sql.query(&format!("EXPLAIN EXECUTE explained{values}"), &[]).await.unwrap();
            let plan: Vec<String> = plan.iter().map(|row| row.get(0)).collect();
            sql.batch_execute("ROLLBACK; DEALLOCATE explained").await.unwrap();
            let is_read = |step: &&String| step.contains("Seq Scan on countersign_inbox");
            let step = plan.iter().find(is_read);
            assert_eq!(step, None, "{statement}\n{}", plan.join("\n"));
        }
    }
}
