//! ScreenshotRun: <https://www.screenshotrun.com/docs/webhooks>, under "Security".

use std::{error::Error, fmt, sync::Arc};

use countersign_core::{
    Confirmation, ProviderEvent, UnconfirmedDelivery, Verdict,
    provider::Provider,
    providers::{Capture, ScreenshotRun, ScreenshotRunEvent},
};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{
    api::Api,
    api_error::{ApiError, ApiErrorKind},
    comparison::{self, Comparison},
};

/// Confirms deliveries of [`ScreenshotRun`] with its API, as its [page on
/// webhooks](https://www.screenshotrun.com/docs/webhooks) recommends. (ScreenshotRun does not sign
/// its webhooks.)
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
/// For each delivery with the right token, it requests
/// `https://screenshotrun.com/api/v1/screenshots/{id}` with the API key as bearer token. It then
/// compares the answer with the delivery, as [`agrees`](Self::agrees) documents.
///
/// | answer of the API | result |
/// |---|---|
/// | 200, and it agrees | `Trust::Confirmed`; the handler's event is what the API said, under the delivery's event name |
/// | 200, and it differs; 404 or 410 | rejected with 401 |
/// | not requested: the delivery's ID is not a UUID | rejected with 401 |
/// | any other status; no answer; an answer that is too slow, too large or malformed | 503 with `Retry-After`, and a log event at level WARN |
///
/// ScreenshotRun does not document the API's answer. This client **assumes** a JSON object with the
/// fields that `data` has in a delivery, with `id` and `status` at least. The object may also be
/// the `data` of another object. Fields that the API leaves out are `None` in the handler's event.
/// `sent_at` is always `None`, because only the delivery says it. The raw body stays unchanged and
/// is only as trustworthy as the token: do not take an `image_url` from there.
///
/// # Limits
///
/// * Requests go to one host, over HTTPS. Redirects are not followed, so that the key is sent to no
///   other host.
/// * An answer is limited to 64 KiB and 4 s, of which the connection may take 2 s.
/// * 16 requests may be in flight, each over its own connection.
/// * Proxies are taken from the environment (`HTTPS_PROXY`, `NO_PROXY`). They see only the host and
///   the port.
///
/// Clones share all of these.
#[derive(Clone)]
pub struct ScreenshotRunApi {
    pub(crate) api: Api,
    pub(crate) comparison: Arc<Comparison>,
}

impl ScreenshotRunApi {
    /// Returns whether a delivery's event and the API's answer about its screenshot agree.
    ///
    /// They agree if the event is documented, the API's `status` is the one of that event (such as
    /// `completed` for `screenshot.completed`), and `id`, `status` and `url` are equal. The
    /// delivery may leave out `status` and `url`. Undocumented events never agree, because the API
    /// cannot confirm what their names claim.
    pub fn agrees(event: &ScreenshotRunEvent, screenshot: &Capture) -> bool {
        comparison::agrees(event, screenshot)
    }

    async fn ask(&self, event: &ScreenshotRunEvent) -> Result<Verdict<ScreenshotRunEvent>, ApiError> {
        // The ID comes from the sender: only a UUID becomes part of a URL.
        let Some(id) = event.resource_id().filter(|id| is_uuid(id)) else { return Ok(Verdict::Denied) };
        // In one spelling: otherwise an API that echoes the ID would make two screenshots of one.
        let id = id.to_ascii_lowercase();
        let Some(answer) = self.api.get(&["api", "v1", "screenshots", &id]).await? else {
            tracing::debug!(target: "countersign", provider = ScreenshotRun::NAME, "the API does not know the screenshot");
            return Ok(Verdict::Denied);
        };
        let answer = read(event.name(), &answer).filter(|(known, _)| !known.id.is_empty() && known.status.is_some());
        let (screenshot, confirmed) = answer.ok_or(ApiError::answered(ApiErrorKind::Unexpected, 200))?;
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

/// Reads the API's answer as a screenshot, and as the event `name` about it. Like in a delivery, a
/// field of another shape is missing, unless it is compared.
fn read(name: &str, answer: &[u8]) -> Option<(Capture, ScreenshotRunEvent)> {
    #[derive(Deserialize)]
    struct Answer<'a> {
        #[serde(borrow)]
        data: Option<&'a RawValue>,
    }

    #[derive(Deserialize)]
    struct Compared<'a> {
        #[serde(borrow)]
        url: Option<&'a RawValue>,
    }

    #[derive(Serialize)]
    struct Delivery<'a> {
        event: &'a str,
        data: &'a RawValue,
    }

    // A derived `Deserialize` would also take the items of an array as fields.
    let whole = serde_json::from_slice::<&RawValue>(answer).ok().filter(|json| json.get().starts_with('{'))?;
    let data = serde_json::from_str::<Answer<'_>>(whole.get()).ok()?.data.unwrap_or(whole);
    let delivery = serde_json::to_string(&Delivery { event: name, data }).ok()?;
    let event = ScreenshotRunEvent::decode(delivery.as_bytes()).ok()?;
    let screenshot = match &event {
        ScreenshotRunEvent::ScreenshotCompleted(screenshot) | ScreenshotRunEvent::ScreenshotFailed(screenshot) => {
            screenshot.clone()
        }
        // Undocumented events never agree, but a user's own comparison may decide otherwise.
        _ => serde_json::from_str(&delivery).ok()?,
    };
    let url_is_read = screenshot.url.is_some() || serde_json::from_str::<Compared<'_>>(data.get()).ok()?.url.is_none();
    url_is_read.then_some((screenshot, event))
}

/// Returns whether the ID is 8-4-4-4-12 hexadecimal digits: RFC 9562, section 4.
fn is_uuid(id: &str) -> bool {
    id.len() == 36
        && id.bytes().enumerate().all(|(position, byte)| match position {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}
