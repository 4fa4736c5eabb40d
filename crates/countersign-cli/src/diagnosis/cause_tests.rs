//! A cause is told in the words of what the capture has, shows none of its names that could be a secret,
//! and is not searched for without end.

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use hmac::Hmac;
use sha2::Digest;

use super::{
    search,
    table_tests::{Delivery, FORM, JSON, KEY, SECRET, URL, base64, mac},
};

/// The same for what is in one place, or has one scheme of a list; and what is not the cause.
#[test]
fn the_cause_is_told_in_the_words_of_what_is_there() {
    let key = || (concat!("whsec", "_").to_owned() + KEY, BASE64.decode(KEY).unwrap());
    let with = |provider: &str, delivery: &Delivery, code: &str, words: &str| {
        let report = delivery.report(provider);
        let told: Vec<_> = report.causes.iter().map(|cause| (cause.code, cause.message.as_str())).collect();
        assert!(!report.verified && told.len() == 1, "{provider}: {told:?}");
        assert!(told[0].0 == code && told[0].1.contains(words), "{provider}: {told:?}");
    };
    let (given, key) = key();
    let head = [("webhook-id", "{id}"), ("webhook-timestamp", "{time}"), ("webhook-signature", "v1,{signature}")];
    let svix = Delivery { given, key, coding: base64, ..Delivery::new("{id}.{time}.{body}", &head) };
    let mut delivery = svix.clone();
    delivery.head.remove(1);
    with("svix", &delivery, "time-missing", "the header `webhook-timestamp`, the signed time, is missing");
    let hex = Delivery { coding: |bytes| hex::encode(bytes), ..svix.clone() };
    with("svix", &hex, "signature-coding", "`v1` in the header `webhook-signature` has the signature in hex");
    with("clerk", &svix, "wrong-provider", "Standard Webhooks, Svix, Increase or another with the same scheme, not of");
    with("gocardless", &svix, "wrong-provider", "not of GoCardless, and verifies as such");
    let numbered =
        Delivery { coding: base64, ..Delivery::new("{body}", &[("x-docusign-signature-2", "\"{signature}\"")]) };
    with("docusign", &numbered, "signature-not-alone", "a header such as `x-docusign-signature-1` has");
    let box_ = Delivery::new(
        "{body}{time}",
        &[("box-signature-secondary", "{signature}"), ("box-delivery-timestamp", "{time}")],
    );
    let box_ = Delivery { time: "2021-02-25T15:02:10Z".to_owned(), ..box_ };
    with("box", &box_, "signature-coding", "the header `box-signature-secondary` has the signature in hex");
    let sha1 = Delivery::new("{body}", &[("x-stripe", "")]);
    with("braintree", &Delivery { body: "{}".to_owned(), ..sha1.clone() }, "body-unreadable", "the body is not a form");
    with("mailgun", &Delivery { body: FORM.to_owned(), ..sha1 }, "body-unreadable", "the body is not JSON");

    // A token in another place is not another provider's.
    let token = |name, value: &str| Delivery::new("{body}", &[(name, value)]);
    with(
        "telegram",
        &token("x-telegram-bot-api-secret-token", &base64(SECRET.as_bytes())),
        "token-base64",
        "in base64",
    );
    let basic = |value: &str| Delivery { given: "user:pass".to_owned(), ..token("authorization", value) };
    with("postmark", &basic("Basic user:pass"), "credentials-not-encoded", "as text");
    with("postmark", &basic("dXNlcjpwYXNz"), "token-word", "without that word");
    with("postmark", &basic("Bearer dXNlcjpwYXNz"), "token-word", "or behind another");
    let url = |target: &'static str| Delivery { target, ..Delivery::new("{body}", &[]) };
    with("telegram", &url("/h?token=Kq7vRw2-mN_4tZ8x"), "proof-elsewhere", "in another parameter of the URL");

    let manifest = Delivery::new("id:7;ts:{time};", &[("x-signature", "ts={time},v1={signature}")]);
    let renamed = Delivery { target: "/h?id=7&topic=payment", ..manifest.clone() };
    with("mercado-pago", &renamed, "signed-value-elsewhere", "and `?data.id=` in the URL is missing");
    let whole_body = Delivery { text: "{body}", target: "/h?data.id=7", ..manifest.clone() };
    with("mercado-pago", &whole_body, "signed-body-form", "the signature is of the body instead of");
    // Another scheme in the same header.
    with(
        "lemon-squeezy",
        &Delivery { target: "/h?data.id=7", ..manifest },
        "wrong-provider",
        "of Mercado Pago, not of",
    );

    // The provider adds the digest to each URL.
    let digest = format!("&bodySHA256={}", hex::encode(sha2::Sha256::digest(JSON)));
    let json = Delivery::new("{url}", &[("x-twilio-signature", "{signature}"), ("content-type", "application/json")]);
    let target = format!("/hooks/1?tenant=1{digest}").leak();
    let url = format!("{URL}{digest}");
    let json = Delivery { mac: mac::<Hmac<sha1::Sha1>>, coding: base64, target, signed_url: url.clone(), ..json };
    assert!(json.report("twilio").verified);
    with("twilio", &Delivery { url, ..json }, "url", "without the parameter that it adds for each delivery");
}

/// Names come from the capture: a part of the secret, a token, or ten megabytes.
#[test]
fn no_name_of_the_capture_shows_a_secret() {
    for key in [SECRET, "tok_live_abcdefghijk", "a\u{1b}[31m"] {
        let value = format!("t={{time}},{key}={{signature}}");
        let report = Delivery::new("{time}.{body}", &[("stripe-signature", &value)]).report("stripe");
        assert_eq!(report.causes[0].code, "signature-member");
        assert!(report.causes[0].message.ends_with("the signature that matches is under another key"), "{report:?}");
    }
    let delivery = Delivery { prefix: "sha256=", ..Delivery::new("{body}", &[(SECRET, "{signature}")]) };
    let report = delivery.report("github");
    assert_eq!(report.causes[0].code, "proof-elsewhere");
    assert!(report.causes[0].message.starts_with("the signature is in another header, and"), "{report:?}");
}

/// No server accepts such a head, and each attempt would read it. Of long bodies, a bounded number of
/// bytes is hashed: with 500 secrets, 16 MB would be 8 GB.
#[test]
fn the_search_is_bounded() {
    let mut delivery = Delivery::new("{body}", &[]);
    delivery.head.extend((0..50_000).map(|_| ("x-id", "1614265330".to_owned())));
    let report = delivery.report("github");
    let note = "the request is long: not every known mistake was tried";
    assert_eq!((report.causes[0].code, report.notes.as_slice()), ("proof-missing", &[note.to_owned()][..]));
    let head = [("x-hub-signature-256", "{signature}")];
    let long = Delivery { body: "x".repeat(1 << 20), prefix: "sha256=", ..Delivery::new("{body}", &head) };
    let previous = (0..500).map(|number| format!("previous {number}")).collect();
    let long = Delivery { given: "another".to_owned(), previous, ..long };
    assert!(long.with_delivered("github", |delivered| search::explain(delivered, 32 << 20).is_cut));
}
