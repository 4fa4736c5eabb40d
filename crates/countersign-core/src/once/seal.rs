//! A delivery that leaves the process and comes back: a row of a database, a message of a broker.

use std::fmt;

use bytes::Bytes;
use hmac::Mac;
use sha2::{Digest, Sha256};

use super::{
    DeliveryKey, encryption,
    parts::Parts,
    seal_keys::{NUMBER_LENGTH, SealKey, SealKeys},
    seal_meta::{Digests, Meta},
};
use crate::{
    error::{SealError, SealErrorKind},
    trust::Trust,
};

/// Says what the MAC is of. Rows outlive the process, so it changes if the columns do.
pub(super) const DOMAIN: &str = "countersign seal 1";

/// A verified delivery outside of the process: in a row of a database, or in a message of a broker.
///
/// [`Delivery::seal`](crate::Delivery::seal) makes one, and [`open`](Self::open) is the only way back.
/// It checks the *seal*: a MAC over all columns under a [key](SealKeys) of the service. So an attacker
/// who can write to the database cannot make a delivery, edit one, or move one to another provider or
/// tenant. They can delete one, or have one that was handled run again.
///
/// ```
/// use std::time::SystemTime;
/// use countersign_core::{Secret, Verifier, providers::Zeodyn, seal::{SealKeys, Sealed}};
///
/// # fn example(request: http::Request<Vec<u8>>) -> Result<(), Box<dyn std::error::Error>> {
/// let keys = SealKeys::new(Secret::from_env("COUNTERSIGN_INBOX_KEY")?)?;
/// let (head, body) = request.into_parts();
/// let delivery = Verifier::<Zeodyn>::new("s3cr3t").verify(&head, body)?;
/// let key = delivery.key("", "").expect("it is not a test event");
/// let columns = delivery.seal(&keys, key, SystemTime::now())?.into_columns();
///
/// // They were stored, and are read again.
/// let delivery = Sealed::from(columns).open::<Zeodyn>(&keys)?;
/// println!("{:?}", delivery.event());
/// # Ok(()) }
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed(SealedColumns);

/// The columns of a [`Sealed`] delivery, for a store.
///
/// Do not rely on them before [`Sealed::open`] has checked them: they are for finding and showing
/// deliveries.
#[derive(Clone, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "a store has to keep all of them: another one would be another seal")]
pub struct SealedColumns {
    /// The key of deduplication. It is unique in a store.
    pub key: DeliveryKey,
    /// The provider's short name.
    pub provider: String,
    /// The tenant whose secret matched.
    pub tenant: Option<String>,
    /// The event's name; empty if there is none, or if the body cannot be read.
    pub event: String,
    /// The ID of the event's resource.
    pub resource: Option<String>,
    /// The time at which it was received, in milliseconds since the Unix epoch.
    pub received_at: i64,
    /// The raw body; `None` once it is purged.
    pub body: Option<Bytes>,
    /// The confirmed event as JSON, if a third party confirmed it; `None` once it is purged.
    pub confirmed: Option<Bytes>,
    /// What else is known of the delivery, as JSON.
    pub meta: Bytes,
    /// The seal: the number of its key, and a MAC over the other columns. The digests of the body and of
    /// the confirmed event, which are in `meta`, stand for them.
    pub seal: Bytes,
}

/// What was sealed, of any provider: see [`Sealed::contents`]. More may be added.
#[derive(Clone)]
#[non_exhaustive]
pub struct Contents {
    /// The raw body.
    pub body: Bytes,
    /// The confirmed event as JSON, if a third party confirmed it: it stands for the body.
    pub confirmed: Option<Bytes>,
    /// How far the delivery was verified.
    pub trust: Trust,
    /// The ID of the event's resource.
    pub resource: Option<String>,
}

/// A delivery whose seal is right.
pub(crate) struct Opened {
    pub(crate) body: Bytes,
    pub(crate) confirmed: Option<Bytes>,
    pub(crate) meta: Meta,
}

impl Sealed {
    /// Seals columns without `meta` and `seal`, which are filled in.
    pub(crate) fn new(keys: &SealKeys, mut columns: SealedColumns, mut meta: Meta) -> Result<Self, SealError> {
        let key = keys.current();
        if keys.encrypts() {
            meta.resource = columns.resource.take();
            columns.resource = meta.resource.as_deref().map(|id| key.resource(id));
            encryption::encrypt(&key.cipher, &keys.namespace, &mut columns, &meta)?;
        } else {
            let (body, confirmed) = (columns.body.as_deref(), columns.confirmed.as_deref());
            let digests = Digests::new(body.map(digest).unwrap_or_default(), confirmed.map(digest), None);
            columns.meta = digests.written(Some(&meta));
        }
        let mac = mac(key, &keys.namespace, &columns).finalize().into_bytes();
        columns.seal = [&key.number[..], &mac].concat().into();
        Ok(Self(columns))
    }

