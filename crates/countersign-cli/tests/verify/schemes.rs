//! Deliveries of other schemes than the plainest, and what is said of them.

use std::time::{Duration, UNIX_EPOCH};

use countersign_core::{
    provider::{Draft, Provider},
    providers::{
        Discord, GitHub, GitLabToken, Linear, Mailgun, PagerDuty, Postmark, Slack, StandardWebhooks,
        StandardWebhooksV1a, Stripe, Twilio,
    },
};
use countersign_testkit::sign_draft;

use crate::support::{Case, Request, SECRET};

const AT: u64 = 1_614_265_330;
const BODY: &str = r#"{"id":"evt_1","type":"order.paid","webhookTimestamp":1614265330000}"#;
const URL: &str = "https://example.com/hooks?tenant=1";
/// Base64, behind a prefix that stands apart from it.
const KEY: &str = concat!("whsec", "_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");

/// A delivery that was sent at `AT`, and verified when it arrived.
fn genuine<P: Provider>(secret: &str, body: &str) -> Request {
    let draft = Draft::new(body).at(UNIX_EPOCH + Duration::from_secs(AT)).with_url(URL);
    let proof = sign_draft::<P>(secret, draft).unwrap();
    let headers = proof.headers().map(|(name, value)| (name.to_owned(), value.as_bytes().to_vec())).collect();
    Request { method: "POST".to_owned(), target: "/hooks?tenant=1".to_owned(), headers, body: body.into() }
}

fn case(what: &str, given: impl AsRef<[u8]>, request: &Request) -> Case {
    let mut case = Case::new(what, given, request);
    case.more = ["--at", "2021-02-25T15:02:10Z"].map(str::to_owned).into();
    // Not a token.
    case.hidden.retain(|hidden| hidden != b"1");
    case
}

impl Request {
    fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(own, _)| own != name);
        self
    }

    fn with(self, name: &str, value: &str) -> Self {
        let mut changed = self.without(name);
        changed.headers.push((name.to_owned(), value.into()));
        changed
    }
}

#[test]
fn what_verifies_is_summed_up() {
    let text = case("stripe", SECRET, &genuine::<Stripe>(SECRET, BODY)).text::<Stripe>();
    let expected = [
        "verified: order.paid of Stripe, with the secret in COUNTERSIGN_TEST_SECRET",
        "  event        order.paid",
        "  delivery ID  order.paid/evt_1",
        "  trust        signed: {time}.{body}",
        "  sent at      1614265330, in seconds since 1970; signed, at the time of the clock",
    ];
    assert_eq!(text.lines().collect::<Vec<_>>(), expected);

    let request = genuine::<GitHub>(SECRET, BODY).with("x-github-event", "push");
    let text = case("github", SECRET, &request).text::<GitHub>();
    assert!(text.contains("\n  event        push (from the header x-github-event, which is not signed)\n"), "{text}");
    assert!(text.contains("\n  delivery ID  sha256:"), "{text}");

    let signed =
        r#"{"signature":{"timestamp":"1614265330","token":"t0","signature":"S"},"event-data":{"event":"opened"}}"#;
    let draft = Draft::new(signed).at(UNIX_EPOCH + Duration::from_secs(AT));
    let signature = Mailgun::SCHEME.sign(SECRET.as_bytes(), draft).unwrap();
    let body = signed.replace("\"S\"", &format!("\"{}\"", signature.value()));
    let request = Request { body: body.into(), ..genuine::<GitHub>(SECRET, "") };
    let text = case("mailgun", SECRET, &request).text::<Mailgun>();
    let trust = "unbound: the signature does not protect the whole body, and would be right for others";
    assert!(text.contains(&format!("\n  delivery ID  /t0\n  trust        {trust}\n")), "{text}");
}

