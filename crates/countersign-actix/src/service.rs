//! The service: pumps the body, and runs the inner service.

use std::{
    fmt,
    future::{Future, poll_fn},
    panic::resume_unwind,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, ready},
};

use actix_web::{
    Error, HttpMessage,
    body::{BodySize, BoxBody, EitherBody, MessageBody},
    dev::{Payload, Service, ServiceRequest, ServiceResponse},
    error::InternalError,
    rt::{
        spawn,
        time::{sleep, timeout},
    },
    web::Bytes,
};
use countersign_core::{
    adapter::{Answer, Finish, Next, Receiver, Receiving, Why},
    dedupe::{Lease, Outcome},
    provider::Provider,
};
use futures_core::Stream;
use pin_project_lite::pin_project;
use tracing::Instrument;

use crate::{head::Head, settings::Settings, uri::conceal_proof};

/// The number of frames taken in one poll, before other tasks run and the deadline is checked. It
/// is more than actix-web reads from a connection at once. A frame that waits costs it 32 bytes,
/// and the buffer into which the frame was read.
const FRAMES_A_TURN: u32 = 64 * 1024;

/// The service of [`VerifyWebhook`](crate::VerifyWebhook).
pub struct VerifyWebhookMiddleware<S, P: Provider> {
    service: Rc<S>,
    settings: Settings<P>,
}

impl<S, P: Provider> VerifyWebhookMiddleware<S, P> {
    pub(crate) fn new(service: S, settings: Settings<P>) -> Self {
        Self { service: Rc::new(service), settings }
    }
}

impl<S, P: Provider> fmt::Debug for VerifyWebhookMiddleware<S, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifyWebhookMiddleware").field("settings", &self.settings).finish_non_exhaustive()
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

    fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.service.poll_ready(cx)
    }

    fn call(&self, mut request: ServiceRequest) -> Self::Future {
        let service = Rc::clone(&self.service);
        let settings = self.settings.clone();
        Box::pin(async move {
            let mut payload = request.take_payload();
            let next = match read(&settings.receiver, &mut request, &mut payload).await {
                Ok(receiving) => match receiving.finish(sleep) {
                    Finish::Ready(next) => next,
                    Finish::Wait(next) => next.await,
                },
                Err(answer) => Next::Answer(answer),
            };
            let (received, lease) = match next {
                Next::Handle(received, lease) => (received, lease),
                Next::Answer(answer) => {
                    let response = settings.response(&answer);
                    let response = match answer.why() {
                        Why::Rejected(_) => response.map_body(|_, body| BoxBody::new(Unread { body, payload })),
                        _ => response,
                    };
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
                        let response = settings.response(&answer);
                        return Err(InternalError::from_response(answer, response).into());
                    }
                },
                None => service.call(request).await?,
            };
            let status = response.status().as_u16();
            Ok(match unreadable.as_ref().and_then(|unreadable| unreadable.answered(status)) {
                Some(rejection) => response.into_response(settings.rejected(rejection)).map_into_right_body(),
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
    match spawn(lease.hold(handler, outcome, sleep).in_current_span()).await {
        Ok(answer) => answer.map_err(Answer::rejected::<P>),
        Err(stopped) => match stopped.try_into_panic() {
            Ok(panic) => resume_unwind(panic),
            // The worker is shutting down.
            Err(_) => Err(Answer::stopped::<P>()),
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

/// Reads the raw payload, within the deadline.
async fn read<P: Provider>(
    receiver: &Receiver<P>,
    request: &mut ServiceRequest,
    payload: &mut Payload,
) -> Result<Receiving<P>, Answer> {
    let mut receiving = receiver.begin(&Head::from(&*request))?;
    let all = poll_fn(|cx| {
        for _ in 0..FRAMES_A_TURN {
            match ready!(Pin::new(&mut *payload).poll_next(cx)) {
                Some(Ok(frame)) => receiving.push(frame)?,
                Some(Err(_)) => return Poll::Ready(Err(Receiving::<P>::incomplete())),
                None => return Poll::Ready(Ok(())),
            }
        }
        // A sender of so many frames must neither keep the thread nor outrun the deadline.
        cx.waker().wake_by_ref();
        Poll::Pending
    });
    timeout(receiver.body_timeout(), all).await.unwrap_or_else(|_| Err(Receiving::<P>::timed_out()))?;
    conceal_proof::<P>(request);
    Ok(receiving)
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
