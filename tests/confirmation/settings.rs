//! What a client can be made of, word for word.

use countersign::confirmation::{ApiSettingsError, ApiSettingsErrorKind, ScreenshotRunApi, ScreenshotRunApiBuilder};

use crate::{
    api::{Api, KEY},
    certificates,
    deliveries::{ID, completed, genuine},
    receivers::Adapter,
};

for_all![
    a_key_is_a_word_of_printable_ascii,
    a_base_url_is_https_with_a_host_and_a_path_alone,
    root_certificates_are_pem,
    root_certificates_are_certificates,
    the_first_error_is_told_whatever_else_is_wrong,
];

for_both![a_base_url_may_have_a_path, a_base_url_is_read_as_browsers_do,];

const KEYS: &str = "the API key is empty, or has characters that an HTTP header cannot carry";
const BASE: &str =
    "the API's base URL is not an https URL of a host and a path alone, such as https://screenshotrun.com";
const ROOTS: &str = "the root certificates are not certificates in PEM, or there is none";

fn of(base: &str) -> ScreenshotRunApiBuilder {
    ScreenshotRunApi::builder(KEY).with_base_url(base).with_root_certificates(certificates::OURS.pem())
}

#[track_caller]
fn assert_is_refused(builder: ScreenshotRunApiBuilder, kind: ApiSettingsErrorKind, message: &str) {
    let error: ApiSettingsError = builder.build().unwrap_err();
    assert_eq!((error.kind(), &*error.to_string()), (kind, message));
    assert_eq!(format!("{error:?}"), format!("ApiSettingsError {{ kind: {kind:?} }}"));
    assert!(std::error::Error::source(&error).is_none());
}

fn a_key_is_a_word_of_printable_ascii() {
    for key in
        ["", " ", "a b", " key", "key ", "key\n", "\r\nx: y", "key\t", "key\0", "k\u{e9}y", "\u{7f}", "key\u{200b}"]
    {
        let builder = ScreenshotRunApi::builder(key).with_root_certificates(certificates::OURS.pem());
        assert_is_refused(builder, ApiSettingsErrorKind::Key, KEYS);
    }
    let all: String = ('!'..='~').collect();
    for key in ["k", KEY, &all, &"k".repeat(4000)] {
        assert!(ScreenshotRunApi::builder(key).with_root_certificates(certificates::OURS.pem()).build().is_ok());
    }
}

fn a_base_url_is_https_with_a_host_and_a_path_alone() {
    for base in [
        "",
        "screenshotrun.com",
        "//screenshotrun.com",
        "/api",
        "http://screenshotrun.com",
        "http://localhost",
        "ftp://screenshotrun.com",
        "file:///etc/passwd",
        "data:text/plain,x",
        "unix:/run/api.sock",
        "https:",
        "https://",
        "https:///",
        "https://:443",
        "https://?x",
        "https://user@screenshotrun.com",
        "https://:password@screenshotrun.com",
        "https://user:password@screenshotrun.com",
        "https://screenshotrun.com@evil.example",
        "https://screenshotrun.com?",
        "https://screenshotrun.com?key=x",
        "https://screenshotrun.com/?x",
        "https://screenshotrun.com#",
        "https://screenshotrun.com/#x",
        "https://screenshotrun.com:port",
        "https://screenshotrun.com:65536",
        "https://screenshot run.com",
        "https://screenshotrun.com%2f@evil.example",
        "https://[::1",
        "https://256.256.256.256",
        "not a URL",
    ] {
        println!("{base}");
        assert_is_refused(of(base), ApiSettingsErrorKind::BaseUrl, BASE);
    }
    for base in
        ["https://screenshotrun.com", "https://screenshotrun.com:8443/v2/", "https://[::1]:1", "https://10.0.0.1"]
    {
        assert!(of(base).build().is_ok(), "{base}");
    }
}

