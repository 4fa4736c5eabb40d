//! A sender's requests as the frameworks' own, for tests that call a service without a socket.

use actix_web::{dev::Payload, test::TestRequest};
use bytes::Bytes;
use countersign::{ProviderEvent, provider::Provider, providers};
use http::HeaderValue;

use crate::{Sender, http::Request, sender, tag};

/// `http`'s request, with another body.
pub fn with_body<B>(request: &Request, body: B) -> http::Request<B> {
    let mut builder = http::Request::builder().method(request.method.as_str()).uri(&request.target);
    for (name, value) in &request.headers {
        builder = builder.header(name, HeaderValue::from_bytes(value).expect("a header value"));
    }
    builder.body(body).expect("a request")
}

/// `http`'s request. No length is declared unless the headers do.
pub fn to_http<B: From<Vec<u8>>>(request: &Request) -> http::Request<B> {
    with_body(request, request.body.clone().into())
}

/// actix-web's request without its payload: a length that is not in the headers is not declared.
pub fn to_actix(request: &Request) -> TestRequest {
    use actix_web::http::{
        Method,
        header::{HeaderName, HeaderValue},
    };
    let method = Method::from_bytes(request.method.as_bytes()).expect("a method");
    let mut test = TestRequest::with_uri(&request.target).method(method);
    for (name, value) in &request.headers {
        let name = HeaderName::from_bytes(name.as_bytes()).expect("a header name");
        test = test.append_header((name, HeaderValue::from_bytes(value).expect("a header value")));
    }
    test
}

/// The payload of actix-web's request.
pub fn payload(request: &Request) -> Payload {
    Payload::from(Bytes::from(request.body.clone()))
}

/// The sender of `P`'s deliveries.
pub fn of<P: Provider>() -> Sender {
    sender(P::NAME)
}

/// The first documented delivery, proven as its provider does, the tag made by openssl.
pub fn documented<P: Provider>() -> Request {
    documented_as::<P>(P::Event::NAMES.first().expect("a documented event"))
}

/// The documented delivery of the event `name`.
pub fn documented_as<P: Provider>(name: &str) -> Request {
    let sender = of::<P>();
    let fixture = sender.fixtures().into_iter().find(|fixture| fixture.event == name).expect("a documented event");
    match fixture.tag {
        Some(tag) => sender.with_tag(&tag, fixture.body),
        None => sender.genuine(fixture.body),
    }
}

/// A genuine delivery about this id.
pub fn about(id: &str) -> Request {
    of::<providers::Zeodyn>().genuine(format!(r#"{{"event":"scan_complete","scanId":"{id}"}}"#))
}

/// One request for every reason why a head alone is rejected, with the reason's code and the status. Those of a token
/// are ScreenshotRun's, all others Zeodyn's.
pub fn rejected_heads() -> Vec<(Request, &'static str, u16)> {
    let (zeodyn, run) = (of::<providers::Zeodyn>(), of::<providers::ScreenshotRun>());
    let genuine = documented::<providers::Zeodyn>();
    let body = genuine.body.clone();
    let (header, _) = zeodyn.header();
    let token = run.genuine(body.clone());
    vec![
        (genuine.clone().with_method("PUT"), "method_not_allowed", 405),
        (genuine.clone().with_method("HEAD"), "method_not_allowed", 405),
        (genuine.clone().with_header("content-length", "1048577"), "body_too_large", 413),
        (zeodyn.unproven(body.clone()), "missing_signature", 401),
        (zeodyn.with_tag("abc", body.clone()), "malformed_signature", 401),
        (genuine.clone().with_header(header, tag(b"x", b"y")), "malformed_signature", 401),
        (genuine.clone().with_header("content-encoding", "gzip"), "unsupported_encoding", 415),
        (run.unproven(body.clone()), "missing_token", 401),
        (token.clone().with_target(format!("{0}&{1}", token.target, "token=x")), "malformed_token", 401),
        (run.unproven(body.clone()).with_target("/webhooks/screenshotrun?%74oken=x"), "malformed_token", 401),
        (run.proven_with(b"guessed", body), "token_mismatch", 401),
        (token.with_header("content-encoding", "br"), "unsupported_encoding", 415),
    ]
}

/// Bytes that no two writers of JSON would write alike: of the event `name`, with an id, and a field of this many
/// spaces.
pub fn odd<P: Provider>(padding: usize) -> Vec<u8> {
    let name = P::Event::NAMES.first().expect("a documented event");
    let escaped: String = name.bytes().map(|byte| format!("\\u{byte:04x}")).collect();
    format!(
        "{{ \"n\" : [1.0, 1e2,-0.0 ],\t\"event\":\"{escaped}\" ,\n\"url\":\"https:\\/\\/\u{e9}.example\", \"pad\":\"{}\"}}\r\n",
        " ".repeat(padding)
    )
    .into_bytes()
}
