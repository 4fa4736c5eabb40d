//! The future of a response: reads the body, finishes the verification, waits where it has to, calls the service.

use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::{Buf, Bytes};
use countersign_core::{Delivery, Provider, Verification, VerifyError, VerifyErrorKind};
use http::{Request, Response, StatusCode, request::Parts};
use http_body::Body;
use http_body_util::LengthLimitError;
use pin_project_lite::pin_project;
use tokio::time::Sleep;
use tower_service::Service;

use crate::{head::Head, rejection::RejectionResponse, webhook::Verified};

pub(crate) type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// How many frames are taken in one go before other tasks get their turn and the deadline is looked at.
const FRAMES_A_TURN: u32 = 128;

pin_project! {
    /// The future of [`VerifyWebhookService`](crate::VerifyWebhookService).
    pub struct ResponseFuture<S, P, R, ReqBody>
    where
        S: Service<Request<ReqBody>>,
        P: Provider,
    {
        #[pin]
        state: State<S, P, ReqBody, S::Future>,
        rejection: R,
    }
}

pin_project! {
    #[project = StateProj]
    enum State<S, P, ReqBody, F>
    where
        P: Provider,
    {
        Refused { error: Option<VerifyError> },
        Reading {
            #[pin]
            reading: Reading<P, ReqBody>,
            // Taken once, when the body is whole.
            ready: Option<(Parts, S)>,
        },
        Waiting {
            waiting: Waiting<P>,
            // Taken once, when the delivery is genuine.
            service: Option<S>,
        },
        Calling {
            #[pin]
            response: F,
        },
    }
}

/// A look-up or a confirmation, in a box of its own: it is waited for, whatever it costs. It takes the head and gives it
/// back.
type Waiting<P> = Pin<Box<dyn Future<Output = (Parts, Result<Delivery<P>, VerifyError>)> + Send>>;

impl<S, P, R, ReqBody, ResBody> ResponseFuture<S, P, R, ReqBody>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
    P: Provider,
{
    pub(crate) fn refused(error: VerifyError, rejection: R) -> Self {
        Self { state: State::Refused { error: Some(error) }, rejection }
    }

    /// `ready` is a service that has been polled ready.
    pub(crate) fn reading(
        request: Request<ReqBody>,
        verification: Verification<P>,
        timeout: Duration,
        ready: S,
        rejection: R,
    ) -> Self {
        let (parts, body) = request.into_parts();
        let reading = Reading { verification: Some(verification), body, timeout, deadline: None };
        Self { state: State::Reading { reading, ready: Some((parts, ready)) }, rejection }
    }
}

impl<S, P, R, ReqBody, ResBody> Future for ResponseFuture<S, P, R, ReqBody>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
    P: Provider,
    R: RejectionResponse<ResBody>,
    ReqBody: Body + From<Bytes>,
    ReqBody::Error: Into<BoxError>,
{
    type Output = Result<Response<ResBody>, S::Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        loop {
            let next = match this.state.as_mut().project() {
                StateProj::Refused { error } => {
                    #[expect(clippy::expect_used, reason = "a caller's mistake, as with every future")]
                    let error = error.take().expect("polled after it was ready");
                    error.trace(P::NAME);
                    let response = this.rejection.response(&error);
                    return Poll::Ready(Ok(explained(response, error)));
                }
                StateProj::Reading { reading, ready } => match (ready!(reading.poll(cx)), ready.take()) {
                    (Ok(verification), Some((parts, service))) if verification.must_wait() => {
                        let waiting = Box::pin(async {
                            let delivery = verification.finish_async(&Head::from(&parts), tokio::time::sleep).await;
                            (parts, delivery)
                        });
                        State::Waiting { waiting, service: Some(service) }
                    }
                    (Ok(verification), Some((parts, service))) => verified(verification.finish(), parts, service),
                    (Err(error), _) => State::Refused { error: Some(error) },
                    (Ok(_), None) => unreachable!("the state changes as soon as the body is read"),
                },
                StateProj::Waiting { waiting, service } => match (ready!(waiting.as_mut().poll(cx)), service.take()) {
                    ((parts, delivery), Some(service)) => verified(delivery, parts, service),
                    (_, None) => unreachable!("the state changes as soon as the waiting is over"),
                },
                StateProj::Calling { response } => {
                    let response = ready!(response.poll(cx))?;
                    return Poll::Ready(Ok(match undecodable(&response) {
                        Some(error) => explained(this.rejection.replace(response, &error), error),
                        None => response,
                    }));
                }
            };
            this.state.set(next);
        }
    }
}

