//! `countersign verify`

use std::path::Path;

use countersign_testkit::Documented;

use crate::{
    arguments::VerifyCommand,
    capture::Captured,
    catalog::Job,
    diagnosis::{Delivered, Report, diagnose},
    input,
    output::{Ended, Failure, Output},
    secret::{SecretInput, from_environment, from_file},
};

pub(crate) fn run(command: &VerifyCommand, output: &mut Output) -> Result<Ended, Failure> {
    let secret = command.secret.read()?;
    let variables = command.previous_secret_env.iter().map(|name| from_environment("--previous-secret-env", name));
    let files = command.previous_secret_file.iter().map(|file| from_file(file));
    let previous: Vec<SecretInput> = variables.chain(files).collect::<Result<_, _>>()?;
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
        let is_in_url = P::SCHEME.places().any(|place| place.as_query().is_some());
        if is_in_url && self.command.request.is_none() {
            return Err(Failure::usage(format!(
                "{}'s proof is in the URL: give the complete request with --request",
                P::TITLE
            )));
        }
        let captured = captured(self.command)?;
        diagnose::<P>(&Delivered { captured: &captured, secret: &self.secret, previous: &self.previous })
    }
}

fn captured(command: &VerifyCommand) -> Result<Captured, Failure> {
    let unreadable = |what: &str, file: &Path, why: String| {
        Failure::usage(format!("{what} in {} cannot be read: {why}", file.display()))
    };
    match (&command.request, &command.body) {
        (Some(file), _) => {
            let bytes = input::read("the request", file)?;
            Captured::from_request(bytes).map_err(|error| unreadable("the request", file, error.to_string()))
        }
        (None, Some(file)) => {
            let body = input::read("the body", file)?;
            Captured::from_parts(&command.header, body)
                .map_err(|_| Failure::usage("--header takes a header such as `Content-Type: application/json`"))
        }
        (None, None) => Err(Failure::usage("no request given: use --request, or --header and --body")),
    }
}
