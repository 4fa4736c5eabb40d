//! What can be wrong with a delivery, by name.

use std::{fmt, str::FromStr};

use countersign_core::{
    DEFAULT_BODY_LIMIT, Event, Provider, Scheme,
    providers::{ScreenScore, Zeodyn},
};
use serde_json::Value;

use crate::{
    documented::Documented,
    error::{TamperingError, TamperingErrorKind},
    payload::Payload,
    proof::{Proof, sign},
    request::{SignedRequest, header_value},
};

/// The name of no documented event.
const UNKNOWN_EVENT: &str = "countersign.unknown";

/// Longer ago than any provider retries.
const LONG_AGO: &str = "2000-01-01T00:00:00Z";

macro_rules! tamperings {
    ($($(#[doc = $doc:literal])+ $name:literal => $Variant:ident,)*) => {
        /// What can be wrong with a delivery, or odd about it: for the tests that show that a receiver refuses what it
        /// has to, and takes what it should. More may be added.
        ///
        /// ```
        /// use countersign_core::providers::GeoScored;
        /// use countersign_testkit::{Expected, Payload, Tampering};
        ///
        /// let request = Payload::<GeoScored>::documented("scan.completed")?.signed_with("s3cr3t");
        /// for &tampering in Tampering::ALL {
        ///     let Ok(tampered) = request.tampered(tampering) else { continue };
        ///     if let Expected::Refused(status) = tampering.expected::<GeoScored>() {
        ///         // Send `tampered` and see that it is answered with `status`.
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
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$Variant),*];

            /// Its name, as on a command line: `flipped-body`.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$Variant => $name,)*
                }
            }

            /// What it is, in one sentence.
            pub fn description(self) -> &'static str {
                match self {
                    $(Self::$Variant => concat!($($doc),+).trim_start(),)*
                }
            }
        }
    };
}

tamperings! {
    /// One bit of the body is not what was signed.
    "flipped-body" => FlippedBody,
    /// One digit of the signature, or one bit of the token, is another.
    "flipped-tag" => FlippedTag,
    /// The signature's last byte, or that of the token, is missing.
    "truncated-tag" => TruncatedTag,
    /// There is no proof at all.
    "missing-header" => MissingHeader,
    /// The proof is there twice.
    "doubled-header" => DoubledHeader,
    /// What stands before the signature's digits is not what the provider puts there.
    "wrong-prefix" => WrongPrefix,
    /// It is proven with a secret that is not accepted any more: the right one and `-retired`.
    "retired-secret" => RetiredSecret,
    /// It is a genuine delivery of another provider, with the same secret.
    "other-provider" => OtherProvider,
    /// The body is the same JSON, parsed and written again: with other white space, its keys in another order.
    "reserialised" => Reserialised,
    /// The body is longer than 1 MiB by one byte, and signed so.
    "oversized" => Oversized,
    /// It is genuine, and its event's name is one that is not documented: `countersign.unknown`.
    "unknown-event" => UnknownEvent,
    /// It is genuine, and the very same as before: send it after the original.
    "duplicate" => Duplicate,
    /// It is genuine, and the time that the proof covers is in the year 2000.
    "stale" => Stale,
}

/// What a receiver has to make of a delivery that was tampered with. More may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Expected {
    /// It refuses it with this status.
    Refused(u16),
    /// It refuses it with this status if it was told to accept events up to some age only, and takes it otherwise.
    RefusedIfAged(u16),
    /// It takes it.
    Accepted,
    /// It takes it, and if it remembers deliveries, does not handle it again; but for a provider's test events, none of
    /// which is a duplicate.
    AcceptedOnce,
    /// Nothing tells it from a genuine one: the provider's proof does not cover the body. What it is answered depends on
    /// the handler.
    NotProtected,
}

impl Tampering {
    /// What a receiver with a limit of 1 MiB has to make of it, if it comes from `P`.
    pub fn expected<P: Provider>(self) -> Expected {
        let covers_the_body = !matches!(P::SCHEME, Scheme::UrlToken { .. });
        match self {
            Self::FlippedBody | Self::Reserialised if !covers_the_body => Expected::NotProtected,
            Self::Oversized => Expected::Refused(413),
            Self::UnknownEvent => Expected::Accepted,
            Self::Duplicate => Expected::AcceptedOnce,
            Self::Stale => Expected::RefusedIfAged(401),
            Self::FlippedBody
            | Self::FlippedTag
            | Self::TruncatedTag
            | Self::MissingHeader
            | Self::DoubledHeader
            | Self::WrongPrefix
            | Self::RetiredSecret
            | Self::OtherProvider
            | Self::Reserialised => Expected::Refused(401),
        }
    }
}

impl fmt::Display for Tampering {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// From its name.
///
/// # Errors
///
/// If there is none of this name; the message lists them.
impl FromStr for Tampering {
    type Err = TamperingError;

