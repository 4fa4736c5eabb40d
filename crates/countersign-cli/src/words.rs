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

/// A span that may be long, in its two largest units: `45 s`, `5 min 1 s`, `3 h`, `12 d 4 h`.
pub(crate) fn span(duration: Duration) -> String {
    const UNITS: [(u64, &str); 4] = [(24 * 60 * 60, "d"), (60 * 60, "h"), (60, "min"), (1, "s")];
    let seconds = duration.as_secs();
    let parts = UNITS.iter().enumerate().map(|(index, (unit, name))| {
        let larger = index.checked_sub(1).and_then(|index| UNITS.get(index)).map_or(u64::MAX, |(larger, _)| *larger);
        (seconds.rem_euclid(larger).div_euclid(*unit), *name)
    });
    let parts = parts.skip_while(|(count, _)| *count == 0).take(2).filter(|(count, _)| *count > 0);
    let parts: Vec<_> = parts.map(|(count, name)| format!("{count} {name}")).collect();
    if parts.is_empty() { "less than 1 s".to_owned() } else { parts.join(" ") }
}

/// An event's name, which a delivery may lack.
pub(crate) fn event(name: &str) -> String {
    if name.is_empty() { "a delivery".to_owned() } else { name.to_owned() }
}

/// Markdown's marks are not for terminals.
pub(crate) fn plain(text: impl std::fmt::Display) -> String {
    text.to_string().replace('`', "")
}

/// `GitHub`, `GitHub or Meta`, `GitHub, Meta or Sentry`.
pub(crate) fn any_of(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [others @ .., last] => format!("{} or {last}", others.join(", ")),
    }
}

/// How long a provider waits for an answer.
pub(crate) fn deadline(retries: &Retries) -> String {
    retries.deadline.map_or_else(|| "not documented".to_owned(), duration)
}
