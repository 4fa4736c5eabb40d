//! The keys of an inbox.

use std::{fmt, sync::Arc};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::{encryption::Cipher, parts::Parts};
use crate::{
    error::{SealError, SealErrorKind},
    secret::Secret,
};

/// Says what the MAC is for. The numbers of keys depend on it.
const NUMBER: &[u8] = b"countersign seal key 1";

/// The shortest key, in bytes.
const SHORTEST: usize = 16;

/// Says that a MAC stands for a resource ID.
const RESOURCE: &str = "countersign seal resource 1";

/// How many bytes of a seal say which key made it.
pub(super) const NUMBER_LENGTH: usize = 4;

/// The keys with which deliveries are [sealed](super::Sealed): the current one, and previous ones
/// during a rotation.
///
/// They belong to the service, and not to a provider. Whoever knows a key can make deliveries: keep
/// it like a secret, and apart from the store.
///
/// ```
/// use countersign_core::{Secret, seal::SealKeys};
///
/// let keys = SealKeys::new(Secret::new(*b"an inbox key of 32 bytes or more")?)?
///     .with_namespace("orders")
///     .add_previous(Secret::new(*b"the inbox key of the year before")?)?;
/// assert_eq!(format!("{keys:?}"), "SealKeys { namespace: \"orders\", keys: 2 }");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct SealKeys {
    pub(super) namespace: Arc<str>,
    /// The current one first.
    keys: Vec<SealKey>,
    encrypts: bool,
}

/// A prepared key. The state is wiped on drop.
#[derive(Clone)]
pub(super) struct SealKey {
    pub(super) number: [u8; NUMBER_LENGTH],
    pub(super) mac: Hmac<Sha256>,
    pub(super) cipher: Cipher,
}

impl SealKeys {
    /// Creates keys with the current one, which seals and opens. Use at least 32 random bytes.
    ///
    /// # Errors
    ///
    /// Returns an error if the key has less than 16 bytes.
    pub fn new(current: Secret) -> Result<Self, SealError> {
        Ok(Self { namespace: Arc::default(), keys: vec![SealKey::new(&current)?], encrypts: false })
    }

    /// Adds a previous key, which only opens. Remove it once no sealed delivery is left that it made.
    ///
    /// # Errors
    ///
    /// Returns an error if the key has less than 16 bytes.
    pub fn add_previous(mut self, previous: Secret) -> Result<Self, SealError> {
        self.keys.push(SealKey::new(&previous)?);
        Ok(self)
    }

    /// Sets a namespace (default: empty). A delivery that was sealed in one namespace cannot be opened
    /// in another, although the key is the same.
    #[must_use]
    pub fn with_namespace(mut self, namespace: impl Into<Arc<str>>) -> Self {
        self.namespace = namespace.into();
        self
    }

    /// Also encrypts what is sealed from now on, with XChaCha20-Poly1305: the body, the confirmed event,
    /// the IDs, and the secret's label. Whoever reads the store without a key learns only the provider,
    /// the tenant, the event's name, times and sizes, and which deliveries are about the same resource.
    /// What was sealed without encryption can still be opened.
    ///
    /// The [`resource`](super::SealedColumns::resource) of a sealed delivery is then a keyed hash: see
    /// [`resources`](Self::resources).
    ///
    /// ```
    /// use countersign_core::{Secret, seal::SealKeys};
    ///
    /// # fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// let keys = SealKeys::new(Secret::from_env("COUNTERSIGN_INBOX_KEY")?)?.encrypting();
    /// # Ok(()) }
    /// ```
    #[cfg(feature = "encryption")]
    #[cfg_attr(docsrs, doc(cfg(feature = "encryption")))]
    #[must_use]
    pub fn encrypting(mut self) -> Self {
        self.encrypts = true;
        self
    }

    /// Returns the texts that may stand for a resource ID in the [column](super::SealedColumns::resource):
    /// the ID itself, and the keyed hash of each key. Search for all of them, for example to erase what is
    /// stored of a customer.
    pub fn resources(&self, id: &str) -> Vec<String> {
        let hashes = self.keys.iter().map(|key| key.resource(id));
        std::iter::once(id.to_owned()).chain(hashes).collect()
    }

    pub(super) const fn encrypts(&self) -> bool {
        self.encrypts
    }

    #[expect(clippy::expect_used, reason = "there is a current key by construction")]
    pub(super) fn current(&self) -> &SealKey {
        self.keys.first().expect("there is a current key")
    }

    pub(super) fn numbered(&self, number: &[u8]) -> Option<&SealKey> {
        self.keys.iter().find(|key| key.number == number)
    }
}

impl SealKey {
    fn new(secret: &Secret) -> Result<Self, SealError> {
        if secret.bytes().len() < SHORTEST {
            return Err(SealErrorKind::ShortKey.into());
        }
        #[expect(clippy::expect_used, reason = "RFC 2104: no length is invalid")]
        let mac = Hmac::<Sha256>::new_from_slice(secret.bytes()).expect("HMAC takes keys of any length");
        let digest = mac.clone().chain_update(NUMBER).finalize().into_bytes();
        let mut number = [0; NUMBER_LENGTH];
        number.iter_mut().zip(digest).for_each(|(byte, of_digest)| *byte = of_digest);
        Ok(Self { number, cipher: Cipher::new(&mac, number), mac })
    }

    /// A text that stands for a resource ID.
    pub(super) fn resource(&self, id: &str) -> String {
        let mut parts = Parts(self.mac.clone());
        parts.part(RESOURCE);
        parts.part(id);
        let hash: [u8; 32] = parts.0.finalize().into_bytes().into();
        format!("hmac:{}", const_hex::encode(hash.first_chunk::<16>().unwrap_or(&[0; 16])))
    }
}

/// `Debug` does not show the keys.
impl fmt::Debug for SealKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SealKeys").field("namespace", &self.namespace).field("keys", &self.keys.len()).finish()
    }
}
