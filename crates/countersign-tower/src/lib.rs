#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "axum")]
mod axum;
mod conceal;
mod future;
mod head;
mod layer;
mod rejection;
mod run;
mod service;
mod webhook;

pub use future::ResponseFuture;
pub use layer::VerifyWebhook;
pub use rejection::{Problem, RejectionResponse};
pub use run::NoDedupe;
pub use service::VerifyWebhookService;
pub use webhook::{Webhook, WebhookRejection};
