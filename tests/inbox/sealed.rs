//! Whoever can write to the table cannot make a delivery, nor change one.

use std::{path::Path, time::Duration};

use countersign::{
    Secret,
    inbox::{
        Backoff, End, Inbox, Received, SealKeys,
        sqlite::{Settings, SqliteStore},
        store::{Filter, Purge, State},
    },
    providers::{ScreenScore, Zeodyn},
};

use super::{Book, Working, delivery, delivery_of, inbox, open, rows, until};

/// Changes the table behind the inbox's back, as an attacker with access to the file would.
fn write(folder: &Path, statement: &str) {
    rusqlite::Connection::open(folder.join("inbox.db")).unwrap().execute_batch(statement).unwrap();
}

/// Runs the worker until nothing is open, and returns what the handler saw, and the rows' states and errors.
async fn after(folder: &Path) -> (Vec<(String, u32)>, Vec<(State, String)>) {
    let book = Book::default();
    let inbox = open(folder).await.with_backoff(Backoff::new(1)).on::<Zeodyn, _>(book.handler());
    let inbox = inbox
        .on::<ScreenScore, _>(|_: Received<ScreenScore>| -> std::future::Ready<()> { panic!("it was not stored") });
    let working = Working::start(&inbox);
    until("all rows are ended", || async {
        rows(&inbox).await.iter().all(|row| matches!(row.state, State::Done | State::Dead))
    })
    .await;
    working.stop().await;
    let why =
        |row: &countersign::inbox::store::Row| row.errors.last().map(|error| error.why.clone()).unwrap_or_default();
    (book.entries(), rows(&inbox).await.iter().map(|row| (row.state, why(row))).collect())
}

const FORGED: &str = "the seal does not match: the stored delivery was changed, or it is of another namespace";

#[tokio::test]
async fn a_changed_row_is_a_dead_letter_and_never_handled() {
    for change in [
        r#"UPDATE countersign_inbox_body SET body = CAST('{"event":"scan_complete","scanId":"2"}' AS BLOB)"#,
        "UPDATE countersign_inbox_body SET confirmed = body",
        "UPDATE countersign_inbox SET resource = '2'",
        "UPDATE countersign_inbox SET event = 'threshold_alert'",
        "UPDATE countersign_inbox SET tenant = 'other'",
        "UPDATE countersign_inbox SET received_at = received_at + 1",
        "UPDATE countersign_inbox SET provider = 'screenscore'",
        "UPDATE countersign_inbox SET key = zeroblob(32)",
        "UPDATE countersign_inbox SET meta = CAST(replace(CAST(meta AS TEXT), 'signed', 'confirmed') AS BLOB)",
        "UPDATE countersign_inbox SET seal = zeroblob(length(seal))",
        "UPDATE countersign_inbox SET seal = unhex(hex(substr(seal, 1, 4)) || hex(zeroblob(32)))",
    ] {
        let (folder, inbox) = inbox().await;
        inbox.store::<Zeodyn>().accept(&delivery("1")).await.unwrap();
        write(folder.path(), change);
        inbox.store::<Zeodyn>().accept(&delivery("another")).await.unwrap();
        let (handled, ended) = after(folder.path()).await;
        assert_eq!(handled, [("another".to_owned(), 1)], "{change}");
        let [(State::Done, _), (state, why)] = &ended[..] else { panic!("{change}: {ended:?}") };
        let is_unknown_key = change.ends_with("zeroblob(length(seal))");
        let expected = if is_unknown_key {
            "the delivery was sealed with a key that is not given: add it as a previous one"
        } else {
            FORGED
        };
        assert_eq!((*state, why.as_str()), (State::Dead, expected), "{change}");
    }
}

#[tokio::test]
async fn a_row_of_an_attacker_is_a_dead_letter() {
    let (folder, inbox) = inbox().await;
    inbox.store::<Zeodyn>().accept(&delivery("1")).await.unwrap();
    // A copy under another key, and about another scan.
    let columns = "provider, tenant, event, received_at, meta, seal, bytes, state, due_at, keep_until";
    write(
        folder.path(),
        &format!(
            "INSERT INTO countersign_inbox (key, resource, {columns})
               SELECT randomblob(32), '2', {columns} FROM countersign_inbox;
             INSERT INTO countersign_inbox_body (id, body)
               SELECT max(id), CAST('{{\"event\":\"scan_complete\",\"scanId\":\"2\"}}' AS BLOB) FROM countersign_inbox"
        ),
    );
    let (handled, ended) = after(folder.path()).await;
    assert_eq!(handled, [("1".to_owned(), 1)]);
    assert_eq!(ended.iter().filter(|(state, why)| *state == State::Dead && why == FORGED).count(), 1);
}

