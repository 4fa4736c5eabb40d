//! Known mistakes, and how they are told.

use std::sync::Arc;

use serde::Serialize;

/// A known mistake. In its texts, names in braces stand for what [`Words`] knows.
#[derive(Debug)]
pub(crate) struct Mistake {
    pub(super) code: &'static str,
    /// What is the matter; it goes on after `not genuine: `.
    pub(super) sentence: &'static str,
    /// What to change.
    pub(super) advice: &'static str,
}

/// A mistake that was found, or is tried, and what its `{detail}` is.
#[derive(Clone, Debug)]
pub(super) struct Named {
    pub(super) mistake: &'static Mistake,
    detail: Option<Arc<str>>,
}

impl Named {
    pub(super) fn with_detail(mistake: &'static Mistake, detail: impl Into<Arc<str>>) -> Self {
        Self { mistake, detail: Some(detail.into()) }
    }

    pub(super) fn told(&self, words: &Words) -> Cause {
        let detail = self.detail.as_deref().unwrap_or_default();
        Cause {
            code: self.mistake.code,
            message: words.put_into(self.mistake.sentence, detail),
            advice: words.put_into(self.mistake.advice, detail),
        }
    }
}

impl From<&'static Mistake> for Named {
    fn from(mistake: &'static Mistake) -> Self {
        Self { mistake, detail: None }
    }
}

/// Why a delivery is not genuine, or one of the reasons.
#[derive(Debug, Serialize)]
pub(crate) struct Cause {
    pub(crate) code: &'static str,
    pub(crate) message: String,
    pub(crate) advice: String,
}

/// What is named in sentences.
pub(super) struct Words {
    /// `Zeodyn`
    pub(super) provider: &'static str,
    /// `the secret in ZEODYN_WEBHOOK_SECRET`
    pub(super) secret: String,
    /// The name of the proof: `x-zeodyn-signature`, `token`.
    pub(super) place: &'static str,
    /// What the signature looks like: `sha256=` and 64 hex digits.
    pub(super) grammar: String,
    /// Whether it is a token.
    pub(super) is_token: bool,
    /// What is to be known of this provider's secrets.
    pub(super) which_secret: &'static str,
}

impl Words {
    fn put_into(&self, text: &str, detail: &str) -> String {
        let (proven_with, right_one) = if self.is_token {
            ("its token is", "the one in the URL")
        } else {
            ("it was signed with", "the one that signed")
        };
        text.replace("{provider}", self.provider)
            .replace("{secret}", &self.secret)
            .replace("{place}", self.place)
            .replace("{grammar}", &self.grammar)
            .replace("{proven_with}", proven_with)
            .replace("{right_one}", right_one)
            .replace("{which_secret}", self.which_secret)
            .replace("{detail}", detail)
    }
}
