//! Verified deliveries, and futures that are stopped midway.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::SystemTime,
};

use countersign::{Clock, Delivery, Secret, Secrets, Verifier, provider::Provider, providers::Zeodyn};

use crate::{
    convert::{of, to_http},
    support::http::Request,
};

/// The delivery that a verifier with these secrets makes of a request.
pub(crate) fn verified_with<P: Provider>(secrets: Secrets, request: &Request) -> Delivery<P> {
    let (head, body) = to_http::<Vec<u8>>(request).into_parts();
    Verifier::<P>::new(secrets).verify(&head, body).expect("a genuine delivery")
}

pub(crate) fn verified<P: Provider>(request: &Request) -> Delivery<P> {
    verified_with(Secrets::new(secret(of::<P>().secret())), request)
}

pub(crate) fn secret(text: impl Into<Vec<u8>>) -> Secret {
    Secret::new(text).expect("a secret that is not empty")
}

/// A delivery of Zeodyn's about this id.
pub(crate) fn about(id: &str) -> Delivery<Zeodyn> {
    verified(&crate::convert::about(id))
}

/// Follows tokio's time, which tests can pause.
pub(crate) fn tokio_clock() -> Clock {
    let begun = tokio::time::Instant::now();
    Clock::following(SystemTime::now(), move || begun.elapsed())
}

/// Polls a future this often at most, and drops it: as a process that is killed does, or a sender that hangs up.
pub(crate) struct DroppedAfter<F> {
    future: Option<Pin<Box<F>>>,
    polls: usize,
}

impl<F> DroppedAfter<F> {
    pub(crate) fn new(polls: usize, future: F) -> Self {
        Self { future: Some(Box::pin(future)), polls }
    }
}

impl<F: Future> Future for DroppedAfter<F> {
    /// `None` if it was dropped.
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<F::Output>> {
        let left = self.polls.checked_sub(1);
        let Some(future) = self.future.as_mut().filter(|_| left.is_some()) else {
            self.future = None;
            return Poll::Ready(None);
        };
        if let Poll::Ready(output) = future.as_mut().poll(cx) {
            return Poll::Ready(Some(output));
        }
        self.polls = left.unwrap_or_default();
        if self.polls == 0 {
            self.future = None;
            return Poll::Ready(None);
        }
        Poll::Pending
    }
}
