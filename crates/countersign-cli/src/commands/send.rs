//! `countersign send`: deliveries over HTTP, and how they are answered.

mod expectation;
mod printer;

use std::{cell::RefCell, time::Duration};

use countersign_core::provider::{Page, Retries};
use countersign_testkit::{Endpoint, Payload, SignedRequest, Simulator, SimulatorClock, Tampering, payloads};
use futures_util::{StreamExt, stream};
use reqwest::{Client, Url, redirect::Policy};

use crate::{
    arguments::SendCommand,
    delivery::Signing,
    endpoint::{endpoint, is_local},
    output::{Ended, Failure, Output},
};
use expectation::Expectation;
use printer::Printer;

/// How long to wait for an answer if the provider's page does not say.
const UNDOCUMENTED_DEADLINE: Duration = Duration::from_secs(60);

/// A delivery to be sent, once or several times.
struct Outgoing {
    /// The event's name, or the file's.
    label: String,
    request: SignedRequest,
    expectation: Expectation,
}

pub(crate) fn run(command: &SendCommand, output: &mut Output) -> Result<Ended, Failure> {
    let page = command.provider.entry()?.page;
    let to = endpoint(page, &command.to)?;
    let deliveries = deliveries(command, page, output)?;
    let retries = retries(page, command.retry);
    let simulator = Simulator::new(Endpoint::with_client(to.clone(), client(&to)?))
        .with_retries(retries)
        .with_clock(SimulatorClock::faster(command.speed));
    let printer = RefCell::new(Printer::new(output, command, page, &deliveries));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let copies =
            deliveries.iter().flat_map(|delivery| delivery.labels(command.repeat).map(move |label| (label, delivery)));
        let (simulator, printer) = (&simulator, &printer);
        let mut under_way = stream::iter(copies)
            .map(|(label, delivery)| async move {
                let report = simulator.deliver_observed(&delivery.request, |attempt| {
                    printer.borrow_mut().attempt(&label, delivery.expectation, attempt);
                });
                let report = report.await;
                printer.borrow_mut().delivered(delivery.expectation, &report)
            })
            .buffer_unordered(command.concurrency.into());
        while let Some(printed) = under_way.next().await {
            printed?;
        }
        Ok::<_, Failure>(())
    })?;
    printer.into_inner().finish()
}

/// The provider's retries, or a single attempt if no retries are asked for.
fn retries(page: &Page, retry: bool) -> Retries {
    let documented = page.retries.deadline(page.retries.deadline.unwrap_or(UNDOCUMENTED_DEADLINE));
    if retry { documented } else { documented.attempts(1) }
}

fn client(to: &Url) -> Result<Client, Failure> {
    let client = Client::builder();
    // A proxy would see a token, and would not find this machine's servers.
    let client = if is_local(to) { client.no_proxy() } else { client };
    client
        .user_agent(concat!("countersign/", env!("CARGO_PKG_VERSION")))
        .redirect(Policy::none())
        // Shorter than any server keeps an idle connection.
        .pool_idle_timeout(Duration::from_secs(1))
        .build()
        .map_err(|error| Failure::usage(format!("cannot make HTTP requests: {error}")))
}

/// All deliveries to send, in order.
fn deliveries(command: &SendCommand, page: &'static Page, output: &Output) -> Result<Vec<Outgoing>, Failure> {
    let secret = command.secret.read()?;
    secret.warn(page, output);
    let url = command.departure.url(page, &command.to, output)?;
    let signing = Signing { secret: &secret, at: command.departure.at, url };
    let payloads = if command.all_events { all(command, page)? } else { vec![command.body.payload(page)?] };
    let mut deliveries = Vec::new();
    for (label, payload) in payloads {
        let request = signing.sign(payload, &command.body)?;
        let outgoing = match command.tamper {
            None => {
                let at_once = command.repeat > 1 && command.concurrency > 1;
                let expectation = if at_once { Expectation::AcceptedOrInFlight } else { Expectation::Accepted };
                vec![Outgoing { label, request, expectation }]
            }
            Some(tampering) => tampered(label, &request, tampering)?,
        };
        deliveries.extend(outgoing);
    }
    Ok(deliveries)
}

/// Every documented payload, and its event's name.
fn all(command: &SendCommand, page: &'static Page) -> Result<Vec<(String, Payload)>, Failure> {
    let documented = payloads(page);
    if documented.is_empty() {
        return Err(Failure::usage(format!(
            "--all-events: countersign has no documented payloads of {}: send one event with --event, or a recorded \
             body with --body",
            page.title
        )));
    }
    let payload = |(name, body): &(&str, &'static str)| {
        Ok(((*name).to_owned(), command.body.with_fields(Payload::of_page(page, *body))?))
    };
    documented.iter().map(payload).collect()
}

/// The delivery tampered with, and the original before it: a server that rejects both shows
/// nothing.
fn tampered(label: String, request: &SignedRequest, tampering: Tampering) -> Result<Vec<Outgoing>, Failure> {
    let tampered = Outgoing {
        label: format!("{label}, {tampering}"),
        request: request.tampered(tampering).map_err(Failure::of)?,
        expectation: Expectation::of(tampering.expected_of(request.page())),
    };
    Ok(vec![Outgoing { label, request: request.clone(), expectation: Expectation::Control }, tampered])
}

impl Outgoing {
    /// The label of each copy.
    fn labels(&self, copies: u32) -> impl DoubleEndedIterator<Item = String> {
        (1..=copies).map(move |copy| if copies == 1 { self.label.clone() } else { format!("{} #{copy}", self.label) })
    }
}
