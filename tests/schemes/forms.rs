//! JSON in a field of a form: Dropbox Sign's deliveries, and what an attacker makes of one.

use std::time::{Duration, UNIX_EPOCH};

use countersign::{
    Clock, Delivery, Json, Rejection,
    RejectionKind::{
        InsufficientTrust, MalformedSignature, MalformedTimestamp, MissingSignature, SignatureMismatch, StaleTimestamp,
    },
    SentAt, Trust, Verifier, actix, axum as for_axum,
    dedupe::{Dedupe, MemoryStore},
    provider::Provider,
    providers::DropboxSign,
};
use countersign_testkit::Payload;
use serde::Deserialize;
use tower::ServiceExt;

use super::{
    pages::{self, Given, Sent},
    vectors::{dropbox_sign, form_of},
};

/// Of the published deliveries.
const KEY: &str = "324e3b0840f065eb51f3fd63231d0d33daa35d4ed10d27718839e81737065782";
const HASH: &str = "6dc5b7aad93cf54915e0089d6c31d61b3833f66f51459171c69f8fa211308848";

fn verify(form: impl Into<Vec<u8>>) -> Result<Delivery<DropboxSign>, Rejection> {
    let head = http::Request::post("/hook").body(()).unwrap();
    Verifier::<DropboxSign>::new(KEY).verify(&head, form.into())
}

/// Verified whole, in frames, and at run time.
#[track_caller]
fn answer(form: impl Into<Vec<u8>>) -> Result<(), countersign::RejectionKind> {
    pages::DROPBOX_SIGN.verify(&Given::secret(KEY), &Sent::new(&[], form)).map(drop)
}

