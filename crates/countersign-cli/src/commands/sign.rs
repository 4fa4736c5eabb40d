//! `countersign sign`: a delivery as text, as JSON, or as a `curl` command line.

use std::{collections::BTreeMap, path::Path};

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use countersign_core::provider::{Page, Place, Scheme};
use countersign_testkit::SignedRequest;
use serde::Serialize;

use crate::{
    arguments::SignCommand,
    delivery::Signing,
    endpoint::endpoint,
    output::{Ended, Failure, Output},
    secret::{SecretInput, SecretSource},
    words::plain,
};

pub(crate) fn run(command: &SignCommand, output: &mut Output) -> Result<Ended, Failure> {
    let page = command.provider.entry()?.page;
    let secret = command.secret.read()?;
    secret.warn(page, output);
    let (_, payload) = command.body.payload(page)?;
    let given = payload.bytes().clone();
    let url = command.departure.url(page, &to(command, page)?, output)?;
    // A token in the body is not shown.
    let shown = match token_field(page) {
        Some(_) => &SecretInput { bytes: THE_SECRET.as_bytes().to_vec().into(), origin: secret.origin.clone() },
        None => &secret,
    };
    let request = Signing { secret: shown, at: command.departure.at, url }.sign(payload, &command.body)?;
    if command.curl {
        let line = curl(command, &secret, &request, &given)? + "\n";
        output.bytes(line.as_bytes())?;
    } else {
        output.json(&Signed::new(&request))?;
        print(&request, output)?;
    }
    Ok(Ended::Well)
}

/// What stands where the secret would.
const THE_SECRET: &str = "[the secret]";

/// The URL to send to.
fn to(command: &SignCommand, page: &Page) -> Result<String, Failure> {
    match &command.to {
        Some(to) => Ok(endpoint(page, to)?.to_string()),
        None => Ok(format!("http://localhost:3000/webhooks/{}", page.name)),
    }
}

/// Prints the request as it goes over the wire. A credential is not shown: it is the secret.
fn print(request: &SignedRequest, output: &mut Output) -> Result<(), Failure> {
    let page = request.page();
    let query = token_parameter(page).map(|parameter| format!("?{parameter}={THE_SECRET}")).unwrap_or_default();
    output.line(format_args!("POST {}{query} HTTP/1.1", path(request)))?;
    for (name, value) in headers(request) {
        output.line(format_args!("{name}: {value}"))?;
    }
    if let Some(name) = token_header(page) {
        let form =
            if is_basic(page) { "Basic [the secret in base64]".to_owned() } else { header_with(page, THE_SECRET) };
        output.line(format_args!("{name}: {form}"))?;
    }
    output.line(format_args!("content-length: {}\n", request.body().len()))?;
    output.bytes(request.body())?;
    output.line("")?;
    Ok(())
}

/// The place of the secret, if that is the proof. Of a list, the first scheme signs.
fn credential(page: &Page) -> Option<Place> {
    let first = page.scheme.first();
    first.places().next().filter(|_| first.is_credential())
}

/// The query parameter that carries the secret, if that is the proof.
fn token_parameter(page: &Page) -> Option<&'static str> {
    credential(page)?.as_query()
}

/// The header that carries the secret, if that is the proof.
fn token_header(page: &Page) -> Option<&'static str> {
    credential(page)?.as_header()
}

/// The field of the body that carries the secret, if that is the proof.
fn token_field(page: &Page) -> Option<&'static str> {
    credential(page).and_then(|place| place.as_json().or(place.as_form()))
}

/// The path and the query, without a token. A signature is shown.
fn path(request: &SignedRequest) -> String {
    match token_parameter(request.page()) {
        Some(_) => request.path().to_owned(),
        None => request.path_and_query(),
    }
}

/// The value of the header that carries the secret, with another text in its place.
fn header_with(page: &Page, secret: &str) -> String {
    let proof = page.scheme.sign(secret.as_bytes(), b"").ok();
    proof.and_then(|proof| Some(proof.headers().next()?.1.to_owned())).unwrap_or_default()
}

fn is_basic(page: &Page) -> bool {
    *page.scheme.first() == Scheme::basic()
}

/// The headers, without one that carries the secret. The kit writes ASCII headers.
fn headers(request: &SignedRequest) -> impl Iterator<Item = (&str, &str)> {
    let secret = token_header(request.page());
    let headers = request.headers().iter().filter(move |(name, _)| Some(name.as_str()) != secret);
    headers.map(|(name, value)| (name.as_str(), value.to_str().unwrap_or_default()))
}

#[derive(Serialize)]
struct Signed<'a> {
    provider: &'static str,
    method: &'static str,
    path: String,
    /// The public URL, if it is signed.
    url: Option<&'a str>,
    /// The query parameter that must carry the secret.
    token_parameter: Option<&'static str>,
    /// The header that must carry the secret.
    token_header: Option<&'static str>,
    /// The field of the body that must carry the secret.
    token_field: Option<&'static str>,
    /// How that is written: `Bearer and the token`.
    token_form: Option<String>,
    headers: BTreeMap<&'a str, &'a str>,
    /// If it is text.
    body: Option<&'a str>,
    /// If it is not.
    body_base64: Option<String>,
    /// What the receiver needs, if a private key signed.
    public_key: Option<String>,
}

