//! A disk that fails, and calls that nobody waits for.

use std::{
    fs,
    path::Path,
    process::Command,
    task::{Context, Poll, Waker},
    thread::sleep,
    time::{Duration, Instant},
};

use super::{NOW, Place, columns, incoming, is, number, request, store};
use crate::{
    error::{StoreError, StoreErrorKind::Unavailable},
    sqlite::{Settings, SqliteStore},
    store::{Answer, Filter, Incoming, Intake, Ledger, Queue, Stored},
};

/// Sends a call: its answer, or what waits for it.
fn sent<T>(mut call: Answer<'_, T>) -> Result<Result<T, StoreError>, Answer<'_, T>> {
    match call.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => Ok(answer),
        Poll::Pending => Err(call),
    }
}

#[tokio::test]
async fn calls_that_find_no_room_fail_at_once_and_those_that_wait_are_one_transaction() {
    let place = Place::new();
    let one = place.open();
    // Somebody else holds the file, so that everything waits.
    let holder = place.sql();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    let mut full = 0;
    let mut waiting = Vec::new();
    for number in 0..1_400 {
        match sent(one.store(incoming(number))) {
            Ok(answer) => {
                let text = "the inbox's disk is too slow: 1024 calls wait for it already";
                is(answer, Unavailable, text, &place.path());
                full += 1;
            }
            Err(call) => waiting.push(call),
        }
    }
    // The thread may have taken as many as a transaction has.
    assert!((1_400 - 1_024 - 256..=1_400 - 1_024).contains(&full), "{full}");
    // Others are answered all the while.
    assert_eq!(one.list(Filter::default(), 9).await.unwrap().len(), 0);
    assert_eq!(one.waiting().await.unwrap(), []);
    holder.execute_batch("ROLLBACK").unwrap();
    for call in waiting {
        assert_eq!(call.await.unwrap(), Stored::New);
    }
    assert_eq!(number::<u32>(&place.sql(), "SELECT count(*) FROM countersign_inbox"), 1_400 - full);
}

#[tokio::test]
async fn a_file_that_stays_locked_is_unavailable_until_it_is_not() {
    let place = Place::new();
    let one = place.open();
    let holder = place.sql();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    let text = "another process keeps the inbox's file locked: end its transaction, and the inbox goes on by itself";
    is(one.store(incoming(1)).await, Unavailable, text, &place.path());
    holder.execute_batch("ROLLBACK").unwrap();
    assert_eq!(store(&one, 1).await, Stored::New);
}

#[tokio::test]
async fn a_file_that_was_removed_takes_nothing() {
    let text = "the inbox's file was removed or replaced: put it back, or restart the service";
    for name in ["inbox.db", "inbox.db-wal"] {
        let place = Place::new();
        let one = place.open();
        store(&one, 1).await;
        let (path, away) = (place.0.path().join(name), place.0.path().join("away"));
        fs::rename(&path, &away).unwrap();
        is(one.store(incoming(2)).await, Unavailable, text, &path);
        fs::write(&path, "").unwrap();
        is(one.store(incoming(2)).await, Unavailable, text, &path);
        fs::rename(&away, &path).unwrap();
        assert_eq!(store(&one, 2).await, Stored::New);
    }
}

#[tokio::test]
async fn a_call_that_cannot_be_done_does_not_fail_others() {
    let place = Place::new();
    let one = place.open();
    let sql = place.sql();
    sql.execute_batch(
        r#"CREATE TRIGGER no AFTER INSERT ON countersign_inbox_body WHEN NEW.body = CAST('{"number":2}' AS BLOB)
         BEGIN SELECT RAISE(ABORT, 'no'); END"#,
    )
    .unwrap();
    // They are in one transaction: the file is held until they are sent.
    sql.execute_batch("BEGIN IMMEDIATE").unwrap();
    let calls = [1, 2, 3].map(|number| sent(one.store(incoming(number))).unwrap_err());
    sql.execute_batch("ROLLBACK").unwrap();
    let mut answers = Vec::new();
    for call in calls {
        answers.push(call.await);
    }
    assert_eq!((answers[0].as_ref().unwrap(), answers[2].as_ref().unwrap()), (&Stored::New, &Stored::New));
    is(answers.remove(1), Unavailable, "the inbox's file does not take this row", &place.path());
    assert_eq!(number::<i64>(&sql, "SELECT count(*) FROM countersign_inbox"), 2, "nothing of it is left");
}

