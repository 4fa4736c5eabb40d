//! `Verifier::verify`, for every provider.

use bytes::Bytes;
use countersign::{
    Clock, RejectionKind, Secret, SecretMap, Secrets, Verifier,
    provider::Provider,
    providers::{self, GeoScored},
};
use http::{HeaderValue, Request};

use super::{
    assert_allocations,
    convert::{documented, of, to_http},
    ready, shared, sleep,
    support::Sender,
};

type Verify = dyn Fn(&Request<()>, &Bytes) -> Result<(), RejectionKind>;

fn secret(text: impl Into<Vec<u8>>) -> Secret {
    Secret::new(text).expect("a secret")
}

/// What is done to a signature's digits.
type Change = fn(&mut Vec<u8>);

/// A provider's documented delivery, and its verifier.
struct Case {
    sender: Sender,
    request: Request<()>,
    body: Bytes,
    verify: Box<Verify>,
}

impl Case {
    fn of<P: Provider>() -> Self {
        let sender = of::<P>();
        Self::accepting::<P>(secret(sender.secret()).into())
    }

    fn accepting<P: Provider>(secrets: Secrets) -> Self {
        let (parts, body) = to_http::<Vec<u8>>(&documented::<P>()).into_parts();
        let verifier = Verifier::<P>::new(secrets);
        Self {
            sender: of::<P>(),
            request: Request::from_parts(parts, ()),
            body: shared(body),
            verify: Box::new(move |head, body| {
                verifier.verify_only(head, body.clone()).map(drop).map_err(|error| error.kind())
            }),
        }
    }

    /// With another tag behind the prefix.
    fn with_digits(&mut self, change: Change) {
        let (header, prefix) = self.sender.header();
        let value = self.request.headers_mut().get_mut(header).expect("a signature");
        let (prefix, mut digits) = (prefix.as_bytes(), value.as_bytes()[prefix.len()..].to_vec());
        change(&mut digits);
        *value = HeaderValue::from_bytes(&[prefix, &digits].concat()).expect("a header value");
    }

    #[track_caller]
    fn allocates(&self, what: &str, expected: i64, answer: Result<(), RejectionKind>) {
        assert_allocations(&format!("{}, {what}", self.sender.name), expected, || {
            assert_eq!((self.verify)(&self.request, &self.body), answer);
        });
    }
}

fn cases() -> Vec<Case> {
    macro_rules! cases {
        ($($name:ident => $Provider:ident,)*) => { vec![$(Case::of::<providers::$Provider>()),*] };
    }
    countersign::__for_each_typed_provider!(cases)
}

fn signed() -> impl Iterator<Item = Case> {
    cases().into_iter().filter(|case| case.sender.is_signed())
}

/// A digit of the same kind that is not this one.
fn wrong(digit: &mut u8) {
    *digit = match *digit {
        b'9' => b'0',
        b'f' => b'a',
        other => other + 1,
    };
}

#[test]
fn a_genuine_delivery() {
    assert_eq!(signed().count(), 4);
    signed().for_each(|case| case.allocates("genuine", 0, Ok(())));
}

#[test]
fn a_forged_delivery() {
    let changes: [(&str, Change); 3] = [
        ("first digit wrong", |digits| wrong(&mut digits[0])),
        ("last digit wrong", |digits| wrong(&mut digits[63])),
        ("every digit wrong", |digits| digits.iter_mut().for_each(wrong)),
    ];
    for (what, change) in changes {
        for mut case in signed() {
            case.with_digits(change);
            case.allocates(what, 0, Err(RejectionKind::SignatureMismatch));
        }
    }
}

#[test]
fn a_malformed_or_missing_signature() {
    let changes: [(&str, Change); 4] = [
        ("no digits", Vec::clear),
        ("a digit short", |digits| digits.truncate(63)),
        ("a digit more", |digits| digits.push(b'0')),
        ("not a digit", |digits| digits[40] = b'g'),
    ];
    for (what, change) in changes {
        for mut case in signed() {
            case.with_digits(change);
            case.allocates(what, 0, Err(RejectionKind::MalformedSignature));
        }
    }
    for mut case in signed() {
        let (header, _) = case.sender.header();
        let value = case.request.headers_mut().remove(header).expect("a signature");
        case.allocates("no signature", 0, Err(RejectionKind::MissingSignature));
        for _ in 0..2 {
            case.request.headers_mut().append(header, value.clone());
        }
        case.allocates("two signatures", 0, Err(RejectionKind::MalformedSignature));
    }
}

/// A whole body is tried under one secret after the other.
#[test]
fn a_rotation() {
    macro_rules! rotating {
        ($($name:ident => $Provider:ident,)*) => {
            vec![$(Case::accepting::<providers::$Provider>(
                Secrets::new(secret("new")).add_previous(secret("older")).add_previous(secret(of::<providers::$Provider>().secret()))
            )),*]
        };
    }
    for case in countersign::__for_each_typed_provider!(rotating) {
        case.allocates("three secrets, the last of which matches", 0, Ok(()));
    }
}

