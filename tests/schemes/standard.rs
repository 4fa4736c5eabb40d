//! The test suites of Standard Webhooks and Svix, as data: every case that verifies a delivery or makes a key.
//!
//! From standard-webhooks/standard-webhooks at b2fa7b8 and svix/svix-webhooks at 4fc0cfb. A row names the tests that have
//! its case, by library:
//!
//! | | standard-webhooks: `libraries/…` | svix-webhooks |
//! |---|---|---|
//! | py | `python/tests/test_webhooks.py` | `python/tests/test_webhooks.py` |
//! | go | `go/webhook_test.go`, `go/example_webhook_test.go` | `go/webhook_test.go` |
//! | js | `javascript/src/webhook.test.ts` | `javascript/src/webhook.test.ts` |
//! | rs | `rust/src/lib.rs` | `rust/src/webhooks.rs` |
//! | cs | `csharp/StandardWebhooks.Tests/WebhookTest.cs` | `csharp/Svix.Tests/WebhookTest.cs` |
//! | java | `java/src/test/java/com/standardwebhooks/WebhookTest.java` | `java/lib/src/test/com/svix/test/WebhookTest.java` |
//! | kt | | `kotlin/lib/src/test/com/svix/kotlin/WebhookTest.kt`: all as in java |
//! | php | `php/tests/WebhookTest.php` | `php/tests/WebhookTest.php` |
//! | rb | `ruby/spec/webhook_spec.rb` | `ruby/spec/webhook_spec.rb` |
//! | ex | `elixir/test/standard_webhooks_test.exs` | |
//! | server | | `server/svix-server/src/worker.rs`, `…/core/types/mod.rs`, `…/tests/it/e2e_endpoint.rs` |
//!
//! Their tests sign for the present. Here the clock stands at the time of a published signature. What has none is signed
//! by openssl: see tests/fixtures/schemes.sh.
//!
//! Left out is what types prevent (null, a tolerance that is negative or not a number), and a time or a payload that is not
//! one when it is signed. `java verifyCaseInsensitiveHeaders` is left out, too: the names of `http` have one case.

use std::time::{Duration, UNIX_EPOCH};

use countersign::{
    RejectionKind::{
        self, MalformedSignature, MalformedTimestamp, MissingField, MissingSignature, MissingTimestamp,
        SignatureMismatch, StaleTimestamp,
    },
    Secret, SecretErrorKind,
    provider::Draft,
};

use super::{
    openssl::made,
    pages::{self, Given, Page, SVIX_HEADERS, Sent, WEBHOOK_HEADERS},
};

const WHSEC: &str = concat!("whsec", "_");
const WHPK: &str = concat!("whpk", "_");
const WHSK: &str = concat!("whsk", "_");

/// Published: `py test_sign_function` and its like, `server test_generate_msg_headers_with_signing_key`.
const KEY: &str = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
const TIME: u64 = 1_614_265_330;
const BODY: &str = r#"{"test": 2432232314}"#;
const RIGHT: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

/// Published for the same delivery: `server test_asymmetric_key_signing`.
const PUBLIC_KEY: &str = "1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=";
const RIGHT_V1A: &str = "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==";

/// Published: `rs test_sign`, and Svix' documentation, "Verifying webhooks manually".
const RUST: Known = (
    "C2FVsBQIhrscChlQIMV+b5sSYspob7oD",
    "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk",
    1_649_367_553,
    r#"{"email":"test@example.com","username":"test_user"}"#,
    "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=",
);
const DOCS: Known = (
    "plJ3nmyCDGBKInavdOK15jsl",
    "msg_loFOjxBNrRLzqYUf",
    1_731_705_121,
    r#"{"event_type":"ping","data":{"success":true}}"#,
    "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0=",
);

/// Key, ID, time, body, signature.
type Known = (&'static str, &'static str, u64, &'static str, &'static str);

/// A delivery, and what its receiver has.
#[derive(Clone)]
struct Case {
    page: Page,
    secret: String,
    id: Option<String>,
    time: Option<String>,
    /// `{}` stands for the right one.
    signature: Option<String>,
    right: String,
    body: Vec<u8>,
    /// Milliseconds.
    now: u64,
    /// `webhook-signature`, beside the headers of Svix.
    other_signature: Option<&'static str>,
}

