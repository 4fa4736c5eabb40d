//! Decodes a form body as any serde type.

use std::{borrow::Cow, collections::BTreeMap, fmt};

use serde::{
    Deserializer,
    de::{
        DeserializeOwned, Error, Expected, IntoDeserializer, Unexpected, Visitor,
        value::{MapDeserializer, SeqDeserializer},
    },
    forward_to_deserialize_any,
};

use super::{Event, Message};
use crate::{
    error::DecodeError,
    form::{MOST_FIELDS, fields},
};

/// The body of a delivery that is a form (`application/x-www-form-urlencoded`), read as your own
/// type: `Webhook<P, Form<T>>`. Twilio and Slack's interactive components send forms.
///
/// A field of `T` can be a text, a number, a boolean (`true` or `false`), an enum of texts, or an
/// `Option`, which is `None` if the field is missing or empty. A name that the form repeats is a
/// `Vec`. Instead of a struct, `T` can be a map, or a `Vec` of names and values in order. Below
/// `#[serde(flatten)]`, take everything as a text: serde does not say what it expects there. A form
/// with more than 1024 fields is not read.
///
/// For JSON in a field, as Slack's `payload`, see [`field::json`](crate::provider::field::json).
///
/// ```
/// use countersign_core::{
///     AnyEvent, Form, Verifier,
///     provider::{Provider, Scheme},
/// };
///
/// enum Acme {}
///
/// impl Provider for Acme {
///     type Event = AnyEvent;
///     const NAME: &'static str = "acme";
///     const TITLE: &'static str = "Acme";
///     const DOCS: &'static str = "https://acme.example/docs/webhooks";
///     const SCHEME: Scheme = Scheme::hmac_sha256("x-acme-signature", "");
/// }
///
/// #[derive(serde::Deserialize)]
/// #[serde(rename_all = "PascalCase")]
/// struct Text {
///     body: String,
///     num_media: Option<u32>,
/// }
///
/// let body = "Body=hello+there&NumMedia=1&From=%2B14155550100";
/// let proof = Acme::SCHEME.sign(b"s3cr3t", body)?;
/// let head = http::Request::post("/").header("x-acme-signature", proof.value()).body(())?;
/// let delivery = Verifier::<Acme>::new("s3cr3t").verify(&head, body)?;
/// let Form(text) = delivery.event_as::<Form<Text>>()?;
/// assert_eq!((&*text.body, text.num_media), ("hello there", Some(1)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[allow(clippy::exhaustive_structs, reason = "a pattern for handlers")]
pub struct Form<T>(pub T);

impl<T: DeserializeOwned + Send + Sync + 'static> Event for Form<T> {
    fn from_message(message: &Message<'_>) -> Result<Self, DecodeError> {
        message.form().map(Self)
    }
}

/// Reads a form body as a `T`.
pub(crate) fn from_form<T: DeserializeOwned>(body: &[u8]) -> Result<T, DecodeError> {
    if fields(body).nth(MOST_FIELDS).is_some() {
        return Err(DecodeError::not_as_documented("more than 1024 fields"));
    }
    let pairs = fields(body).map(|(name, value)| Some((text(name)?, text(value)?)));
    let pairs = pairs.collect::<Option<Vec<_>>>().ok_or_else(DecodeError::not_utf8)?;
    T::deserialize(Pairs(pairs)).map_err(|error| DecodeError::not_as_documented(&error.0))
}

fn text(bytes: Cow<'_, [u8]>) -> Option<Cow<'_, str>> {
    match bytes {
        Cow::Borrowed(bytes) => std::str::from_utf8(bytes).ok().map(Cow::Borrowed),
        Cow::Owned(bytes) => String::from_utf8(bytes).ok().map(Cow::Owned),
    }
}

/// The names and values of a form, in order.
struct Pairs<'de>(Vec<(Cow<'de, str>, Cow<'de, str>)>);

impl<'de> Deserializer<'de> for Pairs<'de> {
    type Error = FormError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FormError> {
        let mut values = BTreeMap::<_, Vec<_>>::new();
        for (name, value) in self.0 {
            values.entry(name).or_default().push(value);
        }
        visitor.visit_map(MapDeserializer::new(values.into_iter().map(|(name, values)| (name, Values(values)))))
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FormError> {
        let pairs = self.0.into_iter().map(|(name, value)| (name, Values(vec![value])));
        MapDeserializer::new(pairs).deserialize_seq(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, FormError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FormError> {
        visitor.visit_some(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct tuple
        tuple_struct map struct enum identifier ignored_any
    }
}

/// The values of one name.
struct Values<'de>(Vec<Cow<'de, str>>);

impl<'de> Values<'de> {
    fn one(self) -> Result<Cow<'de, str>, FormError> {
        let mut values = self.0.into_iter();
        match (values.next(), values.next()) {
            (Some(value), None) => Ok(value),
            _ => Err(FormError("a field is repeated".into())),
        }
    }
}

impl<'de> IntoDeserializer<'de, FormError> for Values<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

/// Texts that are read as what `std` parses.
macro_rules! parsed {
    ($($deserialize:ident $visit:ident,)*) => {$(
        fn $deserialize<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FormError> {
            match self.one()?.parse() {
                Ok(value) => visitor.$visit(value),
                Err(_) => Err(FormError::invalid_type(Unexpected::Other("text"), &visitor)),
            }
        }
    )*};
}

impl<'de> Deserializer<'de> for Values<'de> {
    type Error = FormError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FormError> {
        if self.0.len() > 1 {
            return self.deserialize_seq(visitor);
        }
        self.deserialize_str(visitor)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FormError> {
        match self.one()? {
            Cow::Borrowed(text) => visitor.visit_borrowed_str(text),
            Cow::Owned(text) => visitor.visit_string(text),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FormError> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FormError> {
        if self.0.iter().all(|value| value.is_empty()) { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FormError> {
        visitor.visit_seq(SeqDeserializer::new(self.0.into_iter().map(|value| Values(vec![value]))))
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, FormError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, FormError> {
        self.one()?.into_deserializer().deserialize_enum(name, variants, visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FormError> {
        visitor.visit_unit()
    }

    parsed! {
        deserialize_bool visit_bool,
        deserialize_i8 visit_i8,
        deserialize_i16 visit_i16,
        deserialize_i32 visit_i32,
        deserialize_i64 visit_i64,
        deserialize_i128 visit_i128,
        deserialize_u8 visit_u8,
        deserialize_u16 visit_u16,
        deserialize_u32 visit_u32,
        deserialize_u64 visit_u64,
        deserialize_u128 visit_u128,
        deserialize_f32 visit_f32,
        deserialize_f64 visit_f64,
    }

    forward_to_deserialize_any! {
        char bytes byte_buf unit unit_struct tuple tuple_struct map struct identifier
    }
}

/// What is wrong with a form. It has no part of the form: serde's own texts are dropped.
#[derive(Debug)]
struct FormError(Box<str>);

impl Error for FormError {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self("unexpected value".into())
    }

    fn invalid_type(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self(format!("expected {expected}").into())
    }

    fn invalid_value(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self(format!("expected {expected}").into())
    }

    fn missing_field(field: &'static str) -> Self {
        Self(format!("missing field `{field}`").into())
    }

    fn duplicate_field(field: &'static str) -> Self {
        Self(format!("duplicate field `{field}`").into())
    }
}

impl fmt::Display for FormError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for FormError {}

#[cfg(test)]
#[path = "form_tests.rs"]
mod tests;
