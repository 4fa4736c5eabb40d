//! Mistakes with the public URL, where it is signed. The messages do not show it: it may have a
//! password or a token in it.

use countersign_core::{PublicUrl, adapter::RequestHead, provider::Scheme};

use super::{
    coding,
    mistake::{Meant, Named, mistakes},
};
use crate::capture::Captured;

/// No more headers with a path are tried, nor longer ones, in bytes.
const MOST: usize = 8;
const LONGEST: usize = 2048;

mistakes! {
    URL: "url",
        "the signature is that of another URL: the one of --url {detail}",
        "Register the URL at {provider} and give it to the server as one text, character by character: its scheme, host, port, \
         path and query are all signed.";
}

/// Returns the URLs that may have been signed.
pub(super) fn all(url: Option<&PublicUrl>, scheme: &Scheme, captured: &Captured) -> Vec<Meant> {
    let Some(given) = url.map(ToString::to_string) else { return Vec::new() };
    let digest = scheme.__signed().and_then(|signed| signed.digest);
    let forms = forms(&given, captured).into_iter().chain(digest.and_then(|name| without(&given, name)));
    let forms = forms.filter(|(form, _)| *form != given);
    forms
        .filter_map(|(form, how)| Some(Meant::url(PublicUrl::new(form).ok()?, Named::with_detail(&URL, how))))
        .collect()
}

/// Without the parameter that the provider adds to the URL of each delivery.
fn without(url: &str, parameter: &str) -> Option<(String, &'static str)> {
    let (start, query) = url.split_once('?')?;
    let is_it = |pair: &&str| pair.split_once('=').is_some_and(|(name, _)| name == parameter);
    let kept: Vec<_> = query.split('&').filter(|pair| !is_it(pair)).collect();
    let end = if kept.is_empty() { String::new() } else { format!("?{}", kept.join("&")) };
    Some((format!("{start}{end}"), "without the parameter that it adds for each delivery"))
}

fn forms(given: &str, captured: &Captured) -> Vec<(String, &'static str)> {
    let Some((scheme, rest)) = given.split_once("://") else { return Vec::new() };
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (host, target) = rest.split_at_checked(end).unwrap_or((rest, ""));
    let (path, query) = target.split_once('?').map_or((target, None), |(path, query)| (path, Some(query)));
    let with = |scheme: &str, host: &str, path: &str, query: Option<&str>| {
        format!("{scheme}://{host}{path}{}", query.map(|query| format!("?{query}")).unwrap_or_default())
    };
    let other_scheme = if scheme == "https" { "http" } else { "https" };
    let (own_port, bare_host) = match host.rsplit_once(':') {
        Some((bare, port)) if !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()) => (true, bare),
        _ => (false, host),
    };
    let standard = if scheme == "https" { "443" } else { "80" };
    let bare = host.rsplit_once('@').map_or(host, |(_, host)| host);
    let mut forms = vec![
        (with(other_scheme, host, path, query), "with `http://` for `https://`, or the other way round"),
        (with(scheme, &host.to_lowercase(), path, query), "with its host in lower case"),
        (with(scheme, bare, path, query), "without the name and password"),
        (with(scheme, host, path, None), "without its query"),
    ];
    if own_port {
        forms.push((with(scheme, bare_host, path, query), "without its port"));
    } else {
        forms.push((format!("{scheme}://{host}:{standard}{target}"), "with the standard port"));
    }
    match path.strip_suffix('/') {
        Some(shorter) => forms.push((with(scheme, host, shorter, query), "without the `/` at the end of its path")),
        None => forms.push((with(scheme, host, &format!("{path}/"), query), "with a `/` at the end of its path")),
    }
    forms.push((with(scheme, host, path, captured.query()), "with the query of the captured request"));
    forms.push((
        with(scheme, host, captured.path(), captured.query()),
        "with the path and query of the captured request",
    ));
    forms.push((with(scheme, host, captured.path(), query), "with the path of the captured request"));
    if let Ok(decoded) = String::from_utf8(coding::from_percent(target.as_bytes(), false)) {
        forms.push((format!("{scheme}://{host}{decoded}"), "with its percent-encoded characters decoded"));
    }
    // Proxies that rewrite the path pass the original one on: `X-Original-URI`.
    let is_path = |value: &&[u8]| value.starts_with(b"/") && value.len() <= LONGEST;
    let paths = captured.headers().map(|(_, value)| value).filter(is_path).take(MOST);
    for original in paths.filter_map(|value| std::str::from_utf8(value).ok()) {
        let how = "with the path that a header of the captured request has";
        forms.push((format!("{scheme}://{host}{original}"), how));
        forms.push((format!("{scheme}://{host}{}{target}", original.trim_end_matches('/')), how));
    }
    let hosts = captured.header_values("host").chain(captured.header_values("x-forwarded-host"));
    for name in hosts.filter_map(|name| std::str::from_utf8(name).ok()) {
        forms.push((with(scheme, name, path, query), "with the host of the captured request"));
        forms.push((
            with("http", name, captured.path(), captured.query()),
            "as the captured request has it, with `http://`",
        ));
        forms.push((
            with("https", name, captured.path(), captured.query()),
            "as the captured request has it, with `https://`",
        ));
    }
    forms
}
