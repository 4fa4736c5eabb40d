//! Typed events: what is read of every documented payload, and of everything else that a provider may send.

use countersign_test_support as support;

mod duplicates;
mod errors;
mod fields;
mod ids;
mod json;
mod names;
mod numbers;
mod order;
mod own_structs;
mod properties;
mod queues;
mod shapes;
mod times;
mod tolerance;
mod unknown;
mod written;

use countersign::{DecodeError, Delivery, DeliveryId, ProviderEvent, Verifier, provider::Provider, providers};
use support::{Sender, sender};

/// What the tests look at of an event, of whichever provider. Two are equal if the events are.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Seen {
    pub(crate) name: String,
    pub(crate) resource_id: Option<String>,
    /// `Debug` of the event: every field, and of kept JSON the length.
    pub(crate) debug: String,
    /// The event, serialised: of kept JSON the text.
    pub(crate) json: String,
}

impl Seen {
    fn of<E: ProviderEvent>(event: &E) -> Self {
        Self {
            name: event.name().to_owned(),
            resource_id: event.resource_id().map(str::to_owned),
            debug: format!("{event:?}"),
            json: serde_json::to_string(event).expect("every event serialises"),
        }
    }

    /// Whether the whole body is kept: the event is unknown, or its payload is not documented.
    pub(crate) fn keeps_json(&self) -> bool {
        self.variant() == "Unknown" || self.debug.contains("(PartlyDocumented {")
    }

    /// The variant's name, such as `ScanComplete`.
    pub(crate) fn variant(&self) -> &str {
        self.debug.split('(').next().unwrap_or_default()
    }
}

/// A provider, its types hidden behind functions.
#[derive(Clone, Copy)]
pub(crate) struct Family {
    pub(crate) provider: &'static str,
    pub(crate) decode: fn(&[u8]) -> Result<Seen, DecodeError>,
    /// What the event's own `Deserialize` reads.
    pub(crate) deserialize: fn(&str) -> Result<Seen, serde_json::Error>,
    /// Through the verifier, as a delivery with a right proof.
    pub(crate) delivery_id: fn(&[u8]) -> Option<DeliveryId>,
}

impl Family {
    pub(crate) fn sender(&self) -> Sender {
        sender(self.provider)
    }

    #[track_caller]
    pub(crate) fn read(&self, body: impl AsRef<[u8]>) -> Seen {
        let body = body.as_ref();
        (self.decode)(body)
            .unwrap_or_else(|error| panic!("{}: {error}: {}", self.provider, String::from_utf8_lossy(body)))
    }

    #[track_caller]
    pub(crate) fn refuse(&self, body: impl AsRef<[u8]>) -> String {
        let body = body.as_ref();
        match (self.decode)(body) {
            Ok(seen) => panic!("{}: {} is read as {seen:?}", self.provider, String::from_utf8_lossy(body)),
            Err(error) => error.to_string(),
        }
    }
}

/// All five.
pub(crate) fn families() -> Vec<Family> {
    macro_rules! families {
        ($($name:ident => $Provider:ident,)*) => {
            vec![$(Family {
                provider: stringify!($name),
                decode: |body| <<providers::$Provider as Provider>::Event>::decode(body).map(|event| Seen::of(&event)),
                deserialize: |text| {
                    serde_json::from_str::<<providers::$Provider as Provider>::Event>(text).map(|event| Seen::of(&event))
                },
                delivery_id: |body| receive::<providers::$Provider>(body).delivery_id(),
            }),*]
        };
    }
    countersign::__for_each_typed_provider!(families)
}

pub(crate) fn family(name: &str) -> Family {
    families().into_iter().find(|family| family.provider == name).expect("one of the five")
}

/// A genuine delivery of `body`, received and decoded.
pub(crate) fn receive<P: Provider>(body: &[u8]) -> Delivery<P> {
    let sent = sender(P::NAME).genuine(body);
    let mut request = http::Request::post(&sent.target);
    for (name, value) in &sent.headers {
        request = request.header(name, &value[..]);
    }
    let head = request.body(()).expect("a request");
    let verifier = Verifier::<P>::new(sender(P::NAME).secret());
    verifier.verify(&head, body.to_vec()).expect("a genuine delivery, as documented")
}

/// The documented payload of `event`.
pub(crate) fn fixture(provider: &str, event: &str) -> Vec<u8> {
    let fixtures = sender(provider).fixtures();
    fixtures.into_iter().find(|fixture| fixture.event == event).expect("a fixture").body
}