/// Calls the service with a genuine delivery.
fn verified<S, P, ReqBody>(
    delivery: Result<Delivery<P>, VerifyError>,
    mut parts: Parts,
    mut service: S,
) -> State<S, P, ReqBody, S::Future>
where
    S: Service<Request<ReqBody>>,
    P: Provider,
    ReqBody: From<Bytes>,
{
    match delivery {
        Ok(delivery) => {
            let body = delivery.body().clone();
            parts.extensions.insert(Verified(Arc::new(delivery)));
            State::Calling { response: service.call(Request::from_parts(parts, body.into())) }
        }
        Err(error) => State::Refused { error: Some(error) },
    }
}

/// The true reason goes into the extensions, for layers outside. What has to come again is never answered with success,
/// whatever makes the response.
pub(crate) fn explained<B>(mut response: Response<B>, error: VerifyError) -> Response<B> {
    if error.asks_for_another_attempt() && response.status().is_success() {
        *response.status_mut() = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
    }
    response.extensions_mut().insert(error);
    response
}

/// The extractor's answer to a genuine body that it could not decode.
fn undecodable<B>(response: &Response<B>) -> Option<VerifyError> {
    let error = response.extensions().get::<VerifyError>()?;
    (error.kind() == VerifyErrorKind::Undecodable).then(|| error.clone())
}

pin_project! {
    /// A body on its way into a verification.
    struct Reading<P, B>
    where
        P: Provider,
    {
        verification: Option<Verification<P>>,
        #[pin]
        body: B,
        timeout: Duration,
        // Set when the body first keeps us waiting: most come at once and cost no timer.
        #[pin]
        deadline: Option<Sleep>,
    }
}

impl<P, B> Reading<P, B>
where
    P: Provider,
    B: Body,
    B::Error: Into<BoxError>,
{
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<Verification<P>, VerifyError>> {
        let mut this = self.project();
        for _ in 0..FRAMES_A_TURN {
            match this.body.as_mut().poll_frame(cx) {
                Poll::Ready(Some(Ok(frame))) => {
                    if let (Ok(mut data), Some(verification)) = (frame.into_data(), this.verification.as_mut()) {
                        verification.push(data.copy_to_bytes(data.remaining()))?;
                    }
                }
                Poll::Ready(Some(Err(error))) => return Poll::Ready(Err(body_error(error.into().as_ref()).into())),
                Poll::Ready(None) => {
                    #[expect(clippy::expect_used, reason = "the state changes as soon as the body is read")]
                    let verification = this.verification.take().expect("a body ends once");
                    return Poll::Ready(Ok(verification));
                }
                Poll::Pending => return deadline(this.deadline, *this.timeout, cx),
            }
        }
        // So many frames at once: whoever sends them must neither keep the thread to themselves nor outrun the deadline.
        cx.waker().wake_by_ref();
        deadline(this.deadline, *this.timeout, cx)
    }
}

/// Not ready unless the deadline is over.
fn deadline<T>(
    mut deadline: Pin<&mut Option<Sleep>>,
    timeout: Duration,
    cx: &mut Context<'_>,
) -> Poll<Result<T, VerifyError>> {
    if deadline.is_none() {
        deadline.set(Some(tokio::time::sleep(timeout)));
    }
    match deadline.as_pin_mut() {
        Some(sleep) => sleep.poll(cx).map(|()| Err(VerifyErrorKind::BodyTimeout.into())),
        None => Poll::Pending,
    }
}

/// A limit that stands outside ours says 413; anything else is a body that ended early or is malformed.
fn body_error(error: &(dyn std::error::Error + 'static)) -> VerifyErrorKind {
    let mut causes = std::iter::successors(Some(error), |error| error.source());
    if causes.any(|error| error.is::<LengthLimitError>()) {
        VerifyErrorKind::BodyTooLarge
    } else {
        VerifyErrorKind::BodyIncomplete
    }
}
