//! The providers that countersign supports, one page each.
//!
//! Find yours in a group, which says what its providers have in common: [`websites`] (typed
//! events), [`standards`], [`payments`], [`developer_tools`], [`messaging`], [`commerce`],
//! [`customers`] (CRM and support), [`ai`], [`identity`], [`media`], [`cloud`].
//!
//! The documentation of each type says what its proof protects, what it does not protect, and what
//! to look out for. The tables of the groups have it in short:
//!
//! * **`VerifyWebhook::`**: the constructor of the layer, with the provider's own name of the
//!   secret. `url`: the public URL as registered with the provider, which signs it.
//! * **proof**: the signature or token that shows a delivery's origin.
//! * **trust**: what [`trust()`](crate::Trust) returns.
//! * **not protected**: what an attacker who recorded a delivery can change, or do.
//! * **waits**: how long the provider waits for a response. A dash: it is not known for certain.
//! * **feature**: the feature of countersign that the page needs.

mod adyen;
mod adyen_management;
mod anthropic;
mod asana;
mod assemblyai;
mod azure_event_grid;
mod bigcommerce;
mod bitbucket;
mod box_;
mod braintree;
mod buildkite;
mod chargebee;
mod checkout;
mod circleci;
mod clerk;
mod cloudevents;
mod coinbase_commerce;
mod discord;
mod docusign;
mod dropbox;
mod dropbox_sign;
mod easypost;
mod elevenlabs;
mod figma;
mod geoscored;
mod github;
mod gitlab;
mod gitlab_token;
mod gocardless;
mod help_scout;
mod hubspot;
mod hubspot_v1;
mod hubspot_v2;
mod increase;
mod intercom;
mod jira;
mod lemon_squeezy;
mod line;
mod linear;
mod lithic;
mod mailgun;
mod mercado_pago;
mod meta;
mod modern_treasury;
mod mollie;
mod mux;
mod notion;
mod okta;
mod onfido;
mod openai;
mod paddle;
mod pagerduty;
mod paystack;
mod polar;
mod postmark;
mod razorpay;
mod recurly;
mod replicate;
mod resend;
mod retell_ai;
mod sanity;
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
mod supabase_auth;
mod svix;
mod telegram;
mod telnyx;
mod twilio;
mod twitch;
mod vercel;
mod veriff;
mod webflow;
mod websub;
mod wise;
mod woocommerce;
mod workos;
mod x;
mod zendesk;
mod zeodyn;
mod zoom;

pub use adyen::Adyen;
pub use adyen_management::AdyenManagement;
pub use anthropic::Anthropic;
pub use asana::Asana;
pub use assemblyai::AssemblyAi;
pub use azure_event_grid::AzureEventGrid;
pub use bigcommerce::BigCommerce;
pub use bitbucket::Bitbucket;
pub use box_::BoxPlatform;
pub use braintree::Braintree;
pub use buildkite::Buildkite;
pub use chargebee::Chargebee;
pub use checkout::Checkout;
pub use circleci::CircleCi;
pub use clerk::Clerk;
pub use cloudevents::CloudEvents;
pub use coinbase_commerce::CoinbaseCommerce;
pub use discord::Discord;
pub use docusign::DocuSign;
pub use dropbox::Dropbox;
pub use dropbox_sign::DropboxSign;
pub use easypost::EasyPost;
pub use elevenlabs::ElevenLabs;
pub use figma::Figma;
pub use geoscored::{GeoScored, GeoScoredEvent, Scan};
pub use github::GitHub;
pub use gitlab::GitLab;
pub use gitlab_token::GitLabToken;
pub use gocardless::GoCardless;
pub use help_scout::HelpScout;
pub use hubspot::HubSpot;
pub use hubspot_v1::HubSpotV1;
pub use hubspot_v2::HubSpotV2;
pub use increase::Increase;
pub use intercom::Intercom;
pub use jira::Jira;
pub use lemon_squeezy::LemonSqueezy;
pub use line::Line;
pub use linear::Linear;
pub use lithic::Lithic;
pub use mailgun::Mailgun;
pub use mercado_pago::MercadoPago;
pub use meta::Meta;
pub use modern_treasury::ModernTreasury;
pub use mollie::Mollie;
pub use mux::Mux;
pub use notion::Notion;
pub use okta::Okta;
pub use onfido::Onfido;
pub use openai::OpenAi;
pub use paddle::Paddle;
pub use pagerduty::PagerDuty;
pub use paystack::Paystack;
pub use polar::Polar;
pub use postmark::Postmark;
pub use razorpay::Razorpay;
pub use recurly::Recurly;
pub use replicate::Replicate;
pub use resend::Resend;
pub use retell_ai::RetellAi;
pub use sanity::Sanity;
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
pub use supabase_auth::SupabaseAuth;
pub use svix::Svix;
pub use telegram::Telegram;
pub use telnyx::Telnyx;
pub use twilio::Twilio;
pub use twitch::Twitch;
pub use vercel::Vercel;
pub use veriff::Veriff;
pub use webflow::Webflow;
pub use websub::WebSub;
pub use wise::Wise;
pub use woocommerce::WooCommerce;
pub use workos::WorkOs;
pub use x::X;
pub use zendesk::Zendesk;
pub use zeodyn::{BatchComplete, ScanComplete, ScoreChange, ThresholdAlert, Zeodyn, ZeodynEvent};
pub use zoom::Zoom;

/// Makes a page of documentation for each group of `__for_each_provider!`. Users name a provider by
/// one path only, so it has no items.
macro_rules! groups {
    ($($group:ident)*) => {$(
        pub mod $group {
            #![doc = include_str!(concat!("groups/", stringify!($group), ".md"))]
        }
    )*};
}

groups! { websites standards payments developer_tools messaging commerce customers ai identity media cloud }

/// Reports a bad scheme or handshake at `cargo check`: an associated const that only generic code reads is
/// evaluated by `cargo build`.
macro_rules! check_schemes {
    ($($name:ident $needs:tt => $Provider:ident [$group:ident $($feature:literal)?],)*) => {$(
        $(#[cfg(feature = $feature)])?
        const _: crate::provider::Page = crate::provider::Page::of::<$Provider>();
    )*};
}

crate::__for_each_provider!(check_schemes);
