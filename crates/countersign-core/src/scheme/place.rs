//! Places: where a delivery carries a value.

use std::fmt;

/// A place in a delivery: a header, a query parameter, or a path into the JSON of the body. More
/// kinds may be added.
///
/// ```
/// use countersign_core::provider::Place;
///
/// const ID: Place = Place::json("data.id");
/// assert_eq!(ID.as_json(), Some("data.id"));
/// assert_eq!(ID.to_string(), "`data.id` in the body");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Place(Kind);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Kind {
    Header(&'static str),
    Query(&'static str),
    Json(&'static str),
}

impl Place {
    /// Returns the place of the header `name`.
    ///
    /// # Panics
    ///
    /// Panics if `name` is not a lower-case header name. In a const, that is a compile error:
    /// define places as consts.
    #[inline]
    pub const fn header(name: &'static str) -> Self {
        // HTTP/2 has lower-case names only; one spelling everywhere makes look-ups and documentation agree.
        std::mem::forget(http::HeaderName::from_static(name));
        Self(Kind::Header(name))
    }

    /// Returns the place of the parameter `name` of the URL's query.
    ///
    /// # Panics
    ///
    /// Panics if `name` is empty or has a character other than ASCII letters, digits, `-` and `_`.
    /// (Such a name could be spelled in several ways in a URL.) In a const, that is a compile
    /// error: define places as consts.
    #[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "const code over a const")]
    #[inline]
    pub const fn query(name: &'static str) -> Self {
        let bytes = name.as_bytes();
        assert!(!bytes.is_empty(), "the name of a query parameter must not be empty");
        let mut i = 0;
        while i < bytes.len() {
            assert!(
                bytes[i].is_ascii_alphanumeric() || bytes[i] == b'-' || bytes[i] == b'_',
                "the name of a query parameter may contain only ASCII letters, digits, `-` and `_`"
            );
            i += 1;
        }
        Self(Kind::Query(name))
    }

    /// The header `name`. It was checked when the scheme was made, and is not checked again for
    /// every delivery.
    pub(super) const fn checked_header(name: &'static str) -> Self {
        Self(Kind::Header(name))
    }

    /// The parameter `name`, which was checked like that.
    pub(super) const fn checked_query(name: &'static str) -> Self {
        Self(Kind::Query(name))
    }

    /// Returns the place of a string in a JSON body. `path` consists of field names separated by
    /// `.`, such as `data.id`.
    ///
    /// # Panics
    ///
    /// Panics if `path` is empty. In a const, that is a compile error: define places as consts.
    pub const fn json(path: &'static str) -> Self {
        assert!(!path.is_empty(), "a path into JSON must not be empty");
        Self(Kind::Json(path))
    }

    /// Returns the header's name, if this is a header.
    #[inline]
    pub const fn as_header(&self) -> Option<&'static str> {
        match self.0 {
            Kind::Header(name) => Some(name),
            Kind::Query(_) | Kind::Json(_) => None,
        }
    }

    /// Returns the parameter's name, if this is a query parameter.
    #[inline]
    pub const fn as_query(&self) -> Option<&'static str> {
        match self.0 {
            Kind::Query(name) => Some(name),
            Kind::Header(_) | Kind::Json(_) => None,
        }
    }

    /// Returns the path, if this is a path into the JSON of the body.
    #[inline]
    pub const fn as_json(&self) -> Option<&'static str> {
        match self.0 {
            Kind::Json(path) => Some(path),
            Kind::Header(_) | Kind::Query(_) => None,
        }
    }

    pub(super) const fn is_in_body(&self) -> bool {
        matches!(self.0, Kind::Json(_))
    }
}

/// Writes the place in one phrase of Markdown, for tables and help texts.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Kind::Header(name) => write!(f, "the header `{name}`"),
            Kind::Query(name) => write!(f, "`?{name}=` in the URL"),
            Kind::Json(path) => write!(f, "`{path}` in the body"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_one_of_three() {
        const HEADER: Place = Place::header("x-acme-id");
        const QUERY: Place = Place::query("to-k_3N");
        const JSON: Place = Place::json("data.id");
        let names = |place: Place| [place.as_header(), place.as_query(), place.as_json()];
        assert_eq!(names(HEADER), [Some("x-acme-id"), None, None]);
        assert_eq!(names(QUERY), [None, Some("to-k_3N"), None]);
        assert_eq!(names(JSON), [None, None, Some("data.id")]);
        assert_eq!([HEADER, QUERY, JSON].map(|place| place.is_in_body()), [false, false, true]);
        assert_ne!(Place::header("id"), Place::query("id"));
    }

    #[test]
    fn a_place_is_described_in_words() {
        assert_eq!(Place::header("x-acme-id").to_string(), "the header `x-acme-id`");
        assert_eq!(Place::query("token").to_string(), "`?token=` in the URL");
        assert_eq!(Place::json("data.id").to_string(), "`data.id` in the body");
    }

    #[test]
    fn a_name_is_spelt_in_one_way() {
        for name in ["", "X-Upper", "x acme", "x-acmé", "x:"] {
            assert!(std::panic::catch_unwind(|| Place::header(name)).is_err(), "{name:?}");
        }
        for name in ["", "a b", "a&b", "tok%65n", "tokén", "token=", "a+b"] {
            assert!(std::panic::catch_unwind(|| Place::query(name)).is_err(), "{name:?}");
        }
        assert!(std::panic::catch_unwind(|| Place::json("")).is_err());
    }
}
