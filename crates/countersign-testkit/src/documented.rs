//! The payloads on the providers' pages.

use countersign_core::{
    provider::Provider,
    providers::{GeoScored, ScreenScore, ScreenshotCenter, ScreenshotRun, Zeodyn},
};

/// A provider with its documented payloads, as starting points for tests.
///
/// The five providers implement it. For your own provider, list its payloads:
///
/// ```
/// # use countersign_core::{events, provider::{Provider, Scheme}};
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

/// Includes a provider's files in `payloads/`, in the order of its `ProviderEvent::NAMES`.
macro_rules! payloads {
    ($provider:literal: $($event:literal),* $(,)?) => {
        &[$(($event, include_str!(concat!("../payloads/", $provider, "/", $event, ".json")))),*]
    };
}

impl Documented for ScreenScore {
    const PAYLOADS: &'static [(&'static str, &'static str)] =
        payloads!["screenscore": "analysis.completed", "analysis.failed", "batch.completed"];
}

impl Documented for ScreenshotCenter {
    const PAYLOADS: &'static [(&'static str, &'static str)] = payloads![
        "screenshotcenter": "screenshot.finished", "screenshot.failed", "batch.finished", "app.upload.finished",
        "app.upload.failed",
    ];
}

impl Documented for ScreenshotRun {
    const PAYLOADS: &'static [(&'static str, &'static str)] =
        payloads!["screenshotrun": "screenshot.completed", "screenshot.failed"];
}

impl Documented for Zeodyn {
    const PAYLOADS: &'static [(&'static str, &'static str)] =
        payloads!["zeodyn": "score_change", "scan_complete", "threshold_alert", "batch_complete"];
}

impl Documented for GeoScored {
    const PAYLOADS: &'static [(&'static str, &'static str)] =
        payloads!["geoscored": "scan.completed", "scan.failed", "scan.test"];
}
