//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, builder::PossibleValuesParser, builder::TypedValueParser};
use countersign_testkit::Tampering;

use crate::{
    catalog::{Entry, names},
    chosen::Chosen,
    circumstances::{Arrival, Departure},
    inbox_arguments::InboxCommand,
    secret::{PreviousSecrets, SecretSource},
};

const EXIT_CODES: &str = "\
Exit codes:
  0  success
  1  a delivery does not verify, or was not answered as expected
  2  the command could not run: the message says which argument, file or secret is wrong";

/// Show what a provider sends, send its deliveries to your own server, and explain why a captured
/// delivery does not verify
#[derive(Debug, Parser)]
#[command(name = "countersign", version, after_help = EXIT_CODES, disable_help_subcommand = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,

    /// Print JSON, one document per line. Errors go to standard error, as text
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Providers(ProvidersCommand),
    Sign(SignCommand),
    Send(SendCommand),
    Verify(VerifyCommand),
    Key(KeyCommand),
    Inbox(InboxCommand),
}

/// List the providers, or show one: its proof, events, deadline, retries, and what is not protected
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  countersign providers geoscored\n  countersign providers --scheme acme.toml")]
pub(crate) struct ProvidersCommand {
    /// The provider to show [default: a table of all]
    #[arg(value_name = "NAME", value_parser = names(), hide_possible_values = true)]
    pub(crate) name: Option<&'static Entry>,

    /// Show your own provider, and its page in Rust: a TOML file with its scheme; `-` is standard input
    #[arg(long, value_name = "FILE", conflicts_with = "name")]
    pub(crate) scheme: Option<PathBuf>,
}

/// Sign a delivery as the provider would, and print its headers and body
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  countersign sign zeodyn --secret-env SECRET --event scan_complete --set /score=12
  countersign sign zeodyn --secret-env SECRET --curl --to http://localhost:3000/hooks | sh")]
pub(crate) struct SignCommand {
    #[command(flatten)]
    pub(crate) provider: Chosen,

    #[command(flatten)]
    pub(crate) secret: SecretSource,

    #[command(flatten)]
    pub(crate) body: BodySource,

    #[command(flatten)]
    pub(crate) departure: Departure,

    /// Print a `curl` command line that sends the delivery
    #[arg(long, conflicts_with = "json")]
    pub(crate) curl: bool,

    /// The URL that `curl` sends to [default: http://localhost:3000/webhooks/NAME]
    #[arg(long, value_name = "URL", requires = "curl")]
    pub(crate) to: Option<String>,
}

/// The body to send: a documented payload, or any bytes.
#[derive(Args, Debug)]
pub(crate) struct BodySource {
    /// Send the documented payload of this event [default: the first event]. If countersign has no
    /// documented payloads of the provider, send a made-up one with this event's name
    #[arg(long, value_name = "EVENT")]
    pub(crate) event: Option<String>,

    /// Send the bytes of this file; `-` is standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) body: Option<PathBuf>,

    /// Set a field of the payload: a JSON pointer, and a value in JSON or as plain text, such as
    /// `/data/score=12.5`. In a form, `/name=value`
    #[arg(long, value_name = "POINTER=VALUE", value_parser = field)]
    pub(crate) set: Vec<(String, serde_json::Value)>,
}

/// Send deliveries to a server, and print its answers and what the provider would do next
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  countersign send geoscored --to http://localhost:3000/hooks --secret-env SECRET --all-events
  countersign send zeodyn --to http://localhost:3000/hooks --secret-env SECRET --tamper flipped-body

The deadline for an answer is the provider's; if its page does not say, it is 60 s.

Exit codes:
  0  every delivery was accepted, or with --tamper, answered as expected
  1  at least one was not
  2  nothing was sent: the message says which argument, file or secret is wrong")]
pub(crate) struct SendCommand {
    #[command(flatten)]
    pub(crate) provider: Chosen,

    /// The server's endpoint. A token is added to its query. The system's proxy is used, except for
    /// this machine
    #[arg(long, value_name = "URL")]
    pub(crate) to: String,

    #[command(flatten)]
    pub(crate) secret: SecretSource,

    #[command(flatten)]
    pub(crate) body: BodySource,

    #[command(flatten)]
    pub(crate) departure: Departure,

    /// Send every documented event
    #[arg(long, conflicts_with_all = ["event", "body"])]
    pub(crate) all_events: bool,

    /// Send each delivery N times. A receiver should handle it once, and may answer 409 while it
    /// handles another copy
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(crate) repeat: u32,

    /// Send up to N deliveries at the same time
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub(crate) concurrency: u16,

    /// Tamper with each delivery, to check how the server answers; the original is sent first
    #[arg(long, value_name = "KIND", value_parser = tampering())]
    pub(crate) tamper: Option<Tampering>,

