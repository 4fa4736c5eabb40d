//! Rows that somebody wrote by hand.

use super::{NOW, Place, columns, number, request, store};
use crate::store::{Filter, Incoming, Intake, Known, Ledger, Purge, Queue, RowId, Settled, State, Stored};

#[tokio::test]
async fn a_row_that_was_edited_is_read_as_something_and_blocks_no_other() {
    let place = Place::new();
    let one = place.open();
    for number in 1..=12 {
        store(&one, number).await;
    }
    let sql = place.sql();
    for (id, edit) in [
        (1, "errors = 'nonsense'"),
        (2, "errors = '[1,{\"why\":7},{}]'"),
        (3, "event = CAST(x'ff00fe' AS TEXT), tenant = CAST(x'ff' AS TEXT), resource = CAST(x'80' AS TEXT)"),
        (4, "attempts = -9, deaths = -1, duplicates = -5"),
        (5, "attempts = 9223372036854775807, deaths = 9223372036854775807, duplicates = 9223372036854775806"),
        (6, "seal = x'', meta = x'', bytes = -7"),
        (7, "key = randomblob(32), ordered = 99, waits = 0"),
        (8, "received_at = -9223372036854775807 - 1, due_at = -9223372036854775807 - 1"),
        (9, "suspect = 0, lease = x'', lease_until = -1, settled_at = 5, keep_until = -1"),
    ] {
        assert_eq!(sql.execute(&format!("UPDATE countersign_inbox SET {edit} WHERE id = {id}"), []).unwrap(), 1);
    }
    sql.execute("DELETE FROM countersign_inbox_body WHERE id = 10", []).unwrap();
    // The table itself does not take other types and states.
    for edit in ["due_at = 'soon'", "state = 7", "key = x'00'", "attempts = NULL", "body_until = 'x'"] {
        sql.execute(&format!("UPDATE countersign_inbox SET {edit} WHERE id = 11"), []).unwrap_err();
    }
    drop(sql);

    assert_eq!(one.list(Filter::default(), 99).await.unwrap().len(), 12);
    let some = Filter { error: Some("7".into()), ..Filter::default() };
    assert_eq!(one.counts(some).await.unwrap().ready, 1);
    let mut request = request(99);
    request.is_fair = true;
    let claimed = one.claim(request).await.unwrap();
    assert_eq!(claimed.len(), 12);
    for claimed in &claimed {
        let settled = Settled::Retry { now: NOW, due: NOW, why: "failed".into() };
        one.settle(claimed.claim, settled).await.unwrap();
        let row = one.show(claimed.claim.id).await.unwrap().unwrap();
        assert_eq!((row.state, &*row.errors.last().unwrap().why), (State::Ready, "failed"));
    }
    assert_eq!(one.waiting().await.unwrap().iter().map(|waiting| waiting.due).min(), Some(NOW));
    assert!(one.show(RowId(10)).await.unwrap().unwrap().sealed.columns().body.is_none());
    assert_eq!(one.purge(Filter::default(), Purge::Bodies).await.unwrap(), 12);
    assert_eq!(one.redrive(Filter::default(), NOW).await.unwrap(), 0);
    assert_eq!(one.purge(Filter::default(), Purge::Rows).await.unwrap(), 12);
}

#[tokio::test]
async fn providers_and_tenants_that_are_no_text_do_not_hang_a_claim() {
    let place = Place::new();
    let one = place.open();
    store(&one, 1).await;
    store(&one, 2).await;
    let sql = place.sql();
    // Read as text, these are other ones, which come before them.
    sql.execute("UPDATE countersign_inbox SET provider = CAST(x'ff' AS TEXT) WHERE id = 1", []).unwrap();
    sql.execute("UPDATE countersign_inbox SET tenant = CAST(x'ff' AS TEXT) WHERE id = 2", []).unwrap();
    assert_eq!(one.waiting().await.unwrap().iter().map(|waiting| waiting.due).min(), Some(NOW));
    let mut request = request(9);
    request.is_fair = true;
    assert_eq!(one.claim(request).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_duplicate_with_another_body_is_counted() {
    let place = Place::new();
    let one = place.open();
    let with = |meta: &'static str| {
        let mut columns = columns(1);
        columns.meta = meta.into();
        one.store(Incoming::new(columns.into(), NOW))
    };
    for meta in [
        r#"{"version":1,"body":"aa"}"#,
        r#"{"version":1,"body":"aa","secret":1}"#,
        r#"{"version":1,"body":"bb"}"#,
        r#"{"version":1,"body":"cc"}"#,
        "{",
    ] {
        let stored = with(meta).await.unwrap();
        let has_other_body = meta.contains("bb") || meta.contains("cc");
        let known = Known::new(RowId(1), State::Ready, has_other_body);
        assert!(matches!(stored, Stored::New) || stored == Stored::Duplicate(known), "{meta}: {stored:?}");
    }
    let sql = place.sql();
    assert_eq!(number::<i64>(&sql, "SELECT duplicates FROM countersign_inbox"), 4);
    assert_eq!(number::<i64>(&sql, "SELECT conflicts FROM countersign_inbox"), 2);
}

/// What is counted all the time equals what is there.
#[tokio::test]
async fn totals_follow_edits_by_hand() {
    let place = Place::new();
    let one = place.open();
    for number in 1..=9 {
        store(&one, number).await;
    }
    let sql = place.sql();
    sql.execute("UPDATE countersign_inbox SET state = id % 4, bytes = nullif(id % 3, 0)", []).unwrap();
    sql.execute("DELETE FROM countersign_inbox WHERE id IN (4, 5)", []).unwrap();
    let totals = "SELECT group_concat(state || ':' || \"rows\" || ':' || bytes, ' ') FROM countersign_inbox_totals
                  WHERE \"rows\" > 0";
    let rows = "SELECT group_concat(state || ':' || n || ':' || b, ' ') FROM
                (SELECT state, count(*) AS n, ifnull(sum(bytes), 0) AS b FROM countersign_inbox GROUP BY state)";
    assert_eq!(number::<String>(&sql, totals), number::<String>(&sql, rows));
}
