//! How often the library allocates for a delivery. The numbers are exact: an allocation more is seen here and in no
//! measured time. What it all takes at once is tested in `memory`.

use countersign_test_support::{self as support, convert};

mod adapters;
mod dedupe;
mod events;
mod verifying;

use std::{
    future::{Future, pending},
    hint::black_box,
    pin::pin,
    task::{Context, Poll, Waker},
    time::Duration,
};

use allocation_counter::{AllocationInfo, measure};
use bytes::Bytes;

/// Pools and tables have grown after these.
const RUNS_BEFORE: usize = 4;

/// What one run allocates, once it has run before: what is made once, such as the caches of `tracing`, does not count.
fn measured<T>(mut run: impl FnMut() -> T) -> AllocationInfo {
    for _ in 0..RUNS_BEFORE {
        black_box(run());
    }
    measure(|| drop(black_box(run())))
}

/// That one run allocates so often.
#[track_caller]
fn assert_allocations<T>(what: &str, expected: i64, run: impl FnMut() -> T) {
    let info = measured(run);
    check(what, expected, signed(info.count_total), signed(info.bytes_total));
}

/// That one run allocates so often more than another.
#[track_caller]
fn assert_additional_allocations<T, U>(what: &str, expected: i64, run: impl FnMut() -> T, bare: impl FnMut() -> U) {
    let (run, bare) = (measured(run), measured(bare));
    let beside = |run, bare| signed(run) - signed(bare);
    check(what, expected, beside(run.count_total, bare.count_total), beside(run.bytes_total, bare.bytes_total));
}

#[track_caller]
fn check(what: &str, expected: i64, count: i64, bytes: i64) {
    assert!(
        count <= expected,
        "{what}: {count} allocations ({bytes} bytes in all), and {expected} are what it took. Look for a `clone`, \
         `to_owned`, `format!`, `Box` or `Vec` on the way. If it is worth that, change the number here, and say in the \
         commit what for"
    );
    assert!(count == expected, "{what}: {count} allocations, and no longer {expected}: lower the number here");
}

fn signed(count: u64) -> i64 {
    count.try_into().expect("few")
}

/// A body whose clones allocate nothing, as those of a server's frames: the first clone of what was a `Vec` makes its
/// count of references.
fn shared(body: impl Into<Bytes>) -> Bytes {
    let body = body.into();
    drop(body.clone());
    body
}

/// What comes of a future that nothing keeps waiting.
fn ready<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("nothing keeps it waiting"),
    }
}

/// No time passes.
async fn sleep(_: Duration) {
    pending().await
}
