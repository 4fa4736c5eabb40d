//! The texts and the integers at some paths of a body, read in one pass.

use std::{borrow::Cow, fmt};

use serde::{
    Deserializer,
    de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor},
};

use super::{id::is_usable, text::Text, tolerant};

/// The maximum number of paths read in one pass: the name and the IDs of a page. More paths take
/// another pass.
pub(super) const MAX_PATHS: usize = 8;

/// What to do with a repeated field.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Repeated {
    /// The first one counts.
    First,
    /// It is an error: two readers could see two deliveries.
    Error,
}

/// Texts at paths such as `data.id`.
pub(super) struct Texts<'de> {
    paths: [&'static str; MAX_PATHS],
    count: usize,
    found: [Option<Cow<'de, str>>; MAX_PATHS],
    /// Whether a number at a path may be an integer that does not fit 64 bits.
    has_long_number: bool,
}

impl<'de> Texts<'de> {
    /// Paths that do not fit are left for another pass.
    pub(super) fn at(paths: impl IntoIterator<Item = &'static str>) -> Self {
        let (mut all, mut count) = ([""; MAX_PATHS], 0_usize);
        for (slot, path) in all.iter_mut().zip(paths) {
            *slot = path;
            count = count.saturating_add(1);
        }
        Self { paths: all, count, found: Default::default(), has_long_number: false }
    }

    pub(super) fn looks_at(&self, path: &str) -> bool {
        self.paths.contains(&path)
    }

    /// A path may be listed twice: an ID can be at the path of the event's name.
    pub(super) fn take(&mut self, path: &str) -> Option<Cow<'de, str>> {
        self.paths.iter().zip(&mut self.found).filter(|(known, _)| **known == path).find_map(|(_, found)| found.take())
    }

    /// The first usable ID.
    pub(super) fn take_id(&mut self, paths: &[&str]) -> Option<Cow<'de, str>> {
        paths.iter().find_map(|path| self.take(path).filter(|id| is_usable(id)))
    }

    pub(super) fn read(&mut self, json: &'de [u8], repeated: Repeated) -> Result<(), serde_json::Error> {
        let read = self.read_in_one_pass(json, repeated);
        if self.has_long_number || read.as_ref().is_err_and(serde_json::Error::is_syntax) {
            return self.read_again(json, repeated);
        }
        read
    }

    fn read_in_one_pass(&mut self, json: &'de [u8], repeated: Repeated) -> Result<(), serde_json::Error> {
        let mut deserializer = serde_json::Deserializer::from_slice(json);
        let rests = self.paths.map(|path| (!path.is_empty()).then_some(path));
        At { texts: self, rests, repeated }.deserialize(&mut deserializer)?;
        deserializer.end()
    }

    /// Reads what the one pass did not: lone surrogates, numbers that fit no type.
    #[cold]
    fn read_again(&mut self, json: &[u8], repeated: Repeated) -> Result<(), serde_json::Error> {
        let paths = self.paths.get(..self.count).unwrap_or_default();
        let texts = tolerant::texts(json, paths, repeated == Repeated::First)?;
        for (found, text) in self.found.iter_mut().zip(texts) {
            *found = text.map(Cow::Owned);
        }
        Ok(())
    }
}

/// The rest of each path at this value; `None` if the path does not lead here, and empty if it ends
/// here.
type Rests = [Option<&'static str>; MAX_PATHS];

/// A value to which some of the paths lead.
struct At<'t, 'de> {
    texts: &'t mut Texts<'de>,
    rests: Rests,
    repeated: Repeated,
}

impl<'de> At<'_, 'de> {
    fn integer(self, number: impl ToString) {
        if self.rests.contains(&Some("")) {
            self.found(Cow::Owned(number.to_string()));
        }
    }

    /// The value is a text: what is looked for at the paths that end here.
    fn found(self, text: Cow<'de, str>) {
        for (found, rest) in self.texts.found.iter_mut().zip(self.rests) {
            if rest == Some("") {
                *found = Some(text.clone());
            }
        }
    }
}

impl<'de> DeserializeSeed<'de> for At<'_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for At<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<(), E> {
        self.found(Cow::Borrowed(text));
        Ok(())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        self.found(Cow::Owned(text.to_owned()));
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, number: i64) -> Result<(), E> {
        self.integer(number);
        Ok(())
    }

    fn visit_u64<E>(self, number: u64) -> Result<(), E> {
        self.integer(number);
        Ok(())
    }

    fn visit_f64<E>(self, number: f64) -> Result<(), E> {
        // A shorter integer is not read as this type.
        self.texts.has_long_number |= number.abs() >= i64::MAX as f64;
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<(), A::Error> {
        let count = self.texts.count;
        let names = self.rests.map(|rest| rest.filter(|rest| !rest.is_empty()).map(split));
        let mut seen = [false; MAX_PATHS];
        while let Some(Text(key)) = fields.next_key()? {
            let mut rests = Rests::default();
            let (mut is_on_the_way, mut is_repeated) = (false, false);
            for ((name, rest), is_seen) in names.iter().zip(&mut rests).zip(&mut seen).take(count) {
                if let Some((_, behind)) = name.filter(|(name, _)| *name == key) {
                    *rest = Some(behind);
                    is_on_the_way = true;
                    is_repeated |= std::mem::replace(is_seen, true);
                }
            }
            if is_repeated && self.repeated == Repeated::Error {
                return Err(A::Error::custom(format_args!("duplicate field `{key}`")));
            }
            if is_on_the_way && !is_repeated {
                fields.next_value_seed(At { texts: &mut *self.texts, rests, repeated: self.repeated })?;
            } else {
                fields.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

/// Splits a path into its first name and the rest.
fn split(path: &'static str) -> (&'static str, &'static str) {
    path.split_once('.').unwrap_or((path, ""))
}
