//! What becomes of the service inside: its readiness, its types, its errors.

use std::{
    convert::Infallible,
    future::{Future, Ready, poll_fn, ready},
    mem,
    task::{Context, Poll},
};

use bytes::Bytes;
use countersign::{
    providers::{ScreenScore, Zeodyn},
    tower::{VerifyWebhook, VerifyWebhookService},
};
use http_body::Body;
use http_body_util::Full;
use tower::{Layer, Service, ServiceExt, service_fn};

use crate::tower::{
    Count, Response,
    convert::{documented, of, to_http},
    layer,
    script::{BoxError, Script, Step},
};

/// A service that may be called once for each time it was polled ready; its clones have not been.
#[derive(Default)]
struct Strict {
    is_ready: bool,
    waits: usize,
    calls: Count,
}

impl Clone for Strict {
    fn clone(&self) -> Self {
        Self { is_ready: false, waits: self.waits, calls: self.calls.clone() }
    }
}

impl<B> Service<http::Request<B>> for Strict {
    type Response = Response;
    type Error = Infallible;
    type Future = Ready<Result<Response, Infallible>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        if self.waits > 0 {
            self.waits -= 1;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        self.is_ready = true;
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: http::Request<B>) -> Self::Future {
        assert!(mem::take(&mut self.is_ready), "called without having been polled ready");
        self.calls.add();
        ready(Ok(Response::default()))
    }
}

fn genuine() -> http::Request<Full<Bytes>> {
    to_http(&documented::<Zeodyn>())
}

#[tokio::test]
async fn the_clone_that_is_called_was_polled_ready() {
    let strict = Strict { waits: 3, ..Strict::default() };
    let calls = strict.calls.clone();
    let mut service = layer::<Zeodyn>().layer(strict);

    let response = service.clone().oneshot(genuine()).await.unwrap();
    assert_eq!((response.status().as_u16(), calls.get()), (200, 1));

    for expected in 2..5 {
        poll_fn(|cx| Service::<http::Request<Full<Bytes>>>::poll_ready(&mut service, cx)).await.unwrap();
        let response = service.call(genuine());
        assert_eq!(calls.get(), expected - 1, "not before the body was read");
        assert_eq!(response.await.unwrap().status(), 200);
        assert_eq!(calls.get(), expected);
    }

    // Two under way at once, the second begun before the first was read.
    let later = Script::new([Step::Later, Step::Data(documented::<Zeodyn>().body.into())]);
    let later = crate::tower::convert::with_body(&documented::<Zeodyn>(), later);
    let mut service = layer::<Zeodyn>().layer(Strict { calls: calls.clone(), ..Strict::default() });
    let first = ServiceExt::<http::Request<Script>>::ready(&mut service).await.unwrap().call(later);
    let second = to_http::<Script>(&documented::<Zeodyn>());
    let second = ServiceExt::<http::Request<Script>>::ready(&mut service).await.unwrap().call(second);
    assert_eq!(second.await.unwrap().status(), 200);
    assert_eq!(first.await.unwrap().status(), 200);
    assert_eq!(calls.get(), 6);
}

#[tokio::test]
async fn a_service_that_is_not_ready_makes_verified_deliveries_wait_and_no_others() {
    let strict = Strict { waits: 1, ..Strict::default() };
    let calls = strict.calls.clone();
    let mut service = layer::<Zeodyn>().layer(strict);
    let mut cx = Context::from_waker(std::task::Waker::noop());
    assert!(Service::<http::Request<Full<Bytes>>>::poll_ready(&mut service, &mut cx).is_ready());
    let mut verified = std::pin::pin!(service.call(genuine()));
    assert!(verified.as_mut().poll(&mut cx).is_pending());
    let forged = of::<Zeodyn>().proven_with(b"guessed", documented::<Zeodyn>().body);
    let mut forged = std::pin::pin!(service.call(to_http::<Full<Bytes>>(&forged)));
    assert!(forged.as_mut().poll(&mut cx).is_ready());
    assert_eq!(calls.get(), 0);
    assert!(verified.as_mut().poll(&mut cx).is_ready());
    assert_eq!(calls.get(), 1);
}

/// Neither `Debug` nor an `Error`.
#[derive(Clone, PartialEq)]
struct Odd(u8);

#[tokio::test]
async fn the_inner_services_error_passes_through_untouched() {
    let failing = service_fn(|_: http::Request<Full<Bytes>>| async { Err::<Response, _>(Odd(7)) });
    let outcome = layer::<Zeodyn>().layer(failing).oneshot(genuine()).await;
    assert!(outcome.is_err_and(|error| error == Odd(7)));

    struct NeverReady;
    impl Clone for NeverReady {
        fn clone(&self) -> Self {
            Self
        }
    }
    impl Service<http::Request<Full<Bytes>>> for NeverReady {
        type Response = Response;
        type Error = Odd;
        type Future = Ready<Result<Response, Odd>>;
        fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Odd>> {
            Poll::Ready(Err(Odd(8)))
        }
        fn call(&mut self, _: http::Request<Full<Bytes>>) -> Self::Future {
            panic!("never ready")
        }
    }
    let outcome = layer::<Zeodyn>().layer(NeverReady).oneshot(genuine()).await;
    assert!(outcome.is_err_and(|error| error == Odd(8)), "so does that of `poll_ready`");
}

/// Compiles only while request, response and error stay as they were, whatever they are.
fn types_stay<S, ReqBody, ResBody>(
    inner: S,
) -> impl Service<http::Request<ReqBody>, Response = S::Response, Error = S::Error> + Clone
where
    S: Service<http::Request<ReqBody>, Response = http::Response<ResBody>> + Clone,
    ReqBody: Body<Error: Into<BoxError>> + From<Bytes>,
    ResBody: From<Bytes>,
{
    layer::<ScreenScore>().layer(inner)
}

/// Compiles only while the service is what servers ask for.
fn is_for_servers<S>(service: S) -> S
where
    S: Service<http::Request<Full<Bytes>>, Future: Send + 'static> + Clone + Send + Sync + 'static,
{
    service
}

#[tokio::test]
async fn types_stay_as_they_were() {
    let inner = service_fn(|request: http::Request<Script>| async move {
        Ok::<_, Odd>(http::Response::new(request.into_body().into_frame()))
    });
    let request = documented::<ScreenScore>();
    let response = types_stay(inner).oneshot(to_http(&request)).await.unwrap_or_else(|_| panic!("no error"));
    assert_eq!(*response.body(), request.body);
}

#[tokio::test]
async fn the_service_is_clone_send_and_sync_and_its_future_send() {
    let inner = service_fn(|_: http::Request<Full<Bytes>>| ready(Ok::<_, Infallible>(Response::default())));
    let service: VerifyWebhookService<_, Zeodyn> = VerifyWebhook::zeodyn(of::<Zeodyn>().secret()).layer(inner);
    let handle = tokio::spawn(is_for_servers(service).oneshot(genuine()));
    assert_eq!(handle.await.unwrap().unwrap().status(), 200);

    fn is_for_layers<L: Clone + Send + Sync + 'static>(_: &L) {}
    is_for_layers(&layer::<Zeodyn>());
}