impl<'a> Signed<'a> {
    fn new(request: &'a SignedRequest) -> Self {
        let page = request.page();
        let body = std::str::from_utf8(request.body()).ok();
        Self {
            provider: page.name,
            method: "POST",
            path: path(request),
            url: page.scheme.signs_url().then(|| request.url()),
            token_parameter: token_parameter(page),
            token_header: token_header(page),
            token_field: token_field(page),
            token_form: credential(page).map(|_| plain(page.scheme.grammar())),
            headers: headers(request).collect(),
            body,
            body_base64: body.is_none().then(|| STANDARD.encode(request.body())),
            public_key: request.public_key(),
        }
    }
}

/// A command line for a POSIX shell. The secret is not in it: if it is the proof, the line says
/// where to read it. `--url-query` needs `curl` 7.87.
fn curl(
    command: &SignCommand,
    secret: &SecretInput,
    request: &SignedRequest,
    given: &Bytes,
) -> Result<String, Failure> {
    let page = request.page();
    if token_field(page).is_some() {
        return Err(Failure::usage(format!(
            "a `curl` line does not show the secret, and {} sends it in the body: use `countersign send`",
            page.title
        )));
    }
    let mut line = vec!["curl --globoff".to_owned()];
    for (name, value) in headers(request) {
        line.push(format!("--header {}", quoted(&format!("{name}: {value}"))));
    }
    if let Some(parameter) = token_parameter(page) {
        if secret.bytes.contains(&b' ') {
            // `curl` would write it as `+`, which means a plus.
            return Err(Failure::usage("`curl` cannot write a token with a space into a URL: use `countersign send`"));
        }
        line.push(format!("--url-query {}", token(parameter, &command.secret)?));
    }
    if let Some(header) = token_header(page) {
        let variable = variable(&command.secret).ok_or_else(|| {
            Failure::usage(
                "a `curl` line does not show the secret: give it in an environment variable, with --secret-env",
            )
        })?;
        line.push(if is_basic(page) {
            format!("--user \"${variable}\"")
        } else {
            // A name and what stands before the secret may come from a file, and mean something to a shell.
            let value = header_with(page, THE_SECRET);
            let before = value.strip_suffix(THE_SECRET).unwrap_or_default();
            format!("--header {}\"${variable}\"", quoted(&format!("{header}: {before}")))
        });
    }
    line.push(match &command.body.body {
        // Unless it was changed: some proofs are in the body.
        Some(file) if file.as_os_str() != "-" && command.body.set.is_empty() && request.body() == given => {
            format!("--data-binary {}", quoted(&format!("@{}", path_text(file)?)))
        }
        _ => {
            let text = std::str::from_utf8(request.body()).ok().filter(|text| !text.contains('\0'));
            let text = text.ok_or_else(|| {
                Failure::usage(
                    "the body is not text: give it as a file, with --body FILE, from which `curl` can read it",
                )
            })?;
            format!("--data-raw {}", quoted(text))
        }
    });
    line.push(quoted(&match (&command.to, request.query().filter(|_| token_parameter(page).is_none())) {
        (Some(_), None) => to(command, page)?,
        (Some(_), Some(signature)) => with_query(&to(command, page)?, signature),
        (None, _) => format!("http://localhost:3000{}", path(request)),
    }));
    Ok(line.join(" "))
}

/// The URL with another parameter in its query.
fn with_query(url: &str, parameter: &str) -> String {
    let (url, fragment) = url.split_once('#').unwrap_or((url, ""));
    let separator = if url.contains('?') { '&' } else { '?' };
    format!("{url}{separator}{parameter}{}{fragment}", if fragment.is_empty() { "" } else { "#" })
}

/// The variable of the environment that has the secret, if a shell can name it.
fn variable(secret: &SecretSource) -> Option<&str> {
    let is_name = |name: &&str| {
        !name.starts_with(|first: char| first.is_ascii_digit())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    secret.secret_env.as_deref().filter(is_name)
}

/// The token in a URL's query, which `curl` reads and encodes.
fn token(parameter: &str, secret: &SecretSource) -> Result<String, Failure> {
    match (variable(secret), &secret.secret_file) {
        (Some(variable), _) => Ok(format!("\"{parameter}=${variable}\"")),
        (None, Some(file)) => Ok(quoted(&format!("{parameter}@{}", path_text(file)?))),
        _ => Err(Failure::usage(
            "a `curl` line does not show the token: give it in an environment variable or a file, with --secret-env or \
             --secret-file",
        )),
    }
}

fn path_text(file: &Path) -> Result<&str, Failure> {
    file.to_str().ok_or_else(|| Failure::usage(format!("the file name {} is not text", file.display())))
}

/// One word for a POSIX shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}
