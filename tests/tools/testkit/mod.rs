//! The test kit: it signs as others do, every form of a delivery is the same delivery, and every receiver answers tampered
//! deliveries as the kit says.

use countersign_test_support as support;

/// Makes of every function, which has a provider as its parameter, a test for each provider.
macro_rules! for_every_provider {
    ($($test:ident,)*) => { for_every_provider!(@ ($) $($test)*); };
    (@ ($d:tt) $($test:ident)*) => {
        $(mod $test {
            macro_rules! tests {
                ($d($d name:ident => $d Provider:ident,)*) => {
                    $d(#[test] fn $d name() { super::$test::<countersign::providers::$d Provider>(); })*
                };
            }
            countersign::__for_each_typed_provider!(tests);
        })*
    };
}

mod accepted;
mod ages;
mod apps;
mod bodies_signed;
mod documents;
mod field_properties;
mod fields;
mod handlers;
mod known_answers;
mod leaks;
mod names;
mod own_provider;
mod pages;
mod payloads;
mod rejections;
mod same_request;
mod sent;
mod tampered;
mod tokens;

use std::future::Future;

use countersign::provider::Provider;
use countersign_testkit::{Documented, Payload, SignedRequest};

use crate::testkit::support::{Sender, http::Request, sender};

fn of<P: Provider>() -> Sender {
    sender(P::NAME)
}

/// The documented delivery of `event`, signed with the secret that the receivers have.
fn signed<P: Documented>(event: &str) -> SignedRequest<P> {
    Payload::documented(event).expect("a documented event").signed_with(of::<P>().secret())
}

/// The first documented delivery.
fn first<P: Documented>() -> SignedRequest<P> {
    signed(of::<P>().events[0])
}

/// The first documented delivery, about a thing of this id.
fn about<P: Documented>(id: &str) -> SignedRequest<P> {
    let (sender, event) = (of::<P>(), of::<P>().events[0]);
    let payload = Payload::documented(event).expect("a documented event");
    payload.with_field(&sender.id_at(event), id).expect("an id").signed_with(sender.secret())
}

/// To be sent by hand.
fn by_hand<P: Provider>(request: &SignedRequest<P>) -> Request {
    let request: http::Request<Vec<u8>> = request.to_http::<bytes::Bytes>().map(Vec::from);
    let (parts, body) = request.into_parts();
    assert_eq!(parts.method, http::Method::POST);
    let to = Request::post(parts.uri.to_string(), body);
    parts.headers.iter().fold(to, |to, (name, value)| to.with_header(name.as_str(), value.as_bytes()))
}

/// Runs what is asynchronous: with actix-web's runtime, which is one of tokio.
fn wait_for<T>(what: impl Future<Output = T>) -> T {
    actix_web::rt::System::new().block_on(what)
}