fn root_certificates_are_pem() {
    let pem = certificates::OURS.pem();
    let body: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    let of = |pem: &[u8]| ScreenshotRunApi::builder(KEY).with_root_certificates(pem);
    for pem in [
        Vec::new(),
        b"\n".to_vec(),
        b"not PEM".to_vec(),
        body.clone().into_bytes(),
        vec![0x30, 0x82, 0, 1],
        vec![0xff; 100],
        pem.replace("CERTIFICATE", "PRIVATE KEY").into_bytes(),
        pem.lines().next().unwrap().as_bytes().to_vec(),
        pem.as_bytes()[..pem.len() / 2].to_vec(),
        pem.replace("-----BEGIN CERTIFICATE-----", "-----BEGIN CERTIFICATE-----\n!!!!").into_bytes(),
    ] {
        println!("{}", pem[..pem.len().min(60)].escape_ascii());
        assert_is_refused(of(&pem), ApiSettingsErrorKind::RootCertificates, ROOTS);
    }
    let two = [certificates::ANOTHER.pem(), pem.clone()].concat();
    for pem in [pem.clone(), pem.replace('\n', "\r\n"), format!("# a comment\n{pem}"), two] {
        assert!(of(pem.as_bytes()).build().is_ok());
    }
}

/// The system's root certificates have nothing to do with it.
fn root_certificates_are_certificates() {
    let none = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    for pem in [none.to_owned(), [&certificates::OURS.pem(), none].concat()] {
        let builder = ScreenshotRunApi::builder(KEY).with_root_certificates(pem);
        assert_is_refused(builder, ApiSettingsErrorKind::RootCertificates, ROOTS);
    }
}

/// Certificates, then the base URL, then the key.
fn the_first_error_is_told_whatever_else_is_wrong() {
    let wrong = || ScreenshotRunApi::builder("").with_base_url("http://x");
    assert_is_refused(wrong().with_root_certificates(""), ApiSettingsErrorKind::RootCertificates, ROOTS);
    let roots = certificates::OURS.pem();
    assert_is_refused(wrong().with_root_certificates(roots.clone()), ApiSettingsErrorKind::BaseUrl, BASE);
    let wrong = ScreenshotRunApi::builder("").with_root_certificates(roots);
    assert_is_refused(wrong, ApiSettingsErrorKind::Key, KEYS);
}

#[track_caller]
fn assert_asks_at(adapter: Adapter, api: &Api, base: String, target: &str) {
    adapter.receiver(api.client().with_base_url(base)).accepts(&genuine());
    let seen = api.take_seen();
    assert_eq!((seen.len(), &*seen[0].target), (1, target));
    assert_eq!(seen[0].header("host"), [format!("localhost:{}", api.port)]);
}

fn a_base_url_may_have_a_path(adapter: Adapter) {
    let api = Api::answering(200, completed().to_string());
    for (path, expected) in [
        ("", ""),
        ("/", ""),
        ("/prefix", "/prefix"),
        ("/prefix/", "/prefix"),
        ("/two/parts", "/two/parts"),
        ("/two/parts/", "/two/parts"),
        ("/a%20b%2Fc", "/a%20b%2Fc"),
        ("/with space", "/with%20space"),
        ("/x/../prefix/./", "/prefix"),
        ("/%2e%2e/prefix", "/prefix"),
    ] {
        assert_asks_at(adapter, &api, format!("{}{path}", api.base()), &format!("{expected}/api/v1/screenshots/{ID}"));
    }
}

/// Odd as they are, all of these name the same host.
fn a_base_url_is_read_as_browsers_do(adapter: Adapter) {
    let api = Api::answering(200, completed().to_string());
    for base in
        ["HTTPS://LOCALHOST:", " https://localhost:", "https:localhost:", "https:\\\\localhost:", "https://@localhost:"]
    {
        assert_asks_at(adapter, &api, format!("{base}{}", api.port), &format!("/api/v1/screenshots/{ID}"));
    }
    let base = format!("{}\\@evil.example", api.base());
    assert_asks_at(adapter, &api, base, &format!("/@evil.example/api/v1/screenshots/{ID}"));
}
