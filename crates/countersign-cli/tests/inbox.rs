//! `countersign inbox`: every action on a real inbox, in a file and on Postgres, word for word.

#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::panic)]
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

#[allow(unreachable_pub, clippy::expect_used, reason = "they are public in their own package")]
#[path = "../../../tests/support/ports.rs"]
mod ports;
#[allow(dead_code, unreachable_pub, clippy::expect_used, reason = "they are public in their own package")]
#[path = "../../../tests/support/postgres.rs"]
mod support;

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering::Relaxed},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use countersign_core::{
    dedupe::LeaseToken,
    seal::{Sealed, SealedColumns},
};
use countersign_inbox::{
    SqliteStore, postgres, sqlite,
    store::{ClaimRequest, Incoming, Intake, Queue, Settled},
};
use serde_json::{Value, json};
use support::Postgres;
use tempfile::TempDir;
use tokio_postgres::NoTls;

/// Turns each function into a test on SQLite and one on Postgres.
macro_rules! on_both {
    ($($test:ident,)*) => {
        mod on_sqlite {
            $(#[test]
            fn $test() {
                super::$test(super::On::Sqlite);
            })*
        }

        mod on_postgres {
            $(#[test]
            fn $test() {
                super::$test(super::On::Postgres);
            })*
        }
    };
}

on_both![
    deliveries_are_listed_by_filter,
    json_says_what_the_text_says,
    a_delivery_is_shown_with_its_body_only_on_request,
    deliveries_are_counted,
    a_change_says_how_many_and_wants_to_be_sure,
    bodies_are_purged_and_rows_are_removed,
    t24_no_text_of_a_delivery_controls_a_terminal,
    the_migrations_are_printed_and_run,
];

/// 2026-01-01T00:00:00Z.
const THEN: i64 = 1_767_225_600_000;

fn now() -> i64 {
    i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap()
}

