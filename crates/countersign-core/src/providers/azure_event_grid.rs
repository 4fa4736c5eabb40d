//! Azure Event Grid: <https://learn.microsoft.com/azure/event-grid/webhook-event-delivery>

use std::time::Duration;

use crate::{
    event::AnyEvent,
    provider::{Handshake, Place, Provider, Reply, ReplyValue, Retries, Scheme, grammar::*},
};

/// [Azure Event Grid](https://learn.microsoft.com/azure/event-grid/webhook-event-delivery)
/// distributes events.
///
/// ```text
/// ?code=the-token-as-set
/// ```
///
/// A secret of your own in the query parameter `code` of the endpoint's URL, compared in constant
/// time. Nothing is signed. (Azure leaves the parameter's name to you; `code` is that of Azure
/// Functions. For another one, write a page with `Scheme::url_token`.)
///
/// **Protected**: nothing but the endpoint's address ([`Trust::TokenOnly`](crate::Trust)).
///
/// **Not protected**: the body. An attacker who learns the URL can forge deliveries.
///
/// A delivery is a batch: the body is an array of events, each with an `id`, and identifies it. The
/// bearer token of Microsoft Entra, which Event Grid may send in addition, is not read.
///
/// **Handshakes**: Event Grid validates the endpoint with the event
/// `Microsoft.EventGrid.SubscriptionValidationEvent`, which has the token. countersign answers it
/// with the `validationCode`. If the events are CloudEvents, it sends an `OPTIONS` request instead,
/// which the layer has to see: see `countersign::guide::handshakes`. The handler sees neither. (A
/// batch with more than the validation would be a delivery.)
///
/// Source: `MicrosoftDocs/azure-docs@0b9b1f7`.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum AzureEventGrid {}

impl Provider for AzureEventGrid {
    type Event = AnyEvent;

    const NAME: &'static str = "azure-event-grid";
    const TITLE: &'static str = "Azure Event Grid";
    const DOCS: &'static str = "https://learn.microsoft.com/azure/event-grid/webhook-event-delivery";
    const SCHEME: Scheme = Scheme::url_token("code");
    const EVENT: Option<Place> = None;
    const HANDSHAKES: &'static [Handshake] = &[
        Handshake::signed()
            .when(header("aeg-event-type"), "SubscriptionValidation")
            .has_no(json("1.id"))
            .answer(Reply::object(&[("validationResponse", ReplyValue::Echo(json("0.data.validationCode")))])),
        Handshake::options().when(header("webhook-request-origin"), "eventgrid.azure.net").answer(Reply::headers(
            200,
            &[("webhook-allowed-origin", "eventgrid.azure.net"), ("webhook-allowed-rate", "*")],
        )),
    ];
    const RETRIES: Retries = Retries::new().deadline(Duration::from_secs(30));
}