/// The codes, and words of the message.
#[test]
fn what_is_rejected_is_explained() {
    let stripe = || genuine::<Stripe>(SECRET, BODY);
    let v0 =
        stripe().with("stripe-signature", "t=1614265330,v0=6ffbb59b2300aae63f272406069a9788598b792a944a07aba816edb0");
    let case_of = |what: &str, given: &str, request: Request| case(what, given, &request);
    case_of("no header", SECRET, stripe().without("stripe-signature"))
        .rejected::<Stripe>(&["proof-missing"], "`v1` in the header `stripe-signature` is missing");
    case_of("another version", SECRET, v0).rejected::<Stripe>(
        &["proof-version-missing"],
        "the header `stripe-signature` is there, but has no signature that Stripe is verified by: `v1` in the header",
    );
    case_of("no time", SECRET, genuine::<Slack>(SECRET, BODY).without("x-slack-request-timestamp"))
        .rejected::<Slack>(&["time-missing"], "the header `x-slack-request-timestamp`, the signed time, is missing");
    case_of("bad time", SECRET, genuine::<Slack>(SECRET, BODY).with("x-slack-request-timestamp", "now"))
        .rejected::<Slack>(&["time-malformed"], "the signed time, is malformed or repeated");
    case_of("no ID", KEY, genuine::<StandardWebhooks>(KEY, BODY).without("webhook-id")).rejected::<StandardWebhooks>(
        &["signed-value-missing"],
        "missing, empty, malformed or repeated: Standard Webhooks signs `{id}.{time}.{body}`",
    );
    case_of("malformed", SECRET, genuine::<PagerDuty>(SECRET, BODY).with("x-pagerduty-signature", "v1=abc"))
        .rejected::<PagerDuty>(&["proof-malformed"], "is malformed: it must be `v1=` and 64 hex digits");
    case_of("another secret", "another", stripe()).rejected::<Stripe>(
        &["unexplained"],
        "the secret is wrong, `{time}.{body}` was changed, or the sender signed other bytes",
    );
    case_of("a padded secret", &format!("{SECRET}\n"), stripe())
        .rejected::<Stripe>(&["secret-not-trimmed"], "starts or ends with white space or a line break");
    case_of("a quoted secret", &format!("\"{KEY}\""), genuine::<StandardWebhooks>(KEY, BODY))
        .rejected::<StandardWebhooks>(&["secret-quoted"], "has quotes around it");
    let body = serde_json::to_string_pretty(&serde_json::from_str::<serde_json::Value>(BODY).unwrap()).unwrap();
    case_of("JSON written again", SECRET, Request { body: body.into(), ..stripe() })
        .rejected::<Stripe>(&["body-reserialised"], "was parsed and written again");
    case_of("another token", "another", genuine::<GitLabToken>(SECRET, BODY)).rejected::<GitLabToken>(
        &["token-unexplained"],
        "the header `x-gitlab-token` does not have the secret in COUNTERSIGN_TEST_SECRET",
    );
    case_of("no colon", "another", genuine::<Postmark>("user:password", BODY)).rejected::<Postmark>(
        &["secret-not-a-key"],
        "is a name and a password with `:` between them: the given one is not",
    );
    case_of("not a public key", SECRET, genuine::<Stripe>(SECRET, BODY)).rejected::<Discord>(
        &["secret-not-a-key"],
        "a secret of Discord is a public key in hex: the given one is not, it has 16 bytes, not all of them characters",
    );
    case_of("two with one scheme", SECRET, genuine::<GitHub>(SECRET, BODY)).rejected::<Stripe>(
        &["wrong-provider"],
        "it is a delivery of GitHub or Meta, not of Stripe, and verifies as such",
    );
    let mut stale = case_of("their time", SECRET, stripe());
    stale.more = vec!["--at".to_owned(), "1614269000".to_owned()];
    stale.rejected::<GitHub>(&["wrong-provider", "time-stale"], "it is a delivery of Stripe, not of GitHub");
    let public_key = concat!("whpk", "_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=");
    case_of("their version", public_key, genuine::<StandardWebhooks>(KEY, BODY)).rejected::<StandardWebhooksV1a>(
        &["proof-version-missing"],
        "the header `webhook-signature` is there, but has no signature that Standard Webhooks (v1a) is verified by",
    );
    case_of("their header", "another", genuine::<GitHub>(SECRET, BODY)).rejected::<Stripe>(
        &["other-provider-header"],
        "is missing, and the request has the header of a GitHub or Meta delivery",
    );
}

#[test]
fn a_stale_time_is_told_from_a_wrong_signature() {
    for (at, words) in [
        ("2021-02-25T16:05:13Z", "the signed time is 1 h 3 min before the clock, and the tolerance is 5 min"),
        ("1614265029", "the signed time is 5 min 1 s after the clock, and the tolerance is 5 min"),
    ] {
        let mut case = case("stale", SECRET, &genuine::<Stripe>(SECRET, BODY));
        case.more = vec!["--at".to_owned(), at.to_owned()];
        case.rejected::<Stripe>(&["time-stale"], words);
        assert_eq!(case.verify::<Stripe>().0["reason"], "stale_timestamp");
        // A time in the body.
        let mut linear = self::case("stale", SECRET, &genuine::<Linear>(SECRET, BODY));
        linear.more.clone_from(&case.more);
        linear.rejected::<Linear>(&["time-stale"], "and the tolerance is 1 min");
        // A mistake with the secret is the first thing to say.
        let mut both = self::case("both", format!("{SECRET}\n"), &genuine::<Stripe>(SECRET, BODY));
        both.more.clone_from(&case.more);
        both.rejected::<Stripe>(&["secret-not-trimmed", "time-stale"], words);
    }
}

#[test]
fn a_signed_url_is_needed_and_is_part_of_what_is_signed() {
    let mut form = genuine::<Twilio>(SECRET, "CallSid=CA1&Digits=12");
    form.headers.push(("content-type".to_owned(), b"application/x-www-form-urlencoded".to_vec()));
    let mut case = case("url", SECRET, &form);
    case.more.extend(["--url".to_owned(), URL.to_owned()]);
    assert_eq!(case.verify::<Twilio>().1, 0);
    assert!(case.text::<Twilio>().starts_with("verified: a delivery of Twilio, with the secret in "));
    case.more.pop();
    case.more.push("https://example.com/hooks".to_owned());
    case.rejected::<Twilio>(&["url"], "another URL: the one of --url with the query of the captured request");
    case.more.pop();
    case.more.push("https://example.org/other".to_owned());
    case.rejected::<Twilio>(&["unexplained"], "the secret is wrong, `{url}{sorted form}` was changed");
    assert!(case.text::<Twilio>().contains("Is the URL, with its query, exactly the one that is registered?"));
}
