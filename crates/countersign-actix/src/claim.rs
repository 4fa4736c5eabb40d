//! Every delivery handled once: what becomes of a delivery that is claimed, and the answer to a duplicate.

use std::{panic::resume_unwind, rc::Rc};

use actix_web::{
    Error, HttpResponse,
    dev::{Service, ServiceRequest, ServiceResponse},
    http::header::{HeaderName, HeaderValue},
    rt::{spawn, time::sleep},
};
use countersign_core::{
    VerifyError, VerifyErrorKind,
    dedupe::{DELIVERY_HEADER, DUPLICATE, Lease, Outcome},
};
use tracing::Instrument;

/// Runs the service in a task of its own. An error of ours means that the handler was stopped, and the request is gone
/// with it.
pub(crate) async fn run<S, B>(
    lease: Lease,
    service: Rc<S>,
    request: ServiceRequest,
) -> Result<Result<ServiceResponse<B>, Error>, VerifyError>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: 'static,
{
    let handler = async move { service.call(request).await };
    match spawn(lease.hold(handler, outcome, sleep).in_current_span()).await {
        Ok(answer) => answer,
        Err(stopped) => match stopped.try_into_panic() {
            Ok(panic) => resume_unwind(panic),
            // The worker is shutting down.
            Err(_) => Err(VerifyErrorKind::HandlerTimeout.into()),
        },
    }
}

fn outcome<B>(answer: &Result<ServiceResponse<B>, Error>) -> Outcome {
    match answer {
        Ok(response) => {
            let said = response.response().extensions();
            Outcome::of(response.status().as_u16(), said.get())
        }
        Err(_) => Outcome::NotDone,
    }
}

pub(crate) fn duplicate() -> HttpResponse {
    let mut response = HttpResponse::Ok().finish();
    response.headers_mut().insert(HeaderName::from_static(DELIVERY_HEADER), HeaderValue::from_static(DUPLICATE));
    response
}
