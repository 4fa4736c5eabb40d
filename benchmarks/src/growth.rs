//! How the cost grows with what there is more of: a line through what was measured.

use bytes::Bytes;
use countersign::{Secrets, Verifier, providers::ScreenshotCenter};

use crate::{
    rounds::{Contender, Figures, measure},
    verify,
};

/// With so many previous secrets, of which none matches.
pub fn secrets(rounds: usize) -> Vec<(usize, Figures)> {
    let counts = [1, 2, 3, 5, 9];
    let body = Bytes::from_static(verify::body(1024).leak());
    let request = verify::head(&verify::signature(&body));
    let contender = |count: usize| {
        let secrets = (1..count).fold(Secrets::new(verify::SECRET), |secrets, number| {
            secrets.add_previous(format!("previous-secret-{number}"))
        });
        let (verifier, request, body) = (Verifier::<ScreenshotCenter>::new(secrets), request.clone(), body.clone());
        Contender::new(count.to_string(), move || verifier.verify(&request, body.clone()).unwrap())
    };
    counts.into_iter().zip(measure(counts.into_iter().map(contender).collect(), rounds)).collect()
}

/// With so many headers, of which all but three are none of ours.
pub fn headers(rounds: usize) -> Vec<(usize, Figures)> {
    let counts = [8, 16, 32, 64, 96];
    let body = Bytes::from_static(verify::body(1024).leak());
    let contender = |count: usize| {
        let mut request = verify::head(&verify::signature(&body));
        for number in request.headers().len()..count {
            let name = http::HeaderName::try_from(format!("x-none-of-ours-{number}")).unwrap();
            request.headers_mut().insert(name, http::HeaderValue::from_static("value"));
        }
        let (verifier, body) = (verify::verifier(), body.clone());
        Contender::new(count.to_string(), move || verifier.verify(&request, body.clone()).unwrap())
    };
    counts.into_iter().zip(measure(counts.into_iter().map(contender).collect(), rounds)).collect()
}

/// Prints the line of least squares through nanoseconds.
pub fn print(what: &str, points: &[(usize, Figures)]) {
    let points: Vec<_> = points.iter().map(|(count, figures)| (*count as f64, figures.nanos)).collect();
    let (start, slope) = line(&points);
    let measured: Vec<_> = points.iter().map(|(count, nanos)| format!("{count}: {nanos:.0}")).collect();
    println!("* {start:.0} ns, and {slope:.1} ns a {what} ({} ns)", measured.join(", "));
}

/// The line of least squares: where it starts, and what it grows by.
pub fn line(points: &[(f64, f64)]) -> (f64, f64) {
    let count = points.len() as f64;
    let mean_x = points.iter().map(|(x, _)| x).sum::<f64>() / count;
    let mean_y = points.iter().map(|(_, y)| y).sum::<f64>() / count;
    let slope = points.iter().map(|(x, y)| (x - mean_x) * (y - mean_y)).sum::<f64>()
        / points.iter().map(|(x, _)| (x - mean_x).powi(2)).sum::<f64>();
    (mean_y - slope * mean_x, slope)
}
