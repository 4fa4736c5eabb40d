//! A verified delivery, read as the type that a handler names.

use std::{any::Any, sync::Arc};

use super::{
    delivery::{Delivery, json_field},
    extraction::{ExtractionError, Received},
};
use crate::{
    error::{DecodeError, Rejection},
    event::{EnvelopeTexts, Event, Message, MessageEnvelope, ProviderEvent},
    provider::Provider,
};

impl<P: Provider> Delivery<P> {
    /// Reads the delivery as another type than the provider's own events: [`Json`](crate::Json),
    /// [`Form`](crate::Form), or your own [`Event`]. It reads the body each time.
    ///
    /// If the provider does not sign, and the delivery was [confirmed](crate::Trust::Confirmed), it
    /// reads the confirmed event instead of the body. The confirmed event has only documented
    /// fields.
    ///
    /// # Errors
    ///
    /// Returns an error if the delivery cannot be read as an `E`.
    pub fn event_as<E: Event>(&self) -> Result<E, DecodeError> {
        let field = const { json_field::<P>() };
        if self.is_confirmed() {
            // The sender of the body may be anyone who knows the token.
            return E::from_message(&Message::new(P::NAME, &self.event().to_body()?, field, &Confirmed(self)));
        }
        E::from_message(&Message::new(P::NAME, self.body(), field, self.verified()))
    }
}

/// The texts of a confirmed event.
struct Confirmed<'a, P: Provider>(&'a Delivery<P>);

impl<P: Provider> EnvelopeTexts for Confirmed<'_, P> {
    fn envelope(&self) -> MessageEnvelope {
        MessageEnvelope {
            event: Some(self.0.event_name().to_owned()),
            resource_id: self.0.resource_id().map(str::to_owned),
            ..MessageEnvelope::default()
        }
    }
}

/// A delivery and its event as an `E`: the content of the adapters' `Webhook`.
pub struct ReadAs<P: Provider, E> {
    delivery: Arc<Delivery<P>>,
    event: EventAs<P::Event, E>,
}

#[derive(Clone)]
enum EventAs<O, E> {
    /// `E` is the type of the delivery's own event.
    Own(Same<O, E>),
    Other(E),
}

impl<P: Provider, E: Event> ReadAs<P, E> {
    /// Reads the delivery of a request, for an extractor. A missing delivery and one that cannot be
    /// read are logged.
    ///
    /// # Errors
    ///
    /// Returns an error if there is no delivery, or if it cannot be read as an `E`.
    pub fn extract(received: Option<&Received<P>>) -> Result<Self, ExtractionError> {
        Self::read(Received::extract(received)?)
    }

    /// Reads another delivery in the same way as an `E`.
    ///
    /// # Errors
    ///
    /// Returns an error, which is logged, if it cannot be read.
    pub fn read(delivery: Arc<Delivery<P>>) -> Result<Self, ExtractionError> {
        let event = match Same::prove() {
            Some(same) => EventAs::Own(same),
            None => EventAs::Other(delivery.event_as().map_err(|error| {
                let rejection = Rejection::from(error);
                rejection.trace(P::NAME);
                rejection
            })?),
        };
        Ok(Self { delivery, event })
    }
}

impl<P: Provider, E> ReadAs<P, E> {
    /// Returns the delivery.
    pub fn delivery(&self) -> &Arc<Delivery<P>> {
        &self.delivery
    }

    /// Returns the event.
    pub fn event(&self) -> &E {
        match &self.event {
            EventAs::Own(same) => (same.borrowed)(self.delivery.event()),
            EventAs::Other(event) => event,
        }
    }

    /// Returns the event by value.
    pub fn into_event(self) -> E {
        match self.event {
            EventAs::Own(same) => (same.owned)(match Arc::try_unwrap(self.delivery) {
                Ok(delivery) => delivery.into_event(),
                Err(shared) => shared.event().clone(),
            }),
            EventAs::Other(event) => event,
        }
    }
}

impl<P: Provider> From<Delivery<P>> for ReadAs<P, P::Event> {
    fn from(delivery: Delivery<P>) -> Self {
        Self { delivery: Arc::new(delivery), event: EventAs::Own(Same::ITSELF) }
    }
}

impl<P: Provider, E: Clone> Clone for ReadAs<P, E> {
    fn clone(&self) -> Self {
        Self { delivery: Arc::clone(&self.delivery), event: self.event.clone() }
    }
}

/// A proof that `A` and `B` are one type: what takes it for the other costs nothing, and cannot
/// fail.
struct Same<A, B> {
    borrowed: fn(&A) -> &B,
    owned: fn(A) -> B,
}

impl<A> Same<A, A> {
    const ITSELF: Self = Self { borrowed: |value| value, owned: |value| value };
}

impl<A: 'static, B: 'static> Same<A, B> {
    fn prove() -> Option<Self> {
        (&Same::<A, A>::ITSELF as &dyn Any).downcast_ref().copied()
    }
}

impl<A, B> Clone for Same<A, B> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<A, B> Copy for Same<A, B> {}
