//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, builder::PossibleValuesParser, builder::TypedValueParser};
use countersign_testkit::Tampering;

use crate::{catalog::Name, secret::SecretSource};

const EXIT_CODES: &str = "\
Exit codes:
  0  everything is as it should be
  1  it is not: a delivery is not genuine, or was not answered as it should be
  2  it could not be tried: the arguments, a file or a secret are wrong; the message says which";

/// For people who integrate webhooks: what a provider sends, its deliveries sent to your own server, and why a captured
/// one does not verify
#[derive(Debug, Parser)]
#[command(name = "countersign", version, after_help = EXIT_CODES, disable_help_subcommand = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,

    /// Print JSON: one document a line. What could not be tried is said on standard error, as text
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Providers(ProvidersCommand),
    Sign(SignCommand),
    Send(SendCommand),
    Verify(VerifyCommand),
}

/// List the providers, or show one: its proof, events, deadline, retries, and what is not protected
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  countersign providers geoscored")]
pub(crate) struct ProvidersCommand {
    /// The provider to show; all of them as a table if none is named
    #[arg(value_name = "NAME")]
    pub(crate) name: Option<Name>,
}

/// Sign a delivery as the provider would, and print its headers and body
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  countersign sign zeodyn --secret-env SECRET --event scan_complete --set /score=12
  countersign sign zeodyn --secret-env SECRET --curl --to http://localhost:3000/hooks | sh")]
pub(crate) struct SignCommand {
    /// The provider
    #[arg(value_name = "NAME")]
    pub(crate) name: Name,

    #[command(flatten)]
    pub(crate) secret: SecretSource,

    #[command(flatten)]
    pub(crate) body: BodySource,

    /// Print a `curl` command line, which sends the delivery when it is run
    #[arg(long, conflicts_with = "json")]
    pub(crate) curl: bool,

    /// Where `curl` is to send it [default: http://localhost:3000/webhooks/NAME]
    #[arg(long, value_name = "URL", requires = "curl")]
    pub(crate) to: Option<String>,
}

/// What is sent: a documented payload, or any bytes.
#[derive(Args, Debug)]
pub(crate) struct BodySource {
    /// The documented payload of this event [default: that of the first event]
    #[arg(long, value_name = "EVENT", conflicts_with = "body")]
    pub(crate) event: Option<String>,

    /// The bytes of this file; `-` is standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) body: Option<PathBuf>,

    /// Set a field of the payload: a JSON pointer, and JSON, or else a string: `/data/score=12.5`
    #[arg(long, value_name = "POINTER=VALUE", value_parser = field)]
    pub(crate) set: Vec<(String, serde_json::Value)>,
}

/// Send deliveries to a server, and print what it answered and what the provider would do next
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  countersign send geoscored --to http://localhost:3000/hooks --secret-env SECRET --all-events
  countersign send zeodyn --to http://localhost:3000/hooks --secret-env SECRET --tamper flipped-body

Where the provider's page does not say how long it waits for an answer, 60 s are waited.

Exit codes:
  0  every delivery was accepted; with --tamper: answered as it has to be
  1  one was not
  2  nothing was sent: the arguments, a file or a secret are wrong; the message says which")]
pub(crate) struct SendCommand {
    /// The provider
    #[arg(value_name = "NAME")]
    pub(crate) name: Name,

    /// The server's endpoint; ScreenshotRun's token is put into its query. Through the system's proxy, unless it is on this
    /// machine
    #[arg(long, value_name = "URL")]
    pub(crate) to: String,

    #[command(flatten)]
    pub(crate) secret: SecretSource,

    #[command(flatten)]
    pub(crate) body: BodySource,

    /// Send every documented event
    #[arg(long, conflicts_with_all = ["event", "body"])]
    pub(crate) all_events: bool,

    /// Send each delivery so many times: the very same, which a receiver should handle once. At the same time, it may answer
    /// 409 while it handles another copy
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(crate) repeat: u32,

    /// Send so many at the same time
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub(crate) concurrency: u16,

    /// Tamper with each delivery, to see that the server does with it what it has to; the genuine one is sent before
    #[arg(long, value_name = "KIND", value_parser = tampering())]
    pub(crate) tamper: Option<Tampering>,

    /// Send again what was not accepted, when the provider would
    #[arg(long)]
    pub(crate) retry: bool,

    /// Wait so many times less before a retry than the provider
    #[arg(long, value_name = "FACTOR", requires = "retry", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) speed: u32,
}

/// Find out whether a captured request is genuine, and if not, why
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  countersign verify geoscored --secret-env SECRET --request captured.http
  countersign verify zeodyn --secret-env SECRET --header 'X-Zeodyn-Signature: 4e…' --body body.json

Exit codes:
  0  it is genuine under the current secret, and what the provider documents
  1  it is not; the first line says why, as far as it is a known mistake
  2  it could not be tried: the arguments, a file or a secret are wrong; the message says which")]
pub(crate) struct VerifyCommand {
    /// The provider
    #[arg(value_name = "NAME")]
    pub(crate) name: Name,

    #[command(flatten)]
    pub(crate) secret: SecretSource,

    /// The environment variable with a secret that was in use before; can be given several times
    #[arg(long, value_name = "VARIABLE")]
    pub(crate) previous_secret_env: Vec<String>,

    /// The file with a secret that was in use before; can be given several times
    #[arg(long, value_name = "FILE")]
    pub(crate) previous_secret_file: Vec<PathBuf>,

    /// The whole request as it was captured: first line, headers, empty line, body; `-` is standard input
    #[arg(long, value_name = "FILE", required_unless_present = "body", conflicts_with_all = ["body", "header"])]
    pub(crate) request: Option<PathBuf>,

    /// A header of the request; can be given several times
    #[arg(long, value_name = "NAME: VALUE", requires = "body")]
    pub(crate) header: Vec<String>,

    /// The body of the request; `-` is standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) body: Option<PathBuf>,
}

/// `POINTER=VALUE`; a value that is not JSON is a string.
fn field(text: &str) -> Result<(String, serde_json::Value), String> {
    let (pointer, value) = text.split_once('=').ok_or("it is a JSON pointer, `=`, and a value: /data/score=12.5")?;
    let value = serde_json::from_str(value).unwrap_or_else(|_| value.into());
    Ok((pointer.to_owned(), value))
}

fn tampering() -> impl TypedValueParser<Value = Tampering> {
    let names = Tampering::ALL
        .iter()
        .map(|tampering| clap::builder::PossibleValue::new(tampering.name()).help(tampering.description()));
    PossibleValuesParser::new(names).try_map(|name| name.parse::<Tampering>())
}
