//! Keys that are not keys, when a verifier is created.

use countersign::{PublicUrl, Secret, SecretErrorKind, SecretLookup, Secrets, UnverifiedDelivery};

use super::pages::{self, Given, Page, Sent};

/// Returns the text of the error, which has no part of the secret but well-known ones.
#[track_caller]
fn error(page: Page, secret: impl AsRef<[u8]>) -> String {
    let given = Given { url: Some("https://example.com".to_owned()), ..Given::secret(secret.as_ref()) };
    let error = page.try_verify(&given, &Sent::default()).unwrap_err();
    assert_eq!(error.kind(), SecretErrorKind::NotAKey);
    error.to_string()
}

#[test]
fn the_message_says_what_a_key_looks_like_and_the_shape_of_the_given_one() {
    let weak = "0100000000000000000000000000000000000000000000000000000000000000";
    for (page, secret, expected) in [
        (
            pages::STANDARD,
            "whsec_not-a-key",
            "a secret of Standard Webhooks is base64 behind `v1,whsec_` or `whsec_`, or without it: the given one is not, it has 15 \
             bytes, not all of them characters of base64",
        ),
        (
            pages::STANDARD,
            " whsec_aaaa\n",
            "a secret of Standard Webhooks is base64 behind `v1,whsec_` or `whsec_`, or without it: the given one is not, it has 12 \
             bytes, with white space around it",
        ),
        (
            pages::STANDARD,
            "whsec_",
            "a secret of Standard Webhooks is base64 behind `v1,whsec_` or `whsec_`, or without it: the given one is not, it has 6 \
             bytes, not all of them characters of base64",
        ),
        (
            pages::ADYEN,
            "44782DEF5",
            "a secret of Adyen is hex digits: the given one is not, it has 9 bytes, all of them hex digits",
        ),
        (
            pages::POSTMARK,
            "password",
            "a secret of Postmark is a name and a password with `:` between them: the given one is not, it has 8 bytes, all \
             of them characters of base64",
        ),
        (
            pages::DISCORD,
            "secret",
            "a secret of Discord is a public key in hex: the given one is not, it has 6 bytes, all of them characters of \
             base64",
        ),
        // Anybody can sign for this one.
        (
            pages::DISCORD,
            weak,
            "a secret of Discord is a public key in hex: the given one is not, it has 64 bytes, all of them hex digits",
        ),
        (
            pages::SENDGRID,
            "MFkw",
            "a secret of SendGrid is a public key as base64 of DER, which begins with `MF` or `MI`: the given one is not, it \
             has 4 bytes, all of them characters of base64",
        ),
        (
            pages::WISE,
            "-----BEGIN PRIVATE KEY-----\nMII=\n-----END PRIVATE KEY-----",
            "a secret of Wise is a public key in PEM, which begins with `-----BEGIN PUBLIC KEY-----`: the given one is not, \
             it has 58 bytes, in PEM",
        ),
        (
            pages::AIRTABLE,
            "é",
            "a secret of AIRTABLE is base64: the given one is not, it has 2 bytes, not all of them visible ASCII characters",
        ),
    ] {
        assert_eq!(error(page, secret), expected);
    }
}

/// Keys that are small, of another curve, or of another algorithm.
#[test]
fn public_keys_are_checked() {
    let file = |name: &str| {
        std::fs::read_to_string(countersign_test_support::root().join("tests/fixtures/schemes.tsv"))
            .unwrap()
            .lines()
            .find_map(|line| {
                line.strip_prefix(&format!("{name}\t")).map(|rest| rest.split('\t').next().unwrap().to_owned())
            })
            .unwrap()
    };
    let pem = |base64: &str| format!("-----BEGIN PUBLIC KEY-----\n{base64}\n-----END PUBLIC KEY-----\n");
    error(pages::SENDGRID, file("WISE"));
    error(pages::WISE, pem(&file("SENDGRID")));
    error(pages::WISE, file("WISE"));
    // A point that is not on the curve.
    error(pages::SENDGRID, file("SENDGRID").replace("3A==", "3Q=="));
    // openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:1024 | openssl pkey -pubout
    error(
        pages::WISE,
        pem(
            "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDMQPX/oUq06r13SVIfhKpYi8b41w2sN89nZwr6jxrJclVoCGgy8YmiZPhPdDpJZcxFxCz44Htbc51DWgOwllsjDm5ek+TOwBt+6IIZpGVIwSQ1VWrMNXZ8Vu13J50OWGYDsbxe0AUDndAOTPqxMpjfoX4thZLZ9OyAe85fJjzIAQIDAQAB",
        ),
    );
    let page = pages::WISE;
    let good = Given::secret(pem(&file("WISE")));
    assert!(page.try_verify(&good, &Sent::default()).is_ok());
}

