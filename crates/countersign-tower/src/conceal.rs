//! Keeping a delivery's proof from what is behind the layer, and from what it traces.

use countersign_core::{Provider, Scheme, without_parameter};
use http::{
    Request, Uri,
    uri::{Parts, PathAndQuery},
};

/// Removes a URL token wherever the request carries its URI, and marks a signature sensitive, so that `Debug` hides it.
pub(crate) fn conceal_proof<P: Provider, B>(request: &mut Request<B>) {
    match P::SCHEME {
        Scheme::UrlToken { parameter, .. } => {
            without(request.uri_mut(), parameter);
            #[cfg(feature = "axum")]
            if let Some(original) = request.extensions_mut().get_mut::<axum::extract::OriginalUri>() {
                without(&mut original.0, parameter);
            }
        }
        Scheme::HmacSha256 { header, .. } => {
            if let Some(signature) = request.headers_mut().get_mut(header) {
                signature.set_sensitive(true);
            }
        }
        _ => {}
    }
}

fn without(uri: &mut Uri, parameter: &str) {
    let Some(kept) = uri.path_and_query().and_then(|whole| without_parameter(whole.as_str(), parameter)) else {
        return;
    };
    let mut parts = Parts::from(std::mem::take(uri));
    // A part of a valid URI is valid, unless it is empty; should it ever not be, the token goes all the same.
    parts.path_and_query = Some(PathAndQuery::try_from(kept).unwrap_or(PathAndQuery::from_static("/")));
    *uri = Uri::from_parts(parts).unwrap_or_default();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t19_the_rest_of_the_uri_stays() {
        for (before, after) in [
            ("/hook?token=x", "/hook"),
            ("/hook?a=%20&token=x&b", "/hook?a=%20&b"),
            ("https://user@host:8443/h%6Fok?%74oken=x&c=+", "https://user@host:8443/h%6Fok?c=+"),
            ("http://host?token=x", "http://host/"),
            ("/hook?tokens=1", "/hook?tokens=1"),
            ("/token=x", "/token=x"),
        ] {
            let mut uri = before.parse().expect("a URI");
            without(&mut uri, "token");
            assert_eq!(uri.to_string(), after);
        }
    }
}
