//! `countersign key`: under which key a store remembers a captured delivery.

use countersign_core::{
    Rejection, RejectionKind, Secret, Secrets,
    dedupe::{Dedupe, DeliveryKey},
};
use countersign_dedupe::MemoryStore;
use serde::Serialize;

use crate::{
    arguments::KeyCommand,
    output::{Ended, Failure, Output, printable, shortened},
    verification::{EventSummary, Terms},
    words,
};

/// What is printed.
#[derive(Default, Serialize)]
struct Found {
    provider: &'static str,
    verified: bool,
    reason: Option<&'static str>,
    delivery_id: Option<String>,
    key: Option<String>,
    redis_key: Option<String>,
    /// With `--forget`: `removed`, `not_found` or `in_flight`.
    forgotten: Option<&'static str>,
}

pub(crate) fn run(command: &KeyCommand, output: &mut Output) -> Result<Ended, Failure> {
    let entry = command.name;
    let secrets = secrets(command)?;
    let url = command.arrival.url(entry.page, output)?;
    let captured = command.captured.read(entry.page)?;
    let mut found = Found { provider: entry.page.name, ..Found::default() };
    let dedupe = Dedupe::new(MemoryStore::new());
    let dedupe = dedupe.with_namespace(command.namespace.as_str()).with_endpoint(command.endpoint.as_str());
    let terms = Terms { secrets, url, at: command.arrival.at, any_time: false, dedupe: Some(dedupe) };
    let answer = entry.verify(&terms, &captured).map_err(Failure::of)?;
    let (reason, why) = match answer.map(|summary| summary.event) {
        Ok(Ok(event)) => {
            found.verified = true;
            return print(command, event, found, output);
        }
        Ok(Err(_)) => {
            let rejection = Rejection::new(RejectionKind::Undecodable);
            (rejection.kind(), rejection.to_string())
        }
        Err(rejection) => (rejection.kind(), rejection.to_string()),
    };
    found.reason = Some(reason.code());
    output.json(&found)?;
    output.line(format_args!("no key: {why}"))?;
    output.line("\nwhat to change:\n  `countersign verify` explains why.")?;
    Ok(Ended::Badly)
}

fn print(command: &KeyCommand, event: EventSummary, mut found: Found, output: &mut Output) -> Result<Ended, Failure> {
    let title = command.name.page.title;
    let name = shortened(&words::event(&event.name));
    let Some((key, id)) = event.key.zip(event.delivery_id) else {
        output.json(&found)?;
        output.line(format_args!("no key: {name} of {title} is never a duplicate"))?;
        return Ok(Ended::Badly);
    };
    let (id, redis_key) = (id.to_string(), format!("{}{key}", command.prefix));
    output.line(format_args!("{name} of {title}"))?;
    output.line(format_args!("  delivery ID  {}", shortened(&id)))?;
    output.line(format_args!("  key          {key}"))?;
    output.line(format_args!("  in Redis     {}", printable(&redis_key)))?;
    (found.delivery_id, found.key, found.redis_key) = (Some(id), Some(key.to_string()), Some(redis_key));
    let ended = forget(command, key, &mut found, output)?;
    output.json(&found)?;
    Ok(ended)
}

/// One account's, the oldest last: as the service has them.
fn secrets(command: &KeyCommand) -> Result<Secrets, Failure> {
    let secret = |bytes: &[u8]| Secret::new(bytes).map_err(Failure::of);
    let mut secrets = Secrets::new(secret(&command.secret.read()?.bytes)?);
    for previous in command.previous.read()? {
        secrets = secrets.add_previous(secret(&previous.bytes)?);
    }
    Ok(match &command.tenant {
        Some(tenant) => secrets.with_tenant(tenant.as_str()),
        None => secrets,
    })
}

#[cfg(not(feature = "redis"))]
fn forget(_: &KeyCommand, _: DeliveryKey, _: &mut Found, _: &mut Output) -> Result<Ended, Failure> {
    Ok(Ended::Well)
}

#[cfg(feature = "redis")]
fn forget(command: &KeyCommand, key: DeliveryKey, found: &mut Found, output: &mut Output) -> Result<Ended, Failure> {
    use countersign_core::dedupe::Forgotten;

    let Some(variable) = &command.redis_env else { return Ok(Ended::Well) };
    let (word, line, ended) = match crate::forgetting::forget(command, variable, key)? {
        Forgotten::Removed => ("removed", "forgotten: it is handled again if it is sent again", Ended::Well),
        Forgotten::InFlight => {
            ("in_flight", "not forgotten: it is being handled, or its lease has not expired yet", Ended::Badly)
        }
        _ => (
            "not_found",
            "not found: this Redis does not remember it, so it is handled if it is sent again. If it is not, give the \
             previous secrets, --namespace, --endpoint, --tenant and --prefix as the service has them",
            Ended::Badly,
        ),
    };
    found.forgotten = Some(word);
    output.line(format_args!("\n{line}"))?;
    Ok(ended)
}
