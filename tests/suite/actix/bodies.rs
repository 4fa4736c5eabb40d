//! Payloads: their size, their pieces, their pace, their end.

use std::{
    cell::Cell,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
    time::{Duration, Instant},
};

use actix_web::{
    App, HttpResponse,
    dev::Payload,
    error::PayloadError,
    rt::{spawn, time::sleep},
    web::{self, Bytes, PayloadConfig},
};
use countersign::{RejectionKind, actix::Webhook, providers::Zeodyn};
use futures_util::{Stream, StreamExt, stream};

use crate::actix::{
    Answer, Running, app, call,
    convert::{documented, odd, of, rejected_heads, to_actix},
    is_problem, kind, status,
    support::http::Request,
    verify,
};

const PATH: &str = "/webhooks/zeodyn";
const MIB: usize = 1024 * 1024;

/// Calls the app with another payload than the request's.
fn streamed(
    app: &Running,
    request: &Request,
    frames: impl Stream<Item = Result<Bytes, PayloadError>> + 'static,
) -> Answer {
    app.0(to_actix(request), Payload::Stream { payload: Box::pin(frames) })
}

fn in_frames(body: &[u8], size: usize) -> impl Stream<Item = Result<Bytes, PayloadError>> + 'static {
    let frames: Vec<_> = body.chunks(size).map(|chunk| Ok(Bytes::copy_from_slice(chunk))).collect();
    stream::iter(frames)
}

fn genuine(padding: usize) -> Request {
    of::<Zeodyn>().genuine(odd::<Zeodyn>(padding))
}

#[actix_web::test]
async fn t15_a_body_over_actixs_own_limit_reaches_the_webhook_and_not_bytes() {
    macro_rules! behind {
        ($handler:expr, $config:expr) => {
            app!(App::new().app_data($config).service(
                web::resource(PATH).wrap(verify::<Zeodyn>().with_body_limit(3 * MIB)).route(web::post().to($handler))
            ))
        };
    }
    let large = genuine(300 * 1024).with_header("content-type", "application/json");
    let alone = behind!(async |_: Webhook<Zeodyn>| HttpResponse::Ok().finish(), ());
    assert_eq!(status(&alone, &large).await, 200);
    assert_eq!(status(&alone, &genuine(5 * MIB / 2)).await, 200);

    let bytes = async |_: Webhook<Zeodyn>, _: Bytes| HttpResponse::Ok().finish();
    let bytes_alone = behind!(bytes, ());
    let response = call(&bytes_alone, &large).await;
    assert_eq!((response.status().as_u16(), kind(&response)), (413, None), "the rejection is actix-web's");
    assert_eq!(status(&bytes_alone, &genuine(250 * 1024)).await, 200);
    assert_eq!(status(&behind!(bytes, PayloadConfig::new(MIB)), &large).await, 200, "raised");

    let text = behind!(async |_: Webhook<Zeodyn>, _: String| HttpResponse::Ok().finish(), ());
    assert_eq!(status(&text, &large).await, 413);

    let json = behind!(async |_: Webhook<Zeodyn>, _: web::Json<serde_json::Value>| HttpResponse::Ok().finish(), ());
    assert_eq!(status(&json, &large).await, 200, "2 MiB");
    let larger = genuine(5 * MIB / 2).with_header("content-type", "application/json");
    assert_eq!(status(&json, &larger).await, 413);
}

/// What a payload of these frames is rejected for, by a middleware whose handler is never called.
async fn rejected_for<S>(timeout: Duration, frames: S) -> RejectionKind
where
    S: Stream<Item = Result<Bytes, PayloadError>> + 'static,
{
    let verify = verify::<Zeodyn>().with_body_timeout(timeout);
    let handler = || async { panic!("called") as HttpResponse };
    let app = app!(App::new().service(web::resource(PATH).wrap(verify).route(web::post().to(handler))));
    let response = streamed(&app, &documented::<Zeodyn>(), frames).await.unwrap();
    let kind = kind(&response).expect("a rejection");
    is_problem(&response, countersign::Rejection::new(kind).status());
    kind
}

#[actix_web::test]
async fn t17_endless_empty_frames_are_rejected_and_leave_the_thread_to_others() {
    let beats = Rc::new(Cell::new(0));
    let heart = spawn({
        let beats = Rc::clone(&beats);
        async move {
            loop {
                sleep(Duration::from_millis(1)).await;
                beats.set(beats.get() + 1);
            }
        }
    });
    let start = Instant::now();
    let endless = stream::repeat_with(move || {
        // What never ends has to fail the test, not to hang it.
        assert!(start.elapsed() < Duration::from_secs(60), "the payload is read without end");
        Ok(Bytes::new())
    });
    assert_eq!(rejected_for(Duration::from_secs(1), endless).await, RejectionKind::BodyTimeout);
    // Without a pause in the reading there would be none; how many there are depends on how busy the machine is.
    assert!(beats.get() > 0, "others had no turn");
    heart.abort();
}

