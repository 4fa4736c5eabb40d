//! `countersign send`: deliveries over HTTP, and how they are answered.

mod expectation;
mod printer;

use std::{cell::RefCell, time::Duration};

use countersign_core::provider::{Provider, Retries};
use countersign_testkit::{Documented, Endpoint, Payload, SignedRequest, Simulator, SimulatorClock, Tampering};
use futures_util::{StreamExt, stream};
use reqwest::{Client, Url, redirect::Policy};

use crate::{
    arguments::SendCommand,
    catalog::Job,
    delivery,
    endpoint::{endpoint, is_local},
    output::{Ended, Failure, Output},
};
use expectation::Expectation;
use printer::Printer;

/// How long to wait for an answer if the provider's page does not say.
const UNDOCUMENTED_DEADLINE: Duration = Duration::from_secs(60);

pub(crate) fn run(command: SendCommand, output: &mut Output) -> Result<Ended, Failure> {
    command.name.dispatch(Send { command, output })
}

struct Send<'a> {
    command: SendCommand,
    output: &'a mut Output,
}

/// A delivery to be sent, once or several times.
struct Outgoing<P> {
    /// The event's name, or the file's.
    label: String,
    request: SignedRequest<P>,
    expectation: Expectation,
}

impl Job for Send<'_> {
    type Output = Result<Ended, Failure>;

    fn run<P: Documented>(self) -> Result<Ended, Failure> {
        let Self { command, output } = self;
        let to = endpoint::<P>(&command.to)?;
        let deliveries = deliveries::<P>(&command, output)?;
        let retries = retries::<P>(command.retry);
        let simulator = Simulator::new(Endpoint::with_client(to.clone(), client(&to)?))
            .with_retries(retries)
            .with_clock(SimulatorClock::faster(command.speed));
        let printer = RefCell::new(Printer::new::<P>(output, &command, &deliveries));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            let copies = deliveries
                .iter()
                .flat_map(|delivery| delivery.labels(command.repeat).map(move |label| (label, delivery)));
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
}

/// The provider's retries, or a single attempt if no retries are asked for.
fn retries<P: Provider>(retry: bool) -> Retries {
    let documented = P::RETRIES.deadline(P::RETRIES.deadline.unwrap_or(UNDOCUMENTED_DEADLINE));
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
fn deliveries<P: Documented>(command: &SendCommand, output: &Output) -> Result<Vec<Outgoing<P>>, Failure> {
    let secret = command.secret.read()?;
    if let Some(warning) = secret.warning() {
        output.warn(warning);
    }
    let payloads = if command.all_events {
        let names = P::PAYLOADS.iter().map(|(name, _)| (*name).to_owned());
        let payloads = Payload::<P>::all().map(|payload| command.body.with_fields(payload));
        names.zip(payloads).map(|(name, payload)| Ok((name, payload?))).collect::<Result<Vec<_>, Failure>>()?
    } else {
        vec![command.body.payload::<P>()?]
    };
    let mut deliveries = Vec::new();
    for (label, payload) in payloads {
        let request = delivery::signed(payload, &secret);
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

/// The delivery tampered with, and the original before it: a server that rejects both shows
/// nothing.
fn tampered<P: Documented>(
    label: String,
    request: &SignedRequest<P>,
    tampering: Tampering,
) -> Result<Vec<Outgoing<P>>, Failure> {
    let tampered = Outgoing {
        label: format!("{label}, {tampering}"),
        request: request.tampered(tampering).map_err(Failure::of)?,
        expectation: Expectation::of(tampering.expected::<P>()),
    };
    Ok(vec![Outgoing { label, request: request.clone(), expectation: Expectation::Control }, tampered])
}

impl<P> Outgoing<P> {
    /// The label of each copy.
    fn labels(&self, copies: u32) -> impl DoubleEndedIterator<Item = String> {
        (1..=copies).map(move |copy| if copies == 1 { self.label.clone() } else { format!("{} #{copy}", self.label) })
    }
}
