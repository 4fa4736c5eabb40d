//! Deliveries that are wrong in some way, by name.

use std::{fmt, str::FromStr};

use countersign_core::{ProviderEvent, adapter::DEFAULT_BODY_LIMIT, provider::Provider};
use serde_json::Value;

use crate::{
    documented::Documented,
    error::{TamperingError, TamperingErrorKind},
    payload::Payload,
    proof::Proof,
    request::{SignedRequest, header_name, header_value},
};

/// An event that no provider documents.
const UNKNOWN_EVENT: &str = "countersign.unknown";

/// Longer ago than any provider retries.
const LONG_AGO: &str = "2000-01-01T00:00:00Z";

macro_rules! tamperings {
    ($($(#[doc = $doc:literal])+ $name:literal => $Variant:ident,)*) => {
        /// A way in which a delivery is wrong or unusual, to test that a receiver rejects what it
        /// must, and accepts the rest. More may be added.
        ///
        /// ```
        /// use countersign_core::providers::GeoScored;
        /// use countersign_testkit::{Expected, Payload, Tampering};
        ///
        /// let request = Payload::<GeoScored>::documented("scan.completed")?.signed_with("s3cr3t");
        /// for &tampering in Tampering::ALL {
        ///     let Ok(tampered) = request.tampered(tampering) else { continue };
        ///     if let Expected::Rejected(status) = tampering.expected::<GeoScored>() {
        ///         // Send `tampered`, and assert that it is answered with `status`.
        ///         # assert!(status == 413 || tampered.delivery().is_err_and(|error| error.status() == status));
        ///     }
        /// }
        /// # Ok::<(), countersign_testkit::PayloadError>(())
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Tampering {
            $($(#[doc = $doc])+ $Variant,)*
        }

        impl Tampering {
            /// All kinds of tampering.
            pub const ALL: &'static [Self] = &[$(Self::$Variant),*];

            /// Returns its name, as on the command line: `flipped-body`.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$Variant => $name,)*
                }
            }

            /// Describes it in one sentence.
            pub fn description(self) -> &'static str {
                match self {
                    $(Self::$Variant => concat!($($doc),+).trim_start(),)*
                }
            }
        }
    };
}

tamperings! {
    /// One bit of the body differs from what was signed.
    "flipped-body" => FlippedBody,
    /// One digit of the signature, or one bit of the token, is different.
    "flipped-tag" => FlippedTag,
    /// The last byte of the signature or token is missing.
    "truncated-tag" => TruncatedTag,
    /// The proof is missing.
    "missing-proof" => MissingProof,
    /// The proof is repeated.
    "doubled-proof" => DoubledProof,
    /// The prefix before the signature's digits is not the provider's.
    "wrong-prefix" => WrongPrefix,
    /// It is signed with a secret that is no longer accepted: the right one followed by `-retired`.
    "retired-secret" => RetiredSecret,
    /// It is a delivery of another provider, signed with the same secret.
    "other-provider" => OtherProvider,
    /// The body is the same JSON, parsed and written again: with different white space, and its
    /// keys in another order.
    "reserialised" => Reserialised,
    /// The body is one byte longer than 1 MiB, and signed.
    "oversized" => Oversized,
    /// It is valid, but its event is not documented: `countersign.unknown`.
    "unknown-event" => UnknownEvent,
    /// It is valid, and equal to the original: send it after the original.
    "duplicate" => Duplicate,
    /// It is valid, but the time of its event, which the proof covers, is in the year 2000.
    "stale" => Stale,
}

impl fmt::Display for Tampering {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Parses its name.
///
/// # Errors
///
/// Returns an error if no tampering has this name. The message lists the names.
impl FromStr for Tampering {
    type Err = TamperingError;

    fn from_str(name: &str) -> Result<Self, TamperingError> {
        let found = Self::ALL.iter().find(|tampering| tampering.name() == name);
        found.copied().ok_or_else(|| {
            let names: Vec<_> = Self::ALL.iter().map(|tampering| tampering.name()).collect();
            let message = format!("unknown tampering `{name}`; known are {}", names.join(", "));
            TamperingError::new(TamperingErrorKind::UnknownName, message)
        })
    }
}

impl<P: Documented> SignedRequest<P> {
    /// Returns a tampered copy of the delivery. It is made from the body and the secret, so a proof
    /// that you changed by hand is not kept.
    ///
    /// # Errors
    ///
    /// Returns an error of the kind [`Impossible`](crate::TamperingErrorKind::Impossible) if the
    /// delivery does not have the part that the tampering changes. A token has no prefix, an
    /// unsigned time cannot be stale, an empty body has no bits, and a body that is not JSON cannot
    /// be written again.
    pub fn tampered(&self, tampering: Tampering) -> Result<Self, TamperingError> {
        let impossible = |why: &str| {
            let message = format!("{tampering} is not possible for {}: {why}", P::TITLE);
            TamperingError::new(TamperingErrorKind::Impossible, message)
        };
        let body = self.body();
        match tampering {
            Tampering::FlippedBody => {
                let flipped = flipped(body).ok_or_else(|| impossible("the body is empty"))?;
                Ok(self.clone().proven_by(&self.proof()).with_body(flipped))
            }
            Tampering::Reserialised => {
                let json: Value = serde_json::from_slice(body).map_err(|_| impossible("the body is not JSON"))?;
                let spellings = [json.to_string(), format!("{json:#}"), format!("{json}\n")];
                let other = spellings.into_iter().find(|other| other.as_bytes() != &body[..]);
                Ok(self.clone().proven_by(&self.proof()).with_body(other.unwrap_or_default()))
            }
            Tampering::FlippedTag => Ok(self.with_changed_proof(flipped_digit, |token| {
                if let Some(last) = token.last_mut() {
                    *last ^= 1;
                }
            })),
            Tampering::TruncatedTag => Ok(self.with_changed_proof(
                |value| value.chars().take(value.len().saturating_sub(2)).collect(),
                |token| token.truncate(token.len().saturating_sub(1)),
            )),
            Tampering::MissingProof => Ok(self.without_proof()),
            Tampering::DoubledProof => Ok(self.with_doubled_proof()),
            Tampering::WrongPrefix => {
                let prefix = P::SCHEME.signature_prefix().ok_or_else(|| impossible("its proof is not a signature"))?;
                let wrong = if prefix == "v0=" { "v1=" } else { "v0=" };
                let changed = |value: &str| format!("{wrong}{}", value.strip_prefix(prefix).unwrap_or(value));
                Ok(self.with_changed_proof(changed, |_| {}))
            }
            Tampering::RetiredSecret => {
                // A key in base64 or hex has to stay one.
                let mut ends = [b"-retired".as_slice(), b"AAAA", b"00"].into_iter();
                let retired = ends.find_map(|end| self.try_sign(&[self.secret(), end].concat(), body).ok());
                let retired = retired.ok_or_else(|| impossible("no other key can be made of its secret"))?;
                Ok(self.clone().proven_by(&retired))
            }
            Tampering::OtherProvider => {
                self.of_other_provider().ok_or_else(|| impossible("no provider has another scheme"))
            }
            Tampering::Oversized => {
                let mut long = body.to_vec();
                long.resize(DEFAULT_BODY_LIMIT.saturating_add(1).max(long.len()), b' ');
                Ok(self.clone().signed_again(long.into()))
            }
            Tampering::UnknownEvent => {
                let pointer = format!("/{}", P::Event::NAME_PATH.replace('.', "/"));
                let unknown = self.with_signed_field(&pointer, UNKNOWN_EVENT).map_err(|why| impossible(&why))?;
                let is_it = P::Event::decode(unknown.body()).is_ok_and(|event| event.name() == UNKNOWN_EVENT);
                is_it
                    .then_some(unknown)
                    .ok_or_else(|| impossible("the name of its event is not at its documented path"))
            }
            Tampering::Duplicate => Ok(self.clone()),
            Tampering::Stale => {
                let covered = P::OCCURRED_AT.filter(|place| P::SCHEME.covers(*place));
                let path = covered.and_then(|place| place.as_json());
                let path = path.ok_or_else(|| impossible("its proof covers no time"))?;
                let pointer = format!("/{}", path.replace('.', "/"));
                self.with_signed_field(&pointer, LONG_AGO).map_err(|why| impossible(&why))
            }
        }
    }

    fn with_signed_field(&self, pointer: &str, value: &str) -> Result<Self, String> {
        let payload = Payload::<P>::new(self.body().clone()).with_field(pointer, value);
        let body = payload.map_err(|error| error.to_string())?.bytes().clone();
        Ok(self.clone().signed_again(body))
    }

    /// Changes the value of the header, or the token.
    fn with_changed_proof(&self, header: impl Fn(&str) -> String, token: impl Fn(&mut Vec<u8>)) -> Self {
        let mut changed = self.clone();
        let proof = self.proof();
        for (name, value) in proof.headers() {
            changed.headers_mut().insert(header_name(name), header_value(&header(value)));
        }
        if proof.query().is_some() {
            let mut secret = zeroize::Zeroizing::new(self.secret().to_vec());
            token(&mut secret);
            changed = changed.proven_by(&self.sign(&secret, self.body()));
        }
        changed
    }

    fn without_proof(&self) -> Self {
        let mut unproven = self.clone();
        for (name, _) in self.proof().headers() {
            unproven.headers_mut().remove(name);
        }
        unproven.set_query(None);
        unproven
    }

    fn with_doubled_proof(&self) -> Self {
        let proof = self.proof();
        let mut doubled = self.clone().proven_by(&proof);
        for (name, value) in proof.headers() {
            doubled.headers_mut().append(header_name(name), header_value(value));
        }
        doubled.set_query(proof.query().map(|query| format!("{query}&{query}")));
        doubled
    }

    /// What `Q` would send to the same path.
    fn others_delivery<Q: Documented>(&self) -> Self {
        let body = Q::PAYLOADS.first().map_or("{}", |(_, body)| body);
        let others = Payload::<Q>::new(body).signed_with(self.secret());
        let mut delivery = self.without_proof().with_body(body);
        for header in [P::EVENT_COPY, P::SENT_AT].into_iter().flatten().filter_map(|place| place.as_header()) {
            delivery.headers_mut().remove(header);
        }
        for (name, value) in others.headers() {
            delivery.headers_mut().insert(name, value.clone());
        }
        delivery.set_query(others.query().map(str::to_owned));
        delivery
    }

    fn proof(&self) -> Proof {
        self.sign(self.secret(), self.body())
    }
}

macro_rules! of_other_provider {
    ($($constructor:ident => $Provider:ident,)*) => {
        impl<P: Documented> SignedRequest<P> {
            /// What the first provider with another scheme would send to the same path.
            fn of_other_provider(&self) -> Option<Self> {
                $(if P::SCHEME != countersign_core::providers::$Provider::SCHEME {
                    return Some(self.others_delivery::<countersign_core::providers::$Provider>());
                })*
                None
            }
        }
    };
}

countersign_core::__for_each_typed_provider!(of_other_provider);

/// Flips one bit: of the last digit, if there is one, so that JSON stays JSON.
fn flipped(body: &[u8]) -> Option<Vec<u8>> {
    let mut flipped = body.to_vec();
    let digit = flipped.iter().rposition(u8::is_ascii_digit).unwrap_or_default();
    *flipped.get_mut(digit)? ^= 1;
    Some(flipped)
}

/// Changes the last digit.
fn flipped_digit(value: &str) -> String {
    let mut flipped = value.to_owned();
    let last = flipped.pop();
    flipped.push(if last == Some('0') { '1' } else { '0' });
    flipped
}
