//! A delivery that is not signed yet.

use std::{borrow::Cow, fmt, time::SystemTime};

/// A delivery to sign: its body, and the other values that a scheme may sign. The body alone
/// converts into it.
///
/// ```
/// use std::time::{Duration, UNIX_EPOCH};
/// use countersign_core::provider::{Draft, Scheme, grammar::*};
///
/// const ACME: Scheme = Scheme::signed(HmacSha256, member("acme-signature", "=,", "v1"), Hex)
///     .time(member("acme-signature", "=,", "t"), Unit::Seconds)
///     .over(&[Time, Text("."), Body]);
///
/// let draft = Draft::new(b"{}").at(UNIX_EPOCH + Duration::from_secs(1_614_265_330));
/// let proof = ACME.sign(b"s3cr3t", draft)?;
/// // printf '1614265330.{}' | openssl dgst -sha256 -hmac s3cr3t
/// let tag = "7967322936e72d289eed695344f158217d8fa89fafbc1423bc159566c2f86bda";
/// let header = format!("t=1614265330,v1={tag}");
/// assert_eq!(proof.headers().collect::<Vec<_>>(), [("acme-signature", header.as_str())]);
/// # Ok::<(), countersign_core::provider::SignError>(())
/// ```
#[derive(Clone)]
pub struct Draft<'a> {
    pub(super) body: &'a [u8],
    pub(super) time: SystemTime,
    pub(super) id: Cow<'a, str>,
    pub(super) method: &'a str,
    pub(super) url: Option<&'a str>,
    pub(super) query: Option<&'a str>,
    pub(super) headers: Vec<(&'a str, &'a str)>,
}

impl<'a> Draft<'a> {
    /// Creates a draft of a POST with this body, that is sent now.
    pub fn new(body: &'a (impl AsRef<[u8]> + ?Sized)) -> Self {
        Self {
            body: body.as_ref(),
            time: SystemTime::now(),
            id: Cow::Borrowed("msg_countersign"),
            method: "POST",
            url: None,
            query: None,
            headers: Vec::new(),
        }
    }

    /// Sets the time of sending (default: now).
    #[must_use]
    pub fn at(mut self, time: SystemTime) -> Self {
        self.time = time;
        self
    }

    /// Sets the ID of the delivery (default: `msg_countersign`).
    #[must_use]
    pub fn with_id(mut self, id: impl Into<Cow<'a, str>>) -> Self {
        self.id = id.into();
        self
    }

    /// Sets the method (default: `POST`).
    #[must_use]
    pub fn with_method(mut self, method: &'a str) -> Self {
        self.method = method;
        self
    }

    /// Sets the public URL of the endpoint (default: none).
    #[must_use]
    pub fn with_url(mut self, url: &'a str) -> Self {
        self.url = Some(url);
        self
    }

    /// Sets the query of the request, without the `?` (default: none).
    #[must_use]
    pub fn with_query(mut self, query: &'a str) -> Self {
        self.query = Some(query);
        self
    }

    /// Adds a header that the scheme signs as a field.
    #[must_use]
    pub fn with_header(mut self, name: &'a str, value: &'a str) -> Self {
        self.headers.push((name, value));
        self
    }
}

impl<'a, B: AsRef<[u8]> + ?Sized> From<&'a B> for Draft<'a> {
    fn from(body: &'a B) -> Self {
        Self::new(body)
    }
}

/// `Debug` does not show the body, nor what is sent with it.
impl fmt::Debug for Draft<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Draft")
            .field("method", &self.method)
            .field("time", &self.time)
            .field("body", &format_args!("[{} bytes]", self.body.len()))
            .finish_non_exhaustive()
    }
}
