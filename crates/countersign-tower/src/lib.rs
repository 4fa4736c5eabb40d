#![doc = include_str!("../README.md")]

#[cfg(feature = "axum")]
mod axum;
mod conceal;
mod future;
mod head;
mod layer;
mod rejection;
mod service;
mod webhook;

pub use future::ResponseFuture;
pub use layer::VerifyWebhook;
pub use rejection::{Problem, RejectionResponse};
pub use service::VerifyWebhookService;
pub use webhook::{Webhook, WebhookRejection};
