//! What may be asked of an endpoint that answers with a MAC.

use crate::scheme::{Algorithm, Coding, Place};

/// The longest text that is answered with a MAC, in bytes.
const LONGEST: u16 = 256;

const LETTERS_AND_DIGITS: u128 = range(b'0', b'9') | range(b'A', b'Z') | range(b'a', b'z');

/// The texts that are answered with a [`Mac`]: their characters and their length.
///
/// ```
/// use countersign_core::provider::Input;
///
/// const CRC_TOKEN: Input = Input::BASE64;
/// const UUID: Input = Input::HEX_AND_DASHES.length(36, 36);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Input {
    chars: u128,
    shortest: u16,
    longest: u16,
}

impl Input {
    /// 1 to 256 characters of base64 or base64url: `[A-Za-z0-9_+/=-]`.
    pub const BASE64: Self = Self::of(LETTERS_AND_DIGITS | bit(b'_') | bit(b'+') | bit(b'/') | bit(b'=') | bit(b'-'));

    /// 1 to 256 hex digits in either case and dashes, as in a UUID: `[0-9A-Fa-f-]`.
    pub const HEX_AND_DASHES: Self = Self::of(range(b'0', b'9') | range(b'A', b'F') | range(b'a', b'f') | bit(b'-'));

    const fn of(chars: u128) -> Self {
        Self { chars, shortest: 1, longest: LONGEST }
    }

    /// Sets the length, in characters (default: 1 to 256).
    ///
    /// # Panics
    ///
    /// Panics if no text has such a length, or one of more than 256. In a const, that is a compile
    /// error.
    pub const fn length(mut self, shortest: u16, longest: u16) -> Self {
        assert!(
            0 < shortest && shortest <= longest && longest <= LONGEST,
            "a text that is answered with a MAC has 1 to 256 characters: give its shortest and its longest length"
        );
        (self.shortest, self.longest) = (shortest, longest);
        self
    }

    /// The set of its characters, a bit for each.
    pub(crate) const fn chars(&self) -> u128 {
        self.chars
    }

    pub(crate) fn accepts(&self, text: &[u8]) -> bool {
        text.len() >= usize::from(self.shortest) && self.may_have(text)
    }

    /// Whether `text` could be the end of a text that is accepted.
    pub(crate) fn may_have(&self, text: &[u8]) -> bool {
        text.len() <= usize::from(self.longest) && text.iter().all(|&byte| self.chars & bit(byte) != 0)
    }
}

/// A MAC that an endpoint answers with, under the secret of the deliveries: the one that verified a
/// signed handshake, and otherwise the current one of the first account. Without a proof there is no
/// such secret if the secrets are [looked up](crate::Verifier::from_lookup): it is rejected.
///
/// **An endpoint that answers with a MAC is a signing oracle**: it computes what only it and the
/// provider could, for whoever asks. If a text that it accepts could also be a signed text of the
/// scheme, an attacker would forge deliveries. So a MAC is only made of an [`Input`], and a page on
/// which nothing tells the two apart does not compile. Where only the body tells them apart, a
/// delivery with a body that could be such an input is rejected. An attacker can also try secrets
/// against such an answer, as against a recorded signature: the secret must be long and random.
///
/// ```compile_fail,E0080
/// use countersign_core::{AnyEvent, provider::*, provider::grammar::*};
///
/// enum Acme {}
///
/// impl Provider for Acme {
///     type Event = AnyEvent;
///     const NAME: &'static str = "acme";
///     const TITLE: &'static str = "Acme";
///     const DOCS: &'static str = "https://acme.example/docs/webhooks";
///     // The digest is 64 hex digits, and an attacker may ask for their MAC.
///     const SCHEME: Scheme = Scheme::signed(HmacSha256, header("x-acme"), Hex).over(&[BodySha256]);
///     const HANDSHAKES: &'static [Handshake] = &[Handshake::get().answer(Reply::object(&[(
///         "response",
///         ReplyValue::Mac(Mac::new(HmacSha256, query("challenge"), Input::BASE64, Hex)),
///     )]))];
/// }
///
/// // Reports a bad scheme or handshake at `cargo check`.
/// const _: Page = Page::of::<Acme>();
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mac {
    pub(crate) algorithm: Algorithm,
    pub(crate) place: Place,
    pub(crate) input: Input,
    pub(crate) coding: Coding,
    pub(crate) prefix: &'static str,
}

impl Mac {
    /// Creates a MAC by `algorithm`, an HMAC, of the text at `place`, written in `coding`. A text
    /// that is not an `input` is rejected.
    ///
    /// # Panics
    ///
    /// Panics if `algorithm` is not an HMAC, or its feature is off. In a const, that is a compile
    /// error: define it as a const.
    pub const fn new(algorithm: Algorithm, place: Place, input: Input, coding: Coding) -> Self {
        algorithm.check_feature();
        assert!(
            algorithm.is_hmac(),
            "a handshake is answered with an HMAC: a public key cannot make a MAC, and anybody can extend a plain digest"
        );
        Self { algorithm, place, input, coding, prefix: "" }
    }

    /// Sets the fixed text before the MAC, such as `sha256=` (default: none).
    pub const fn prefix(mut self, prefix: &'static str) -> Self {
        self.prefix = prefix;
        self
    }
}

/// The bit of a character; none if it is not ASCII.
pub(crate) const fn bit(byte: u8) -> u128 {
    if byte.is_ascii() { 1 << byte } else { 0 }
}

#[expect(clippy::arithmetic_side_effects, reason = "const code")]
const fn range(first: u8, last: u8) -> u128 {
    let (mut chars, mut byte) = (0, first);
    while byte <= last {
        chars |= bit(byte);
        byte += 1;
    }
    chars
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A set of bits, and the characters one by one.
    #[test]
    fn an_input_has_its_characters_and_no_others() {
        let all: Vec<u8> = (0..=u8::MAX).collect();
        let accepted =
            |input: Input| -> Vec<u8> { all.iter().copied().filter(|&byte| input.accepts(&[byte])).collect() };
        assert_eq!(accepted(Input::BASE64), b"+-/0123456789=ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz");
        assert_eq!(accepted(Input::HEX_AND_DASHES), b"-0123456789ABCDEFabcdef");
        let accepts = |input: Input, length| input.accepts(&vec![b'a'; length]);
        assert_eq!([0, 1, 256, 257].map(|length| accepts(Input::BASE64, length)), [false, true, true, false]);
        let uuid = Input::HEX_AND_DASHES.length(36, 36);
        assert_eq!([35, 36, 37].map(|length| accepts(uuid, length)), [false, true, false]);
    }
}
