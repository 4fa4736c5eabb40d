//! Handlers, by provider.

use std::{
    future::Future,
    marker::PhantomData,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    task::Poll,
};

use countersign_core::{
    provider::Provider,
    seal::{SealError, SealKeys},
};

use crate::{
    end::{End, IntoEnd},
    received::Received,
    received_any::ReceivedAny,
    store::Claimed,
};

/// A handler of the deliveries of `P`: an async function that takes a [`Received<P>`](Received).
///
/// It may be called for several deliveries at the same time.
pub trait Handler<P: Provider>: Send + Sync + 'static {
    /// Handles a delivery.
    fn call(&self, received: Received<P>) -> impl Future<Output = End> + Send;
}

impl<P, F, Fut> Handler<P> for F
where
    P: Provider,
    F: Fn(Received<P>) -> Fut + Send + Sync + 'static,
    Fut: Future<Output: IntoEnd> + Send,
{
    async fn call(&self, received: Received<P>) -> End {
        self(received).await.into_end()
    }
}

/// The future of an attempt.
pub(crate) type Attempt<'a> = Pin<Box<dyn Future<Output = End> + Send + 'a>>;

/// A handler whose provider is not known to the worker.
pub(crate) trait Erased: Send + Sync {
    /// Opens a delivery, and begins an attempt.
    fn begin<'a>(&'a self, claimed: &Claimed, keys: &SealKeys, attempts: u32) -> Result<Attempt<'a>, SealError>;
}

pub(crate) struct Of<P, H> {
    handler: H,
    provider: PhantomData<fn() -> P>,
}

impl<P: Provider, H: Handler<P>> Of<P, H> {
    pub(crate) fn new(handler: H) -> Self {
        Self { handler, provider: PhantomData }
    }
}

impl<P: Provider, H: Handler<P>> Erased for Of<P, H> {
    fn begin<'a>(&'a self, claimed: &Claimed, keys: &SealKeys, attempts: u32) -> Result<Attempt<'a>, SealError> {
        let received = Received::<P>::open(claimed, keys, attempts)?;
        Ok(Box::pin(self.handler.call(received)))
    }
}

/// A handler of any provider.
pub(crate) struct Any<F>(pub(crate) F);

impl<F, Fut> Erased for Any<F>
where
    F: Fn(ReceivedAny) -> Fut + Send + Sync,
    Fut: Future<Output: IntoEnd> + Send + 'static,
{
    fn begin<'a>(&'a self, claimed: &Claimed, keys: &SealKeys, attempts: u32) -> Result<Attempt<'a>, SealError> {
        let received = ReceivedAny::open_any(claimed, keys, attempts)?;
        Ok(Box::pin(async { (self.0)(received).await.into_end() }))
    }
}

/// Runs something, and returns the text of its panic if it panics. A handler is shared with later attempts:
/// as with every task that panics, what it left behind is its own concern.
pub(crate) async fn unless_it_panics<T>(future: impl Future<Output = T> + Unpin) -> Result<T, String> {
    let mut future = future;
    let polled = std::future::poll_fn(|cx| match catch_unwind(AssertUnwindSafe(|| Pin::new(&mut future).poll(cx))) {
        Ok(poll) => poll.map(Ok),
        Err(panic) => Poll::Ready(Err(panic)),
    });
    polled.await.map_err(|panic| {
        let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
        let text = text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
        // It may be anything, and panic again: then it is better left where it is.
        if let Err(again) = catch_unwind(AssertUnwindSafe(|| drop(panic))) {
            std::mem::forget(again);
        }
        text
    })
}