/// Anybody can sign for these: points of small order, as every encoding of them ("Taming the Many EdDSAs", table 6).
#[test]
fn a_weak_ed25519_key_is_no_key() {
    use base64::{Engine, engine::general_purpose::STANDARD};

    let eight = "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a";
    let other = "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05";
    let full = |first: &str, last: &str| format!("{first}{}{last}", "ff".repeat(30));
    let zero = |first: &str, last: &str| format!("{first}{}{last}", "00".repeat(30));
    let keys = [
        eight.to_owned(),
        eight.replace("037a", "03fa"),
        other.to_owned(),
        other.replace("fc05", "fc85"),
        zero("00", "00"),
        zero("00", "80"),
        zero("01", "00"),
        zero("01", "80"),
        full("ec", "7f"),
        full("ec", "ff"),
        full("ed", "7f"),
        full("ed", "ff"),
        full("ee", "7f"),
        full("ee", "ff"),
    ];
    for key in keys {
        error(pages::DISCORD, &key);
        error(pages::STANDARD_V1A, STANDARD.encode(hex::decode(&key).unwrap()));
    }
}

/// With the exponent 1, every text is its own signature.
#[test]
fn an_rsa_key_that_does_nothing_is_no_key() {
    use base64::{Engine, engine::general_purpose::STANDARD};

    let wise = super::openssl::made("WISE").0;
    let wise = wise.lines().nth(1).unwrap();
    let der = STANDARD.decode(wise).unwrap();
    let (start, exponent) = der.split_at(der.len() - 5);
    assert_eq!(exponent, [2, 3, 1, 0, 1]);
    // `02 01 e`: all of the lengths around it are 2 less.
    let with = |e: u8| {
        let mut der = start.to_vec();
        for length in [[0x30, 0x82, 0x01, 0x22], [0x03, 0x82, 0x01, 0x0f], [0x30, 0x82, 0x01, 0x0a]] {
            let at = der.windows(4).position(|bytes| bytes == length).unwrap();
            der[at + 3] -= 2;
        }
        der.extend([2, 1, e]);
        format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----", STANDARD.encode(der))
    };
    error(pages::WISE, with(1));
    error(pages::WISE, with(0));
    assert!(pages::WISE.try_verify(&Given::secret(with(3)), &Sent::default()).is_ok());
}

/// A secret of a list has to be a key for one of its schemes.
#[test]
fn a_secret_of_a_list_is_a_key_of_one_of_its_schemes() {
    assert!(pages::GITLAB.try_verify(&Given::secret("any text").also("whsec_AAAA"), &Sent::default()).is_ok());
}

/// The five take any text, as before.
#[test]
fn t6_a_verbatim_secret_is_any_text() {
    for secret in ["x", " ", "whsec_not-a-key", "\u{0}", "é\n"] {
        assert!(pages::GITHUB.try_verify(&Given::secret(secret), &Sent::default()).is_ok());
    }
}

