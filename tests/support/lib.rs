//! What the tests share: the providers as senders, raw HTTP, and receivers as processes.

#![allow(missing_docs, reason = "what the tests share is read, not published")]
#![allow(clippy::exhaustive_enums, clippy::exhaustive_structs, clippy::missing_panics_doc, clippy::missing_errors_doc)]
#![allow(clippy::arithmetic_side_effects, clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::indexing_slicing, reason = "tests fail by panicking")]

pub mod capture;
pub mod convert;
pub mod http;
pub mod log;
pub mod nats;
pub mod others;
pub mod ports;
#[cfg(unix)]
pub mod postgres;
pub mod program;
pub mod receiver;
pub mod redis;

use std::{fs, path::PathBuf};

use countersign::{
    ProviderEvent, Rejection,
    adapter::Answer,
    provider::{Provider, Scheme},
    providers,
};
use countersign_testkit::Documented;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use self::http::Request;

/// The headers of the answer to a rejection.
pub fn headers(rejection: &Rejection) -> &'static [(&'static str, &'static str)] {
    Answer::from(rejection.clone()).headers()
}

/// The body of the answer to a rejection.
pub fn problem(rejection: &Rejection) -> String {
    String::from_utf8(Answer::from(rejection.clone()).body().to_vec()).expect("UTF-8")
}

/// A provider as seen from the other side: what it takes to send a delivery of its.
#[derive(Clone, Copy, Debug)]
pub struct Sender {
    pub name: &'static str,
    pub scheme: Scheme,
    pub events: &'static [&'static str],
    pub payloads: &'static [(&'static str, &'static str)],
}

/// A documented payload, and its tags as openssl made them; none for a provider that signs nothing.
#[derive(Clone, Debug)]
pub struct Fixture {
    pub event: String,
    pub body: Vec<u8>,
    pub tag: Option<String>,
    pub previous_tag: Option<String>,
}

/// All five, in the order of the README's table.
pub fn senders() -> Vec<Sender> {
    macro_rules! senders {
        ($($name:ident => $Provider:ident,)*) => {
            vec![$(Sender {
                name: providers::$Provider::NAME,
                scheme: providers::$Provider::SCHEME,
                events: <providers::$Provider as Provider>::Event::NAMES,
                payloads: providers::$Provider::PAYLOADS,
            }),*]
        };
    }
    countersign::__for_each_typed_provider!(senders)
}

pub fn sender(name: &str) -> Sender {
    senders().into_iter().find(|sender| sender.name == name).expect("one of the five")
}

impl Sender {
    /// The current secret, as tests/fixtures/sign.sh has it. ScreenshotRun's token has what a URL has to escape.
    pub fn secret(&self) -> String {
        match self.name {
            "geoscored" => concat!("whsec", "_fixture-geoscored").to_owned(),
            "screenshotrun" => "fixture+token/é &=%".to_owned(),
            name => format!("fixture-{name}"),
        }
    }

    pub fn previous_secret(&self) -> String {
        format!("{}-previous", self.secret())
    }

    /// The name of the receivers' environment variable for the secret.
    pub fn variable(&self) -> String {
        let kind = if self.is_signed() { "SECRET" } else { "TOKEN" };
        format!("{}_WEBHOOK_{kind}", self.name.to_uppercase())
    }

    pub fn is_signed(&self) -> bool {
        self.scheme.covers_body()
    }

    /// The signature header's name, and what stands before the digits.
    pub fn header(&self) -> (&'static str, &'static str) {
        let header = self.scheme.places().find_map(|place| place.as_header());
        header.zip(self.scheme.signature_prefix()).unwrap_or_else(|| panic!("{} signs nothing", self.name))
    }

    pub fn path(&self) -> String {
        format!("/webhooks/{}", self.name)
    }

    /// A genuine delivery of `body`.
    pub fn genuine(&self, body: impl Into<Vec<u8>>) -> Request {
        self.proven_with(self.secret().as_bytes(), body)
    }

