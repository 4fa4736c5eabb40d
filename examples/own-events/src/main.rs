//! GitHub's events as the types of octocrab: a crate that countersign does not know reads what countersign verified.
//!
//! Run `cargo run` in this folder, then send a delivery to port 3000:
//!
//! ```sh
//! tag=$(openssl dgst -sha256 -hmac github-secret -r src/push.json | cut -d' ' -f1)
//! curl -i -H "X-GitHub-Event: push" -H "X-Hub-Signature-256: sha256=$tag" --data-binary @src/push.json \
//!     http://127.0.0.1:3000/webhooks/github
//! ```

use axum::{Router, routing::post};
use countersign::{
    DecodeError, Event,
    axum::{VerifyWebhook, Webhook},
    provider::Message,
    providers::GitHub,
};
use octocrab::models::webhook_events::{WebhookEvent, WebhookEventPayload};

/// An event of GitHub.
struct GitHubEvent(WebhookEvent);

impl Event for GitHubEvent {
    fn from_message(message: &Message<'_>) -> Result<Self, DecodeError> {
        let name = message.envelope().event.unwrap_or_default();
        Ok(Self(WebhookEvent::try_from_header_and_body(&name, message.body())?))
    }
}

async fn on_event(hook: Webhook<GitHub, GitHubEvent>) -> String {
    match &hook.event().0.specific {
        WebhookEventPayload::Push(push) => format!("{} commits to {}\n", push.commits.len(), push.r#ref),
        // GitHub signs the body and not the name, so an attacker can send a recorded body under another name.
        _ => format!("{}\n", hook.event_name()),
    }
}

fn app(secret: &'static str) -> Router {
    Router::new().route("/webhooks/github", post(on_event).layer(VerifyWebhook::github(secret)))
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    axum::serve(listener, app("github-secret")).await
}

#[cfg(test)]
mod tests {
    use axum::{
        body::{Body, to_bytes},
        http::Request,
    };
    use tower::ServiceExt;

    use super::*;

    const PUSH: &str = include_str!("push.json");
    /// Made by openssl, as above.
    const TAG: &str = "a51b04e25a74c8a3c1a67cc0310759fedb04c1d6478021efa681386a3430fd24";

    async fn answer(event: &str, tag: &str) -> (u16, String) {
        let request = Request::post("/webhooks/github")
            .header("x-github-event", event)
            .header("x-hub-signature-256", format!("sha256={tag}"));
        let response = app("github-secret").oneshot(request.body(Body::from(PUSH)).unwrap()).await.unwrap();
        let status = response.status().as_u16();
        let body = to_bytes(response.into_body(), 1024).await.unwrap();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn a_verified_delivery_is_read_by_the_name_in_its_head() {
        assert_eq!(answer("push", TAG).await, (200, "1 commits to refs/heads/main\n".to_owned()));
        assert_eq!(answer("from_the_future", TAG).await, (200, "from_the_future\n".to_owned()));
        // A push is not read as an event about issues.
        assert_eq!(answer("issues", TAG).await.0, 422);
        assert_eq!(answer("push", &"0".repeat(64)).await.0, 401);
    }
}
