//! What makes no sense in a handshake, as compile errors. Each message says what to change.

use super::{Condition, Handshake, Method, Proof, ReplyBody, ReplyValue};
use crate::scheme::{Place, Scheme, text};

/// Panics if the handshake makes no sense.
#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "const code over a const")]
pub(super) const fn handshake(handshake: &Handshake) {
    let is_signed = handshake.is_signed();
    let (mut i, mut has_one) = (0, false);
    while i < handshake.conditions.len() {
        if let Some(condition) = &handshake.conditions[i] {
            place(condition.place(), is_signed);
            has_one |= !matches!(condition, Condition::HasNot(_));
        }
        i += 1;
    }
    assert!(
        has_one || !matches!(handshake.method, Method::Post),
        "nothing tells this handshake from a delivery, which would be lost: say what it has, with `when` or `has`"
    );
    if let Proof::Token(token) = handshake.proof {
        place(token, is_signed);
    }
    if let ReplyBody::Echo(echo) = handshake.reply.body {
        place(echo, is_signed);
    }
    let values = handshake.reply.values();
    i = 0;
    while i < values.len() {
        place(values[i].1.place(), is_signed);
        assert!(
            is_signed || !matches!((values[i].1, handshake.method), (ReplyValue::Mac(_), Method::Post)),
            "anybody can send this POST, and would get a MAC: use `Handshake::signed()`"
        );
        i += 1;
    }
}

const fn place(place: Place, is_signed: bool) {
    assert!(place.is_single(), "a handshake reads one value: name a place that has one, such as `header(…)`");
    assert!(
        is_signed || !place.is_in_body(),
        "this handshake is answered before its body is read: name a place in the head, or use `Handshake::signed()`"
    );
}

/// Panics if the handshakes do not suit the scheme of their page.
#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "const code over a const")]
pub(crate) const fn page(scheme: &Scheme, handshakes: &[Handshake]) {
    let mut i = 0;
    while i < handshakes.len() {
        if handshakes[i].is_signed() {
            conditions(scheme, &handshakes[i].conditions);
        }
        let values = handshakes[i].reply.values();
        let mut j = 0;
        while j < values.len() {
            if let ReplyValue::Mac(mac) = &values[j].1 {
                assert!(
                    !scheme.has_public_key(),
                    "anybody knows the key of this scheme, and can make the MAC of the handshake: answer with an echo"
                );
                if handshakes[i].is_signed() {
                    assert!(
                        scheme.covers(mac.place),
                        "the proof does not cover the value of which this handshake answers the MAC: an attacker who \
                         recorded a delivery could choose it"
                    );
                } else {
                    assert!(
                        scheme.has_text_outside(mac.input.chars()) || scheme.has_raw_body(),
                        "the MAC of the handshake could be the signature of a delivery: this scheme signs neither the raw \
                         body nor a fixed text with a character that the `Input` has not"
                    );
                }
            }
            j += 1;
        }
        i += 1;
    }
}

/// Panics if a recorded request could be changed from a delivery into a handshake, or the reverse.
/// (Where the body is not covered, it can be forged at will.)
#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "const code over a const")]
const fn conditions(scheme: &Scheme, conditions: &[Option<Condition>]) {
    let (mut i, listed) = (0, scheme.listed());
    while i < listed.len() {
        self::conditions(&listed[i], conditions);
        i += 1;
    }
    i = 0;
    while listed.is_empty() && i < conditions.len() {
        if let Some(condition) = &conditions[i] {
            assert!(
                !scheme.covers_body() || scheme.covers(condition.place()),
                "the proof does not cover what tells this handshake from a delivery: an attacker who recorded one could \
                 make it the other. Name a place that is covered, such as `json(…)`"
            );
        }
        i += 1;
    }
}

/// Whether the body alone tells the input of a MAC from what the scheme signs. Anybody can ask for that
/// MAC, or for that of a recorded handshake.
#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "const code over a const")]
pub(crate) const fn is_open(scheme: &Scheme, handshakes: &[Handshake]) -> bool {
    let mut i = 0;
    while i < handshakes.len() {
        let values = handshakes[i].reply.values();
        let mut j = 0;
        while j < values.len() {
            if let ReplyValue::Mac(mac) = &values[j].1
                && !scheme.has_text_outside(mac.input.chars())
            {
                return true;
            }
            j += 1;
        }
        i += 1;
    }
    false
}