    /// A delivery of `body`, proven with any secret.
    pub fn proven_with(&self, secret: &[u8], body: impl Into<Vec<u8>>) -> Request {
        let body = body.into();
        // Not with the scheme's own signer: it is what is tested.
        match self.scheme.places().find_map(|place| place.as_query()) {
            Some(parameter) => Request::post(format!("{}?{parameter}={}", self.path(), escape(secret)), body),
            None => self.with_tag(&tag(secret, &body), body),
        }
    }

    /// A delivery of `body` with the tag `digits` behind the right prefix.
    pub fn with_tag(&self, digits: &str, body: impl Into<Vec<u8>>) -> Request {
        let (_, prefix) = self.header();
        self.with_signature(format!("{prefix}{digits}"), body)
    }

    /// A delivery of `body` with this value of the signature header.
    pub fn with_signature(&self, value: impl Into<Vec<u8>>, body: impl Into<Vec<u8>>) -> Request {
        self.unproven(body).with_header(self.header().0, value)
    }

    pub fn unproven(&self, body: impl Into<Vec<u8>>) -> Request {
        Request::post(self.path(), body)
    }

    /// The documented payloads.
    pub fn fixtures(&self) -> Vec<Fixture> {
        let signatures = fs::read_to_string(fixtures_dir().join("signatures.txt")).expect("the signatures");
        let tags = |event: &str| -> (Option<String>, Option<String>) {
            let line = signatures.lines().find(|line| line.starts_with(&format!("{} {event} ", self.name)));
            let mut fields = line.into_iter().flat_map(|line| line.split(' ').skip(2)).map(str::to_owned);
            (fields.next(), fields.next())
        };
        let fixture = |&event: &&str| {
            let payload = self.payloads.iter().find(|(name, _)| *name == event);
            let (_, body) = payload.unwrap_or_else(|| panic!("{} {event} has no payload", self.name));
            let (tag, previous_tag) = tags(event);
            assert_eq!(tag.is_some() && previous_tag.is_some(), self.is_signed(), "{event} is signed");
            Fixture { event: event.to_owned(), body: body.as_bytes().to_vec(), tag, previous_tag }
        };
        self.events.iter().map(fixture).collect()
    }

    /// The first documented payload, which is a success.
    pub fn fixture(&self) -> Fixture {
        self.fixtures().remove(0)
    }

    /// Where a delivery carries the id that `resource_id()` reports: as the provider's page shows it, and not as the
    /// library reads it.
    pub fn id_at(&self, event: &str) -> String {
        let file = fixtures_dir().join(self.name).join("ids.txt");
        let rows = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let row = rows.lines().filter_map(|row| row.split_once(' ')).find(|(name, _)| *name == event || *name == "*");
        row.expect("a row for every event").1.to_owned()
    }

    /// The id that `resource_id()` should report of `body`, read by `serde_json::Value`.
    pub fn id_of(&self, event: &str, body: &[u8]) -> String {
        let json: serde_json::Value = serde_json::from_slice(body).expect("JSON");
        // An integer is the ID that its digits are.
        let integer = |id: &serde_json::Value| {
            id.as_i64().map_or_else(|| id.as_u64().map(|id| id.to_string()), |id| Some(id.to_string()))
        };
        let id = json.pointer(&self.id_at(event)).and_then(|id| id.as_str().map(str::to_owned).or_else(|| integer(id)));
        id.unwrap_or_default().to_owned()
    }
}

/// How many cases a property is tried with: an eighth of `all`, unless `COUNTERSIGN_TEST_ALL_CASES` is set.
pub fn cases(all: u32) -> u32 {
    if std::env::var_os("COUNTERSIGN_TEST_ALL_CASES").is_some() { all } else { all.div_ceil(8) }
}

/// The repository's root.
pub fn root() -> PathBuf {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    root.canonicalize().expect("the checkout that was built")
}

pub fn fixtures_dir() -> PathBuf {
    root().join("tests/fixtures")
}

/// The tag of `body` under `secret`, in hex. Made with the `hmac` crate, for what has no fixture.
pub fn tag(secret: &[u8], body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("any length");
    mac.update(body);
    hex::encode(mac.finalize().into_bytes())
}

/// Percent-encodes everything but letters and digits.
pub fn escape(bytes: &[u8]) -> String {
    let escape = |&byte: &u8| {
        if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") }
    };
    bytes.iter().map(escape).collect()
}
