//! Handshakes under the settings of a receiver, where they are mounted, and what is logged of them.

use std::error::Error;

use actix_web::{test as in_actix, web};
use bytes::Bytes;
use countersign::{
    AllowedSources, AnyEvent, Confirmation, RejectionKind, Secret, SecretErrorKind, SecretLookup, Secrets,
    UnconfirmedDelivery, Verdict, Verifier, actix,
    adapter::{Answer, Finish, Next, Receiver, Why},
    axum,
    provider::{Draft, Provider},
    providers::{Meta, Slack, X, Zoom},
};
use countersign_test_support::capture::Capture;
use http::Request;
use tower::ServiceExt;

use super::openssl::made;

const TOKEN: &str = "made-up-by-the-user";
const GET: &str = "/meta?hub.mode=subscribe&hub.verify_token=made-up-by-the-user&hub.challenge=1158201444";
const CHALLENGE: &str = r#"{"type":"url_verification","challenge":"3eZbrw1aBm2"}"#;
const VALIDATION: &str = r#"{"event":"endpoint.url_validation","payload":{"plainToken":"qgg8vlvZRS6UYooatFL8Aw"}}"#;

pub(super) fn get(target: &str) -> Request<()> {
    Request::get(target).body(()).unwrap()
}

pub(super) fn signed<P: Provider>(secret: &str, body: &str) -> Request<()> {
    let proof = P::SCHEME.sign(secret.as_bytes(), Draft::new(body)).unwrap();
    let request = Request::post("/hook");
    proof.headers().fold(request, |request, (name, value)| request.header(name, value)).body(()).unwrap()
}

/// `None` if the handler would run.
pub(super) async fn answer<P: Provider>(
    receiver: impl Into<Receiver<P>>,
    head: &Request<()>,
    body: &'static str,
) -> Option<Answer> {
    let mut receiving = match receiver.into().begin(head) {
        Ok(receiving) => receiving,
        Err(answer) => return Some(answer),
    };
    if let Err(answer) = receiving.push(Bytes::from_static(body.as_bytes())) {
        return Some(answer);
    }
    let next = match receiving.finish(tokio::time::sleep) {
        Finish::Ready(next) => next,
        Finish::Wait(next) => next.await,
    };
    match next {
        Next::Handle(..) => None,
        Next::Answer(answer) => Some(answer),
    }
}

/// The body of a handshake's answer, or the kind and detail of the rejection.
pub(super) fn outcome(answer: Option<Answer>) -> Result<String, (RejectionKind, String)> {
    let answer = answer.expect("the handler does not see it");
    match answer.why() {
        Why::Handshake => Ok(String::from_utf8(answer.body().to_vec()).unwrap()),
        Why::Rejected(rejection) => {
            Err((rejection.kind(), rejection.detail().map(ToString::to_string).unwrap_or_default()))
        }
        _ => panic!("{answer}"),
    }
}

fn meta() -> Verifier<Meta> {
    Verifier::new("an app secret")
}

#[tokio::test]
async fn a_verify_token_is_a_second_secret() {
    let unset = outcome(answer(meta(), &get(GET), "").await);
    let why = "there is no verify token to compare: set it with `with_verify_token`";
    assert_eq!(unset, Err((RejectionKind::HandshakeRejected, why.to_owned())));
    // The secret of the deliveries is not one.
    let as_token = GET.replace(TOKEN, "an%20app%20secret");
    let mismatch = Err((RejectionKind::TokenMismatch, String::new()));
    assert_eq!(outcome(answer(meta().with_verify_token(TOKEN), &get(&as_token), "").await), mismatch);
    assert_eq!(outcome(answer(meta().with_verify_token(TOKEN), &get(GET), "").await), Ok("1158201444".to_owned()));
    // Two, while the provider still has the previous one.
    let both = Secrets::new(Secret::new("new-token").unwrap()).add_previous(Secret::new(TOKEN).unwrap());
    assert_eq!(outcome(answer(meta().with_verify_token(both), &get(GET), "").await), Ok("1158201444".to_owned()));
    // It is in logs: that it is a secret of deliveries, too, is warned of.
    let capture = Capture::start();
    let _ = Verifier::<Meta>::new("used twice by mistake").with_verify_token("used twice by mistake");
    let (events, text) = capture.take();
    let [event] = &events[..] else { panic!("one event: {text}") };
    assert_eq!(["provider", "other"].map(|field| event.field(field)), [Some("a verify token"), Some("meta")]);
    // The last one set counts.
    let replaced = meta().with_verify_token(TOKEN).with_verify_token("another-token");
    assert_eq!(outcome(answer(replaced, &get(GET), "").await), mismatch);
    assert_eq!(meta().try_with_verify_token("").unwrap_err().kind(), SecretErrorKind::Empty);
    // A name that is spelled in another way may be the same to a proxy.
    let malformed = Err((RejectionKind::MalformedToken, String::new()));
    let twice = format!("{GET}&hub.verify%5Ftoken=x");
    assert_eq!(outcome(answer(meta().with_verify_token(TOKEN), &get(&twice), "").await), malformed);
}

