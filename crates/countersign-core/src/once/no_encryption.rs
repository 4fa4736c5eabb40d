//! Without the feature `encryption`, nothing is encrypted, and what is cannot be opened.

use hmac::Hmac;
use sha2::Sha256;

use super::{
    seal::{Opened, SealedColumns},
    seal_keys::NUMBER_LENGTH,
    seal_meta::{Digests, Meta},
};
use crate::error::{SealError, SealErrorKind};

#[derive(Clone)]
pub(super) struct Cipher;

impl Cipher {
    pub(super) const fn new(_: &Hmac<Sha256>, _: [u8; NUMBER_LENGTH]) -> Self {
        Self
    }
}

pub(super) fn encrypt(_: &Cipher, _: &str, _: &mut SealedColumns, _: &Meta) -> Result<(), SealError> {
    Err(SealErrorKind::Encrypted.into())
}

pub(super) fn decrypt(_: &Cipher, _: &str, _: &SealedColumns, _: &Digests) -> Result<Opened, SealError> {
    Err(SealErrorKind::Encrypted.into())
}
