//! Schemes that are made at run time, for the command line: it edits the scheme of a page to find a
//! mistake, and reads a scheme from a file. What makes no sense is an error. Not public API.

use std::slice;

use super::{
    Kind, Part, Place, PlaceKind, Scheme, Signed,
    check::{self, place_kind},
};

#[doc(hidden)]
#[allow(missing_docs, clippy::missing_errors_doc, reason = "not public API")]
impl Scheme {
    /// The schemes of a list, or the scheme itself.
    pub fn __each(&'static self) -> &'static [Self] {
        match &self.0 {
            Kind::AnyOf(schemes) => schemes,
            Kind::Signed(_) | Kind::Token { .. } => slice::from_ref(self),
        }
    }

    /// The data of a scheme with a signature.
    pub fn __signed(&self) -> Option<Signed> {
        match &self.0 {
            Kind::Signed(signed) => Some(*signed),
            Kind::Token { .. } | Kind::AnyOf(_) => None,
        }
    }

    pub fn __token(place: Place) -> Result<Self, &'static str> {
        check::token(&place).map_or(Ok(Self(Kind::Token { place, is_basic: false })), Err)
    }

    pub fn __any_of(schemes: &'static [Self]) -> Result<Self, &'static str> {
        check::list(schemes).map_or(Ok(Self(Kind::AnyOf(schemes))), Err)
    }
}

#[doc(hidden)]
#[allow(missing_docs, clippy::missing_errors_doc, reason = "not public API")]
impl Signed {
    pub fn __over(mut self, parts: &'static [Part]) -> Result<Scheme, &'static str> {
        self.parts = parts;
        check::signed(&self).map_or(Ok(Scheme(Kind::Signed(self.completed()))), Err)
    }
}

#[doc(hidden)]
#[allow(missing_docs, clippy::missing_errors_doc, reason = "not public API")]
impl Place {
    pub fn __of(kind: PlaceKind) -> Result<Self, &'static str> {
        place_kind(&kind).map_or(Ok(Self(kind)), Err)
    }

    pub fn __kind(&self) -> PlaceKind {
        self.0
    }
}