#[tokio::test]
async fn an_echo_has_at_most_1_kib() {
    for (length, is_answered) in [(1, true), (1024, true), (1025, false)] {
        let challenge = "x".repeat(length);
        let head = get(&GET.replace("1158201444", &challenge));
        let answered = outcome(answer(meta().with_verify_token(TOKEN), &head, "").await);
        let why = "the value to answer with is too short or too long, or has other characters than are answered";
        let expected =
            if is_answered { Ok(challenge) } else { Err((RejectionKind::HandshakeRejected, why.to_owned())) };
        assert_eq!(answered, expected, "{length}");
    }
}

/// A source that is not allowed learns nothing of handshakes either.
#[tokio::test]
async fn handshakes_come_from_allowed_sources() {
    let sources = AllowedSources::new(["203.0.113.0/24"]).unwrap();
    let answered = answer(meta().with_verify_token(TOKEN).with_allowed_sources(sources), &get(GET), "").await;
    assert_eq!(outcome(answered), Err((RejectionKind::SourceUnknown, String::new())));
}

/// A verifier alone has no answers: a signed handshake is a delivery, and a GET is not one.
#[tokio::test]
async fn a_verifier_without_a_receiver_answers_nothing() {
    let slack = Verifier::<Slack>::new("s3cr3t");
    let delivery = slack.verify(&signed::<Slack>("s3cr3t", CHALLENGE), CHALLENGE).unwrap();
    assert_eq!(delivery.body(), CHALLENGE);
    let deferred = Verifier::<Slack>::from_lookup(secret("s3cr3t"));
    let delivery = deferred.verify_async(&signed::<Slack>("s3cr3t", CHALLENGE), CHALLENGE, tokio::time::sleep).await;
    assert_eq!(delivery.unwrap().body(), CHALLENGE);
    let rejection = meta().with_verify_token(TOKEN).verify(&get(GET), "").unwrap_err();
    assert_eq!(rejection.kind(), RejectionKind::MethodNotAllowed);
}

fn secret(secret: &'static str) -> impl SecretLookup {
    move |_: countersign::UnverifiedDelivery<'_>| {
        let secrets = Secrets::new(Secret::from_static(secret));
        async move { Ok::<_, std::convert::Infallible>(Some(secrets)) }
    }
}

