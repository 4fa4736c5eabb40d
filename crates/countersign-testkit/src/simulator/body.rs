//! A body that arrives as the test says.

use std::{
    fmt,
    future::Future,
    io,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::time::Sleep;

use super::sending::Sending;

/// The body of a delivery, which a [`Target`](super::Target) sends: at once or in pieces, complete
/// or broken off. `Debug` does not show it.
pub struct SimulatedBody {
    rest: Bytes,
    pace: Option<Pace>,
    /// The number of bytes before it breaks off.
    breaks_after: Option<usize>,
}

struct Pace {
    piece: usize,
    pause: Duration,
    under_way: Option<Pin<Box<Sleep>>>,
}

impl SimulatedBody {
    pub(super) fn new(body: Bytes, sending: Sending) -> Self {
        let whole = Self::from(body);
        match sending {
            Sending::Whole | Sending::HangingUp { .. } => whole,
            Sending::Slowly { piece, pause } => Self { pace: Some(Pace { piece, pause, under_way: None }), ..whole },
            Sending::BrokenOff { after } if after >= whole.rest.len() => whole,
            Sending::BrokenOff { after } => Self { breaks_after: Some(after), ..whole },
        }
    }
}

impl fmt::Debug for SimulatedBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SimulatedBody([{} bytes])", self.rest.len())
    }
}

/// The complete body at once.
impl From<Bytes> for SimulatedBody {
    fn from(body: Bytes) -> Self {
        Self { rest: body, pace: None, breaks_after: None }
    }
}

impl Body for SimulatedBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let this = &mut *self;
        if let Some(left) = &mut this.breaks_after {
            if *left == 0 || this.rest.is_empty() {
                let broken =
                    io::Error::new(io::ErrorKind::ConnectionAborted, "the sender broke off the body, as the test said");
                return Poll::Ready(Some(Err(broken)));
            }
            let sent = this.rest.split_to(this.rest.len().min(*left));
            *left = 0;
            return Poll::Ready(Some(Ok(Frame::data(sent))));
        }
        if this.rest.is_empty() {
            return Poll::Ready(None);
        }
        let size = match &mut this.pace {
            Some(pace) => {
                let sleep = pace.under_way.get_or_insert_with(|| Box::pin(tokio::time::sleep(pace.pause)));
                ready!(sleep.as_mut().poll(cx));
                pace.under_way = None;
                pace.piece
            }
            None => usize::MAX,
        };
        let piece = this.rest.split_to(this.rest.len().min(size));
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.breaks_after.is_none()
    }

    /// The complete length: a body that breaks off declared it, too.
    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(u64::try_from(self.rest.len()).unwrap_or(u64::MAX))
    }
}
