//! The endpoint of `--to`.

use countersign_core::provider::Page;
use reqwest::Url;

use crate::output::Failure;

/// Parses the endpoint. `text` is not shown: it may have a password or a token in it.
pub(crate) fn endpoint(page: &Page, text: &str) -> Result<Url, Failure> {
    let example = format!("http://localhost:3000/webhooks/{}", page.name);
    let url =
        Url::parse(text).map_err(|error| Failure::usage(format!("--to is not a URL such as {example}: {error}")))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(Failure::usage(format!("--to takes an http or https URL, such as {example}")));
    }
    let is_in = |parameter: &&str| url.query_pairs().any(|(name, _)| name == *parameter);
    if let Some(parameter) = page.scheme.places().filter_map(|place| place.as_query()).find(is_in) {
        let title = page.title;
        return Err(Failure::usage(format!(
            "--to takes the URL without {title}'s `{parameter}`, which is a secret: give it with --secret-env or --secret-file"
        )));
    }
    Ok(url)
}

/// Returns whether it is on this machine.
pub(crate) fn is_local(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let is_loopback = host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
    host == "localhost" || host.ends_with(".localhost") || is_loopback
}
