//! `countersign verify`

use countersign_testkit::Documented;

use crate::{
    arguments::VerifyCommand,
    catalog::Job,
    diagnosis::{Delivered, Report, diagnose},
    output::{Ended, Failure, Output},
    secret::SecretInput,
};

pub(crate) fn run(command: &VerifyCommand, output: &mut Output) -> Result<Ended, Failure> {
    let secret = command.secret.read()?;
    let previous = command.previous.read()?;
    let report = command.name.dispatch(Verify { command, secret, previous })?;
    report.print(output)?;
    Ok(report.ended())
}

struct Verify<'a> {
    command: &'a VerifyCommand,
    secret: SecretInput,
    previous: Vec<SecretInput>,
}

impl Job for Verify<'_> {
    type Output = Result<Report, Failure>;

    fn run<P: Documented>(self) -> Self::Output {
        let captured = self.command.captured.read::<P>()?;
        diagnose::<P>(&Delivered { captured: &captured, secret: &self.secret, previous: &self.previous })
    }
}
