//! Every published vector of a provider that has a page: it verifies, and with any single change it does not.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

use crate::cli::{
    command::{command, run, run_command},
    schemes, support,
};

/// How a vector is sent: its provider's name, and its headers with `{…}` for its fields.
type Row = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

const STANDARD: &[(&str, &str)] =
    &[("webhook-id", "{message_id}"), ("webhook-timestamp", "{timestamp}"), ("webhook-signature", "{expected}")];
const TWILIO: &[(&str, &str)] = &[("x-twilio-signature", "{expected}")];
const SQUARE: &[(&str, &str)] = &[("x-square-hmacsha256-signature", "{expected}")];
const BOX: &[(&str, &str)] = &[("box-signature-primary", "{expected}"), ("box-delivery-timestamp", "{timestamp}")];

const ROWS: &[Row] = &[
    ("github-docs", "github", &[("x-hub-signature-256", "{expected}")]),
    ("github-octokit", "github", &[("x-hub-signature-256", "{expected}")]),
    ("bitbucket-docs", "bitbucket", &[("x-hub-signature", "{expected}")]),
    ("slack-docs", "slack", &[("x-slack-signature", "{expected}"), ("x-slack-request-timestamp", "{timestamp}")]),
    ("standard-webhooks-py", "standard-webhooks", STANDARD),
    ("openai-python", "openai", STANDARD),
    ("standard-webhooks-v1a", "standard-webhooks-v1a", STANDARD),
    ("square-sdk", "square", SQUARE),
    ("square-docs", "square", SQUARE),
    ("twilio-form", "twilio", TWILIO),
    ("twilio-json-bodysha256", "twilio", TWILIO),
    ("twilio-json-only-sha", "twilio", TWILIO),
    ("twilio-port-443", "twilio", TWILIO),
    ("twilio-port-1234-http", "twilio", TWILIO),
    ("twilio-docs", "twilio", TWILIO),
    (
        "sendgrid-sdk",
        "sendgrid",
        &[
            ("x-twilio-email-event-webhook-signature", "{expected}"),
            ("x-twilio-email-event-webhook-timestamp", "{timestamp}"),
        ],
    ),
    ("paddle-1", "paddle", &[("paddle-signature", "ts={timestamp};h1={expected}")]),
    ("wise-sandbox", "wise", &[("x-signature-sha256", "{expected}")]),
    ("coinbase-commerce", "coinbase-commerce", &[("x-cc-webhook-signature", "{expected}")]),
    ("line-sdk", "line", &[("x-line-signature", "{expected}")]),
    ("onfido-classic", "onfido", &[("x-sha2-signature", "{expected}")]),
    ("box-primary", "box", BOX),
    ("box-url", "box", BOX),
    ("modern-treasury-1", "modern-treasury", &[("x-signature", "{expected}")]),
    ("modern-treasury-2", "modern-treasury", &[("x-signature", "{expected}")]),
    ("pagerduty", "pagerduty", &[("x-pagerduty-signature", "{expected}")]),
    ("circleci-1", "circleci", &[("circleci-signature", "{expected}")]),
    ("circleci-2", "circleci", &[("circleci-signature", "{expected}")]),
    ("sanity-1", "sanity", &[("sanity-webhook-signature", "t={timestamp},v1={expected}")]),
    ("adyen-1", "adyen", &[]),
    ("adyen-colon", "adyen", &[]),
    ("adyen-forwardslash", "adyen", &[]),
    ("adyen-header", "adyen-management", &[("hmacsignature", "{expected}")]),
    ("dropbox-sign-account-base", "dropbox-sign", &[]),
    ("dropbox-sign-account-account", "dropbox-sign", &[]),
    ("dropbox-sign-account-template", "dropbox-sign", &[]),
    ("dropbox-sign-appcall-base", "dropbox-sign", &[]),
    ("dropbox-sign-appcall-account", "dropbox-sign", &[]),
    ("dropbox-sign-appcall-signature_request", "dropbox-sign", &[]),
    ("hubspot-v1", "hubspot-v1", &[("x-hubspot-signature", "{expected}")]),
    ("easypost", "easypost", &[("x-hmac-signature", "{expected}")]),
    ("meta-whatsapp-sdk", "meta", &[("x-hub-signature-256", "{expected}")]),
];

/// Vectors of schemes without a page: `tests/schemes` verifies those that are data.
const SKIPPED: &[&str] = &[
    // The HMAC alone, and not a delivery.
    "stripe-hmac-empty",
    "stripe-hmac-json",
    "stripe-hmac-utf8",
    // No page.
    "plivo-v2",
    // A GET, which no delivery is.
    "hubspot-v2-get",
    // JWT.
    "vonage-jwt",
    "messagebird-1",
    "messagebird-2",
    "messagebird-3",
    "messagebird-4",
    "messagebird-6",
];

fn vectors() -> Vec<Value> {
    let file = support::root().join("tests/fixtures/vectors.json");
    let all: Value = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    all["vectors"].as_array().unwrap().clone()
}