/// A delivery about a resource. No command opens its seal.
fn columns(resource: &str) -> SealedColumns {
    SealedColumns {
        key: [resource.as_bytes()[0]; 32].into(),
        provider: "zeodyn".to_owned(),
        tenant: None,
        event: "scan_complete".to_owned(),
        resource: Some(resource.to_owned()),
        received_at: THEN,
        body: Some(format!(r#"{{"scanId":"{resource}"}}"#).into_bytes().into()),
        confirmed: None,
        meta: "{}".into(),
        seal: "seal".into(),
    }
}

/// The server of all tests.
fn server() -> &'static Postgres {
    static SERVER: OnceLock<Postgres> = OnceLock::new();
    SERVER.get_or_init(|| Postgres::start(ports::free(), &[]))
}

/// A store of each kind.
trait Store: Intake + Queue {}

impl<S: Intake + Queue> Store for S {}

#[derive(Clone, Copy)]
enum On {
    Sqlite,
    Postgres,
}

/// An inbox, and the program on it.
struct Inbox {
    folder: TempDir,
    /// The schema of its tables, on Postgres.
    schema: Option<String>,
}

impl On {
    /// A place for an inbox.
    fn place(self) -> Inbox {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let schema = match self {
            Self::Sqlite => None,
            Self::Postgres => Some(format!("inbox{}", NUMBER.fetch_add(1, Relaxed))),
        };
        Inbox { folder: tempfile::tempdir().unwrap(), schema }
    }

    fn with(self, deliveries: impl IntoIterator<Item = SealedColumns>) -> Inbox {
        let inbox = self.place();
        inbox.after(async |store| {
            for columns in deliveries {
                let incoming = Incoming::new(Sealed::from(columns), i64::MAX);
                store.store(incoming).await.unwrap();
            }
        });
        inbox
    }

    /// `a` is done, `b` is dead, `c` waits, and `d` failed once.
    fn of_each_state(self) -> Inbox {
        let tenant = |columns: SealedColumns| SealedColumns { tenant: Some("acme".to_owned()), ..columns };
        let other =
            |columns| SealedColumns { provider: "screenscore".to_owned(), event: "score".to_owned(), ..columns };
        let (c, d) = (other(tenant(columns("c"))), SealedColumns { received_at: now(), ..columns("d") });
        let inbox = self.with([columns("a"), columns("b"), c, d]);
        inbox.after(async |store| {
            let mut request = ClaimRequest::new(LeaseToken::unique(), i64::MAX, Duration::from_secs(30), 9);
            request.providers = vec![("zeodyn".to_owned(), 9)];
            for claimed in store.claim(request).await.unwrap() {
                let (now, why) = (THEN + 60_000, "the database is down".to_owned());
                let settled = match claimed.claim.id.0 {
                    1 => Settled::Done { now, keep_body_until: None },
                    2 => Settled::Dead { now, why },
                    _ => Settled::Retry { now, due: now + 60_000, why: "a time-out".to_owned() },
                };
                store.settle(claimed.claim, settled).await.unwrap();
            }
        });
        inbox
    }
}

impl Inbox {
    fn path(&self) -> PathBuf {
        self.folder.path().join("inbox.db")
    }

    fn url(&self) -> String {
        match &self.schema {
            None => "sqlite:inbox.db".to_owned(),
            Some(schema) => format!("{}?options=-csearch_path%3D{schema}", server().url("postgres")),
        }
    }

    fn after(&self, work: impl AsyncFnOnce(&dyn Store)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            match &self.schema {
                None => work(&SqliteStore::open(self.path(), sqlite::Settings::default()).unwrap()).await,
                Some(schema) => {
                    let settings = postgres::Settings::default().with_schema(schema);
                    let url = server().url("postgres");
                    work(&postgres::PostgresStore::connect(&url, settings).await.unwrap()).await;
                }
            }
        });
    }

    fn execute(&self, statements: &str) {
        match &self.schema {
            None => rusqlite::Connection::open(self.path()).unwrap().execute_batch(statements).unwrap(),
            Some(schema) => {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                runtime.block_on(async {
                    let connected = tokio_postgres::connect(&server().url("postgres"), NoTls).await;
                    let (client, connection) = connected.unwrap();
                    tokio::spawn(connection);
                    let statements = format!("CREATE SCHEMA {schema}; SET search_path = {schema}; {statements}");
                    client.batch_execute(&statements).await.unwrap();
                });
            }
        }
    }

    fn run(&self, arguments: &str) -> Ran {
        run(self.folder.path(), &format!("{arguments} --store {}", self.url()))
    }

    fn json(&self, arguments: &str) -> Vec<Value> {
        let ran = self.run(&format!("{arguments} --json"));
        ran.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The numbers of the deliveries that match.
    fn listed(&self, filter: &str) -> Vec<i64> {
        self.json(&format!("list {filter}")).iter().map(|row| row["id"].as_i64().unwrap()).collect()
    }

    fn states(&self) -> Vec<String> {
        self.json("list").iter().rev().map(|row| row["state"].as_str().unwrap().to_owned()).collect()
    }
}

/// What the program printed, and its exit code.
#[derive(Debug, PartialEq)]
struct Ran {
    code: i32,
    out: String,
    err: String,
}

fn run(folder: &Path, arguments: &str) -> Ran {
    let output = Command::new(env!("CARGO_BIN_EXE_countersign"))
        .current_dir(folder)
        .arg("inbox")
        .args(arguments.split(' '))
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ran { code: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) }
}

fn ended(code: i32, out: &str, err: &str) -> Ran {
    Ran { code, out: out.to_owned(), err: err.to_owned() }
}

