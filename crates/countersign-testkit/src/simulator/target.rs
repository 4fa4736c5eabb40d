//! To whom is sent, and what comes back.

use std::{error::Error, fmt, future::Future};

use bytes::Bytes;
use countersign_core::dedupe::{DELIVERY_HEADER, DUPLICATE};
use http::{HeaderMap, Request, StatusCode};
use http_body::Body;

use super::body::SimulatedBody;

/// Of an answer's body no more than this is kept, in bytes: providers look at the status alone.
const KEPT: usize = 64 * 1024;

/// A receiver, as the provider sees it: [`InProcess`](super::InProcess), or with the feature `reqwest` `Endpoint`.
pub trait Target {
    /// Sends one request and waits for the answer. Dropped, it hangs up.
    fn send(&self, request: Request<SimulatedBody>) -> impl Future<Output = Result<Answer, SendError>>;
}

#[cfg(feature = "reqwest")]
/// In a request's extensions, what proves it in the query: a URL has a query of its own.
#[derive(Clone)]
pub(super) struct ProofInQuery(pub(super) String);

/// What a receiver answered. `Debug` does not show the body.
#[derive(Clone)]
#[non_exhaustive]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, as far as it was read: its first 64 KiB.
    pub body: Bytes,
}

impl Answer {
    /// An answer, for a target of your own.
    pub fn new(status: StatusCode, headers: HeaderMap, body: Bytes) -> Self {
        Self { status, headers, body }
    }

    /// Whether the receiver said that it had handled the delivery before, as countersign's do.
    pub fn is_duplicate(&self) -> bool {
        self.headers.get(DELIVERY_HEADER).is_some_and(|found| found == DUPLICATE)
    }

    /// The answer of a response, of whose body no more is read than is kept.
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

/// Why there is no answer. Opaque: ask for its [`kind`](Self::kind); its `source` is what the target said.
#[derive(Debug)]
pub struct SendError {
    kind: SendErrorKind,
    source: Option<Box<dyn Error + Send + Sync>>,
}

/// What kind of [`SendError`] it is. More kinds may come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SendErrorKind {
    /// There is no connection to the receiver.
    NoConnection,
    /// The connection ended before there was an answer.
    NoAnswer,
    /// There was no answer within the provider's deadline.
    DeadlineExceeded,
    /// The sender hung up, as it was told to.
    HungUp,
}

impl SendError {
    /// An error of a target of your own.
    pub fn new(kind: SendErrorKind, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { kind, source: Some(source.into()) }
    }

    pub(super) fn of_kind(kind: SendErrorKind) -> Self {
        Self { kind, source: None }
    }

    /// What kind of error it is.
    pub fn kind(&self) -> SendErrorKind {
        self.kind
    }
}

impl fmt::Display for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            SendErrorKind::NoConnection => "there is no connection to the receiver",
            SendErrorKind::NoAnswer => "the connection ended before there was an answer",
            SendErrorKind::DeadlineExceeded => "there was no answer within the provider's deadline",
            SendErrorKind::HungUp => "the sender hung up",
        })
    }
}

impl Error for SendError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn Error + 'static))
    }
}
