//! Every handshake of countersign's pages, and those that other providers' pages would have: through core, axum and
//! actix-web, byte for byte.

use std::{
    net::TcpListener,
    time::{Duration, UNIX_EPOCH},
};

use bytes::Bytes;
use countersign::{
    AnyEvent, Clock, Verifier,
    adapter::{Finish, Next, Receiver},
    dedupe::{Dedupe, MemoryStore, Outcome},
    provider::{Draft, Handshake, Input, Mac, Provider, Reply, ReplyValue, Scheme, grammar::*},
    providers::{AzureEventGrid, CloudEvents, Discord, Dropbox, Meta, Okta, Slack, Twitch, WooCommerce, X, Zoom},
};
use countersign_test_support::http::{Answer, Request};

use super::{openssl::made, sockets::start};

const NOW: u64 = 1_614_265_330;
const VERIFY_TOKEN: &str = "made-up-by-the-user";

/// Pages that countersign does not have, as their authors would write them.
macro_rules! pages {
    ($($Name:ident: $scheme:expr, $handshakes:expr;)*) => {$(
        enum $Name {}

        impl Provider for $Name {
            type Event = AnyEvent;
            const NAME: &'static str = stringify!($Name);
            const TITLE: &'static str = stringify!($Name);
            const DOCS: &'static str = "https://example.com/docs";
            const SCHEME: Scheme = $scheme;
            const EVENT: Option<Place> = None;
            const HANDSHAKES: &'static [Handshake] = $handshakes;
        }
    )*};
}

const CODE: Place = query("challengeCode");
const CODE_MAC: ReplyValue = ReplyValue::Mac(Mac::new(HmacSha256, CODE, Input::HEX_AND_DASHES.length(36, 36), Hex));
const TOPIC: &str = "https://example.com/feed";

pages! {
    LinkedIn: Scheme::signed(HmacSha256, header("x-li-signature"), Hex).over(&[Text("hmacsha256="), Body]), &[
        Handshake::get().answer(Reply::object(&[("challengeCode", ReplyValue::Echo(CODE)), ("challengeResponse", CODE_MAC)])),
    ];
    WebSub: Scheme::hmac_sha256("x-hub-signature", "sha256="), &[
        Handshake::get().when(query("hub.mode"), "subscribe").when(query("hub.topic"), TOPIC).answer(Reply::echo(query("hub.challenge"))),
        Handshake::get().when(query("hub.mode"), "unsubscribe").when(query("hub.topic"), TOPIC).answer(Reply::echo(query("hub.challenge"))),
    ];
    MsGraph: Scheme::token(json("value.0.clientState")), &[Handshake::post()
        .has(query("validationToken"))
        .answer(Reply::echo(query("validationToken")))];
    Strava: Scheme::url_token("token"), &[Handshake::get()
        .when(query("hub.mode"), "subscribe")
        .verify_token(query("hub.verify_token"))
        .answer(Reply::object(&[("hub.challenge", ReplyValue::Echo(query("hub.challenge")))]))];
    Php: Scheme::hmac_sha256("x-signature", ""), &[Handshake::signed()
        .when(json("type"), "https://example.com/verify")
        .answer(Reply::echo(json("challenge")))];
    Trello: Scheme::signed(HmacSha1, header("x-trello-webhook"), Base64).over(&[Body, Url]),
        &[Handshake::head().answer(Reply::empty(200))];
    Mailchimp: Scheme::url_token("token"), &[Handshake::get().answer(Reply::empty(200))];
}

type Mount = Box<dyn Fn(&mut actix_web::web::ServiceConfig, &str)>;

/// A page, and how it is mounted.
struct Site {
    name: &'static str,
    /// Answers without a framework.
    core: Box<dyn Fn(&Request) -> Answer>,
    /// With deduplication: the same answers.
    axum: axum::routing::MethodRouter,
    actix: Mount,
    /// Signs a delivery.
    sign: fn(&[u8]) -> Vec<(String, String)>,
}