/// A copy of a whole row cannot enter while its key is kept; after that, it runs again.
#[tokio::test]
async fn a_copied_row_runs_again_only_once_its_key_is_gone() {
    let (folder, inbox) = inbox().await;
    inbox.store::<Zeodyn>().accept(&delivery("1")).await.unwrap();
    write(
        folder.path(),
        "CREATE TABLE copy AS SELECT * FROM countersign_inbox;
         CREATE TABLE copy_of_body AS SELECT * FROM countersign_inbox_body",
    );
    assert_eq!(after(folder.path()).await.0.len(), 1);
    let insert = "INSERT INTO countersign_inbox SELECT * FROM copy;
                  INSERT INTO countersign_inbox_body SELECT * FROM copy_of_body";
    let error = rusqlite::Connection::open(folder.path().join("inbox.db")).unwrap().execute_batch(insert);
    assert!(error.unwrap_err().to_string().contains("UNIQUE"));
    inbox.ledger().purge(Filter::default(), Purge::Rows).await.unwrap();
    write(folder.path(), insert);
    assert_eq!(after(folder.path()).await.0.len(), 1);
}

#[tokio::test]
async fn an_inbox_is_not_opened_with_another_key() {
    let (folder, inbox) = inbox().await;
    inbox.store::<Zeodyn>().accept(&delivery("1")).await.unwrap();
    drop(inbox);
    let key = folder.path().join("inbox.db.key");
    std::fs::write(&key, "0".repeat(64)).unwrap();
    let error = Inbox::open(folder.path().join("inbox.db")).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "`{}` is not the key that sealed the inbox's deliveries: restore that one, or open the inbox with both \
             (`Inbox::on_store`)",
            key.display()
        )
    );
}

#[tokio::test]
async fn a_purged_row_is_purged_and_not_forged() {
    let (folder, inbox) = inbox().await;
    inbox.store::<Zeodyn>().accept(&delivery("1")).await.unwrap();
    assert_eq!(inbox.ledger().purge(Filter::default(), Purge::Bodies).await.unwrap(), 1);
    // Somebody makes it due again.
    write(folder.path(), "UPDATE countersign_inbox SET state = 0, due_at = 0");
    let (handled, ended) = after(folder.path()).await;
    assert!(handled.is_empty());
    assert_eq!(ended, [(State::Dead, "the body of the stored delivery was purged".to_owned())]);
}

const KEY: &str = "a key that is kept elsewhere";

fn encrypted(folder: &Path) -> Inbox {
    let store = SqliteStore::open(folder.join("inbox.db"), Settings::default()).unwrap();
    let keys = SealKeys::new(Secret::from_static(KEY)).unwrap().encrypting();
    Inbox::on_store(store, keys)
}

#[tokio::test]
async fn an_encrypted_inbox_has_no_id_and_no_body_in_any_file() {
    let folder = tempfile::tempdir().unwrap();
    let book = Book::default();
    let inbox = encrypted(folder.path()).on::<Zeodyn, _>(book.handler());
    for _ in 0..2 {
        inbox.store::<Zeodyn>().accept(&delivery("scan_of_a_customer")).await.unwrap();
    }
    inbox.store::<Zeodyn>().accept(&delivery("scan_of_another")).await.unwrap();
    let files = std::fs::read_dir(folder.path()).unwrap().map(|file| std::fs::read(file.unwrap().path()).unwrap());
    let bytes: Vec<u8> = files.flatten().collect();
    let says = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(says("scan_complete") && !says("scan_of") && !says("scanId"));
    assert!(!folder.path().join("inbox.db.key").exists());
    // A duplicate is one, although it is encrypted otherwise.
    assert_eq!(inbox.counters().duplicates, 1);
    write(folder.path(), "UPDATE countersign_inbox_body SET body = (SELECT max(body) FROM countersign_inbox_body)");
    let working = Working::start(&inbox);
    until("both are ended", || async {
        rows(&inbox).await.iter().all(|row| matches!(row.state, State::Done | State::Dead))
    })
    .await;
    working.stop().await;
    // One of them had its own body.
    let dead: Vec<_> = rows(&inbox).await.into_iter().filter(|row| row.state == State::Dead).collect();
    assert_eq!((dead.len(), dead[0].errors[0].why.as_str(), book.entries().len()), (1, FORGED, 1));
}

#[tokio::test]
async fn order_by_resource_is_kept_without_its_id() {
    let folder = tempfile::tempdir().unwrap();
    let book = Book::default();
    let own = book.clone();
    let handler = move |hook: Received<Zeodyn>| {
        let attempt = own.write(&hook);
        std::future::ready(if attempt < 3 { End::retry("again") } else { End::done() })
    };
    let inbox = encrypted(folder.path()).in_order_by_resource().with_backoff(Backoff::new(5).with_most(Duration::ZERO));
    let inbox = inbox.on::<Zeodyn, _>(handler);
    for n in 1..=2 {
        let body = format!(r#"{{"event":"scan_complete","scanId":"a","timestamp":"2026-01-0{n}T00:00:00Z"}}"#);
        inbox.store::<Zeodyn>().accept(&delivery_of::<Zeodyn>(&body)).await.unwrap();
    }
    let working = Working::start(&inbox);
    until("both are done", || async { rows(&inbox).await.iter().all(|row| row.state == State::Done) }).await;
    working.stop().await;
    let attempts: Vec<_> = book.entries().iter().map(|(_, attempt)| *attempt).collect();
    assert_eq!(attempts, [1, 2, 3, 1, 2, 3]);
}
