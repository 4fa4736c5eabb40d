//! The providers that countersign supports, one page each.
//!
//! The documentation of each type says what its proof protects, what it does not protect, and what
//! to look out for.

mod bitbucket;
mod clerk;
mod discord;
mod docusign;
mod geoscored;
mod github;
mod gitlab;
mod gitlab_token;
mod hubspot;
mod intercom;
mod jira;
mod linear;
mod mailgun;
mod meta;
mod notion;
mod openai;
mod paddle;
mod pagerduty;
mod postmark;
mod replicate;
mod resend;
mod screenscore;
mod screenshotcenter;
mod screenshotrun;
mod sendgrid;
mod sentry;
mod shopify;
mod slack;
mod square;
mod standard_webhooks;
mod standard_webhooks_v1a;
mod stripe;
mod svix;
mod twilio;
mod vercel;
mod woocommerce;
mod workos;
mod zendesk;
mod zeodyn;
mod zoom;

pub use bitbucket::Bitbucket;
pub use clerk::Clerk;
pub use discord::Discord;
pub use docusign::DocuSign;
pub use geoscored::{GeoScored, GeoScoredEvent, Scan};
pub use github::GitHub;
pub use gitlab::GitLab;
pub use gitlab_token::GitLabToken;
pub use hubspot::HubSpot;
pub use intercom::Intercom;
pub use jira::Jira;
pub use linear::Linear;
pub use mailgun::Mailgun;
pub use meta::Meta;
pub use notion::Notion;
pub use openai::OpenAi;
pub use paddle::Paddle;
pub use pagerduty::PagerDuty;
pub use postmark::Postmark;
pub use replicate::Replicate;
pub use resend::Resend;
pub use screenscore::{Analysis, Batch, Breakdown, ScreenScore, ScreenScoreEvent};
pub use screenshotcenter::{Job, Screenshot, ScreenshotCenter, ScreenshotCenterEvent};
pub use screenshotrun::{Capture, CaptureError, CaptureOptions, ScreenshotRun, ScreenshotRunEvent};
pub use sendgrid::SendGrid;
pub use sentry::Sentry;
pub use shopify::Shopify;
pub use slack::Slack;
pub use square::Square;
pub use standard_webhooks::StandardWebhooks;
pub use standard_webhooks_v1a::StandardWebhooksV1a;
pub use stripe::Stripe;
pub use svix::Svix;
pub use twilio::Twilio;
pub use vercel::Vercel;
pub use woocommerce::WooCommerce;
pub use workos::WorkOs;
pub use zendesk::Zendesk;
pub use zeodyn::{BatchComplete, ScanComplete, ScoreChange, ThresholdAlert, Zeodyn, ZeodynEvent};
pub use zoom::Zoom;

/// Calls a macro with a row for every provider, in the order of the README's table:
///
/// ```text
/// twilio(auth_token, url) => Twilio [messaging "sha1"],
/// ```
///
/// A row has the constructor's name, the name of its secret, `url` if the provider signs the
/// endpoint's URL, the type, the group, and the feature that the page needs. A macro in brackets
/// may be a path, and is called with what follows them first.
#[doc(hidden)]
#[macro_export]
macro_rules! __for_each_provider {
    ($callback:ident) => {
        $crate::__for_each_provider! { [$callback] }
    };
    ([$($callback:tt)+] $($first:tt)*) => {
        $($callback)+! {
            $($first)*
            // Websites: screenshots and scores.
            screenscore(secret) => ScreenScore [websites],
            screenshotcenter(secret) => ScreenshotCenter [websites],
            screenshotrun(token) => ScreenshotRun [websites],
            zeodyn(secret) => Zeodyn [websites],
            geoscored(secret) => GeoScored [websites],
            // Standards.
            standard_webhooks(secret) => StandardWebhooks [standards],
            standard_webhooks_v1a(public_key) => StandardWebhooksV1a [standards "ed25519"],
            svix(secret) => Svix [standards],
            // Payments.
            paddle(secret) => Paddle [payments],
            square(signature_key, url) => Square [payments],
            stripe(secret) => Stripe [payments],
            // Developer tools.
            bitbucket(secret) => Bitbucket [developer_tools],
            github(secret) => GitHub [developer_tools],
            gitlab(signing_token) => GitLab [developer_tools],
            gitlab_token(token) => GitLabToken [developer_tools],
            jira(secret) => Jira [developer_tools],
            linear(secret) => Linear [developer_tools],
            notion(verification_token) => Notion [developer_tools],
            pagerduty(secret) => PagerDuty [developer_tools],
            sentry(client_secret) => Sentry [developer_tools],
            vercel(secret) => Vercel [developer_tools "sha1"],
            // Messaging.
            discord(public_key) => Discord [messaging "ed25519"],
            intercom(client_secret) => Intercom [messaging "sha1"],
            mailgun(signing_key) => Mailgun [messaging],
            meta(app_secret) => Meta [messaging],
            postmark(user_and_password) => Postmark [messaging],
            resend(secret) => Resend [messaging],
            sendgrid(public_key) => SendGrid [messaging "ecdsa"],
            slack(signing_secret) => Slack [messaging],
            twilio(auth_token, url) => Twilio [messaging "sha1"],
            zoom(secret_token) => Zoom [messaging],
            // Commerce.
            docusign(key) => DocuSign [commerce],
            shopify(client_secret) => Shopify [commerce],
            woocommerce(secret) => WooCommerce [commerce],
            // Customers: CRM and support.
            hubspot(client_secret, url) => HubSpot [customers],
            zendesk(secret) => Zendesk [customers],
            // AI.
            openai(secret) => OpenAi [ai],
            replicate(secret) => Replicate [ai],
            // Identity.
            clerk(secret) => Clerk [identity],
            workos(secret) => WorkOs [identity],
        }
    };
}

/// Like `__for_each_provider!`, for the providers with typed events: `zeodyn => Zeodyn,`.
#[doc(hidden)]
#[macro_export]
macro_rules! __for_each_typed_provider {
    ($callback:ident) => {
        $crate::__for_each_typed_provider! { [$callback] }
    };
    ([$($callback:tt)+] $($first:tt)*) => {
        $($callback)+! {
            $($first)*
            screenscore => ScreenScore,
            screenshotcenter => ScreenshotCenter,
            screenshotrun => ScreenshotRun,
            zeodyn => Zeodyn,
            geoscored => GeoScored,
        }
    };
}

/// Reports a bad scheme at `cargo check`: an associated const that only generic code reads is
/// evaluated by `cargo build`.
macro_rules! check_schemes {
    ($($name:ident $needs:tt => $Provider:ident [$group:ident $($feature:literal)?],)*) => {$(
        $(#[cfg(feature = $feature)])?
        const _: crate::provider::Scheme = <$Provider as crate::provider::Provider>::SCHEME;
    )*};
}

__for_each_provider!(check_schemes);
