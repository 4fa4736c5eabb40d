//! The key beside an inbox.

use std::{collections::HashSet, fs};

use countersign_core::{Secret, seal::SealKeys};

use super::{
    super::{Settings, SqliteStore, key},
    Place, incoming, is,
};
use crate::{error::StoreErrorKind::Unusable, store::Intake};

impl Place {
    fn key(&self) -> std::path::PathBuf {
        key::path_of(&self.path())
    }
}

/// What a key seals with: secrets do not show themselves.
fn number(key: Secret) -> Vec<u8> {
    let delivery = {
        use countersign_core::{Verifier, providers::ScreenshotRun};
        let head = http::Request::post("/?token=t0ken").body(()).unwrap();
        Verifier::<ScreenshotRun>::new("t0ken")
            .verify(
                &head,
                r#"{"event":"screenshot.completed","data":{"id":"a1b2c3d4-e5f6-7890-abcd-ef1234567890"}}"#.to_owned(),
            )
            .unwrap()
    };
    let key_of_delivery = delivery.key("", "").unwrap();
    let keys = SealKeys::new(key).unwrap();
    delivery.seal(&keys, key_of_delivery, std::time::UNIX_EPOCH).unwrap().into_columns().seal.to_vec()
}

#[tokio::test]
async fn a_key_is_made_once_and_is_the_text_of_its_file() {
    let place = Place::new();
    let store = place.open();
    let first = number(store.key().await.unwrap());
    assert_eq!(number(place.open().key().await.unwrap()), first);
    let text = fs::read_to_string(place.key()).unwrap();
    assert!(text.len() == 65 && text.trim_end().bytes().all(|byte| byte.is_ascii_hexdigit()), "64 digits and a line");
    assert_eq!(number(Secret::new(text.trim_end()).unwrap()), first);
    let other = Place::new();
    assert_ne!(number(other.open().key().await.unwrap()), first);
    assert_eq!(
        fs::read_dir(other.0.path())
            .unwrap()
            .filter(|entry| { entry.as_ref().unwrap().file_name().to_string_lossy().contains("key") })
            .count(),
        1,
        "no draft is left"
    );
}

#[test]
fn many_who_ask_at_once_have_one_key() {
    for _ in 0..20 {
        let place = Place::new();
        std::thread::scope(|scope| {
            let made: Vec<_> = (0..8)
                .map(|_| {
                    scope.spawn(|| {
                        key::make(&place.path()).unwrap();
                        number(key::read(&place.path()).unwrap().unwrap())
                    })
                })
                .collect();
            let keys: HashSet<_> = made.into_iter().map(|made| made.join().unwrap()).collect();
            assert_eq!(keys.len(), 1);
        });
    }
}

#[tokio::test]
async fn a_key_that_is_missing_is_not_replaced() {
    let place = Place::new();
    let store = place.open();
    store.key().await.unwrap();
    store.store(incoming(1)).await.unwrap();
    fs::remove_file(place.key()).unwrap();
    let text = "`{}` is missing, and without it the inbox's deliveries cannot be opened: restore it, or move the inbox \
                away to begin with a new one";
    is(store.key().await, Unusable, text, &place.key());
    assert!(!place.key().exists());
}

#[tokio::test]
async fn what_is_not_a_key_is_rejected_without_showing_it() {
    let place = Place::new();
    let store = place.open();
    store.key().await.unwrap();
    let text = "`{}` is not a key of 64 hexadecimal digits: restore it, since only the key that sealed the inbox's \
                deliveries opens them";
    for written in [String::new(), "0".repeat(63), "0".repeat(65), "g".repeat(64), "0".repeat(10_000)] {
        fs::write(place.key(), written).unwrap();
        is(store.key().await, Unusable, text, &place.key());
    }
    fs::write(place.key(), [0xff; 64]).unwrap();
    is(store.key().await, Unusable, "`{}` cannot be read: check its permissions", &place.key());
    fs::write(place.key(), format!("{}\r\n", "0aF".repeat(21) + "7")).unwrap();
    store.key().await.unwrap();
}

#[cfg(unix)]
#[tokio::test]
async fn a_key_that_others_can_read_is_rejected() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new();
    let store = SqliteStore::open(place.path(), Settings::default()).unwrap();
    store.key().await.unwrap();
    for mode in [0o640, 0o604, 0o620, 0o666] {
        fs::set_permissions(place.key(), fs::Permissions::from_mode(mode)).unwrap();
        let text = "`{}` can be read by other users, and whoever reads it can forge deliveries: make it readable by its \
                    owner only (`chmod 600`)";
        is(store.key().await, Unusable, text, &place.key());
    }
    fs::set_permissions(place.key(), fs::Permissions::from_mode(0o400)).unwrap();
    store.key().await.unwrap();
}
