//! `countersign sign`: a delivery as text, as JSON, or as a `curl` command line.

use std::{collections::BTreeMap, path::Path};

use base64::{Engine, engine::general_purpose::STANDARD};
use countersign_testkit::{Documented, SignedRequest};
use serde::Serialize;

use crate::{
    arguments::SignCommand,
    catalog::Job,
    delivery,
    endpoint::endpoint,
    output::{Ended, Failure, Output},
    secret::{SecretInput, SecretSource},
};

pub(crate) fn run(command: SignCommand, output: &mut Output) -> Result<Ended, Failure> {
    command.name.dispatch(Sign { command, output })
}

struct Sign<'a> {
    command: SignCommand,
    output: &'a mut Output,
}

impl Job for Sign<'_> {
    type Output = Result<Ended, Failure>;

    fn run<P: Documented>(self) -> Result<Ended, Failure> {
        let Self { command, output } = self;
        let secret = command.secret.read()?;
        if let Some(warning) = secret.warning() {
            output.warn(warning);
        }
        let (_, payload) = command.body.payload::<P>()?;
        let request = delivery::signed(payload, &secret);
        if command.curl {
            let line = curl(&command, &secret, &request)? + "\n";
            output.bytes(line.as_bytes())?;
        } else {
            output.json(&Signed::new(&request))?;
            print(&request, output)?;
        }
        Ok(Ended::Well)
    }
}

/// Prints the request as it goes over the wire. A token is not shown: it is the secret.
fn print<P: Documented>(request: &SignedRequest<P>, output: &mut Output) -> Result<(), Failure> {
    let query = token_parameter::<P>().map(|parameter| format!("?{parameter}=[the secret]")).unwrap_or_default();
    output.line(format_args!("POST {}{query} HTTP/1.1", request.path()))?;
    for (name, value) in headers(request) {
        output.line(format_args!("{name}: {value}"))?;
    }
    output.line(format_args!("content-length: {}\n", request.body().len()))?;
    output.bytes(request.body())?;
    output.line("")?;
    Ok(())
}

/// The query parameter that carries the secret, if that is the proof.
fn token_parameter<P: Documented>() -> Option<&'static str> {
    P::SCHEME.places().find_map(|place| place.as_query())
}

/// The kit writes ASCII headers.
fn headers<P: Documented>(request: &SignedRequest<P>) -> impl Iterator<Item = (&str, &str)> {
    request.headers().iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap_or_default()))
}

#[derive(Serialize)]
struct Signed<'a> {
    provider: &'static str,
    method: &'static str,
    path: &'a str,
    /// The query parameter that must carry the secret.
    token_parameter: Option<&'static str>,
    headers: BTreeMap<&'a str, &'a str>,
    /// If it is text.
    body: Option<&'a str>,
    /// If it is not.
    body_base64: Option<String>,
}

impl<'a> Signed<'a> {
    fn new<P: Documented>(request: &'a SignedRequest<P>) -> Self {
        let body = std::str::from_utf8(request.body()).ok();
        Self {
            provider: P::NAME,
            method: "POST",
            path: request.path(),
            token_parameter: token_parameter::<P>(),
            headers: headers(request).collect(),
            body,
            body_base64: body.is_none().then(|| STANDARD.encode(request.body())),
        }
    }
}

/// A command line for a POSIX shell. The secret is not in it: if it is the proof, the line says
/// where to read it. `--url-query` needs `curl` 7.87.
fn curl<P: Documented>(
    command: &SignCommand,
    secret: &SecretInput,
    request: &SignedRequest<P>,
) -> Result<String, Failure> {
    let mut line = vec!["curl --globoff".to_owned()];
    for (name, value) in headers(request) {
        line.push(format!("--header {}", quoted(&format!("{name}: {value}"))));
    }
    if let Some(parameter) = token_parameter::<P>() {
        if secret.bytes.contains(&b' ') {
            // `curl` would write it as `+`, which means a plus.
            return Err(Failure::usage("`curl` cannot write a token with a space into a URL: use `countersign send`"));
        }
        line.push(format!("--url-query {}", token(parameter, &command.secret)?));
    }
    line.push(match &command.body.body {
        Some(file) if file.as_os_str() != "-" && command.body.set.is_empty() => {
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
    let to = match &command.to {
        Some(to) => endpoint::<P>(to)?.to_string(),
        None => format!("http://localhost:3000{}", request.path()),
    };
    line.push(quoted(&to));
    Ok(line.join(" "))
}

/// The token in a URL's query, which `curl` reads and encodes.
fn token(parameter: &str, secret: &SecretSource) -> Result<String, Failure> {
    match (&secret.secret_env, &secret.secret_file) {
        // A shell knows no other names.
        (Some(variable), _) if variable.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') => {
            Ok(format!("\"{parameter}=${variable}\""))
        }
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
