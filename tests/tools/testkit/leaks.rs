//! Neither a secret, nor a token, nor a signature, nor a body is in anything that can be printed.

use std::fmt::Debug;

use countersign::providers::{ScreenshotRun, Zeodyn};
use countersign_testkit::{Documented, Payload, Tampering, sign};

use crate::testkit::{first, of, support::escape};

for_every_provider![nothing_that_can_be_printed_shows_what_is_secret, headers_of_a_proof_are_sensitive,];

/// What is in the payload, and in nothing else.
const IN_THE_BODY: &str = "needle-in-the-body";

fn texts(value: &impl Debug) -> [String; 2] {
    [format!("{value:?}"), format!("{value:#?}")]
}

#[track_caller]
fn shows_none(value: &impl Debug, needles: &[String]) {
    for text in texts(value) {
        for needle in needles {
            assert!(!needle.is_empty() && !text.contains(needle.as_str()), "{needle} in {text}");
        }
    }
}

/// The secret and its spellings, the tag, the token and parts of the body.
fn needles<P: Documented>(secret: &str, body: &[u8]) -> Vec<String> {
    let proof = sign::<P>(secret, body);
    let tags = proof.headers().map(|(_, value)| value.trim_start_matches(of_prefix::<P>()).to_owned());
    let tokens = proof.query().map(|query| query.trim_start_matches("token=").to_owned());
    let spellings = [secret.to_owned(), format!("{secret:?}").trim_matches('"').to_owned(), escape(secret.as_bytes())];
    let bytes = [format!("{:?}", secret.as_bytes()), format!("{:?}", &secret.as_bytes()[..4]).replace(']', "")];
    let others = [IN_THE_BODY.to_owned(), "\"event\"".to_owned(), "\\\"event".to_owned()];
    tags.chain(tokens).chain(spellings).chain(bytes).chain(others).collect()
}

fn of_prefix<P: Documented>() -> &'static str {
    if of::<P>().is_signed() { of::<P>().header().1 } else { "" }
}

fn nothing_that_can_be_printed_shows_what_is_secret<P: Documented>() {
    let secret = of::<P>().secret();
    let payload = Payload::<P>::documented(of::<P>().events[0]).unwrap().with_field("/needle", IN_THE_BODY).unwrap();
    let needles = needles::<P>(&secret, payload.bytes());
    assert!(needles.len() >= 9, "{needles:?}");

    shows_none(&payload, &needles);
    shows_none(&sign::<P>(&secret, payload.bytes()), &needles);
    let request = payload.signed_with(secret.as_str());
    shows_none(&request, &needles);
    shows_none(request.headers(), &needles);
    shows_none(request.to_http::<bytes::Bytes>().headers(), &needles);
    shows_none(&request.delivery().unwrap(), &needles);
    for &tampering in Tampering::ALL {
        match request.tampered(tampering) {
            Ok(tampered) => {
                shows_none(&tampered, &needles);
                shows_none(tampered.to_http::<bytes::Bytes>().headers(), &needles);
                if let Err(error) = tampered.delivery() {
                    shows_none(&error, &needles);
                    assert!(needles.iter().all(|needle| !error.to_string().contains(needle)));
                }
            }
            Err(error) => shows_none(&error, &needles),
        }
    }
    let broken = Payload::<P>::new(format!("{{\"event\":\"{IN_THE_BODY}\", {IN_THE_BODY}}}"));
    shows_none(&broken.clone().with_field("/a", 1).unwrap_err(), &needles);
    shows_none(&broken.signed_with(secret).tampered(Tampering::UnknownEvent).unwrap_err(), &needles);
}

fn headers_of_a_proof_are_sensitive<P: Documented>() {
    for &tampering in Tampering::ALL {
        let Ok(tampered) = first::<P>().tampered(tampering) else { continue };
        let http = tampered.to_http::<bytes::Bytes>();
        for (name, value) in http.headers() {
            assert_eq!(value.is_sensitive(), name.as_str().ends_with("-signature"), "{name} of {tampering}");
        }
        let builder = tampered.to_reqwest(&reqwest::Client::new(), "http://localhost/".parse().unwrap());
        let headers = builder.build().unwrap().headers().clone();
        assert!(headers.iter().all(|(name, value)| value.is_sensitive() == name.as_str().ends_with("-signature")));
    }
}

#[test]
fn what_is_shown_is_this() {
    let payload = Payload::<Zeodyn>::new("{}");
    assert_eq!(texts(&payload), ["Payload(zeodyn, [2 bytes])", "Payload(zeodyn, [2 bytes])"]);
    let request = payload.signed_with("s3cr3t");
    assert_eq!(
        format!("{request:?}"),
        r#"SignedRequest { provider: "zeodyn", path: "/webhooks/zeodyn", headers: ["content-type", "x-zeodyn-signature"], body: [2 bytes], .. }"#
    );
    assert_eq!(format!("{:?}", sign::<Zeodyn>("s", "")), "Proof(the header `x-zeodyn-signature`: [redacted])");
    assert_eq!(format!("{:?}", sign::<ScreenshotRun>("s", "")), "Proof(`?token=` in the URL: [redacted])");
}

/// actix-web prints the headers of a request in its `Debug`, but for those that are sensitive.
#[test]
fn headers_of_an_actix_request_are_sensitive_too() {
    let request = first::<Zeodyn>();
    let tag = request.headers()["x-zeodyn-signature"].to_str().unwrap().to_owned();
    shows_none(&request.to_actix().to_http_request(), &[tag]);
}
