//! Mistakes that senders and receivers make, alone and in pairs, with deliveries that are put together
//! and signed here by hand.

use std::time::{Duration, UNIX_EPOCH};

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use countersign_core::PublicUrl;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Digest;

use super::{Delivered, Report, diagnose};
use crate::{capture::Captured, catalog::ENTRIES, secret::SecretInput};

pub(super) const SECRET: &str = "Kq7vRw2-mN_4tZ8x";
const AT: u64 = 1_614_265_330;
pub(super) const JSON: &str = r#"{"id":"evt_1", "type":"order.paid","path":"a/b"}"#;
pub(super) const FORM: &str = "CallSid=CA1&Digits=12";
pub(super) const URL: &str = "https://example.com/hooks/1?tenant=1";
/// 24 bytes in base64.
pub(super) const KEY: &str = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// A sender and a receiver.
#[derive(Clone)]
pub(super) struct Delivery {
    pub(super) given: String,
    pub(super) previous: Vec<String>,
    pub(super) key: Vec<u8>,
    pub(super) mac: fn(&[u8], &[u8]) -> Vec<u8>,
    pub(super) coding: fn(&[u8]) -> String,
    pub(super) prefix: &'static str,
    /// What happens to the signature on its way.
    pub(super) mangle: fn(String) -> String,
    /// What is signed: `{time}.{body}`.
    pub(super) text: &'static str,
    pub(super) time: String,
    pub(super) now: u64,
    pub(super) target: &'static str,
    pub(super) url: String,
    pub(super) signed_url: String,
    pub(super) body: String,
    pub(super) signed_body: String,
    /// The head, with `{signature}`, `{time}` and `{id}` for them.
    pub(super) head: Vec<(&'static str, String)>,
}

pub(super) fn mac<M: Mac + KeyInit>(key: &[u8], text: &[u8]) -> Vec<u8> {
    let mut mac = <M as KeyInit>::new_from_slice(key).unwrap();
    mac.update(text);
    mac.finalize().into_bytes().to_vec()
}

pub(super) fn base64(bytes: &[u8]) -> String {
    BASE64.encode(bytes)
}

impl Delivery {
    pub(super) fn new(text: &'static str, head: &[(&'static str, &str)]) -> Self {
        Self {
            given: SECRET.to_owned(),
            previous: Vec::new(),
            key: SECRET.into(),
            mac: mac::<Hmac<sha2::Sha256>>,
            coding: |bytes| hex::encode(bytes),
            prefix: "",
            mangle: |signature| signature,
            text,
            time: AT.to_string(),
            now: AT + 1,
            target: "/hooks/1?tenant=1",
            url: URL.to_owned(),
            signed_url: URL.to_owned(),
            body: JSON.to_owned(),
            signed_body: JSON.to_owned(),
            head: head.iter().map(|(name, value)| (*name, (*value).to_owned())).collect(),
        }
    }

    /// As it is captured.
    fn request(&self) -> Vec<u8> {
        let digest = hex::encode(sha2::Sha256::digest(&self.signed_body));
        let sorted: String = FORM.replace(['=', '&'], "");
        let text = self.text.replace("{time}", &self.time).replace("{id}", "msg_1").replace("{url}", &self.signed_url);
        let text = text.replace("{digest}", &digest).replace("{form}", &sorted).replace("{body}", &self.signed_body);
        let signature = (self.coding)(&(self.mac)(&self.key, text.as_bytes()));
        let signature = (self.mangle)(format!("{}{signature}", self.prefix));
        let mut request = format!("POST {} HTTP/1.1\r\nhost: example.com\r\n", self.target);
        for (name, value) in &self.head {
            let value = value.replace("{signature}", &signature).replace("{time}", &self.time).replace("{id}", "msg_1");
            request += &format!("{name}: {value}\r\n");
        }
        format!("{request}\r\n{}", self.body).into_bytes()
    }

    /// Whether it verifies, and the codes of what is wrong.
    fn diagnosis(&self, provider: &str) -> (bool, Vec<&'static str>) {
        let report = self.report(provider);
        (report.verified, report.causes.iter().map(|cause| cause.code).collect())
    }

    pub(super) fn report(&self, provider: &str) -> Report {
        self.with_delivered(provider, diagnose)
    }

    pub(super) fn with_delivered<T>(&self, provider: &str, use_it: impl FnOnce(&Delivered<'_>) -> T) -> T {
        let entry = ENTRIES.iter().find(|entry| entry.page.name == provider).unwrap();
        let captured = Captured::from_request(self.request()).unwrap();
        let input = |text: &String| SecretInput { bytes: text.clone().into_bytes().into(), origin: "it".to_owned() };
        let previous: Vec<_> = self.previous.iter().map(input).collect();
        let url = entry.page.scheme.signs_url().then(|| PublicUrl::new(&self.url).unwrap());
        let at = Some(UNIX_EPOCH + Duration::from_secs(self.now));
        let (captured, secret) = (&captured, &input(&self.given));
        use_it(&Delivered { entry, captured, secret, previous: &previous, url, at })
    }

    fn heads(&mut self, change: impl Fn(&str) -> String) {
        self.head.iter_mut().filter(|(_, value)| value.contains("{signature}")).for_each(|(_, value)| {
            *value = change(value);
        });
    }
}

