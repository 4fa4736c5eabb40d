//! Secrets: from the environment, a file or a prompt, never from an argument.

use std::{
    io::{IsTerminal, stdin},
    path::{Path, PathBuf},
};

use clap::Args;
use countersign_core::{
    __private::{Oddity, oddities},
    provider::Page,
};
use zeroize::Zeroizing;

use crate::{
    input,
    output::{Failure, Output},
};

/// No secret is longer, in bytes.
const LONGEST: u64 = 64 * 1024;

/// Where the secret comes from.
#[derive(Args, Debug)]
pub(crate) struct SecretSource {
    /// The environment variable with the secret, which is used verbatim
    #[arg(long, value_name = "VARIABLE", conflicts_with = "secret_file")]
    pub(crate) secret_env: Option<String>,

    /// The file with the secret, which is used verbatim, including a final line break
    #[arg(long, value_name = "FILE")]
    pub(crate) secret_file: Option<PathBuf>,
}

/// Where previous secrets come from, if there are any.
#[derive(Args, Debug)]
pub(crate) struct PreviousSecrets {
    /// The environment variable with a previous secret; can be given several times, the newest
    /// first
    #[arg(long, value_name = "VARIABLE")]
    pub(crate) previous_secret_env: Vec<String>,

    /// The file with a previous secret; can be given several times, the newest first
    #[arg(long, value_name = "FILE")]
    pub(crate) previous_secret_file: Vec<PathBuf>,
}

impl PreviousSecrets {
    /// Reads them: first those of the environment, then those of files.
    pub(crate) fn read(&self) -> Result<Vec<SecretInput>, Failure> {
        let variables = self.previous_secret_env.iter().map(|name| from_environment("--previous-secret-env", name));
        let files = self.previous_secret_file.iter().map(|file| from_file(file));
        variables.chain(files).collect()
    }
}

/// A secret and its origin. It has no `Debug`, which would show it.
pub(crate) struct SecretInput {
    pub(crate) bytes: Zeroizing<Vec<u8>>,
    /// For messages: `the secret in ZEODYN_WEBHOOK_SECRET`.
    pub(crate) origin: String,
}

impl SecretSource {
    /// Reads it, or prompts for it on a terminal.
    pub(crate) fn read(&self) -> Result<SecretInput, Failure> {
        match (&self.secret_env, &self.secret_file) {
            (Some(variable), _) => from_environment("--secret-env", variable),
            (None, Some(file)) => from_file(file),
            (None, None) if stdin().is_terminal() => {
                let typed = rpassword::prompt_password("secret (not shown): ");
                let typed = typed.map_err(|error| Failure::usage(format!("the secret cannot be read: {error}")))?;
                checked(Zeroizing::new(typed.into_bytes()), "the secret that was typed".to_owned())
            }
            (None, None) => Err(Failure::usage(
                "no secret given: use --secret-env with the name of an environment variable, or --secret-file with a file (on a \
                 terminal, it is prompted for)",
            )),
        }
    }
}

/// Reads the secret from the environment variable that `option` names. Errors do not show the name:
/// a user may have given the secret itself instead.
fn from_environment(option: &str, variable: &str) -> Result<SecretInput, Failure> {
    let value = std::env::var_os(variable).ok_or_else(|| {
        Failure::usage(format!(
            "the environment variable that {option} names is not set: give the name of an exported variable, not the \
             secret itself"
        ))
    })?;
    let bytes = Zeroizing::new(value.into_encoded_bytes());
    checked(bytes, format!("the secret in {variable}"))
}

/// Reads the secret from a file.
fn from_file(file: &Path) -> Result<SecretInput, Failure> {
    let bytes = input::read_file("the secret", file, LONGEST)?;
    checked(Zeroizing::new(bytes), format!("the secret in {}", file.display()))
}

/// Rejects an empty secret.
fn checked(bytes: Zeroizing<Vec<u8>>, origin: String) -> Result<SecretInput, Failure> {
    if bytes.is_empty() {
        return Err(Failure::usage(format!("{origin} is empty")));
    }
    Ok(SecretInput { bytes, origin })
}

impl SecretInput {
    /// Warns, for `sign` and `send`, of a secret that looks wrong: a server with the right one would
    /// reject their deliveries.
    pub(crate) fn warn(&self, page: &Page, output: &Output) {
        // A private key has lines.
        if page.scheme.key().is_some_and(|key| key.is_public()) {
            return;
        }
        // A short secret is a right one in tests.
        let odd = oddities(&self.bytes).filter(|oddity| *oddity != Oddity::Short);
        let odd: Vec<_> = odd.map(|oddity| oddity.to_string()).collect();
        if !odd.is_empty() {
            output.warn(format_args!("{} {}. It is used byte for byte", self.origin, odd.join(", and ")));
        }
    }
}
