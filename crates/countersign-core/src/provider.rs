//! What a provider is: one page of const data and its typed events.

use std::{fmt, time::Duration};

use crate::{event::Event, scheme::Scheme};

/// A provider of webhooks, as data: where its documentation is, how it proves its deliveries, what events it sends.
///
/// The five that countersign knows are in [`providers`](crate::providers). Another one is a page like theirs, in your
/// own crate; the verifier and both adapters take it as they take ours.
///
/// ```
/// use countersign_core::{Provider, Scheme, Verifier, events};
/// use serde::{Deserialize, Serialize};
///
/// /// Acme's webhooks.
/// pub enum Acme {}
///
/// impl Provider for Acme {
///     type Event = AcmeEvent;
///     const NAME: &'static str = "acme";
///     const TITLE: &'static str = "Acme";
///     const DOCS: &'static str = "https://acme.example/docs/webhooks";
///     const SCHEME: Scheme = Scheme::hmac_sha256("x-acme-signature", "sha256=");
/// }
///
/// events! {
///     /// What Acme sends.
///     pub enum AcmeEvent {
///         id: ["order_id"];
///         /// An order was paid.
///         "order.paid" => OrderPaid(Order) at order_id,
///     }
/// }
///
/// /// An order.
/// #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
/// #[serde(default)]
/// pub struct Order {
///     /// Its id.
///     pub order_id: String,
///     /// What was paid, in cents.
///     pub amount: u64,
/// }
///
/// let verifier = Verifier::<Acme>::new("s3cr3t");
/// ```
pub trait Provider: Sized + 'static {
    /// The typed events, usually made with [`events!`](crate::events).
    type Event: Event;

    /// A short name in lower case, for routes, logs and metrics: `screenscore`.
    const NAME: &'static str;

    /// The name people use: `ScreenScore AI`.
    const TITLE: &'static str;

    /// The address of the provider's page on webhooks.
    const DOCS: &'static str;

    /// How a delivery is proven.
    const SCHEME: Scheme;

    /// How the provider repeats a delivery that was not answered 2xx, as far as it is documented.
    const RETRIES: Retries = Retries::UNDOCUMENTED;

    /// A header with the time of sending, in seconds since the Unix epoch, that the proof does **not** cover; offered
    /// as [`Delivery::unverified_timestamp`](crate::Delivery::unverified_timestamp).
    const UNVERIFIED_TIMESTAMP_HEADER: Option<&'static str> = None;

    /// A header that repeats the event's name and that the proof does **not** cover. It is never believed: the event is
    /// what the body says. Here for the page of the provider, and for what sends like it.
    const UNVERIFIED_EVENT_HEADER: Option<&'static str> = None;

    /// What equal deliveries of this event have in common.
    ///
    /// Unless overridden: of a documented event the resource's id where there is a usable one, and the body where not. Of
    /// an event that is not documented the body: nobody has said yet that it comes once for each resource, and to take
    /// two for one is to lose one.
    fn identity(event: &Self::Event) -> Identity<'_> {
        let is_documented = <Self::Event as Event>::NAMES.contains(&event.name());
        event.resource_id().filter(|_| is_documented).map_or(Identity::Body, Identity::Id)
    }
}

/// What equal deliveries of an event have in common, beside the event's name. More may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Identity<'a> {
    /// This id, and the event's name.
    Id(&'a str),
    /// No id is usable: the whole body.
    Body,
    /// Nothing: it is a test event, they all look alike, and none is a duplicate.
    Test,
}

/// How a provider repeats a delivery that was not answered with a 2xx status, as far as its documentation says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Retries {
    /// How long the provider waits for an answer; `None` if it does not say.
    pub deadline: Option<Duration>,
    /// How often it tries at most, the first time included; `None` if it does not say.
    pub attempts: Option<u8>,
    /// How long it waits before each retry, counted from the attempt before; empty if it does not say.
    pub delays: &'static [Duration],
    /// How long after the first attempt another may come, waiting for answers included, as a round figure; `None` if it is
    /// to be added up from the others.
    pub documented_span: Option<Duration>,
}

impl Retries {
    /// The documentation says nothing of retries.
    pub const UNDOCUMENTED: Self = Self { deadline: None, attempts: None, delays: &[], documented_span: None };

    /// Waits `deadline` for an answer.
    #[must_use]
    pub const fn within(mut self, deadline: Duration) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// Tries up to `attempts` times, the first time included.
    #[must_use]
    pub const fn attempts(mut self, attempts: u8) -> Self {
        self.attempts = Some(attempts);
        self
    }

    /// May try again for `span` after the first attempt.
    #[must_use]
    pub const fn over(mut self, span: Duration) -> Self {
        self.documented_span = Some(span);
        self
    }

    /// How long after the first attempt another may come: what the page says, or every delay and every deadline added up;
    /// `None` if the delays are not documented.
    pub fn span(&self) -> Option<Duration> {
        let attempts = u32::try_from(self.delays.len()).ok()?.checked_add(1)?;
        let deadlines = self.deadline.unwrap_or_default().saturating_mul(attempts);
        let added_up = self.delays.iter().fold(deadlines, |span, delay| span.saturating_add(*delay));
        self.documented_span.or((!self.delays.is_empty()).then_some(added_up))
    }

    /// Waits each of `delays` before a retry, counted from the attempt before.
    #[must_use]
    pub const fn after(mut self, delays: &'static [Duration]) -> Self {
        self.delays = delays;
        self
    }
}

/// When it tries again, in one phrase, for tables and help texts: `after 30 s, 5 min`, `up to 5 attempts`, or
/// `not documented`.
impl fmt::Display for Retries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, delay) in self.delays.iter().enumerate() {
            f.write_str(if index == 0 { "after " } else { ", " })?;
            match delay.as_secs() {
                seconds if seconds >= 60 && seconds.is_multiple_of(60) => write!(f, "{} min", seconds.div_euclid(60))?,
                seconds => write!(f, "{seconds} s")?,
            }
        }
        match self.attempts {
            _ if !self.delays.is_empty() => Ok(()),
            Some(attempts) => write!(f, "up to {attempts} attempts"),
            None => f.write_str("not documented"),
        }
    }
}
