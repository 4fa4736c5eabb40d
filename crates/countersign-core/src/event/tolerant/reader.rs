//! Deserializes values that may be of another shape than documented.
//!
//! A derived `Deserialize` asks for the value of a field, and for an item of a list, by its type.
//! So it can be read again in another way, or as null, if the first way is an error.

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, Error as _, MapAccess, SeqAccess, Unexpected, Visitor},
    forward_to_deserialize_any,
};
use serde_json::Error;

use super::{
    key::{IsName, Key},
    notes::Outcome,
    value::{Step, Value},
    view::View,
};

/// How `serde_json` asks for raw JSON.
const RAW: &str = "$serde_json::private::RawValue";

/// The texts that are times: a number is not one of them.
const TIMES: [&str; 2] = ["Rfc3339", "LocalDateTime"];

pub(super) struct Reader<'a, 'de> {
    value: &'a Value<'a, 'de>,
    view: View,
}

impl<'a, 'de> Value<'a, 'de> {
    /// Reads it with `read`. If that leaves out a field, it is read again without the field.
    pub(super) fn read_with<T>(
        &'a self,
        view: &View,
        mut read: impl FnMut(Reader<'a, 'de>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        loop {
            let left_out = self.count_of_left_out();
            match read(Reader { value: self, view: view.clone() }) {
                Err(_) if self.count_of_left_out() > left_out => {}
                read => return read,
            }
        }
    }

    /// Reads it as a `T` in the closest way that is possible, at last as null.
    fn read<T: Deserialize<'de>>(&'a self) -> Result<T, Error> {
        let read = |view: &View| self.read_with(view, |reader| T::deserialize(reader));
        let found = read(if self.is_repeated { &View::Repeated } else { &View::Found });
        if found.is_ok() {
            return found;
        }
        let views = if self.is_repeated { Vec::new() } else { self.other_views() };
        for view in views.into_iter().chain([View::Null]) {
            if let Ok(value) = read(&view) {
                self.note(view.outcome());
                return Ok(value);
            }
        }
        found
    }
}

impl<'a, 'de> Reader<'a, 'de> {
    fn fields(self) -> Fields<'a, 'de> {
        Fields { value: self.value, next: 0, current: None }
    }

    fn items(self, may_skip: bool) -> Items<'a, 'de> {
        let starts = match self.view {
            View::List => self.value.numbered().unwrap_or_default(),
            _ => self.value.reading.document.items(self.value.start),
        };
        Items { value: self.value, starts: starts.into_iter().enumerate(), may_skip }
    }

    /// The same text for `serde_json`, whose errors are also ours.
    fn strict(&self) -> serde_json::Deserializer<serde_json::de::StrRead<'de>> {
        self.value.note_lost_characters();
        serde_json::Deserializer::from_str(self.value.text())
    }

    fn wrong<T>(&self, expected: &dyn serde::de::Expected) -> Result<T, Error> {
        Err(Error::invalid_type(Unexpected::Other("value"), expected))
    }

    fn is_object(&self) -> bool {
        matches!(self.view, View::Found) && self.value.is_object() && !self.value.is_too_deep()
    }

    fn is_list(&self) -> bool {
        let is_list = matches!(self.view, View::Found) && self.value.is_list();
        (is_list || matches!(self.view, View::List)) && !self.value.is_too_deep()
    }
}

/// A scalar in another view is that scalar, whatever is asked for.
macro_rules! scalars {
    ($($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            match self.view {
                View::Found if !self.value.is_object() && !self.value.is_list() => (&mut self.strict()).$method(visitor),
                _ => self.deserialize_any(visitor),
            }
        })*
    };
}

