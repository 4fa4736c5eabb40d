//! The sample functions of the providers' own pages, run beside the library: they accept what we accept, we accept what
//! they sign, and where they are wrong we are not. They also accept what the test kit signs, and sign as it does.
//!
//! A sample whose interpreter is not installed is reported as ignored, never as passed.

#![allow(clippy::arithmetic_side_effects, clippy::expect_used, clippy::panic)]
#![allow(clippy::indexing_slicing, reason = "tests fail by panicking")]

mod forms;
mod kit;
mod others;
mod sample;

use std::process::ExitCode;

use countersign::{RejectionKind, Verifier, provider::Provider, providers};
use countersign_test_support::{Fixture, sender};
use libtest_mimic::{Arguments, Failed, Trial};
use sample::{Sample, clean_up, is_installed};

const SCREENSCORE: Sample = Sample { provider: "screenscore", file: "screenscore.cjs", program: "node" };
const SCREENSHOTCENTER: Sample = Sample { provider: "screenshotcenter", file: "screenshotcenter.mjs", program: "node" };
const ZEODYN: Sample = Sample { provider: "zeodyn", file: "zeodyn.cjs", program: "node" };
const GEOSCORED: Sample = Sample { provider: "geoscored", file: "geoscored.cjs", program: "node" };
const GEOSCORED_IN_PYTHON: Sample = Sample { provider: "geoscored", file: "geoscored.py", program: "python3" };
const GEOSCORED_IN_GO: Sample = Sample { provider: "geoscored", file: "geoscored.go", program: "go" };

/// Zeodyn's documented payloads as `JSON.stringify` writes them, signed with `fixture-zeodyn` by
/// `tr -d '\n' <FILE | sed 's/": /":/g' | openssl dgst -sha256 -hmac fixture-zeodyn -r`.
const COMPACT: [(&str, &str); 4] = [
    ("score_change", "6c3f17466dd8042584cd8c30a8fac649160beed958ae8611689d1892705c8c2e"),
    ("scan_complete", "0a86c3738e641b3ef1e5f050c5fa6e0d0aa8c6e0529114de74b66795bc7ba942"),
    ("threshold_alert", "55943d0cba3b407302632852a5dac566727eeb38d8a3296f01c86c646aa74bf3"),
    ("batch_complete", "f3ba9fe8f84ae7fbcdd9523b0f63d6fcf978ad064d10e72a545a942342a01e5b"),
];

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    if let Some(threads) = std::env::var("RUST_TEST_THREADS").ok().and_then(|threads| threads.parse().ok()) {
        arguments.test_threads.get_or_insert(threads);
    }
    let trial = |sample: Sample, name: &str, test: fn(Sample)| {
        Trial::test(format!("{}::{name}", sample.file), move || {
            test(sample);
            Ok::<(), Failed>(())
        })
        .with_kind(sample.program)
        .with_ignored_flag(!is_installed(sample.program))
    };
    let mut trials = vec![
        trial(SCREENSCORE, "t3_sample_accepts_rubbish_behind_a_right_digest_and_we_do_not", rubbish_behind_the_digest),
        trial(
            SCREENSHOTCENTER,
            "t7_sample_refuses_a_genuine_body_it_would_write_otherwise_and_we_do_not",
            rewritten_by_handler,
        ),
        trial(ZEODYN, "t7_sample_refuses_a_genuine_body_it_would_write_otherwise_and_we_do_not", rewritten_by_sample),
        trial(ZEODYN, "accepts_what_openssl_signed", zeodyn_accepts_what_openssl_signed),
        trial(ZEODYN, "signs_what_we_accept", signs_json_that_we_accept),
        trial(ZEODYN, "t3_sample_throws_at_a_signature_of_another_length_and_we_refuse_it", throws_at_another_length),
        trial(
            SCREENSHOTCENTER,
            "t3_sample_throws_at_a_signature_of_another_length_and_we_refuse_it",
            throws_at_another_length,
        ),
        trial(
            GEOSCORED,
            "t3_sample_throws_at_a_signature_of_another_length_and_we_refuse_it",
            throws_at_another_length,
        ),
        trial(GEOSCORED_IN_GO, "accepts_what_openssl_signed", accepts_what_openssl_signed),
    ];
    for sample in [SCREENSCORE, SCREENSHOTCENTER, GEOSCORED, GEOSCORED_IN_PYTHON] {
        trials.push(trial(sample, "accepts_what_openssl_signed", accepts_what_openssl_signed));
        trials.push(trial(sample, "signs_what_we_accept", signs_what_we_accept));
    }
    for sample in [SCREENSCORE, SCREENSHOTCENTER, GEOSCORED, GEOSCORED_IN_PYTHON, GEOSCORED_IN_GO, ZEODYN] {
        for (name, test) in kit::TRIALS {
            trials.push(trial(sample, name, *test));
        }
    }
    trials.extend(others::trials());
    trials.extend(forms::trials());
    for program in ["node", "python3", "go", "openssl"] {
        let count = trials.iter().filter(|trial| trial.kind() == program && trial.has_ignored_flag()).count();
        if count > 0 {
            eprintln!("note: `{program}` is not installed, so {count} of the tests are not run");
        }
    }
    let conclusion = libtest_mimic::run(&arguments, trials);
    clean_up();
    conclusion.exit_code()
}

