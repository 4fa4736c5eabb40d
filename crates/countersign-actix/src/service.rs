//! The service: reads, verifies, claims, calls.

use std::{
    fmt,
    future::{Future, poll_fn},
    pin::Pin,
    rc::Rc,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use actix_web::{
    Error, HttpMessage,
    body::{BodySize, BoxBody, EitherBody, MessageBody},
    dev::{Payload, Service, ServiceRequest, ServiceResponse},
    error::InternalError,
    rt::time::{sleep, timeout},
    web::Bytes,
};
use countersign_core::{Provider, Verification, VerifyError, VerifyErrorKind, dedupe::Admission};
use futures_core::Stream;
use pin_project_lite::pin_project;

use crate::{claim, extract::Verified, head::Head, middleware::VerifyWebhook, rejection::explained, uri};

/// How many frames are taken in one go before other tasks get their turn and the deadline is looked at. More than actix-web
/// reads of a connection at once: what waits costs it 32 bytes a frame, and the buffer that the frame was read into.
const FRAMES_A_TURN: u32 = 64 * 1024;

/// The service of [`VerifyWebhook`].
pub struct VerifyWebhookMiddleware<S, P: Provider> {
    pub(crate) service: Rc<S>,
    pub(crate) verify: VerifyWebhook<P>,
}

impl<S, P: Provider> fmt::Debug for VerifyWebhookMiddleware<S, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifyWebhookMiddleware").field("verify", &self.verify).finish_non_exhaustive()
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
        let verify = self.verify.clone();
        // What has to be waited for has a box of its own: the future would take three times as much while the body comes.
        Box::pin(async move {
            let mut payload = request.take_payload();
            let delivery = async {
                let mut verification = verify.verifier.check_head(&Head::from(&request))?;
                read(&mut payload, &mut verification, verify.body_timeout).await?;
                uri::remove_token::<P>(&mut request);
                if verification.must_wait() {
                    Box::pin(verification.finish_async(&Head::from(&request), sleep)).await
                } else {
                    verification.finish()
                }
            };
            let delivery = match delivery.await {
                Ok(delivery) => delivery,
                Err(error) => {
                    let response = verify.refusal(error).map_body(|_, body| BoxBody::new(Unread { body, payload }));
                    return Ok(request.into_response(response).map_into_right_body());
                }
            };
            let admission = match &verify.dedupe {
                Some(dedupe) => Box::pin(dedupe.admit(&delivery, sleep)).await,
                None => Admission::Unclaimed,
            };
            request.set_payload(Payload::from(delivery.body().clone()));
            request.extensions_mut().insert(Verified(Arc::new(delivery)));
            let response = match admission {
                Admission::Claimed(lease) => match Box::pin(claim::run(lease, service, request)).await {
                    Ok(answer) => answer?,
                    // Without a request there is no response of a service, and the error is the answer.
                    Err(error) => {
                        return Err(InternalError::from_response(error.clone(), verify.refusal(error)).into());
                    }
                },
                Admission::Duplicate => {
                    return Ok(request.into_response(claim::duplicate()).map_into_right_body());
                }
                Admission::Rejected(error) => {
                    return Ok(request.into_response(verify.refusal(error)).map_into_right_body());
                }
                _ => service.call(request).await?,
            };
            Ok(match (verify.rejection, undecodable(&response)) {
                (Some(rejection), Some(error)) => {
                    let answer = explained(rejection(&error), error);
                    response.into_response(answer).map_into_right_body()
                }
                _ => response.map_into_left_body(),
            })
        })
    }
}

/// The extractor's answer to a genuine body that it could not decode.
fn undecodable<B>(response: &ServiceResponse<B>) -> Option<VerifyError> {
    let extensions = response.response().extensions();
    let error = extensions.get::<VerifyError>()?;
    (error.kind() == VerifyErrorKind::Undecodable).then(|| error.clone())
}

pin_project! {
    /// The body of a refusal, and the payload that was not read to its end. Once nobody holds the payload of a chunked
    /// request, actix-web reads on for as long as the sender likes; while it is held, it hangs up after the response.
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

/// Reads the raw payload into the verification, within the deadline.
async fn read<P: Provider>(
    payload: &mut Payload,
    verification: &mut Verification<P>,
    body_timeout: Duration,
) -> Result<(), VerifyError> {
    let all = poll_fn(|cx| {
        for _ in 0..FRAMES_A_TURN {
            match ready!(Pin::new(&mut *payload).poll_next(cx)) {
                Some(Ok(frame)) => verification.push(frame)?,
                Some(Err(_)) => return Poll::Ready(Err(VerifyErrorKind::BodyIncomplete.into())),
                None => return Poll::Ready(Ok(())),
            }
        }
        // Whoever sends so many frames at once must neither keep the thread nor outrun the deadline.
        cx.waker().wake_by_ref();
        Poll::Pending
    });
    timeout(body_timeout, all).await.unwrap_or_else(|_| Err(VerifyErrorKind::BodyTimeout.into()))
}
