//! Secrets: from the environment, a file or a prompt, and never from an argument.

use std::{
    io::{IsTerminal, stdin},
    path::{Path, PathBuf},
};

use clap::Args;
use zeroize::Zeroizing;

use crate::{input, output::Failure};

/// No secret is longer, in bytes.
const LONGEST: u64 = 64 * 1024;

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
            (Some(variable), _) => from_environment("--secret-env", variable),
            (None, Some(file)) => from_file(file),
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

/// The secret in the environment variable that the option `option` names. The name is not in the message: whoever took it
/// for the secret itself must not find that in a log.
pub(crate) fn from_environment(option: &str, variable: &str) -> Result<SecretInput, Failure> {
    let value = std::env::var_os(variable).ok_or_else(|| {
        Failure::usage(format!(
            "the environment variable that {option} names is not set: it takes the name of one that is exported, and not the \
             secret itself"
        ))
    })?;
    let bytes = Zeroizing::new(value.into_encoded_bytes());
    checked(bytes, format!("the secret in {variable}"))
}

/// The secret in a file.
pub(crate) fn from_file(file: &Path) -> Result<SecretInput, Failure> {
    let bytes = input::read_file("the secret", file, LONGEST)?;
    checked(Zeroizing::new(bytes), format!("the secret in {}", file.display()))
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