/// Counts how often it is asked.
struct Watched<S>(S, Rc<Cell<u32>>);

impl<S: Stream + Unpin> Stream for Watched<S> {
    type Item = S::Item;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<S::Item>> {
        self.1.set(self.1.get() + 1);
        Pin::new(&mut self.0).poll_next(cx)
    }
}

#[actix_web::test]
async fn a_rejected_head_costs_no_look_at_the_payload_and_no_call() {
    let called = || async { panic!("called") as HttpResponse };
    let app = app!(
        App::new().service(web::resource(PATH).wrap(verify::<Zeodyn>()).route(web::route().to(called))).service(
            web::resource("/webhooks/screenshotrun")
                .wrap(verify::<countersign::providers::ScreenshotRun>())
                .route(web::route().to(called))
        )
    );
    for (request, reason, status) in rejected_heads() {
        let asked = Rc::new(Cell::new(0));
        let frames = Watched(stream::iter([Ok(Bytes::from(request.body.clone()))]), Rc::clone(&asked));
        let response = streamed(&app, &request, frames).await.unwrap();
        is_problem(&response, status);
        assert_eq!(kind(&response).map(RejectionKind::code), Some(reason), "{request:?}");
        assert_eq!(asked.get(), 0, "{request:?}");
    }
}

/// actix-web reads up to 256 KiB of a connection at once, and reads on and queues while any of it waits.
#[actix_web::test]
async fn t15_all_that_has_come_is_taken_in_one_go() {
    let count = 256 * 1024 / "1\r\nx\r\n".len();
    let app =
        app!(App::new().service(web::resource(PATH).wrap(verify::<Zeodyn>()).route(web::post().to(HttpResponse::Ok))));
    let asked = Rc::new(Cell::new(0));
    let frames = stream::repeat_with(|| Ok(Bytes::from_static(b"x"))).take(count).chain(stream::pending());
    let mut future = streamed(&app, &documented::<Zeodyn>(), Watched(frames, Rc::clone(&asked)));
    assert!(future.as_mut().poll(&mut Context::from_waker(std::task::Waker::noop())).is_pending());
    assert_eq!(usize::try_from(asked.get()), Ok(count + 1));
}

/// A client hangs up: dropped wherever it stands, the handler is called at most once, and others are served.
#[actix_web::test]
async fn t26_dropped_at_any_poll_the_handler_is_called_at_most_once() {
    let calls = Rc::new(Cell::new(0));
    let ends = Rc::new(Cell::new(0));
    let handler = {
        let (calls, ends) = (Rc::clone(&calls), Rc::clone(&ends));
        move |_: Webhook<Zeodyn>| {
            let ends = Rc::clone(&ends);
            calls.set(calls.get() + 1);
            async move {
                waits(3).await;
                ends.set(ends.get() + 1);
                HttpResponse::Ok().finish()
            }
        }
    };
    let app = app!(App::new().service(web::resource(PATH).wrap(verify::<Zeodyn>()).route(web::post().to(handler))));
    let request = documented::<Zeodyn>();
    let (mut before_the_call, mut after) = (0, 0);
    for times in 0.. {
        calls.set(0);
        ends.set(0);
        let frames = in_frames(&request.body, 20).then(|frame| async {
            waits(1).await;
            frame
        });
        let mut future = streamed(&app, &request, frames);
        let mut cx = Context::from_waker(std::task::Waker::noop());
        let answered = (0..times).find_map(|_| match future.as_mut().poll(&mut cx) {
            Poll::Ready(response) => Some(response.unwrap().status().as_u16()),
            Poll::Pending => None,
        });
        drop(future);
        match (answered, calls.get(), ends.get()) {
            (None, 0, 0) => before_the_call += 1,
            (None, 1, 0) => after += 1,
            (Some(200), 1, 1) => break,
            other => panic!("{other:?} after {times} polls"),
        }
    }
    assert_eq!((before_the_call, after), (request.body.len().div_ceil(20) + 1, 3), "every wait of payload and handler");
}

/// Not ready so often.
async fn waits(mut times: u32) {
    std::future::poll_fn(|_| match times.checked_sub(1) {
        Some(left) => {
            times = left;
            Poll::Pending
        }
        None => Poll::Ready(()),
    })
    .await;
}
