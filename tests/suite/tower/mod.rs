//! The tower layer around plain services, without a framework.

use countersign_test_support::{self as support, convert};

mod bodies;
mod cancelling;
mod limits;
mod paces;
mod rejections;
mod script;
mod services;

use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use bytes::Bytes;
use countersign::{Rejection, RejectionKind, provider::Provider, tower::VerifyWebhook};
use http_body_util::Full;
use tower::{Service, service_fn};

use crate::tower::convert::of;

type Response = http::Response<Full<Bytes>>;

fn layer<P: Provider>() -> VerifyWebhook<P> {
    VerifyWebhook::new(of::<P>().secret())
}

/// How often something happened.
#[derive(Clone, Debug, Default)]
struct Count(Arc<AtomicUsize>);

impl Count {
    fn add(&self) -> usize {
        self.0.fetch_add(1, Ordering::SeqCst) + 1
    }

    fn get(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

/// A service that answers 200 and counts its calls.
fn counting<B: Send + 'static>(
    calls: &Count,
) -> impl Service<http::Request<B>, Response = Response, Error = Infallible, Future: Send> + Clone + Send + use<B> {
    let calls = calls.clone();
    service_fn(move |_: http::Request<B>| {
        calls.add();
        async { Ok::<_, Infallible>(Response::default()) }
    })
}

/// The reason that layers outside are told.
fn kind<B>(response: &http::Response<B>) -> Option<RejectionKind> {
    response.extensions().get::<Rejection>().map(Rejection::kind)
}

fn code<B>(response: &http::Response<B>) -> Option<&'static str> {
    kind(response).map(RejectionKind::code)
}