fn site<P: Provider>(verifier: Verifier<P>) -> Site {
    let clock = Clock::manual(UNIX_EPOCH + Duration::from_secs(NOW));
    let verifier = verifier.with_clock(clock);
    let dedupe = || Dedupe::new(MemoryStore::new());
    let receiver = Receiver::from(verifier.clone()).with_dedupe(dedupe());
    let on_axum = countersign::axum::VerifyWebhook::<P>::from(verifier.clone()).with_dedupe(dedupe());
    let on_actix = countersign::actix::VerifyWebhook::<P>::from(verifier).with_dedupe(dedupe());
    async fn axum_handler<P: Provider>(_: countersign::axum::Webhook<P>) -> &'static str {
        "handled"
    }
    async fn actix_handler<P: Provider>(_: countersign::actix::Webhook<P>) -> &'static str {
        "handled"
    }
    Site {
        name: P::NAME,
        core: Box::new(move |request| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
            runtime.block_on(through_core(receiver.clone(), request.clone()))
        }),
        axum: axum::routing::any(axum_handler::<P>).layer(on_axum),
        actix: Box::new(move |config, path| {
            let resource = actix_web::web::resource(path).wrap(on_actix.clone());
            config.service(resource.route(actix_web::web::to(actix_handler::<P>)));
        }),
        sign: |body| {
            let key = secret_key::<P>();
            let at = UNIX_EPOCH + Duration::from_secs(NOW);
            let draft = Draft::new(body).at(at).with_id("id-1");
            let proof = P::SCHEME.sign(key.as_bytes(), draft).unwrap();
            proof.headers().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
        },
    }
}

/// Discord's is the private key of its public one.
fn secret_key<P: Provider>() -> String {
    if P::NAME != Discord::NAME {
        return "key".to_owned();
    }
    let file = countersign_test_support::root().join("tests/fixtures/keys/ed25519.pk8.b64");
    let key = std::fs::read_to_string(file).unwrap();
    format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", key.trim())
}

async fn through_core<P: Provider>(receiver: Receiver<P>, request: Request) -> Answer {
    let mut head = http::Request::builder().method(&*request.method).uri(&request.target);
    for (name, value) in &request.headers {
        head = head.header(name, &value[..]);
    }
    let next = receiver.begin(&head.body(()).unwrap()).and_then(|mut receiving| {
        for frame in request.body.chunks(7) {
            receiving.push(Bytes::copy_from_slice(frame))?;
        }
        Ok(receiving.finish(tokio::time::sleep))
    });
    let next = match next {
        Ok(Finish::Ready(next)) => next,
        Ok(Finish::Wait(next)) => next.await,
        Err(answer) => Next::Answer(answer),
    };
    match next {
        Next::Handle(_, lease) => {
            let handled = lease.unwrap().hold(async {}, |()| Outcome::Done, tokio::time::sleep).await;
            handled.unwrap();
            Answer { status: 200, headers: Vec::new(), body: "handled".to_owned() }
        }
        Next::Answer(answer) => Answer {
            status: answer.status(),
            headers: answer.headers().iter().map(|(name, value)| ((*name).into(), (*value).into())).collect(),
            body: String::from_utf8(answer.body().to_vec()).unwrap(),
        },
    }
}

fn sites() -> Vec<Site> {
    fn with_key<P: Provider>() -> Site {
        site(Verifier::<P>::new("key"))
    }
    vec![
        with_key::<Slack>(),
        with_key::<Zoom>(),
        site(Verifier::<Discord>::new(made("DISCORD").0)),
        site(Verifier::<Meta>::new("key").with_verify_token(VERIFY_TOKEN)),
        with_key::<WooCommerce>(),
        with_key::<X>(),
        with_key::<LinkedIn>(),
        with_key::<Dropbox>(),
        with_key::<Okta>(),
        with_key::<Twitch>(),
        with_key::<CloudEvents>(),
        with_key::<WebSub>(),
        with_key::<MsGraph>(),
        with_key::<AzureEventGrid>(),
        site(Verifier::<Strava>::new("key").with_verify_token(VERIFY_TOKEN)),
        site(Verifier::<Trello>::new_at("key", "https://example.com/trello")),
        with_key::<Php>(),
        with_key::<Mailchimp>(),
    ]
}