#[tokio::test]
async fn what_was_claimed_for_a_caller_that_is_gone_is_given_back() {
    let place = Place::new();
    let one = place.open();
    store(&one, 1).await;
    let holder = place.sql();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    drop(sent(one.claim(request(9))).unwrap_err());
    holder.execute_batch("ROLLBACK").unwrap();
    // The first call may come before the rest of the claim that nobody heard of.
    one.renew(super::token(9), NOW).await.unwrap();
    let claimed = one.claim(request(9)).await.unwrap();
    assert_eq!((claimed.len(), claimed[0].claim.attempt), (1, 1));
}

/// A small disk, if this user may mount one.
struct Disk(tempfile::TempDir);

impl Disk {
    fn mount(bytes: u32) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let size = format!("size={bytes}");
        let mounted = run(
            "mount",
            &["-t".as_ref(), "tmpfs".as_ref(), "-o".as_ref(), size.as_ref(), "tmpfs".as_ref(), folder.path()],
        );
        if !mounted {
            println!("skipped: this user cannot mount a disk");
            return None;
        }
        Some(Self(folder))
    }

    fn remount(&self, options: &str) {
        let options = format!("remount,{options}");
        let end = Instant::now() + Duration::from_secs(60);
        // It cannot become read-only while a store that was dropped still closes its files.
        while !run("mount", &["-o".as_ref(), options.as_ref(), self.0.path()]) {
            assert!(Instant::now() < end, "{options}");
            sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        run("umount", &["-l".as_ref(), self.0.path()]);
    }
}

fn run(program: &str, arguments: &[&Path]) -> bool {
    Command::new(program).args(arguments).output().is_ok_and(|output| output.status.success())
}

#[tokio::test]
async fn a_full_disk_takes_nothing_and_heals_by_itself() {
    let Some(disk) = Disk::mount(2 << 20) else { return };
    let path = disk.0.path().join("inbox.db");
    let one = SqliteStore::open(&path, Settings::default()).unwrap();
    let big = |number: u64| {
        let (one, mut columns) = (one.clone(), columns(number));
        columns.body = Some(vec![b'x'; 100_000].into());
        async move { one.store(Incoming::new(columns.into(), NOW)).await }
    };
    let mut acked = Vec::new();
    let failed = loop {
        let number = u64::try_from(acked.len()).unwrap();
        match big(number).await {
            Ok(stored) => acked.push((number, stored)),
            Err(error) => break error,
        }
    };
    let text = "the inbox's disk is full: free some space, and the inbox goes on by itself";
    is::<()>(Err(failed), Unavailable, text, &path);
    assert!(acked.len() > 3, "{}", acked.len());
    // Many at once are as many errors, and nothing hangs.
    let calls: Vec<_> = (1_000..1_100_u64).map(|number| tokio::spawn(big(number))).collect();
    let mut failures = 0;
    for call in calls {
        failures += usize::from(call.await.unwrap().is_err());
    }
    assert_eq!(failures, 100);
    assert_eq!(one.list(Filter::default(), 999).await.unwrap().len(), acked.len(), "it is read all the while");
    disk.remount("size=64m");
    assert_eq!(big(2_000).await.unwrap(), Stored::New);
    assert_eq!(one.claim(request(999)).await.unwrap().len(), acked.len() + 1);
    assert_eq!(number::<String>(&super::sql(&path), "PRAGMA integrity_check"), "ok");
}

#[tokio::test]
async fn a_disk_that_cannot_be_written_takes_nothing_and_heals_by_itself() {
    let Some(disk) = Disk::mount(16 << 20) else { return };
    let path = disk.0.path().join("inbox.db");
    let one = SqliteStore::open(&path, Settings::default()).unwrap();
    store(&one, 1).await;
    drop(one);
    disk.remount("ro");
    let text = "`{}` cannot be written: check the permissions of the file and of its folder";
    is(SqliteStore::open(&path, Settings::default()), crate::StoreErrorKind::Unusable, text, &path);
    disk.remount("rw");
    let one = SqliteStore::open(&path, Settings::default()).unwrap();
    assert!(matches!(store(&one, 1).await, Stored::Duplicate(_)));
    assert_eq!(store(&one, 2).await, Stored::New);
}
