//! The inbox as a handler of actix-web.

use std::{future::Future, pin::Pin};

use actix_web::{
    Handler, HttpMessage, HttpRequest, HttpResponse,
    http::{
        StatusCode,
        header::{HeaderName, HeaderValue},
    },
};
use countersign_core::{
    adapter::{Answer, Received},
    provider::Provider,
};

use crate::{hand_off::Publish, intake::Store};

macro_rules! handlers {
    ($($Handler:ident)*) => {$(
        impl<P: Provider> Handler<(HttpRequest,)> for $Handler<P> {
            type Output = HttpResponse;
            type Future = Pin<Box<dyn Future<Output = HttpResponse>>>;

            fn call(&self, (request,): (HttpRequest,)) -> Self::Future {
                let handler = self.clone();
                Box::pin(async move {
                    let received = request.extensions().get::<Received<P>>().cloned();
                    response(&handler.answer(received.as_ref()).await)
                })
            }
        }
    )*};
}

handlers! { Store Publish }

fn response(answer: &Answer) -> HttpResponse {
    // The answers of the receiver have valid statuses.
    let status = StatusCode::from_u16(answer.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = HttpResponse::with_body(status, answer.body()).map_into_boxed_body();
    for &(name, value) in answer.headers() {
        response.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    response
}
