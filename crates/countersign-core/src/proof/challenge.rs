//! What a handshake reads of a request, and the value or MAC that answers it.

use std::borrow::Cow;

use super::{
    decoding::{secret_key, symmetric},
    encoding::encode,
    private::finished,
    source::{Found, KeptHead, Source, has_proof, one, query_of_form},
    template::BodyValues,
    token::{self, Tokens},
};
use crate::{
    error::RejectionKind,
    handshake::{Condition, Handshake, Input, Mac, Reply, ReplyBody, ReplyValue},
    scheme::{Key, Place, Scheme},
    secret::Secret,
};

/// The longest echo, in bytes.
const LONGEST_ECHO: usize = 1024;

/// A text that is shorter is not searched for before the body is parsed.
const WORTH_A_SEARCH: usize = 6;

/// A request that may be a handshake.
pub(crate) struct Asked<'a> {
    source: &'a dyn Source,
    /// Of a verified body.
    values: BodyValues<'a>,
}

/// The reason why a handshake is not answered, for the log.
pub(crate) type Unanswerable = &'static str;

impl<'a> Asked<'a> {
    /// A request whose body is not read.
    pub(crate) fn at_head(source: &'a dyn Source) -> Self {
        Self { source, values: BodyValues::default() }
    }

    /// A verified request, if its body may be that of the handshake.
    pub(crate) fn verified(handshake: &Handshake, source: &'a dyn Source, body: &'a [u8]) -> Option<Self> {
        // Most deliveries are none: they are not parsed for it. Nobody escapes a name.
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
        let may_have = |text: &str| {
            let is_searched = text.len() >= WORTH_A_SEARCH && text.bytes().all(is_name);
            !is_searched || memchr::memmem::find(body, text.as_bytes()).is_some()
        };
        let may_meet = |condition: &Condition| match condition {
            Condition::Is(place, text) | Condition::Begins(place, text) => !place.is_in_body() || may_have(text),
            Condition::Has(place) => place.as_json().and_then(|path| path.rsplit('.').next()).is_none_or(may_have),
            Condition::HasNot(_) => true,
        };
        if !handshake.conditions.iter().flatten().all(may_meet) {
            return None;
        }
        let values = BodyValues::read(handshake.places().filter(Place::is_in_body), body)?;
        Some(Self { source, values })
    }

    /// Whether the request meets every condition.
    pub(crate) fn meets(&self, handshake: &Handshake) -> bool {
        handshake.conditions.iter().flatten().all(|condition| match (condition, self.at(condition.place())) {
            (Condition::Is(_, text), Found::One(value)) => *value == *text.as_bytes(),
            (Condition::Begins(_, text), Found::One(value)) => value.starts_with(text.as_bytes()),
            (Condition::Has(_), Found::One(_)) | (Condition::HasNot(_), Found::Missing) => true,
            _ => false,
        })
    }

    /// Whether there is anything where the proof of a delivery would be in the head.
    pub(crate) fn has_proof(&self, scheme: &Scheme) -> bool {
        has_proof(self.source, scheme) || scheme.listed().iter().any(|scheme| has_proof(self.source, scheme))
    }

    /// Whether there is anything at the places of the verify token and of the answer.
    pub(crate) fn has_values(&self, handshake: &Handshake) -> bool {
        let mut places = handshake.token_place().into_iter().chain(handshake.reply.places());
        places.all(|place| !matches!(self.at(place), Found::Missing))
    }

    /// Checks the verify token at `place`.
    pub(crate) fn check_token(&self, place: &Place, tokens: &Tokens) -> Result<(), RejectionKind> {
        let given = token::read_at(self.source, place, false)?;
        tokens.verify(&given).map(|_| ()).ok_or(RejectionKind::TokenMismatch)
    }

    /// Returns the body of the answer. A MAC is made under `secret`, in the form of `key`.
    pub(crate) fn answer(&self, reply: &Reply, key: &Key, secret: Option<&Secret>) -> Result<String, Unanswerable> {
        let values = match reply.body {
            ReplyBody::Empty => return Ok(String::new()),
            ReplyBody::Json(json) => return Ok(json.to_owned()),
            ReplyBody::Echo(place) => return self.echo(place).map(Cow::into_owned),
            ReplyBody::Object(values) => values,
        };
        let mut object = String::from("{");
        for (index, (name, value)) in values.iter().enumerate() {
            let text = match value {
                ReplyValue::Echo(place) => self.echo(*place)?,
                ReplyValue::Mac(mac) => self.mac(mac, key, secret)?.into(),
            };
            let comma = if index == 0 { "" } else { "," };
            object += &format!("{comma}\"{name}\":{}", serde_json::Value::from(text));
        }
        Ok(object + "}")
    }

    fn echo(&self, place: Place) -> Result<Cow<'_, str>, Unanswerable> {
        let is_text = |value: &[u8]| {
            (1..=LONGEST_ECHO).contains(&value.len())
                && value.iter().all(|&byte| byte == b' ' || byte.is_ascii_graphic())
        };
        let value = match place.as_query() {
            Some(parameter) => query_of_form(self.source.query(), parameter),
            None => self.at(place),
        };
        text(value, is_text)
    }

    fn mac(&self, mac: &Mac, key: &Key, secret: Option<&Secret>) -> Result<String, Unanswerable> {
        let text = text(self.at(mac.place), |value| Input::accepts(&mac.input, value))?;
        let made = secret.and_then(|secret| {
            let mut mac_of = symmetric(mac.algorithm, &secret_key(key, secret.bytes())?)?.begin();
            mac_of.update(text.as_bytes());
            finished(mac_of)
        });
        let made =
            made.ok_or("there is no secret to answer with, because the secrets are looked up for each delivery")?;
        Ok(format!("{}{}", mac.prefix, encode(&made, mac.coding)))
    }

    fn at(&self, place: Place) -> Found<'_> {
        match self.values.get(&place) {
            Some(value) => Found::One(value.into()),
            None => one(self.source, &place),
        }
    }
}

/// The text to answer with.
fn text(value: Found<'_>, is_accepted: impl Fn(&[u8]) -> bool) -> Result<Cow<'_, str>, Unanswerable> {
    let value = value
        .or("the value to answer with is missing", "the value to answer with is repeated, or its name is escaped")?;
    let refused = "the value to answer with is too short or too long, or has other characters than are answered";
    if !is_accepted(&value) {
        return Err(refused);
    }
    match value {
        Cow::Borrowed(value) => std::str::from_utf8(value).map(Cow::Borrowed).map_err(|_| refused),
        Cow::Owned(value) => String::from_utf8(value).map(Cow::Owned).map_err(|_| refused),
    }
}

impl KeptHead {
    /// The values of signed handshakes in a head; `None` if they have none.
    pub(crate) fn of_handshakes(source: &dyn Source, handshakes: &[Handshake]) -> Option<Self> {
        let signed = handshakes.iter().filter(|handshake| handshake.is_signed());
        let places: Vec<_> = signed.flat_map(Handshake::places).filter(|place| !place.is_in_body()).collect();
        (!places.is_empty()).then(|| Self::at(source, places.iter().copied(), false))
    }
}