    /// Checks the seal, and returns what was sealed. `provider` is `None` if it may be any.
    pub(crate) fn opened(&self, keys: &SealKeys, provider: Option<&str>) -> Result<Opened, SealError> {
        let columns = &self.0;
        let forged = || SealError::from(SealErrorKind::Forged);
        let (number, tag) = columns.seal.split_at_checked(NUMBER_LENGTH).ok_or_else(forged)?;
        let key = keys.numbered(number).ok_or(SealErrorKind::UnknownKey)?;
        mac(key, &keys.namespace, columns).verify_slice(tag).map_err(|_| forged())?;
        // From here on, the columns are those that were sealed.
        if provider.is_some_and(|provider| columns.provider != provider) {
            return Err(SealErrorKind::OtherProvider.into());
        }
        let digests = Digests::read(&columns.meta)?;
        // A purge takes both.
        let body = columns.body.clone().ok_or(SealErrorKind::Purged)?;
        let confirmed = columns.confirmed.clone();
        if digests.encrypted.is_some() {
            return encryption::decrypt(&key.cipher, &keys.namespace, columns, &digests);
        }
        if digest(&body) != digests.body || confirmed.as_deref().map(digest) != digests.confirmed {
            return Err(forged());
        }
        Ok(Opened { body, confirmed, meta: Meta::read(&columns.meta)? })
    }

    /// Checks the seal, and returns what was sealed, without reading its event: for a delivery of any
    /// provider, and for one whose body cannot be read.
    ///
    /// # Errors
    ///
    /// Returns an error if the seal does not match, or if the body was purged.
    pub fn contents(&self, keys: &SealKeys) -> Result<Contents, SealError> {
        let Opened { body, confirmed, meta } = self.opened(keys, None)?;
        let resource = meta.resource.or_else(|| self.0.resource.clone());
        Ok(Contents { body, confirmed, trust: meta.trust.into(), resource })
    }

    /// Returns whether the body is encrypted, if it is not purged. Nothing is checked.
    pub fn is_encrypted(&self) -> bool {
        Digests::read(&self.0.meta).is_ok_and(|digests| digests.encrypted.is_some())
    }

    /// Returns whether two stored deliveries have different bodies, by their digests, which stay when the
    /// bodies are purged. `false` if it cannot be known: digests of encrypted bodies are of a key. Nothing
    /// is checked.
    pub fn has_other_body(&self, other: &Self) -> bool {
        let body = |sealed: &Self| Digests::read(&sealed.0.meta).map(|digests| digests.body);
        let key_of = |digest: &str| digest.split_once(':').map(|(key, _)| key.to_owned());
        matches!((body(self), body(other)), (Ok(one), Ok(two)) if one != two && key_of(&one) == key_of(&two))
    }

    /// Returns the columns, to store them.
    pub fn into_columns(self) -> SealedColumns {
        self.0
    }

    /// Returns the columns.
    pub fn columns(&self) -> &SealedColumns {
        &self.0
    }
}

/// The columns as they were stored. Nothing is checked before [`Sealed::open`].
impl From<SealedColumns> for Sealed {
    fn from(columns: SealedColumns) -> Self {
        Self(columns)
    }
}

fn mac(key: &SealKey, namespace: &str, columns: &SealedColumns) -> hmac::Hmac<Sha256> {
    let mut parts = Parts(key.mac.clone());
    parts.part(DOMAIN);
    parts.part(namespace);
    parts.part(columns.key.as_bytes());
    parts.part(&columns.provider);
    parts.optional(columns.tenant.as_deref().map(str::as_bytes));
    parts.part(&columns.event);
    parts.optional(columns.resource.as_deref().map(str::as_bytes));
    parts.part(columns.received_at.to_be_bytes());
    parts.part(&columns.meta);
    parts.0
}

fn digest(bytes: &[u8]) -> String {
    const_hex::encode(Sha256::digest(bytes))
}

/// `Debug` shows neither the body nor the confirmed event.
impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// `Debug` shows neither the body nor the confirmed event.
impl fmt::Debug for SealedColumns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sealed")
            .field("key", &self.key)
            .field("provider", &self.provider)
            .field("tenant", &self.tenant)
            .field("event", &self.event)
            .field("received_at", &self.received_at)
            .field("body", &self.body.as_ref().map(Bytes::len))
            .finish_non_exhaustive()
    }
}
