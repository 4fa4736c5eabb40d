//! T19: no secret, tag, token or body appears in a receiver's output, even with `RUST_LOG=trace`.

use std::time::Duration;

use crate::{
    process::{Process, is_so_within, zeodyn},
    support::{Sender, escape, receiver::command, senders, tag},
};

for_both![t19_no_secret_tag_token_or_body_is_logged_or_printed_or_answered,];

/// A text in every body.
const CANARY: &str = "canary-in-a-body";
const WRONG: &str = "wrong+secret/ä &=%";

fn t19_no_secret_tag_token_or_body_is_logged_or_printed_or_answered(name: &str) {
    let mut command = command(name);
    command.env("RUST_LOG", "trace").env("COUNTERSIGN_TEST_PANIC_ONCE", "poison");
    let process = Process::spawn(&command);

    let mut needles = Needles::default();
    needles.add(CANARY.as_bytes());
    needles.add(WRONG.as_bytes());
    let mut answers = String::new();
    let mut statuses = Vec::new();
    for sender in senders() {
        let secrets = [sender.secret(), sender.previous_secret(), WRONG.to_owned()];
        for secret in &secrets {
            needles.add(secret.as_bytes());
        }
        for body in bodies(&sender) {
            for secret in &secrets {
                if sender.is_signed() {
                    needles.add_tag(&tag(secret.as_bytes(), &body));
                }
                // With the proof, without it, and with the proof in a wrong place or form.
                let proven = sender.proven_with(secret.as_bytes(), body.as_slice());
                let mut requests = vec![proven.clone(), sender.unproven(body.as_slice())];
                let path = sender.path();
                requests.extend([
                    proven.clone().with_method("GET"),
                    proven
                        .clone()
                        .with_method("PUT")
                        .with_target(format!("{path}?token={}", escape(secret.as_bytes()))),
                    proven.clone().with_target(format!("{path}?%74oken={}", escape(secret.as_bytes()))),
                    proven.clone().with_target(format!("{path}?token=x&token={}", escape(secret.as_bytes()))),
                    proven.clone().with_target(format!("/elsewhere?token={}", escape(secret.as_bytes()))),
                    proven.clone().with_header("Content-Encoding", "gzip"),
                    proven.with_header("Authorization", format!("Bearer {secret}").into_bytes()),
                ]);
                if sender.is_signed() {
                    let tag = tag(secret.as_bytes(), &body);
                    requests.extend([
                        sender.with_tag(&tag.to_uppercase(), body.as_slice()),
                        sender.with_tag(&tag[1..], body.as_slice()),
                        sender.with_tag(&tag, [&body, " ".as_bytes()].concat()),
                        sender.with_tag(&tag, body.as_slice()).with_header(sender.header().0, tag.as_str()),
                    ]);
                }
                for request in requests {
                    let answer = request.send(process.address);
                    statuses.push(answer.status);
                    answers.push_str(&format!("{answer:?}\n"));
                }
            }
        }
    }
    for status in [200, 401, 404, 405, 415, 422, 500] {
        assert!(statuses.contains(&status), "no answer had the status {status}");
    }

    // Sent last: once its rejection is logged, everything before it is logged, too.
    let count = |log: &str| log.matches(r#"reason="method_not_allowed""#).count();
    let before = count(&process.log());
    assert_eq!(zeodyn("last").with_method("PATCH").send(process.address).status, 405);
    assert!(is_so_within(Duration::from_secs(10), || count(&process.log()) > before));
    let log = process.log();
    for reason in ["missing_token", "malformed_token", "token_mismatch", "signature_mismatch", "undecodable"] {
        assert!(log.contains(&format!("reason=\"{reason}\"")), "{reason} is not logged");
    }
    needles.assert_not_in("the log", &log);
    needles.assert_not_in("stdout", &process.printed());
    needles.assert_not_in("an answer", &answers);
}

/// Returns a body that is handled, one whose handler panics, and some that cannot be decoded.
fn bodies(sender: &Sender) -> Vec<Vec<u8>> {
    let with_id = |id: &str| {
        serde_json::json!({
            "event": sender.events[0], "url": id, "screenshot_id": id, "scan_id": id, "data": {"id": id, "note": CANARY},
            "note": CANARY, CANARY: CANARY,
        })
    };
    let texts = [
        with_id("x").to_string(),
        with_id("poison").to_string(),
        format!(r#"{{"event":"{}","band":{{"{CANARY}":1}},"url":["{CANARY}"]}}"#, sender.events[0]),
        format!(r#"{{"event":["{CANARY}"]}}"#),
        format!(r#"{{"event":"x","event":"{CANARY}"}}"#),
        format!(r#"{{"{CANARY}":"#),
        CANARY.to_owned(),
    ];
    let mut bodies: Vec<Vec<u8>> = texts.into_iter().map(String::into_bytes).collect();
    bodies.push([CANARY.as_bytes(), b"\xff"].concat());
    bodies
}

/// The texts that must not appear, in lower case. The searched text is lower-cased, too.
#[derive(Default)]
struct Needles(Vec<String>);

impl Needles {
    /// Adds `bytes` verbatim, and as in a URL, a form, JSON or Rust, hex, and the `Debug` of bytes.
    fn add(&mut self, bytes: &[u8]) {
        let text = String::from_utf8_lossy(bytes);
        self.0.extend([
            text.to_lowercase(),
            text.replace('&', "%26").replace(' ', "%20").to_lowercase(),
            text.replace('&', "%26").replace(' ', "+").to_lowercase(),
            text.escape_default().to_string().to_lowercase(),
            escape(bytes).to_lowercase(),
            hex::encode(bytes),
            format!("{bytes:?}").trim_matches(['[', ']']).to_owned(),
        ]);
    }

    fn add_tag(&mut self, tag: &str) {
        let bytes = hex::decode(tag).expect("hex");
        // Parts that are long enough to be unique.
        self.0.extend([tag[..16].to_owned(), tag[48..].to_owned()]);
        self.0.push(format!("{bytes:?}").trim_matches(['[', ']']).to_owned());
    }

    #[track_caller]
    fn assert_not_in(&self, place: &str, text: &str) {
        for line in text.to_lowercase().lines() {
            let found: Vec<&String> = self.0.iter().filter(|needle| line.contains(needle.as_str())).collect();
            assert!(found.is_empty(), "{place} has {found:?}: {line}");
        }
    }
}
