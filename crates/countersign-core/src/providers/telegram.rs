//! Telegram: <https://core.telegram.org/bots/api#setwebhook>

use crate::{
    event::AnyEvent,
    provider::{Place, Provider, Scheme, grammar::*},
};

/// [Telegram](https://core.telegram.org/bots/api#setwebhook) is a messenger. This page is for bots.
///
/// ```text
/// X-Telegram-Bot-Api-Secret-Token: the-token-as-set
/// ```
///
/// The `secret_token` as set with `setWebhook`, compared in constant time. Nothing is signed. The
/// token has 1 to 256 letters, digits, `-` and `_`.
///
/// **Protected**: nothing but the endpoint's address ([`Trust::TokenOnly`](crate::Trust)).
///
/// **Not protected**: the body. An attacker who learns the token can forge deliveries.
///
/// Without a `secret_token`, Telegram sends none, and every delivery is rejected. An update has no
/// event name: what it is says the field beside `update_id`, such as `message`. The response may be
/// a call of a method. IDs are unique within a bot: give each bot its own token.
///
/// Source: the sender, `tdlib/telegram-bot-api` (`telegram-bot-api/WebhookActor.cpp`).
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Telegram {}

impl Provider for Telegram {
    type Event = AnyEvent;

    const NAME: &'static str = "telegram";
    const TITLE: &'static str = "Telegram";
    const DOCS: &'static str = "https://core.telegram.org/bots/api#setwebhook";
    const SCHEME: Scheme = Scheme::token(header("x-telegram-bot-api-secret-token"));
    const EVENT: Option<Place> = None;
    const ID: Option<Place> = Some(json("update_id"));
}
