//! Bodies that are slow, endless or broken, and limits that stand outside.

use std::{
    convert::Infallible,
    fmt,
    future::{Future, poll_fn},
    task::Poll,
    time::Duration,
};

use bytes::Bytes;
use countersign::{providers::Zeodyn, tower::VerifyWebhook};
use http_body_util::{BodyExt, Full, Limited};
use tokio::time::{Instant, sleep, timeout};
use tower::{Layer, ServiceExt};

use crate::tower::{
    Count, code,
    convert::{documented, of, with_body},
    counting, layer,
    script::{AnyBody, BoxError, Script, Step},
};

async fn code_of(layer: VerifyWebhook<Zeodyn>, steps: Vec<Step>) -> Option<&'static str> {
    let calls = Count::default();
    let request = with_body(&documented::<Zeodyn>(), Script::new(steps));
    let response = layer.layer(counting(&calls)).oneshot(request).await.unwrap();
    let code = code(&response);
    assert_eq!(calls.get(), usize::from(code.is_none()));
    code
}

fn data() -> Step {
    Step::Data(documented::<Zeodyn>().body.into())
}

#[tokio::test(start_paused = true)]
async fn t17_a_body_that_stalls_is_rejected_at_the_deadline() {
    for (layer, seconds) in [(layer(), 5.0), (layer().with_body_timeout(Duration::from_millis(1500)), 1.5)] {
        for steps in [vec![Step::Stall], vec![data(), Step::Stall], vec![Step::Later, data(), Step::Later, Step::Stall]]
        {
            let start = Instant::now();
            assert_eq!(code_of(layer.clone(), steps).await, Some("body_timeout"));
            let took = start.elapsed().as_secs_f64();
            assert!((seconds..seconds + 0.01).contains(&took), "{took} s instead of {seconds} s");
        }
    }
}

/// Data now and then, for longer than the deadline is: it is a deadline of the whole body.
#[tokio::test(start_paused = true)]
async fn t17_a_body_that_dribbles_does_not_outrun_the_deadline() {
    let request = documented::<Zeodyn>();
    let dribble = |pause: Duration| {
        let frames = futures_util::stream::unfold(request.body.clone().into_iter(), move |mut bytes| async move {
            sleep(pause).await;
            let frame = http_body::Frame::data(Bytes::copy_from_slice(&[bytes.next()?]));
            Some((Ok::<_, Infallible>(frame), bytes))
        });
        AnyBody(http_body_util::StreamBody::new(frames).map_err(Into::into).boxed_unsync())
    };
    let service = layer::<Zeodyn>().layer(counting(&Count::default()));
    let start = Instant::now();
    let response = service.clone().oneshot(with_body(&request, dribble(Duration::from_millis(250)))).await.unwrap();
    assert_eq!((response.status().as_u16(), code(&response)), (408, Some("body_timeout")));
    assert_eq!(start.elapsed().as_secs(), 5);

    let pause = Duration::from_secs(4) / u32::try_from(request.body.len()).unwrap();
    let response = service.oneshot(with_body(&request, dribble(pause))).await.unwrap();
    assert_eq!(response.status(), 200, "within the deadline");
}

/// What stands outside in the same task uses up the task's budget before each poll.
#[tokio::test]
async fn a1_outer_layers_that_use_up_the_budget_do_not_keep_a_body_from_its_deadline() {
    let service = layer::<Zeodyn>().with_body_timeout(Duration::from_millis(20)).layer(counting(&Count::default()));
    let request = with_body(&documented::<Zeodyn>(), Script::new(vec![Step::Stall]));
    let mut answer = std::pin::pin!(service.oneshot(request));
    let response = poll_fn(|cx| {
        while std::pin::pin!(tokio::task::consume_budget()).poll(cx).is_ready() {}
        answer.as_mut().poll(cx)
    });
    assert_eq!(code(&response.await.unwrap()), Some("body_timeout"));
}

async fn others_go_on_beside(body: Vec<Step>) {
    let beats = Count::default();
    let heart = tokio::spawn({
        let beats = beats.clone();
        async move {
            loop {
                // Not `yield_now`, which waits for the runtime to look for events.
                let mut has_waited = false;
                poll_fn(|cx| {
                    cx.waker().wake_by_ref();
                    if std::mem::replace(&mut has_waited, true) { Poll::Ready(()) } else { Poll::Pending }
                })
                .await;
                beats.add();
            }
        }
    });
    let layer = layer().with_body_timeout(Duration::from_millis(100));
    let rejected = timeout(Duration::from_secs(60), tokio::spawn(code_of(layer, body)));
    let rejected = rejected.await.expect("an answer").unwrap();
    assert_eq!(rejected, Some("body_timeout"));
    assert!(beats.get() >= 10, "others had {} turns", beats.get());
    heart.abort();
}

#[tokio::test]
async fn t17_endless_empty_frames_are_rejected_and_leave_the_thread_to_others() {
    others_go_on_beside(vec![Step::EmptyForEver]).await;
    others_go_on_beside(vec![data(), Step::EmptyForEver]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn t17_endless_empty_frames_are_rejected_on_several_threads() {
    others_go_on_beside(vec![Step::EmptyForEver]).await;
}

/// An error around another.
#[derive(Debug)]
struct Deep(Option<BoxError>);

impl fmt::Display for Deep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("something deep")
    }
}

impl std::error::Error for Deep {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.as_ref().map(|error| &**error as _)
    }
}

#[tokio::test]
async fn t15_a_body_limit_outside_says_413_too() {
    let request = of::<Zeodyn>().genuine(vec![b' '; 100]);
    for depth in 0..3 {
        for (limit, status, reason) in [(100, 200, None), (99, 413, Some("body_too_large"))] {
            let limited = Limited::new(Full::from(request.body.clone()), limit);
            let body = limited.map_err(move |error| (0..depth).fold(error, |error, _| Box::new(Deep(Some(error)))));
            let service = layer::<Zeodyn>().layer(counting(&Count::default()));
            let response = service.oneshot(with_body(&request, AnyBody(body.boxed_unsync()))).await.unwrap();
            assert_eq!((response.status().as_u16(), code(&response)), (status, reason), "{depth} deep");
        }
    }
}
