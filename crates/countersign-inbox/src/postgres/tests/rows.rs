//! Rows as others see them: NUL, errors, and what is durable.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use super::{NOW, Place, columns, incoming, number, request, says, store, token};
use crate::{
    error::StoreErrorKind::Unavailable,
    store::{AttemptError, Filter, Incoming, Intake, Ledger, Purge, Queue, Recovery, Settled, Stored},
};

#[tokio::test]
async fn texts_with_nul_are_stored_found_and_come_back() {
    let place = Place::new();
    let one = place.open().await;
    let mut columns = columns(1);
    (columns.event, columns.tenant) = ("a\0b".into(), Some("\0".into()));
    columns.resource = Some("\u{1a}\0".into());
    one.store(Incoming::new(columns.clone().into(), NOW)).await.unwrap();
    let claimed = one.claim(request(1)).await.unwrap();
    assert!(*claimed[0].sealed.columns() == columns);
    let why = "it said \0, twice: \0";
    one.settle(claimed[0].claim, Settled::Dead { now: NOW, why: why.into() }).await.unwrap();
    for filter in [
        Filter { event: Some("a\0b".into()), ..Filter::default() },
        Filter { tenant: Some("\0".into()), ..Filter::default() },
        Filter { resources: vec!["\u{1a}\0".into()], ..Filter::default() },
        Filter { error: Some("twice: \0".into()), ..Filter::default() },
    ] {
        let rows = one.list(filter.clone(), 9).await.unwrap();
        assert_eq!(rows.len(), 1, "{filter:?}");
        assert_eq!(rows[0].errors, [AttemptError::new(1, NOW, why)]);
    }
}

#[tokio::test]
async fn the_last_20_errors_are_kept() {
    let place = Place::new();
    let one = place.open().await;
    store(&one, 1).await;
    for attempt in 1..=25 {
        let claimed = one.claim(request(1)).await.unwrap();
        let why = format!("{attempt} {}", "ä".repeat(2_000));
        one.settle(claimed[0].claim, Settled::Retry { now: NOW, due: NOW, why }).await.unwrap();
    }
    let rows = one.list(Filter::default(), 1).await.unwrap();
    let attempts: Vec<_> = rows[0].errors.iter().map(|error| error.attempt).collect();
    assert_eq!(attempts, (6..=25).collect::<Vec<_>>());
    assert!(rows[0].errors.iter().all(|error| error.why.chars().count() == 1_000));
    // What somebody else wrote there is no obstacle.
    for written in ["{}", "[1, {\"why\": 7}]", "\"x\"", "null", "[[]]"] {
        let sql = place.sql().await;
        sql.execute("UPDATE countersign_inbox SET errors = $1::text::jsonb", &[&written]).await.unwrap();
        assert_eq!(one.list(Filter { error: Some("x".into()), ..Filter::default() }, 9).await.unwrap().len(), 0);
        assert_eq!(one.list(Filter::default(), 9).await.unwrap()[0].errors, []);
        let claimed = one.claim(request(1)).await.unwrap();
        one.settle(claimed[0].claim, Settled::Retry { now: NOW, due: NOW, why: "y".into() }).await.unwrap();
    }
}

