//! Every provider's page: what the kit makes up is accepted, and what it tampers with is answered as it says.

use std::time::{Duration, SystemTime};

use countersign::{
    PublicUrl, RejectionKind, Verifier, actix, axum as for_axum,
    dedupe::{Dedupe, MemoryStore},
    provider::Page,
    providers,
};
use countersign_testkit::{Documented, Expected, InProcess, Payload, SignedRequest, Simulator, Tampering, payloads};

use crate::testkit::{
    apps::{to_actix_with, to_axum_with},
    sent::Sent,
    support::root,
    wait_for,
};

/// Those that sign a time of sending.
const WITH_TIME: [&str; 19] = [
    "standard-webhooks",
    "standard-webhooks-v1a",
    "svix",
    "paddle",
    "stripe",
    "gitlab",
    "linear",
    "discord",
    "mailgun",
    "resend",
    "sendgrid",
    "slack",
    "zoom",
    "hubspot",
    "zendesk",
    "openai",
    "replicate",
    "clerk",
    "workos",
];

/// Those with an ID that the proof covers: of the delivery, or of the event in the body.
const WITH_ID: [&str; 19] = [
    "standard-webhooks",
    "standard-webhooks-v1a",
    "svix",
    "paddle",
    "square",
    "stripe",
    "gitlab",
    "notion",
    "pagerduty",
    "vercel",
    "discord",
    "intercom",
    "mailgun",
    "resend",
    "slack",
    "openai",
    "replicate",
    "clerk",
    "workos",
];

/// Those that may send several signatures, of which any may match.
const WITH_SEVERAL: [&str; 13] = [
    "standard-webhooks",
    "standard-webhooks-v1a",
    "svix",
    "paddle",
    "stripe",
    "gitlab",
    "pagerduty",
    "resend",
    "docusign",
    "openai",
    "replicate",
    "clerk",
    "workos",
];

const WITHOUT_EVENT: [&str; 4] = ["hubspot", "meta", "sendgrid", "twilio"];
const WITH_URL: [&str; 3] = ["square", "twilio", "hubspot"];
const CREDENTIALS: [&str; 3] = ["screenshotrun", "gitlab-token", "postmark"];
const WITH_EVENT_TIME: [&str; 4] = ["screenscore", "screenshotcenter", "zeodyn", "notion"];

/// Why a delivery that was tampered with is rejected, written down apart from the kit: `None` if the tampering is not
/// possible, and `Some(None)` if the delivery is accepted.
fn reason(name: &str, tampering: Tampering) -> Option<Option<RejectionKind>> {
    use RejectionKind::*;
    let is_one_of = |names: &[&str]| names.contains(&name);
    let is_token = is_one_of(&CREDENTIALS);
    let of_proof = |signature, token| Some(if is_token { token } else { signature });
    let is_unbound = is_token || name == "mailgun";
    Some(match tampering {
        Tampering::Reserialised if name == "twilio" => return None,
        Tampering::FlippedBody | Tampering::Reserialised => (!is_unbound).then_some(SignatureMismatch),
        Tampering::RetiredSecret if name == "sendgrid" => return None,
        Tampering::FlippedTag | Tampering::RetiredSecret => of_proof(SignatureMismatch, TokenMismatch),
        // Its signatures differ in length.
        Tampering::TruncatedTag if name == "sendgrid" => Some(SignatureMismatch),
        Tampering::TruncatedTag => of_proof(MalformedSignature, TokenMismatch),
        Tampering::MissingProof | Tampering::OtherProvider => of_proof(MissingSignature, MissingToken),
        Tampering::DoubledProof if is_one_of(&WITH_SEVERAL) => None,
        Tampering::DoubledProof => of_proof(MalformedSignature, MalformedToken),
        Tampering::WrongPrefix if is_token => return None,
        Tampering::WrongPrefix => Some(MalformedSignature),
        Tampering::Oversized => Some(BodyTooLarge),
        Tampering::UnknownEvent if is_one_of(&WITHOUT_EVENT) => return None,
        Tampering::UnknownEvent | Tampering::Duplicate => None,
        Tampering::Stale if !is_one_of(&WITH_EVENT_TIME) => return None,
        Tampering::Stale => None,
        Tampering::StaleTime | Tampering::WrongTime if !is_one_of(&WITH_TIME) => return None,
        // They accept any time.
        Tampering::StaleTime if is_one_of(&["mailgun", "sendgrid"]) => None,
        Tampering::StaleTime => Some(StaleTimestamp),
        Tampering::SwappedId if !is_one_of(&WITH_ID) => return None,
        Tampering::OtherUrl if !is_one_of(&WITH_URL) => return None,
        Tampering::WrongTime | Tampering::SwappedId | Tampering::OtherUrl => Some(SignatureMismatch),
        other => panic!("{other} is new, and nothing is written here of it"),
    })
}