fn text<'a>(vector: &'a Value, field: &str) -> &'a str {
    vector[field].as_str().unwrap_or_default()
}

/// A delivery, and what the program is given with it.
#[derive(Clone, Debug)]
struct Case {
    name: &'static str,
    /// A file with the same scheme, instead of the name.
    scheme: Option<PathBuf>,
    key: Vec<u8>,
    at: String,
    url: Option<String>,
    query: Vec<u8>,
    headers: Vec<(&'static str, Vec<u8>)>,
    body: Vec<u8>,
}

impl Case {
    fn of(vector: &Value, (_, name, headers): &Row) -> Self {
        let key = match vector["public_key"].as_str() {
            Some(key) => format!("{}{key}", text(vector, "public_key_prefix")),
            // EasyPost: the page says to give the decomposed form.
            None if vector["key_from_secret"] == "nfkd" => text(vector, "secret").replace('é', "e\u{301}"),
            None => format!("{}{}", text(vector, "secret_prefix"), text(vector, "secret")),
        };
        let filled = |value: &str| {
            let fields = ["expected", "timestamp", "message_id"];
            let value = fields
                .iter()
                .fold(value.to_owned(), |value, field| value.replace(&format!("{{{field}}}"), text(vector, field)));
            value.into_bytes()
        };
        let headers = headers.iter().map(|(name, value)| (*name, filled(value))).collect();
        let pair = |(name, value): (&String, &Value)| {
            format!("{name}={}", value.as_str().unwrap().replace('%', "%25").replace('+', "%2B"))
        };
        let form = vector["form_params"].as_object();
        let form = form.map(|form| form.iter().map(pair).collect::<Vec<_>>().join("&"));
        let body = match (form, text(vector, "body")) {
            (Some(form), _) => form,
            (None, item) if *name == "adyen" => {
                format!(r#"{{"notificationItems":[{{"NotificationRequestItem":{item}}}]}}"#)
            }
            (None, json) if *name == "dropbox-sign" => {
                format!("--b\r\nContent-Disposition: form-data; name=\"json\"\r\n\r\n{json}\r\n--b--\r\n")
            }
            (None, body) => body.to_owned(),
        };
        // Twilio appends the digest to the URL that was registered.
        let (url, digest) = text(vector, "url").split_once("bodySHA256=").unwrap_or((text(vector, "url"), ""));
        let url = (!url.is_empty()).then(|| url.trim_end_matches(['?', '&']).to_owned());
        let query = if digest.is_empty() { String::new() } else { format!("bodySHA256={digest}") };
        let at = match text(vector, "timestamp") {
            "" => "2026-03-09T10:30:00Z",
            "2020-01-01T00:00:00-07:00" => "1577862000",
            // Also of milliseconds.
            digits => &digits[..10],
        };
        Self {
            name,
            scheme: None,
            key: key.into(),
            at: at.to_owned(),
            url,
            query: query.into(),
            headers,
            body: body.into(),
        }
    }

    fn request(&self) -> Vec<u8> {
        let mut request = [b"POST /hook?", self.query.as_slice(), b" HTTP/1.1\r\n"].concat();
        for (name, value) in &self.headers {
            request.extend([name.as_bytes(), b": ", value, b"\r\n"].concat());
        }
        [request.as_slice(), b"\r\n", &self.body].concat()
    }

    /// The exit code, and what is printed.
    fn verify(&self) -> (i32, Value) {
        let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("vector-{}-{}", self.name, std::process::id()));
        fs::write(&file, &self.key).unwrap();
        let mut command = command(&["verify", "--request", "-", "--json", "--at", &self.at]);
        match &self.scheme {
            Some(scheme) => command.arg("--scheme").arg(scheme),
            None => command.arg(self.name),
        };
        command.arg("--secret-file").arg(&file);
        command.args(self.url.iter().flat_map(|url| ["--url", url]));
        let outcome = run_command(&mut command, &self.request());
        fs::remove_file(&file).unwrap();
        assert_eq!(outcome.stderr, "", "{}", self.name);
        (outcome.code, outcome.documents().remove(0))
    }

