//! The endpoint that `--to` names.

use countersign_core::{Provider, Scheme};
use reqwest::Url;

use crate::output::Failure;

/// The endpoint in `text`, which is not shown: a password or a token may be in it.
pub(crate) fn endpoint<P: Provider>(text: &str) -> Result<Url, Failure> {
    let example = format!("http://localhost:3000/webhooks/{}", P::NAME);
    let url = Url::parse(text).map_err(|error| Failure::usage(format!("--to is no URL such as {example}: {error}")))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(Failure::usage(format!("--to takes an http or https URL, such as {example}")));
    }
    if let Scheme::UrlToken { parameter, .. } = P::SCHEME
        && url.query_pairs().any(|(name, _)| name == parameter)
    {
        let title = P::TITLE;
        return Err(Failure::usage(format!(
            "--to takes the URL without {title}'s `{parameter}`, which is a secret: name it with --secret-env or --secret-file"
        )));
    }
    Ok(url)
}

/// Whether it is on this machine.
pub(crate) fn is_local(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let is_loopback = host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
    host == "localhost" || host.ends_with(".localhost") || is_loopback
}
