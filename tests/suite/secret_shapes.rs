//! C19: secrets that look wrong are warned of at start-up, by their shape, and used as they are.

use countersign::{
    Secret, SecretMap, Secrets, UnverifiedDelivery, Verifier,
    providers::{GeoScored, ScreenScore, Zeodyn},
};
use countersign_test_support::capture::{Capture, Traced};
use tracing::Level;

const ADVICE: &str =
    ". It is used byte for byte: if every delivery is rejected, compare it with the one at the provider";

/// A shape, and its provider, position and label.
type Told<'a> = (String, Option<&'a str>, Option<&'a str>, Option<&'a str>);

/// The shape of each event, and the labels and positions beside it.
fn told(events: &[Traced]) -> Vec<Told<'_>> {
    let shape = |event: &Traced| {
        assert_eq!(event.level, Level::WARN, "{event:?}");
        let text = event.field("message").unwrap();
        text.strip_prefix("a secret ").unwrap().strip_suffix(ADVICE).unwrap().to_owned()
    };
    events
        .iter()
        .map(|event| (shape(event), event.field("provider"), event.field("position"), event.field("label")))
        .collect()
}

fn secret(text: &str) -> Secret {
    Secret::new(text).unwrap()
}

fn forged() -> http::Request<()> {
    let tag = "0".repeat(64);
    http::Request::post("/").header("x-zeodyn-signature", tag).body(()).unwrap()
}

const PADDED: &str = "begins or ends with white space, a line break or an invisible character";

#[test]
fn c19_an_odd_secret_is_warned_of_once_by_its_shape() {
    let capture = Capture::start();
    // In the case's own words.
    for (text, shape) in [
        ("zeodyn-s3cr3t\n", PADDED),
        ("\"zeodyn-s3cr3t\"", "is in quotes"),
        ("undefined", "is a placeholder"),
        ("${ZEODYN_WEBHOOK_SECRET}", "is a placeholder"),
        ("   ", "begins or ends with white space, a line break or an invisible character, and is shorter than 8 bytes"),
    ] {
        drop(Verifier::<Zeodyn>::new(text));
        drop(Verifier::<Zeodyn>::new(text));
        drop(countersign::axum::VerifyWebhook::zeodyn(text));
        drop(countersign::actix::VerifyWebhook::zeodyn(text));
        let (events, everything) = capture.take();
        assert_eq!(told(&events), [(shape.to_owned(), Some("zeodyn"), Some("0"), None)], "{text:?}");
        assert!(!everything.contains("s3cr3t") && !everything.contains("undefined"), "{everything}");
    }
    let secrets = Secrets::new(secret("c19-without-oddities"))
        .add_previous(secret(" c19-first").with_label("2026-q3"))
        .add_previous(secret("c19-second ").with_label("2026-q2"));
    drop(countersign::tower::VerifyWebhook::<ScreenScore>::new(secrets));
    let (events, everything) = capture.take();
    let padded = |position, label| (PADDED.to_owned(), Some("screenscore"), Some(position), Some(label));
    assert_eq!(told(&events), [padded("1", "2026-q3"), padded("2", "2026-q2")]);
    assert!(!everything.contains("c19-"), "{everything}");
}

/// T6: the white space is a part of the key.
#[test]
fn c19_an_odd_secret_is_used_as_it_is() {
    let body = r#"{"event":"scan_complete","scanId":"1"}"#;
    let tag = countersign_test_support::tag(b" odd \n", body.as_bytes());
    let request = http::Request::post("/").header("x-zeodyn-signature", tag).body(()).unwrap();
    assert!(Verifier::<Zeodyn>::new(" odd \n").verify(&request, body).is_ok());
    assert!(Verifier::<Zeodyn>::new("odd").verify(&request, body).is_err());
}

/// A map may hold many, and anyone can cause a look-up: one warning for each oddity.
#[tokio::test]
async fn c19_secrets_of_maps_and_look_ups_are_warned_of_a_bounded_number_of_times() {
    let capture = Capture::start();
    let map = SecretMap::new();
    for scan in 0..1000 {
        map.insert(scan.to_string(), secret(&format!("c19-in-a-map-{scan}\t"))).unwrap();
    }
    let (events, everything) = capture.take();
    assert_eq!(told(&events), [(PADDED.to_owned(), None, Some("0"), None)]);
    assert!(!everything.contains("c19-"), "{everything}");
    drop(Verifier::<GeoScored>::from_lookup(map));

    let body = r#"{"event":"scan_complete","scanId":"1"}"#;
    let looking_up = |text: &'static str| {
        Verifier::<Zeodyn>::from_lookup(move |_: UnverifiedDelivery<'_>| async move {
            Ok::<_, String>(Some(secret(text).with_label("c19 label")))
        })
    };
    let verifier = looking_up("'c19-looked-up'");
    for _ in 0..100 {
        assert!(verifier.verify_async(&forged(), body, tokio::time::sleep).await.is_err());
    }
    let (events, everything) = capture.take();
    assert_eq!(told(&events), [("is in quotes".to_owned(), Some("zeodyn"), Some("0"), Some("c19 label"))]);
    assert!(!everything.contains("c19-"), "{everything}");

    // One that verifies is right, whatever it looks like; an unknown one is none.
    let tag = countersign_test_support::tag(b"<c19-right>", body.as_bytes());
    let genuine = http::Request::post("/").header("x-zeodyn-signature", tag).body(()).unwrap();
    assert!(looking_up("<c19-right>").verify_async(&genuine, body, tokio::time::sleep).await.is_ok());
    let unknown =
        Verifier::<Zeodyn>::from_lookup(|_: UnverifiedDelivery<'_>| async { Ok::<_, String>(None::<Secret>) });
    assert!(unknown.verify_async(&forged(), body, tokio::time::sleep).await.is_err());
    assert_eq!(told(&capture.take().0), []);
}
