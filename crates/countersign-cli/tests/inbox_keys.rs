//! `countersign inbox` with the keys of an inbox: seals are checked, and bodies decrypted.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail by panicking")]

use std::{path::Path, process::Command, time::UNIX_EPOCH};

use countersign_core::{Delivery, Secret, Verifier, providers::Zeodyn, seal::SealKeys};
use countersign_inbox::{
    Inbox, SqliteStore,
    sqlite::Settings,
    store::{Incoming, Intake},
};
use serde_json::Value;

const KEY: &str = "the key of an inbox, in the environment";
const BODY: &str = r#"{"event":"scan_complete","scanId":"scan_7"}"#;

/// `printf '%s' "$body" | openssl dgst -sha256 -hmac s3cr3t`
const SIGNATURE: &str = "653b497e0f295dd08fd35a13e3a3c634c73e85c82a703ce2c98e90a9ff870105";

fn delivery() -> Delivery<Zeodyn> {
    let head = http::Request::post("/").header("x-zeodyn-signature", SIGNATURE).body(()).unwrap();
    Verifier::<Zeodyn>::new("s3cr3t").verify(&head, BODY).unwrap()
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

/// Stores the delivery with keys.
fn store(folder: &Path, keys: &SealKeys) {
    let sealed = delivery().seal(keys, delivery().key("", "").unwrap(), UNIX_EPOCH).unwrap();
    let store = SqliteStore::open(folder.join("inbox.db"), Settings::default()).unwrap();
    block_on(store.store(Incoming::new(sealed, i64::MAX))).unwrap();
}

fn keys() -> SealKeys {
    SealKeys::new(Secret::from_static(KEY)).unwrap()
}

/// Runs the program; `Err` has the exit code and the error.
fn run(folder: &Path, arguments: &str, key: Option<&str>) -> Result<String, (Option<i32>, String)> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
    command.args(["inbox", "--store", "sqlite:inbox.db"]).args(arguments.split(' ')).current_dir(folder);
    for name in ["COUNTERSIGN_INBOX_KEY", "COUNTERSIGN_INBOX_PREVIOUS_KEY"] {
        command.env_remove(name);
    }
    command.envs(key.map(|key| ("COUNTERSIGN_INBOX_KEY", key)));
    let output = command.output().unwrap();
    match output.status.code() {
        Some(0) => Ok(String::from_utf8(output.stdout).unwrap()),
        code => Err((code, String::from_utf8(output.stderr).unwrap())),
    }
}

fn json(folder: &Path, arguments: &str, key: Option<&str>) -> Value {
    serde_json::from_str(&run(folder, &format!("{arguments} --json"), key).unwrap()).unwrap()
}

#[test]
fn an_encrypted_body_is_shown_with_its_key_only() {
    let folder = tempfile::tempdir().unwrap();
    store(folder.path(), &keys().encrypting());
    let shown = json(folder.path(), "show 1 --body", Some(KEY));
    assert_eq!((&shown["seal"], &shown["body"], &shown["resource"]), (&"right".into(), &BODY.into(), &"scan_7".into()));
    let text = run(folder.path(), "show 1 --body", Some(KEY)).unwrap();
    assert!(
        text.contains("seal         right") && text.contains(" bytes, encrypted\n") && text.ends_with(BODY),
        "{text}"
    );
    assert_eq!(
        run(folder.path(), "show 1 --body", None).unwrap_err(),
        (Some(2), "error: the body is encrypted: set COUNTERSIGN_INBOX_KEY to the inbox's key\n".to_owned())
    );
    assert_eq!(
        run(folder.path(), "show 1 --body", Some("the key of another inbox")).unwrap_err(),
        (
            Some(2),
            "error: the body cannot be decrypted: the delivery was sealed with a key that is not given: add it as a \
             previous one\n"
                .to_owned()
        )
    );
    // Without the body, no key is needed, and no ID is shown.
    let shown = run(folder.path(), "show 1", None).unwrap();
    assert!(!shown.contains("scan_7") && shown.contains("resource ID  hmac:"), "{shown}");
}

#[test]
fn a_resource_is_found_encrypted_or_not() {
    let folder = tempfile::tempdir().unwrap();
    store(folder.path(), &keys().encrypting());
    assert_eq!(json(folder.path(), "list --resource scan_7", Some(KEY))["id"], 1);
    assert_eq!(run(folder.path(), "list --resource scan_7", None).unwrap_err().0, Some(1));
    let purged = run(folder.path(), "purge --resource scan_7 --rows --yes", Some(KEY)).unwrap();
    assert_eq!(purged, "1 of 1 delivery removed\n");
    store(folder.path(), &keys());
    assert_eq!(json(folder.path(), "list --resource scan_7", Some(KEY))["resource"], "scan_7");
}

#[test]
fn a_seal_is_checked_with_the_key_in_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("inbox.db");
    block_on(async {
        let inbox = Inbox::open(&path).await.unwrap();
        inbox.store::<Zeodyn>().accept(&delivery()).await.unwrap();
    });
    assert_eq!(json(folder.path(), "show 1", None)["seal"], "right");
    assert_eq!(json(folder.path(), "show 1 --namespace other", None)["seal"], FORGED);
    let sql = rusqlite::Connection::open(&path).unwrap();
    sql.execute("UPDATE countersign_inbox_body SET body = CAST('another' AS BLOB)", []).unwrap();
    drop(sql);
    assert_eq!(json(folder.path(), "show 1", None)["seal"], FORGED);
    // It is shown as it is.
    assert_eq!(json(folder.path(), "show 1 --body", None)["body"], "another");
}

const FORGED: &str = "the seal does not match: the stored delivery was changed, or it is of another namespace";
