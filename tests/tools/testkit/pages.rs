//! Every provider's page: what the kit makes up is accepted, and what it tampers with is answered as it says.

use std::time::{Duration, SystemTime};

use countersign::{
    PublicUrl, RejectionKind, Verifier, actix, axum as for_axum,
    dedupe::{Dedupe, MemoryStore},
    provider::{Key, Page},
    providers,
};
use countersign_testkit::{Documented, Expected, InProcess, Payload, SignedRequest, Simulator, Tampering, payloads};

use crate::testkit::{
    apps::{to_actix_with, to_axum_with},
    sent::Sent,
    support::root,
    wait_for,
};

/// What the providers' documentation says, written down apart from the pages: each name with words, or none if the proof
/// is the signature of the body and the event has a name.
///
/// * `time`: a time of sending is signed; `any-time`: it is not compared with the clock
/// * `id`: the proof covers an ID, of the delivery or of the event in the body
/// * `url`: it covers the URL
/// * `several`: there may be several signatures, of which any may match
/// * `token`: nothing is signed; `unbound`: not the body
/// * `nameless`: the page does not say where the event's name is
/// * `form`: the body is a form
/// * `aged`: the time of the event is in the signed body
/// * `ping`: a delivery has no identity
const FACTS: &str = "
    screenscore aged
    screenshotcenter aged
    screenshotrun token
    zeodyn aged
    cloudevents token
    standard-webhooks time id several
    standard-webhooks-v1a time id several
    svix time id several
    websub nameless
    adyen unbound
    braintree unbound nameless several form
    chargebee token
    checkout id
    coinbase-commerce id
    gocardless nameless
    increase time id several
    lithic time id several
    mercado-pago time any-time id several unbound
    mollie id several
    paddle time id several
    polar time id several
    recurly time several
    square id url
    stripe time id several
    buildkite time several
    circleci id several
    figma token
    gitlab time id several
    gitlab-token token
    linear time
    notion id aged
    pagerduty id several
    vercel id
    discord time id
    intercom id
    line nameless
    mailgun time any-time id unbound
    meta nameless
    postmark token
    resend time id several
    sendgrid time any-time nameless
    slack time id
    telegram token nameless
    telnyx time id
    twilio url nameless form
    zoom time
    asana nameless
    bigcommerce time id several
    box time id
    docusign several
    dropbox nameless ping
    dropbox-sign time any-time unbound form
    easypost id
    sanity time any-time several
    webflow time
    hubspot time url nameless
    hubspot-v1 nameless
    hubspot-v2 url nameless
    zendesk time
    anthropic time id several
    assemblyai token
    elevenlabs time several
    openai time id several
    replicate time id several
    retell-ai time several
    clerk time id several
    okta token nameless
    supabase-auth time id several nameless
    workos time id several
    mux time id several
    twitch time id
    x nameless
    azure-event-grid token nameless
";

fn facts() -> impl Iterator<Item = (&'static str, Vec<&'static str>)> {
    let rows = FACTS.lines().map(str::split_whitespace);
    rows.filter_map(|mut words| Some((words.next()?, words.collect())))
}

fn has(name: &str, fact: &str) -> bool {
    facts().any(|(known, facts)| known == name && facts.contains(&fact))
}

