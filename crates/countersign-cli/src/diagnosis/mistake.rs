//! Known mistakes, and their words.

use bytes::Bytes;
use countersign_core::{PublicUrl, Secrets};
use serde::Serialize;

use super::edits::Edit;
use crate::capture::Captured;

/// A known mistake. In its texts, names in braces stand for what [`Words`] knows.
#[derive(Debug)]
pub(super) struct Mistake {
    pub(super) code: &'static str,
    /// What is wrong. It follows `not verified: `.
    pub(super) sentence: &'static str,
    /// What to change.
    pub(super) advice: &'static str,
}

/// Declares mistakes: a name, a code, a sentence, an advice.
macro_rules! mistakes {
    ($($NAME:ident: $code:literal, $sentence:literal, $advice:literal;)*) => {
        $(pub(super) static $NAME: $crate::diagnosis::mistake::Mistake =
            $crate::diagnosis::mistake::Mistake { code: $code, sentence: $sentence, advice: $advice };)*
    };
}
pub(super) use mistakes;

/// A mistake that was found, or is tried, and its `{detail}`.
#[derive(Clone, Debug)]
pub(super) struct Named {
    pub(super) mistake: &'static Mistake,
    detail: String,
}

impl Named {
    pub(super) fn with_detail(mistake: &'static Mistake, detail: impl Into<String>) -> Self {
        Self { mistake, detail: detail.into() }
    }

    pub(super) fn told(&self, words: &Words) -> Cause {
        Cause {
            code: self.mistake.code,
            message: words.put_into(self.mistake.sentence, &self.detail),
            advice: words.put_into(self.mistake.advice, &self.detail),
        }
    }
}

impl From<&'static Mistake> for Named {
    fn from(mistake: &'static Mistake) -> Self {
        Self::with_detail(mistake, "")
    }
}

/// Whether a message can show a name that the capture has. It can be as long as the capture, and have a
/// part of the secret in it.
pub(super) fn can_be_shown(name: &str, secret: &[u8]) -> bool {
    const LONGEST: usize = 64;
    const PART: usize = 6;
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let mut pieces = name.as_bytes().windows(PART);
    let mut is_secret = || pieces.any(|piece| secret.windows(PART).any(|own| own.eq_ignore_ascii_case(piece)));
    name.len() <= LONGEST && name.bytes().all(is_plain) && !is_secret()
}

/// Returns what may have been meant by the given bytes, if a mistake was made.
pub(super) type Undo = fn(&[u8]) -> Vec<Vec<u8>>;

/// A delivery as it may have been meant: what is different without a mistake.
pub(super) struct Meant {
    pub(super) mistake: Named,
    pub(super) secret: Option<Secrets>,
    pub(super) body: Option<Bytes>,
    pub(super) head: Option<Captured>,
    pub(super) url: Option<PublicUrl>,
    /// Not of the delivery, but of the scheme.
    pub(super) edit: Option<Edit>,
}

impl Meant {
    fn new(mistake: Named) -> Self {
        Self { mistake, secret: None, body: None, head: None, url: None, edit: None }
    }

    pub(super) fn secret(secret: Secrets, mistake: Named) -> Self {
        Self { secret: Some(secret), ..Self::new(mistake) }
    }

    pub(super) fn body(body: Bytes, mistake: Named) -> Self {
        Self { body: Some(body), ..Self::new(mistake) }
    }

    pub(super) fn head(head: Captured, mistake: Named) -> Self {
        Self { head: Some(head), ..Self::new(mistake) }
    }

    pub(super) fn url(url: PublicUrl, mistake: Named) -> Self {
        Self { url: Some(url), ..Self::new(mistake) }
    }

    pub(super) fn edited(edit: Edit, mistake: Named) -> Self {
        Self { edit: Some(edit), ..Self::new(mistake) }
    }
}

/// Why a delivery does not verify, or one of the reasons.
#[derive(Debug, Serialize)]
pub(crate) struct Cause {
    pub(crate) code: &'static str,
    pub(crate) message: String,
    pub(crate) advice: String,
}

/// What the sentences name.
pub(super) struct Words {
    /// `Zeodyn`
    pub(super) provider: &'static str,
    /// `the secret in ZEODYN_WEBHOOK_SECRET`
    pub(super) secret: String,
    /// The place of the proof: `` the header `x-zeodyn-signature` ``.
    pub(super) place: String,
    /// What the proof looks like: `` `sha256=` and 64 hex digits ``.
    pub(super) grammar: String,
    /// What is signed: `` `{time}.{body}` ``.
    pub(super) signed: String,
    /// `signature` or `token`.
    pub(super) proof: &'static str,
    /// What to know of this provider's secrets.
    pub(super) which_secret: &'static str,
}

impl Words {
    fn put_into(&self, text: &str, detail: &str) -> String {
        text.replace("{provider}", self.provider)
            .replace("{secret}", &self.secret)
            .replace("{place}", &self.place)
            .replace("{grammar}", &self.grammar)
            .replace("{proof}", self.proof)
            .replace("{which_secret}", self.which_secret)
            .replace("{detail}", detail)
            // The last: it has braces in it.
            .replace("{signed}", &self.signed)
    }
}
