//! A body that does as it is told, and tells how often it was asked.

use std::{
    collections::VecDeque,
    pin::Pin,
    task::{Context, Poll},
    time::{Duration, Instant},
};

use bytes::Bytes;
use http::HeaderMap;
use http_body::{Body, Frame};
use http_body_util::{BodyExt, Full, combinators::UnsyncBoxBody};

use crate::tower::Count;

pub(crate) type BoxError = Box<dyn std::error::Error + Send + Sync>;

pub(crate) enum Step {
    Data(Bytes),
    Trailers(HeaderMap),
    /// Not ready now, ready when asked again.
    Later,
    /// Never ready again.
    Stall,
    /// One empty frame after the other, always ready.
    EmptyForEver,
    /// One byte after the other, always ready.
    BytesForEver,
}

/// It has no size hint: what is declared is in the head.
#[derive(Default)]
pub(crate) struct Script {
    steps: VecDeque<Step>,
    pub(crate) asked: Count,
    since: Option<Instant>,
}

impl Script {
    pub(crate) fn new(steps: impl IntoIterator<Item = Step>) -> Self {
        Self { steps: steps.into_iter().collect(), ..Self::default() }
    }

    /// `bytes` in frames of `size` bytes.
    pub(crate) fn in_frames(bytes: &[u8], size: usize) -> Self {
        Self::new(bytes.chunks(size).map(|chunk| Step::Data(Bytes::copy_from_slice(chunk))))
    }

    /// The one frame that is left.
    pub(crate) fn into_frame(mut self) -> Bytes {
        assert_eq!(self.steps.len(), 1);
        match self.steps.pop_front() {
            Some(Step::Data(bytes)) => bytes,
            _ => panic!("no data"),
        }
    }
}

impl From<Bytes> for Script {
    fn from(bytes: Bytes) -> Self {
        Self::new([Step::Data(bytes)])
    }
}

impl From<Vec<u8>> for Script {
    fn from(bytes: Vec<u8>) -> Self {
        Bytes::from(bytes).into()
    }
}

impl Body for Script {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        self.asked.add();
        let Some(step) = self.steps.pop_front() else { return Poll::Ready(None) };
        // What never ends has to fail a test, not to hang it.
        let since = *self.since.get_or_insert_with(Instant::now);
        let endless = |this: &mut Self, step, bytes: &'static [u8]| {
            assert!(since.elapsed() < Duration::from_secs(60), "the body is read without end");
            this.steps.push_front(step);
            Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(bytes)))))
        };
        match step {
            Step::Data(bytes) => Poll::Ready(Some(Ok(Frame::data(bytes)))),
            Step::Trailers(trailers) => Poll::Ready(Some(Ok(Frame::trailers(trailers)))),
            Step::Later => {
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            Step::Stall => {
                self.steps.push_front(Step::Stall);
                Poll::Pending
            }
            Step::EmptyForEver => endless(&mut self, Step::EmptyForEver, b""),
            Step::BytesForEver => endless(&mut self, Step::BytesForEver, b"x"),
        }
    }
}

/// A body that can hold any other, and bytes.
pub(crate) struct AnyBody(pub(crate) UnsyncBoxBody<Bytes, BoxError>);

impl From<Bytes> for AnyBody {
    fn from(bytes: Bytes) -> Self {
        Self(Full::new(bytes).map_err(Into::into).boxed_unsync())
    }
}

impl http_body::Body for AnyBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<http_body::Frame<Bytes>, Self::Error>>> {
        std::pin::Pin::new(&mut self.0).poll_frame(cx)
    }
}