/// Where a look-up finds a text that is not a key, the delivery is to be sent again.
#[test]
fn a_look_up_that_finds_no_key_has_failed() {
    use countersign::{
        RejectionKind, Verifier,
        provider::{Provider, Scheme, grammar::*},
        providers::ZeodynEvent,
    };

    enum Acme {}
    impl Provider for Acme {
        type Event = ZeodynEvent;
        const NAME: &'static str = "acme";
        const TITLE: &'static str = "Acme";
        const DOCS: &'static str = "https://example.com/docs";
        const SCHEME: Scheme =
            Scheme::signed(HmacSha256, header("x-acme"), Hex).key(Key::Base64(&[])).over(&[Url, Body]);
    }

    fn lookup(secret: Option<&'static str>) -> impl SecretLookup {
        move |_: UnverifiedDelivery<'_>| async move {
            Ok::<_, std::io::Error>(secret.map(|secret| Secrets::new(Secret::from_static(secret))))
        }
    }
    let url = PublicUrl::new("https://example.com/a").unwrap();
    let draft = countersign::provider::Draft::new("{}").with_url("https://example.com/a");
    let proof = Acme::SCHEME.sign(b"AAAA", draft).unwrap();
    let head = http::Request::post("/").header("x-acme", proof.value()).body(()).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    for (secret, expected) in [
        (Some("AAAA"), None),
        (Some("AAAB"), Some(RejectionKind::SignatureMismatch)),
        (Some("not a key"), Some(RejectionKind::LookupFailed)),
        (None, Some(RejectionKind::SecretNotFound)),
    ] {
        let verifier = Verifier::<Acme>::from_lookup_at(lookup(secret), url.clone());
        let result = runtime.block_on(verifier.verify_async(&head, "{}", tokio::time::sleep));
        let kind = result.err().map(|error| error.kind()).filter(|kind| *kind != RejectionKind::Undecodable);
        assert_eq!(kind, expected, "{secret:?}");
    }
}

/// What a look-up finds for a list of schemes has to be a key for one of them, as what is given at start-up has.
#[test]
fn a_look_up_finds_secrets_for_a_list() {
    use countersign::{
        RejectionKind, Trust, Verifier,
        provider::{Draft, Provider, Scheme, grammar::*},
        providers::ZeodynEvent,
    };

    const SIGNED: Scheme = Scheme::signed(HmacSha512, header("x-a"), Hex).key(Key::Base64(&[])).over(&[Body]);
    enum WithToken {}
    impl Provider for WithToken {
        type Event = ZeodynEvent;
        const NAME: &'static str = "acme";
        const TITLE: &'static str = "Acme";
        const DOCS: &'static str = "https://example.com/docs";
        const SCHEME: Scheme = Scheme::any_of(&[SIGNED, Scheme::token(header("x-b"))]);
    }
    enum WithHex {}
    impl Provider for WithHex {
        type Event = ZeodynEvent;
        const NAME: &'static str = "acme";
        const TITLE: &'static str = "Acme";
        const DOCS: &'static str = "https://example.com/docs";
        const SCHEME: Scheme =
            Scheme::any_of(&[SIGNED, Scheme::signed(HmacSha512, header("x-b"), Hex).key(Key::Hex).over(&[Body])]);
    }

    fn verify<P: Provider>(head: &http::Request<()>, secrets: &[&'static str]) -> Result<Trust, RejectionKind> {
        let mut all = secrets.iter().map(|secret| Secret::from_static(secret));
        let first = Secrets::new(all.next().unwrap());
        let all = all.fold(first, Secrets::add_previous);
        let lookup = move |_: UnverifiedDelivery<'_>| {
            let all = all.clone();
            async move { Ok::<_, std::io::Error>(Some(all)) }
        };
        let verifier = Verifier::<P>::from_lookup(lookup);
        let verified = verifier.verify_async(head, "{\"event\":\"x\"}", |_| std::future::pending());
        let verified = futures_util::FutureExt::now_or_never(verified).unwrap();
        verified.map(|verified| verified.trust()).map_err(|rejection| rejection.kind())
    }

    let proof = SIGNED.sign(b"AAAA", Draft::new("{\"event\":\"x\"}")).unwrap();
    let signed = http::Request::post("/").header("x-a", proof.value()).header("x-b", "t0ken").body(()).unwrap();
    let token = http::Request::post("/").header("x-b", "t0ken").body(()).unwrap();
    for (head, secrets, expected) in [
        (&signed, ["AAAA", "t0ken"].as_slice(), Ok(Trust::Signed)),
        (&signed, &["t0ken", "AAAA"], Ok(Trust::Signed)),
        (&signed, &["t0ken"], Err(RejectionKind::SignatureMismatch)),
        (&token, &["AAAA", "t0ken"], Ok(Trust::TokenOnly)),
    ] {
        assert_eq!(verify::<WithToken>(head, secrets), expected, "{secrets:?}");
    }
    for (secrets, expected) in [
        (["AAAA", "abcdef"].as_slice(), Ok(Trust::Signed)),
        (&["abcdef01 "], Err(RejectionKind::LookupFailed)),
        (&["AAAA", "no key"], Err(RejectionKind::LookupFailed)),
    ] {
        assert_eq!(verify::<WithHex>(&signed, secrets), expected, "{secrets:?}");
    }
}