/// What a test sends to a page.
#[derive(Clone, Copy)]
enum Sent {
    /// A method, the query and headers.
    Head(&'static str, &'static str, &'static [(&'static str, &'static str)]),
    /// A signed POST with these headers.
    Signed(&'static str, &'static [(&'static str, &'static str)]),
    /// A POST without a proof.
    Unsigned(&'static str, &'static [(&'static str, &'static str)]),
}
use Sent::{Head, Signed, Unsigned};

const TEXT: &str = "text/plain";
const JSON: &str = "application/json";
const PROBLEM: &str = "application/problem+json";
const UNAUTHORIZED: (u16, &str, &str) = (
    401,
    PROBLEM,
    r#"{"type":"about:blank","title":"Unauthorized","status":401,"detail":"The delivery could not be verified."}"#,
);
const NOT_ALLOWED: (u16, &str, &str) = (
    405,
    PROBLEM,
    r#"{"type":"about:blank","title":"Method Not Allowed","status":405,"detail":"Webhooks are delivered with POST."}"#,
);
const HANDLED: (u16, &str, &str) = (200, "", "handled");

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded; charset=UTF-8");
const VERIFICATION: (&str, &str) = ("twitch-eventsub-message-type", "webhook_callback_verification");
const NOTIFICATION: (&str, &str) = ("twitch-eventsub-message-type", "notification");
const VALIDATION: (&str, &str) = ("aeg-event-type", "SubscriptionValidation");
const GRID: &str =
    r#"[{"eventType":"Microsoft.EventGrid.SubscriptionValidationEvent","data":{"validationCode":"512d38b6"}}]"#;
const META: &str = "hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=made-up-by-the-user";
const ZOOM: &str =
    r#"{"payload":{"plainToken":"qgg8vlvZRS6UYooatFL8Aw"},"event_ts":1654503849680,"event":"endpoint.url_validation"}"#;
const PING: &str = r#"{"application_id":"1","id":"2","token":"unique","type":1,"version":1}"#;

/// A page, a request, and the status, content type and body of the answer. `{}` stands for openssl's MAC.
const ROWS: &[(&str, Sent, (u16, &str, &str))] = &[
    (
        "slack",
        Signed(r#"{"token":"Jhj5","challenge":"3eZbrw1aBm2","type":"url_verification"}"#, &[]),
        (200, TEXT, "3eZbrw1aBm2"),
    ),
    ("slack", Signed(r#"{ "type" : "url_verification", "challenge" : "a \u003cb" }"#, &[]), (200, TEXT, "a <b")),
    ("slack", Unsigned(r#"{"challenge":"3eZbrw1aBm2","type":"url_verification"}"#, &[]), UNAUTHORIZED),
    ("slack", Signed(r#"{"type":"event_callback","challenge":"url_verification"}"#, &[]), HANDLED),
    ("slack", Signed(r#"{"type":"event_callback","event":{"type":"url_verification","challenge":"x"}}"#, &[]), HANDLED),
    // Two readers could see two values.
    ("slack", Signed(r#"{"type":"event_callback","type":"url_verification","challenge":"x"}"#, &[]), HANDLED),
    ("slack", Signed("payload=%7B%22type%22%3A%22url_verification%22%7D", &[]), HANDLED),
    ("slack", Signed(r#"{"type":"url_verification"}"#, &[]), UNAUTHORIZED),
    ("slack", Signed(r#"{"type":"url_verification","challenge":""}"#, &[]), UNAUTHORIZED),
    ("slack", Signed(r#"{"type":"url_verification","challenge":"a\r\nb"}"#, &[]), UNAUTHORIZED),
    ("slack", Signed(r#"{"type":"url_verification","challenge":"é"}"#, &[]), UNAUTHORIZED),
    ("zoom", Signed(ZOOM, &[]), (200, JSON, r#"{"plainToken":"qgg8vlvZRS6UYooatFL8Aw","encryptedToken":"{}"}"#)),
    ("zoom", Unsigned(ZOOM, &[]), UNAUTHORIZED),
    ("zoom", Signed(r#"{"event":"meeting.started","payload":{"plainToken":"x"}}"#, &[]), HANDLED),
    // The oracle: what the scheme would sign.
    (
        "zoom",
        Signed(r#"{"event":"endpoint.url_validation","payload":{"plainToken":"v0:1614265330:{}"}}"#, &[]),
        UNAUTHORIZED,
    ),
    ("discord", Signed(PING, &[]), (200, JSON, r#"{"type":1}"#)),
    ("discord", Unsigned(PING, &[]), UNAUTHORIZED),
    ("discord", Signed(r#"{"version":1,"application_id":"1","type":0}"#, &[]), (204, TEXT, "")),
    // An event, not a PING.
    (
        "discord",
        Signed(r#"{"version":1,"application_id":"1","type":1,"event":{"type":"ENTITLEMENT_CREATE"}}"#, &[]),
        HANDLED,
    ),
    ("discord", Signed(r#"{"id":"2","token":"unique","type":2}"#, &[]), HANDLED),
    ("meta", Head("GET", META, &[]), (200, TEXT, "1158201444")),
    ("meta", Signed(r#"{"object":"page","entry":[]}"#, &[]), HANDLED),
    ("meta", Head("GET", "hub.mode=subscribe&hub.challenge=1&hub.verify_token=another", &[]), UNAUTHORIZED),
    ("meta", Head("GET", "hub.mode=subscribe&hub.challenge=1&hub.verify_token=", &[]), UNAUTHORIZED),
    (
        "meta",
        Head("GET", "hub.mode=subscribe&hub.challenge=%0d%0a&hub.verify_token=made-up-by-the-user", &[]),
        UNAUTHORIZED,
    ),
    (
        "meta",
        Head("GET", "hub.mode=subscribe&hub.challenge=1&hub.challenge=2&hub.verify_token=made-up-by-the-user", &[]),
        UNAUTHORIZED,
    ),
    ("meta", Head("GET", "hub.mode=subscribe&hub.challenge=1", &[]), NOT_ALLOWED),
    (
        "meta",
        Head("GET", "hub.mode=unsubscribe&hub.challenge=1&hub.verify_token=made-up-by-the-user", &[]),
        NOT_ALLOWED,
    ),
    ("meta", Head("GET", "", &[]), NOT_ALLOWED),
    ("meta", Head("PUT", META, &[]), NOT_ALLOWED),
    ("woocommerce", Unsigned("webhook_id=7", &[FORM]), (200, TEXT, "")),
    ("woocommerce", Unsigned("{}", &[("content-type", JSON)]), UNAUTHORIZED),
    ("woocommerce", Unsigned("webhook_id=7", &[FORM, ("x-wc-webhook-topic", "order.created")]), UNAUTHORIZED),
    ("woocommerce", Unsigned("webhook_id=7", &[FORM, ("x-wc-webhook-signature", "AAAA")]), UNAUTHORIZED),
    (
        "x",
        Head("GET", "crc_token=9b4507b3-9040-4669-9ca3-6b94edb50553&nonce=1", &[]),
        (200, JSON, r#"{"response_token":"sha256={}"}"#),
    ),
    ("x", Signed(r#"{"for_user_id":"1"}"#, &[]), HANDLED),
    // The oracle: a body that is JSON, and one that is a text of the input's characters.
    ("x", Head("GET", "crc_token=%7B%22for_user_id%22%3A%221%22%7D", &[]), UNAUTHORIZED),
    ("x", Head("GET", "crc_token=", &[]), UNAUTHORIZED),
    ("x", Signed("42", &[]), UNAUTHORIZED),
    ("x", Signed("", &[]), UNAUTHORIZED),
    (
        "LinkedIn",
        Head("GET", "challengeCode=890e4665-4dfe-4ab1-b689-ed553bceeed0", &[]),
        (200, JSON, r#"{"challengeCode":"890e4665-4dfe-4ab1-b689-ed553bceeed0","challengeResponse":"{}"}"#),
    ),
    ("LinkedIn", Head("GET", "challengeCode=hmacsha256=%7B%7D", &[]), UNAUTHORIZED),
    ("LinkedIn", Head("GET", "challengeCode=hmacsha256=42", &[]), UNAUTHORIZED),
    ("LinkedIn", Signed("42", &[]), HANDLED),
    ("dropbox", Head("GET", "challenge=abc%20123", &[]), (200, TEXT, "abc 123")),
    ("dropbox", Head("GET", "challenge=%C3%A9", &[]), UNAUTHORIZED),
    ("dropbox", Head("GET", "challenges=abc", &[]), NOT_ALLOWED),
    (
        "okta",
        Head("GET", "", &[("x-okta-verification-challenge", "q\"1\\")]),
        (200, JSON, r#"{"verification":"q\"1\\"}"#),
    ),
    (
        "okta",
        Head("GET", "", &[("x-okta-verification-challenge", "1"), ("x-okta-verification-challenge", "2")]),
        UNAUTHORIZED,
    ),
    ("okta", Head("GET", "", &[]), NOT_ALLOWED),
    ("twitch", Signed(r#"{"challenge":"pogchamp","subscription":{}}"#, &[VERIFICATION]), (200, TEXT, "pogchamp")),
    ("twitch", Signed(r#"{"challenge":"pogchamp","subscription":{}}"#, &[NOTIFICATION]), (200, TEXT, "pogchamp")),
    ("twitch", Signed(r#"{"subscription":{},"event":{}}"#, &[VERIFICATION]), HANDLED),
    ("cloudevents", Head("OPTIONS", "", &[("webhook-request-origin", "eventemitter.example.com")]), (200, "", "")),
    ("cloudevents", Head("OPTIONS", "", &[]), NOT_ALLOWED),
    (
        "WebSub",
        Head("GET", "hub.mode=subscribe&hub.topic=https%3A%2F%2Fexample.com%2Ffeed&hub.challenge=c", &[]),
        (200, TEXT, "c"),
    ),
    (
        "WebSub",
        Head("GET", "hub.mode=unsubscribe&hub.topic=https://example.com/feed&hub.challenge=c", &[]),
        (200, TEXT, "c"),
    ),
    ("WebSub", Head("GET", "hub.mode=subscribe&hub.topic=https://example.com/other&hub.challenge=c", &[]), NOT_ALLOWED),
    // As Microsoft's samples decode it.
    ("MsGraph", Head("POST", "validationToken=Validation%3A+a%2Bb+c%20d", &[]), (200, TEXT, "Validation: a+b c d")),
    ("azure-event-grid", Signed(GRID, &[VALIDATION]), (200, JSON, r#"{"validationResponse":"512d38b6"}"#)),
    ("azure-event-grid", Signed(GRID, &[("aeg-event-type", "Notification")]), HANDLED),
    // An event beside the validation would be lost.
    (
        "azure-event-grid",
        Signed(r#"[{"id":"1","data":{"validationCode":"512d38b6"}},{"id":"2","data":{}}]"#, &[VALIDATION]),
        HANDLED,
    ),
    ("azure-event-grid", Unsigned(GRID, &[VALIDATION]), UNAUTHORIZED),
    ("azure-event-grid", Head("OPTIONS", "", &[("webhook-request-origin", "eventgrid.azure.net")]), (200, "", "")),
    ("azure-event-grid", Head("OPTIONS", "", &[("webhook-request-origin", "example.com")]), NOT_ALLOWED),
    ("Strava", Head("GET", META, &[]), (200, JSON, r#"{"hub.challenge":"1158201444"}"#)),
    // A value that is searched for may be escaped.
    ("Php", Signed(r#"{"type":"https:\/\/example.com\/verify","challenge":"c"}"#, &[]), (200, TEXT, "c")),
    ("Trello", Head("HEAD", "", &[]), (200, TEXT, "")),
    ("Trello", Head("GET", "", &[]), NOT_ALLOWED),
    ("Mailchimp", Head("GET", "", &[]), (200, TEXT, "")),
];

fn request(site: &Site, sent: Sent) -> Request {
    let (method, query, headers, body, is_signed) = match sent {
        Head(method, query, headers) => (method, query, headers, "", false),
        Signed(body, headers) => ("POST", "", headers, body, true),
        Unsigned(body, headers) => ("POST", "", headers, body, false),
    };
    // The one token in a URL.
    let query = if is_signed && site.name == "azure-event-grid" { "code=key" } else { query };
    let target = format!("/{}?{query}", site.name);
    let mut request = Request::post(target, body).with_method(method);
    for (name, value) in headers {
        request = request.with_header(name, *value);
    }
    if is_signed {
        request = (site.sign)(body.as_bytes())
            .into_iter()
            .fold(request, |request, (name, value)| request.with_header(&name, value));
    }
    request
}

fn expected(name: &str, body: &str) -> String {
    let mac = |row| body.replace("{}", &made(row).1);
    match name {
        "zoom" => mac("ZOOM_TOKEN"),
        "x" => mac("X_CRC"),
        "LinkedIn" => mac("LINKEDIN_CODE"),
        _ => body.to_owned(),
    }
}

/// Sends every row, twice: handshakes repeat.
fn every_handshake(send: impl Fn(&Site, &Request) -> Answer) {
    let sites = sites();
    for (name, sent, (status, content_type, body)) in ROWS {
        let site = sites.iter().find(|site| site.name == *name).unwrap();
        let request = request(site, *sent);
        for round in 0..2 {
            let answer = send(site, &request);
            let what = format!("{name}: {request:?}");
            if answer.header("countersign-delivery") == Some("duplicate") {
                assert_eq!((round, *body), (1, "handled"), "{what}");
                continue;
            }
            let content = if *body == "handled" { "" } else { answer.header("content-type").unwrap_or_default() };
            assert_eq!((answer.status, content), (*status, *content_type), "{what}");
            assert_eq!(answer.body, expected(name, body), "{what}");
            let is_answered = answer.status < 300 && *body != "handled";
            if is_answered && !content_type.is_empty() {
                let headers = ["x-content-type-options", "cache-control"].map(|name| answer.header(name));
                assert_eq!(headers, [Some("nosniff"), Some("no-store")], "{what}");
            }
            if answer.status == 405 {
                let allow = match (*name, &*request.method) {
                    ("meta", "PUT") => "GET, POST",
                    ("Trello", "GET") => "HEAD, POST",
                    _ => "POST",
                };
                assert_eq!(answer.header("allow"), Some(allow), "{what}");
            } else {
                assert_eq!(answer.header("allow"), None, "{what}");
            }
            if (*name, is_answered) == ("cloudevents", true) {
                let headers = ["webhook-allowed-origin", "webhook-allowed-rate"].map(|name| answer.header(name));
                assert_eq!(headers, [Some("*"), Some("*")]);
            }
        }
    }
}

fn axum_server(listener: TcpListener) {
    listener.set_nonblocking(true).unwrap();
    let app =
        sites().into_iter().fold(axum::Router::new(), |app, site| app.route(&format!("/{}", site.name), site.axum));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::from_std(listener).unwrap();
        axum::serve(listener, app).await.unwrap();
    });
}

fn actix_server(listener: TcpListener) {
    let server = actix_web::HttpServer::new(|| {
        actix_web::App::new().configure(|config| {
            sites().iter().for_each(|site| (site.actix)(config, &format!("/{}", site.name)));
        })
    });
    let server = server.workers(1).disable_signals().listen(listener).unwrap();
    actix_web::rt::System::new().block_on(server.run()).unwrap();
}

#[test]
fn every_handshake_is_answered_by_core() {
    every_handshake(|site, request| (site.core)(request));
}

#[test]
fn every_handshake_is_answered_through_axum() {
    let address = start(axum_server);
    every_handshake(|_, request| request.send(address));
}

#[test]
fn every_handshake_is_answered_through_actix() {
    let address = start(actix_server);
    every_handshake(|_, request| request.send(address));
}