fn expected(name: &str, tampering: Tampering, reason: Option<RejectionKind>) -> Expected {
    match (tampering, reason) {
        (_, Some(RejectionKind::BodyTooLarge)) => Expected::Rejected(413),
        (_, Some(_)) => Expected::Rejected(401),
        (Tampering::FlippedBody | Tampering::Reserialised, None) => Expected::NotProtected,
        (Tampering::Duplicate, None) => Expected::AcceptedOnce,
        (Tampering::Stale | Tampering::StaleTime, None) => Expected::RejectedIfAged(401),
        (Tampering::UnknownEvent | Tampering::DoubledProof, None) => Expected::Accepted,
        (other, None) => panic!("{other} of {name}"),
    }
}

/// A secret of the provider's form; for a public key, the private one.
fn secret(name: &str) -> String {
    match name {
        "standard-webhooks" | "svix" | "gitlab" | "resend" | "openai" | "replicate" | "clerk" => {
            concat!("whsec", "_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=").to_owned()
        }
        // 32 bytes.
        "standard-webhooks-v1a" => "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVowMTIzNDU=".to_owned(),
        "discord" => "01".repeat(32),
        "sendgrid" => {
            let key = std::fs::read_to_string(root().join("tests/fixtures/keys/p256.pk8.b64")).unwrap();
            format!("-----BEGIN PRIVATE KEY-----\n{key}\n-----END PRIVATE KEY-----\n")
        }
        "postmark" => "name:password".to_owned(),
        _ => "s3cr3t".to_owned(),
    }
}

fn verifier<P: Documented>(request: &SignedRequest<P>) -> Verifier<P> {
    let url = P::SCHEME.signs_url().then(|| PublicUrl::new(request.url()).unwrap());
    Verifier::try_new_with(request.public_key().unwrap_or_else(|| secret(P::NAME)), url).unwrap()
}

fn kind<P: Documented>(request: &SignedRequest<P>) -> Option<RejectionKind> {
    let (head, body) = (request.to_http::<bytes::Bytes>(), request.body().clone());
    verifier(request).verify(&head, body).err().map(|rejection| rejection.kind())
}

fn example<P: Documented>() -> SignedRequest<P> {
    Payload::example().signed_with(secret(P::NAME))
}

/// Core and both adapters accept what the kit makes up, and answer what it tampers with as it says.
fn is_answered_as_expected<P: Documented>() {
    let original = example::<P>();
    let (mut requests, mut reasons) = (vec![original.clone()], vec![None]);
    for &tampering in Tampering::ALL {
        let Some(reason) = reason(P::NAME, tampering) else {
            let error = original.tampered(tampering).unwrap_err().to_string();
            assert!(error.starts_with(&format!("{tampering} is not possible for {}: ", P::TITLE)), "{error}");
            continue;
        };
        assert_eq!(tampering.expected::<P>(), expected(P::NAME, tampering, reason), "{tampering}");
        requests.push(original.tampered(tampering).unwrap_or_else(|error| panic!("{error}")));
        reasons.push(reason);
    }
    for (request, reason) in requests.iter().zip(&reasons) {
        assert_eq!(kind(request), *reason, "{request:?}");
    }
    let requests: Vec<_> = requests.iter().collect();
    let answers = wait_for(async {
        let answers = to_axum_with(for_axum::VerifyWebhook::from(verifier(&original)), &requests).await;
        let by_actix = actix::VerifyWebhook::from(verifier(&original));
        assert_eq!(to_actix_with(by_actix, &requests).await, answers);
        answers
    });
    for (answer, reason) in answers.iter().zip(reasons) {
        let (status, handled) = (reason.map_or(200, RejectionKind::status), usize::from(reason.is_none()));
        assert_eq!((answer.status, answer.reason, answer.handled.len()), (status, reason, handled));
    }
    let duplicate = original.tampered(Tampering::Duplicate).unwrap();
    // Svix retries for more than a day.
    let dedupe = Dedupe::new(MemoryStore::new()).with_retention(Duration::from_secs(7 * 24 * 60 * 60));
    let verify = for_axum::VerifyWebhook::from(verifier(&original)).with_dedupe(dedupe);
    let answers = wait_for(to_axum_with(verify, &[&original, &duplicate]));
    assert_eq!(answers.iter().map(|answer| answer.is_duplicate).collect::<Vec<_>>(), [false, true]);
}

