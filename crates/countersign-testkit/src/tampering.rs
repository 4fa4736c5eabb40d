//! Deliveries that are wrong in some way, by name.

use std::{fmt, str::FromStr};

use crate::error::{TamperingError, TamperingErrorKind};

macro_rules! tamperings {
    ($($(#[doc = $doc:literal])+ $name:literal => $Variant:ident,)*) => {
        /// A way in which a delivery is wrong or unusual, to test that a receiver rejects what it
        /// must, and accepts the rest. More may be added.
        ///
        /// ```
        /// use countersign::providers::GeoScored;
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
    /// One character of the signature, or one bit of the token, is different.
    "flipped-tag" => FlippedTag,
    /// The end of the signature or token is missing.
    "truncated-tag" => TruncatedTag,
    /// The proof is missing.
    "missing-proof" => MissingProof,
    /// The proof is repeated.
    "doubled-proof" => DoubledProof,
    /// The prefix before the signature is not the provider's.
    "wrong-prefix" => WrongPrefix,
    /// It is signed with a secret that is no longer accepted: the right one followed by `-retired`, or
    /// another key of the same form.
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
    /// It is valid, but the time of its event, which the proof covers, is in the year 2002.
    "stale" => Stale,
    /// It is signed, but the signed time of sending is in the year 2002.
    "stale-time" => StaleTime,
    /// The signed time of sending is a second later than what was signed.
    "wrong-time" => WrongTime,
    /// The ID of the delivery, which the proof covers, is another than what was signed.
    "swapped-id" => SwappedId,
    /// It is signed for another public URL.
    "other-url" => OtherUrl,
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