impl<'de> Deserializer<'de> for Reader<'_, 'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match &self.view {
            View::Found if self.is_object() => visitor.visit_map(self.fields()),
            _ if self.is_list() => visitor.visit_seq(self.items(true)),
            View::Found if !self.value.is_too_deep() => (&mut self.strict()).deserialize_any(visitor),
            View::Number(number) => match (number.as_u64(), number.as_i64(), number.as_f64()) {
                (Some(number), _, _) => visitor.visit_u64(number),
                (_, Some(number), _) => visitor.visit_i64(number),
                (_, _, Some(number)) => visitor.visit_f64(number),
                _ => self.wrong(&visitor),
            },
            View::Bool(value) => visitor.visit_bool(*value),
            View::Text => visitor.visit_borrowed_str(self.value.text()),
            View::Null => visitor.visit_unit(),
            View::Found | View::List | View::Repeated => self.wrong(&visitor),
        }
    }

    scalars! {
        deserialize_bool deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128 deserialize_u8
        deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128 deserialize_f32 deserialize_f64 deserialize_char
        deserialize_str deserialize_string deserialize_bytes deserialize_byte_buf deserialize_unit deserialize_identifier
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.view {
            View::Null => visitor.visit_none(),
            View::Found if self.value.is_null() => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, Error> {
        match self.view {
            View::Found if name == RAW => {
                let raw = self.value.reading.document.raw_value(self.value.start);
                (&mut serde_json::Deserializer::from_str(raw)).deserialize_newtype_struct(name, visitor)
            }
            View::Text if TIMES.contains(&name) => self.wrong(&visitor),
            _ => visitor.visit_newtype_struct(self),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.is_list() { visitor.visit_seq(self.items(true)) } else { self.wrong(&visitor) }
    }

    /// Without an item, the others would be in the wrong places.
    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        if self.is_list() { visitor.visit_seq(self.items(false)) } else { self.wrong(&visitor) }
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_tuple(length, visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.is_object() { visitor.visit_map(self.fields()) } else { self.wrong(&visitor) }
    }

    /// A list is not taken for the fields in their order.
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_map(visitor)
    }

    /// An enum is read whole, or not at all.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self.view {
            View::Found if !self.value.is_too_deep() => (&mut self.strict()).deserialize_enum(name, variants, visitor),
            _ => self.wrong(&visitor),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! { unit_struct }
}

/// The fields of an object.
struct Fields<'a, 'de> {
    value: &'a Value<'a, 'de>,
    next: usize,
    /// The field whose key was read last.
    current: Option<(usize, IsName)>,
}

impl<'a, 'de> Fields<'a, 'de> {
    fn current(&self) -> Result<Value<'a, 'de>, Error> {
        let field = self.current.and_then(|(index, is_name)| Some((self.value.fields().get(index)?, is_name)));
        let (field, IsName(is_name)) = field.ok_or_else(|| Error::custom("a value was asked for before its key"))?;
        Ok(self.value.child(Step::Field { key: &field.key, is_name }, field.start, field.repeated_at.is_some()))
    }

    fn leave_out(&self, field: &Value<'_, 'de>) {
        field.note(Outcome::Dropped);
        self.value.leave_out(field.start);
    }
}

impl<'de> MapAccess<'de> for Fields<'_, 'de> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        while let Some(field) = self.value.fields().get(self.next) {
            let index = self.next;
            self.next = index.saturating_add(1);
            if !self.value.leaves_out(field.start) {
                let mut is_name = IsName(false);
                let key = seed.deserialize(Key { key: &field.key, is_name: &mut is_name })?;
                self.current = Some((index, is_name));
                return Ok(Some(key));
            }
        }
        Ok(None)
    }

    /// So a derived `Deserialize` collects the fields that it does not name: their keys are data.
    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        self.current = self.current.map(|(index, _)| (index, IsName(false)));
        let value = self.current()?;
        let view = if value.is_repeated { View::Repeated } else { View::Found };
        seed.deserialize(Reader { value: &value, view }).inspect_err(|_| self.leave_out(&value))
    }

    /// Reads the value in any way, or the object is read again without the field.
    fn next_value<V: Deserialize<'de>>(&mut self) -> Result<V, Error> {
        let value = self.current()?;
        value.read().inspect_err(|_| self.leave_out(&value))
    }

    /// A map has no field that it requires.
    fn next_entry<K: Deserialize<'de>, V: Deserialize<'de>>(&mut self) -> Result<Option<(K, V)>, Error> {
        while let Some(key) = self.next_key()? {
            let value = self.current()?;
            match value.read() {
                Ok(value) => return Ok(Some((key, value))),
                Err(_) => value.note(Outcome::Dropped),
            }
        }
        Ok(None)
    }
}

/// The items of a list.
struct Items<'a, 'de> {
    value: &'a Value<'a, 'de>,
    starts: std::iter::Enumerate<std::vec::IntoIter<usize>>,
    may_skip: bool,
}

impl<'de> SeqAccess<'de> for Items<'_, 'de> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        let Some((index, start)) = self.starts.next() else { return Ok(None) };
        let value = self.value.child(Step::Item(index), start, false);
        seed.deserialize(Reader { value: &value, view: View::Found }).map(Some)
    }

    /// One item that cannot be read does not cost the others.
    fn next_element<T: Deserialize<'de>>(&mut self) -> Result<Option<T>, Error> {
        for (index, start) in self.starts.by_ref() {
            let item = self.value.child(Step::Item(index), start, false);
            match item.read() {
                Err(_) if self.may_skip => item.note(Outcome::Dropped),
                read => return read.map(Some),
            }
        }
        Ok(None)
    }
}
