//! Where deliveries are sent, and the answers.

use std::{error::Error, fmt, future::Future};

use bytes::Bytes;
use countersign_core::dedupe::{DELIVERY_HEADER, DUPLICATE};
use http::{HeaderMap, Request, StatusCode};
use http_body::Body;

use super::body::SimulatedBody;

/// How much of an answer's body is kept, in bytes: providers look only at the status.
const KEPT: usize = 64 * 1024;

/// A receiver, as the provider sees it: [`InProcess`](super::InProcess), or `Endpoint` with the
/// feature `reqwest`.
pub trait Target {
    /// Sends one request and waits for the answer. If the future is dropped, the sender hangs up.
    fn send(&self, request: Request<SimulatedBody>) -> impl Future<Output = Result<Answer, SendError>>;
}

#[cfg(feature = "reqwest")]
/// The proof in the query, in a request's extensions: an endpoint's URL has its own query.
#[derive(Clone)]
pub(super) struct ProofInQuery(pub(super) String);

/// The answer of a receiver. `Debug` does not show the body.
#[derive(Clone)]
#[non_exhaustive]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The first 64 KiB of the body.
    pub body: Bytes,
}

impl Answer {
    /// Creates an answer, for your own target.
    pub fn new(status: StatusCode, headers: HeaderMap, body: Bytes) -> Self {
        Self { status, headers, body }
    }

    /// Returns whether the answer says that the delivery is a duplicate, as countersign's receivers
    /// do.
    pub fn is_duplicate(&self) -> bool {
        self.headers.get(DELIVERY_HEADER).is_some_and(|found| found == DUPLICATE)
    }

    /// Reads a response. It reads no more of the body than it keeps.
    pub(super) async fn read<B>(response: http::Response<B>) -> Result<Self, SendError>
    where
        B: Body,
        B::Error: Into<Box<dyn Error + Send + Sync>>,
    {
        let (parts, body) = response.into_parts();
        let mut body = std::pin::pin!(body);
        let mut kept = Vec::new();
        while kept.len() < KEPT {
            let Some(frame) = std::future::poll_fn(|cx| body.as_mut().poll_frame(cx)).await else { break };
            let frame = frame.map_err(|error| SendError::new(SendErrorKind::NoAnswer, error))?;
            if let Ok(mut data) = frame.into_data() {
                use bytes::Buf;
                let room = KEPT.saturating_sub(kept.len());
                kept.extend_from_slice(&data.copy_to_bytes(data.remaining().min(room)));
            }
        }
        Ok(Self::new(parts.status, parts.headers, kept.into()))
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer").field("status", &self.status).finish_non_exhaustive()
    }
}

/// The error of a request without an answer: see its [`kind`](Self::kind). Its `source` is the
/// error of the target.
#[derive(Debug)]
pub struct SendError {
    kind: SendErrorKind,
    source: Option<Box<dyn Error + Send + Sync>>,
}

/// The kind of a [`SendError`]. More kinds may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SendErrorKind {
    /// The connection to the receiver failed.
    NoConnection,
    /// The connection ended before an answer.
    NoAnswer,
    /// The receiver did not answer within the provider's deadline.
    DeadlineExceeded,
    /// The sender hung up, as the test specified.
    HungUp,
}

impl SendError {
    /// Creates an error, for your own target.
    pub fn new(kind: SendErrorKind, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { kind, source: Some(source.into()) }
    }

    pub(super) fn of_kind(kind: SendErrorKind) -> Self {
        Self { kind, source: None }
    }

    /// Returns the kind of this error.
    pub fn kind(&self) -> SendErrorKind {
        self.kind
    }
}

impl fmt::Display for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            SendErrorKind::NoConnection => "cannot connect to the receiver",
            SendErrorKind::NoAnswer => "the connection ended before an answer",
            SendErrorKind::DeadlineExceeded => "no answer within the provider's deadline",
            SendErrorKind::HungUp => "the sender hung up",
        })
    }
}

impl Error for SendError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn Error + 'static))
    }
}
