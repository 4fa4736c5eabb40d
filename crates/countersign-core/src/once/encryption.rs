//! Encryption of what a store keeps.

use bytes::Bytes;
use chacha20poly1305::{
    Key, KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Generate, Payload},
};
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use zeroize::Zeroize;

use super::{
    DeliveryKey,
    parts::Parts,
    seal::{DOMAIN, Opened, SealedColumns},
    seal_keys::NUMBER_LENGTH,
    seal_meta::{Digests, Meta},
};
use crate::error::{SealError, SealErrorKind};

/// How many bytes a nonce has. It is chosen at random, and stands before the encrypted text.
const NONCE: usize = 24;

/// Say what is derived from a key.
const ENCRYPTION: &str = "countersign seal encryption 1";
const DIGEST: &str = "countersign seal digest 1";

/// What a key encrypts with. Both states are wiped on drop.
#[derive(Clone)]
pub(super) struct Cipher {
    aead: XChaCha20Poly1305,
    mac: Hmac<Sha256>,
    number: [u8; NUMBER_LENGTH],
}

/// Encrypts the body, the confirmed event, and what is known besides.
pub(super) fn encrypt(
    cipher: &Cipher,
    namespace: &str,
    columns: &mut SealedColumns,
    meta: &Meta,
) -> Result<(), SealError> {
    let encrypt = |column, plain: &[u8]| cipher.encrypt(&place(namespace, columns.key, column), plain);
    let encrypted = const_hex::encode(encrypt("meta", &serde_json::to_vec(meta).unwrap_or_default())?);
    let mut digests = Digests::new(String::new(), None, Some(encrypted));
    let (mut body, mut confirmed) = (None, None);
    if let Some(plain) = &columns.body {
        digests.body = cipher.digest(plain);
        body = Some(encrypt("body", plain)?);
    }
    if let Some(plain) = &columns.confirmed {
        digests.confirmed = Some(cipher.digest(plain));
        confirmed = Some(encrypt("confirmed", plain)?);
    }
    columns.body = body.map(Bytes::from);
    columns.confirmed = confirmed.map(Bytes::from);
    columns.meta = digests.written(None);
    Ok(())
}

/// Decrypts columns whose seal is right, and which are not purged.
pub(super) fn decrypt(
    cipher: &Cipher,
    namespace: &str,
    columns: &SealedColumns,
    digests: &Digests,
) -> Result<Opened, SealError> {
    let decrypt = |column, encrypted: &[u8]| {
        let plain = cipher.decrypt(&place(namespace, columns.key, column), encrypted);
        plain.ok_or(SealErrorKind::Forged)
    };
    let meta = const_hex::decode(digests.encrypted.as_deref().unwrap_or_default());
    let meta = decrypt("meta", &meta.map_err(|_| SealErrorKind::UnknownVersion)?)?;
    let body = decrypt("body", columns.body.as_deref().unwrap_or_default())?;
    let confirmed = columns.confirmed.as_deref().map(|confirmed| decrypt("confirmed", confirmed)).transpose()?;
    if cipher.digest(&body) != digests.body
        || confirmed.as_deref().map(|event| cipher.digest(event)) != digests.confirmed
    {
        return Err(SealErrorKind::Forged.into());
    }
    Ok(Opened { body: body.into(), confirmed: confirmed.map(Bytes::from), meta: Meta::read(&meta)? })
}

/// Where an encrypted text belongs: it cannot be decrypted at another place.
fn place(namespace: &str, key: DeliveryKey, column: &str) -> [u8; 32] {
    let mut parts = Parts(Sha256::new());
    parts.part(DOMAIN);
    parts.part(namespace);
    parts.part(key.as_bytes());
    parts.part(column);
    parts.0.finalize().into()
}

fn keyed(mac: &Hmac<Sha256>, domain: &str, bytes: &[u8]) -> [u8; 32] {
    let mut parts = Parts(mac.clone());
    parts.part(domain);
    parts.part(bytes);
    parts.0.finalize().into_bytes().into()
}

impl Cipher {
    pub(super) fn new(mac: &Hmac<Sha256>, number: [u8; NUMBER_LENGTH]) -> Self {
        let mut key = Key::from(keyed(mac, ENCRYPTION, &[]));
        let aead = XChaCha20Poly1305::new(&key);
        key.zeroize();
        Self { aead, mac: mac.clone(), number }
    }

    /// A digest that says nothing of `bytes` to whoever does not know the key. It names the key: digests of
    /// two keys cannot be compared.
    fn digest(&self, bytes: &[u8]) -> String {
        format!("{}:{}", const_hex::encode(self.number), const_hex::encode(keyed(&self.mac, DIGEST, bytes)))
    }

    fn encrypt(&self, place: &[u8], plain: &[u8]) -> Result<Vec<u8>, SealError> {
        let nonce = XNonce::try_generate().map_err(|_| SealErrorKind::NotEncrypted)?;
        // It fails only for a text of 256 GiB.
        let payload = Payload { msg: plain, aad: place };
        let encrypted = self.aead.encrypt(&nonce, payload).map_err(|_| SealErrorKind::NotEncrypted)?;
        Ok([&nonce[..], &encrypted].concat())
    }

    /// `None` if the text was changed, or was encrypted for another place or with another key.
    fn decrypt(&self, place: &[u8], encrypted: &[u8]) -> Option<Vec<u8>> {
        let (nonce, msg) = encrypted.split_first_chunk::<NONCE>()?;
        self.aead.decrypt(&XNonce::from(*nonce), Payload { msg, aad: place }).ok()
    }
}
