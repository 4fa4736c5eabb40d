//! The head check: all that is done before a byte of the body is read.

use bytes::Bytes;
use countersign::{
    Verifier, VerifyErrorKind,
    providers::{ScreenshotCenter, ScreenshotRun},
};
use countersign_testkit::Payload;
use http::Request;

use crate::{
    operation::{Named, Operation, blocks},
    verification::{SECRET, body, signed},
};

pub fn operations() -> Vec<Named> {
    vec![
        ("head: signature, 8 headers".into(), || accepted(8)),
        ("head: signature, 64 headers".into(), || accepted(64)),
        ("head: malformed signature".into(), malformed),
        ("head: token".into(), token),
    ]
}

/// So many headers, the signature among them.
fn accepted(headers: usize) -> Operation {
    let verifier = Verifier::<ScreenshotCenter>::new(SECRET);
    let request = signed(body(1024), headers);
    Operation::new(move || verifier.check_head(&request).unwrap())
}

fn malformed() -> Operation {
    let verifier = Verifier::<ScreenshotCenter>::new(SECRET);
    let mut request = signed(body(1024), 8);
    request.headers_mut().insert("x-screenshotcenter-signature", "sha256=0".repeat(8).parse().unwrap());
    Operation::new(move || {
        let error = verifier.check_head(&request).unwrap_err();
        assert_eq!(error.kind(), VerifyErrorKind::MalformedSignature);
        error
    })
}

fn token() -> Operation {
    let token = "0123456789abcdef0123456789abcdef";
    let verifier = Verifier::<ScreenshotRun>::new(token);
    let payload = Payload::<ScreenshotRun>::documented("screenshot.completed").unwrap();
    let request: Request<Bytes> = payload.signed_with(token).to_http();
    Operation::new(move || verifier.check_head(&request).unwrap()).without_compressions(blocks(token.len()))
}
