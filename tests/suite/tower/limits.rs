//! Limits of the inner service: what is not verified takes none of them.

use std::{
    convert::Infallible,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use countersign::{
    dedupe::{Dedupe, MemoryStore},
    providers::Zeodyn,
    tower::VerifyWebhook,
};
use tokio::sync::Semaphore;
use tower::{
    Layer, Service, ServiceBuilder, ServiceExt,
    buffer::BufferLayer,
    limit::GlobalConcurrencyLimitLayer,
    load_shed::{LoadShedLayer, error::Overloaded},
    service_fn,
};

use crate::tower::{
    Count, Response,
    convert::{about, documented, of, with_body},
    layer,
    script::{BoxError, Script, Step},
};

type Request = http::Request<Script>;

/// A delivery with a well-formed signature, whose body does not come.
fn stalled() -> Request {
    with_body(&documented::<Zeodyn>(), Script::new([Step::Stall]))
}

fn genuine(id: &str) -> Request {
    let request = about(id);
    with_body(&request, Script::new([Step::Data(request.body.clone().into())]))
}

/// A handler that runs until the gate lets it go.
fn gated(
    gate: &Arc<Semaphore>,
    calls: &Count,
) -> impl Service<Request, Response = Response, Error = Infallible, Future: Send> + Clone + Send + 'static {
    let (gate, calls) = (Arc::clone(gate), calls.clone());
    service_fn(move |_: Request| {
        calls.add();
        let gate = Arc::clone(&gate);
        async move {
            gate.acquire().await.unwrap().forget();
            Ok::<_, Infallible>(Response::default())
        }
    })
}

/// Calls the service as servers do, without waiting for it to be ready.
fn begin<S: Service<Request> + Clone>(service: &S, request: Request) -> Pin<Box<S::Future>> {
    let (mut service, mut cx) = (service.clone(), Context::from_waker(Waker::noop()));
    assert!(matches!(service.poll_ready(&mut cx), Poll::Ready(Ok(()))), "each is called at once");
    let mut answer = Box::pin(service.call(request));
    assert!(answer.as_mut().poll(&mut cx).is_pending(), "its body does not come");
    answer
}

/// Eight senders stall their bodies, and then a genuine delivery is handled at once.
async fn serves_beside_senders_that_stall<S>(service: S)
where
    S: Service<Request, Response = Response, Error: std::fmt::Debug> + Clone,
{
    let stalled: Vec<_> = (0..8).map(|_| begin(&service, stalled())).collect();
    let response = service.oneshot(genuine("a")).await.unwrap();
    assert_eq!(response.status(), 200);
    drop(stalled);
}

fn once() -> VerifyWebhook<Zeodyn, countersign::tower::Problem, Dedupe> {
    layer::<Zeodyn>().with_dedupe(MemoryStore::new())
}

#[tokio::test]
async fn a3_senders_that_stall_hold_no_permit_of_the_inner_service() {
    let (open, calls) = (Arc::new(Semaphore::new(100)), Count::default());
    let limited = || GlobalConcurrencyLimitLayer::new(4).layer(gated(&open, &calls));
    serves_beside_senders_that_stall(layer::<Zeodyn>().layer(limited())).await;
    serves_beside_senders_that_stall(once().layer(limited())).await;
    let buffered = || BufferLayer::new(4).layer(gated(&open, &calls));
    serves_beside_senders_that_stall(layer::<Zeodyn>().layer(buffered())).await;
    serves_beside_senders_that_stall(once().layer(buffered())).await;
    let shedding = || LoadShedLayer::new().layer(limited());
    serves_beside_senders_that_stall(layer::<Zeodyn>().layer(shedding())).await;
    serves_beside_senders_that_stall(once().layer(shedding())).await;
    assert_eq!(calls.get(), 6);
}

/// With and without a claim, a verified delivery waits for its permit, and is not lost.
#[tokio::test]
async fn a3_verified_deliveries_wait_for_a_permit_of_the_inner_service() {
    async fn wait_in_turn<S>(service: S, gate: Arc<Semaphore>, calls: &Count)
    where
        S: Service<Request, Response = Response, Future: Send + 'static, Error: std::fmt::Debug + Send + 'static>
            + Clone
            + Send
            + 'static,
    {
        let before = calls.get();
        let first = tokio::spawn(service.clone().oneshot(genuine("a")));
        while calls.get() == before {
            tokio::task::yield_now().await;
        }
        let second = tokio::spawn(service.oneshot(genuine("b")));
        for _ in 0..50 {
            tokio::task::yield_now().await;
        }
        assert_eq!(calls.get(), before + 1, "one at a time");
        gate.add_permits(2);
        for answer in [first, second] {
            assert_eq!(answer.await.unwrap().unwrap().status(), 200);
        }
        assert_eq!(calls.get(), before + 2);
    }
    let (gate, calls) = (Arc::new(Semaphore::new(0)), Count::default());
    let limited = || GlobalConcurrencyLimitLayer::new(1).layer(gated(&gate, &calls));
    wait_in_turn(layer::<Zeodyn>().layer(limited()), Arc::clone(&gate), &calls).await;
    wait_in_turn(once().layer(limited()), Arc::clone(&gate), &calls).await;
}

/// A delivery that is shed is not handled: the error passes on, and a retry runs.
#[tokio::test]
async fn a3_only_verified_deliveries_are_shed_and_their_retries_run() {
    let (gate, calls) = (Arc::new(Semaphore::new(0)), Count::default());
    let inner = ServiceBuilder::new()
        .layer(LoadShedLayer::new())
        .layer(GlobalConcurrencyLimitLayer::new(1))
        .service(gated(&gate, &calls));
    let service = once().layer(inner);
    let first = tokio::spawn(service.clone().oneshot(genuine("a")));
    while calls.get() == 0 {
        tokio::task::yield_now().await;
    }
    let error: BoxError = service.clone().oneshot(genuine("b")).await.unwrap_err();
    assert!(error.is::<Overloaded>(), "{error}");
    let forged = of::<Zeodyn>().proven_with(b"guessed", documented::<Zeodyn>().body);
    let forged = with_body(&forged, Script::new([Step::Data(forged.body.clone().into())]));
    assert_eq!(service.clone().oneshot(forged).await.unwrap().status(), 401);
    gate.add_permits(2);
    assert_eq!(first.await.unwrap().unwrap().status(), 200);
    assert_eq!(service.oneshot(genuine("b")).await.unwrap().status(), 200);
    assert_eq!(calls.get(), 2);
}
