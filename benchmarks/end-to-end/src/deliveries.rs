//! What is delivered: the documented payload of ScreenScore AI, padded, signed, and written as HTTP.

use std::time::{SystemTime, UNIX_EPOCH};

use countersign::providers::ScreenScore;
use countersign_testkit::{Payload, sign};

/// What everything is signed with.
pub const SECRET: &[u8] = b"benchmark-secret-of-32-bytes-....";

/// Where everybody listens.
pub const PATH: &str = "/hook";

/// How many deliveries of 1 KiB there are, each with an id of its own. Whoever remembers deliveries remembers fewer than
/// half of them, so that none is still known when its turn comes again.
pub const DISTINCT: usize = 8 * 1024;

/// How many of them are remembered.
pub const REMEMBERED: usize = DISTINCT / 4;

/// How a delivery is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    ScreenScore,
    GitHub,
    StandardWebhooks,
}

/// The id in the body of this number.
pub fn id(number: usize) -> String {
    format!("ana_{number:026}")
}

/// A body of exactly `size` bytes: more of the suggestions that an analysis comes with, which are decoded.
pub fn body(size: usize, number: usize) -> Vec<u8> {
    const SENTENCE: &str = "Text hierarchy between the headline and subheading is too similar in weight; differentiate \
                            them more clearly to guide the eye.";
    let with_feedback = |feedback: Vec<&str>| {
        Payload::<ScreenScore>::documented("analysis.completed")
            .and_then(|payload| payload.with_field("/data/id", id(number)))
            .and_then(|payload| payload.with_field("/data/feedback", feedback))
            .expect("fields of the documented payload")
            .bytes()
            .to_vec()
    };
    // Quotes and a comma for each, except that there is no comma before the first.
    let mut room = size + 1 - with_feedback(Vec::new()).len();
    let mut feedback = Vec::new();
    while room > 2 * (SENTENCE.len() + 3) {
        feedback.push(SENTENCE);
        room -= SENTENCE.len() + 3;
    }
    let rest = room - 3;
    let last = SENTENCE.repeat(2);
    feedback.push(&last[..rest]);
    with_feedback(feedback)
}

/// A request that is genuine.
pub fn genuine(dialect: Dialect, body: &[u8]) -> Vec<u8> {
    request(&proof(dialect, body), body)
}

/// A request whose signature is that of another body.
pub fn forged(dialect: Dialect, body: &[u8]) -> Vec<u8> {
    request(&proof(dialect, &body[1..]), body)
}

/// The head of a request with a well-formed signature, which says how much will follow.
pub fn promise(length: u64) -> Vec<u8> {
    head(&proof(Dialect::ScreenScore, b""), &format!("content-length: {length}"))
}

/// A genuine request in chunks of one byte, without its end.
pub fn dribbled(body: &[u8]) -> Vec<u8> {
    let mut request = head(&proof(Dialect::ScreenScore, body), "transfer-encoding: chunked");
    request.extend(body.iter().flat_map(|&byte| [b'1', b'\r', b'\n', byte, b'\r', b'\n']));
    request
}

/// The end of a request in chunks.
pub const LAST_CHUNK: &[u8] = b"0\r\n\r\n";

fn request(proof: &str, body: &[u8]) -> Vec<u8> {
    let mut request = head(proof, &format!("content-length: {}", body.len()));
    request.extend(body);
    request
}

fn head(proof: &str, framing: &str) -> Vec<u8> {
    format!(
        "POST {PATH} HTTP/1.1\r\nhost: receiver.example\r\nuser-agent: Sender/1.0\r\naccept: */*\r\n\
         content-type: application/json\r\n{framing}\r\n{proof}\r\n"
    )
    .into_bytes()
}

fn proof(dialect: Dialect, body: &[u8]) -> String {
    let proof = sign::<ScreenScore>(SECRET, body);
    let (name, tag) = proof.headers().next().expect("it signs in a header");
    match dialect {
        Dialect::ScreenScore => format!("{name}: {tag}\r\n"),
        Dialect::GitHub => format!("x-hub-signature-256: sha256={tag}\r\n"),
        Dialect::StandardWebhooks => {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock after 1970").as_secs();
            let signature = standardwebhooks::Webhook::from_bytes(SECRET.to_vec())
                .and_then(|webhook| webhook.sign("msg_1", now as i64, body))
                .expect("a secret and an id that can be signed");
            format!("webhook-id: msg_1\r\nwebhook-timestamp: {now}\r\nwebhook-signature: {signature}\r\n")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_are_of_their_size() {
        for size in [1024, 64 * 1024, 1024 * 1024] {
            assert_eq!(body(size, 7).len(), size);
        }
    }
}