/// The MAC is made under the secret that the proof has: a provider knows no other yet, or any more.
#[tokio::test]
async fn a_mac_is_made_under_the_secret_that_matched() {
    let expected = format!(r#"{{"plainToken":"qgg8vlvZRS6UYooatFL8Aw","encryptedToken":"{}"}}"#, made("ZOOM_TOKEN").1);
    let head = signed::<Zoom>("key", VALIDATION);
    let key = || Secret::new("key").unwrap();
    let other = || Secret::new("another secret").unwrap();
    for secrets in [Secrets::new(key()), Secrets::new(other()).add_previous(key()), Secrets::new(other()).add(key())] {
        let verifier = Verifier::<Zoom>::new(secrets);
        assert_eq!(outcome(answer(verifier, &head, VALIDATION).await).as_deref(), Ok(expected.as_str()));
    }
    let looked_up = Verifier::<Zoom>::from_lookup(secret("key"));
    assert_eq!(outcome(answer(looked_up, &head, VALIDATION).await), Ok(expected));
    let forged = answer(Verifier::<Zoom>::from_lookup(secret("another")), &head, VALIDATION).await;
    assert_eq!(outcome(forged), Err((RejectionKind::SignatureMismatch, String::new())));
}

/// Without a proof there is none that matched: the current one of the first account. A look-up has none.
#[tokio::test]
async fn a_mac_without_a_proof_is_made_under_the_current_secret() {
    let head = get("/x?crc_token=9b4507b3-9040-4669-9ca3-6b94edb50553");
    let key = || Secret::new("key").unwrap();
    let previous = Secret::new("previous secret").unwrap();
    let answered = answer(Verifier::<X>::new(Secrets::new(key()).add_previous(previous)), &head, "").await;
    let expected = format!(r#"{{"response_token":"sha256={}"}}"#, made("X_CRC").1);
    assert_eq!(outcome(answered), Ok(expected));
    let why = "there is no secret to answer with, because the secrets are looked up for each delivery";
    let answered = answer(Verifier::<X>::from_lookup(secret("key")), &head, "").await;
    assert_eq!(outcome(answered), Err((RejectionKind::HandshakeRejected, why.to_owned())));
}

/// The oracle: every answer that anybody can get is tried as the signature of a delivery.
#[tokio::test]
async fn what_anybody_can_have_signed_is_no_delivery() {
    let receiver = Receiver::from(Verifier::<X>::new("key"));
    for body in ["1", "true", "null", "e30=", "----", "sha256=aGk="] {
        let oracle = outcome(answer(receiver.clone(), &get(&format!("/x?crc_token={body}")), "").await).unwrap();
        let mac: serde_json::Value = serde_json::from_str(&oracle).unwrap();
        let forged =
            Request::post("/x").header("x-twitter-webhooks-signature", mac["response_token"].as_str().unwrap());
        let forged = forged.body(()).unwrap();
        let why = "a handshake is answered with the MAC of such a body, so that its signature proves nothing";
        let expected = Err((RejectionKind::SignatureMismatch, why.to_owned()));
        assert_eq!(outcome(answer(receiver.clone(), &forged, body).await), expected);
        // Nor without a receiver.
        let rejection = Verifier::<X>::new("key").verify(&forged, body).unwrap_err();
        assert_eq!(rejection.kind(), RejectionKind::SignatureMismatch);
    }
    for body in ["{}", "[1]", "\"a\"", " 1"] {
        let escaped: String = body.bytes().map(|byte| format!("%{byte:02x}")).collect();
        let refused = outcome(answer(receiver.clone(), &get(&format!("/x?crc_token={escaped}")), "").await);
        assert!(matches!(refused, Err((RejectionKind::HandshakeRejected, _))), "{body}");
        assert!(answer(receiver.clone(), &signed::<X>("key", body), body).await.is_none(), "{body}: a delivery");
    }
}

struct Denies;

impl Confirmation<Slack> for Denies {
    async fn confirm(&self, _: UnconfirmedDelivery<Slack>) -> Result<Verdict<AnyEvent>, Box<dyn Error + Send + Sync>> {
        Ok(Verdict::Denied)
    }
}

/// There is no event to confirm.
#[tokio::test]
async fn a_handshake_is_not_confirmed() {
    let verifier = || Verifier::<Slack>::new("s3cr3t").with_confirmation(Denies);
    let answered = answer(verifier(), &signed::<Slack>("s3cr3t", CHALLENGE), CHALLENGE).await;
    assert_eq!(outcome(answered), Ok("3eZbrw1aBm2".to_owned()));
    let denied = answer(verifier(), &signed::<Slack>("s3cr3t", "{}"), "{}").await;
    assert_eq!(outcome(denied), Err((RejectionKind::NotConfirmed, String::new())));
}

/// T28: that a handshake was answered is one event, with a code and nothing of the request.
#[test]
fn what_is_logged_of_a_handshake_is_that_it_was_answered() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    // Before it is captured that the secret is short, and other pages have it.
    let zoom = Verifier::<Zoom>::new("key");
    let capture = Capture::start();
    let zoom = runtime.block_on(answer(zoom, &signed::<Zoom>("key", VALIDATION), VALIDATION));
    let mac = made("ZOOM_TOKEN").1;
    assert!(outcome(zoom).unwrap().contains(&mac));
    let (events, text) = capture.take();
    let [event] = &events[..] else { panic!("one event: {text}") };
    assert_eq!(
        ["provider", "reason", "status"].map(|field| event.field(field)),
        [Some("zoom"), Some("handshake"), Some("200")]
    );
    assert_eq!(event.level, tracing::Level::INFO);
    assert!(!text.contains("qgg8vlvZRS6UYooatFL8Aw") && !text.contains(&mac), "{text}");

    for (verifier, reason) in [
        (meta(), "handshake_rejected"),
        (meta().with_verify_token("the-right-token"), "token_mismatch"),
        (meta().with_verify_token(TOKEN), "handshake"),
    ] {
        drop(capture.take());
        let answered = runtime.block_on(answer(verifier.clone(), &get(GET), ""));
        let (events, text) = capture.take();
        let [event] = &events[..] else { panic!("one event: {text}") };
        assert_eq!(event.field("reason"), Some(reason));
        let shown = format!("{text}{answered:?}{verifier:?}");
        for hidden in [TOKEN, "the-right-token", "1158201444"] {
            assert!(!shown.contains(hidden), "{shown}");
        }
    }
}

async fn axum_handler(_: axum::Webhook<Meta>) -> &'static str {
    "handled"
}