fn deliveries_are_listed_by_filter(on: On) {
    let inbox = on.of_each_state();
    let since = inbox.json("list --id 4")[0]["received_at"].as_str().unwrap().to_owned();
    assert_eq!(
        inbox.run("list"),
        ended(
            0,
            &format!(
                "     4  ready    {since}  zeodyn scan_complete d  attempts 1  a time-out
     3  ready    2026-01-01T00:00:00Z  screenscore score c  attempts 0
     2  dead     2026-01-01T00:00:00Z  zeodyn scan_complete b  attempts 1  the database is down
     1  done     2026-01-01T00:00:00Z  zeodyn scan_complete a  attempts 1
"
            ),
            ""
        )
    );
    for (filter, expected) in [
        ("--limit 2", &[4, 3][..]),
        ("--limit 18446744073709551615", &[4, 3, 2, 1]),
        ("--id 2", &[2]),
        ("--provider zeodyn", &[4, 2, 1]),
        ("--tenant acme", &[3]),
        ("--event score", &[3]),
        ("--resource b", &[2]),
        ("--state ready", &[4, 3]),
        ("--state ready --provider zeodyn", &[4]),
        ("--error time", &[4]),
        ("--older-than 1h", &[3, 2, 1]),
        ("--newer-than 1h", &[4]),
        // Longer than there is time.
        ("--older-than 999999999999d", &[]),
        ("--newer-than 213503982334601d", &[4, 3, 2, 1]),
    ] {
        assert_eq!(inbox.listed(filter), expected, "{filter}");
    }
    assert_eq!(inbox.run("list --id 9"), ended(1, "no delivery matches\n", ""));
    assert_eq!(inbox.run("list --id 9 --json"), ended(1, "", ""));
}

