//! What is written through the `log` crate, thread by thread.

use std::cell::RefCell;

use log::{LevelFilter, Log, Metadata, Record};

thread_local! {
    static LINES: RefCell<Vec<(String, String)>> = const { RefCell::new(Vec::new()) };
}

struct Capture;

impl Log for Capture {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        LINES.with_borrow_mut(|lines| lines.push((record.target().to_owned(), record.args().to_string())));
    }

    fn flush(&self) {}
}

/// Keeps everything from now on.
pub fn capture() {
    // A second test of the same process finds it set.
    let _ = log::set_logger(&Capture);
    log::set_max_level(LevelFilter::Trace);
}

/// Target and text of what this thread has written since it was last asked.
pub fn lines() -> Vec<(String, String)> {
    LINES.take()
}