    /// Retry deliveries that are not accepted, as the provider would
    #[arg(long)]
    pub(crate) retry: bool,

    /// Divide the waits before retries by FACTOR
    #[arg(long, value_name = "FACTOR", requires = "retry", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) speed: u32,
}

/// Verify a captured request, and explain why if it does not verify
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  countersign verify geoscored --secret-env SECRET --request captured.http
  countersign verify zeodyn --secret-env SECRET --header 'X-Zeodyn-Signature: 4e…' --body body.json
  countersign verify --scheme acme.toml --secret-env SECRET --request captured.http

Exit codes:
  0  it verifies with the current secret, and its body is as the provider documents
  1  it does not; the first line says why, if it is a known mistake
  2  the command could not run: the message says which argument, file or secret is wrong")]
pub(crate) struct VerifyCommand {
    #[command(flatten)]
    pub(crate) provider: Chosen,

    #[command(flatten)]
    pub(crate) secret: SecretSource,

    #[command(flatten)]
    pub(crate) previous: PreviousSecrets,

    #[command(flatten)]
    pub(crate) captured: CapturedRequest,

    #[command(flatten)]
    pub(crate) arrival: Arrival,
}

/// A captured request, complete or in parts.
#[derive(Args, Debug)]
pub(crate) struct CapturedRequest {
    /// The captured request: first line, headers, empty line, body; `-` is standard input
    #[arg(long, value_name = "FILE", required_unless_present = "body", conflicts_with_all = ["body", "header"])]
    pub(crate) request: Option<PathBuf>,

    /// A header of the request; can be given several times
    #[arg(long, value_name = "NAME: VALUE", requires = "body")]
    pub(crate) header: Vec<String>,

    /// The body of the request; `-` is standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) body: Option<PathBuf>,
}

/// Print the key under which a deduplication store remembers a captured request, and forget it
/// there
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  countersign key zeodyn --secret-env SECRET --request captured.http
  countersign key zeodyn --secret-env SECRET --request captured.http --redis-env REDIS_URL --forget

Give the previous secrets, the namespace, the endpoint and the tenant as the service has them: the
key depends on all of them. A delivery that is being handled is not forgotten.

Exit codes:
  0  the key was printed, and with --forget, the delivery is forgotten
  1  the request does not verify or has no key, or there was nothing to forget
  2  the command could not run: the message says which argument, file, secret or URL is wrong")]
pub(crate) struct KeyCommand {
    /// The provider: `countersign providers` lists them. (There is no --scheme here: a key depends on
    /// your own provider's type)
    #[arg(value_name = "NAME", value_parser = names(), hide_possible_values = true)]
    pub(crate) name: &'static Entry,

    #[command(flatten)]
    pub(crate) secret: SecretSource,

    #[command(flatten)]
    pub(crate) previous: PreviousSecrets,

    #[command(flatten)]
    pub(crate) captured: CapturedRequest,

    #[command(flatten)]
    pub(crate) arrival: Arrival,

    /// The namespace that the service sets with `Dedupe::with_namespace`
    #[arg(long, value_name = "NAME", default_value = "", hide_default_value = true)]
    pub(crate) namespace: String,

    /// The endpoint that the service sets with `Dedupe::with_endpoint`
    #[arg(long, value_name = "NAME", default_value = "", hide_default_value = true)]
    pub(crate) endpoint: String,

    /// The tenant to which the secrets belong in the service
    #[arg(long, value_name = "NAME")]
    pub(crate) tenant: Option<String>,

    /// The prefix of every key in Redis
    #[arg(long, value_name = "PREFIX", default_value = "countersign:")]
    pub(crate) prefix: String,

    /// The environment variable with the URL of the Redis in which to forget the delivery
    #[cfg(feature = "redis")]
    #[arg(long, value_name = "VARIABLE", requires = "forget")]
    pub(crate) redis_env: Option<String>,

    /// Forget the delivery, so that it is handled again if it is sent again
    #[cfg(feature = "redis")]
    #[arg(long, requires = "redis_env")]
    pub(crate) forget: bool,
}

/// `POINTER=VALUE`; a value that is not JSON is a string.
fn field(text: &str) -> Result<(String, serde_json::Value), String> {
    let (pointer, value) =
        text.split_once('=').ok_or("expected a JSON pointer, `=` and a value, such as /data/score=12.5")?;
    let value = serde_json::from_str(value).unwrap_or_else(|_| value.into());
    Ok((pointer.to_owned(), value))
}

fn tampering() -> impl TypedValueParser<Value = Tampering> {
    let names = Tampering::ALL
        .iter()
        .map(|tampering| clap::builder::PossibleValue::new(tampering.name()).help(tampering.description()));
    PossibleValuesParser::new(names).try_map(|name| name.parse::<Tampering>())
}