/// Why a delivery that was tampered with is rejected, written down apart from the kit: `None` if the tampering is not
/// possible, and `Some(None)` if the delivery is accepted.
fn reason(name: &str, tampering: Tampering) -> Option<Option<RejectionKind>> {
    use RejectionKind::*;
    let has = |fact| has(name, fact);
    let is_token = has("token");
    let of_proof = |signature, token| Some(if is_token { token } else { signature });
    Some(match tampering {
        Tampering::Reserialised if has("form") => return None,
        Tampering::FlippedBody | Tampering::Reserialised => (!is_token && !has("unbound")).then_some(SignatureMismatch),
        // To make another key of a private one takes more than other bytes.
        Tampering::RetiredSecret if ["sendgrid", "wise"].contains(&name) => return None,
        Tampering::FlippedTag | Tampering::RetiredSecret => of_proof(SignatureMismatch, TokenMismatch),
        // Its signatures differ in length.
        Tampering::TruncatedTag if name == "sendgrid" => Some(SignatureMismatch),
        Tampering::TruncatedTag => of_proof(MalformedSignature, TokenMismatch),
        Tampering::MissingProof | Tampering::OtherProvider => of_proof(MissingSignature, MissingToken),
        Tampering::DoubledProof if has("several") => None,
        Tampering::DoubledProof => of_proof(MalformedSignature, MalformedToken),
        Tampering::WrongPrefix if is_token => return None,
        Tampering::WrongPrefix => Some(MalformedSignature),
        Tampering::Oversized => Some(BodyTooLarge),
        Tampering::UnknownEvent if has("nameless") => return None,
        Tampering::UnknownEvent | Tampering::Duplicate => None,
        Tampering::Stale if !has("aged") => return None,
        Tampering::Stale => None,
        Tampering::StaleTime | Tampering::WrongTime if !has("time") => return None,
        Tampering::StaleTime if has("any-time") => None,
        Tampering::StaleTime => Some(StaleTimestamp),
        Tampering::SwappedId if !has("id") => return None,
        Tampering::OtherUrl if !has("url") => return None,
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
fn secret(page: &Page) -> String {
    let private = |name: &str| {
        let key = std::fs::read_to_string(root().join(format!("tests/fixtures/keys/{name}.pk8.b64"))).unwrap();
        format!("-----BEGIN PRIVATE KEY-----\n{key}\n-----END PRIVATE KEY-----\n")
    };
    match page.scheme.key() {
        // 32 bytes.
        Some(Key::Base64(_) | Key::PublicBase64(_)) => "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVowMTIzNDU=".to_owned(),
        Some(Key::Hex | Key::PublicHex) => "01".repeat(32),
        Some(Key::PublicDer) => private("p256"),
        Some(Key::PublicPem) => private("rsa"),
        // Also for basic authentication.
        _ => "name:passw0rd".to_owned(),
    }
}

fn secret_of<P: Documented>() -> String {
    secret(const { &Page::of::<P>() })
}

fn verifier<P: Documented>(request: &SignedRequest<P>) -> Verifier<P> {
    let url = P::SCHEME.signs_url().then(|| PublicUrl::new(request.url()).unwrap());
    Verifier::try_new_with(request.public_key().unwrap_or_else(secret_of::<P>), url).unwrap()
}

fn kind<P: Documented>(request: &SignedRequest<P>) -> Option<RejectionKind> {
    let (head, body) = (request.to_http::<bytes::Bytes>(), request.body().clone());
    verifier(request).verify(&head, body).err().map(|rejection| rejection.kind())
}

fn example<P: Documented>() -> SignedRequest<P> {
    Payload::example().signed_with(secret_of::<P>())
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
    assert_eq!(answers.iter().map(|answer| answer.is_duplicate).collect::<Vec<_>>(), [false, !has(P::NAME, "ping")]);
}

/// A request of the page as a value is the same as one of the type.
fn a_page_as_a_value_is_signed_alike<P: Documented>() {
    let page: &'static Page = const { &Page::of::<P>() };
    assert_eq!(payloads(page), P::PAYLOADS);
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_614_265_330);
    let (body, secret) = (Payload::<P>::example().bytes().clone(), secret_of::<P>());
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
fn the_table_names_providers() {
    const WORDS: &str = "time any-time id url several token unbound nameless form aged ping";
    for (name, facts) in facts() {
        assert!(PAGES.iter().any(|page| page.name == name), "{name}");
        assert!(facts.iter().all(|fact| WORDS.split(' ').any(|word| word == *fact)), "{name}: {facts:?}");
    }
    assert_eq!(PAGES.len(), 89);
}

/// Event names and IDs are set where the page has them.
#[test]
fn names_and_ids_are_set_at_their_places() {
    let at = |json: &[u8], path: &str| {
        let json: serde_json::Value = serde_json::from_slice(json).unwrap();
        json.pointer(&format!("/{}", path.replace('.', "/"))).unwrap().as_str().unwrap().to_owned()
    };
    let text = |request: &SignedRequest, place: countersign::provider::Place| {
        let body = request.body();
        match (place.as_header(), place.as_json(), place.as_json_in_form()) {
            (Some(name), ..) => request.headers()[name].to_str().unwrap().to_owned(),
            (None, Some(path), _) => at(body, path),
            // The only field of the form.
            (.., Some((_, path))) => {
                let [start, end] = [b"\r\n\r\n", b"\r\n--"].map(|mark| body.windows(4).position(|text| text == mark));
                at(&body[start.unwrap()..end.unwrap()], path)
            }
            _ => panic!("{place}"),
        }
    };
    let (mut names, mut ids) = (0, 0);
    for page in PAGES {
        let request = Payload::example_of(page).signed_with(secret(page));
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
    assert_eq!((names, ids), (72, 46));
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
        let request = Payload::example_of(page).signed_with(secret(page));
        assert!(wait_for(simulator.deliver(&request)).is_accepted());
    }
    let paths: Vec<_> = PAGES.iter().map(|page| format!("/webhooks/{}", page.name)).collect();
    assert_eq!(*seen.lock().unwrap(), paths);
}
