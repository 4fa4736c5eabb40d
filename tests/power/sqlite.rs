//! Programs that store deliveries in SQLite by a writer thread with group commit, on a connection that flushes as it is
//! told. They show what the disk does to a program that flushes, and to one that does not.

use std::{
    collections::BTreeSet,
    env,
    path::Path,
    sync::mpsc::{Sender, channel},
    thread,
    time::Duration,
};

use rusqlite::{Connection, TransactionBehavior};

use crate::storm::{Found, ROUND, WRITERS, say};

/// Stores deliveries until it is killed, 16 at once. A delivery that is rejected is sent again.
pub(crate) fn run(synchronous: &str) {
    let (jobs, queue) = channel::<(String, Sender<Result<(), String>>)>();
    let round = env::var(ROUND).expect("the round");
    for writer in 0..WRITERS {
        let (jobs, round) = (jobs.clone(), round.clone());
        thread::spawn(move || {
            let (answer, answers) = channel();
            for number in 0.. {
                let key = format!("{round}-{writer}-{number}");
                while let Err(error) = {
                    jobs.send((key.clone(), answer.clone())).expect("a writer");
                    answers.recv().expect("an answer")
                } {
                    say("rejected", &format!("{key} {error}"));
                    thread::sleep(Duration::from_millis(1));
                }
                say("stored", &key);
            }
        });
    }

    let mut connection = open(Path::new("inbox.db"), synchronous).expect("a database");
    while let Ok(first) = queue.recv() {
        let batch: Vec<_> = [first].into_iter().chain(queue.try_iter().take(255)).collect();
        let result = store(&mut connection, batch.iter().map(|(key, _)| key)).map_err(|error| error.to_string());
        for (_, answer) in batch {
            let _ = answer.send(result.clone());
        }
    }
}

fn open(path: &Path, synchronous: &str) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", synchronous)?;
    connection.execute_batch("CREATE TABLE IF NOT EXISTS deliveries (key TEXT NOT NULL UNIQUE, body BLOB NOT NULL)")?;
    Ok(connection)
}

fn store<'a>(connection: &mut Connection, keys: impl Iterator<Item = &'a String>) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for key in keys {
        let sql = "INSERT INTO deliveries VALUES (?1, ?2) ON CONFLICT (key) DO NOTHING";
        transaction.prepare(sql)?.execute((key, body(key)))?;
    }
    transaction.commit()
}

/// Reads what a cut left. A database without a table has nothing.
pub(crate) fn find(folder: &Path) -> Result<Found, String> {
    let find = || -> rusqlite::Result<_> {
        let connection = open(&folder.join("inbox.db"), "FULL")?;
        let mut select = connection.prepare("SELECT key, body FROM deliveries")?;
        let rows = select.query_map((), |row| Ok((row.get(0)?, row.get(1)?)))?;
        let rows = rows.collect::<rusqlite::Result<Vec<(String, Vec<u8>)>>>()?;
        drop(select);
        Ok((connection, rows))
    };
    let (connection, rows) = find().map_err(|error| error.to_string())?;
    check(&connection)?;
    let whole = |(key, found): (String, Vec<u8>)| match found == body(&key) {
        true => Ok(key),
        false => Err(format!("the body of {key} is another")),
    };
    Ok(Found { waiting: rows.into_iter().map(whole).collect::<Result<_, _>>()?, done: BTreeSet::new() })
}

/// Lets SQLite look for damage.
pub(crate) fn check(connection: &Connection) -> Result<(), String> {
    match connection.query_row("PRAGMA integrity_check", (), |row| row.get::<_, String>(0)) {
        Ok(verdict) if verdict == "ok" => Ok(()),
        Ok(verdict) => Err(format!("integrity_check: {verdict}")),
        Err(error) => Err(error.to_string()),
    }
}

/// The body of a delivery.
fn body(key: &str) -> Vec<u8> {
    key.bytes().cycle().take(700).collect()
}
