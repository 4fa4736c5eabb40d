//! The receiver's own answers: statuses, headers, problem documents, and the log.

use std::{any::Any, fmt, panic::resume_unwind};

use bytes::Bytes;
use http::{HeaderName, HeaderValue, StatusCode};

use crate::{
    error::{Allowed, Rejection, RejectionDetail, RejectionKind},
    handshake::Reply,
    provider::Provider,
};

type Headers = &'static [(&'static str, &'static str)];

/// The delay before a retry, in seconds. None of the supported providers reads it.
const RETRY_AFTER: (&str, &str) = ("retry-after", "5");

const PROBLEM: (&str, &str) = ("content-type", "application/problem+json");

/// An answer that does not come from the handler. An adapter converts it into a response.
///
/// ```
/// use countersign_core::{Verifier, adapter::Answer, providers::Zeodyn};
///
/// let forged = http::Request::post("/webhooks/zeodyn").body(()).unwrap();
/// let rejection = Verifier::<Zeodyn>::new("s3cr3t").verify(&forged, "{}").unwrap_err();
/// let answer = Answer::from(rejection);
/// assert_eq!(answer.status(), 401);
/// assert_eq!(answer.headers(), [("content-type", "application/problem+json")]);
/// ```
#[derive(Clone)]
pub struct Answer {
    status: u16,
    headers: Headers,
    body: Bytes,
    why: Why,
}

/// The reason why the handler did not answer. More may be added.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Why {
    /// The delivery was rejected.
    Rejected(Rejection),
    /// The delivery equals one that was handled, or stored, before.
    Duplicate,
    /// An inbox stored the delivery.
    Stored,
    /// It was a [handshake](crate::provider::Handshake).
    Handshake,
    /// No delivery was verified before the handler. This is a bug in the service.
    NotVerified,
    /// No layer claimed the delivery before a handler that needs it. This is a bug in the service.
    NotClaimed,
    /// Outer middleware holds the request, so it cannot be passed on. This is a bug in the service.
    Held,
}

impl Answer {
    /// Answers a rejection and logs it: see [`Rejection::trace`].
    pub fn rejected<P: Provider>(rejection: Rejection) -> Self {
        rejection.trace(P::NAME);
        rejection.into()
    }

    /// Answers with 503 for a handler whose task was stopped, for example by a runtime that shuts
    /// down. Logs it.
    pub fn stopped<P: Provider>() -> Self {
        Self::rejected::<P>(Rejection::new(RejectionKind::ShuttingDown))
    }

    /// Returns what a task with [`Lease::hold`](crate::dedupe::Lease::hold) returned, or the answer
    /// to a handler that was stopped. For a task that did not complete, `held` is the panic, if it
    /// panicked.
    ///
    /// # Errors
    ///
    /// Returns the answer, which is logged, if the handler missed its deadline or its task was
    /// stopped.
    ///
    /// # Panics
    ///
    /// Panics if the task panicked.
    pub fn of_task<P: Provider, T>(held: Result<Result<T, Rejection>, Option<Box<dyn Any + Send>>>) -> Result<T, Self> {
        match held {
            Ok(answer) => answer.map_err(Self::rejected::<P>),
            Err(Some(panic)) => resume_unwind(panic),
            Err(None) => Err(Self::stopped::<P>()),
        }
    }

    /// Answers with 200.
    pub(super) const fn ok(headers: Headers, body: &'static str, why: Why) -> Self {
        Self { status: 200, headers, body: Bytes::from_static(body.as_bytes()), why }
    }

    pub(super) fn handshake(reply: &Reply, body: String) -> Self {
        Self { status: reply.status, headers: reply.headers, body: body.into(), why: Why::Handshake }
    }

    pub(super) fn not_verified(detail: &str) -> Self {
        Self::internal(detail)
    }

    pub(super) fn not_claimed(detail: &str) -> Self {
        Self { why: Why::NotClaimed, ..Self::internal(detail) }
    }

    fn internal(detail: &str) -> Self {
        let problem = serde_json::json!({
            "type": "about:blank", "title": "Internal Server Error", "status": 500, "detail": detail,
        });
        Self { status: 500, headers: &[PROBLEM], body: problem.to_string().into(), why: Why::NotVerified }
    }

    /// Answers with 500 for a request that outer middleware holds, so that the adapter cannot remove
    /// the proof from its URL or add the delivery to it. Logs it.
    pub fn held<P: Provider>() -> Self {
        tracing::error!(
            target: "countersign", provider = P::NAME, reason = "request_held", status = 500,
            "middleware outside of `VerifyWebhook` holds the request while it calls the inner service: a clone of it, or a \
             borrow of its extensions. The delivery cannot be passed on. Drop the clone before that call, or put the \
             middleware inside of `VerifyWebhook`"
        );
        Self {
            why: Why::Held,
            ..Self::internal("The delivery could not be passed on. The log of the service says why.")
        }
    }

