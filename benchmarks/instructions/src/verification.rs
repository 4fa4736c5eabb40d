//! Verification of whole deliveries, without their hash.

use std::future::pending;

use bytes::Bytes;
use countersign::{SecretMap, Secrets, Verifier, VerifyErrorKind, providers::ScreenshotCenter};
use countersign_testkit::Payload;
use http::{HeaderName, HeaderValue, Request};

use crate::operation::{Named, Operation, hmac_blocks, ready};

pub const SECRET: &str = "instructions-secret-of-32-bytes.";

pub fn operations() -> Vec<Named> {
    vec![
        ("verify: 256 B".into(), || whole(256)),
        ("verify: 1 KiB".into(), || whole(1024)),
        ("verify: 1 KiB, forged".into(), forged),
        ("verify: 1 KiB, secret rotated".into(), rotated),
        ("verify: 1 KiB, secret looked up".into(), looked_up),
        ("verify: 4 KiB in 4 frames".into(), || in_frames(4)),
    ]
}

/// JSON of exactly so many bytes.
pub fn body(size: usize) -> Bytes {
    let (start, end) = (r#"{"event":"screenshot.finished","screenshot_id":"1","url":""#, r#""}"#);
    let body = Bytes::from(format!("{start}{}{end}", "x".repeat(size - start.len() - end.len())));
    // The first clone of what was a `String` makes its count of references.
    drop(body.clone());
    body
}

/// A genuine delivery, with so many headers.
pub fn signed(body: Bytes, headers: usize) -> Request<Bytes> {
    let mut request = Payload::<ScreenshotCenter>::new(body).signed_with(SECRET);
    for (name, value) in [("host", "example.com"), ("user-agent", "ScreenshotCenter/1.0"), ("accept", "*/*")] {
        request = request.with_header(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    let length = HeaderValue::from(request.body().len());
    request = request.with_header(http::header::CONTENT_LENGTH, length);
    for number in request.headers().len()..headers {
        let name = HeaderName::try_from(format!("x-none-of-ours-{number}")).unwrap();
        request = request.with_header(name, HeaderValue::from_static("value"));
    }
    assert_eq!(request.headers().len(), headers);
    request.to_http()
}

fn whole(size: usize) -> Operation {
    let verifier = Verifier::<ScreenshotCenter>::new(SECRET);
    let request = signed(body(size), 8);
    Operation::new(move || verifier.verify(&request, request.body().clone()).unwrap())
        .without_compressions(hmac_blocks(size))
}

fn forged() -> Operation {
    let verifier = Verifier::<ScreenshotCenter>::new("another");
    let request = signed(body(1024), 8);
    Operation::new(move || {
        let error = verifier.verify(&request, request.body().clone()).unwrap_err();
        assert_eq!(error.kind(), VerifyErrorKind::SignatureMismatch);
        error
    })
    .without_compressions(hmac_blocks(1024))
}

/// The delivery is signed with the secret before.
fn rotated() -> Operation {
    let verifier = Verifier::<ScreenshotCenter>::new(Secrets::new("another").add_previous(SECRET));
    let request = signed(body(1024), 8);
    Operation::new(move || verifier.verify(&request, request.body().clone()).unwrap())
        .without_compressions(2 * hmac_blocks(1024))
}

fn looked_up() -> Operation {
    let secrets = SecretMap::new();
    secrets.insert("1", SECRET).unwrap();
    let verifier = Verifier::<ScreenshotCenter>::from_lookup(secrets);
    let request = signed(body(1024), 8);
    Operation::new(move || ready(verifier.verify_async(&request, request.body().clone(), |_| pending())).unwrap())
        // A key has two blocks.
        .without_compressions(hmac_blocks(1024) + 2)
}

/// Of 1 KiB each: larger ones are copied by an instruction that valgrind counts once for every byte.
fn in_frames(frames: usize) -> Operation {
    let verifier = Verifier::<ScreenshotCenter>::new(SECRET);
    let request = signed(body(frames * 1024), 8);
    Operation::new(move || {
        let mut verification = verifier.check_head(&request).unwrap();
        for frame in 0..frames {
            verification.push(request.body().slice(frame * 1024..(frame + 1) * 1024)).unwrap();
        }
        verification.finish().unwrap()
    })
    .without_compressions(hmac_blocks(frames * 1024))
}
