//! How far a long run is, on standard error, where somebody looks at it.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// Shown from so many deliveries on, or if there are waits.
const LONG: u64 = 20;

pub(super) struct Progress(ProgressBar);

impl Progress {
    /// Nothing is shown where standard error is no terminal.
    pub(super) fn new(deliveries: u64, has_waits: bool) -> Self {
        if deliveries < LONG && !has_waits {
            return Self(ProgressBar::hidden());
        }
        let bar = ProgressBar::new(deliveries);
        if let Ok(style) = ProgressStyle::with_template("{pos} of {len} deliveries, {elapsed}{msg}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(250));
        Self(bar)
    }

    pub(super) fn delivered(&self) {
        self.0.inc(1);
    }

    pub(super) fn waiting(&self, what: String) {
        self.0.set_message(what);
    }

    /// Prints beside the bar.
    pub(super) fn aside<T>(&self, print: impl FnOnce() -> T) -> T {
        self.0.suspend(print)
    }

    pub(super) fn finish(&self) {
        self.0.finish_and_clear();
    }
}
