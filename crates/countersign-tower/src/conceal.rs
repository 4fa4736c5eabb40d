//! Keeps a delivery's proof from inner layers, and from what they trace.

use countersign_core::provider::Provider;
use http::{Request, Uri, uri::Builder};

/// Removes a URL token wherever the request has its URI, and marks a signature sensitive, so that
/// `Debug` hides it.
pub(crate) fn conceal_proof<P: Provider, B>(request: &mut Request<B>) {
    for place in P::SCHEME.places() {
        for (name, value) in request.headers_mut() {
            if place.is_in_header(name.as_str()) {
                value.set_sensitive(true);
            }
        }
        if place.as_query().is_some() {
            without_proof::<P>(request.uri_mut());
            #[cfg(feature = "axum")]
            if let Some(original) = request.extensions_mut().get_mut::<axum::extract::OriginalUri>() {
                without_proof::<P>(&mut original.0);
            }
        }
    }
}

fn without_proof<P: Provider>(uri: &mut Uri) {
    if let Some(kept) = uri.path_and_query().and_then(|whole| P::SCHEME.conceal(whole.as_str())) {
        // A part of a valid URI is valid. If it ever is not, the token is still removed.
        *uri = Builder::from(std::mem::take(uri)).path_and_query(kept).build().unwrap_or_default();
    }
}