    fn from_str(name: &str) -> Result<Self, TamperingError> {
        let found = Self::ALL.iter().find(|tampering| tampering.name() == name);
        found.copied().ok_or_else(|| {
            let names: Vec<_> = Self::ALL.iter().map(|tampering| tampering.name()).collect();
            let message = format!("there is no tampering `{name}`; there are {}", names.join(", "));
            TamperingError::new(TamperingErrorKind::UnknownName, message)
        })
    }
}

impl<P: Documented> SignedRequest<P> {
    /// The same delivery, tampered with. It is made from the body and the secret: a proof that was changed by hand is not
    /// kept.
    ///
    /// # Errors
    ///
    /// If it cannot be done to this delivery, of the kind [`Impossible`](crate::TamperingErrorKind::Impossible): where a
    /// token is the proof there is no prefix, where no time is signed nothing is stale, an empty body has no bits, and what
    /// is not JSON is not written again.
    pub fn tampered(&self, tampering: Tampering) -> Result<Self, TamperingError> {
        let impossible = |why: &str| {
            let message = format!("{tampering} cannot be done to {}: {why}", P::TITLE);
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
            Tampering::MissingHeader => Ok(self.without_proof()),
            Tampering::DoubledHeader => Ok(self.with_doubled_proof()),
            Tampering::WrongPrefix => match P::SCHEME {
                Scheme::UrlToken { .. } => Err(impossible("its proof is a token in the URL")),
                Scheme::HmacSha256 { prefix, .. } => {
                    let wrong = if prefix == "v0=" { "v1=" } else { "v0=" };
                    let changed = |value: &str| format!("{wrong}{}", value.strip_prefix(prefix).unwrap_or(value));
                    Ok(self.with_changed_proof(changed, |_| {}))
                }
                _ => Err(impossible("its proof is of a kind that this countersign-testkit does not know")),
            },
            Tampering::RetiredSecret => {
                let retired = [self.secret(), b"-retired"].concat();
                Ok(self.clone().proven_by(&sign::<P>(retired, body)))
            }
            Tampering::OtherProvider if P::SCHEME == Zeodyn::SCHEME => Ok(self.others_delivery::<ScreenScore>()),
            Tampering::OtherProvider => Ok(self.others_delivery::<Zeodyn>()),
            Tampering::Oversized => {
                let mut long = body.to_vec();
                long.resize(DEFAULT_BODY_LIMIT.saturating_add(1).max(long.len()), b' ');
                Ok(self.clone().signed_again(long.into()))
            }
            Tampering::UnknownEvent => {
                let unknown = self.with_signed_field("/event", UNKNOWN_EVENT).map_err(|why| impossible(&why))?;
                let is_it = P::Event::decode(unknown.body()).is_ok_and(|event| event.name() == UNKNOWN_EVENT);
                is_it.then_some(unknown).ok_or_else(|| impossible("its events are not named by `event`"))
            }
            Tampering::Duplicate => Ok(self.clone()),
            Tampering::Stale => {
                let path = P::SIGNED_TIME.ok_or_else(|| impossible("its proof covers no time"))?;
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

    /// Its header's value changed by `header`, or its token by `token`.
    fn with_changed_proof(&self, header: impl Fn(&str) -> String, token: impl Fn(&mut Vec<u8>)) -> Self {
        let mut changed = self.clone();
        let proof = sign::<P>(self.secret(), self.body());
        for (name, value) in proof.headers() {
            changed.headers_mut().insert(name, header_value(&header(value)));
        }
        if proof.query().is_some() {
            let mut secret = zeroize::Zeroizing::new(self.secret().to_vec());
            token(&mut secret);
            changed = changed.proven_by(&sign::<P>(&*secret, self.body()));
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
            doubled.headers_mut().append(name, header_value(value));
        }
        doubled.set_query(proof.query().map(|query| format!("{query}&{query}")));
        doubled
    }

    /// What `Q` would send to the same place.
    fn others_delivery<Q: Documented>(&self) -> Self {
        let body = Q::PAYLOADS.first().map_or("{}", |(_, body)| body);
        let others = Payload::<Q>::new(body).signed_with(self.secret());
        let mut delivery = self.without_proof().with_body(body);
        for header in [P::UNVERIFIED_EVENT_HEADER, P::UNVERIFIED_TIMESTAMP_HEADER].into_iter().flatten() {
            delivery.headers_mut().remove(header);
        }
        for (name, value) in others.headers() {
            delivery.headers_mut().insert(name, value.clone());
        }
        delivery.set_query(others.query().map(str::to_owned));
        delivery
    }

    fn proof(&self) -> Proof {
        sign::<P>(self.secret(), self.body())
    }
}

/// One bit flipped, of the last digit if there is one: then JSON stays JSON.
fn flipped(body: &[u8]) -> Option<Vec<u8>> {
    let mut flipped = body.to_vec();
    let digit = flipped.iter().rposition(u8::is_ascii_digit).unwrap_or_default();
    *flipped.get_mut(digit)? ^= 1;
    Some(flipped)
}

/// `value` with another last digit.
fn flipped_digit(value: &str) -> String {
    let mut flipped = value.to_owned();
    let last = flipped.pop();
    flipped.push(if last == Some('0') { '1' } else { '0' });
    flipped
}
