//! A provider's page as a value.

use std::fmt;

use crate::{
    event::ProviderEvent,
    handshake::{self, Handshake},
    provider::{Envelope, Identity, Place, Provider, Retries, Scheme, Scope},
};

/// A provider's page as a value, for tools that treat all providers alike.
///
/// Its fields are the consts of [`Provider`]. Code that handles deliveries is generic over the
/// provider instead.
///
/// ```
/// use countersign_core::{provider::Page, providers::{GitHub, Stripe}};
///
/// const PAGES: &[Page] = &[Page::of::<GitHub>(), Page::of::<Stripe>()];
/// for page in PAGES {
///     println!("{}: {}", page.title, page.scheme);
/// }
/// ```
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Page {
    /// [`Provider::NAME`].
    pub name: &'static str,
    /// [`Provider::TITLE`].
    pub title: &'static str,
    /// [`Provider::DOCS`].
    pub docs: &'static str,
    /// [`Provider::SCHEME`].
    pub scheme: &'static Scheme,
    /// [`Provider::EVENT`].
    pub event: Option<Place>,
    /// [`Provider::ID`].
    pub id: Option<Place>,
    /// [`Provider::RESOURCE`].
    pub resource: &'static [Place],
    /// [`Provider::OCCURRED_AT`].
    pub occurred_at: Option<Place>,
    /// [`Provider::SENT_AT`].
    pub sent_at: Option<Place>,
    /// [`Provider::EVENT_COPY`].
    pub event_copy: Option<Place>,
    /// [`Provider::HANDSHAKES`].
    pub handshakes: &'static [Handshake],
    /// [`Provider::RETRIES`].
    pub retries: Retries,
    /// [`Provider::ACKNOWLEDGEMENT`].
    pub acknowledgement: &'static str,
    /// [`Provider::SECRETS`].
    pub secrets: Scope,
    /// The names of the typed events: [`ProviderEvent::NAMES`].
    pub event_names: &'static [&'static str],
    /// The paths of the ID of an event's resource, by the event's name:
    /// [`ProviderEvent::id_paths`].
    pub id_paths: fn(&str) -> &'static [&'static str],
    identity: for<'a> fn(&Envelope<'a>) -> Identity<'a>,
}

impl Page {
    /// Returns the page of `P`.
    ///
    /// This does not compile if the page needs a feature of countersign that is off, or if its scheme
    /// and its handshakes do not suit each other.
    pub const fn of<P: Provider>() -> Self {
        const { handshake::check::page(&P::SCHEME, P::HANDSHAKES) };
        Self {
            name: P::NAME,
            title: P::TITLE,
            docs: P::DOCS,
            scheme: const { &P::SCHEME },
            event: P::EVENT,
            id: P::ID,
            resource: P::RESOURCE,
            occurred_at: P::OCCURRED_AT,
            sent_at: P::SENT_AT,
            event_copy: P::EVENT_COPY,
            handshakes: P::HANDSHAKES,
            retries: P::RETRIES,
            acknowledgement: P::ACKNOWLEDGEMENT,
            secrets: P::SECRETS,
            event_names: P::Event::NAMES,
            id_paths: P::Event::id_paths,
            identity: P::identity,
        }
    }

    /// Creates the page of a scheme that is known at run time, for the command line.
    #[doc(hidden)]
    pub fn __of_scheme(name: &'static str, title: &'static str, scheme: &'static Scheme) -> Self {
        Self {
            name,
            title,
            docs: "",
            scheme,
            event: None,
            id: None,
            resource: &[],
            occurred_at: None,
            sent_at: None,
            event_copy: None,
            handshakes: &[],
            retries: Retries::new(),
            acknowledgement: "",
            secrets: Scope::Endpoint,
            event_names: &[],
            id_paths: |_| &[],
            identity: |_| Identity::Body,
        }
    }

    /// Returns the [identity](Provider::identity) of a delivery that has no ID, and no event that is
    /// among the [typed](Self::event_names) ones.
    pub fn identity(&self) -> Identity<'static> {
        (self.identity)(&Envelope::new("", None, false))
    }
}

impl fmt::Debug for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Page").field("name", &self.name).field("scheme", &self.scheme).finish_non_exhaustive()
    }
}
