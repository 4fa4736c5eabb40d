#![doc = include_str!("../README.md")]

mod extract;
mod head;
mod middleware;
mod rejection;
mod service;
mod uri;

pub use extract::{Webhook, WebhookRejection};
pub use middleware::VerifyWebhook;
pub use service::VerifyWebhookMiddleware;
