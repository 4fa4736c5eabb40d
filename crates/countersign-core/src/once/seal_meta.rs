//! What is known of a sealed delivery besides its columns.

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::{
    error::{SealError, SealErrorKind},
    trust::Trust,
};

/// The version of what is written here. Rows outlive the process.
const VERSION: u32 = 1;

/// What else is known of a delivery.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Meta {
    pub(crate) trust: Trusted,
    /// The position of the scheme that matched, if the provider has several.
    pub(crate) scheme: usize,
    /// Whether the sorted form of the body was signed.
    pub(crate) is_sorted: bool,
    /// The position of the secret that matched.
    pub(crate) secret: usize,
    pub(crate) is_current: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) label: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) sent_at: Option<Sent>,
    /// The texts at the page's places in the head.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) event: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) id: Option<String>,
    /// The ID of the event's resource, if the column has its hash.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) resource: Option<String>,
}

/// [`Trust`](crate::Trust), as it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Trusted {
    TokenOnly,
    Unbound,
    Confirmed,
    Signed,
}

/// A time of sending.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Sent {
    /// In milliseconds since the Unix epoch.
    pub(crate) at: i64,
    pub(crate) is_signed: bool,
}

impl From<Trusted> for Trust {
    fn from(trusted: Trusted) -> Self {
        match trusted {
            Trusted::TokenOnly => Self::TokenOnly,
            Trusted::Unbound => Self::Unbound,
            Trusted::Confirmed => Self::Confirmed,
            Trusted::Signed => Self::Signed,
        }
    }
}

/// What `meta` always says. The digests stay when the bodies are purged.
#[derive(Serialize, Deserialize)]
pub(super) struct Digests {
    version: u32,
    /// Of the body: SHA-256 in hex, or of a key (see `Cipher::digest`) if it is encrypted.
    pub(super) body: String,
    /// Of the confirmed event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) confirmed: Option<String>,
    /// [`Meta`] in hex, if it is encrypted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) encrypted: Option<String>,
}

/// What is written without encryption.
#[derive(Serialize)]
struct Plain<'a> {
    #[serde(flatten)]
    digests: Digests,
    #[serde(flatten)]
    meta: &'a Meta,
}

/// What is read of it to say why it cannot be read.
#[derive(Deserialize)]
struct Version {
    version: u32,
}

impl Digests {
    pub(super) const fn new(body: String, confirmed: Option<String>, encrypted: Option<String>) -> Self {
        Self { version: VERSION, body, confirmed, encrypted }
    }

    pub(super) fn read(meta: &[u8]) -> Result<Self, SealError> {
        let Version { version } = read(meta)?;
        if version == VERSION { read(meta) } else { Err(SealErrorKind::UnknownVersion.into()) }
    }

    /// Writes `meta` with what else is known, or without it if that is encrypted.
    pub(super) fn written(self, plain: Option<&Meta>) -> Bytes {
        match plain {
            Some(meta) => to_json(&Plain { digests: self, meta }),
            None => to_json(&self),
        }
        .into()
    }
}

impl Meta {
    pub(super) fn read(meta: &[u8]) -> Result<Self, SealError> {
        read(meta)
    }
}

fn read<'a, T: Deserialize<'a>>(meta: &'a [u8]) -> Result<T, SealError> {
    serde_json::from_slice(meta).map_err(|_| SealErrorKind::UnknownVersion.into())
}

/// Names, numbers and texts: there is nothing that JSON cannot say.
fn to_json(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).unwrap_or_default()
}
