//! ScreenshotRun: <https://www.screenshotrun.com/docs/webhooks>, under "Security".

use std::{error::Error, fmt, sync::Arc};

use countersign_core::{
    Confirmation, Event, Provider, UnconfirmedDelivery, Verdict,
    providers::{Capture, ScreenshotRun, ScreenshotRunEvent},
};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{
    api::Api,
    api_error::{ApiError, ApiErrorKind},
    builder::ScreenshotRunApiBuilder,
    settings_error::ApiSettingsError,
};

/// Has deliveries of [`ScreenshotRun`], which signs nothing, confirmed by its API, as its [page on
/// webhooks](https://www.screenshotrun.com/docs/webhooks) recommends.
///
/// ```
/// use countersign_confirmation::ScreenshotRunApi;
/// use countersign_core::{Trust, Verifier, providers::ScreenshotRun};
///
/// let api = ScreenshotRunApi::new("k3y")?;
/// let verifier = Verifier::<ScreenshotRun>::new("t0ken").with_confirmation(api);
/// assert_eq!(verifier.trust(), Trust::Confirmed);
/// # Ok::<(), countersign_confirmation::ApiSettingsError>(())
/// ```
///
/// For each delivery whose token is right it asks `GET https://screenshotrun.com/api/v1/screenshots/{id}`, with the API key
/// as a bearer token, and compares the answer with the delivery as [`agrees`] says. What becomes of it:
///
/// | | |
/// |---|---|
/// | 200, and it agrees | `Trust::Confirmed`; the handler's event is what the API said, and holds nothing of the delivery but its name |
/// | 200, and it differs; 404 or 410; an id that is no UUID | refused, 401 |
/// | any other status, no answer, or one that is too slow, too large or not as assumed | 503 with `Retry-After`, and a trace at level WARN |
///
/// The page does not show the API's answer. What is **assumed** is a JSON object with the fields that `data` has in a
/// delivery, by itself or as `data` of another object: `id` and `status` at least. Fields that the API leaves out are
/// `None` in the handler's event, and so is `sent_at`, which only the delivery says. The raw body stays as it came and is
/// only as sure as the token: do not take an `image_url` from there.
///
/// Limits: the API is asked by HTTPS at one host; redirects are not followed, so that the key goes nowhere else; an
/// answer has 4 s, of which a connection has 2 s, and 64 KiB; 16 questions are under way at once, each over a connection of
/// its own. Proxies are taken from the environment (`HTTPS_PROXY`), and see nothing but the host's name. Clones share all
/// of that.
#[derive(Clone)]
pub struct ScreenshotRunApi {
    pub(crate) api: Api,
    pub(crate) comparison: Arc<Comparison>,
}

pub(crate) type Comparison = dyn Fn(&ScreenshotRunEvent, &Capture) -> bool + Send + Sync;

/// Whether a delivery's event and what the API says of its screenshot agree: the event is a documented one, the API's
/// status is the one that belongs to its name, and `id`, `status` and `url` are equal, of which the delivery may leave
/// out the last two.
///
/// An event that is not documented does not agree: whatever its name asks for, nobody would have confirmed it.
pub fn agrees(event: &ScreenshotRunEvent, screenshot: &Capture) -> bool {
    let (delivered, status) = match event {
        ScreenshotRunEvent::ScreenshotCompleted(capture) => (capture, "completed"),
        ScreenshotRunEvent::ScreenshotFailed(capture) => (capture, "failed"),
        _ => return false,
    };
    let is_left_out_or =
        |field: &Option<String>, expected: Option<&str>| field.is_none() || field.as_deref() == expected;
    delivered.id.eq_ignore_ascii_case(&screenshot.id)
        && screenshot.status.as_deref() == Some(status)
        && is_left_out_or(&delivered.status, Some(status))
        && is_left_out_or(&delivered.url, screenshot.url.as_deref())
}

impl ScreenshotRunApi {
    /// Asks with this API key, with every setting as it is unless set.
    ///
    /// # Errors
    ///
    /// If the key is empty or cannot stand in a header, or TLS cannot be set up: a system without root certificates.
    pub fn new(api_key: impl Into<String>) -> Result<Self, ApiSettingsError> {
        Self::builder(api_key).build()
    }

    /// Asks with this API key, and with settings of your own.
    pub fn builder(api_key: impl Into<String>) -> ScreenshotRunApiBuilder {
        ScreenshotRunApiBuilder::new(api_key.into())
    }

    async fn ask(&self, event: &ScreenshotRunEvent) -> Result<Verdict<ScreenshotRunEvent>, ApiError> {
        // Nobody but the sender vouches for the id: what is no UUID never gets near a URL.
        let Some(id) = event.resource_id().filter(|id| is_uuid(id)) else { return Ok(Verdict::Denied) };
        // In one spelling: what an API echoes must not make two of one screenshot.
        let id = id.to_ascii_lowercase();
        let Some(answer) = self.api.get(&["api", "v1", "screenshots", &id]).await? else {
            tracing::debug!(target: "countersign", provider = ScreenshotRun::NAME, "the API knows no such screenshot");
            return Ok(Verdict::Denied);
        };
        let unexpected = ApiError::answered(ApiErrorKind::Unexpected, 200);
        let (screenshot, confirmed) = read(event.name(), &answer).ok_or(unexpected)?;
        if screenshot.id.is_empty() || screenshot.status.is_none() {
            return Err(unexpected);
        }
        let agree = screenshot.id.eq_ignore_ascii_case(&id) && (self.comparison)(event, &screenshot);
        Ok(if agree { Verdict::Confirmed(confirmed) } else { Verdict::Denied })
    }
}

impl Confirmation<ScreenshotRun> for ScreenshotRunApi {
    async fn confirm(
        &self,
        delivery: UnconfirmedDelivery<ScreenshotRun>,
    ) -> Result<Verdict<ScreenshotRunEvent>, Box<dyn Error + Send + Sync>> {
        let verdict = self.ask(delivery.event()).await;
        if let Err(error) = &verdict {
            error.trace(ScreenshotRun::NAME);
        }
        Ok(verdict?)
    }
}

impl fmt::Debug for ScreenshotRunApi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScreenshotRunApi").field("api", &self.api).finish_non_exhaustive()
    }
}

/// What the API says of a screenshot, and the event `name` with that as its data.
fn read(name: &str, answer: &[u8]) -> Option<(Capture, ScreenshotRunEvent)> {
    #[derive(Deserialize)]
    struct Answer<'a> {
        #[serde(borrow)]
        data: Option<&'a RawValue>,
    }

    #[derive(Serialize)]
    struct Delivery<'a> {
        event: &'a str,
        data: &'a RawValue,
    }

    // A derived `Deserialize` would take an array's items for the fields.
    let whole = serde_json::from_slice::<&RawValue>(answer).ok().filter(|json| json.get().starts_with('{'))?;
    let data = serde_json::from_str::<Answer<'_>>(whole.get()).ok()?.data.unwrap_or(whole);
    let delivery = serde_json::to_string(&Delivery { event: name, data }).ok()?;
    Some((serde_json::from_str(&delivery).ok()?, ScreenshotRunEvent::decode(delivery.as_bytes()).ok()?))
}

/// 8-4-4-4-12 hexadecimal digits: RFC 9562, section 4.
fn is_uuid(id: &str) -> bool {
    id.len() == 36
        && id.bytes().enumerate().all(|(position, byte)| match position {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}