    #[track_caller]
    fn is_rejected(&self, what: &str) {
        let (code, document) = self.verify();
        assert_eq!((code, &document["verified"]), (1, &false.into()), "{}: {what}: {document}", self.name);
        assert!(document["reason"].is_string(), "{document}");
        assert!(document["causes"].as_array().is_some_and(|causes| !causes.is_empty()), "{document}");
    }
}

/// Another byte that no reader takes for the same.
fn other(byte: u8) -> u8 {
    match byte {
        b'0'..=b'8' | b'a'..=b'y' | b'A'..=b'Y' => byte + 1,
        b'9' => b'0',
        b'z' => b'a',
        b'Z' => b'A',
        _ => b'x',
    }
}

/// The text with another first, middle or last byte.
fn changes(text: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    let last = text.len().saturating_sub(1);
    let places = if text.is_empty() { vec![] } else { vec![0, last / 2, last] };
    places.into_iter().map(|at| {
        let mut changed = text.to_vec();
        changed[at] = other(changed[at]);
        changed
    })
}

#[test]
fn every_vector_is_in_the_table_or_has_no_page() {
    let all = vectors();
    for vector in &all {
        let id = text(vector, "id");
        assert!(ROWS.iter().any(|row| row.0 == id) != SKIPPED.contains(&id), "{id}");
    }
    assert_eq!((all.len(), ROWS.len(), SKIPPED.len()), (53, 42, 11), "{SKIPPED:?} are skipped");
}

#[test]
fn every_vector_verifies_and_no_single_change_of_it() {
    let vectors = vectors();
    let vector = |row: &Row| vectors.iter().find(|vector| text(vector, "id") == row.0).unwrap();
    let named = ROWS.iter().map(|row| (row, vector(row), None));
    let own = ROWS.iter().filter_map(|row| Some((row, vector(row), Some(schemes::file(row.1)?))));
    assert_eq!(own.clone().count(), 16);
    for (row, vector, scheme) in named.chain(own) {
        let case = Case { scheme, ..Case::of(vector, row) };
        let (code, document) = case.verify();
        let trust = if ["adyen", "dropbox-sign", "hubspot-v1"].contains(&row.1) { "unbound" } else { "signed" };
        assert_eq!((code, &document["verified"], &document["trust"]), (0, &true.into(), &trust.into()), "{document}");
        // Dropbox Sign's is in the body.
        let is_timed = vector["timestamp"].is_string() || row.1 == "dropbox-sign";
        assert_eq!(document["sent_at"].is_u64(), is_timed, "{document}");

        // These sign fields: the signature, and the first of them.
        let signs_fields = ["adyen", "dropbox-sign"].contains(&row.1);
        let text_of_fields = text(vector, "signed_string");
        let first = if row.1 == "adyen" {
            text_of_fields.split(':').next().unwrap()
        } else {
            text_of_fields.get(..10).unwrap_or_default()
        };
        let signed = [text(vector, "expected"), first];
        let fields = signed.into_iter().filter(|_| signs_fields).flat_map(|field| {
            let at = case.body.windows(field.len()).position(|part| part == field.as_bytes()).unwrap();
            let (start, end) = (&case.body[..at], &case.body[at + field.len()..]);
            changes(field.as_bytes()).map(move |field| [start, &field, end].concat())
        });
        let bodies: Vec<_> = if signs_fields { fields.collect() } else { changes(&case.body).collect() };
        for body in bodies {
            Case { body, ..case.clone() }.is_rejected("a changed body");
        }
        Case { body: [case.body.as_slice(), b"x"].concat(), ..case.clone() }.is_rejected("a longer body");
        for key in changes(&case.key) {
            Case { key, ..case.clone() }.is_rejected("another key");
        }
        for query in changes(&case.query) {
            Case { query, ..case.clone() }.is_rejected("another query");
        }
        for (index, (name, value)) in case.headers.iter().enumerate() {
            for value in changes(value) {
                let mut changed = case.clone();
                changed.headers[index].1 = value;
                changed.is_rejected(name);
            }
            let mut changed = case.clone();
            changed.headers.remove(index);
            changed.is_rejected(name);
        }
        if let Some(url) = &case.url {
            Case { url: Some(format!("{url}x")), ..case.clone() }.is_rejected("another URL");
        }
        if let Some(tolerance) = run(&["providers", row.1, "--json"]).documents()[0]["tolerance_seconds"].as_u64() {
            let seconds: u64 = case.at.parse().unwrap();
            for at in [seconds - tolerance, seconds + tolerance] {
                assert_eq!(Case { at: at.to_string(), ..case.clone() }.verify().0, 0, "{}", case.name);
            }
            for at in [seconds - tolerance - 1, seconds + tolerance + 1] {
                Case { at: at.to_string(), ..case.clone() }.is_rejected("another time");
            }
        }
    }
}

#[test]
fn every_provider_is_listed() {
    let listed = run(&["providers", "--json"]).documents();
    macro_rules! rows {
        ($($name:ident $needs:tt => $Provider:ident [$group:ident $($feature:literal)?],)*) => {
            [$((<countersign::providers::$Provider as countersign::provider::Provider>::NAME, stringify!($group))),*]
        };
    }
    let rows = countersign::__for_each_provider!(rows);
    let field = |document: &Value, name: &str| document[name].as_str().unwrap_or_default().to_owned();
    let listed: Vec<_> = listed.iter().map(|page| (field(page, "name"), field(page, "group"))).collect();
    assert_eq!(listed, rows.map(|(name, group)| (name.to_owned(), group.to_owned())));
    let shown = run(&["providers"]).stdout;
    for (name, _) in rows {
        assert!(shown.contains(&format!("\n  {name} ")), "{name}");
        let page = run(&["providers", name]);
        assert_eq!((page.code, page.stdout.lines().next().unwrap().ends_with(&format!("({name})"))), (0, true));
        assert!(!page.stdout.contains("not documented") || page.stdout.contains("events  "), "{}", page.stdout);
    }
}