fn json_says_what_the_text_says(on: On) {
    let inbox = on.of_each_state();
    let expected = json!({
        "id": 2, "state": "dead", "provider": "zeodyn", "tenant": null, "event": "scan_complete", "resource": "b",
        "key": "62".repeat(32), "received_at": "2026-01-01T00:00:00Z", "due_at": null,
        "settled_at": "2026-01-01T00:01:00Z", "attempts": 1, "duplicates": 0, "deaths": 0, "bytes": 14,
        "errors": [{"attempt": 1, "at": "2026-01-01T00:01:00Z", "why": "the database is down"}],
    });
    assert_eq!(inbox.json("list --id 2"), std::slice::from_ref(&expected));
    assert_eq!(inbox.json("show 2"), std::slice::from_ref(&expected));
    let mut with_body = expected;
    with_body["body"] = json!(r#"{"scanId":"b"}"#);
    assert_eq!(inbox.json("show 2 --body"), [with_body]);
    let done = &inbox.json("list --id 1")[0];
    assert_eq!((&done["bytes"], &done["due_at"]), (&Value::Null, &Value::Null));
    let counts = json!({"ready": 2, "claimed": 0, "done": 1, "dead": 1, "oldest_open": "2026-01-01T00:00:00Z"});
    assert_eq!(inbox.json("counts"), [counts]);
    let counts = json!({"ready": 0, "claimed": 0, "done": 0, "dead": 1, "oldest_open": null});
    assert_eq!(inbox.json("counts --state dead"), [counts]);
}

fn a_delivery_is_shown_with_its_body_only_on_request(on: On) {
    let inbox = on.of_each_state();
    let shown = "scan_complete of zeodyn
  state        dead
  key          6262626262626262626262626262626262626262626262626262626262626262
  resource ID  b
  received at  2026-01-01T00:00:00Z
  settled at   2026-01-01T00:01:00Z
  attempts     1
  duplicates   0
  body         14 bytes
  attempt 1 at 2026-01-01T00:01:00Z: the database is down
";
    assert_eq!(inbox.run("show 2"), ended(0, shown, ""));
    assert_eq!(inbox.run("show 2 --body"), ended(0, &format!("{shown}\n{{\"scanId\":\"b\"}}"), ""));
    let gone = inbox.run("show 1 --body");
    assert_eq!((gone.code, gone.out.ends_with("  body         purged\n")), (0, true));
    assert_eq!(inbox.run("show 9"), ended(1, "there is no delivery 9\n", ""));
}

fn deliveries_are_counted(on: On) {
    let counts = "ready            2
claimed          0
done             1
dead             1
oldest that is not ended: 2026-01-01T00:00:00Z
";
    assert_eq!(on.of_each_state().run("counts"), ended(0, counts, ""));
    let none = "ready            0
claimed          0
done             0
dead             0
oldest that is not ended: none
";
    assert_eq!(on.with([]).run("counts"), ended(0, none, ""));
}

fn a_change_says_how_many_and_wants_to_be_sure(on: On) {
    let inbox = on.of_each_state();
    let which = "error: which deliveries? Say so with --id, --provider, --state, …, or give --all\n";
    for (arguments, message) in [
        ("redrive", which),
        ("redrive --yes", which),
        ("purge --yes", which),
        ("purge --rows", which),
        ("redrive --all", "error: without a terminal to ask on, give --yes to redrive 4 deliveries\n"),
        ("purge --id 2", "error: without a terminal to ask on, give --yes to purge the bodies of 1 delivery\n"),
        ("purge --id 2 --rows", "error: without a terminal to ask on, give --yes to remove 1 delivery\n"),
    ] {
        assert_eq!(inbox.run(arguments), ended(2, "", message), "{arguments}");
    }
    assert_eq!(inbox.states(), ["done", "dead", "ready", "ready"]);
    assert_eq!(inbox.run("redrive --id 9 --yes"), ended(1, "no delivery matches\n", ""));
    assert_eq!(inbox.json("redrive --id 9 --yes"), [json!({"changed": 0})]);
    // One that is done has no body any more, and one is due already.
    let left = "(left alone: what is being handled or is due already, and what has no body any more)";
    assert_eq!(inbox.run("redrive --id 1 --yes"), ended(1, &format!("0 of 1 delivery redriven {left}\n"), ""));
    assert_eq!(inbox.run("redrive --all --yes"), ended(0, &format!("2 of 4 deliveries redriven {left}\n"), ""));
    assert_eq!(inbox.states(), ["done", "ready", "ready", "ready"]);
}

fn bodies_are_purged_and_rows_are_removed(on: On) {
    let inbox = on.of_each_state();
    assert_eq!(inbox.run("purge --resource b --yes"), ended(0, "1 of 1 delivery purged\n", ""));
    assert_eq!(inbox.json("show 2 --body")[0]["bytes"], Value::Null);
    // One that waits is given up.
    assert_eq!(inbox.json("purge --tenant acme --yes"), [json!({"changed": 1})]);
    assert_eq!(inbox.states(), ["done", "dead", "dead", "ready"]);
    assert_eq!(inbox.json("show 3")[0]["errors"][0]["why"], "its body was purged");
    assert_eq!(inbox.run("purge --state dead --rows --yes"), ended(0, "2 of 2 deliveries removed\n", ""));
    assert_eq!(inbox.states(), ["done", "ready"]);
    assert_eq!(inbox.run("purge --all --rows --yes"), ended(0, "2 of 2 deliveries removed\n", ""));
    assert_eq!(inbox.run("list"), ended(1, "no delivery matches\n", ""));
}

/// A body, an event's name or an error may be anything.
fn t24_no_text_of_a_delivery_controls_a_terminal(on: On) {
    let evil = "\u{1b}[2J\u{1b}]0;owned\u{7}\r\n\u{202e}é\u{9b}1m";
    let hostile = SealedColumns {
        provider: evil.to_owned(),
        tenant: Some(evil.to_owned()),
        event: evil.repeat(100),
        resource: Some(format!("r{evil}")),
        key: [7; 32].into(),
        body: Some(evil.as_bytes().to_vec().into()),
        ..columns("a")
    };
    let inbox = on.with([hostile]);
    inbox.after(async |store| {
        let mut request = ClaimRequest::new(LeaseToken::unique(), i64::MAX, Duration::from_secs(30), 9);
        request.providers = vec![(evil.to_owned(), 9)];
        let claimed = store.claim(request).await.unwrap();
        let settled = Settled::Dead { now: THEN, why: evil.repeat(40) };
        store.settle(claimed[0].claim, settled).await.unwrap();
    });
    let is_control = |character: char| character != '\n' && (character.is_control() || character == '\u{202e}');
    for arguments in ["list", "show 1", "list --json", "show 1 --json --body", "counts --json"] {
        let ran = inbox.run(arguments);
        assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{arguments}");
        assert!(!ran.out.contains(is_control), "{arguments}: {:?}", ran.out);
        let is_one_line = arguments != "show 1" && !arguments.starts_with("counts");
        assert!(!is_one_line || ran.out.lines().count() == 1, "{arguments}: {:?}", ran.out);
    }
    // An error is cut in the list, and whole where it is shown.
    assert!(inbox.run("list").out.len() < 1_000);
    assert_eq!(inbox.run("show 1").out.lines().last().unwrap().matches("owned").count(), 40);
    assert_eq!(inbox.json("show 1 --body")[0]["body"], evil);
    // On request, the bytes as they came.
    assert!(inbox.run("show 1 --body").out.ends_with(evil));
}

#[test]
fn what_is_no_inbox_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("text.db"), "This is a letter, and not a database, and it is longer than a header of SQLite.")
        .unwrap();
    std::fs::create_dir(path("folder.db")).unwrap();
    let other = rusqlite::Connection::open(path("other.db")).unwrap();
    other.execute_batch("CREATE TABLE users (name TEXT); INSERT INTO users VALUES ('ada')").unwrap();
    drop(other);
    let before = std::fs::read(path("other.db")).unwrap();
    let newer = On::Sqlite.with([]);
    rusqlite::Connection::open(newer.path()).unwrap().pragma_update(None, "user_version", 99).unwrap();
    let message = |store: &str, folder: &Path| run(folder, &format!("list --store {store}"));
    for (store, what) in [
        ("missing.db", "there is no inbox at missing.db".to_owned()),
        ("sqlite:folder.db", "there is no inbox at folder.db".to_owned()),
        ("/dev/null", "there is no inbox at /dev/null".to_owned()),
        (
            "text.db",
            format!("`{}` is not a database of SQLite: choose another path for the inbox", path("text.db").display()),
        ),
        (
            "other.db",
            format!(
                "`{}` is a database of another application: choose another path for the inbox",
                path("other.db").display()
            ),
        ),
        (
            "redis://localhost/0",
            "an inbox cannot be on redis: it takes the path of a file, `sqlite:` and a path, or a `postgres:` URL"
                .to_owned(),
        ),
    ] {
        assert_eq!(message(store, folder.path()), ended(2, "", &format!("error: {what}\n")), "{store}");
    }
    let error = message("inbox.db", newer.folder.path());
    let what = "is of a newer countersign (schema 99, and this one knows 1): update this service, or stop it";
    assert_eq!((error.code, error.err), (2, format!("error: `{}` {what}\n", newer.path().display())));
    let error = run(folder.path(), "list");
    assert_eq!(error, ended(2, "", "error: which inbox? Give it with --store, such as --store sqlite:inbox.db\n"));
    // Not a byte of the other application's file has changed, and no file is beside it.
    assert!(std::fs::read(path("other.db")).unwrap() == before);
    let mut files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|file| file.unwrap().file_name()).collect();
    files.sort();
    assert_eq!(files, ["folder.db", "other.db", "text.db"]);
}

