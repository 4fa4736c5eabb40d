//! The receiver: decides every step of a delivery, for every adapter.

use std::{fmt, sync::Arc, time::Duration};

use super::{
    answer::Answer,
    checking::begin,
    handshake::{self, Signed},
    head::RequestHead,
    receiving::Receiving,
    settings::Settings,
    verifier::Verifier,
};
use crate::{once::Dedupe, provider::Provider};

/// The receiver of an endpoint: it decides every step of a delivery (head, body, proof, event,
/// claim). An adapter gives it the head and the frames of the body, converts an [`Answer`] into a
/// response, and calls the handler. Clones share the settings.
///
/// ```
/// use countersign_core::{Verifier, providers::Zeodyn};
/// use countersign_core::adapter::{Answer, Finish, Next, Received, Receiver};
///
/// async fn receive(receiver: &Receiver<Zeodyn>, request: http::Request<bytes::Bytes>) -> Result<Received<Zeodyn>, Answer> {
///     let (head, body) = request.into_parts();
///     let mut receiving = receiver.begin(&head)?;
///     receiving.push(body)?;
///     let next = match receiving.finish(tokio::time::sleep) {
///         Finish::Ready(next) => next,
///         Finish::Wait(next) => next.await,
///     };
///     match next {
///         // With a lease, run the handler by `Lease::hold`, in a separate task.
///         Next::Handle(received, _lease) => Ok(received),
///         Next::Answer(answer) => Err(answer),
///     }
/// }
///
/// let receiver = Receiver::from(Verifier::<Zeodyn>::new("s3cr3t"));
/// ```
pub struct Receiver<P: Provider> {
    settings: Arc<Settings<P>>,
}

impl<P: Provider> Receiver<P> {
    /// Checks the head, before the body is read: see [`Verifier::check_head`]. Before that, answers a
    /// [handshake](crate::provider::Handshake) that needs no body. An answer is logged.
    ///
    /// # Errors
    ///
    /// Returns the answer to a handshake or to a rejected delivery.
    pub fn begin(&self, head: &impl RequestHead) -> Result<Receiving<P>, Answer> {
        if let Some(answer) = handshake::at_head(&self.settings, head) {
            return Err(answer);
        }
        match begin(&self.settings, head, Signed::answered::<P>(head)) {
            Ok(progress) => Ok(Receiving::new(progress)),
            Err(rejection) => Err(Answer::rejected::<P>(rejection)),
        }
    }

    /// Returns the time to wait for the whole body. After that, answer with
    /// [`Receiving::timed_out`].
    pub fn body_timeout(&self) -> Duration {
        self.settings.body_timeout
    }

    /// Claims each delivery before its handler runs. The settings have to suit the provider: see
    /// [`Dedupe::check`].
    #[must_use]
    pub fn with_dedupe(mut self, dedupe: Dedupe) -> Self {
        self.settings_mut().remember(dedupe);
        self
    }

    /// Returns the settings, for the setters that `__settings!` makes.
    #[doc(hidden)]
    pub fn settings_mut(&mut self) -> &mut Settings<P> {
        Arc::make_mut(&mut self.settings)
    }
}

impl<P: Provider, W> From<Verifier<P, W>> for Receiver<P> {
    fn from(verifier: Verifier<P, W>) -> Self {
        Self { settings: verifier.into_settings() }
    }
}

impl<P: Provider> Clone for Receiver<P> {
    fn clone(&self) -> Self {
        Self { settings: Arc::clone(&self.settings) }
    }
}

impl<P: Provider> fmt::Debug for Receiver<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver")
            .field("verifier", &self.settings)
            .field("body_timeout", &self.settings.body_timeout)
            .field("dedupe", &self.settings.dedupe)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
#[path = "receiver_tests.rs"]
mod tests;
