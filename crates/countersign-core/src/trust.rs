//! How sure one may be of a delivery's sender.

/// How sure one may be that a delivery is the provider's, from the least to the most.
///
/// ```
/// use countersign_core::Trust;
///
/// assert!(Trust::TokenOnly < Trust::Confirmed && Trust::Confirmed < Trust::Signed);
/// ```
///
/// More kinds may be added, anywhere in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Trust {
    /// The URL's token was right, and the provider signs nothing: whoever knows the URL can have sent it.
    TokenOnly,
    /// The URL's token was right, and the provider's own API confirmed the event, which carries what the API said. The
    /// raw body is only as sure as the token.
    Confirmed,
    /// The body carries a right signature: it is the provider's, byte for byte. (With a confirmation besides, the event is
    /// what that said.)
    Signed,
}