#[test]
fn arguments_that_make_no_sense_are_refused() {
    let inbox = On::Sqlite.with([]);
    for (arguments, message) in [
        ("list --older-than 5", "expected a number and a unit, such as 90s, 30min, 12h or 7d"),
        ("list --older-than d", "expected a number and a unit, such as 90s, 30min, 12h or 7d"),
        ("list --older-than -5d", "unexpected argument '-5' found"),
        ("list --newer-than 1w", "expected a number and a unit, such as 90s, 30min, 12h or 7d"),
        ("list --newer-than 99999999999999999999s", "expected a number and a unit, such as 90s, 30min, 12h or 7d"),
        ("list --newer-than 18446744073709551615d", "expected a number and a unit, such as 90s, 30min, 12h or 7d"),
        ("list --limit 0", "number would be zero for non-zero type"),
        ("list --state gone", "[possible values: ready, claimed, done, dead]"),
        ("show 9223372036854775808", "number too large to fit in target type"),
    ] {
        let ran = inbox.run(arguments);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{arguments}");
        assert!(ran.err.contains(message), "{arguments}: {}", ran.err);
    }
}

/// When a process closes any descriptor of a file, the locks that SQLite has on it are gone. Then the next one that
/// closes the inbox takes the log with it, and what is stored after that is lost. (SQLite 3.51 and later does not, but
/// people look with what their system has.)
#[test]
fn i1_what_a_process_stores_that_opened_the_inbox_twice_is_there_for_others() {
    let inbox = On::Sqlite.with([columns("a")]);
    inbox.after(async |store| {
        let again = SqliteStore::open(inbox.path(), sqlite::Settings::default()).unwrap();
        again.store(Incoming::new(Sealed::from(columns("b")), i64::MAX)).await.unwrap();
        let query = "SELECT count(*) FROM countersign_inbox";
        let Ok(other) = Command::new("sqlite3").arg(inbox.path()).arg(query).output() else {
            eprintln!("skipped: there is no sqlite3 here");
            return;
        };
        assert_eq!(String::from_utf8(other.stdout).unwrap(), "2\n");
        for (store, resource) in [(store, "c"), (&again, "d")] {
            store.store(Incoming::new(Sealed::from(columns(resource)), i64::MAX)).await.unwrap();
        }
        assert_eq!(inbox.listed("--limit 9"), [4, 3, 2, 1]);
    });
}