fn event(time: &str, name: &str, more: &str) -> String {
    format!(r#"{{"event":{{"event_time":"{time}","event_type":"{name}","event_hash":"{HASH}"}}{more}}}"#)
}

fn recorded(more: &str) -> String {
    event("1348177752", "account_confirmed", more)
}

#[derive(Debug, Deserialize, PartialEq)]
struct Callback {
    account_guid: String,
}

/// The same event as three senders write it, each with its boundary: one delivery, whose JSON is the field's.
#[test]
fn a_form_of_any_sender_is_one_delivery() {
    let forms = ["curl", "node", "requests"].map(form_of);
    let (start, end) = (forms[0].find('{').unwrap(), forms[0].rfind('}').unwrap());
    let urlencoded =
        format!("json={}", forms[0][start..=end].replace('%', "%25").replace('&', "%26").replace(' ', "+"));
    let ids = forms.into_iter().chain([urlencoded]).map(|form| {
        let delivery = verify(form.clone()).unwrap();
        assert_eq!((delivery.body().as_ref(), delivery.trust()), (form.as_bytes(), Trust::Unbound));
        assert_eq!((delivery.event_name(), delivery.resource_id()), ("account_confirmed", None));
        assert_eq!(delivery.sent_at(), Some(SentAt::Signed(UNIX_EPOCH + Duration::from_secs(1_348_177_752))));
        let callback = Callback { account_guid: "63522885f9261e2b04eea043933ee7313eb674fd".to_owned() };
        assert_eq!(delivery.json::<Callback>().unwrap(), callback);
        assert_eq!(delivery.event_as::<Json<Callback>>().unwrap().0, callback);
        delivery.delivery_id().unwrap().to_string()
    });
    let ids: Vec<_> = ids.collect();
    // python3 -c 'import json; print(next(v["body"] for v in json.load(open("vectors.json"))["vectors"]
    //     if v["id"] == "dropbox-sign-account-account"), end="")' | sha256sum
    assert_eq!(ids, ["sha256:3ebb0219947a2e904492c9dceda8c2c9acddc880f17721a519cd97312abae0f3"; 4]);
}

/// The hash of one delivery fits any other JSON with its time and type.
#[test]
fn the_hash_covers_time_and_type_and_nothing_else() {
    let forged = recorded(r#","signature_request":{"signature_request_id":"forged","is_complete":true}"#);
    let delivery = verify(dropbox_sign(&forged)).unwrap();
    assert_eq!((delivery.resource_id(), delivery.trust()), (Some("forged"), Trust::Unbound));
    // Two events of one type in the same second have one hash, and are two.
    assert_ne!(delivery.delivery_id(), verify(dropbox_sign(&recorded(""))).unwrap().delivery_id());
    let signed = Given { minimum: Some(Trust::Signed), ..Given::secret(KEY) };
    let sent = Sent::new(&[], dropbox_sign(&recorded("")));
    assert_eq!(pages::DROPBOX_SIGN.verify(&signed, &sent).map(drop), Err(InsufficientTrust));

    let of = |time: &str, name: &str| answer(dropbox_sign(&event(time, name, "")));
    assert_eq!(of("1348177752", "account_confirmed"), Ok(()));
    assert_eq!(of("1348177753", "account_confirmed"), Err(SignatureMismatch));
    assert_eq!(of("1348177752", "template_created"), Err(SignatureMismatch));
    // Nothing stands between the two: only the length of a time shows its end.
    assert_eq!(of("134817775", "2account_confirmed"), Err(MalformedTimestamp));
    assert_eq!(of("1348177752account_", "confirmed"), Err(MalformedTimestamp));
    assert_eq!(of("", "1348177752account_confirmed"), Err(MalformedTimestamp));

    let at = |days: u64| {
        let now = UNIX_EPOCH + Duration::from_secs(1_348_177_752 + days * 24 * 60 * 60);
        let verifier = Verifier::<DropboxSign>::new(KEY).with_clock(Clock::manual(now));
        let verifier = verifier.with_time_tolerance(Duration::from_secs(4 * 24 * 60 * 60));
        let head = http::Request::post("/hook").body(()).unwrap();
        verifier.verify(&head, dropbox_sign(&recorded(""))).map(drop).map_err(|rejection| rejection.kind())
    };
    assert_eq!((at(3), at(5)), (Ok(()), Err(StaleTimestamp)));
}

/// T23: two readers must not see two events.
#[test]
fn t23_a_form_that_can_be_read_in_two_ways_is_rejected() {
    let part = |json: &str| format!("--b\r\nContent-Disposition: form-data; name=\"json\"\r\n\r\n{json}\r\n");
    let (genuine, other) = (part(&recorded("")), part(r#"{"event":{"event_type":"forged"}}"#));
    assert_eq!(answer(format!("{genuine}--b--\r\n")), Ok(()));
    for form in [
        format!("{genuine}{other}--b--\r\n"),
        format!("{other}{genuine}--b--\r\n"),
        format!("{genuine}--b--\r\n{other}--b--\r\n"),
        // A reader whose `Content-Type` has the boundary `c` skips the rest.
        format!("{genuine}--b--\r\n{}", other.replace("--b", "--c")),
        format!("{}\r\n{genuine}--b--\r\n", other.replace("--b", "--c")),
        format!("{}{genuine}--b--\r\n", other.replace("\"json\"", "\"x\"").replace("{\"", "\n--c\n{\"")),
        format!("{}--b--\r\n", genuine.replace("name=\"json\"", "name=json")),
        format!("{}--b--\r\n", genuine.replace("name=\"json\"", "name=\"json\"; name*=UTF-8''x")),
        format!("{}--b--\r\n", part(&recorded("").replace("{\"event_time", "{\"event_type\":\"forged\",\"event_time"))),
        format!("{}--b--\r\n", part(&recorded(r#","event":{}"#))),
        format!("{}--b--\r\n", part(&format!("{} x", recorded("")))),
        format!("json={0}&json={0}", recorded("").replace('&', "%26")),
    ] {
        assert_eq!(answer(form.clone()), Err(MalformedSignature), "{form}");
    }
    for form in [
        String::new(),
        recorded(""),
        "a=1".to_owned(),
        format!("{}--b--", genuine.replace("\"json\"", "\"x\"")),
        format!("{}--b--", part("{}")),
        // A reader of parts would skip the first field.
        format!("json={}&x=\r\n{other}--b--\r\n", recorded("")),
    ] {
        assert_eq!(answer(form.clone()), Err(MissingSignature), "{form}");
    }
}

/// Whatever one byte of a recorded form is changed to, or if it is missing or twice: the handler reads the time and
/// the type that were signed, or there is no delivery.
#[test]
fn t23_a_changed_form_says_what_was_signed() {
    #[derive(Deserialize)]
    struct Seen {
        event: Signed,
    }
    #[derive(Deserialize)]
    struct Signed {
        event_time: String,
        event_type: String,
    }
    let form = dropbox_sign(&recorded(r#","account_guid":"a""#));
    let mut accepted = 0;
    for at in 0..form.len() {
        let (before, after) = (&form[..at], &form[at + 1..]);
        let changes = b"\r\n-\"\\{}:;,& \0\xffx1".iter().map(|byte| [before, &[*byte], after].concat());
        let others = [[before, after].concat(), [before, &form[at..=at], &form[at..]].concat()];
        for changed in changes.chain(others) {
            let Ok(delivery) = verify(changed.clone()) else { continue };
            accepted += 1;
            let Seen { event } = delivery.json().unwrap();
            assert_eq!((&*event.event_time, &*event.event_type), ("1348177752", "account_confirmed"));
            assert_eq!(delivery.event_name(), "account_confirmed");
        }
    }
    // In the field that is not signed, in blanks, and in the boundary.
    assert!((10..1500).contains(&accepted), "{accepted}");
}

/// An answer without the text that it demands is a failure to Dropbox Sign, also to a duplicate.
#[test]
fn a_duplicate_is_acknowledged_as_the_provider_demands() {
    let body = dropbox_sign(&recorded(""));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let dedupe = || Dedupe::new(MemoryStore::new());
    let expected = [("Hello API Event Received".to_owned(), false), ("Hello API Event Received".to_owned(), true)];
    let is_duplicate = |headers: [Option<&str>; 2]| {
        assert!(headers[1].is_some_and(|content_type| content_type.starts_with("text/plain")));
        headers[0].is_some()
    };
    runtime.block_on(async {
        let verify = for_axum::VerifyWebhook::dropbox_sign(KEY).with_dedupe(dedupe());
        let handler = |_: for_axum::Webhook<DropboxSign>| async { DropboxSign::ACKNOWLEDGEMENT };
        let app = axum::Router::new().route("/hook", axum::routing::post(handler).layer(verify));
        for expected in &expected {
            let request = http::Request::post("/hook").body(axum::body::Body::from(body.clone())).unwrap();
            let response = app.clone().oneshot(request).await.unwrap();
            let text = |name| response.headers().get(name).map(|value| value.to_str().unwrap());
            let is_duplicate = is_duplicate([text("countersign-delivery"), text("content-type")]);
            let bytes = axum::body::to_bytes(response.into_body(), 1024).await.unwrap();
            assert_eq!((String::from_utf8(bytes.to_vec()).unwrap(), is_duplicate), *expected);
        }
    });
    actix_web::rt::System::new().block_on(async {
        let verify = actix::VerifyWebhook::dropbox_sign(KEY).with_dedupe(dedupe());
        let handler = |_: actix::Webhook<DropboxSign>| async { DropboxSign::ACKNOWLEDGEMENT };
        let resource = actix_web::web::resource("/hook").wrap(verify).post(handler);
        let app = actix_web::test::init_service(actix_web::App::new().service(resource)).await;
        for expected in &expected {
            let request = actix_web::test::TestRequest::post().uri("/hook").set_payload(body.clone());
            let response = actix_web::test::call_service(&app, request.to_request()).await;
            let text = |name| response.headers().get(name).map(|value| value.to_str().unwrap());
            let is_duplicate = is_duplicate([text("countersign-delivery"), text("content-type")]);
            let bytes = actix_web::test::read_body(response).await;
            assert_eq!((String::from_utf8(bytes.to_vec()).unwrap(), is_duplicate), *expected);
        }
    });
}

/// The kit writes the form that curl does, and its JSON can be set.
#[test]
fn the_kit_writes_a_form_in_parts() {
    let json = recorded("").replace(HASH, "");
    let payload = Payload::<DropboxSign>::form([("json", json.as_str())]);
    let request = payload.with_field("/account_guid", "a").unwrap().signed_with(KEY);
    let request = request.signed_at(UNIX_EPOCH + Duration::from_secs(1_348_177_752));
    assert_eq!(request.headers()["content-type"], "multipart/form-data; boundary=------------------------countersign");
    let expected = String::from_utf8(dropbox_sign(&recorded(r#","account_guid":"a""#))).unwrap();
    let boundary = expected[2..].split('\r').next().unwrap();
    assert_eq!(*request.body(), expected.replace(boundary, "------------------------countersign"));
    assert_eq!(verify(request.body().to_vec()).unwrap().json::<Callback>().unwrap().account_guid, "a");
    let no_form = Payload::<DropboxSign>::new("{}").with_field("/a", 1).unwrap_err();
    assert_eq!(no_form.to_string(), "the payload is not a form in parts with a field `json`");
}
