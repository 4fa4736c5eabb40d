//! Secrets: from the environment, a file or a prompt, and never from an argument.

use std::{
    fs,
    io::{IsTerminal, stdin},
    path::PathBuf,
};

use clap::Args;
use zeroize::Zeroizing;

use crate::output::Failure;

/// Where the secret comes from.
#[derive(Args, Debug)]
pub(crate) struct SecretSource {
    /// The environment variable with the secret, which is taken as it stands there
    #[arg(long, value_name = "VARIABLE", conflicts_with = "secret_file")]
    pub(crate) secret_env: Option<String>,

    /// The file with the secret, of which every byte counts, a final line break too
    #[arg(long, value_name = "FILE")]
    pub(crate) secret_file: Option<PathBuf>,
}

/// A secret and where it came from. There is no `Debug` that would show it.
pub(crate) struct SecretInput {
    pub(crate) bytes: Zeroizing<Vec<u8>>,
    /// For messages: `the secret in ZEODYN_WEBHOOK_SECRET`.
    pub(crate) origin: String,
}

impl SecretSource {
    /// Reads it, or asks for it where somebody can answer.
    pub(crate) fn read(&self) -> Result<SecretInput, Failure> {
        match (&self.secret_env, &self.secret_file) {
            (Some(variable), _) => from_environment(variable),
            (None, Some(file)) => {
                let bytes = fs::read(file).map(Zeroizing::new);
                let bytes = bytes.map_err(|error| Failure::of_file("the secret", file, &error))?;
                let origin = format!("the secret in {}", file.display());
                checked(bytes, origin)
            }
            (None, None) if stdin().is_terminal() => {
                let typed = rpassword::prompt_password("secret (it is not shown): ");
                let typed = typed.map_err(|error| Failure::usage(format!("the secret cannot be read: {error}")))?;
                checked(Zeroizing::new(typed.into_bytes()), "the secret that was typed".to_owned())
            }
            (None, None) => Err(Failure::usage(
                "there is no secret: name its environment variable with --secret-env, or its file with --secret-file (it is \
                 asked for where there is a terminal)",
            )),
        }
    }
}

/// The secret in an environment variable.
pub(crate) fn from_environment(variable: &str) -> Result<SecretInput, Failure> {
    let value = std::env::var_os(variable).ok_or_else(|| {
        // Whoever took it for the secret itself must not find that in a log.
        let is_name = variable.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
        let named = if is_name { format!("{variable} is not set") } else { "of this name is not set".to_owned() };
        Failure::usage(format!(
            "the environment variable {named}: give the name of one that is exported, not the secret itself"
        ))
    })?;
    let bytes = Zeroizing::new(value.into_encoded_bytes());
    checked(bytes, format!("the secret in {variable}"))
}

/// Nobody signs with an empty secret.
fn checked(bytes: Zeroizing<Vec<u8>>, origin: String) -> Result<SecretInput, Failure> {
    if bytes.is_empty() {
        return Err(Failure::usage(format!("{origin} is empty")));
    }
    Ok(SecretInput { bytes, origin })
}

impl SecretInput {
    /// What is odd about it, for `sign` and `send`, whose deliveries would be refused by whoever has it right.
    pub(crate) fn warning(&self) -> Option<String> {
        let is_padded = self.bytes.trim_ascii().len() != self.bytes.len();
        is_padded
            .then(|| format!("{} begins or ends with white space or a line break, which is signed with", self.origin))
    }
}
