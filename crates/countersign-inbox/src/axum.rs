//! The inbox as a handler of axum.

use std::{future::Future, pin::Pin};

use axum::{body::Body, extract::Request, handler::Handler, response::Response};
use countersign_core::{
    adapter::{Answer, Received},
    provider::Provider,
};
use http::{HeaderName, HeaderValue, StatusCode};

use crate::{hand_off::Publish, intake::Store};

macro_rules! handlers {
    ($($Handler:ident)*) => {$(
        impl<P: Provider, S: Send + Sync + 'static> Handler<(), S> for $Handler<P> {
            type Future = Pin<Box<dyn Future<Output = Response> + Send>>;

            fn call(self, request: Request, _: S) -> Self::Future {
                Box::pin(async move {
                    let received = request.extensions().get::<Received<P>>().cloned();
                    response(&self.answer(received.as_ref()).await)
                })
            }
        }
    )*};
}

handlers! { Store Publish }

fn response(answer: &Answer) -> Response {
    let mut response = Response::new(Body::from(answer.body()));
    // The answers of the receiver have valid statuses.
    *response.status_mut() = StatusCode::from_u16(answer.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for &(name, value) in answer.headers() {
        response.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    response
}
