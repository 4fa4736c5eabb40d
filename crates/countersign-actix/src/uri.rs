//! Taking a URL token out of a request, so that nothing behind the middleware sees it.

use actix_web::{
    dev::ServiceRequest,
    http::{
        Uri,
        uri::{Parts, PathAndQuery},
    },
};
use countersign_core::{Provider, Scheme, without_parameter};

/// Removes the token of a provider that is proven by one, from the head and from what routing keeps of the URI.
pub(crate) fn remove_token<P: Provider>(request: &mut ServiceRequest) {
    let Scheme::UrlToken { parameter, .. } = P::SCHEME else { return };
    let kept = request.uri().path_and_query().and_then(|whole| without_parameter(whole.as_str(), parameter));
    let Some(kept) = kept else { return };
    let mut parts = Parts::from(std::mem::take(&mut request.head_mut().uri));
    // A part of a valid URI is valid, unless it is empty; should it ever not be, the token goes all the same.
    parts.path_and_query = Some(PathAndQuery::try_from(kept).unwrap_or(PathAndQuery::from_static("/")));
    let uri = Uri::from_parts(parts).unwrap_or_default();
    // The path is the same, so that what routing has matched of it stays right.
    request.match_info_mut().get_mut().update(&uri);
    request.head_mut().uri = uri;
}