/// What we say.
fn verify(provider: &str, secret: &str, signature: &str, body: &[u8]) -> Result<(), RejectionKind> {
    fn by<P: Provider>(secret: &str, signature: &str, body: &[u8]) -> Result<(), RejectionKind> {
        let (header, _) = sender(P::NAME).header();
        let head = http::Request::post("/").header(header, signature).body(()).expect("a request");
        let delivery = Verifier::<P>::new(secret).verify_only(&head, body.to_vec()).map_err(|error| error.kind())?;
        assert_eq!(delivery.body()[..], *body);
        Ok(())
    }
    match provider {
        "screenscore" => by::<providers::ScreenScore>(secret, signature, body),
        "screenshotcenter" => by::<providers::ScreenshotCenter>(secret, signature, body),
        "zeodyn" => by::<providers::Zeodyn>(secret, signature, body),
        "geoscored" => by::<providers::GeoScored>(secret, signature, body),
        other => panic!("{other} signs nothing"),
    }
}

fn tags(fixture: &Fixture) -> (&str, &str) {
    (fixture.tag.as_deref().expect("a tag"), fixture.previous_tag.as_deref().expect("a tag"))
}

/// The sample's answer and ours, which have to be `expected`.
fn assert_both(sample: Sample, secret: &str, signature: &str, body: &[u8], expected: bool) {
    let text = String::from_utf8_lossy(body);
    assert_eq!(sample.accepts(secret, signature, body), expected, "{}: {signature} of {text}", sample.file);
    assert_eq!(verify(sample.provider, secret, signature, body).is_ok(), expected, "{signature} of {text}");
}

fn accepts_what_openssl_signed(sample: Sample) {
    let (secret, previous) = (sample.sender().secret(), sample.sender().previous_secret());
    for fixture in sample.sender().fixtures() {
        let (tag, previous_tag) = tags(&fixture);
        assert_both(sample, &secret, &sample.signature(tag), &fixture.body, true);
        assert_both(sample, &previous, &sample.signature(previous_tag), &fixture.body, true);
        assert_both(sample, &secret, &sample.signature(previous_tag), &fixture.body, false);
        let changed = [&fixture.body[..], b"\n"].concat();
        assert_both(sample, &secret, &sample.signature(tag), &changed, false);
    }
}

