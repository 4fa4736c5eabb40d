//! The service: pumps the body, and runs the inner service.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
    time::Duration,
};

use actix_web::{
    Error, HttpMessage,
    body::{BodySize, BoxBody, EitherBody, MessageBody},
    dev::{Payload, Service, ServiceRequest, ServiceResponse, forward_ready},
    error::InternalError,
    rt::spawn,
    web::Bytes,
};
use countersign_core::{
    RejectionKind,
    adapter::{Answer, Next},
    dedupe::{Lease, Outcome},
    provider::Provider,
};
use futures_core::Stream;
use pin_project_lite::pin_project;
use tokio::{
    task::{Unconstrained, unconstrained},
    time::Sleep,
};
use tracing::Instrument;

use crate::{
    head::Head,
    middleware::VerifyWebhook,
    uri::{conceal_proof, unless_held},
};

/// The number of frames taken in one poll, before other tasks run and the deadline is checked. It
/// is more than actix-web reads from a connection at once. A frame that waits costs it 32 bytes,
/// and the buffer into which the frame was read.
const FRAMES_A_TURN: u32 = 64 * 1024;

/// The service of [`VerifyWebhook`].
pub struct VerifyWebhookMiddleware<S, P: Provider> {
    pub(crate) service: Rc<S>,
    pub(crate) verify: VerifyWebhook<P>,
}

impl<S, P: Provider> fmt::Debug for VerifyWebhookMiddleware<S, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifyWebhookMiddleware").field("settings", &self.verify.receiver).finish_non_exhaustive()
    }
}

impl<S, B, P> Service<ServiceRequest> for VerifyWebhookMiddleware<S, P>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
    P: Provider,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Error>>>>;

    forward_ready!(service);

    fn call(&self, mut request: ServiceRequest) -> Self::Future {
        let service = Rc::clone(&self.service);
        let verify = self.verify.clone();
        Box::pin(async move {
            let mut payload = request.take_payload();
            let begun = unless_held::<P, _>(|| Head::from(&request)).and_then(|head| verify.receiver.begin(&head));
            let begun = begun.and_then(|begun| unless_held::<P, _>(|| conceal_proof::<P>(&mut request)).and(Ok(begun)));
            let next = match begun {
                Ok(receiving) => receiving.decide(&mut payload, poll_frame, FRAMES_A_TURN, sleep).await,
                Err(answer) => Next::Answer(answer),
            };
            let (received, lease) = match next {
                Next::Handle(received, lease) => (received, lease),
                Next::Answer(answer) => {
                    let response = verify.response(&answer).map_body(|_, body| BoxBody::new(Unread { body, payload }));
                    return Ok(request.into_response(response).map_into_right_body());
                }
            };
            request.set_payload(Payload::from(received.body().clone()));
            let unreadable = received.unreadable();
            request.extensions_mut().insert(received);
            let response = match lease {
                // In a box: the future would take three times as much while the body arrives.
                Some(lease) => match Box::pin(claimed::<P, _, _>(lease, service, request)).await {
                    Ok(answer) => answer?,
                    // Without a request there is no response of a service, and the error is the answer.
                    Err(answer) => {
                        let response = verify.response(&answer);
                        return Err(InternalError::from_response(answer, response).into());
                    }
                },
                None => service.call(request).await?,
            };
            let status = response.status().as_u16();
            Ok(match unreadable.as_ref().and_then(|unreadable| unreadable.answered(status)) {
                Some(rejection) => {
                    response.into_response(verify.response(&rejection.clone().into())).map_into_right_body()
                }
                None => response.map_into_left_body(),
            })
        })
    }
}

/// Runs the service in a separate task. `Err` means that the handler was stopped, and the request
/// is gone with it.
async fn claimed<P, S, B>(
    lease: Lease,
    service: Rc<S>,
    request: ServiceRequest,
) -> Result<Result<ServiceResponse<B>, Error>, Answer>
where
    P: Provider,
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: 'static,
{
    let handler = async move { service.call(request).await };
    let outcome = |answer: &Result<ServiceResponse<B>, Error>| match answer {
        Ok(response) => Outcome::of(response.status().as_u16(), response.response().extensions().get()),
        Err(_) => Outcome::NotDone,
    };
    let held = spawn(lease.hold(handler, outcome, sleep).in_current_span()).await;
    Answer::of_task::<P, _>(held.map_err(|stopped| stopped.try_into_panic().ok()))
}

/// A timer that does not depend on what else in its task uses up the task's budget.
fn sleep(duration: Duration) -> Unconstrained<Sleep> {
    unconstrained(tokio::time::sleep(duration))
}

fn poll_frame(payload: Pin<&mut &mut Payload>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, RejectionKind>>> {
    Pin::new(&mut **payload.get_mut()).poll_next(cx).map_err(|_| RejectionKind::BodyIncomplete)
}

pin_project! {
    /// The body of a rejection, and the payload that was not read to its end. Once the payload of a
    /// chunked request is dropped, actix-web reads on for as long as the sender likes. While it is
    /// held, actix-web disconnects after the response.
    struct Unread<B> {
        #[pin]
        body: B,
        payload: Payload,
    }
}

impl<B: MessageBody> MessageBody for Unread<B> {
    type Error = B::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, B::Error>>> {
        self.project().body.poll_next(cx)
    }
}
