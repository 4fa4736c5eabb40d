//! Why a handler gets no webhook.

use super::{VerifyError, verify::PROBLEM};

/// Why a handler that asks for a webhook does not get one: what the adapters' extractors answer with.
///
/// More reasons may come.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExtractionError {
    /// No delivery of this provider was verified before the handler: a mistake in the service (500).
    #[error(
        "no delivery of {title} was verified before this handler: put `VerifyWebhook` for {title} around its route. \
         A `VerifyWebhook` for another provider, or around another route, does not count"
    )]
    #[non_exhaustive]
    MissingVerification {
        /// The provider's title.
        title: &'static str,
    },
    /// The delivery is genuine, and its body is not what the provider documents (422).
    #[error(transparent)]
    Undecodable(VerifyError),
}

impl ExtractionError {
    /// The HTTP status that says so.
    pub const fn status(&self) -> u16 {
        match self {
            Self::MissingVerification { .. } => 500,
            Self::Undecodable(error) => error.status(),
        }
    }

    /// The headers of the answer.
    pub const fn headers(&self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::MissingVerification { .. } => &[PROBLEM],
            Self::Undecodable(error) => error.headers(),
        }
    }

    /// The body of the answer, a problem document: for a missing verification, with the message as its `detail`.
    pub fn problem(&self) -> String {
        match self {
            Self::MissingVerification { .. } => serde_json::json!({
                "type": "about:blank", "title": "Internal Server Error", "status": 500, "detail": self.to_string(),
            })
            .to_string(),
            Self::Undecodable(error) => error.problem().to_owned(),
        }
    }
}
