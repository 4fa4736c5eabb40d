//! What a client can be made of, word for word.

use std::time::Duration;

use countersign::confirmation::{
    ApiSettingsErrorKind::{self, BaseUrl, Key, RootCertificates, Timeout},
    ScreenshotRunApi, ScreenshotRunApiBuilder,
};

use crate::{
    api::{Api, KEY, builder},
    certificates::OURS,
    deliveries::{ID, completed, genuine},
    inside::confirmed,
};

for_all![
    a_key_is_printable_ascii,
    a_base_url_is_https_with_only_a_host_and_a_path,
    root_certificates_are_certificates_in_pem,
    the_first_error_is_told_whatever_else_is_wrong,
    a_base_url_may_have_a_path,
    a6_a_request_needs_time,
];

#[track_caller]
fn assert_fails(builder: ScreenshotRunApiBuilder, kind: ApiSettingsErrorKind) {
    let message = match kind {
        Key => "the API key is empty or has characters other than printable ASCII",
        BaseUrl => {
            "the API's base URL must be an https URL with only a host and a path, such as https://screenshotrun.com"
        }
        RootCertificates => "the root certificates are not valid PEM, or there are none",
        Timeout => "the time limit of a request must not be 0",
        other => panic!("{other:?}"),
    };
    let error = builder.build().unwrap_err();
    assert_eq!((error.kind(), &*error.to_string()), (kind, message));
    assert_eq!(format!("{error:?}"), format!("ApiSettingsError {{ kind: {kind:?} }}"));
    assert!(std::error::Error::source(&error).is_none());
}

async fn a_key_is_printable_ascii() {
    let of = |key: &str| ScreenshotRunApi::builder(key).with_root_certificates(OURS.pem());
    for key in ["", " ", "a b", "key\n", "\r\nx: y", "key\0", "k\u{e9}y", "\u{7f}", "key\u{200b}"] {
        assert_fails(of(key), Key);
    }
    let all: String = ('!'..='~').collect();
    for key in [KEY, &all, &"k".repeat(4000)] {
        assert!(of(key).build().is_ok());
    }
}

async fn a_base_url_is_https_with_only_a_host_and_a_path() {
    for base in [
        "",
        "screenshotrun.com",
        "http://screenshotrun.com",
        "file:///etc/passwd",
        "https://",
        "https://user@screenshotrun.com",
        "https://screenshotrun.com@evil.example",
        "https://screenshotrun.com/?x",
        "https://screenshotrun.com#",
    ] {
        assert_fails(builder().with_base_url(base), BaseUrl);
    }
    for base in ["https://screenshotrun.com", "https://screenshotrun.com:8443/v2/", "https://[::1]:1"] {
        assert!(builder().with_base_url(base).build().is_ok(), "{base}");
    }
}

async fn root_certificates_are_certificates_in_pem() {
    let body: String = OURS.pem().lines().filter(|line| !line.starts_with("-----")).collect();
    let none = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    for pem in [
        String::new(),
        body,
        OURS.pem().replace("CERTIFICATE", "PRIVATE KEY"),
        OURS.pem()[..OURS.pem().len() / 2].to_owned(),
        OURS.pem().replace("-----BEGIN CERTIFICATE-----", "-----BEGIN CERTIFICATE-----\n!!!!"),
        none.to_owned(),
        [OURS.pem(), none].concat(),
    ] {
        assert_fails(builder().with_root_certificates(pem), RootCertificates);
    }
    for pem in [OURS.pem().replace('\n', "\r\n"), ["# a comment\n", OURS.pem()].concat(), OURS.pem().repeat(2)] {
        assert!(builder().with_root_certificates(pem).build().is_ok());
    }
}

/// Certificates, then the base URL, then the key.
async fn the_first_error_is_told_whatever_else_is_wrong() {
    let wrong = ScreenshotRunApi::builder("").with_base_url("http://x").with_root_certificates("");
    assert_fails(wrong, RootCertificates);
    let wrong = ScreenshotRunApi::builder("").with_base_url("http://x").with_root_certificates(OURS.pem());
    assert_fails(wrong, BaseUrl);
}

async fn a_base_url_may_have_a_path() {
    let api = Api::answering(200, completed().to_string()).await;
    for (path, expected) in [
        ("/", ""),
        ("/two/parts/", "/two/parts"),
        ("/a%20b%2Fc/../prefix/./", "/prefix"),
        // Read as browsers do.
        ("\\@evil.example", "/@evil.example"),
    ] {
        let client = api.builder().with_base_url(format!("{}{path}", api.base())).build().unwrap();
        confirmed(&client, &genuine()).await;
        let [seen] = &api.take_seen()[..] else { panic!("one request") };
        assert_eq!(seen.lines().next(), Some(&*format!("GET {expected}/api/v1/screenshots/{ID} HTTP/1.1")));
        assert!(seen.contains(&format!("host: localhost:{}\r\n", api.port)), "{seen}");
    }
}

async fn a6_a_request_needs_time() {
    assert_fails(builder().with_timeout(Duration::ZERO), Timeout);
    assert!(builder().with_timeout(Duration::from_millis(1)).build().is_ok());
}
