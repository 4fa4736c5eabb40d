//! What is rejected: what is looked at, what is answered, and what layers outside are told.

use std::convert::Infallible;

use bytes::Bytes;
use countersign::{
    AllowedSources, Rejection, RejectionKind,
    providers::{ScreenshotRun, Zeodyn},
};
use tower::{Layer, ServiceExt, service_fn};

use crate::tower::{
    Count, Response, code,
    convert::{documented, of, rejected_heads, with_body},
    counting, kind, layer,
    script::{Script, Step},
    support::http::Request,
};

async fn answer(request: &Request, script: Script, calls: &Count) -> Response {
    if request.target.contains("screenshotrun") {
        layer::<ScreenshotRun>().layer(counting(calls)).oneshot(with_body(request, script)).await.unwrap()
    } else {
        layer::<Zeodyn>().layer(counting(calls)).oneshot(with_body(request, script)).await.unwrap()
    }
}

#[tokio::test]
async fn a_rejected_head_costs_no_look_at_the_body_and_no_call() {
    for (request, reason, status) in rejected_heads() {
        let script = Script::from(request.body.clone());
        let (calls, asked) = (Count::default(), script.asked.clone());
        let response = answer(&request, script, &calls).await;
        assert_eq!((code(&response), response.status().as_u16()), (Some(reason), status), "{request:?}");
        assert_eq!((asked.get(), calls.get()), (0, 0), "{request:?}");
    }
}

/// A body that is not one of HTTP. A handshake would be answered with one that is made from bytes.
struct Plain(String);

impl From<Bytes> for Plain {
    fn from(_: Bytes) -> Self {
        unreachable!("this provider has no handshakes")
    }
}

#[tokio::test]
async fn a_rejection_response_replaces_the_answer_whatever_the_body_is() {
    let no = |rejection: &Rejection| http::Response::new(Plain(rejection.kind().code().to_owned()));
    let inner = service_fn(|_: http::Request<Script>| async {
        Ok::<_, Infallible>(http::Response::new(Plain("handled".to_owned())))
    });
    let service = layer::<Zeodyn>().with_rejection_response(no).layer(inner);
    let genuine = documented::<Zeodyn>();
    let longer = || Script::new([Step::Data(genuine.body.clone().into()), Step::Data(" ".into())]);
    for (request, body, expected) in [
        (of::<Zeodyn>().unproven("{}"), Script::default(), "missing_signature"),
        (genuine.clone(), longer(), "signature_mismatch"),
        (genuine.clone(), Script::from(genuine.body.clone()), "handled"),
    ] {
        let response = service.clone().oneshot(with_body(&request, body)).await.unwrap();
        assert_eq!(response.body().0, expected);
    }
}

#[tokio::test]
async fn t22_an_unknown_peer_is_rejected() {
    for allowed in ["127.0.0.1", "0.0.0.0/0", "::/0"] {
        let layer = layer::<Zeodyn>().with_allowed_sources(AllowedSources::new([allowed]).expect("ranges"));
        let request = documented::<Zeodyn>();
        let response = layer.layer(counting(&Count::default())).oneshot(with_body(&request, Script::default())).await;
        assert_eq!(kind(&response.unwrap()), Some(RejectionKind::SourceUnknown), "{allowed}");
    }
}