impl Case {
    fn new() -> Self {
        Self {
            page: pages::STANDARD,
            secret: KEY.to_owned(),
            id: Some(ID.to_owned()),
            time: Some(TIME.to_string()),
            signature: Some("{}".to_owned()),
            right: RIGHT.to_owned(),
            body: BODY.into(),
            now: TIME * 1000,
            other_signature: None,
        }
    }

    fn is(&mut self, (secret, id, time, body, right): Known) {
        self.secret = secret.to_owned();
        self.id = Some(id.to_owned());
        self.time = Some(time.to_string());
        self.body = body.into();
        self.right = right.to_owned();
        self.now = time * 1000;
    }

    fn signed(&mut self, signature: &str) {
        self.signature = Some(signature.to_owned());
    }

    fn timed(&mut self, time: impl ToString) {
        self.time = Some(time.to_string());
    }

    /// Signed by openssl.
    fn made(&mut self, name: &str, id: &str, body: &str) {
        let (key, right) = made(name);
        self.secret = key;
        self.id = Some(id.to_owned());
        self.right = format!("v1,{right}");
        self.body = body.into();
    }

    fn later(&mut self, milliseconds: i64) {
        self.now = self.now.checked_add_signed(milliseconds).unwrap();
    }

    /// Verifies it, with headers of a family.
    fn run(&self, page: &Page, names: [&str; 3], right: &str) -> Result<(), RejectionKind> {
        let signature = self.signature.as_deref().map(|signature| signature.replace("{}", right));
        let values = [self.id.as_deref(), self.time.as_deref(), signature.as_deref()];
        let headers = names.into_iter().zip(values).filter_map(|(name, value)| Some((name, value?)));
        let other = self.other_signature.map(|value| (WEBHOOK_HEADERS[2], value));
        let headers: Vec<_> = headers.chain(other).collect();
        page.verify(&Given::secret(self.secret.clone()).at(self.now), &Sent::new(&headers, self.body.clone())).map(drop)
    }
}

struct Row {
    tests: &'static str,
    edit: fn(&mut Case),
    is_valid: bool,
    ours: Result<(), RejectionKind>,
    /// Why our answer is another. Empty if it is not.
    why: &'static str,
}

const fn valid(tests: &'static str, edit: fn(&mut Case)) -> Row {
    Row { tests, edit, is_valid: true, ours: Ok(()), why: "" }
}

const fn invalid(tests: &'static str, edit: fn(&mut Case), kind: RejectionKind) -> Row {
    Row { tests, edit, is_valid: false, ours: Err(kind), why: "" }
}

