//! A proof as it is sent: a value at its place, and what the scheme sends with it.

use std::fmt;

use zeroize::Zeroizing;

use crate::scheme::{Pick, Place, PlaceKind};

/// The proof of a delivery: a value (signature or token), its place, and what else the scheme sends
/// with it. `Debug` does not show the values.
#[derive(Clone, PartialEq, Eq)]
pub struct Proof {
    place: Place,
    value: Zeroizing<String>,
    /// The time and the ID, if they are in the head.
    others: Vec<(Place, Zeroizing<String>)>,
    written: Written,
}

/// Values in a head.
#[derive(Clone, Default, PartialEq, Eq)]
pub(super) struct Written {
    pub(super) headers: Vec<(String, Zeroizing<String>)>,
    query: Option<Zeroizing<String>>,
    body: Option<Zeroizing<String>>,
}

impl Proof {
    pub(super) fn new(place: Place, value: String, others: Vec<(Place, Zeroizing<String>)>) -> Self {
        let mut written = Written::of(&others);
        written.put(place, &value);
        Self { place, value: Zeroizing::new(value), others, written }
    }

    /// Returns the same proof with another value, for tools that tamper with deliveries. For a query
    /// parameter, `value` is percent-encoded.
    #[must_use]
    pub fn with_value(&self, value: impl Into<String>) -> Self {
        Self::new(self.place, value.into(), self.others.clone())
    }

    /// Returns the proof with its value twice, for tools that tamper with deliveries: as another
    /// member of a list, the next numbered header, or a repeated header or parameter. One value in the
    /// body, repeat there yourself: [`in_body`](Self::in_body) stays the same.
    #[must_use]
    pub fn repeated(&self) -> Self {
        let mut repeated = self.clone();
        repeated.written.put(self.place, &self.value);
        repeated
    }

    /// Returns the place of the signature or token.
    pub fn place(&self) -> Place {
        self.place
    }

    /// Returns the signature, with the text before it, or the token. For a query parameter, a token
    /// is percent-encoded.
    pub fn value(&self) -> &str {
        &self.value
    }

    /// Returns the headers to send, their names in lower case: with the signature or token, and with
    /// the time and the ID if the scheme sends them.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.written.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Returns the parameter for the URL's query, percent-encoded: `token=…`.
    pub fn query(&self) -> Option<&str> {
        self.written.query.as_ref().map(|query| query.as_str())
    }

    /// Returns the text to write in the body, if the [place](Self::place) is there: the value, or the
    /// list with it.
    pub fn in_body(&self) -> Option<&str> {
        self.written.body.as_ref().map(|text| text.as_str())
    }
}

impl fmt::Debug for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Proof({}: [redacted])", self.place)
    }
}

impl Written {
    pub(super) fn of(values: &[(Place, Zeroizing<String>)]) -> Self {
        let mut written = Self::default();
        values.iter().for_each(|(place, value)| written.put(*place, value));
        written
    }

    /// Puts a value at a place. A list gets another member.
    fn put(&mut self, place: Place, value: &str) {
        let (name, text, separator) = match place.0 {
            PlaceKind::Query(name) => {
                let before = self.query.take().map(|query| format!("{}&", *query)).unwrap_or_default();
                self.query = Some(Zeroizing::new(format!("{before}{name}={value}")));
                return;
            }
            PlaceKind::Json(_) | PlaceKind::Form(_) | PlaceKind::JsonInForm { .. } => {
                self.body = Some(Zeroizing::new(value.to_owned()));
                return;
            }
            PlaceKind::FormList { assign, separator, .. } => {
                let before = self.body.take().map(|list| format!("{}{}", *list, char::from(separator)));
                let list = format!("{}key{}{value}", before.unwrap_or_default(), char::from(assign));
                self.body = Some(Zeroizing::new(list));
                return;
            }
            PlaceKind::Header(name) | PlaceKind::Headers(name) => (name.to_owned(), value.to_owned(), None),
            PlaceKind::Numbered(prefix) => {
                let is_numbered = |(name, _): &&(String, _)| place.is_in_header(name);
                let number = self.headers.iter().filter(is_numbered).count().saturating_add(1);
                (format!("{prefix}{number}"), value.to_owned(), None)
            }
            PlaceKind::Authorization(word) => ("authorization".to_owned(), format!("{word} {value}"), None),
            PlaceKind::Member { header, assign, separator, pick } => {
                let assign = char::from(assign);
                let text = match pick {
                    Pick::Key(key) => format!("{key}{assign}{value}"),
                    Pick::AnyKey => format!("key{assign}{value}"),
                    Pick::At(_) | Pick::From(_) => value.to_owned(),
                };
                (header.to_owned(), text, Some(char::from(separator)))
            }
        };
        let list = self.headers.iter_mut().find(|(known, _)| *known == name).zip(separator);
        match list {
            Some(((_, list), separator)) => {
                list.push(separator);
                list.push_str(&text);
            }
            None => self.headers.push((name, Zeroizing::new(text))),
        }
    }
}
