//! Removes a URL token from a request, so that nothing behind the middleware sees it.

use actix_web::{
    dev::ServiceRequest,
    http::{Uri, uri::Parts},
};
use countersign_core::provider::Provider;

/// Removes the proof from the URI in the head, and from the copy that routing keeps.
pub(crate) fn conceal_proof<P: Provider>(request: &mut ServiceRequest) {
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