const ROWS: &[Row] = &[
    valid(
        "py test_valid_signature_is_valid, …_and_returns_json, …_without_returning_json, \
         test_valid_unbranded_signature_is_valid, …_and_returns_json; go `valid signature is valid`, \
         `valid unbranded signature is valid`, TestWebhookPrefix; js `valid signature is valid and returns valid json`, \
         `valid unbranded signature …`; cs TestValidSignatureIsValid, TestUnbrandedSignatureIsValid; java \
         verifyValidPayloadAndHeaders, verifyValidBrandlessPayloadAndheader; rb `valid signature is valid`, `valid unbranded \
         signature is valid`; the delivery of every test of signing; server test_generate_msg_headers_with_signing_key",
        |_| {},
    ),
    valid("rs test_sign, test_verify", |case| case.is(RUST)),
    valid("Svix' documentation: docs.svix.com/receiving/verifying-payloads/how-manual", |case| case.is(DOCS)),
    valid("php testValidSignatureIsValidAndReturnsJson, testValidBrandlessSignatureIsValidAndReturnsJson", |case| {
        case.made("STANDARD_PHP", ID, r#"{"test": 2432232315}"#)
    }),
    valid("go Example_signatureFlow", |case| {
        let body = r#"{"type": "example.created", "timestamp":"2023-09-28T19:20:22+00:00", "data":{"str":"string","bool":true,"int":42}}"#;
        case.made("STANDARD_GO", "1234567890", body);
    }),
    valid("js `empty payload returns undefined`; rb `can validate an empty payload`", |case| {
        case.made("STANDARD_EMPTY", ID, "");
    }),
    // Headers that are missing.
    invalid(
        "py test_missing_id_raises_error; go `missing id returns error`; js, rb `missing id raises error`; cs \
         TestMissingIdRaisesException; java, php …MissingIdThrowsException; rs test_missing_headers; ex `raises error when \
         missing webhook header`",
        |case| case.id = None,
        MissingField,
    ),
    invalid(
        "py test_timestamp_raises_error; go `missing timestamp returns error`; js, rb `missing timestamp raises error`; cs, \
         java, php …MissingTimestampThrowsException; rs test_missing_headers",
        |case| case.time = None,
        MissingTimestamp,
    ),
    invalid(
        "py test_missing_signature_raises_error; go `missing signature returns error`; js, rb `missing signature raises \
         error`; cs, java, php …MissingSignatureThrowsException; rs test_missing_headers",
        |case| case.signature = None,
        MissingSignature,
    ),
    // Signatures.
    invalid(
        "py test_invalid_signature_raises_error",
        |case| case.signed("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OA="),
        SignatureMismatch,
    ),
    invalid(
        "go `invalid signature is invalid`",
        |case| case.signed("v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc="),
        SignatureMismatch,
    ),
    invalid(
        "rs test_no_verify",
        |case| {
            case.is(RUST);
            case.signed("v1,R3PTzyfHASBKHH98a7yexTwaJ4yNIcGhFQc1yuN+BPU=");
        },
        SignatureMismatch,
    ),
    invalid(
        "js `invalid signature throws error`; php testInvalidSignatureThrowsException, \
         testInvalidSignatureThrowsWithCustomTolerance",
        |case| case.signed("v1,dawfeoifkpqwoekfpqoekf"),
        MalformedSignature,
    ),
    invalid(
        "cs TestInvalidSignatureThrowsException; rb `invalid signature raises error`, `invalid signature still raises with a \
         custom tolerance`",
        |case| case.signed("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLawdd"),
        MalformedSignature,
    ),
    invalid("php testBadlyFormattedSignatureThrowsException", |case| case.signed("BAD_SIG_NATURE"), MissingSignature),
    invalid(
        "java verifyMissingPartsInSignatureThrowsException (Standard Webhooks)",
        |case| case.signed("invalid_signature"),
        MissingSignature,
    ),
    invalid(
        "java verifySignatureMismatchThrowsException (Standard Webhooks)",
        |case| case.signed("v1,invalid_signature"),
        MalformedSignature,
    ),
    invalid(
        "java verifySignatureWithDifferentVersionThrowsException (Standard Webhooks)",
        |case| case.signed("v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
        MissingSignature,
    ),
    invalid(
        "ex `return false when valid secret and invalid signature`",
        |case| case.signed("invalid signature"),
        MissingSignature,
    ),
    // CVE-2024-21491, RUSTSEC-2024-0010.
    invalid(
        "go `partial signature is invalid`; js `partial signature throws error`; rs test_verify_partial_signature",
        |case| case.signed("v1,"),
        MalformedSignature,
    ),
    invalid("js `partial signature throws error`", |case| case.signed(&RIGHT[..8]), MalformedSignature),
    invalid(
        "rs test_verify_partial_signature",
        |case| {
            case.is(RUST);
            case.signed(&RUST.4[..8]);
        },
        MalformedSignature,
    ),
    invalid(
        "rs test_verify_partial_signature (Svix): in both families of headers",
        |case| {
            case.is(RUST);
            case.signed("v1,");
            case.other_signature = Some("v1,");
        },
        MalformedSignature,
    ),
    // Svix' suite writes these to the header of the ID.
    invalid(
        "java verifySignatureWithDifferentVersionThrowsException (Svix)",
        |case| case.id = Some("v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=".to_owned()),
        SignatureMismatch,
    ),
    invalid(
        "java verifyMissingPartsInSignatureThrowsException (Svix)",
        |case| case.id = Some("invalid_signature".to_owned()),
        SignatureMismatch,
    ),
    invalid(
        "java verifySignatureMismatchThrowsException (Svix)",
        |case| case.id = Some("v1,invalid_signature".to_owned()),
        SignatureMismatch,
    ),
    // Several signatures.
    valid(
        "py test_multi_sig_payload_is_valid; go `valid multi sig is valid`; js, rb `multi sig payload is valid`; cs, php \
         …MultiSigPayloadIsValid; java verifyValidPayloadWithMultipleSignaturesIsValid",
        |case| {
            case.signed(
                "v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc= v2,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc= {} \
                 v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc=",
            );
        },
    ),
    valid("cs TestMultiSigPayloadValidSignatureLastIsValid", |case| {
        case.signed("v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc= {}");
    }),
    valid("rs test_verify_with_multiple_signatures", |case| {
        case.is(RUST);
        case.signed(
            "v1,tFtCZ5RDCPxzWQRWXWPgrCgE2frDBe9gjpbWQxnVfsQ= v1,Mm7xgUVICxZfQ3bgf0h0Dof65L/IFx+PnZvnDWPCX6Q= {} \
             v1,9DfC1c3eeOrXB6w/5dIDydLNQaEyww5KalE5jLBZucE=",
        );
    }),
    invalid(
        "rs test_no_verify_with_multiple_signatures",
        |case| {
            case.is(RUST);
            case.signed(
                "v1,tFtCZ5RDCPxzWQRWXWPgrCgE2frDBe9gjpbWQxnVfsQ= v1,Mm7xgUVICxZfQ3bgf0h0Dof65L/IFx+PnZvnDWPCX6Q= \
                 v1,9DfC1c3eeOrXB6w/5dIDydLNQaEyww5KalE5jLBZucE=",
            );
        },
        SignatureMismatch,
    ),
    valid("server e2e_endpoint: a secret is rotated to an asymmetric one and back", |case| {
        let [right, asymmetric, wrong] = [RIGHT, RIGHT_V1A, "v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc="];
        case.signed(&format!("{wrong} {asymmetric} {right}"));
    }),
    // Times.
    invalid(
        "py test_invalid_timestamp_raises_error; js `invalid timestamp throws error`",
        |case| case.timed("hello"),
        MalformedTimestamp,
    ),
    invalid("rb `invalid timestamp raises error`", |case| case.timed("teadwd"), MalformedTimestamp),
    invalid(
        "py test_old_timestamp_fails; js `old timestamp fails`; cs, php …OldTimestampThrowsException; rb `old timestamp \
         raises error`; java verifyNewTimestampThrowsException (Svix); rs test_verify_incorrect_timestamp (Svix)",
        |case| case.later(301_000),
        StaleTimestamp,
    ),
    invalid(
        "py test_new_timestamp_fails; go `new timestamp fails`; js `new timestamp fails`; cs, php \
         …NewTimestampThrowsException; rb `new timestamp raises error`; java verifyOldTimestampThrowsException (Svix); rs \
         test_verify_incorrect_timestamp (Svix)",
        |case| case.later(-301_000),
        StaleTimestamp,
    ),
    // Its header has whole seconds, and its clock nanoseconds.
    invalid("go `old timestamp fails`", |case| case.later(300_001), StaleTimestamp),
    invalid(
        "java verifyOldTimestampThrowsException, rs test_verify_incorrect_timestamp (Standard Webhooks): not signed again",
        |case| case.timed(TIME - 301),
        SignatureMismatch,
    ),
    invalid(
        "java verifyNewTimestampThrowsException, rs test_verify_incorrect_timestamp (Standard Webhooks): not signed again",
        |case| case.timed(TIME + 301),
        SignatureMismatch,
    ),
    invalid(
        "rs test_verify_incorrect_timestamp (Svix): a time that was not signed",
        |case| case.timed(TIME + 1),
        SignatureMismatch,
    ),
    invalid(
        "rs test_verify_incorrect_timestamp (Svix): a time that was not signed, any time",
        |case| {
            case.page = pages::STANDARD_ANY_TIME;
            case.timed(TIME + 1);
        },
        SignatureMismatch,
    ),
    invalid("rs test_verify_out_of_bounds_timestamp", |case| case.timed(-1), MalformedTimestamp),
    Row {
        tests: "rs test_verify_out_of_bounds_timestamp: ignoring the timestamp",
        edit: |case| {
            case.page = pages::STANDARD_ANY_TIME;
            case.timed(-1);
        },
        is_valid: true,
        ours: Err(MalformedTimestamp),
        why: "a signed time has one form in this library, whoever looks at its value: digits",
    },
    invalid(
        "php testEpochSpanningToleranceRejectsNonPositiveTimestamp; rb `a tolerance spanning the epoch still rejects a \
         non-positive timestamp`",
        |case| {
            case.page = pages::STANDARD_ANY_TIME;
            case.timed(-1234);
        },
        MalformedTimestamp,
    ),
    valid("go `old timestamp passes when ignoring tolerance`; rs test_verify_incorrect_timestamp (Svix)", |case| {
        case.page = pages::STANDARD_ANY_TIME;
        case.later(301_000);
    }),
    valid("go `new timestamp passes when ignoring tolerance`; rs test_verify_incorrect_timestamp (Svix)", |case| {
        case.page = pages::STANDARD_ANY_TIME;
        case.later(-301_000);
    }),
    valid("go `valid timestamp passes when ignoring tolerance`", |case| case.page = pages::STANDARD_ANY_TIME),
    invalid(
        "go `invalid timestamp fails when ignoring tolerance`",
        |case| {
            case.page = pages::STANDARD_ANY_TIME;
            case.timed(946_684_800);
        },
        SignatureMismatch,
    ),
    valid(
        "php testCustomToleranceAcceptsOldTimestamp; rb `custom tolerance accepts an old timestamp …`, `new_using_raw_bytes \
         accepts a custom tolerance`",
        |case| {
            case.page = pages::STANDARD_15_MIN;
            case.later(600_000);
        },
    ),
    valid("php testCustomToleranceAcceptsNewTimestamp; rb `custom tolerance accepts a future timestamp …`", |case| {
        case.page = pages::STANDARD_15_MIN;
        case.later(-600_000);
    }),
    invalid(
        "php testCustomToleranceRejectsOldTimestampInsideDefault; rb `custom tolerance rejects an old timestamp …`",
        |case| {
            case.page = pages::STANDARD_1_MIN;
            case.later(120_000);
        },
        StaleTimestamp,
    ),
    invalid(
        "php testCustomToleranceRejectsNewTimestampInsideDefault; rb `custom tolerance rejects a future timestamp …`",
        |case| {
            case.page = pages::STANDARD_1_MIN;
            case.later(-120_000);
        },
        StaleTimestamp,
    ),
    invalid(
        "php testTamperedTimestampThrowsWithCustomTolerance; rb `tampered timestamp still raises with a custom tolerance`",
        |case| {
            case.page = pages::STANDARD_15_MIN;
            case.timed(TIME - 600);
        },
        SignatureMismatch,
    ),
    // Secrets.
    valid(
        "py test_signature_verification_with_and_without_prefix; go TestWebhookPrefix; js, rb `… works with and without … \
         prefix`; cs TestSignatureVerificationWorksWithoutPrefix; java verifySecretWorksWithOrWithoutPrefix; php \
         testSignatureVerificationWithAndWithoutPrefix",
        |case| case.secret.insert_str(0, WHSEC),
    ),
    valid("py test_signature_verification_with_unpadded_secret: needs one padding", |case| {
        case.made("STANDARD_31", ID, BODY);
    }),
    valid("py test_signature_verification_with_unpadded_secret: needs two padding", |case| {
        case.made("STANDARD_34", ID, BODY);
    }),
    valid("py test_signature_verification_with_unpadded_secret: with prefix", |case| {
        case.made("STANDARD_34", ID, BODY);
        case.secret.insert_str(0, WHSEC);
    }),
    valid("ex `return true when valid encoded_secret and signature`", |case| {
        case.made("STANDARD_ELIXIR", ID, r#"{"event_type":"ping"}"#);
        case.secret.insert_str(0, WHSEC);
    }),
    Row {
        tests: "ex `return true when valid secret and signature`",
        edit: |case| {
            case.made("STANDARD_ELIXIR", ID, r#"{"event_type":"ping"}"#);
            case.secret = KEY.to_owned();
        },
        is_valid: true,
        ours: Err(SignatureMismatch),
        why: "in all libraries but this one, a secret without the prefix is base64 too",
    },
    // Long bodies.
    valid("cs VerifyWebhookSignWithLargePayloadWorks: 1 MiB", |case| {
        case.body = vec![b'a'; 1024 * 1024];
        case.right = "v1,txpEUxqWZJ5nteTnymUVa+7C4NHpBeXJ6CsBAW0c3/A=".to_owned();
    }),
    valid("cs VerifyWebhookSignWithLargePayloadWorks: 256 KiB", |case| {
        case.body = vec![b'a'; 256 * 1024];
        case.right = "v1,Mw4Pe2WgApuT7NSqnSq0PQPV9gbLdggCl9B865x5Xh0=".to_owned();
    }),
    valid("cs VerifyWebhookSignWithLargePayloadWorks: 256 KiB - 1", |case| {
        case.body = vec![b'a'; 256 * 1024 - 1];
        case.right = "v1,NTItnqyWMoFhk2Bbe5V/BMdcFRWgcSQaTgqLHX7FC7c=".to_owned();
    }),
];

fn cases() -> impl Iterator<Item = (&'static Row, Case)> {
    ROWS.iter().map(|row| {
        let mut case = Case::new();
        (row.edit)(&mut case);
        (row, case)
    })
}

/// Under the page of each, and with both families of headers at Svix.
#[test]
fn the_suites_have_the_answers_that_they_expect() {
    for (row, case) in cases() {
        assert_eq!(row.is_valid == row.ours.is_ok(), row.why.is_empty(), "{}", row.tests);
        let mut runs = vec![(case.page, WEBHOOK_HEADERS)];
        if case.page.name == "STANDARD" {
            runs.extend([(pages::SVIX, WEBHOOK_HEADERS), (pages::SVIX, SVIX_HEADERS)]);
        }
        for (page, names) in runs {
            assert_eq!(case.run(&page, names, &case.right), row.ours, "{} {names:?}: {}", page.name, row.tests);
        }
    }
    assert_eq!(ROWS.len(), 61);
}

/// The same delivery is published with an asymmetric signature: everything but secrets is as valid with it.
#[test]
fn the_suites_have_the_same_answers_with_v1a() {
    let mut counted = 0;
    for (row, mut case) in cases().filter(|(_, case)| case.page.name == "STANDARD" && case.secret == KEY) {
        if case.right == RIGHT {
            for secret in [PUBLIC_KEY.to_owned(), format!("{WHPK}{PUBLIC_KEY}")] {
                case.secret = secret;
                let answer = case.run(&pages::STANDARD_V1A, WEBHOOK_HEADERS, RIGHT_V1A);
                assert_eq!(answer.is_ok(), row.ours.is_ok(), "{answer:?}: {}", row.tests);
                // What is wrong with a `v1` is skipped.
                if !matches!(row.ours, Err(MalformedSignature | SignatureMismatch)) {
                    assert_eq!(answer, row.ours, "{}", row.tests);
                }
            }
            counted += 1;
        }
    }
    assert_eq!(counted, 30);
    // A changed signature, a cut one, and one of the other kind.
    let mut case = Case::new();
    case.secret = PUBLIC_KEY.to_owned();
    for (right, expected) in [
        (RIGHT_V1A.to_owned(), Ok(())),
        (RIGHT_V1A.replace("v1a,h", "v1a,i"), Err(SignatureMismatch)),
        (RIGHT_V1A.replace("Ag==", "AA=="), Err(SignatureMismatch)),
        (RIGHT_V1A.replace("Ag==", "Ah=="), Err(MalformedSignature)),
        ("v1a,".to_owned(), Err(MalformedSignature)),
        (RIGHT_V1A[..8].to_owned(), Err(MalformedSignature)),
        (RIGHT_V1A.replace("v1a", "v1"), Err(MissingSignature)),
        (RIGHT.replace("v1", "v1a"), Err(MalformedSignature)),
        (RIGHT.to_owned(), Err(MissingSignature)),
        (format!("{RIGHT} {RIGHT_V1A}"), Ok(())),
    ] {
        assert_eq!(case.run(&pages::STANDARD_V1A, WEBHOOK_HEADERS, &right), expected, "{right}");
    }
}

/// The published signatures are what our signer makes, too.
#[test]
fn the_signer_makes_the_published_signatures() {
    for (key, id, time, body, right) in [(KEY, ID, TIME, BODY, RIGHT), RUST, DOCS] {
        let draft = Draft::new(body).at(UNIX_EPOCH + Duration::from_secs(time)).with_id(id);
        let proof = pages::STANDARD.scheme.sign(key.as_bytes(), draft).unwrap();
        let found = proof.headers().find(|(name, _)| *name == "webhook-signature").unwrap().1;
        assert_eq!(found, right);
    }
}

/// Secrets that are one, and that are none: the page, the test, what the suite says, and why ours is another answer.
#[test]
fn the_suites_have_the_keys_that_they_expect() {
    let long = "TUdfVE5UMnZlci1TeWxOYXQtX1ZlTW1kLTRtMFdhYmEwanIxdHJvenRCbmlTQ2hFdzBnbHhFbWdFaTJLdzQwSA==";
    let too_long =
        "V09IYXZUaFJoSnFobnpJQkpPMXdpdGFNWnJsRzAxdXZCeTVndVpwRmxSSXFsc0oyYzBTRWRUekJhYnlaZ0JSRGNPQ3BGZG1xYjFVVmRGQ3UK";
    let private = "6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==";
    let of_sender = "how long a secret is, is the sender's rule";
    let unpadded = "unpadded base64 is accepted, as by the Python library";
    let rows: &[(Page, String, bool, &str)] = &[
        // server test_endpoint_secret_deserialization, test_endpoint_secret_validation
        (pages::STANDARD, "w".to_owned(), false, ""),
        (pages::STANDARD, format!("{WHSEC}%"), false, ""),
        (pages::STANDARD, format!("{WHSEC}wronglength"), false, unpadded),
        (pages::STANDARD, format!("{WHPK}{PUBLIC_KEY}"), false, ""),
        (pages::STANDARD, format!("{WHSK}{private}"), false, ""),
        (pages::STANDARD, format!("hwsec_{}", RUST.0), false, ""),
        (pages::STANDARD, format!("{WHSEC}{}", RUST.0), true, ""),
        (pages::STANDARD, "bm90LXZhbGlkCg==".to_owned(), false, of_sender),
        (pages::STANDARD, format!("{WHSEC}{too_long}"), false, of_sender),
        (pages::STANDARD, format!("{WHSEC}{long}"), true, ""),
        // What a receiver has of an asymmetric key is the public half.
        (pages::STANDARD_V1A, format!("{WHPK}{PUBLIC_KEY}"), true, ""),
        (pages::STANDARD_V1A, format!("{WHSK}{private}"), false, ""),
        (pages::STANDARD_V1A, private.to_owned(), false, ""),
        (pages::STANDARD_V1A, format!("{WHSK}{}", &private[..86]), false, ""),
        (pages::STANDARD_V1A, format!("{WHSEC}{KEY}"), false, ""),
        (pages::STANDARD_V1A, KEY.to_owned(), false, ""),
        // py test_empty_secret_raises_error; go TestWebhookNoEmptyPrefixedSecrets; js `empty key raises error`; cs
        // TestEmptySecretRasiesException; php testRejectsEmptyPrefixedSecret; rb `rejects empty webhook secrets`; rs
        // test_new_rejects_empty_secret
        (pages::STANDARD, WHSEC.to_owned(), false, ""),
        (pages::STANDARD_V1A, WHPK.to_owned(), false, ""),
    ];
    for (page, secret, is_key, why) in rows {
        let answer = page.try_verify(&Given::secret(secret.clone()), &Sent::default());
        let is_one = answer.as_ref().err().map(|error| error.kind()) != Some(SecretErrorKind::NotAKey);
        assert_eq!(is_one == *is_key, why.is_empty(), "{}: {secret}", page.name);
    }
    // And TestWebhookNewRawNoEmptyPrefixedSecrets, test_from_bytes_rejects_empty_secret: for no page is nothing a secret.
    assert_eq!(Secret::new("").unwrap_err().kind(), SecretErrorKind::Empty);
}
