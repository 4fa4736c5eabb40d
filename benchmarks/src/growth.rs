//! How the cost grows with what there is more of.

use bytes::Bytes;
use countersign::{Secrets, Verifier, providers::ScreenshotCenter};

use crate::{
    decode,
    points::Series,
    rounds::{Contender, measure},
    tables, verify,
};

mod remembered;
mod routes;

pub use remembered::{memory, remembered};
pub use routes::routes;

const KIB: usize = 1024;

/// With a longer body: ours, the limit, and what users would take instead.
pub fn sizes(rounds: usize) -> Vec<Series> {
    let sizes = [64, 256, KIB, 4 * KIB, 16 * KIB, 64 * KIB, 256 * KIB, 1024 * KIB];
    let names = ["countersign", "ring, cached key", "webhook-verify", "standardwebhooks"];
    per_kib(grown("Verification of a longer body", "body, KiB", &sizes, rounds, |size| {
        named(&names, verify::contenders(size))
    }))
}

/// With more to decode: sentences in a list.
pub fn decoding(rounds: usize) -> Vec<Series> {
    let sizes = [KIB, 4 * KIB, 16 * KIB, 64 * KIB, 256 * KIB, 1024 * KIB];
    let names = ["countersign", "plain struct, `from_slice`", "enum with `tag = \"event\"`", "`Value`"];
    per_kib(grown("Decoding of a longer list", "list, KiB", &sizes, rounds, |size| {
        named(&names, decode::sentences(size))
    }))
}

/// Those of `contenders` that have the `names`, in their order.
fn named(names: &[&str], mut contenders: Vec<Contender<'static>>) -> Vec<Contender<'static>> {
    let place = |contender: &Contender<'_>| names.iter().position(|name| *name == contender.name());
    contenders.retain(|contender| place(contender).is_some());
    contenders.sort_by_key(place);
    contenders
}

/// With so many secrets, of which the last matches.
pub fn secrets(rounds: usize) -> Vec<Series> {
    let body = Bytes::from_static(verify::body(KIB).leak());
    let request = verify::head(&verify::signature(&body));
    grown("Secrets", "secrets that are accepted", &[1, 2, 3, 5, 9], rounds, |count| {
        let secrets = (1..count).fold(Secrets::new(verify::SECRET), |secrets, number| {
            secrets.add_previous(format!("previous-secret-{number}"))
        });
        let (verifier, request, body) = (Verifier::<ScreenshotCenter>::new(secrets), request.clone(), body.clone());
        vec![Contender::new("countersign", move || verifier.verify(&request, body.clone()).unwrap())]
    })
}

/// With so many headers, of which all but three are none of ours.
pub fn headers(rounds: usize) -> Vec<Series> {
    let body = Bytes::from_static(verify::body(KIB).leak());
    grown("Headers", "headers", &[8, 16, 32, 64, 96], rounds, |count| {
        let mut request = verify::head(&verify::signature(&body));
        for number in request.headers().len()..count {
            let name = http::HeaderName::try_from(format!("x-none-of-ours-{number}")).unwrap();
            request.headers_mut().insert(name, http::HeaderValue::from_static("value"));
        }
        let (verifier, body) = (verify::verifier(), body.clone());
        vec![Contender::new("countersign", move || verifier.verify(&request, body.clone()).unwrap())]
    })
}

/// Measures what `contenders` makes of every count, all of them in turns: a series for each of its contenders.
fn grown(
    panel: &'static str,
    label: &'static str,
    counts: &[usize],
    rounds: usize,
    contenders: impl Fn(usize) -> Vec<Contender<'static>>,
) -> Vec<Series> {
    let figures = measure(counts.iter().flat_map(|&count| contenders(count)).collect(), rounds);
    let names = figures.len() / counts.len();
    let series = |index: usize| {
        let nanos = figures.iter().skip(index).step_by(names).map(|figures| figures.nanos);
        Series {
            panel,
            name: figures[index].name.clone(),
            labels: (label, "ns"),
            points: counts.iter().map(|&count| count as f64).zip(nanos).collect(),
        }
    };
    (0..names).map(series).collect()
}

/// What was measured by bytes.
fn per_kib(mut series: Vec<Series>) -> Vec<Series> {
    series.iter_mut().flat_map(|series| &mut series.points).for_each(|(x, _)| *x /= KIB as f64);
    series
}

/// What a line grows by.
pub enum Step {
    Kib,
    /// One more of these.
    One(&'static str),
    Tenfold,
}

/// Prints the line through each of `series`, and the points.
pub fn print(step: Step, series: &[Series]) {
    println!("\n### {}\n", series[0].panel);
    for series in series {
        let unit = series.labels.1;
        let line = match step {
            Step::Kib => {
                let (start, slope) = series.line(|kib| kib);
                format!("{start:.0} {unit}, and {slope:.1} a KiB")
            }
            Step::One(what) => {
                let (start, slope) = series.line(|count| count);
                format!("{start:.0} {unit}, and {slope:.1} a {what}")
            }
            Step::Tenfold => {
                let least = series.points[0].0;
                let (start, slope) = series.line(|count| (count / least).log10());
                format!("{start:.0} {unit} with {least}, and {slope:.1} with each tenfold")
            }
        };
        let place =
            |x: f64| if matches!(step, Step::Kib) { tables::bytes((x * 1024.0) as usize) } else { x.to_string() };
        let points: Vec<_> = series.points.iter().map(|(x, y)| format!("{}: {y:.0}", place(*x))).collect();
        println!("* {}: {line} ({})", series.name, points.join(", "));
    }
}
