//! Values at the places of a body.

use bytes::Bytes;
use countersign_core::provider::{Page, Place, Unit};

use crate::{
    error::{PayloadError, PayloadErrorKind},
    form, multipart, pointer,
};

/// A value to be written into a body.
#[derive(Clone, Copy)]
pub(crate) enum Value<'a> {
    Text(&'a str),
    /// A number, unless a string is there.
    Number(&'a str),
}

impl<'a> Value<'a> {
    pub(crate) fn of_time(unit: Unit, time: &'a str) -> Self {
        if matches!(unit, Unit::Rfc3339) { Self::Text(time) } else { Self::Number(time) }
    }

    fn text(self) -> &'a str {
        match self {
            Self::Text(text) | Self::Number(text) => text,
        }
    }

    fn json(self, old: Option<&str>) -> String {
        match self {
            Self::Number(number) if !old.is_some_and(|old| old.starts_with('"')) => number.to_owned(),
            value => serde_json::Value::from(value.text()).to_string(),
        }
    }
}

/// Writes a value at a place of a body, with the objects around it.
pub(crate) fn put(body: &Bytes, place: &Place, value: Value<'_>) -> Result<Bytes, PayloadError> {
    write(body, place, value, true)
}

/// Writes a value at a place of a body, in an object that is there.
pub(crate) fn set(body: &Bytes, place: &Place, value: Value<'_>) -> Result<Bytes, PayloadError> {
    write(body, place, value, false)
}

fn write(body: &Bytes, place: &Place, value: Value<'_>, makes_parents: bool) -> Result<Bytes, PayloadError> {
    if let Some(name) = place.as_form() {
        return Ok(form::set(body, name, value.text()).into());
    }
    let Some((field, path)) = json_path(place) else { return Ok(body.clone()) };
    edit_json(body, field, |text| {
        let at = pointer(path);
        let new = value.json(pointer::get(text, &at));
        match pointer::set(text, &at, &new) {
            Err(error) if makes_parents && error.kind() == PayloadErrorKind::NoSuchField => {
                with_parents(text, path, new)
            }
            set => set,
        }
    })
}

/// The form field that has the JSON, and the path in it.
fn json_path(place: &Place) -> Option<(Option<&'static str>, &'static str)> {
    let in_form = place.as_json_in_form().map(|(field, path)| (Some(field), path));
    in_form.or_else(|| place.as_json().map(|path| (None, path)))
}

/// The JSON of a body: the body, or a field of it.
pub(crate) fn json_of<'b>(body: &'b [u8], field: Option<&str>) -> Result<&'b str, PayloadError> {
    let Some(name) = field else { return json(body) };
    let message = || format!("the payload is not a form in parts with a field `{name}`");
    json(multipart::get(body, name).ok_or_else(|| PayloadError::new(PayloadErrorKind::NotJson, message()))?)
}

/// Changes the JSON of a body. A form without the field gets one.
pub(crate) fn edit_json(
    body: &Bytes,
    field: Option<&str>,
    edit: impl FnOnce(&str) -> Result<String, PayloadError>,
) -> Result<Bytes, PayloadError> {
    let Some(name) = field else { return edit(json(body)?).map(Bytes::from) };
    if body[..] == *multipart::empty() {
        return Ok(multipart::set(body, name, edit("{}")?.as_bytes()).into());
    }
    Ok(multipart::set(body, name, edit(json_of(body, field)?)?.as_bytes()).into())
}

/// Sets the value inside new objects, or arrays for positions.
fn with_parents(text: &str, path: &str, value: String) -> Result<String, PayloadError> {
    let (mut path, mut value) = (path, value);
    loop {
        let set = pointer::set(text, &pointer(path), &value);
        let Some((parent, name)) = path.rsplit_once('.').filter(|_| set.is_err()) else { return set };
        let is_position = name.bytes().all(|byte| byte.is_ascii_digit());
        let name = serde_json::Value::from(name);
        value = if is_position { format!("[{value}]") } else { format!("{{{name}:{value}}}") };
        path = parent;
    }
}

/// Writes the value at a place of a body a second time.
pub(crate) fn repeat(body: &Bytes, place: &Place, value: &str) -> Result<Bytes, PayloadError> {
    match (place.as_form(), json_path(place)) {
        (Some(name), _) => Ok(form::add(body, name, value).into()),
        (None, Some((field, path))) => edit_json(body, field, |text| pointer::repeat(text, &pointer(path))),
        (None, None) => Ok(body.clone()),
    }
}

/// Removes the value at a place of a body.
pub(crate) fn remove(body: &Bytes, place: &Place) -> Bytes {
    match (place.as_form(), json_path(place)) {
        (Some(name), _) => form::remove(body, name).into(),
        (None, Some((field, path))) => {
            edit_json(body, field, |text| pointer::remove(text, &pointer(path))).unwrap_or_else(|_| body.clone())
        }
        (None, None) => body.clone(),
    }
}

/// Reads the text at the place of the event's name in a JSON body.
pub(crate) fn event_name(page: &Page, body: &[u8]) -> Option<String> {
    let (field, path) = json_path(&page.event?)?;
    let json: serde_json::Value = serde_json::from_str(json_of(body, field).ok()?).ok()?;
    json.pointer(&pointer(path))?.as_str().map(str::to_owned)
}

/// The JSON pointer of a path such as `data.id`.
pub(crate) fn pointer(path: &str) -> String {
    format!("/{}", path.replace('~', "~0").replace('/', "~1").replace('.', "/"))
}

pub(crate) fn json(body: &[u8]) -> Result<&str, PayloadError> {
    let not_json =
        |why: String| PayloadError::new(PayloadErrorKind::NotJson, format!("the payload is not JSON: {why}"));
    let text = std::str::from_utf8(body).map_err(|error| not_json(error.to_string()))?;
    let _: serde::de::IgnoredAny = serde_json::from_str(text).map_err(|error| not_json(error.to_string()))?;
    Ok(text)
}
