//! `http`'s request, actix-web's and reqwest's are one and the same.

use std::time::{SystemTime, UNIX_EPOCH};

use countersign::providers::{ScreenScore, ScreenshotRun, Zeodyn};
use countersign_testkit::{Documented, Payload, SignedRequest, Tampering};
use http::{HeaderName, HeaderValue};

use crate::testkit::{first, of, sent::Sent, signed, support::escape, wait_for};

for_every_provider![
    every_documented_delivery_is_the_providers_own_request,
    every_form_is_the_same_request,
    every_form_of_what_is_tampered_with_is_the_same_request,
];

/// The three forms, which are equal.
fn forms<P: Documented>(request: &SignedRequest<P>, path: &str) -> Sent {
    wait_for(async {
        let http = Sent::by_http(request);
        assert_eq!(Sent::by_actix(request).await, http);
        assert_eq!(Sent::by_reqwest(request, path).await, http);
        http
    })
}

fn every_documented_delivery_is_the_providers_own_request<P: Documented>() {
    let sender = of::<P>();
    for fixture in sender.fixtures() {
        let sent = Sent::by_http(&signed::<P>(&fixture.event));
        assert_eq!((sent.method.as_str(), &sent.path), ("POST", &sender.path()));
        assert_eq!(sent.header("content-type"), ["application/json"]);
        assert_eq!(sent.body, fixture.body);
        let mut names = vec!["content-type"];
        match fixture.tag {
            Some(tag) => {
                let (name, prefix) = sender.header();
                assert_eq!(sent.header(name), [format!("{prefix}{tag}")]);
                assert_eq!(sent.query, None);
                names.push(name);
            }
            None => assert_eq!(sent.query.as_deref(), Some("token=fixture%2Btoken%2F%C3%A9%20%26%3D%25")),
        }
        if sender.name == "screenshotcenter" {
            assert_eq!(sent.header("x-screenshotcenter-event"), [fixture.event]);
            names.push("x-screenshotcenter-event");
        }
        if sender.name == "geoscored" {
            let time: u64 = sent.header("x-geoscored-timestamp")[0].parse().expect("seconds");
            let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock").as_secs();
            assert!((now - 60..=now).contains(&time), "{time} is now, at {now}");
            names.push("x-geoscored-timestamp");
        }
        names.sort_unstable();
        assert_eq!(sent.headers.keys().collect::<Vec<_>>(), names);
    }
}

fn every_form_is_the_same_request<P: Documented>() {
    for &event in of::<P>().events {
        let request = signed::<P>(event);
        assert_eq!(forms(&request, &of::<P>().path()).body, *request.body());
    }
    for path in ["/", "/hooks/acme", "/hooks?tenant=1", "/hooks?a=%20&b=%C3%A9+c&a=", "/hooks/~x;y=1/a%2Fb?q"] {
        let request = first::<P>().with_path(path);
        let sent = forms(&request, path);
        let own = path.split_once('?').map(|(_, query)| query.to_owned());
        let proof = (!of::<P>().is_signed()).then(|| format!("token={}", escape_unreserved(&of::<P>().secret())));
        let parts: Vec<_> = own.into_iter().chain(proof).collect();
        assert_eq!(sent.query, (!parts.is_empty()).then(|| parts.join("&")), "{path}");
        assert_eq!(path.split('?').next(), Some(sent.path.as_str()));
        assert_eq!(request.path_and_query().split_once('?').map(|(_, query)| query.to_owned()), sent.query);
    }
    for body in [&b""[..], b"\0\r\n\xff", &[b'x'; 100_000]] {
        let request = Payload::<P>::new(body.to_vec()).signed_with(of::<P>().secret());
        assert_eq!(forms(&request, &of::<P>().path()).body, body);
    }
}

/// What stays as it is in RFC 3986, and in `support::escape` does not.
fn escape_unreserved(secret: &str) -> String {
    escape(secret.as_bytes()).replace("%2D", "-").replace("%2E", ".").replace("%5F", "_").replace("%7E", "~")
}

fn every_form_of_what_is_tampered_with_is_the_same_request<P: Documented>() {
    let request = first::<P>();
    for &tampering in Tampering::ALL {
        if let Ok(tampered) = request.tampered(tampering) {
            assert_eq!(forms(&tampered, &of::<P>().path()).body, *tampered.body(), "{tampering}");
        }
    }
}

#[test]
fn headers_of_ones_own_are_in_every_form() {
    let name = HeaderName::from_static("x-own");
    let odd = HeaderValue::from_bytes(b"\xe9 \t,;\"x\"").unwrap();
    let request = first::<Zeodyn>()
        .with_header(name.clone(), HeaderValue::from_static("gone"))
        .with_header(name.clone(), HeaderValue::from_static("one"))
        .add_header(name.clone(), odd.clone())
        .add_header(name, HeaderValue::from_static(""))
        .with_header(http::header::CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    let sent = forms(&request, "/webhooks/zeodyn");
    assert_eq!(sent.headers["x-own"], [b"one", odd.as_bytes(), b""]);
    assert_eq!(sent.header("content-type"), ["text/plain"]);
    assert_eq!(sent.header("x-zeodyn-signature").len(), 1, "nothing is signed anew");
}

#[test]
fn what_is_changed_afterwards_is_not_signed_anew() {
    let request = first::<ScreenScore>();
    let forged = request.clone().with_body("{}");
    assert_eq!(forged.headers(), request.headers());
    assert_eq!(forged.body()[..], b"{}"[..]);
    assert!(forged.delivery().is_err());
    // Where nothing is signed, nothing is forged.
    let request = first::<ScreenshotRun>().with_body(r#"{"event":"new"}"#);
    assert_eq!(request.delivery().unwrap().event_name(), "new");
}

#[test]
fn a_clone_is_the_same_request() {
    let request = first::<ScreenshotRun>().with_path("/a?b=c");
    assert_eq!(Sent::by_http(&request.clone()), Sent::by_http(&request));
    let payload = Payload::<Zeodyn>::documented("scan_complete").unwrap();
    assert_eq!(payload.clone().bytes(), payload.bytes());
}

#[test]
fn an_empty_query_of_ones_own_is_kept_in_every_form() {
    assert_eq!(forms(&first::<Zeodyn>().with_path("/hooks?"), "/hooks?").query.as_deref(), Some(""));
    forms(&first::<ScreenshotRun>().with_path("/hooks?"), "/hooks?");
}

#[test]
fn a_path_that_is_none_is_rejected_at_once() {
    for path in ["", "/a b", "/a\nb", "/a%\u{e9}\0", "hooks", "/hooks#fragment", "?tenant=1"] {
        let set = [
            std::panic::catch_unwind(|| drop(first::<Zeodyn>().with_path(path))),
            std::panic::catch_unwind(|| drop(first::<ScreenshotRun>().with_path(path))),
        ];
        assert!(set.iter().all(Result::is_err), "{path:?}: {set:?}");
    }
}
