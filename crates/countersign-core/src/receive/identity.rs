//! What makes two deliveries equal.

use jiff::Timestamp;

use super::delivery::{Delivery, Verified};
use crate::{
    event::{Envelope, EnvelopeTexts, ProviderEvent, envelope::text, instant, shape},
    form::json_of,
    once::DeliveryId,
    proof::{signed_fields, sorted_form},
    provider::{Identity, Place, Provider},
    trust::Trust,
};

impl<P: Provider> Verified<P> {
    /// The provider's own ID of the delivery, if an attacker who recorded it cannot change it.
    pub(super) fn covered_id(&self) -> Option<String> {
        // A scheme of a list signs its own.
        let is_covered = const {
            match P::ID {
                Some(place) => P::SCHEME.identifies(place),
                None => !P::SCHEME.listed().is_empty(),
            }
        };
        is_covered.then(|| self.envelope().id).flatten().filter(|id| !id.is_empty())
    }

    /// The ID of a delivery whose event cannot be read.
    pub(super) fn unnamed_id(&self) -> DeliveryId {
        self.covered_id().map_or_else(|| self.digest(), |id| DeliveryId::named("", &id, None))
    }

    /// The ID of a delivery that is identified by its body.
    pub(super) fn digest(&self) -> DeliveryId {
        if self.is_sorted() {
            // The order and the coding of its fields are not signed: anybody could make other bytes of it.
            DeliveryId::of_body(&sorted_form(self.body()))
        } else {
            // A sender of parts chooses another boundary for each attempt.
            DeliveryId::of_body(&json_of(self.body(), const { P::SCHEME.json_field() }))
        }
    }

    /// The ID of a delivery that is identified by its signed fields.
    fn fields(&self) -> DeliveryId {
        signed_fields(self.scheme(), self.body()).map_or_else(|| self.digest(), |text| DeliveryId::of_body(&text))
    }
}

impl<P: Provider> Delivery<P> {
    /// Returns the [`DeliveryId`] for deduplication. `None` for deliveries that can be equal without
    /// being duplicates: test events, and the deliveries of a provider that only says that something
    /// changed, such as Dropbox.
    pub fn delivery_id(&self) -> Option<DeliveryId> {
        // A name that anybody could change is not a part of the identity.
        let is_named = const {
            match P::EVENT {
                Some(place) => P::SCHEME.identifies(place),
                None => false,
            }
        };
        let name = if is_named || self.is_confirmed() { self.event_name() } else { "" };
        if let Some(id) = self.verified().covered_id() {
            return Some(DeliveryId::named(name, &id, None));
        }
        let is_documented = P::Event::NAMES.contains(&self.event_name());
        let envelope = Envelope::new(self.event_name(), self.resource_id(), is_documented);
        let (id, time) = match P::identity(&envelope) {
            Identity::Id(id) => (id, None),
            // Two events whose times are not known may be two: only their bodies tell.
            Identity::Occurrence(id) => self.occurred_at().map_or(("", None), |time| (id, time)),
            Identity::SignedFields => return Some(self.verified().fields()),
            Identity::Body => ("", None),
            Identity::None => return None,
        };
        // A page may have given the ID of a field that the body does not have, or that anybody could change.
        Some(if id.is_empty() || !(self.identifies_resource() || self.is_confirmed()) {
            self.verified().digest()
        } else {
            DeliveryId::named(name, id, time)
        })
    }

    /// Whether the event, with its name and its ID, is not the body's but the confirmed one.
    pub(super) fn is_confirmed(&self) -> bool {
        self.trust() == Trust::Confirmed
    }

    /// Whether an attacker who recorded the delivery cannot change the ID of its resource.
    fn identifies_resource(&self) -> bool {
        let identifies = |place: Place| P::SCHEME.identifies(place);
        P::RESOURCE.iter().copied().all(identifies)
            && P::Event::id_paths(self.event_name())
                .iter()
                .all(|path| !path.is_empty() && identifies(Place::json(path)))
    }

    /// The time of the event, if it is there; `None` if it cannot be read, or if the page names no
    /// time that the proof covers.
    fn occurred_at(&self) -> Option<Option<Timestamp>> {
        let path = const {
            match P::OCCURRED_AT {
                Some(place) if P::SCHEME.covers(place) => place.as_json(),
                _ => None,
            }
        };
        // Without times, a later event about the same resource would be a duplicate, and lost.
        let path = path?;
        if let Some(time) = text(self.body(), path).ok()? {
            return instant(&time).map(Some);
        }
        // Most bodies without a time do not even have its name: that is found out without a copy.
        let name = path.rsplit('.').next().unwrap_or(path);
        let is_named = std::str::from_utf8(self.body()).is_ok_and(|body| body.contains(name));
        let is_there = is_named && shape::of(self.body(), path).is_some();
        (!is_there).then_some(None)
    }
}
