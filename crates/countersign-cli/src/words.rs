//! Times, in words.

use std::time::Duration;

use countersign_core::provider::Retries;

/// `0.4 ms`, `40 ms`, `1.5 s`, `30 s`, `5 min`.
pub(crate) fn duration(duration: Duration) -> String {
    match duration.as_secs() {
        0 if duration < Duration::from_millis(10) => format!("{:.1} ms", duration.as_secs_f64() * 1000.0),
        0 => format!("{} ms", duration.as_millis()),
        seconds if seconds >= 60 && seconds % 60 == 0 => format!("{} min", seconds.div_euclid(60)),
        seconds if duration.subsec_millis() < 100 => format!("{seconds} s"),
        _ => format!("{:.1} s", duration.as_secs_f64()),
    }
}

/// How long a provider waits for an answer.
pub(crate) fn deadline(retries: &Retries) -> String {
    retries.deadline.map_or_else(|| "not documented".to_owned(), duration)
}