/// A request of the page as a value is the same as one of the type.
fn a_page_as_a_value_is_signed_alike<P: Documented>() {
    let page: &'static Page = const { &Page::of::<P>() };
    assert_eq!(payloads(page), P::PAYLOADS);
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_614_265_330);
    let (body, secret) = (Payload::<P>::example().bytes().clone(), secret(P::NAME));
    let typed = Payload::<P>::new(body.clone()).signed_with(secret.as_str()).signed_at(time);
    let any = Payload::of_page(page, body).signed_with(secret).signed_at(time);
    typed.delivery().expect("it verifies as of its own time of sending");
    assert_eq!((typed.page().name, any.page().name), (P::NAME, P::NAME));
    match (typed.with_delivery_id("id-1"), any.with_delivery_id("id-1")) {
        (Ok(typed), Ok(any)) => {
            let (typed, any) = (Sent::by_http(&typed), Sent::by_http(&any));
            // The nonce of ECDSA is random.
            assert!(P::NAME == "sendgrid" || typed == any, "{typed:?} {any:?}");
        }
        (typed, any) => assert_eq!(typed.unwrap_err().to_string(), any.unwrap_err().to_string()),
    }
}

macro_rules! for_every_page {
    ($($name:ident $needs:tt => $Provider:ident $about:tt,)*) => {
        mod every {
            $(#[test] fn $name() {
                super::is_answered_as_expected::<countersign::providers::$Provider>();
                super::a_page_as_a_value_is_signed_alike::<countersign::providers::$Provider>();
            })*
        }
        static PAGES: &[Page] = &[$(Page::of::<providers::$Provider>()),*];
    };
}
countersign::__for_each_provider!(for_every_page);

#[test]
fn the_tables_name_providers() {
    let tables: [&[&str]; 7] =
        [&WITH_TIME, &WITH_ID, &WITH_SEVERAL, &WITHOUT_EVENT, &WITH_URL, &CREDENTIALS, &WITH_EVENT_TIME];
    for name in tables.concat() {
        assert!(PAGES.iter().any(|page| page.name == name), "{name}");
    }
    assert_eq!(PAGES.len(), 40);
}

/// Event names and IDs are set where the page has them.
#[test]
fn names_and_ids_are_set_at_their_places() {
    let text = |request: &SignedRequest, place: countersign::provider::Place| match (place.as_header(), place.as_json())
    {
        (Some(name), _) => request.headers()[name].to_str().unwrap().to_owned(),
        (None, Some(path)) => {
            let json: serde_json::Value = serde_json::from_slice(request.body()).unwrap();
            json.pointer(&format!("/{}", path.replace('.', "/"))).unwrap().as_str().unwrap().to_owned()
        }
        (None, None) => panic!("{place}"),
    };
    let (mut names, mut ids) = (0, 0);
    for page in PAGES {
        let request = Payload::example_of(page).signed_with(secret(page.name));
        match (page.event, request.clone().with_event_name("order.paid")) {
            (Some(place), named) => {
                assert_eq!(text(&named.unwrap(), place), "order.paid", "{}", page.name);
                names += 1;
            }
            (None, error) => {
                let expected = format!("{}'s page names no place of the event's name", page.title);
                assert_eq!(error.unwrap_err().to_string(), expected);
            }
        }
        let place = page.scheme.first().signed_id().or(page.id);
        match (place, request.with_delivery_id("id-1")) {
            (Some(place), request) => {
                let request = request.unwrap();
                assert_eq!(text(&request, place), "id-1", "{}", page.name);
                assert_eq!(request.with_delivery_id("a\nb").is_err(), place.as_header().is_some());
                ids += 1;
            }
            (None, error) => {
                let expected = format!("{}'s page names no place of a delivery's ID", page.title);
                assert_eq!(error.unwrap_err().to_string(), expected);
            }
        }
    }
    assert_eq!((names, ids), (36, 26));
}

/// Each page as a value, sent by the simulator.
#[test]
fn the_simulator_sends_any_provider() {
    let seen = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let writing = std::sync::Arc::clone(&seen);
    let handler = move |request: axum::extract::Request| {
        writing.lock().unwrap().push(request.uri().path().to_owned());
        async {}
    };
    let app = axum::Router::new().fallback(handler);
    let simulator = Simulator::new(InProcess::new(app, axum::body::Body::new));
    for page in PAGES {
        let request = Payload::example_of(page).signed_with(secret(page.name));
        assert!(wait_for(simulator.deliver(&request)).is_accepted());
    }
    let paths: Vec<_> = PAGES.iter().map(|page| format!("/webhooks/{}", page.name)).collect();
    assert_eq!(*seen.lock().unwrap(), paths);
}