/// Puts `<`, `&` and `'` into a body, and returns it with these escapes.
fn escaped(body: &mut String, less: &str, and: &str, quote: &str) -> String {
    *body = r#"{"a":"<&'"}"#.to_owned();
    body.replace('<', less).replace('&', and).replace('\'', quote)
}

/// Everything but letters, digits and `-._`.
fn percent(text: &str) -> String {
    let written = text.bytes().map(|byte| match char::from(byte) {
        plain if plain.is_ascii_alphanumeric() || "-._".contains(plain) => plain.to_string(),
        _ => format!("%{byte:02X}"),
    });
    written.collect()
}

fn spaced(signature: String) -> String {
    let (start, end) = signature.split_at(20);
    format!("{start} {end}")
}

/// What a mistake is about. Two of the same are not made together.
#[derive(Clone, Copy, Debug, PartialEq)]
enum About {
    Secret,
    Body,
    Algorithm,
    Coding,
    Prefix,
    List,
    Text,
    Head,
    Unit,
    Clock,
    Url,
}
use About::{Algorithm, Body, Clock, Coding, Head, List, Prefix, Secret, Text, Unit, Url};

type Mistake = (&'static str, About, fn(&mut Delivery));

/// Those of every page with a secret that is used verbatim.
const OF_SECRETS: &[Mistake] = &[
    ("secret-not-trimmed", Secret, |d| d.given += "\n"),
    ("secret-quoted", Secret, |d| d.given = format!("\"{}\"", d.given)),
    ("secret-with-name", Secret, |d| d.given = format!("SECRET={}", d.given)),
    ("secret-in-json", Secret, |d| d.given = format!(r#"{{"secret":"{}"}}"#, d.given)),
    ("secret-with-name", Secret, |d| d.given = format!("Signing secret: {}", d.given)),
    ("secret-escaped", Secret, |d| d.given = format!("%{:02X}{}", d.given.as_bytes()[0], &d.given[1..])),
    ("secret-escaped", Secret, |d| d.given += r"\n"),
    ("secret-is-base64", Secret, |d| d.given = base64(d.given.as_bytes())),
    ("previous-secret", Secret, |d| d.previous.push(std::mem::replace(&mut d.given, "the new one".to_owned()))),
];
const OF_VERBATIM: &[Mistake] = &[
    ("secret-is-hex", Secret, |d| d.given = hex::encode(&d.key)),
    ("secret-trimmed", Secret, |d| d.key.push(b'\n')),
    ("secret-empty", Secret, |d| d.key.clear()),
    ("secret-unset", Secret, |d| d.key = b"undefined".to_vec()),
];
const OF_BODIES: &[Mistake] = &[
    ("body-white-space-added", Body, |d| d.body += "\n"),
    ("body-reserialised", Body, |d| d.signed_body = d.signed_body.replace(", ", ",")),
    ("body-base64", Body, |d| d.body = base64(d.body.as_bytes())),
    ("body-in-json-string", Body, |d| d.body = serde_json::to_string(&d.body).unwrap()),
    ("body-in-json-string", Body, |d| d.body = d.body.replace('"', "\\\"")),
    ("body-white-space-added", Body, |d| d.body.insert(0, '\u{feff}')),
    ("body-chunked", Body, |d| d.body = format!("{:x}\r\n{}\r\n0\r\n\r\n", d.body.len(), d.body)),
    // As Go, Gson and .NET write it, and the field `payload` of a form as Python and JavaScript write it.
    ("body-reserialised", Body, |d| d.signed_body = escaped(&mut d.body, r"\u003c", r"\u0026", "'")),
    ("body-reserialised", Body, |d| d.signed_body = escaped(&mut d.body, r"\u003c", r"\u0026", r"\u0027")),
    ("body-reserialised", Body, |d| d.signed_body = escaped(&mut d.body, r"\u003C", r"\u0026", r"\u0027")),
    ("body-reserialised", Body, |d| d.signed_body = format!("payload={}", percent(&d.body).replace("%20", "+"))),
    ("body-reserialised", Body, |d| d.signed_body = format!("payload={}", percent(&d.body))),
    // Read as ISO-8859-1, and written as UTF-8.
    ("body-charset", Body, |d| {
        d.signed_body = "{\"name\":\"Zo\u{eb}\"}".to_owned();
        d.body = d.signed_body.bytes().map(char::from).collect();
    }),
];
const OF_ALGORITHMS: &[Mistake] = &[
    ("signature-algorithm", Algorithm, |d| d.mac = mac::<Hmac<sha1::Sha1>>),
    ("signature-algorithm", Algorithm, |d| d.mac = mac::<Hmac<sha2::Sha512>>),
];
const OF_HEADS: &[Mistake] = &[
    ("signature-not-alone", Head, |d| d.heads(|value| format!("\"{value}\""))),
    ("proof-elsewhere", Head, |d| {
        d.head.iter_mut().filter(|(_, value)| value.contains("{signature}")).for_each(|head| head.0 = "x-other")
    }),
];

const STRIPE: &[Mistake] = &[
    ("signature-coding", Coding, |d| d.coding = base64),
    ("signature-member", List, |d| d.heads(|value| value.replace("v1=", "v0="))),
    ("signed-part-missing", Text, |d| d.text = "{body}"),
    ("signed-separator", Text, |d| d.text = "{time}:{body}"),
    ("signed-separator", Text, |d| d.text = "{time}{body}"),
    ("signed-order", Text, |d| d.text = "{body}.{time}"),
    ("signed-body-form", Text, |d| d.text = "{time}.{digest}"),
    ("time-unit", Unit, |d| d.time += "000"),
    ("time-stale", Clock, |d| d.now += 3600),
    ("proof-repeated", Head, |d| d.head.push(("stripe-signature", "t=1,v1=00".to_owned()))),
];

const SLACK: &[Mistake] = &[
    ("signature-coding", Coding, |d| d.coding = base64),
    ("signature-prefix-missing", Prefix, |d| d.prefix = ""),
    ("signature-prefix", Prefix, |d| d.prefix = "v1="),
    ("signed-part-missing", Text, |d| d.text = "{body}"),
    ("signed-part-missing", Text, |d| d.text = "{time}:{body}"),
    ("signed-separator", Text, |d| d.text = "v0:{time}.{body}"),
    ("signed-order", Text, |d| d.text = "v0:{body}:{time}"),
    ("time-unit", Unit, |d| d.time += "000"),
    ("time-stale", Clock, |d| d.now += 3600),
    ("signature-white-space", Head, |d| d.mangle = spaced),
    ("signed-value-elsewhere", Head, |d| d.head[0].0 = "x-timestamp"),
    ("signed-value-repeated", Head, |d| d.head.push(("x-slack-request-timestamp", "1".to_owned()))),
];

const GITHUB: &[Mistake] = &[
    ("signature-algorithm", Algorithm, |d| (d.mac, d.prefix) = (mac::<Hmac<sha1::Sha1>>, "sha1=")),
    ("signature-coding", Coding, |d| d.coding = base64),
    ("signature-prefix-missing", Prefix, |d| d.prefix = ""),
    ("signature-prefix", Prefix, |d| d.prefix = "hmac="),
    ("signed-body-form", Text, |d| d.text = "{digest}"),
    ("signed-part-added", Text, |d| {
        d.text = "{time}.{body}";
        d.head.push(("x-timestamp", "{time}".to_owned()));
    }),
    ("proof-repeated", Head, |d| d.head.push(("x-hub-signature-256", "sha256=00".to_owned()))),
    ("signature-white-space", Head, |d| d.mangle = spaced),
];

const STANDARD: &[Mistake] = &[
    ("signature-algorithm", Algorithm, |d| d.mac = |key, text| sha2::Sha256::digest([key, text].concat()).to_vec()),
    ("signature-coding", Coding, |d| d.coding = |bytes| hex::encode(bytes)),
    ("signature-unpadded", Head, |d| d.mangle = |signature| signature.replace('=', "")),
    ("secret-not-decoded", Secret, |d| d.key = KEY.into()),
    ("secret-not-decoded", Secret, |d| d.key = d.given.clone().into()),
    ("signature-member", List, |d| d.heads(|value| value.replace("v1,", "v2,"))),
    ("signed-part-missing", Text, |d| d.text = "{body}"),
    ("signed-part-missing", Text, |d| d.text = "{time}.{body}"),
    ("signed-part-missing", Text, |d| d.text = "{id}.{body}"),
    ("signed-separator", Text, |d| d.text = "{id}:{time}:{body}"),
    ("signed-order", Text, |d| d.text = "{time}.{id}.{body}"),
    ("time-unit", Unit, |d| d.time += "000"),
    ("time-stale", Clock, |d| d.now += 3600),
    ("signed-value-elsewhere", Head, |d| d.head[0].0 = "x-id"),
];

const TWILIO: &[Mistake] = &[
    // Hex digits in base64.
    ("signature-coding", Head, |d| {
        d.mangle = |signature| base64(hex::encode(BASE64.decode(signature).unwrap()).as_bytes())
    }),
    ("url", Url, |d| (d.url, d.signed_url) = (d.url.replace("tenant=1", "t=%3A"), d.url.replace("tenant=1", "t=:"))),
    ("url", Url, |d| {
        d.url = d.url.replace("/hooks/1", "/1");
        d.head.push(("x-original-uri", "/hooks/1?tenant=1".to_owned()));
    }),
    ("signature-coding", Coding, |d| d.coding = |bytes| hex::encode(bytes)),
    ("signature-algorithm", Algorithm, |d| d.mac = mac::<Hmac<sha2::Sha256>>),
    ("signed-part-missing", Text, |d| d.text = "{form}"),
    ("signed-order", Text, |d| d.text = "{form}{url}"),
    ("signed-body-form", Text, |d| d.text = "{url}{body}"),
    ("signed-separator", Text, |d| d.text = "{url}.{form}"),
    ("url", Url, |d| d.signed_url = d.signed_url.replace("https", "http")),
    ("url", Url, |d| d.signed_url = d.signed_url.replace("?tenant=1", "")),
    ("url", Url, |d| d.signed_url = d.signed_url.replace("/1", "/1/")),
    ("url", Url, |d| d.url = d.url.replace("example.com", "internal.example")),
    ("url", Url, |d| d.url = d.url.replace("/hooks/1", "/")),
    ("url", Url, |d| d.url = d.url.replace("https://example.com", "http://10.0.0.1:3000")),
    ("proof-repeated", Head, |d| d.head.push(("x-twilio-signature", "AAAA".to_owned()))),
];

/// The first of these can hide the second: a text around the signature may be a prefix, and what is not
/// signed is not read.
const HIDDEN: &[(&str, &[&str])] = &[
    ("signature-not-alone", &["signature-prefix", "signature-prefix-missing", "signature-member"]),
    // Hex is not padded.
    ("signature-coding", &["signature-unpadded"]),
    ("signed-part-missing", &["time-unit", "time-stale", "signed-value-elsewhere", "signed-value-repeated", "url"]),
];

fn check(provider: &str, right: &Delivery, tables: &[&[Mistake]]) {
    assert_eq!(right.diagnosis(provider), (true, vec![]), "{provider}");
    let mistakes = tables.concat();
    let kinds: std::collections::HashSet<_> = mistakes.iter().map(|(code, ..)| code).collect();
    assert!(mistakes.len() >= 15 && kinds.len() >= 12, "{provider}: {} of {} kinds", mistakes.len(), kinds.len());
    let (mut wrong, mut pairs) = (Vec::new(), 0);
    let is_variant =
        |about, code: &str, index: usize| about == Body && mistakes[..index].iter().any(|(other, ..)| *other == code);
    for (index, (code, about, make)) in mistakes.iter().enumerate() {
        let mut one = right.clone();
        make(&mut one);
        let found = one.diagnosis(provider);
        if found != (false, vec![*code]) {
            wrong.push(format!("{code}: {found:?}"));
        }
        for (other_index, (other_code, other_about, make_other)) in mistakes.iter().enumerate().skip(index + 1) {
            // Of ways to write a body again, the first stands for all in pairs.
            if about == other_about
                || is_variant(*about, code, index)
                || is_variant(*other_about, other_code, other_index)
            {
                continue;
            }
            let mut two = one.clone();
            make_other(&mut two);
            pairs += 1;
            let (verified, mut found) = two.diagnosis(provider);
            let mut expected = vec![*code, *other_code];
            found.sort_unstable();
            expected.sort_unstable();
            let hides = |one, other| HIDDEN.iter().any(|(code, hidden)| *code == one && hidden.contains(&other));
            let is_hidden = (found == [*code] && hides(*code, *other_code))
                || (found == [*other_code] && hides(*other_code, *code));
            if verified || (found != expected && !is_hidden) {
                wrong.push(format!("{code} and {other_code}: {found:?}"));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{provider}: {} of {pairs} pairs and {}:\n{}",
        wrong.len(),
        mistakes.len(),
        wrong.join("\n")
    );
}

#[test]
fn mistakes_with_stripe() {
    let right = Delivery::new("{time}.{body}", &[("stripe-signature", "t={time},v1={signature}")]);
    check("stripe", &right, &[OF_SECRETS, OF_VERBATIM, OF_BODIES, OF_ALGORITHMS, OF_HEADS, STRIPE]);
}

#[test]
fn mistakes_with_slack() {
    let head = [("x-slack-request-timestamp", "{time}"), ("x-slack-signature", "{signature}")];
    let right = Delivery { prefix: "v0=", ..Delivery::new("v0:{time}:{body}", &head) };
    check("slack", &right, &[OF_SECRETS, OF_VERBATIM, OF_BODIES, OF_ALGORITHMS, OF_HEADS, SLACK]);
}

#[test]
fn mistakes_with_github() {
    let right = Delivery { prefix: "sha256=", ..Delivery::new("{body}", &[("x-hub-signature-256", "{signature}")]) };
    check("github", &right, &[OF_SECRETS, OF_VERBATIM, OF_BODIES, OF_HEADS, GITHUB]);
}

#[test]
fn mistakes_with_standard_webhooks() {
    let head = [("webhook-id", "{id}"), ("webhook-timestamp", "{time}"), ("webhook-signature", "v1,{signature}")];
    let given = concat!("whsec", "_").to_owned() + KEY;
    let key = BASE64.decode(KEY).unwrap();
    let right = Delivery { given, key, coding: base64, ..Delivery::new("{id}.{time}.{body}", &head) };
    check("standard-webhooks", &right, &[OF_SECRETS, OF_BODIES, OF_ALGORITHMS, OF_HEADS, STANDARD]);
}

#[test]
fn mistakes_with_twilio() {
    let form = Delivery::new("{url}{form}", &[("x-twilio-signature", "{signature}")]);
    let (body, signed_body) = (FORM.to_owned(), FORM.to_owned());
    let right = Delivery { mac: mac::<Hmac<sha1::Sha1>>, coding: base64, body, signed_body, ..form };
    check("twilio", &right, &[OF_SECRETS, OF_VERBATIM, OF_HEADS, TWILIO]);
}