/// Bodies and secrets that no page shows.
const BODIES: [&[u8]; 6] = [
    b"",
    b"{}",
    b" {\"event\" : \"new\", \"n\": 1.0}\r\n",
    "{\"event\":\"\u{1f4f8} \u{e9}\"}".as_bytes(),
    b"\xef\xbb\xbf{}",
    b"\x00\x01",
];
const SECRETS: [&str; 4] = [
    "s",
    "with spaces and \u{1f511}",
    concat!("whsec", "_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
    concat!("long-", "0123456789012345678901234567890123456789012345678901234567890123456789"),
];

fn signs_what_we_accept(sample: Sample) {
    let fixtures: Vec<_> = sample.sender().fixtures().into_iter().map(|fixture| fixture.body).collect();
    let secret = sample.sender().secret();
    for body in fixtures.iter().map(|body| &body[..]).chain(BODIES) {
        // ScreenshotCenter's sample takes text: what is UTF-8 is the same bytes.
        let signature = sample.sign(&secret, body);
        assert_eq!(verify(sample.provider, &secret, &signature, body), Ok(()), "{signature} of {body:?}");
        let other = verify(sample.provider, "another", &signature, body);
        assert_eq!(other, Err(RejectionKind::SignatureMismatch));
    }
    for secret in SECRETS {
        let signature = sample.sign(secret, &fixtures[0]);
        assert_eq!(verify(sample.provider, secret, &signature, &fixtures[0]), Ok(()), "{secret}");
    }
}

/// A documented payload without the whitespace that its page shows.
fn compact(fixture: &Fixture) -> Vec<u8> {
    let text = String::from_utf8(fixture.body.clone()).expect("UTF-8");
    text.lines().collect::<String>().replace("\": ", "\":").into_bytes()
}

fn zeodyn_accepts_what_openssl_signed(sample: Sample) {
    let secret = sample.sender().secret();
    for (fixture, (event, tag)) in sample.sender().fixtures().iter().zip(COMPACT) {
        assert_eq!(fixture.event, event);
        let body = compact(fixture);
        assert_both(sample, &secret, tag, &body, true);
        assert_both(sample, &secret, tag, &[&body[..body.len() - 1], b",\"new\":1}"].concat(), false);
        assert_both(sample, &sample.sender().previous_secret(), tag, &body, false);
    }
}

fn signs_json_that_we_accept(sample: Sample) {
    let secret = sample.sender().secret();
    let fixtures: Vec<_> = sample.sender().fixtures().iter().map(compact).collect();
    let more: [&[u8]; 3] = [b"{}", br#"{"event":"new","n":[1,null]}"#, "{\"event\":\"\u{1f4f8}\"}".as_bytes()];
    for body in fixtures.iter().map(|body| &body[..]).chain(more) {
        let signature = sample.sign(&secret, body);
        assert_eq!(verify(sample.provider, &secret, &signature, body), Ok(()), "{signature} of {body:?}");
    }
    for secret in SECRETS {
        let signature = sample.sign(secret, &fixtures[0]);
        assert_eq!(verify(sample.provider, secret, &signature, &fixtures[0]), Ok(()), "{secret}");
    }
}

fn rubbish_behind_the_digest(sample: Sample) {
    let secret = sample.sender().secret();
    let fixture = sample.sender().fixture();
    let (tag, _) = tags(&fixture);
    for rubbish in ["z", "zz", " and more", ", sha256=", "\u{e9}", "!00"] {
        let signature = format!("{tag}{rubbish}");
        assert!(sample.accepts(&secret, &signature, &fixture.body), "the sample is not what it was: {signature}");
        let ours = verify(sample.provider, &secret, &signature, &fixture.body);
        assert_eq!(ours, Err(RejectionKind::MalformedSignature), "{signature}");
    }
    // Digits in upper case are the same digits, to both.
    assert_both(sample, &secret, &tag.to_uppercase(), &fixture.body, true);
}

/// Genuine bodies that `JSON.stringify(JSON.parse(body))` changes: whitespace, a number, an escape, a field twice.
fn bodies_to_rewrite(sample: Sample) -> Vec<Vec<u8>> {
    let fixtures = sample.sender().fixtures().into_iter().map(|fixture| fixture.body);
    let more = [r#"{"event":"new","n":1.0}"#, r#"{"event":"new","u":"\u00e9"}"#, r#"{"event":"new","n":1,"n":2}"#];
    fixtures.chain(more.map(|body| body.as_bytes().to_vec())).collect()
}

fn rewritten_by_handler(sample: Sample) {
    let secret = sample.sender().secret();
    for body in bodies_to_rewrite(sample) {
        let signature = sample.sign(&secret, &body);
        assert!(sample.accepts(&secret, &signature, &body), "the function itself takes what it is given");
        assert!(!sample.accepts_from("handle", &secret, &signature, &body), "the sample is not what it was: {body:?}");
        assert_eq!(verify(sample.provider, &secret, &signature, &body), Ok(()), "{body:?}");
    }
    let body = compact(&sample.sender().fixture());
    let signature = sample.sign(&secret, &body);
    assert!(sample.accepts_from("handle", &secret, &signature, &body), "it is the whitespace alone");
}

fn rewritten_by_sample(sample: Sample) {
    let secret = sample.sender().secret();
    for body in bodies_to_rewrite(sample) {
        let signature = countersign_test_support::tag(secret.as_bytes(), &body);
        assert!(!sample.accepts(&secret, &signature, &body), "the sample is not what it was: {body:?}");
        assert_eq!(verify(sample.provider, &secret, &signature, &body), Ok(()), "{body:?}");
    }
    for fixture in sample.sender().fixtures() {
        let (tag, _) = tags(&fixture);
        assert!(!sample.accepts(&secret, tag, &fixture.body), "openssl signed the page's own whitespace");
        assert_eq!(verify(sample.provider, &secret, tag, &fixture.body), Ok(()));
    }
}

fn throws_at_another_length(sample: Sample) {
    let secret = sample.sender().secret();
    let fixture = sample.sender().fixture();
    let (tag, _) = tags(&fixture);
    for tag in ["", &tag[..62], &format!("{tag}00")] {
        let signature = sample.signature(tag);
        let error = sample.run(&["verify", &secret, &signature], &fixture.body).expect_err("the sample throws");
        assert!(error.contains("ERR_CRYPTO_TIMING_SAFE_EQUAL_LENGTH"), "{error}");
        let ours = verify(sample.provider, &secret, &signature, &fixture.body);
        assert_eq!(ours, Err(RejectionKind::MalformedSignature), "{signature}");
    }
}
