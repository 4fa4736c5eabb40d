//! The payloads on the providers' pages.

use bytes::Bytes;
use countersign_core::{
    __for_each_provider,
    provider::{Page, Provider},
    providers,
};

use crate::error::PayloadError;

/// The names of events, each with a payload.
type Payloads = &'static [(&'static str, &'static str)];

/// A provider with its documented payloads, as starting points for tests.
///
/// The providers that countersign supports implement it. Those with typed events have a payload for
/// each event; for the others, see [`Payload::example`](crate::Payload::example). For your own
/// provider, list its payloads:
///
/// ```
/// # use countersign::{events, provider::{Provider, Scheme}};
/// # use serde::{Deserialize, Serialize};
/// # enum Acme {}
/// # impl Provider for Acme {
/// #     type Event = AcmeEvent;
/// #     const NAME: &'static str = "acme";
/// #     const TITLE: &'static str = "Acme";
/// #     const DOCS: &'static str = "https://acme.example/docs/webhooks";
/// #     const SCHEME: Scheme = Scheme::hmac_sha256("x-acme-signature", "sha256=");
/// # }
/// # events! { enum AcmeEvent { id: ["order_id"]; "order.paid" => OrderPaid(Order) at order_id, } }
/// # #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
/// # #[serde(default)]
/// # struct Order { order_id: String }
/// use countersign_testkit::{Documented, Payload};
///
/// impl Documented for Acme {
///     const PAYLOADS: &'static [(&'static str, &'static str)] =
///         &[("order.paid", r#"{"event":"order.paid","order_id":"1"}"#)];
/// }
///
/// let request = Payload::<Acme>::documented("order.paid")?.signed_with("s3cr3t");
/// # Ok::<(), countersign_testkit::PayloadError>(())
/// ```
pub trait Documented: Provider {
    /// The names of the events, each with a payload: byte for byte as the provider sends it, as far
    /// as that is documented.
    const PAYLOADS: &'static [(&'static str, &'static str)];
}

/// Returns the documented payloads of a provider that countersign supports, for tools that treat all
/// providers alike: the names of the events, each with its payload. There are none for a provider
/// without typed events, and for your own.
pub fn payloads(page: &Page) -> &'static [(&'static str, &'static str)] {
    named(page.name)
}

/// Includes a provider's files in `payloads/`, in the order of its `ProviderEvent::NAMES`.
macro_rules! payloads {
    ($($provider:literal: $($event:literal),*;)*) => {
        &[$(($provider, &[$(($event, include_str!(concat!("../payloads/", $provider, "/", $event, ".json")))),*])),*]
    };
}

const ALL: &[(&str, Payloads)] = payloads![
    "screenscore": "analysis.completed", "analysis.failed", "batch.completed";
    "screenshotcenter":
        "screenshot.finished", "screenshot.failed", "batch.finished", "app.upload.finished", "app.upload.failed";
    "screenshotrun": "screenshot.completed", "screenshot.failed";
    "zeodyn": "score_change", "scan_complete", "threshold_alert", "batch_complete";
    "geoscored": "scan.completed", "scan.failed", "scan.test";
];

#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "for consts")]
const fn named(name: &str) -> Payloads {
    let mut i = 0;
    while i < ALL.len() {
        if is_same(ALL[i].0.as_bytes(), name.as_bytes()) {
            return ALL[i].1;
        }
        i += 1;
    }
    &[]
}

#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "for consts")]
const fn is_same(a: &[u8], b: &[u8]) -> bool {
    let mut i = 0;
    while i < a.len() && i < b.len() && a[i] == b[i] {
        i += 1;
    }
    i == a.len() && i == b.len()
}

macro_rules! documented {
    ($($name:ident $needs:tt => $Provider:ident $group:tt,)*) => {
        $(impl Documented for providers::$Provider {
            const PAYLOADS: Payloads = named(Self::NAME);
        })*
    };
}
__for_each_provider!(documented);

/// Finds the payload of an event.
pub(crate) fn find(page: &Page, payloads: Payloads, event: &str) -> Result<Bytes, PayloadError> {
    let found = payloads.iter().find(|(name, _)| *name == event);
    let (_, body) = found.ok_or_else(|| PayloadError::unknown_event(page, payloads, event))?;
    Ok(Bytes::from_static(body.as_bytes()))
}