#[tokio::test]
async fn a_row_that_the_server_refuses_fails_alone_and_is_not_quoted() {
    let place = Place::new();
    let one = place.open().await;
    let sql = place.sql().await;
    sql.batch_execute(r#"ALTER TABLE countersign_inbox_body ADD CHECK (body <> '{"number":2}')"#).await.unwrap();
    // They wait together for the table.
    sql.batch_execute("BEGIN; LOCK countersign_inbox").await.unwrap();
    let calls: Vec<_> = (0..40)
        .map(|number| {
            let one = one.clone();
            tokio::spawn(async move { one.store(incoming(number)).await })
        })
        .collect();
    super::until(async || number(&place.sql().await, "SELECT count(*) FROM pg_locks WHERE NOT granted").await > 0)
        .await;
    sql.batch_execute("COMMIT").await.unwrap();
    for (number, call) in calls.into_iter().enumerate() {
        let answer = call.await.unwrap();
        if number == 2 {
            assert!(!format!("{answer:?}").contains("number"), "{answer:?}");
            says(answer, Unavailable, "the inbox's server does not take this row");
        } else {
            assert_eq!(answer.unwrap(), Stored::New);
        }
    }
    assert_eq!(number(&sql, "SELECT count(*) FROM countersign_inbox").await, 39);
}

#[tokio::test]
async fn what_is_set_for_the_role_does_not_make_it_forget() {
    let place = Place::new();
    drop(place.open().await);
    let sql = place.sql().await;
    // A row says what its transaction is committed with.
    sql.batch_execute(&format!(
        "CREATE ROLE forgetful SUPERUSER LOGIN; ALTER ROLE forgetful SET synchronous_commit = off;
         ALTER ROLE forgetful SET default_transaction_isolation = 'serializable';
         ALTER ROLE forgetful SET default_transaction_read_only = on; ALTER ROLE forgetful SET search_path = pg_catalog;
         ALTER ROLE forgetful SET lock_timeout = '1ms'; ALTER ROLE forgetful SET statement_timeout = '100ms';
         ALTER ROLE forgetful SET idle_in_transaction_session_timeout = '1ms';
         CREATE TABLE said (how TEXT);
         CREATE FUNCTION say() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
           INSERT INTO \"{0}\".said VALUES
             (current_setting('synchronous_commit') || ' ' || current_setting('transaction_isolation')); RETURN NEW; END $$;
         CREATE TRIGGER say BEFORE INSERT OR UPDATE ON countersign_inbox FOR EACH ROW EXECUTE FUNCTION say()",
        place.schema
    ))
    .await
    .unwrap();
    let url = place.server.url("forgetful");
    let one = super::PostgresStore::connect(&url, place.settings()).await.unwrap();
    store(&one, 1).await;
    let claimed = one.claim(request(1)).await.unwrap();
    one.settle(claimed[0].claim, Settled::Done { now: NOW, keep_body_until: None }).await.unwrap();
    let said: Vec<String> =
        sql.query("SELECT how FROM said", &[]).await.unwrap().iter().map(|row| row.get(0)).collect();
    assert_eq!(said, vec!["on read committed"; 3]);
    // It waits for locks, and for statements, as long as the store does.
    sql.batch_execute("BEGIN; LOCK countersign_inbox").await.unwrap();
    let waits = tokio::spawn({
        let one = one.clone();
        async move { one.store(incoming(2)).await }
    });
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    sql.batch_execute("COMMIT").await.unwrap();
    assert_eq!(waits.await.unwrap().unwrap(), Stored::New);
    // Otherwise the test shows nothing.
    let show = super::sql(&url).await.query_one("SHOW synchronous_commit", &[]).await.unwrap();
    assert_eq!(show.get::<_, &str>(0), "off");
}

#[tokio::test]
async fn a_purge_leaves_nothing_of_the_bodies_in_the_files_of_their_table() {
    let place = Place::new();
    let one = place.open().await;
    let sql = place.sql().await;
    let mark = "ZQXJKVWY";
    for number in 0..50_u64 {
        let mut columns = columns(number);
        // Not compressed, and some of it in the table beside.
        let noise: String = (0..number * 60).map(|n| char::from(b'a' + u8::try_from(n * n % 23).unwrap())).collect();
        columns.body = Some(format!("{mark}{noise}").into());
        one.store(Incoming::new(columns.into(), NOW)).await.unwrap();
    }
    for (number, claimed) in one.claim(request(50)).await.unwrap().into_iter().enumerate() {
        let why = format!("it said {mark}");
        let settled =
            if number % 2 == 0 { Settled::Dead { now: NOW, why } } else { Settled::Retry { now: NOW, due: NOW, why } };
        one.settle(claimed.claim, settled).await.unwrap();
    }
    let files = sql
        .query(
            "SELECT pg_relation_filepath(c.oid) FROM pg_class AS c
             WHERE 'countersign_inbox_body'::regclass IN (c.oid, (SELECT oid FROM pg_class WHERE reltoastrelid = c.oid))",
            &[],
        )
        .await
        .unwrap();
    let is_anywhere = || {
        files.iter().any(|file| {
            let path = place.server.folder.join("data").join(file.get::<_, &str>(0));
            std::fs::read(path).unwrap_or_default().windows(mark.len()).any(|bytes| bytes == mark.as_bytes())
        })
    };
    sql.batch_execute("CHECKPOINT").await.unwrap();
    assert!(is_anywhere(), "otherwise the test finds nothing");
    assert_eq!(one.purge(Filter::default(), Purge::Bodies).await.unwrap(), 50);
    super::until(async || {
        // Another test's snapshot may still see it: then, a later one removes it.
        sql.batch_execute("VACUUM countersign_inbox_body").await.unwrap();
        sql.batch_execute("CHECKPOINT").await.unwrap();
        !is_anywhere()
    })
    .await;
}

#[tokio::test]
async fn functions_that_others_put_into_the_search_path_are_not_run() {
    let place = Place::new();
    drop(place.open().await);
    let sql = place.sql().await;
    // They suit the statements better than those of the server do, and say so.
    let functions: String = [
        ("hashtextextended", "text, integer", "bigint"),
        ("jsonb_path_query_array", "jsonb, text", "jsonb"),
        ("jsonb_build_array", "jsonb", "jsonb"),
        ("pg_notify", "text, text", "void"),
        ("nextval", "text", "bigint"),
    ]
    .iter()
    .map(|(name, takes, gives)| {
        format!(
            "CREATE FUNCTION evil.{name}({takes}) RETURNS {gives} LANGUAGE plpgsql
             AS $$ BEGIN RAISE EXCEPTION 'run'; END $$;"
        )
    })
    .collect();
    sql.batch_execute(&format!(
        "CREATE SCHEMA evil; CREATE ROLE careless SUPERUSER LOGIN; ALTER ROLE careless SET search_path = evil; {functions}"
    ))
    .await
    .unwrap();
    let url = place.server.url("careless");
    let one = super::PostgresStore::connect(&url, place.settings()).await.unwrap();
    let mut columns = columns(1);
    columns.resource = Some("r".into());
    let delivery = Incoming { is_ordered: true, ..Incoming::new(columns.into(), NOW) };
    one.store(delivery).await.unwrap();
    let claimed = one.claim(request(1)).await.unwrap();
    one.settle(claimed[0].claim, Settled::Retry { now: NOW, due: NOW, why: "x".into() }).await.unwrap();
    one.recover(crate::store::Recovery::new(super::token(2), NOW, true, 2)).await.unwrap();
    assert_eq!(one.purge(Filter::default(), Purge::Bodies).await.unwrap(), 1);
    // Otherwise the test shows nothing.
    let run = super::sql(&url).await.query("SELECT jsonb_path_query_array('[]'::jsonb, '$')", &[]).await;
    assert!(run.is_err_and(|error| error.as_db_error().is_some_and(|error| error.message() == "run")));
}

/// `tokio-postgres` logs the values of statements, unless they hide themselves.
#[tokio::test]
async fn t19_no_value_of_a_statement_is_logged() {
    static FOUND: AtomicU32 = AtomicU32::new(0);
    struct Looks;
    impl log::Log for Looks {
        fn enabled(&self, _: &log::Metadata<'_>) -> bool {
            true
        }
        fn log(&self, record: &log::Record<'_>) {
            let text = record.args().to_string();
            if text.contains("with parameters") {
                FOUND.fetch_or(1, Relaxed);
            }
            if text.contains("a secret tenant") {
                FOUND.fetch_or(2, Relaxed);
            }
        }
        fn flush(&self) {}
    }
    log::set_logger(&Looks).unwrap();
    log::set_max_level(log::LevelFilter::Trace);
    let one = Place::new().open().await;
    let mut columns = columns(7);
    columns.tenant = Some("a secret tenant".into());
    one.store(Incoming::new(columns.into(), NOW + 1000)).await.unwrap();
    log::set_max_level(log::LevelFilter::Off);
    // The statement was logged, and not its values.
    assert_eq!(FOUND.load(Relaxed), 1);
}

#[tokio::test]
async fn a_row_with_extreme_numbers_is_recovered_and_counted_as_others_are() {
    let place = Place::new();
    let one = place.open().await;
    let sql = place.sql().await;
    for number in 0..4 {
        store(&one, number).await;
    }
    let claimed = one.claim(request(4)).await.unwrap();
    for (number, set) in [
        "attempts = -9223372036854775808, duplicates = 9223372036854775807, conflicts = 9223372036854775807",
        "attempts = 9223372036854775807, deaths = -9223372036854775808, suspect = 2",
        "attempts = 1, deaths = 9223372036854775807, suspect = 2",
        "attempts = 1",
    ]
    .iter()
    .enumerate()
    {
        let id = claimed[number].claim.id.0;
        sql.batch_execute(&format!("UPDATE countersign_inbox SET {set} WHERE id = {id}")).await.unwrap();
        assert!(matches!(one.store(incoming(u64::try_from(number).unwrap())).await.unwrap(), Stored::Duplicate(_)));
    }
    let recovered = one.recover(Recovery::new(token(9), NOW + 10_000_000_000, false, 3)).await.unwrap();
    assert_eq!((recovered.suspects, recovered.charged, recovered.dead.len()), (2, 1, 1));
}