/// Whether one of the handshakes is answered before the body is read (`true`), or after the proof.
#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "const code over a const")]
pub(crate) const fn any(handshakes: &[Handshake], is_at_head: bool) -> bool {
    let mut i = 0;
    while i < handshakes.len() {
        if handshakes[i].is_signed() != is_at_head {
            return true;
        }
        i += 1;
    }
    false
}

/// Whether one of the handshakes is answered with a MAC.
#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "const code over a const")]
pub(crate) const fn has_mac(handshakes: &[Handshake]) -> bool {
    let mut i = 0;
    while i < handshakes.len() {
        let values = handshakes[i].reply.values();
        let mut j = 0;
        while j < values.len() {
            if matches!(values[j].1, ReplyValue::Mac(_)) {
                return true;
            }
            j += 1;
        }
        i += 1;
    }
    false
}

/// Whether one of the handshakes has a verify token.
#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "const code over a const")]
pub(crate) const fn has_token(handshakes: &[Handshake]) -> bool {
    let mut i = 0;
    while i < handshakes.len() {
        if matches!(handshakes[i].proof, Proof::Token(_)) {
            return true;
        }
        i += 1;
    }
    false
}

/// Panics if the text is not visible ASCII that JSON leaves as it is.
#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "const code over a const")]
pub(super) const fn visible(text: &str) {
    let bytes = text.as_bytes();
    let mut i = 0;
    while i < bytes.len() {
        assert!(
            bytes[i].is_ascii_graphic() && bytes[i] != b'"' && bytes[i] != b'\\',
            "a name or header of an answer consists of visible ASCII characters, without `\"` and `\\`"
        );
        i += 1;
    }
}

/// Panics if the headers cannot be headers of an answer.
#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "const code over a const")]
pub(super) const fn headers(headers: &[(&str, &str)]) {
    let mut i = 0;
    while i < headers.len() {
        let (name, value) = headers[i];
        assert!(
            text::is_token(name) && !text::has_upper_case(name),
            "write the header's name in lower case, such as `webhook-allowed-origin`"
        );
        visible(value);
        i += 1;
    }
}

#[cfg(test)]
mod tests {
    use std::panic::catch_unwind;

    use super::*;
    use crate::{
        handshake::{Input, Mac, Reply},
        scheme::grammar::*,
    };

    const BASE64: ReplyValue = ReplyValue::Mac(Mac::new(HmacSha256, query("code"), Input::BASE64, Hex));
    const HEX: ReplyValue = ReplyValue::Mac(Mac::new(HmacSha256, query("code"), Input::HEX_AND_DASHES, Hex));
    const IN_BODY: ReplyValue = ReplyValue::Mac(Mac::new(HmacSha256, json("code"), Input::BASE64, Hex));
    const BY_BASE64: &[Handshake] = &[Handshake::get().answer(Reply::object(&[("mac", BASE64)]))];
    const BY_HEX: &[Handshake] = &[Handshake::get().answer(Reply::object(&[("mac", HEX)]))];
    const SIGNED: &[Handshake] =
        &[Handshake::signed().when(json("type"), "check").answer(Reply::object(&[("mac", IN_BODY)]))];

    const IN_HEADER: &[Handshake] = &[Handshake::signed().when(header("x-type"), "check").answer(Reply::empty(200))];
    const IN_BODY_ONLY: &[Handshake] = &[Handshake::signed().when(json("type"), "check").answer(Reply::empty(200))];
    const WITHOUT_HEADER: &[Handshake] =
        &[Handshake::signed().has(json("challenge")).has_no(header("x-event")).answer(Reply::empty(200))];