    /// Returns the HTTP status.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// Returns the headers, with lower-case names.
    pub fn headers(&self) -> &'static [(&'static str, &'static str)] {
        self.headers
    }

    /// Returns the body. For a rejection, it is a problem document ([RFC
    /// 9457](https://www.rfc-editor.org/rfc/rfc9457)) that depends only on the status. Every 401
    /// has the same bytes, so that an attacker learns nothing from it.
    pub fn body(&self) -> Bytes {
        self.body.clone()
    }

    /// Returns the reason.
    pub fn why(&self) -> &Why {
        &self.why
    }
}

/// Does not show the body: that of a handshake has what the request had.
impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer").field("status", &self.status).field("why", &self.why).finish_non_exhaustive()
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.why {
            Why::Rejected(rejection) => rejection.fmt(f),
            Why::Duplicate => f.write_str("the delivery is a duplicate"),
            Why::Stored => f.write_str("the delivery was stored"),
            Why::Handshake => f.write_str("the request was a handshake"),
            Why::NotVerified => f.write_str("no delivery was verified before the handler"),
            Why::NotClaimed => f.write_str("no layer claimed the delivery before the handler"),
            Why::Held => f.write_str("outer middleware holds the request"),
        }
    }
}

impl From<Rejection> for Answer {
    fn from(rejection: Rejection) -> Self {
        let status = rejection.status();
        let headers: Headers = match status {
            405 => match allowed(&rejection) {
                Allowed::Framework => &[PROBLEM],
                Allowed::Post => &[PROBLEM, ("allow", "POST")],
                Allowed::Get => &[PROBLEM, ("allow", "GET, POST")],
                Allowed::Head => &[PROBLEM, ("allow", "HEAD, POST")],
                Allowed::Options => &[PROBLEM, ("allow", "OPTIONS, POST")],
                Allowed::GetHead => &[PROBLEM, ("allow", "GET, HEAD, POST")],
                Allowed::GetOptions => &[PROBLEM, ("allow", "GET, OPTIONS, POST")],
                Allowed::HeadOptions => &[PROBLEM, ("allow", "HEAD, OPTIONS, POST")],
                Allowed::GetHeadOptions => &[PROBLEM, ("allow", "GET, HEAD, OPTIONS, POST")],
            },
            415 => &[PROBLEM, ("accept-encoding", "identity")],
            409 | 503 => &[PROBLEM, RETRY_AFTER],
            _ => &[PROBLEM],
        };
        let body = Bytes::from_static(problem(status).as_bytes());
        Self { status, headers, body, why: Why::Rejected(rejection) }
    }
}

/// The response, for frameworks that use `http` 1.
impl From<&Answer> for http::Response<Bytes> {
    fn from(answer: &Answer) -> Self {
        let mut response = Self::new(answer.body());
        *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        for &(name, value) in answer.headers {
            response.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        response
    }
}

fn allowed(rejection: &Rejection) -> Allowed {
    match rejection.detail() {
        Some(RejectionDetail::Method(method)) => method.allowed(),
        _ => Allowed::Post,
    }
}

const fn problem(status: u16) -> &'static str {
    match status {
        400 => {
            r#"{"type":"about:blank","title":"Bad Request","status":400,"detail":"The request body ended early or is malformed."}"#
        }
        405 => {
            r#"{"type":"about:blank","title":"Method Not Allowed","status":405,"detail":"Webhooks are delivered with POST."}"#
        }
        408 => {
            r#"{"type":"about:blank","title":"Request Timeout","status":408,"detail":"The request body did not arrive in time."}"#
        }
        409 => {
            r#"{"type":"about:blank","title":"Conflict","status":409,"detail":"The delivery is being handled. Please send it again later."}"#
        }
        413 => {
            r#"{"type":"about:blank","title":"Content Too Large","status":413,"detail":"The request body is larger than this endpoint accepts."}"#
        }
        415 => {
            r#"{"type":"about:blank","title":"Unsupported Media Type","status":415,"detail":"The request body must be sent without a content coding."}"#
        }
        422 => {
            r#"{"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"The delivery was verified, but its body could not be decoded."}"#
        }
        503 => {
            r#"{"type":"about:blank","title":"Service Unavailable","status":503,"detail":"The delivery could not be accepted at the moment. Please send it again."}"#
        }
        _ => {
            r#"{"type":"about:blank","title":"Unauthorized","status":401,"detail":"The delivery could not be verified."}"#
        }
    }
}

#[cfg(test)]
#[path = "answer_tests.rs"]
mod tests;
