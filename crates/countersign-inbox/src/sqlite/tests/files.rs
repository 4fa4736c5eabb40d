//! Which file is an inbox, and who may read it.

use std::fs;

use super::{
    super::{Settings, SqliteStore, migrations, schema},
    Place, incoming, is, number, sql, store,
};
use crate::{
    error::StoreErrorKind::{Unavailable, Unusable},
    store::{Filter, Intake, Ledger, Queue},
};

fn open(path: &std::path::Path) -> Result<SqliteStore, crate::StoreError> {
    SqliteStore::open(path, Settings::default())
}

#[test]
fn what_is_not_an_inbox_is_not_opened() {
    let place = Place::new();
    let (folder, path) = (place.0.path(), place.path());
    let missing = folder.join("missing");
    let text = "`{}` is not a folder: create it, or choose another path for the inbox";
    is(open(&missing.join("inbox.db")), Unusable, text, &missing);
    is(open(folder), Unusable, "`{}` is a folder: choose a file in it", folder);

    fs::write(&path, "this is a text, and longer than a hundred bytes. ".repeat(30)).unwrap();
    is(open(&path), Unusable, "`{}` is not a database of SQLite: choose another path for the inbox", &path);
    fs::remove_file(&path).unwrap();

    sql(&path).execute_batch("CREATE TABLE orders (id INTEGER)").unwrap();
    let text = "`{}` is a database of another application: choose another path for the inbox";
    is(open(&path), Unusable, text, &path);
    fs::remove_file(&path).unwrap();

    open(&path).unwrap();
    let connection = sql(&path);
    connection.pragma_update(None, "user_version", 7).unwrap();
    let text = "`{}` is of a newer countersign (schema 7, and this one knows 1): update this service, or stop it";
    is(open(&path), Unusable, text, &path);
    connection.pragma_update(None, "user_version", 1).unwrap();
    open(&path).unwrap();
}

#[tokio::test]
async fn a_damaged_file_is_said_to_be_damaged() {
    let place = Place::new();
    let one = place.open();
    for number in 0..20 {
        store(&one, number).await;
    }
    drop(one);
    // What is in the log goes into the file.
    let sql = place.sql();
    sql.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    let page: u32 = number(&sql, "SELECT rootpage FROM sqlite_schema WHERE name = 'countersign_inbox'");
    drop(sql);
    let bytes = fs::read(place.path()).unwrap();
    let damaged = |range: std::ops::Range<usize>| {
        let mut bytes = bytes.clone();
        bytes[range].fill(0xff);
        fs::write(place.path(), &bytes).unwrap();
    };
    // The first page says which tables there are.
    damaged(100..4096);
    let text = "`{}` is damaged: restore it from a backup or with `.recover` of `sqlite3`";
    is(open(&place.path()), Unusable, text, &place.path());

    // Damage elsewhere is found when somebody comes by.
    let page = usize::try_from(page).unwrap();
    damaged((page - 1) * 4096..page * 4096);
    let fresh = open(&place.path()).unwrap();
    let text = "the inbox's file is damaged: stop the service, and restore the file from a backup or with `.recover` \
                of `sqlite3`";
    is(fresh.store(incoming(99)).await, Unavailable, text, &place.path());
    is(fresh.list(Filter::default(), 9).await, Unavailable, text, &place.path());
}

#[cfg(unix)]
#[tokio::test]
async fn files_can_be_read_by_their_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new();
    let one = place.open();
    store(&one, 1).await;
    let _lead = one.lead().await.unwrap().unwrap();
    fs::remove_file(place.path().with_extension("db.key")).unwrap_err();
    let other = Place::new();
    other.open().key().await.unwrap();
    let mut names = Vec::new();
    for entry in fs::read_dir(place.0.path()).unwrap().chain(fs::read_dir(other.0.path()).unwrap()) {
        let entry = entry.unwrap();
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{:?}", entry.path());
        names.push(entry.file_name().into_string().unwrap());
    }
    for name in ["inbox.db", "inbox.db-wal", "inbox.db-shm", "inbox.db.lock", "inbox.db.key"] {
        assert!(names.iter().any(|found| found == name), "{name}: {names:?}");
    }
}

#[test]
fn migrations_can_be_run_by_hand() {
    let (place, by_hand) = (Place::new(), Place::new());
    let _store = place.open();
    let connection = by_hand.sql();
    for migration in migrations() {
        connection.execute_batch(&migration).unwrap();
    }
    let schema = "SELECT group_concat(sql, ';') FROM (SELECT sql FROM sqlite_schema ORDER BY name)";
    assert_eq!(number::<String>(&connection, schema), number::<String>(&place.sql(), schema));
    assert_eq!(number::<i64>(&connection, "PRAGMA user_version"), 1);
    drop(connection);
    by_hand.open();
}

/// POSIX takes all locks of a process from a file when the process closes any descriptor of it. Without
/// its lock, another process that ends would take the log away.
#[cfg(target_os = "linux")]
#[test]
fn opening_a_file_again_does_not_unlock_it() {
    use std::os::unix::fs::MetadataExt;
    let place = Place::new();
    let _first = place.open();
    let (process, inode) = (std::process::id(), fs::metadata(place.path()).unwrap().ino());
    let is_locked = || {
        let locks = fs::read_to_string("/proc/locks").unwrap();
        locks.lines().any(|line| line.contains(&format!(" {process} ")) && line.contains(&format!(":{inode} ")))
    };
    assert!(is_locked());
    let second = place.open();
    assert!(is_locked());
    drop(second);
}

#[test]
fn an_inbox_that_many_open_at_once_is_made_once() {
    for _ in 0..10 {
        let place = Place::new();
        std::thread::scope(|scope| {
            let open: Vec<_> = (0..8).map(|_| scope.spawn(|| open(&place.path()).map(drop))).collect();
            for opened in open {
                opened.join().unwrap().unwrap();
            }
        });
    }
}

#[test]
fn an_inbox_that_is_being_made_is_not_of_another_application() {
    for _ in 0..50 {
        let place = Place::new();
        let path = place.path();
        let connect = || {
            let connection = rusqlite::Connection::open(&path).unwrap();
            connection.pragma_update(None, "journal_mode", "WAL").unwrap();
            connection
        };
        let (mut maker, other) = (connect(), connect());
        std::thread::scope(|scope| {
            let looks = scope.spawn(|| {
                let other = other;
                loop {
                    match schema::is_current(&other, &path) {
                        Ok(false) => {}
                        Ok(true) => return true,
                        Err(_) => return false,
                    }
                }
            });
            assert!(schema::migrate(&mut maker, &place.path()).is_ok());
            assert!(looks.join().unwrap());
        });
    }
}

#[tokio::test]
async fn a_relative_path_is_of_the_folder_at_the_time() {
    let place = Place::new();
    // Up to the root, and down again.
    let folder = std::env::current_dir().unwrap();
    let up = "../".repeat(folder.components().count() - 1);
    let path = place.path();
    let relative = std::path::Path::new(&up).join(path.strip_prefix("/").unwrap());
    let store = open(&relative).unwrap();
    let shown = format!("{store:?}");
    assert!(shown.contains(&folder.display().to_string()), "{shown}");
    assert!(path.is_file());
}