    const OF_BODY: Scheme = Scheme::hmac_sha256("x-signature", "");
    const OF_DIGEST: Scheme = Scheme::signed(HmacSha256, header("x-signature"), Hex).over(&[BodySha256]);
    const OF_FIELDS: Scheme = Scheme::signed(HmacSha256, json("signature"), Hex).over(&[Field(json("id"))]);
    const OF_DOTTED: Scheme =
        Scheme::signed(HmacSha256, json("signature"), Hex).over(&[Field(json("id")), Text("."), Field(json("type"))]);
    const BEHIND_A_WORD: Scheme =
        Scheme::signed(HmacSha256, header("x-signature"), Hex).over(&[Text("hmacsha256="), Body]);
    const EITHER: Scheme = Scheme::any_of(&[BEHIND_A_WORD, OTHER]);
    const WITH_HEADER: Scheme =
        Scheme::signed(HmacSha256, header("x-signature"), Hex).over(&[Field(header("x-type")), Text("."), Body]);
    const OTHER: Scheme = Scheme::signed(HmacSha256, header("x-other"), Hex).over(&[Text("x."), Body]);
    const TOKEN: Scheme = Scheme::token(header("x-token"));
    const OR_TOKEN: Scheme = Scheme::any_of(&[OF_BODY, TOKEN]);

    fn text(scheme: Scheme, handshakes: &'static [Handshake]) -> Option<String> {
        let error = catch_unwind(|| page(&scheme, handshakes)).err()?;
        error.downcast_ref::<&str>().map(|text| (*text).to_owned())
    }

    /// What an endpoint can be asked to sign, and what it signs, must be told apart. So must handshakes and deliveries.
    #[test]
    fn what_an_attacker_could_use_does_not_compile() {
        let same = "the MAC of the handshake could be the signature of a delivery: this scheme signs neither the raw body \
                    nor a fixed text with a character that the `Input` has not";
        let changed = "the proof does not cover the value of which this handshake answers the MAC: an attacker who \
                       recorded a delivery could choose it";
        let uncovered = "the proof does not cover what tells this handshake from a delivery: an attacker who recorded one \
                         could make it the other. Name a place that is covered, such as `json(…)`";
        for (scheme, handshakes, is_open, error) in [
            (OF_BODY, BY_BASE64, true, None),
            (BEHIND_A_WORD, BY_BASE64, true, None),
            (BEHIND_A_WORD, BY_HEX, false, None),
            (EITHER, BY_BASE64, true, None),
            (EITHER, BY_HEX, false, None),
            (OF_DOTTED, BY_BASE64, false, None),
            (TOKEN, BY_BASE64, false, None),
            (OR_TOKEN, BY_BASE64, true, None),
            (OF_BODY, SIGNED, true, None),
            (OF_DIGEST, BY_BASE64, true, Some(same)),
            (OF_FIELDS, BY_HEX, true, Some(same)),
            (OF_FIELDS, SIGNED, true, Some(changed)),
            (TOKEN, SIGNED, false, Some(changed)),
            (OF_BODY, IN_HEADER, false, Some(uncovered)),
            (OF_DIGEST, WITHOUT_HEADER, false, Some(uncovered)),
            (OR_TOKEN, IN_HEADER, false, Some(uncovered)),
            (OR_TOKEN, IN_BODY_ONLY, false, None),
            (WITH_HEADER, IN_HEADER, false, None),
            // Nothing is covered: whoever has the credential can write either.
            (TOKEN, IN_HEADER, false, None),
        ] {
            assert_eq!(text(scheme, handshakes).as_deref(), error, "{scheme}");
            assert_eq!(super::is_open(&scheme, handshakes), is_open, "{scheme}");
        }
    }

    #[cfg(feature = "ed25519")]
    #[test]
    fn a_public_key_makes_no_mac() {
        const OF_BODY: Scheme = Scheme::signed(Ed25519, header("x-signature"), Hex).over(&[Body]);
        const OTHER: Scheme = Scheme::signed(Ed25519, header("x-other"), Hex).over(&[Text("x."), Body]);
        const EITHER: Scheme = Scheme::any_of(&[OF_BODY, OTHER]);
        let error = "anybody knows the key of this scheme, and can make the MAC of the handshake: answer with an echo";
        for scheme in [OF_BODY, EITHER] {
            assert_eq!(text(scheme, BY_HEX).as_deref(), Some(error), "{scheme}");
        }
    }
}
