//! What every adapter traces of accepted and of refused deliveries.

use axum::{Router, routing::post};
use countersign::{
    DecodeError, Event, ProviderEvent,
    axum::VerifyWebhook,
    provider::{Message, Provider},
    providers,
    providers::{GeoScored, ScreenScore, ScreenshotCenter, ScreenshotRun, Zeodyn},
};
use tower::ServiceExt;
use tower_http::trace::TraceLayer;
use tracing::Level;

use crate::traces::{
    capture::Capture,
    convert::{documented, of, to_http},
    needles::{CANARY, Needle, WRONG_TOKEN, needles, none_is_in},
    support::{escape, http::Request, tag},
    surfaces::{LIMIT, SURFACES, Surface, secrets},
};

/// A genuine event whose every value is the canary.
fn event() -> Vec<u8> {
    format!(r#"{{"event":"{CANARY}.happened","data":{{"secret":"{CANARY}"}},"{CANARY}":"{CANARY}"}}"#).into_bytes()
}

fn documented_with_the_canary<P: Provider>() -> Vec<u8> {
    let mut body = of::<P>().fixture().body;
    let end = body.iter().rposition(|&byte| byte == b'}').unwrap();
    body.splice(end..end, format!(r#", "{CANARY}": "{CANARY}" "#).into_bytes());
    body
}

/// Bodies that the provider's events are not, with the canary wherever a message could take it from.
fn undecodable<P: Provider>() -> Vec<Vec<u8>> {
    let name = P::Event::NAMES.first().unwrap();
    [
        CANARY.to_owned(),
        format!(r#""{CANARY}""#),
        format!(r#"{{"{CANARY}":1}}"#),
        format!(r#"{{"event":"{CANARY}""#),
        format!(r#"{{"event":"{CANARY}"}}{CANARY}"#),
        format!(r#"{{"event":["{CANARY}"]}}"#),
        format!(r#"{{"event":{{"{CANARY}, expected {CANARY}":"{CANARY}"}}}}"#),
        format!(r#"{{"event":"{name}","event":"{CANARY}"}}"#),
        format!(r#"{{"event":"{CANARY}","event":"{CANARY}"}}"#),
    ]
    .map(String::into_bytes)
    .into_iter()
    .chain([[CANARY.as_bytes(), &[0xff]].concat()])
    .collect()
}

/// What is refused, and why.
fn refused<P: Provider>() -> Vec<(Request, &'static str, u16)> {
    let sender = of::<P>();
    let body = event();
    let genuine = sender.genuine(body.clone());
    let mut refused = vec![
        (genuine.clone().with_method("PUT"), "method_not_allowed", 405),
        (
            genuine.clone().with_header("content-encoding", format!("{CANARY}, gzip;{CANARY}")),
            "unsupported_encoding",
            415,
        ),
        (genuine.clone().with_header("content-length", (LIMIT + 1).to_string()), "body_too_large", 413),
        (sender.genuine(CANARY.repeat(LIMIT).into_bytes()), "body_too_large", 413),
    ];
    refused.extend(undecodable::<P>().into_iter().map(|body| (sender.genuine(body), "undecodable", 422)));
    if sender.is_signed() {
        let (header, prefix) = sender.header();
        let right = tag(sender.secret().as_bytes(), &body);
        refused.extend([
            (sender.proven_with(WRONG_TOKEN.as_bytes(), body.clone()), "signature_mismatch", 401),
            (sender.genuine(body.clone()).with_body(CANARY), "signature_mismatch", 401),
            (sender.with_tag(&right.to_uppercase(), CANARY), "signature_mismatch", 401),
            (sender.with_tag(&format!("{right}0"), body.clone()), "malformed_signature", 401),
            (sender.with_signature(format!("{prefix}{}", sender.secret()), body.clone()), "malformed_signature", 401),
            (genuine.with_header(header, WRONG_TOKEN), "malformed_signature", 401),
            (sender.unproven(body), "missing_signature", 401),
        ]);
    } else {
        let wrong = escape(WRONG_TOKEN.as_bytes());
        refused.extend([
            (sender.proven_with(WRONG_TOKEN.as_bytes(), body.clone()), "token_mismatch", 401),
            (sender.proven_with(format!("{} ", sender.secret()).as_bytes(), body.clone()), "token_mismatch", 401),
            (genuine.clone().with_target(format!("{}&token={wrong}", genuine.target)), "malformed_token", 401),
            (genuine.clone().with_target(genuine.target.replace("token=", "%74oken=")), "malformed_token", 401),
            (genuine.clone().with_target(genuine.target.replace("token=", "Token=")), "missing_token", 401),
            (sender.unproven(body), "missing_token", 401),
        ]);
    }
    refused
}

async fn sweep<P: Provider>(surface: Surface) {
    let capture = Capture::start();
    for (request, reason, status) in refused::<P>() {
        let needles = needles(&of::<P>(), &[&request.body, &event()]);
        let (answered, answer) = surface.answer::<P>(&request).await;
        let (events, everything) = capture.take();
        let body: String = String::from_utf8_lossy(&request.body).chars().take(200).collect();
        let context = format!("{surface:?} {reason}: {events:?} for {body}");
        assert_eq!(answered, status, "{context}");
        let [event] = &events[..] else { panic!("one event for a refusal: {context}") };
        assert_eq!(event.level, Level::WARN, "{context}");
        assert_eq!(event.field("provider"), Some(P::NAME), "{context}");
        assert_eq!(event.field("reason"), Some(reason), "{context}");
        assert_eq!(event.field("status"), Some(&*status.to_string()), "{context}");
        let message = match reason {
            "undecodable" => "verified webhook delivery could not be decoded",
            _ => "webhook delivery rejected",
        };
        assert_eq!(event.field("message"), Some(message), "{context}");
        let has_detail = matches!(reason, "undecodable" | "method_not_allowed" | "body_too_large");
        assert_eq!(event.field("detail").is_some(), has_detail, "{context}");
        assert!(event.fields.len() <= 5, "{context}");
        none_is_in(&needles, &everything);
        none_is_in(&needles, &answer);
    }
}

async fn accepted<P: Provider>(surface: Surface) {
    let capture = Capture::start();
    let sender = of::<P>();
    for body in [event(), documented_with_the_canary::<P>()] {
        for secret in [sender.secret(), sender.previous_secret()] {
            let mut request = sender.proven_with(secret.as_bytes(), body.clone());
            if sender.is_signed() {
                let (header, value) = &mut request.headers[0];
                assert_eq!(header, sender.header().0);
                value.make_ascii_lowercase();
            }
            let (status, answer) = surface.answer::<P>(&request).await;
            let (events, everything) = capture.take();
            assert_eq!(status, 200, "{surface:?}");
            assert!(events.is_empty(), "{surface:?}: {events:?}");
            assert!(everything.contains("handled"), "the handler's own is captured: {everything}");
            let needles = needles(&sender, &[&body]);
            none_is_in(&needles, &everything);
            none_is_in(&needles, &answer);
        }
    }
}

macro_rules! through_every_surface {
    ($($test:ident: $check:ident;)*) => {$(
        #[actix_web::test]
        async fn $test() {
            for surface in SURFACES {
                $check::<ScreenScore>(surface).await;
                $check::<ScreenshotCenter>(surface).await;
                $check::<ScreenshotRun>(surface).await;
                $check::<Zeodyn>(surface).await;
                $check::<GeoScored>(surface).await;
            }
        }
    )*};
}

through_every_surface! {
    t19_a_refusal_is_one_event_without_a_value_of_the_request: sweep;
    t19_an_accepted_delivery_is_no_event_and_shows_nothing: accepted;
}

#[tokio::test]
async fn t30_a_missing_layer_is_one_error_that_says_so() {
    let capture = Capture::start();
    let app =
        Router::new().route("/webhooks/screenshotrun", post(async |_: countersign::axum::Webhook<ScreenshotRun>| {}));
    let request = of::<ScreenshotRun>().genuine(event());
    assert_eq!(app.oneshot(to_http::<axum::body::Body>(&request)).await.unwrap().status(), 500);
    let (events, everything) = capture.take();
    let [event] = &events[..] else { panic!("{events:?}") };
    assert_eq!((event.level, event.field("provider")), (Level::ERROR, Some("screenshotrun")));
    let message = "no delivery of ScreenshotRun was verified before this handler: put `VerifyWebhook` for \
                   ScreenshotRun around its route. A `VerifyWebhook` for another provider, or around another route, \
                   does not count";
    assert_eq!((event.field("message"), event.fields.len()), (Some(message), 4));
    assert_eq!((event.field("reason"), event.field("status")), (Some("missing_verification"), Some("500")));
    none_is_in(&needles(&of::<ScreenshotRun>(), &[&request.body]), &everything);
}

/// However often the handler and what stands before it ask.
#[tokio::test]
async fn an_undecodable_delivery_is_one_event_however_often_it_is_asked_for() {
    type Asked = Result<countersign::axum::Webhook<Zeodyn>, countersign::axum::WebhookRejection>;
    let capture = Capture::start();
    let handler = async |first: Asked, second: Asked| assert!(first.is_err() && second.is_err());
    let app = Router::new().route("/webhooks/zeodyn", post(handler).layer(VerifyWebhook::zeodyn(secrets::<Zeodyn>())));
    let request = to_http::<axum::body::Body>(&of::<Zeodyn>().genuine("{}"));
    assert_eq!(app.oneshot(request).await.unwrap().status(), 200);
    let (events, _) = capture.take();
    assert_eq!(events.iter().map(|event| event.field("reason")).collect::<Vec<_>>(), [Some("undecodable")]);
}

/// Its text may quote the body: it is the source of the error, and nothing else shows it.
#[tokio::test]
async fn t19_the_error_of_a_users_own_event_is_not_logged() {
    use countersign::axum::{Webhook, WebhookRejection};

    struct Mine;

    impl Event for Mine {
        fn from_message(message: &Message<'_>) -> Result<Self, DecodeError> {
            Err(DecodeError::other(String::from_utf8_lossy(message.body())))
        }
    }

    async fn handler(hook: Result<Webhook<Zeodyn, Mine>, WebhookRejection>) -> WebhookRejection {
        let error = hook.expect_err("an error");
        let needles = needles(&of::<Zeodyn>(), &[&event()]);
        let [rejection, decoding, own] = [1, 2, 3].map(|depth| {
            let mut sources = std::iter::successors(Some(&error as &dyn std::error::Error), |&error| error.source());
            sources.nth(depth - 1).expect("a source")
        });
        for shown in [rejection, decoding] {
            none_is_in(&needles, &format!("{shown} {shown:?} {shown:#?}"));
        }
        assert_eq!(own.to_string().as_bytes(), event());
        error
    }

    let capture = Capture::start();
    let app = Router::new().route("/webhooks/zeodyn", post(handler).layer(VerifyWebhook::zeodyn(secrets::<Zeodyn>())));
    let request = of::<Zeodyn>().genuine(event());
    let answer = app.oneshot(to_http::<axum::body::Body>(&request)).await.unwrap();
    assert_eq!(answer.status(), 422);
    let (events, everything) = capture.take();
    let [warning] = &events[..] else { panic!("{events:?}") };
    let fields =
        ["provider", "reason", "status", "message", "detail"].map(|name| warning.field(name).unwrap_or("none"));
    let expected = [
        "zeodyn",
        "undecodable",
        "422",
        "verified webhook delivery could not be decoded",
        "the delivery could not be read by your own `Event`: the source of this error says why",
    ];
    assert_eq!((warning.level, fields), (Level::WARN, expected));
    none_is_in(&needles(&of::<Zeodyn>(), &[&request.body]), &everything);
}

/// K1: it names the fields and the shapes found, and nothing of the body.
#[tokio::test]
async fn t19_a_delivery_that_is_not_as_documented_is_one_warning() {
    let capture = Capture::start();
    let lost = format!("{CANARY}\\ud83d");
    let body = format!(
        r#"{{"event":"analysis.completed","{CANARY}":1,"created_at":1776334000,"data":{{"{CANARY}":{{}},"id":7,"score":"78",
            "label":"{lost}","project_id":5,"status":true,"breakdown":{{"visual_clarity":"{CANARY}","{CANARY}":{{"{CANARY}":1}}}},
            "feedback":{{"2":"{CANARY}","1":null,"3":["{CANARY}"]}},"image_url":{{"{CANARY}":1}},"image_url":2}}}}"#
    );
    let request = of::<ScreenScore>().genuine(body.clone());
    for surface in SURFACES {
        let (status, answer) = surface.answer::<ScreenScore>(&request).await;
        let (events, everything) = capture.take();
        let [event] = &events[..] else { panic!("one event: {events:?}") };
        assert_eq!((status, event.level), (200, Level::WARN));
        assert_eq!(event.field("provider"), Some("screenscore"));
        assert_eq!(event.field("event"), Some("analysis.completed"));
        let message = "an event has fields that are not as documented: what cannot be read is missing from it";
        assert_eq!(event.field("message"), Some(message));
        let fields = "created_at: number, data.score: string read as number, data.label: string read as string with U+FFFD, \
                      data.project_id: number read as string, data.status: boolean, \
                      data.breakdown.visual_clarity: string, data.feedback[0]: null, data.feedback[2]: list, \
                      data.feedback: object read as list, data.image_url: repeated";
        assert_eq!((event.field("fields"), event.fields.len()), (Some(fields), 4));
        none_is_in(&needles(&of::<ScreenScore>(), &[&request.body]), &everything);
        none_is_in(&needles(&of::<ScreenScore>(), &[&request.body]), &answer);
    }
}

/// Each counts once, and the rest is not named.
#[tokio::test]
async fn t14_a_warning_is_short_however_many_fields_are_not_as_documented() {
    let capture = Capture::start();
    let items = vec!["7"; 10_000].join(",");
    let body = format!(r#"{{"event":"analysis.completed","data":{{"feedback":[{{}},{items}]}}}}"#);
    <ScreenScore as Provider>::Event::decode(body.as_bytes()).unwrap();
    let (events, _) = capture.take();
    let fields = events.iter().filter_map(|event| event.field("fields")).collect::<Vec<_>>();
    let [fields] = &fields[..] else { panic!("{fields:?}") };
    assert!(fields.starts_with("data.feedback[0]: object, data.feedback[1]: number read as string, "), "{fields}");
    assert!(fields.ends_with("data.feedback[15]: number read as string, and more"), "{fields}");
}

/// That the sweep can find something: the documentation warns of this.
#[tokio::test]
async fn t19_a_trace_layer_outside_shows_the_token() {
    let capture = Capture::start();
    let verify = VerifyWebhook::screenshotrun(secrets::<ScreenshotRun>());
    let app = Router::new()
        .route("/webhooks/screenshotrun", post(async |_: countersign::axum::Webhook<ScreenshotRun>| {}).layer(verify))
        .layer(TraceLayer::new_for_http());
    let request = to_http::<axum::body::Body>(&documented::<ScreenshotRun>());
    assert_eq!(app.oneshot(request).await.unwrap().status(), 200);
    let (_, everything) = capture.take();
    let secret = of::<ScreenshotRun>().secret();
    assert!(Needle::new("the token", secret.as_bytes()).is_in(&everything), "{everything}");
}

/// Every provider is swept.
#[test]
fn no_provider_is_forgotten() {
    macro_rules! names {
        ($($name:ident => $Provider:ident,)*) => { [$(providers::$Provider::NAME),*] };
    }
    let swept = [ScreenScore::NAME, ScreenshotCenter::NAME, ScreenshotRun::NAME, Zeodyn::NAME, GeoScored::NAME];
    assert_eq!(countersign::__for_each_typed_provider!(names), swept);
}