async fn actix_handler(_: actix::Webhook<Meta>) -> &'static str {
    "handled"
}

/// A GET reaches the layer only if it is around the whole route. Where it is not, the framework answers 405, and nothing
/// of countersign runs.
#[tokio::test]
async fn where_a_layer_sees_a_get_in_axum() {
    use ::axum::{
        Router,
        body::Body,
        handler::Handler,
        routing::{any, get, post},
    };

    let layer = || axum::VerifyWebhook::meta("an app secret").with_verify_token(TOKEN);
    let probe = || async { "probed" };
    for (name, app, status, body) in [
        ("any", Router::new().route("/meta", any(axum_handler).layer(layer())), 200, "1158201444"),
        (
            "post, with axum's fallback inside",
            Router::new().route("/meta", post(axum_handler).layer(layer())),
            200,
            "1158201444",
        ),
        ("the router", Router::new().route("/meta", post(axum_handler)).layer(layer()), 200, "1158201444"),
        ("route_layer", Router::new().route("/meta", post(axum_handler).route_layer(layer())), 405, ""),
        ("the handler", Router::new().route("/meta", post(axum_handler.layer(layer()))), 405, ""),
        ("a GET beside it", Router::new().route("/meta", post(axum_handler).layer(layer()).get(probe)), 200, "probed"),
        ("a GET inside", Router::new().route("/meta", get(probe).post(axum_handler).layer(layer())), 200, "1158201444"),
    ] {
        let app: Router = app;
        let put = Request::put("/meta").body(Body::empty()).unwrap();
        let allow = app.clone().oneshot(put).await.unwrap().headers().get_all("allow").iter().count();
        assert_eq!(allow, 1, "{name}");
        let response = app.clone().oneshot(self::get(GET).map(|()| Body::empty())).await.unwrap();
        assert_eq!(response.status(), status, "{name}");
        let found = ::axum::body::to_bytes(response.into_body(), 1024).await.unwrap();
        assert_eq!(found, body, "{name}");
        let (parts, ()) = signed::<Meta>("an app secret", "{}").into_parts();
        let mut delivery = Request::from_parts(parts, Body::from("{}"));
        *delivery.uri_mut() = "/meta".parse().unwrap();
        assert_eq!(app.oneshot(delivery).await.unwrap().status(), 200, "{name}");
    }
}

#[actix_web::test]
async fn where_a_middleware_sees_a_get_in_actix() {
    let verify = || actix::VerifyWebhook::meta("an app secret").with_verify_token(TOKEN);
    macro_rules! check {
        ($($name:literal: $resource:expr => $status:literal $body:literal,)*) => {$(
            let app = in_actix::init_service(actix_web::App::new().service($resource)).await;
            let response = in_actix::call_service(&app, in_actix::TestRequest::get().uri(GET).to_request()).await;
            assert_eq!(response.status(), $status, $name);
            assert_eq!(in_actix::read_body(response).await, $body.as_bytes(), $name);
            let (parts, ()) = signed::<Meta>("an app secret", "{}").into_parts();
            let delivery = parts.headers.iter().fold(in_actix::TestRequest::post().uri("/meta"), |request, (name, value)| {
                request.insert_header((name.as_str(), value.as_bytes()))
            });
            let response = in_actix::call_service(&app, delivery.set_payload("{}").to_request()).await;
            assert_eq!(response.status(), 200, $name);
        )*};
    }
    let resource = || web::resource("/meta");
    check! {
        "the resource": resource().wrap(verify()).route(web::post().to(actix_handler)) => 200 "1158201444",
        "any method": resource().wrap(verify()).to(actix_handler) => 200 "1158201444",
        "the route": resource().route(web::post().to(actix_handler).wrap(verify())) => 405 "",
        "a GET beside it": resource().route(web::post().to(actix_handler).wrap(verify()))
            .route(web::get().to(async || "probed")) => 200 "probed",
        "a GET inside": resource().wrap(verify()).route(web::post().to(actix_handler))
            .route(web::get().to(async || "probed")) => 200 "1158201444",
    }
}
