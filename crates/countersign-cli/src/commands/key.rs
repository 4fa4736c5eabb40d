//! `countersign key`: under which key a store remembers a captured delivery.

use countersign_core::{
    Delivery, Secret, Secrets, Verifier,
    dedupe::{Dedupe, DeliveryKey},
    provider::Provider,
};
use countersign_dedupe::MemoryStore;
use countersign_testkit::Documented;
use serde::Serialize;

use crate::{
    arguments::KeyCommand,
    catalog::Job,
    output::{Ended, Failure, Output, printable, shortened},
};

pub(crate) fn run(command: &KeyCommand, output: &mut Output) -> Result<Ended, Failure> {
    command.name.dispatch(Key { command, output })
}

struct Key<'a> {
    command: &'a KeyCommand,
    output: &'a mut Output,
}

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

impl Job for Key<'_> {
    type Output = Result<Ended, Failure>;

    fn run<P: Documented>(self) -> Self::Output {
        let Self { command, output } = self;
        let secrets = secrets(command)?;
        let captured = command.captured.read::<P>()?;
        let mut found = Found { provider: P::NAME, ..Found::default() };
        // As a receiver may have been set: its limits do not decide.
        let verifier = Verifier::<P>::new(secrets).with_body_limit(usize::MAX);
        let delivery = match verifier.verify(&captured, captured.body().clone()) {
            Ok(delivery) => delivery,
            Err(rejection) => {
                found.reason = Some(rejection.kind().code());
                output.json(&found)?;
                output.line(format_args!("no key: {rejection}"))?;
                output.line("\nwhat to change:\n  `countersign verify` explains why.")?;
                return Ok(Ended::Badly);
            }
        };
        found.verified = true;
        let name = shortened(delivery.event_name());
        let Some(key) = key_of(command, &delivery) else {
            output.json(&found)?;
            output.line(format_args!("no key: {name} of {} is a test, which is never a duplicate", P::TITLE))?;
            return Ok(Ended::Badly);
        };
        let id = delivery.delivery_id().map(|id| id.to_string()).unwrap_or_default();
        let redis_key = format!("{}{key}", command.prefix);
        output.line(format_args!("{name} of {}", P::TITLE))?;
        output.line(format_args!("  delivery ID  {}", shortened(&id)))?;
        output.line(format_args!("  key          {key}"))?;
        output.line(format_args!("  in Redis     {}", printable(&redis_key)))?;
        (found.delivery_id, found.key, found.redis_key) = (Some(id), Some(key.to_string()), Some(redis_key));
        let ended = forget(command, &delivery, &mut found, output)?;
        output.json(&found)?;
        Ok(ended)
    }
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

fn key_of<P: Provider>(command: &KeyCommand, delivery: &Delivery<P>) -> Option<DeliveryKey> {
    command.named(Dedupe::new(MemoryStore::new())).key(delivery)
}

impl KeyCommand {
    /// The names that are part of the key.
    pub(crate) fn named(&self, dedupe: Dedupe) -> Dedupe {
        dedupe.with_namespace(self.namespace.as_str()).with_endpoint(self.endpoint.as_str())
    }
}

#[cfg(not(feature = "redis"))]
fn forget<P: Provider>(_: &KeyCommand, _: &Delivery<P>, _: &mut Found, _: &mut Output) -> Result<Ended, Failure> {
    Ok(Ended::Well)
}

#[cfg(feature = "redis")]
fn forget<P: Provider>(
    command: &KeyCommand,
    delivery: &Delivery<P>,
    found: &mut Found,
    output: &mut Output,
) -> Result<Ended, Failure> {
    use countersign_core::dedupe::Forgotten;

    let Some(variable) = &command.redis_env else { return Ok(Ended::Well) };
    let (word, line, ended) = match crate::forgetting::forget(command, variable, delivery)? {
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
