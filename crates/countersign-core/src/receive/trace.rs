//! What the log says of a rejection, and the status to send for it.

use crate::error::{Cause, Rejection, RejectionDetail, RejectionKind};

impl Rejection {
    /// Returns the status to send, given the `status` of your own response to this rejection. A 2xx
    /// for a [retryable](Self::is_retryable) delivery is replaced by the rejection's own status,
    /// because the provider would not retry after a 2xx. Any other status is returned unchanged.
    pub const fn status_of(&self, status: u16) -> u16 {
        if self.is_retryable() && status >= 200 && status < 300 { self.status() } else { status }
    }

    /// Emits the `tracing` event of this rejection, with the provider's name, the reason's code, and
    /// the [detail](Self::detail). A source address is logged at level DEBUG, in a second event. No
    /// other value of the request is logged. The adapters call this; call it yourself if you use a
    /// [`Verifier`](crate::Verifier) without an adapter.
    pub fn trace(&self, provider: &'static str) {
        let (reason, status) = (self.kind().code(), self.status());
        match self.cause() {
            Some(Cause::Body(error)) => tracing::warn!(
                target: "countersign", provider, reason, status, detail = %error,
                "verified webhook delivery could not be decoded"
            ),
            // A store is given a digest, a token and a time: it cannot quote the request.
            Some(Cause::Theirs(error))
                if matches!(self.kind(), RejectionKind::StoreUnavailable | RejectionKind::InboxUnavailable) =>
            {
                tracing::warn!(
                    target: "countersign", provider, reason, status, detail = %error, "webhook delivery rejected"
                )
            }
            // Addresses are personal data, so they are not logged at this level.
            Some(Cause::Detail(detail)) if !matches!(detail, RejectionDetail::Source(_)) => tracing::warn!(
                target: "countersign", provider, reason, status, %detail, "webhook delivery rejected"
            ),
            None if self.kind() == RejectionKind::HandlerTimeout => tracing::warn!(
                target: "countersign", provider, reason, status, "webhook handler stopped at its deadline"
            ),
            // The error of a look-up or a confirmation may quote the request.
            Some(Cause::Theirs(_) | Cause::Detail(_)) | None => {
                tracing::warn!(target: "countersign", provider, reason, status, "webhook delivery rejected");
            }
        }
        if let Some(RejectionDetail::Source(source)) = self.detail() {
            tracing::debug!(target: "countersign", provider, "{source}");
        }
        let advice = match self.kind() {
            RejectionKind::InsufficientTrust => {
                "every delivery of this provider is rejected, because its trust is below the minimum: set a confirmation with \
                 `with_confirmation`, or lower the minimum with `with_minimum_trust`"
            }
            RejectionKind::SourceUnknown => {
                "the server does not know the peer's address: serve an axum app with \
                 `into_make_service_with_connect_info::<SocketAddr>()`; elsewhere, put a `countersign::PeerAddr` into \
                 the request's extensions where connections are accepted"
            }
            _ => return,
        };
        tracing::debug!(target: "countersign", provider, "{advice}");
    }
}
