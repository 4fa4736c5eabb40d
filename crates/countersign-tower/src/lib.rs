#![doc = include_str!("../README.md")]

#[cfg(feature = "axum")]
mod axum;
mod claim;
mod conceal;
mod future;
mod head;
mod layer;
mod rejection;
mod service;
mod webhook;

pub use claim::ClaimService;
pub use future::ResponseFuture;
pub use layer::{NoDedupe, VerifyWebhook};
pub use rejection::{Problem, RejectionResponse};
pub use service::VerifyWebhookService;
pub use webhook::{Webhook, WebhookRejection};