/// What is printed makes an inbox.
fn the_migrations_are_printed_and_run(on: On) {
    let inbox = on.place();
    let printed = inbox.run("migrate --print");
    assert_eq!((printed.code, printed.err.as_str()), (0, ""));
    inbox.execute(&printed.out);
    assert_eq!(inbox.run("list"), ended(1, "no delivery matches\n", ""));
    let of_json: Vec<String> = serde_json::from_str(&inbox.run("migrate --print --json").out).unwrap();
    assert_eq!(of_json.concat(), printed.out);
    assert_eq!(inbox.run("migrate"), ended(0, "the schema is up to date\n", ""));
    assert_eq!(inbox.run("migrate --json"), ended(0, "{\"changed\":0}\n", ""));
}

/// A list of processes shows arguments to everybody, and no variables.
#[test]
fn a_url_with_a_password_is_read_from_a_variable() {
    let inbox = On::Postgres.of_each_state();
    let count = |variable: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
        command.args(["inbox", "counts", "--store-env", "INBOX_URL"]).env(variable, inbox.url());
        command.output().unwrap()
    };
    assert!(String::from_utf8(count("INBOX_URL").stdout).unwrap().starts_with("ready            2\n"));
    let missing = count("OTHER_URL");
    assert_eq!(missing.status.code(), Some(2));
    let text = "error: --store-env INBOX_URL: environment variable not found\n";
    assert_eq!(String::from_utf8(missing.stderr).unwrap(), text);
}

#[test]
fn a_server_that_is_not_there_is_said_without_its_password() {
    let url = format!("postgres://inbox:hunter2@127.0.0.1:{}/app", ports::free());
    let ran = run(Path::new("."), &format!("counts --store {url}"));
    let text = "error: the inbox's server cannot be reached: start it, and the inbox goes on by itself\n";
    assert_eq!(ran, ended(2, "", text));
}
