//! When a delivery is sent or arrives, and at which public URL.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use clap::Args;
use countersign_core::{PublicUrl, Rfc3339, provider::Page};

use crate::output::{Failure, Output};

/// No URL to be sent to is longer, in bytes.
const LONGEST: usize = 8192;

/// Of a delivery that arrives.
#[derive(Args, Debug)]
pub(crate) struct Arrival {
    /// The time at which the request arrived: Unix seconds, or RFC 3339 such as
    /// `2026-03-09T10:30:00Z` [default: now]
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(crate) at: Option<SystemTime>,

    /// The public URL of the endpoint as registered with the provider, if the provider signs it
    #[arg(long, value_name = "URL")]
    url: Option<String>,
}

/// Of a delivery that is signed.
#[derive(Args, Debug)]
pub(crate) struct Departure {
    /// The time at which it is sent, if the provider signs it: Unix seconds, or RFC 3339 such as
    /// `2026-03-09T10:30:00Z` [default: now]
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(crate) at: Option<SystemTime>,

    /// The public URL of the endpoint as registered with the provider, if the provider signs it
    /// [default: that of --to]
    #[arg(long, value_name = "URL")]
    url: Option<String>,
}

impl Arrival {
    /// The public URL, if it is signed.
    pub(crate) fn url(&self, page: &Page, output: &Output) -> Result<Option<PublicUrl>, Failure> {
        let url = public_url(self.url.as_deref(), page, output)?;
        if page.scheme.signs_url() && url.is_none() {
            let title = page.title;
            return Err(Failure::usage(format!(
                "{title} signs the public URL of the endpoint: give the URL as registered with {title}, with --url"
            )));
        }
        Ok(url)
    }
}

impl Departure {
    /// The public URL, if it is signed: that of `to` unless another is given.
    pub(crate) fn url(&self, page: &Page, to: &str, output: &Output) -> Result<Option<PublicUrl>, Failure> {
        let given = public_url(self.url.as_deref(), page, output)?;
        let url = match given {
            None if page.scheme.signs_url() => public_url(Some(to), page, output)?,
            given => given,
        };
        // No request line has these.
        let is_odd = |url: &PublicUrl| url.to_string().contains(['"', '<', '>', '\\', '^', '`', '{', '|', '}']);
        match url {
            Some(url) if url.to_string().len() > LONGEST => {
                Err(Failure::usage(format!("--url: it is longer than {LONGEST} bytes")))
            }
            Some(url) if is_odd(&url) => {
                Err(Failure::usage("--url: a URL to be sent to has none of \" < > \\ ^ ` { | }: percent-encode them"))
            }
            url => Ok(url),
        }
    }
}

/// Errors do not show the URL: it may have a password or a token in it.
fn public_url(url: Option<&str>, page: &Page, output: &Output) -> Result<Option<PublicUrl>, Failure> {
    let Some(url) = url else { return Ok(None) };
    let url = PublicUrl::new(url).map_err(|error| Failure::usage(format!("--url: {error}")))?;
    if page.scheme.signs_url() {
        return Ok(Some(url));
    }
    output.warn(format_args!("{} does not sign the URL: --url is not used", page.title));
    Ok(None)
}

/// Parses Unix seconds or RFC 3339.
fn time(text: &str) -> Result<SystemTime, String> {
    let seconds = || {
        // Those of year 5138; milliseconds are longer.
        let is_seconds = text.len() <= 11 && text.bytes().all(|byte| byte.is_ascii_digit());
        let seconds = is_seconds.then(|| text.parse().ok()).flatten()?;
        UNIX_EPOCH.checked_add(Duration::from_secs(seconds))
    };
    seconds().or_else(|| Rfc3339::from(text.to_owned()).to_system_time()).ok_or_else(|| {
        "expected seconds since 1970 or an RFC 3339 time with a zone, such as 1773052200 or 2026-03-09T10:30:00Z"
            .to_owned()
    })
}
