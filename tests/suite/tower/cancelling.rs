//! A sender may hang up at any moment: the future is dropped wherever it stands.

use std::{
    convert::Infallible,
    pin::pin,
    task::{Context, Poll, Waker},
};

use bytes::Bytes;
use countersign::providers::Zeodyn;
use tokio::task::yield_now;
use tower::{Layer, Service, ServiceExt, service_fn};

use crate::tower::{
    Count, Response,
    convert::{documented, of, with_body},
    layer,
    script::{Script, Step},
};

/// Frames with a wait before each.
fn hesitant(body: &[u8]) -> Script {
    let frames = body.chunks(20).map(|chunk| Step::Data(Bytes::copy_from_slice(chunk)));
    Script::new(frames.flat_map(|frame| [Step::Later, frame]).chain([Step::Later]))
}

/// What came of a future that was polled this often.
#[derive(Debug, PartialEq)]
enum End {
    Dropped,
    Answered(u16),
}

async fn poll_times<F>(future: F, times: usize) -> End
where
    F: Future<Output = Result<Response, Infallible>>,
{
    let mut future = pin!(future);
    let mut cx = Context::from_waker(Waker::noop());
    for _ in 0..times {
        if let Poll::Ready(response) = future.as_mut().poll(&mut cx) {
            return End::Answered(response.unwrap().status().as_u16());
        }
    }
    End::Dropped
}

#[tokio::test]
async fn t26_dropped_at_any_poll_the_inner_service_is_called_at_most_once() {
    let (calls, ends) = (Count::default(), Count::default());
    let inner = service_fn(|_: http::Request<Script>| {
        calls.add();
        async {
            for _ in 0..3 {
                yield_now().await;
            }
            ends.add();
            Ok::<_, Infallible>(Response::default())
        }
    });
    let mut service = layer::<Zeodyn>().layer(inner);
    let request = documented::<Zeodyn>();
    let (mut times, mut dropped_before_the_call, mut dropped_after) = (0, 0, 0);
    loop {
        let (calls_before, ends_before) = (calls.get(), ends.get());
        let ready = ServiceExt::<http::Request<Script>>::ready(&mut service).await.unwrap();
        let future = ready.call(with_body(&request, hesitant(&request.body)));
        let end = poll_times(future, times).await;
        let (called, ended) = (calls.get() - calls_before, ends.get() - ends_before);
        match (end, called, ended) {
            (End::Dropped, 0, 0) => dropped_before_the_call += 1,
            (End::Dropped, 1, 0) => dropped_after += 1,
            (End::Answered(200), 1, 1) => break,
            other => panic!("{other:?} after {times} polls"),
        }
        times += 1;
    }
    assert_eq!(dropped_before_the_call, request.body.len().div_ceil(20) + 2, "every wait of the body");
    assert_eq!(dropped_after, 3, "every wait of the service");
}

#[tokio::test]
async fn t26_a_forgery_dropped_at_any_poll_calls_nothing() {
    let calls = Count::default();
    let service = layer::<Zeodyn>().layer(crate::tower::counting(&calls));
    let forged = of::<Zeodyn>().proven_with(b"guessed", documented::<Zeodyn>().body);
    let mut times = 0;
    loop {
        let future = service.clone().oneshot(with_body(&forged, hesitant(&forged.body)));
        match poll_times(future, times).await {
            End::Dropped => times += 1,
            End::Answered(status) => break assert_eq!(status, 401),
        }
    }
    assert!(times > 5);
    assert_eq!(calls.get(), 0);
}
