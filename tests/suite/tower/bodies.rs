//! What reaches the inner service of the body.

use std::convert::Infallible;

use bytes::Bytes;
use countersign::{provider::Provider, providers::Zeodyn, tower::Webhook};
use http::HeaderMap;
use tower::{Layer, Service, ServiceExt, service_fn};

use crate::tower::{
    Count, code,
    convert::{documented, odd, of, with_body},
    counting, layer,
    script::{Script, Step},
};

/// The bodies that a handler has.
struct Bodies(Vec<Bytes>);

impl From<Bytes> for Bodies {
    fn from(bytes: Bytes) -> Self {
        Self(vec![bytes])
    }
}

/// Answers with the body it was given and the one that the delivery holds.
fn echo<P: Provider>()
-> impl Service<http::Request<Script>, Response = http::Response<Bodies>, Error = Infallible> + Clone {
    service_fn(|request: http::Request<Script>| async move {
        let hook = Webhook::<P>::from_extensions(request.extensions()).unwrap();
        let kept = hook.body().clone();
        Ok(http::Response::new(Bodies(vec![request.into_body().into_frame(), kept])))
    })
}

async fn received<P: Provider>(request: http::Request<Script>) -> Vec<Bytes> {
    let service = layer::<P>().with_rejection_response(|error: &_| panic!("{error}")).layer(echo::<P>());
    service.oneshot(request).await.unwrap().into_body().0
}

#[tokio::test]
async fn t7_a_body_that_came_as_one_frame_is_not_copied() {
    for padding in [0, 100_000] {
        let request = of::<Zeodyn>().genuine(odd::<Zeodyn>(padding));
        let frame = Bytes::from(request.body.clone());
        let empty = || Step::Data(Bytes::new());
        let alone = Script::new([Step::Data(frame.clone())]);
        let among_empty_ones =
            Script::new([empty(), Step::Later, Step::Data(frame.clone()), Step::Later, empty(), empty()]);
        for script in [alone, among_empty_ones] {
            for received in received::<Zeodyn>(with_body(&request, script)).await {
                assert_eq!((received.as_ptr(), received.len()), (frame.as_ptr(), frame.len()));
            }
        }
    }
}

#[tokio::test]
async fn t7_small_and_large_frames_are_joined_in_order() {
    let body = odd::<Zeodyn>(200_000);
    let request = of::<Zeodyn>().genuine(body.clone());
    let sizes = [1, 3, 0, 5000, 2, 2, 40_000, 1, 2047, 2048, 33_000, 1, 1, 1, 90_000];
    let mut rest = Bytes::from(body.clone());
    let mut steps: Vec<_> = sizes.map(|size| Step::Data(rest.split_to(size))).into();
    steps.push(Step::Data(rest));
    for received in received::<Zeodyn>(with_body(&request, Script::new(steps))).await {
        assert_eq!(received, body);
    }
}

#[tokio::test]
async fn trailers_are_tolerated_and_dropped() {
    let request = documented::<Zeodyn>();
    let trailers = HeaderMap::from_iter([(http::header::EXPIRES, http::HeaderValue::from_static("0"))]);
    let steps = [Step::Data(request.body.clone().into()), Step::Later, Step::Trailers(trailers)];
    for received in received::<Zeodyn>(with_body(&request, Script::new(steps))).await {
        assert_eq!(received, request.body);
    }
}

#[tokio::test]
async fn t15_a_body_over_the_limit_is_read_no_further() {
    let request = documented::<Zeodyn>();
    let script = Script::new([Step::BytesForEver]);
    let asked = script.asked.clone();
    let calls = Count::default();
    let service = layer::<Zeodyn>().with_body_limit(1000).layer(counting(&calls));
    let response = service.oneshot(with_body(&request, script)).await.unwrap();
    assert_eq!((code(&response), asked.get(), calls.get()), (Some("body_too_large"), 1001, 0));
}

#[tokio::test]
async fn t15_a_declared_length_rejects_only_if_it_is_a_number_over_the_limit() {
    for length in ["100", "0", "-1", "x", "", "1e3", "18446744073709551615", "99999999999999999999999"] {
        let request = of::<Zeodyn>().genuine(vec![b' '; 100]).with_header("content-length", length);
        let calls = Count::default();
        let service = layer::<Zeodyn>().with_body_limit(100).layer(counting(&calls));
        let response = service.oneshot(with_body(&request, Script::in_frames(&request.body, 30))).await.unwrap();
        let is_over = length.len() > 10;
        let expected = if is_over { (Some("body_too_large"), 0) } else { (None, 1) };
        assert_eq!((code(&response), calls.get()), expected, "{length:?}");
    }
}
