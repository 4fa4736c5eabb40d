//! Two mistakes at once, and three.

use countersign_core::providers::{ScreenshotCenter, ScreenshotRun};
use countersign_testkit::Documented;

use crate::support::{Case, Request, SECRET, body, is_token, prefix};

#[test]
fn secret_and_body() {
    fn test<P: Documented>() {
        if is_token::<P>() {
            return;
        }
        let body = P::PAYLOADS[0].1;
        let value: serde_json::Value = serde_json::from_str(body).unwrap();
        for (secret_code, given) in [
            ("secret-line-break", format!("{SECRET}\n")),
            ("secret-quoted", format!("'{SECRET}'")),
            ("secret-with-name", format!("KEY={SECRET}")),
        ] {
            for (body_code, captured) in [
                ("body-line-break-added", format!("{body}\n")),
                ("body-reserialised", value.to_string()),
                ("body-in-json-string", serde_json::to_string(body).unwrap()),
            ] {
                let request = Request { body: captured.into(), ..Request::genuine::<P>(SECRET, body) };
                let case = Case::new(format!("{secret_code}, {body_code}"), &given, &request).hiding(body);
                case.refused::<P>(&[secret_code, body_code], "; and the captured body");
            }
        }
    }
    crate::for_every_provider!(test);
}

#[test]
fn previous_secret_and_body_and_signature() {
    fn test<P: Documented>() {
        if is_token::<P>() {
            return;
        }
        let mut request = Request::genuine::<P>("the one before", body::<P>());
        request.body.push(b'\n');
        let case = Case::new("two", SECRET, &request).with_previous("the one before");
        case.refused::<P>(&["previous-secret", "body-line-break-added"], "the previous secret, in");
        let value = [b"\"", request.signature::<P>().as_slice(), b"\""].concat();
        *request.signature::<P>() = value;
        let case = Case::new("three", SECRET, &request).with_previous("the one before");
        case.refused::<P>(&["previous-secret", "body-line-break-added", "signature-quoted"], "; and the captured body");
    }
    crate::for_every_provider!(test);
}

#[test]
fn signature_and_secret_or_body() {
    fn test<P: Documented>() {
        if is_token::<P>() {
            return;
        }
        let request = Request::genuine::<P>(SECRET, body::<P>());
        let changed = |body: &[u8], value: Vec<u8>| {
            let mut changed = Request { body: body.to_vec(), ..request.clone() };
            *changed.signature::<P>() = value;
            changed
        };
        let value = request.clone().signature::<P>().clone();
        let quoted = [b"\"", value.as_slice(), b"\""].concat();
        let case = Case::new("secret", format!("{SECRET}\n"), &changed(&request.body, quoted.clone()));
        case.refused::<P>(&["secret-line-break", "signature-quoted"], "ends with a line break");
        let case = Case::new("body", SECRET, &changed(&[request.body.as_slice(), b"\r\n"].concat(), quoted));
        case.refused::<P>(&["body-line-break-added", "signature-quoted"], "ends with a line break");
        // Two in the form of the signature.
        let digits = value.strip_prefix(prefix::<P>().as_bytes()).unwrap();
        let listed = [b"v9=", digits, b",t=1768473000"].concat();
        let case = Case::new("form", SECRET, &changed(&request.body, listed));
        case.refused::<P>(&["signature-other-prefix", "signature-in-list"], "; and the header");
    }
    crate::for_every_provider!(test);
}

#[test]
fn two_with_the_secret() {
    fn test<P: Documented>() {
        let request = Request::genuine::<P>(SECRET, body::<P>());
        for (given, codes) in [
            (format!("\"{SECRET}\"\n"), ["secret-line-break", "secret-quoted"]),
            (format!("KEY='{SECRET}'"), ["secret-with-name", "secret-quoted"]),
        ] {
            Case::new(&given, &given, &request).refused::<P>(&codes, "; and the secret in");
        }
    }
    crate::for_every_provider!(test);
}

#[test]
fn token_and_secret() {
    let genuine = Request::genuine::<ScreenshotRun>(SECRET, body::<ScreenshotRun>());
    let request = Request { target: format!("/hook?key={SECRET}"), ..genuine };
    let case = Case::new("token and secret", format!("{SECRET}\n"), &request);
    case.refused::<ScreenshotRun>(&["secret-line-break", "token-in-another-parameter"], "ends with a line break");
}

#[test]
fn method_and_coding_come_first() {
    fn test<P: Documented>() {
        let mut request = Request::genuine::<P>(SECRET, body::<P>());
        request.method = "GET".to_owned();
        Case::new("GET", SECRET, &request).refused::<P>(&["not-post"], "the request is no POST");
        let case = Case::new("GET and secret", format!("{SECRET}\n"), &request);
        case.refused::<P>(&["not-post", "secret-line-break"], "no POST; and the secret in");
        request.method = "POST".to_owned();
        request.headers.push(("Content-Encoding".to_owned(), b"gzip".to_vec()));
        Case::new("gzip", SECRET, &request).refused::<P>(&["content-coding"], "has a content coding");
        request.headers.last_mut().unwrap().1 = b"identity".to_vec();
        assert_eq!(Case::new("identity", SECRET, &request).verify::<P>().2, 0);
        request.headers.push(("Content-Length".to_owned(), b"99999999999999999999999".to_vec()));
        Case::new("length", SECRET, &request).refused::<P>(&["content-length"], "larger than any body");
    }
    crate::for_every_provider!(test);
}

#[test]
fn a_coding_that_the_signature_does_not_cover_is_named_with_it() {
    use flate2::{Compression, write::GzEncoder};
    use std::io::Write;
    let mut request = Request::genuine::<ScreenshotCenter>(SECRET, body::<ScreenshotCenter>());
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(&request.body).unwrap();
    request.body = gzip.finish().unwrap();
    request.headers.push(("content-encoding".to_owned(), b"gzip".to_vec()));
    let case = Case::new("gzip", SECRET, &request);
    case.refused::<ScreenshotCenter>(&["content-coding", "body-compressed"], "; and the captured body is compressed");
}