/// A provider that signs its URL cannot be verified without.
#[test]
fn a_url_that_is_signed_has_to_be_given() {
    let error = pages::SQUARE.try_verify(&Given::secret("x"), &Sent::default()).unwrap_err();
    assert_eq!(error.kind(), SecretErrorKind::Url);
    assert_eq!(
        error.to_string(),
        "Square signs the public URL of the endpoint: give the URL as registered with Square"
    );
}

/// Whatever the kind of key, a delivery is of the account whose secret matched, under its current secret or a previous one.
#[test]
fn every_kind_of_key_has_its_account() {
    use countersign::{
        Verifier,
        dedupe::{Dedupe, MemoryStore},
        provider::{Provider, Scheme, grammar::*},
        providers::ZeodynEvent,
    };

    macro_rules! check {
        ($($Page:ident: $scheme:expr;)*) => {$({
            enum $Page {}
            impl Provider for $Page {
                type Event = ZeodynEvent;
                const NAME: &'static str = stringify!($Page);
                const TITLE: &'static str = stringify!($Page);
                const DOCS: &'static str = "https://example.com/docs";
                const SCHEME: Scheme = $scheme;
            }
            let dedupe = Dedupe::new(MemoryStore::new());
            let received = |signed_with: &str| {
                let secret = Secret::from_static;
                let secrets = Secrets::new(secret("AAAA").with_tenant("alice"))
                    .add(secret("BBBB").with_tenant("bob"))
                    .add_previous(secret("CCCC"));
                let now = std::time::SystemTime::now();
                let draft = countersign::provider::Draft::new("{\"event\":\"x\"}").at(now);
                let proof = $Page::SCHEME.sign(signed_with.as_bytes(), draft).unwrap();
                let mut head = http::Request::post("/");
                for (name, value) in proof.headers() {
                    head = head.header(name, value);
                }
                let head = head.body(()).unwrap();
                let fixed = Verifier::<$Page>::new(secrets.clone()).verify(&head, "{\"event\":\"x\"}").unwrap();
                let lookup = move |_: UnverifiedDelivery<'_>| {
                    let secrets = secrets.clone();
                    async move { Ok::<_, std::io::Error>(Some(secrets)) }
                };
                let sleep = |_| std::future::pending();
                let verifier = Verifier::<$Page>::from_lookup(lookup);
                let looked_up = verifier.verify_async(&head, "{\"event\":\"x\"}", sleep);
                let looked_up = futures_util::FutureExt::now_or_never(looked_up).unwrap().unwrap();
                assert_eq!(fixed.matched_secret(), looked_up.matched_secret());
                let (matched, key) = (fixed.matched_secret(), dedupe.key(&fixed).unwrap());
                (matched.position(), matched.is_current(), fixed.tenant().unwrap().to_owned(), key)
            };
            let [alice, bob, old] = ["AAAA", "BBBB", "CCCC"].map(received);
            assert_eq!((alice.0, alice.1, &*alice.2), (0, true, "alice"), stringify!($Page));
            assert_eq!((bob.0, bob.1, &*bob.2), (1, true, "bob"), stringify!($Page));
            assert_eq!((old.0, old.1, &*old.2), (2, false, "bob"), stringify!($Page));
            assert_eq!(bob.3, old.3, stringify!($Page));
            assert_ne!(alice.3, bob.3, stringify!($Page));
        })*};
    }
    check! {
        Plain: Scheme::hmac_sha256("x-a", "");
        Decoded: Scheme::signed(HmacSha256, header("x-a"), Hex).key(Key::Base64(&[])).over(&[Body]);
        Other: Scheme::signed(HmacSha512, header("x-a"), Base64).over(&[Body]);
        Timed: Scheme::signed(HmacSha256, member("x-a", "=,", "v1"), Hex)
            .time(member("x-a", "=,", "t"), Unit::Seconds)
            .over(&[Time, Text("."), Body]);
        Token: Scheme::token(header("x-a"));
        Listed: Scheme::any_of(&[Scheme::hmac_sha256("x-a", ""), Scheme::token(header("x-b"))]);
    }
}
