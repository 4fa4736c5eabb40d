//! The id that a secret is looked up by is the event's, or the delivery is rejected.

use serde_json::Value;

use crate::{
    case::{Case, scan},
    servers::Server,
    support::{Sender, http::Framing, senders},
    third_parties::secret_of,
};

/// How much of a body is looked at.
const START: usize = 16 * 1024;

fn case<'a>(server: &'a Server, name: &str) -> Case<'a> {
    Case::new(server, "geoscored", format!("/lookups/{name}"))
}

/// An attacker with a scan's secret must not be able to sign for another scan.
pub(crate) fn t23_two_ids_in_one_body_are_rejected(server: &Server) {
    let case = case(server, "two-ids");
    let far = " ".repeat(START);
    for (first, second) in [("known-a", "known-b"), ("known-b", "known-a")] {
        for body in [
            format!(r#"{{"event":"scan.completed","scan_id":"{first}","scan_id":"{second}"}}"#),
            format!(r#"{{"scan_id":"{first}","event":"scan.completed","url":"u","scan_id":"{second}"}}"#),
            format!(r#"{{"event":"scan.completed","scan_id":"{first}","sc\u0061n_id":"{second}"}}"#),
            format!(r#"{{"event":"scan.completed","sc\u0061n_id":"{first}","scan_id":"{second}"}}"#),
            format!(r#"{{"event":"scan.completed","scan_id":"{first}",{far}"scan_id":"{second}"}}"#),
            format!(r#"{{"event":"scan.new","scan_id":"{first}","scan_id":"{second}"}}"#),
            format!(r#"{{"event":"scan.new","scan_id":"{first}",{far}"scan_id":"{second}"}}"#),
        ] {
            // Genuine under the secret of the first one, but no event.
            case.answer(&case.proven_with(&secret_of(first), body.clone()), 422);
            case.rejects(&case.proven_with(&secret_of(second), body));
        }
        for unusable in ["null", "7.5", "[]", "{}", "\"\""] {
            let body = format!(r#"{{"event":"scan.completed","scan_id":{unusable},"scan_id":"{second}"}}"#);
            case.rejects(&case.proven_with(&secret_of(second), body));
            let body = format!(r#"{{"event":"scan.completed","scan_id":"{first}","scan_id":{unusable}}}"#);
            case.answer(&case.proven_with(&secret_of(first), body), 422);
        }
    }
    assert_eq!(case.take_handled(), []);
}

pub(crate) fn bodies_may_come_in_pieces_before_they_are_looked_up(server: &Server) {
    let case = case(server, "pieces");
    for size in [1, 7] {
        for id in ["known-1", "rotated-1"] {
            let request = case.proven_with(&secret_of(id), scan(id)).framed(Framing::Chunked(size));
            assert_eq!(case.accepts(&request).id, id);
            case.rejects(&case.proven_with("guessed", scan(id)).framed(Framing::Chunked(size)));
        }
    }
    let ids: Vec<_> = case.asked().into_iter().map(|asked| asked.id.expect("an id")).collect();
    assert_eq!(ids, ["known-1", "known-1", "rotated-1", "rotated-1", "known-1", "known-1", "rotated-1", "rotated-1"]);
}

pub(crate) fn large_bodies_are_verified_whole_with_what_is_looked_up(server: &Server) {
    let case = case(server, "large");
    let secret = secret_of("known-1");
    for length in [START - 1, START, START + 1, 5 * START, countersign::adapter::DEFAULT_BODY_LIMIT] {
        let mut body = scan("known-1").into_bytes();
        body.resize(length, b' ');
        for framing in [Framing::Length, Framing::Chunked(1000), Framing::Chunked(START + 1)] {
            let request = case.proven_with(&secret, body.clone()).framed(framing);
            assert_eq!(case.accepts(&request).id, "known-1", "{length} {framing:?}");
        }
        let mut other = body.clone();
        other[length - 1] = b'\n';
        let genuine = case.proven_with(&secret, body);
        case.rejects(&genuine.with_body(other));
    }
}

/// Beyond what is looked at there is no id to look up by: the look-up is asked without one.
pub(crate) fn t15_only_the_start_of_a_body_is_looked_at(server: &Server) {
    let case = case(server, "far");
    let with_id_behind = |length: usize| {
        let (before, after) = (r#"{"event":"scan.completed","url":""#, r#"","scan_id":"known-1"}"#);
        // The last of these bytes is the `}` behind the id.
        format!("{before}{}{after}", "x".repeat(length - before.len() - after.len()))
    };
    for (length, is_seen) in
        [(START - 100, true), (START, true), (START + 1, true), (START + 2, false), (50_000, false)]
    {
        let request = case.proven_with(&secret_of("known-1"), with_id_behind(length));
        if is_seen {
            case.accepts(&request);
        } else {
            case.rejects(&request);
        }
        let last = case.asked().pop().expect("it was asked");
        assert_eq!(last.id.is_some(), is_seen, "{length}");
    }
}

/// A look-up that asked for the id, and then returned the same secret whatever it was: what it was told and what the
/// event says still have to be one.
pub(crate) fn an_id_that_was_not_seen_is_not_handled(server: &Server) {
    let case = Case::new(server, "geoscored", "/one-for-all/unseen");
    let accepts = |body: String, id: &str| {
        assert_eq!(case.accepts(&case.proven_with("one for all", body)).id, id);
    };
    accepts(scan("any"), "any");
    accepts(r#"{"event":"scan.completed"}"#.to_owned(), "");
    accepts(r#"{"event":"scan.completed","scan_id":7.5}"#.to_owned(), "");
    accepts(r#"{"event":"scan.completed","scan_id":7}"#.to_owned(), "7");
    accepts(scan(&"x".repeat(256)), &"x".repeat(256));
    for body in [
        scan(&"x".repeat(257)),
        format!(r#"{{"event":"scan.completed",{}"scan_id":"any"}}"#, " ".repeat(START)),
        format!(r#"{{"event":"scan.new",{}"scan_id":"any"}}"#, " ".repeat(START)),
    ] {
        case.rejects(&case.proven_with("one for all", body));
    }
}

/// C05: the key of a `SecretMap`, or of a table, is a text.
pub(crate) fn c05_an_integer_is_looked_up_by_its_digits(server: &Server) {
    let case = Case::new(server, "geoscored", "/secret-map/integers");
    for id in ["7712345", "18446744073709551616"] {
        let body = format!(r#"{{"event":"scan.completed","scan_id":{id}}}"#);
        let request = case.proven_with("secret of a number", body);
        case.rejects(&request);
        let secret = countersign::Secret::new("secret of a number").expect("a secret");
        server.shared.secrets.insert(id, secret).expect("room");
        assert_eq!(case.accepts(&request).id, id);
        assert!(server.shared.secrets.remove(id));
    }
}

/// What is seen before the proof is what `resource_id()` reports after it, for every provider.
pub(crate) fn t23_the_id_that_is_seen_is_the_events_in_every_documented_delivery(server: &Server) {
    for sender in senders() {
        let case = Case::new(server, sender.name, format!("/by-id/{}/documented", sender.name));
        for fixture in sender.fixtures() {
            let handled = case.accepts(&case.genuine(fixture.body.clone()));
            assert_eq!(handled.id, sender.id_of(&fixture.event, &fixture.body));
            assert_eq!(case.asked().pop().expect("it was asked").id.unwrap_or_default(), handled.id);
        }
    }
}

/// A field that is missing, or is there as well, never rejects a genuine delivery: also not because its id was read
/// before the proof in one way, and after it in another.
pub(crate) fn t23_the_id_that_is_seen_is_the_events_whatever_fields_there_are(server: &Server) {
    let mut rejected = Vec::new();
    for sender in senders() {
        let case = Case::new(server, sender.name, format!("/by-id/{}/fields", sender.name));
        for fixture in sender.fixtures() {
            let whole: Value = serde_json::from_slice(&fixture.body).expect("JSON");
            for event in [fixture.event.as_str(), "something.new"] {
                let mut renamed = whole.clone();
                renamed["event"] = event.into();
                let mut bodies = without_each_field(&renamed);
                bodies.push(with_every_id(&renamed, &sender));
                for body in bodies {
                    let body = body.to_string();
                    let status = case.genuine(body.clone()).send(server.address).status;
                    let handled = case.take_handled().pop().map(|handled| handled.id);
                    let seen = case.asked().pop().expect("it was asked").id;
                    if status != 200 || handled.as_deref() != Some(seen.as_deref().unwrap_or_default()) {
                        rejected
                            .push(format!("{} {status}: {seen:?} seen, {handled:?} handled of {body}", sender.name));
                    }
                }
            }
        }
    }
    assert!(rejected.is_empty(), "{}", rejected.join("\n"));
}

/// The same JSON without each of its fields, and with each of them `null`.
fn without_each_field(json: &Value) -> Vec<Value> {
    let mut found = Vec::new();
    for parent in ["", "/data"] {
        let fields = json.pointer(parent).and_then(Value::as_object);
        for name in fields.into_iter().flat_map(|fields| fields.keys()).filter(|name| *name != "event") {
            let mut other = json.clone();
            other.pointer_mut(parent).and_then(Value::as_object_mut).expect("an object").remove(name);
            found.push(other.clone());
            other.pointer_mut(parent).expect("an object")[name] = Value::Null;
            found.push(other);
        }
    }
    found
}

/// The same JSON with the ids of all events of the provider.
fn with_every_id(json: &Value, sender: &Sender) -> Value {
    let mut all = json.clone();
    for event in sender.events {
        let id = format!("the id of {event}");
        let path = sender.id_at(event);
        let (parent, name) = path.rsplit_once('/').expect("a path");
        all.pointer_mut(parent).expect("an object")[name] = id.into();
    }
    all
}
