//! The arguments of `countersign inbox`.

use std::{
    num::NonZeroUsize,
    time::{Duration, SystemTime},
};

use clap::{Args, Subcommand, ValueEnum};
use countersign_inbox::store::{Filter, RowId, State};

use crate::{inbox_keys::InboxKeys, output::Failure};

/// List, show, redrive and purge the deliveries of an inbox
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  countersign inbox list --store sqlite:inbox.db --state dead
  countersign inbox redrive --store sqlite:inbox.db --state dead --provider stripe --older-than 1h
  countersign inbox purge --store sqlite:inbox.db --resource scan_123 --rows
  countersign inbox counts --store postgres://inbox@db.example/app

A delivery's seal is checked, and its body is decrypted, with the key in COUNTERSIGN_INBOX_KEY (and the
previous one in COUNTERSIGN_INBOX_PREVIOUS_KEY). Without them, the key is read from the file beside the
inbox. Nothing else needs a key.

Exit codes:
  0  it was done
  1  no delivery matches, or the change was not confirmed
  2  the command could not run: the message says what is wrong")]
pub(crate) struct InboxCommand {
    #[command(subcommand)]
    pub(crate) action: InboxAction,

    /// The inbox: `sqlite:` and the path of its file, or a `postgres:` URL
    #[arg(long, value_name = "URL", global = true)]
    pub(crate) store: Option<String>,

    /// The environment variable that has the URL: for one with a password
    #[arg(long, value_name = "NAME", global = true, conflicts_with = "store")]
    pub(crate) store_env: Option<String>,

    /// The namespace of the keys, if the service gives them one
    #[arg(long, value_name = "NAME", global = true)]
    pub(crate) namespace: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum InboxAction {
    /// List deliveries, the newest first
    List {
        #[command(flatten)]
        which: Which,

        /// List up to N
        #[arg(long, value_name = "N", default_value = "50")]
        limit: NonZeroUsize,
    },
    /// Show one delivery, with the errors of its attempts
    Show {
        /// The number of the delivery, as `list` shows it
        id: i64,

        /// Also print the body, as it was received. On a terminal, what controls one is escaped
        #[arg(long)]
        body: bool,
    },
    /// Count deliveries, by state
    Counts {
        #[command(flatten)]
        which: Which,
    },
    /// Make deliveries due now, with all their attempts: dead ones, those that wait for another attempt, and
    /// handled ones whose body was kept
    Redrive {
        #[command(flatten)]
        which: Which,

        #[command(flatten)]
        sure: Sure,
    },
    /// Remove the bodies of deliveries for good. A delivery that was not handled is dead then
    Purge {
        #[command(flatten)]
        which: Which,

        /// Remove the deliveries with their keys. An equal delivery is handled again
        #[arg(long)]
        rows: bool,

        #[command(flatten)]
        sure: Sure,
    },
    /// Bring the schema up to date, or print the statements that do
    Migrate {
        /// Print the statements, and change nothing
        #[arg(long)]
        print: bool,
    },
}

/// Which deliveries: those that match everything that is given.
#[derive(Args, Debug)]
pub(crate) struct Which {
    /// The number of the delivery, as `list` shows it
    #[arg(long, value_name = "NUMBER")]
    id: Option<i64>,

    /// The provider, by its short name
    #[arg(long, value_name = "NAME")]
    provider: Option<String>,

    /// The tenant
    #[arg(long, value_name = "NAME")]
    tenant: Option<String>,

    /// The event
    #[arg(long, value_name = "NAME")]
    event: Option<String>,

    /// The ID of the event's resource
    #[arg(long, value_name = "ID")]
    resource: Option<String>,

    /// The state
    #[arg(long, value_enum)]
    state: Option<StateName>,

    /// Received longer ago than this: `90s`, `30min`, `12h`, `7d`
    #[arg(long, value_name = "TIME", value_parser = duration)]
    older_than: Option<Duration>,

    /// Received within this time: `90s`, `30min`, `12h`, `7d`
    #[arg(long, value_name = "TIME", value_parser = duration)]
    newer_than: Option<Duration>,

    /// With this text in an error
    #[arg(long, value_name = "TEXT")]
    error: Option<String>,
}

/// Whether a change has to be confirmed.
#[derive(Args, Debug)]
pub(crate) struct Sure {
    /// All deliveries, if nothing else says which
    #[arg(long)]
    pub(crate) all: bool,

    /// Do not ask
    #[arg(long)]
    pub(crate) yes: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum StateName {
    Ready,
    Claimed,
    Done,
    Dead,
}

impl Which {
    /// The ID of the resource is also looked for as the `keys` write it.
    pub(crate) fn filter(&self, keys: &InboxKeys, now: SystemTime) -> Filter {
        let ago = |by: Duration| {
            let then = now.checked_sub(by).unwrap_or(SystemTime::UNIX_EPOCH);
            let since = then.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
            i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
        };
        let mut filter = Filter::default();
        filter.id = self.id.map(RowId);
        filter.provider.clone_from(&self.provider);
        filter.tenant.clone_from(&self.tenant);
        filter.event.clone_from(&self.event);
        filter.state = self.state.map(|state| match state {
            StateName::Ready => State::Ready,
            StateName::Claimed => State::Claimed,
            StateName::Done => State::Done,
            StateName::Dead => State::Dead,
        });
        filter.before = self.older_than.map(ago);
        filter.since = self.newer_than.map(ago);
        filter.error.clone_from(&self.error);
        filter.resources = self.resource.as_deref().map(|id| keys.resources(id)).unwrap_or_default();
        filter
    }

    /// A change of everything has to be said.
    pub(crate) fn filter_of_change(&self, sure: &Sure, keys: &InboxKeys, now: SystemTime) -> Result<Filter, Failure> {
        let filter = self.filter(keys, now);
        if filter == Filter::default() && !sure.all {
            return Err(Failure::usage("which deliveries? Say so with --id, --provider, --state, …, or give --all"));
        }
        Ok(filter)
    }
}

/// Parses `90s`, `30min`, `12h`, `7d`.
fn duration(text: &str) -> Result<Duration, String> {
    let digits = text.len().saturating_sub(text.trim_start_matches(|byte: char| byte.is_ascii_digit()).len());
    let (number, unit) = text.split_at_checked(digits).unwrap_or_default();
    let seconds = match unit {
        "s" => 1,
        "min" => 60,
        "h" => 60 * 60,
        "d" => 24 * 60 * 60,
        _ => 0,
    };
    let number = number.parse::<u64>().ok().and_then(|number| number.checked_mul(seconds));
    number
        .filter(|_| seconds > 0)
        .map(Duration::from_secs)
        .ok_or_else(|| "expected a number and a unit, such as 90s, 30min, 12h or 7d".to_owned())
}