#[test]
fn a_token() {
    let mut case = Case::of::<providers::ScreenshotRun>();
    case.allocates("genuine", 0, Ok(()));
    let mut answers = |query: &str, expected, answer| {
        *case.request.uri_mut() = format!("/webhooks/screenshotrun{query}").parse().expect("a URL");
        case.allocates(query, expected, Err(answer));
    };
    answers("?token=guessed", 0, RejectionKind::TokenMismatch);
    answers("?token=0123456789abcdef0123456789abcdef", 0, RejectionKind::TokenMismatch);
    answers("?token=x&token=y", 0, RejectionKind::MalformedToken);
    answers("?%74oken=x", 0, RejectionKind::MalformedToken);
    answers("", 0, RejectionKind::MissingToken);
}

#[test]
fn a_look_up() {
    let (sender, case, secrets) = (of::<GeoScored>(), Case::of::<GeoScored>(), SecretMap::new());
    let id = sender.id_of("scan.completed", &case.body);
    secrets.insert(id.as_str(), secret(sender.secret())).expect("room");
    let verifier = Verifier::<GeoScored>::from_lookup(secrets.clone());
    let verify = || ready(verifier.verify_async(&case.request, case.body.clone(), sleep)).map_err(|error| error.kind());
    // Five of them are the event's texts.
    assert_allocations("a secret that is found", 9, || verify().expect("genuine"));
    secrets.remove(&id);
    let not_found = || assert_eq!(verify().err(), Some(RejectionKind::SecretNotFound));
    assert_allocations("a secret that is not found", 3, not_found);
}

#[test]
fn a_body_in_frames() {
    let case = Case::of::<providers::Zeodyn>();
    let verifier = Verifier::<providers::Zeodyn>::new(case.sender.secret());
    let in_frames = |size: usize| {
        let mut verification = verifier.check_head(&case.request).expect("a head in order");
        for start in (0..case.body.len()).step_by(size) {
            let frame = case.body.slice(start..case.body.len().min(start + size));
            verification.push(frame).expect("within the limit");
        }
        verification.finish().expect("genuine")
    };
    assert_allocations("one frame", 0, || in_frames(case.body.len()));
    assert_allocations("two frames", 3, || in_frames(case.body.len() - 1));
    // A buffer that doubles.
    assert_allocations("frames of one byte", 12, || in_frames(1));
}

/// Schemes of other pages: with one signature nothing is allocated, also if the page notes what is in the head.
#[test]
fn other_schemes_allocate_nothing_for_one_signature() {
    use std::time::UNIX_EPOCH;

    use countersign::provider::{Draft, Place, Scheme, grammar::*};

    macro_rules! check {
        ($($Page:ident: $scheme:expr;)*) => {$({
            enum $Page {}
            impl Provider for $Page {
                type Event = countersign::providers::ZeodynEvent;
                const NAME: &'static str = stringify!($Page);
                const TITLE: &'static str = stringify!($Page);
                const DOCS: &'static str = "https://example.com/docs";
                const SCHEME: Scheme = $scheme;
                const EVENT: Option<Place> = Some(header("x-github-event"));
                const ID: Option<Place> = Some(header("x-github-delivery"));
            }
            let body = shared(b"{}".to_vec());
            let draft = Draft::new(&body).at(UNIX_EPOCH).with_url("https://example.com/hook");
            let proof = $Page::SCHEME.sign(b"AAAA", draft).expect("a proof");
            let mut request = Request::post("/hook")
                .header("x-github-event", "pull_request_review_comment")
                .header("x-github-delivery", "72d3162e-cc78-11e3-81ab-4c9367dc0958");
            for (name, value) in proof.headers() {
                request = request.header(name, value);
            }
            let request = request.body(()).expect("a request");
            let url = countersign::PublicUrl::new("https://example.com/hook").expect("a URL");
            let verifier = Verifier::<$Page>::try_new_with("AAAA", Some(url)).expect("a key");
            let verifier = verifier.with_clock(Clock::manual(UNIX_EPOCH));
            assert_allocations(stringify!($Page), 0, || {
                assert!(verifier.verify_only(&request, body.clone()).is_ok());
            });
        })*};
    }
    check! {
        Shopify: Scheme::signed(HmacSha256, header("x-shopify-hmac-sha256"), Base64).over(&[Body]);
        Slack: Scheme::signed(HmacSha256, header("x-slack-signature"), Hex)
            .prefix("v0=")
            .time(header("x-slack-request-timestamp"), Unit::Seconds)
            .over(&[Text("v0:"), Time, Text(":"), Body]);
        Stripe: Scheme::signed(HmacSha256, member("stripe-signature", "=,", "v1"), Hex)
            .time(member("stripe-signature", "=,", "t"), Unit::Seconds)
            .over(&[Time, Text("."), Body]);
        Standard: Scheme::signed(HmacSha256, member("webhook-signature", ", ", "v1"), Base64)
            .key(Key::Base64(&["whsec_"]))
            .id(header("webhook-id"))
            .time(header("webhook-timestamp"), Unit::Seconds)
            .over(&[Id, Text("."), Time, Text("."), Body]);
        Square: Scheme::signed(HmacSha256, header("x-square-hmacsha256-signature"), Base64).over(&[Url, Body]);
    }
}
