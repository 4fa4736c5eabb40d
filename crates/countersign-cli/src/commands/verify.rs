//! `countersign verify`

use crate::{
    arguments::VerifyCommand,
    diagnosis::{Delivered, diagnose},
    output::{Ended, Failure, Output},
};

pub(crate) fn run(command: &VerifyCommand, output: &mut Output) -> Result<Ended, Failure> {
    let entry = command.provider.entry()?;
    let (secret, previous) = (command.secret.read()?, command.previous.read()?);
    let url = command.arrival.url(entry.page, output)?;
    let captured = command.captured.read(entry.page)?;
    let at = command.arrival.at;
    let delivered = Delivered { entry, captured: &captured, secret: &secret, previous: &previous, url, at };
    let report = diagnose(&delivered);
    report.print(output)?;
    Ok(report.ended())
}
