//! Reads the captured request that the arguments name.

use std::path::Path;

use countersign_core::provider::Page;

use crate::{arguments::CapturedRequest, capture::Captured, input, output::Failure};

impl CapturedRequest {
    /// Reads it as a delivery of a provider, whose proof may be in the URL.
    pub(crate) fn read(&self, page: &Page) -> Result<Captured, Failure> {
        let is_in_url = page.scheme.places().any(|place| place.as_query().is_some());
        if is_in_url && self.request.is_none() {
            return Err(Failure::usage(format!(
                "{}'s proof is in the URL: give the complete request with --request",
                page.title
            )));
        }
        let unreadable = |what: &str, file: &Path, why: String| {
            Failure::usage(format!("{what} in {} cannot be read: {why}", file.display()))
        };
        match (&self.request, &self.body) {
            (Some(file), _) => {
                let bytes = input::read("the request", file)?;
                Captured::from_request(bytes).map_err(|error| unreadable("the request", file, error.to_string()))
            }
            (None, Some(file)) => {
                let body = input::read("the body", file)?;
                Captured::from_parts(&self.header, body)
                    .map_err(|_| Failure::usage("--header takes a header such as `Content-Type: application/json`"))
            }
            (None, None) => Err(Failure::usage("no request given: use --request, or --header and --body")),
        }
    }
}
