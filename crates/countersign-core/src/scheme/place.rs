//! Places: where a delivery carries a value.

use super::check;

/// A place in a delivery: a header, a query parameter, a value in the body, and so on. More kinds
/// may be added.
///
/// The module [`grammar`](crate::provider::grammar) has a short function for each kind.
///
/// ```
/// use countersign_core::provider::Place;
///
/// const ID: Place = Place::json("data.id");
/// assert_eq!(ID.as_json(), Some("data.id"));
/// assert_eq!(ID.to_string(), "`data.id` in the body");
///
/// // The header `acme-signature: t=1614265330,v1=…`
/// const TIME: Place = Place::member("acme-signature", "=,", "t");
/// assert_eq!(TIME.to_string(), "`t` in the header `acme-signature`");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Place(pub(crate) Kind);

/// The kind of a place. Only the command line makes places of kinds.
#[doc(hidden)]
#[allow(clippy::exhaustive_enums, missing_docs, reason = "not public API")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    Header(&'static str),
    /// A header that may be repeated, or be a list separated by commas.
    Headers(&'static str),
    /// `name-1`, `name-2`, …
    Numbered(&'static str),
    Member {
        header: &'static str,
        assign: u8,
        separator: u8,
        pick: Pick,
    },
    /// The credentials behind a word such as `Bearer`.
    Authorization(&'static str),
    Query(&'static str),
    Json(&'static str),
    Form(&'static str),
    /// The members of a list in a form field.
    FormList {
        name: &'static str,
        assign: u8,
        separator: u8,
    },
    /// A value in JSON in a form field.
    JsonInForm {
        name: &'static str,
        path: &'static str,
    },
}

/// Which members of a list count.
#[doc(hidden)]
#[allow(clippy::exhaustive_enums, missing_docs, reason = "not public API")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Pick {
    Key(&'static str),
    AnyKey,
    /// The item at a position, without a key.
    At(u8),
    /// Every item from a position on.
    From(u8),
}

impl Place {
    /// Returns the place of the header `name`. It must not be repeated.
    ///
    /// # Panics
    ///
    /// Panics if `name` is not a lower-case header name. In a const, that is a compile error:
    /// define places as consts.
    #[inline]
    pub const fn header(name: &'static str) -> Self {
        Self::made(Kind::Header(name))
    }

    /// Returns the place of the header `name`, which may be repeated or be a list separated by
    /// commas. Any of the values may match.
    ///
    /// # Panics
    ///
    /// Panics if `name` is not a lower-case header name. In a const, that is a compile error.
    pub const fn repeated_header(name: &'static str) -> Self {
        Self::made(Kind::Headers(name))
    }

    /// Returns the place of the headers `prefix` with a number from 1 on: `acme-signature-` for
    /// `acme-signature-1`, `acme-signature-2`. Any of the values may match.
    ///
    /// # Panics
    ///
    /// Panics if `prefix` is not a lower-case header name. In a const, that is a compile error.
    pub const fn numbered_headers(prefix: &'static str) -> Self {
        Self::made(Kind::Numbered(prefix))
    }

    /// Returns the place of the members `key` of the list in `header`. `delimiters` are the
    /// character between a key and its value, and the one between members: `"=,"` for
    /// `t=1614265330,v1=…`, and `", "` for `v1,… v1a,…`.
    ///
    /// Blanks around a member and members with other keys are skipped. A key may be repeated: any
    /// of the values may match. (A time, an ID and a signed field must not be repeated.)
    ///
    /// # Panics
    ///
    /// Panics if `header` is not a lower-case header name, if `delimiters` are not two different
    /// ASCII characters, or if `key` is empty. In a const, that is a compile error.
    pub const fn member(header: &'static str, delimiters: &'static str, key: &'static str) -> Self {
        Self::picked(header, delimiters, Pick::Key(key))
    }

    /// Returns the place of every member of the list in `header`, whatever its key: for lists whose
    /// keys name the recipient's own keys. Any of the values may match.
    ///
    /// # Panics
    ///
    /// Panics like [`member`](Self::member). In a const, that is a compile error.
    pub const fn any_member(header: &'static str, delimiters: &'static str) -> Self {
        Self::picked(header, delimiters, Pick::AnyKey)
    }

    /// Returns the place of the item number `position` (from 0) of the list in `header`, whose
    /// items have no keys: `1614265330,…` with the separator `","`.
    ///
    /// # Panics
    ///
    /// Panics if `header` is not a lower-case header name, or if `separator` is not one ASCII
    /// character. In a const, that is a compile error.
    pub const fn item(header: &'static str, separator: &'static str, position: u8) -> Self {
        Self::made(Kind::Member { header, assign: 0, separator: one(separator), pick: Pick::At(position) })
    }

    /// Returns the place of all items of the list in `header` from number `position` (from 0) on.
    /// Any of them may match.
    ///
    /// # Panics
    ///
    /// Panics like [`item`](Self::item). In a const, that is a compile error.
    pub const fn items_from(header: &'static str, separator: &'static str, position: u8) -> Self {
        Self::made(Kind::Member { header, assign: 0, separator: one(separator), pick: Pick::From(position) })
    }

    const fn made(kind: Kind) -> Self {
        check::reject(check::place_kind(&kind));
        Self(kind)
    }

    const fn picked(header: &'static str, delimiters: &'static str, pick: Pick) -> Self {
        let (assign, separator) = two(delimiters);
        Self::made(Kind::Member { header, assign, separator, pick })
    }

    /// Returns the place of the credentials in the header `Authorization` behind `word`, such as
    /// `Bearer`. The word is compared in either case.
    ///
    /// # Panics
    ///
    /// Panics if `word` is not one word. In a const, that is a compile error. (If the whole header
    /// is the credential, use `header("authorization")`.)
    pub const fn authorization(word: &'static str) -> Self {
        Self::made(Kind::Authorization(word))
    }

    /// Returns the place of the parameter `name` of the URL's query.
    ///
    /// # Panics
    ///
    /// Panics if `name` is empty or has a character other than ASCII letters, digits, `-`, `_` and
    /// `.`. (Such a name could be spelled in several ways in a URL.) In a const, that is a compile
    /// error: define places as consts.
    #[inline]
    pub const fn query(name: &'static str) -> Self {
        Self::made(Kind::Query(name))
    }

    /// Returns the place of a value in a JSON body. `path` consists of field names separated by
    /// `.`, such as `data.id`. In the places of a [`Scheme`](super::Scheme), a number is the
    /// position of an item in an array: `items.0.id`.
    ///
    /// # Panics
    ///
    /// Panics if `path` is empty. In a const, that is a compile error: define places as consts.
    pub const fn json(path: &'static str) -> Self {
        Self::made(Kind::Json(path))
    }

    /// Returns the place of the field `name` of a form body (`application/x-www-form-urlencoded`).
    ///
    /// # Panics
    ///
    /// Panics if `name` is empty. In a const, that is a compile error: define places as consts.
    pub const fn form(name: &'static str) -> Self {
        Self::made(Kind::Form(name))
    }

    /// Returns the place of every member of the list in the field `name` of a form body, whatever
    /// its key: `"|&"` for `key|signature&key|signature`, as the field has it decoded. Any of the
    /// values may match.
    ///
    /// # Panics
    ///
    /// Panics if `name` is empty, or if `delimiters` are not two different ASCII characters. In a
    /// const, that is a compile error.
    pub const fn form_members(name: &'static str, delimiters: &'static str) -> Self {
        let (assign, separator) = two(delimiters);
        Self::made(Kind::FormList { name, assign, separator })
    }

    /// Returns the place of a value in JSON in the field `name` of a form body: `path` is a path as
    /// in [`json`](Self::json).
    ///
    /// The form may be `multipart/form-data` or `application/x-www-form-urlencoded`. A form that two
    /// readers could read in two ways is malformed: one with the field twice, for example, or with
    /// anything before the first part or behind the last. The boundary is read from the body.
    ///
    /// If a scheme's proof or the [event's name](crate::provider::Provider::EVENT) is at such a
    /// place, the JSON of a delivery is that field: [`Json`](crate::Json),
    /// [`Delivery::json`](crate::Delivery::json) and [`events!`](crate::events) read it. The time of
    /// an [event](crate::provider::Provider::OCCURRED_AT) is not read there.
    ///
    /// ```
    /// use countersign_core::provider::Place;
    ///
    /// const EVENT: Place = Place::json_in_form("json", "event.event_type");
    /// assert_eq!(EVENT.as_json_in_form(), Some(("json", "event.event_type")));
    /// assert_eq!(EVENT.to_string(), "`event.event_type` in the form field `json` in the body");
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if `name` or `path` is empty. In a const, that is a compile error: define places as
    /// consts.
    pub const fn json_in_form(name: &'static str, path: &'static str) -> Self {
        Self::made(Kind::JsonInForm { name, path })
    }
}

/// The two delimiters; the same twice, which is rejected, if there are not two.
const fn two(delimiters: &str) -> (u8, u8) {
    match delimiters.as_bytes() {
        [assign, separator] => (*assign, *separator),
        _ => (b',', b','),
    }
}

/// The separator; one that is rejected if there is not one.
const fn one(separator: &str) -> u8 {
    match separator.as_bytes() {
        [separator] => *separator,
        _ => 0xff,
    }
}

#[cfg(test)]
#[path = "place_tests.rs"]
mod tests;
