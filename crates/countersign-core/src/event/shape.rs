//! The shape of a value in a body: its type and length.

use std::{borrow::Cow, collections::BTreeMap};

use serde_json::value::RawValue;

use crate::error::ValueShape;

/// Returns the shape of the value at `path` in a verified body; `None` if there is none, or if it
/// is null.
pub(crate) fn of(body: &[u8], path: &str) -> Option<ValueShape> {
    let mut value: &RawValue = serde_json::from_slice(body).ok()?;
    for name in path.split('.') {
        let fields: BTreeMap<Cow<'_, str>, &RawValue> = serde_json::from_str(value.get()).ok()?;
        value = fields.get(name)?;
    }
    let text = value.get();
    match text.as_bytes().first()? {
        b'n' => None,
        b't' | b'f' => Some(ValueShape::Boolean),
        b'[' => Some(ValueShape::List),
        b'{' => Some(ValueShape::Object),
        // Without its quotes, as it was written.
        b'"' => Some(ValueShape::Text(text.len().saturating_sub(2))),
        _ => Some(ValueShape::Number(text.len())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c23_a_value_is_its_type_and_length() {
        let shape = |value: &str| of(format!(r#"{{"a":1,"data":{{"at":{value}}}}}"#).as_bytes(), "data.at");
        assert_eq!(shape("null"), None);
        assert_eq!(shape("true"), Some(ValueShape::Boolean));
        assert_eq!(shape("1771756200"), Some(ValueShape::Number(10)));
        assert_eq!(shape(" \"2026-02-22\" "), Some(ValueShape::Text(10)));
        assert_eq!(shape("[]"), Some(ValueShape::List));
        assert_eq!(shape("{\"at\":1}"), Some(ValueShape::Object));
        for body in ["[]", "{}", r#"{"data":[]}"#, r#"{"data.at":1}"#, "no JSON"] {
            assert_eq!(of(body.as_bytes(), "data.at"), None, "{body}");
        }
    }
}
