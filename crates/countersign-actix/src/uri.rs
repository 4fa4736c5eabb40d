//! Removes a URL token from a request, so that nothing behind the middleware sees it.

use std::panic::{AssertUnwindSafe, catch_unwind};

use actix_web::{
    HttpMessage,
    dev::ServiceRequest,
    http::{Uri, uri::Parts},
};
use countersign_core::{adapter::Answer, provider::Provider};

/// Calls what panics if outer middleware holds the request. actix-web offers no other way to ask.
pub(crate) fn unless_held<P: Provider, T>(access: impl FnOnce() -> T) -> Result<T, Answer> {
    catch_unwind(AssertUnwindSafe(access)).map_err(|_| Answer::held::<P>())
}

/// Removes the proof from the URI in the head, and from the copy that routing keeps. Panics, with
/// nothing changed, if it cannot, or if nothing can be added to the request's extensions.
pub(crate) fn conceal_proof<P: Provider>(request: &mut ServiceRequest) {
    drop(request.extensions_mut());
    let kept = request.uri().path_and_query().and_then(|whole| P::SCHEME.conceal(whole.as_str()));
    let Some(kept) = kept else { return };
    let mut parts = Parts::from(std::mem::take(&mut request.head_mut().uri));
    // A part of a valid URI is valid. If it ever is not, the token is still removed.
    parts.path_and_query = kept.try_into().ok();
    let uri = Uri::from_parts(parts).unwrap_or_default();
    // The path is the same, so that what routing has matched of it stays right.
    request.match_info_mut().get_mut().update(&uri);
    request.head_mut().uri = uri;
}
