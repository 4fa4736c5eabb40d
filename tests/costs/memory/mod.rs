//! What a verification costs in memory, counted by an allocator that counts. How often it allocates is tested in
//! `allocations`.

use countersign_test_support as support;

mod lookups;

use std::{convert::Infallible, time::Duration};

use allocation_counter::{AllocationInfo, measure};
use axum::{Router, body::Body, http::StatusCode, routing::post};
use bytes::Bytes;
use countersign::{
    Rejection, RejectionKind, Verified, Verifier,
    axum::{VerifyWebhook, Webhook},
    providers::Zeodyn,
};
use http::Request;
use http_body_util::StreamBody;
use tower::ServiceExt as _;

const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;

/// A delivery that `SECRET` signed, of exactly `size` bytes.
struct Sample {
    head: Request<()>,
    body: Bytes,
}

const SECRET: &str = "memory";

impl Sample {
    fn genuine(size: usize) -> Self {
        let body = body(size);
        let tag = support::tag(SECRET.as_bytes(), &body);
        Self { head: head(&tag), body }
    }

    fn forged(size: usize) -> Self {
        Self { head: head(&"0".repeat(64)), body: body(size) }
    }
}

fn head(signature: &str) -> Request<()> {
    let head = Request::post("/webhooks/zeodyn").header("x-zeodyn-signature", signature);
    head.body(()).expect("a request")
}

fn body(size: usize) -> Bytes {
    let (start, end) = (r#"{"event":"scan_complete","scanId":"s","more":""#, r#""}"#);
    let body: Bytes = format!("{start}{}{end}", "x".repeat(size - start.len() - end.len())).into();
    // The first clone of what was a `Vec` allocates its count of references: that is not the verifier's doing.
    drop(body.clone());
    assert_eq!(body.len(), size);
    body
}

/// Runs it once before it counts: caches of `tracing` and the like are filled then.
fn measured(run: impl Fn()) -> AllocationInfo {
    run();
    measure(run)
}

fn verifier() -> Verifier<Zeodyn> {
    Verifier::new(SECRET)
}

fn rejected(result: Result<Verified<Zeodyn>, Rejection>) -> RejectionKind {
    result.expect_err("a rejection").kind()
}

/// One frame after the other, each allocated when it comes and owned by its taker, of the sizes in turn.
fn frames<'a>(body: &'a [u8], sizes: &'a [usize]) -> impl Iterator<Item = Bytes> + Send + use<'a> {
    let mut rest = body;
    let mut sizes = sizes.iter().cycle();
    std::iter::from_fn(move || {
        let size = (*sizes.next()?).min(rest.len());
        let (frame, behind) = rest.split_at(size);
        rest = behind;
        (!frame.is_empty()).then(|| Bytes::copy_from_slice(frame))
    })
}

fn verify_in_frames(sample: &Sample, sizes: &[usize]) -> Result<Verified<Zeodyn>, Rejection> {
    let mut verification = verifier().check_head(&sample.head)?;
    for frame in frames(&sample.body, sizes) {
        verification.push(frame)?;
    }
    verification.finish()
}

#[test]
fn one_frame_of_a_mebibyte_is_handed_on_and_not_copied() {
    let (sample, verifier) = (Sample::genuine(MIB), verifier());
    let info = measured(|| {
        let delivery = verifier.verify_only(&sample.head, sample.body.clone()).expect("genuine");
        assert_eq!(delivery.body().as_ptr(), sample.body.as_ptr());
    });
    assert!(info.bytes_max < KIB as u64, "{info:?}");
}

#[test]
fn t15_a_mebibyte_in_bytes_takes_three_at_most() {
    let sample = Sample::genuine(MIB);
    for sizes in [&[1][..], &[1, 2 * KIB], &[1, 2 * KIB - 1], &[2 * KIB - 8, 2], &[7, 8 * KIB, 1]] {
        let info = measured(|| {
            let delivery = verify_in_frames(&sample, sizes).expect("genuine");
            assert_eq!(delivery.body(), &sample.body);
        });
        assert!(info.bytes_max >= 2 * MIB as u64, "the frames and what they are joined to, in {sizes:?}: {info:?}");
        assert!(info.bytes_max <= 3 * MIB as u64, "in frames of {sizes:?}: {info:?}");
        assert_eq!(info.bytes_current, 0, "{info:?}");
    }
}

#[test]
fn t15_a_mebibyte_in_bytes_takes_three_at_most_through_axum() {
    async fn on_event(hook: Webhook<Zeodyn>) -> StatusCode {
        assert_eq!(hook.event().name(), "scan_complete");
        StatusCode::OK
    }
    for sizes in [&[1][..], &[1, 2 * KIB]] {
        let (info, status) = through_axum(post(on_event), Sample::genuine(MIB), sizes, None);
        assert_eq!(status, StatusCode::OK);
        assert!(info.bytes_max >= 2 * MIB as u64, "the frames and what they are joined to, in {sizes:?}: {info:?}");
        assert!(info.bytes_max <= 3 * MIB as u64, "in frames of {sizes:?}: {info:?}");
    }
}

#[test]
fn t15_a_declared_length_is_never_allocated() {
    let verifier = verifier();
    let mut sample = Sample::genuine(KIB);
    let mut declare = |length: &str| {
        let length = length.parse().expect("a header value");
        sample.head.headers_mut().insert("content-length", length);
        measured(|| {
            let _ = verifier.verify_only(&sample.head, sample.body.clone());
        })
    };
    for length in ["9000000000000000", "18446744073709551616", "9e15", "-1", "NaN"] {
        let info = declare(length);
        assert!(info.bytes_max < KIB as u64, "Content-Length: {length}: {info:?}");
    }

    for (length, expected) in [("9000000000000000", StatusCode::PAYLOAD_TOO_LARGE), ("1048576", StatusCode::OK)] {
        let (info, status) = through_axum(post(|| async {}), Sample::genuine(KIB), &[KIB], Some(length));
        assert_eq!(status, expected, "Content-Length: {length}");
        assert!(info.bytes_max < 64 * KIB as u64, "Content-Length: {length}: {info:?}");
    }
}

#[test]
fn t15_a_forged_body_is_never_joined() {
    let sample = Sample::forged(MIB);
    // All of these frames are kept, the first ones gathered: joined, there would be twice as much.
    for sizes in [&[1][..], &[1, 2 * KIB], &[64 * KIB], &[512 * KIB]] {
        let info = measured(|| {
            assert_eq!(rejected(verify_in_frames(&sample, sizes)), RejectionKind::SignatureMismatch);
        });
        assert!(info.bytes_max >= MIB as u64, "the frames are kept, in {sizes:?}: {info:?}");
        assert!(info.bytes_max <= MIB as u64 * 11 / 10, "in frames of {sizes:?}: {info:?}");

        let (info, status) = through_axum(post(|| async {}), Sample::forged(MIB), sizes, None);
        assert_eq!(status, StatusCode::UNAUTHORIZED);
        assert!(info.bytes_max <= MIB as u64 * 11 / 10, "through axum, in frames of {sizes:?}: {info:?}");
    }
}

#[test]
fn t15_gathered_frames_take_no_more_than_their_size() {
    let sample = Sample::forged(MIB);
    // As large as a packet, or just so that a buffer that doubles is left half empty.
    let mut interrupted = [2 * KIB - 1; 10];
    interrupted[9] = 2 * KIB;
    let sizes = [&[600, 1][..], &[1000], &[1365], &[1460], &[1900], &[2 * KIB - 8, 2], &[2 * KIB - 2, 1], &interrupted];
    for sizes in sizes {
        let info = measured(|| {
            assert_eq!(rejected(verify_in_frames(&sample, sizes)), RejectionKind::SignatureMismatch);
        });
        assert!(info.bytes_max <= MIB as u64 * 11 / 10, "in frames of {sizes:?}: {info:?}");
    }
}

#[test]
fn t15_a_body_over_the_limit_is_let_go_at_once() {
    let sample = Sample::genuine(4 * MIB);
    for sizes in [&[1][..], &[1, 2 * KIB], &[64 * KIB]] {
        let mut kept = None;
        let info = measure(|| {
            let mut verification = verifier().check_head(&sample.head).expect("a head in order");
            let first = frames(&sample.body, sizes).find_map(|frame| verification.push(frame).err());
            assert_eq!(first.map(|error| error.kind()), Some(RejectionKind::BodyTooLarge));
            for frame in frames(&sample.body, sizes) {
                assert!(verification.push(frame).is_err(), "it does not begin anew");
            }
            kept = Some(verification);
        });
        assert!(info.bytes_max <= MIB as u64 * 11 / 10, "in frames of {sizes:?}: {info:?}");
        assert!(info.bytes_current < 4 * KIB as i64, "what is left while the connection is: {info:?}");
        assert_eq!(kept.map(|verification| rejected(verification.finish())), Some(RejectionKind::BodyTooLarge));
    }
}

/// One request through the layer, on this thread, where its allocations are counted; the service and the runtime are
/// there before.
fn through_axum(
    handler: axum::routing::MethodRouter,
    sample: Sample,
    sizes: &'static [usize],
    length: Option<&str>,
) -> (AllocationInfo, StatusCode) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    // The deadline is not what is tested, and hashing a mebibyte byte by byte takes its time on a busy machine.
    let verify = VerifyWebhook::zeodyn(SECRET).with_body_timeout(Duration::from_secs(3600));
    let app = Router::new().route("/webhooks/zeodyn", handler.layer(verify));
    let body: &'static Bytes = Box::leak(Box::new(sample.body));
    let request = || {
        let frames = frames(body, sizes).map(|frame| Ok::<_, Infallible>(http_body::Frame::data(frame)));
        let body = Body::new(StreamBody::new(futures_util::stream::iter(frames)));
        let mut request = Request::from_parts(sample.head.clone().into_parts().0, body);
        if let Some(length) = length {
            request.headers_mut().insert("content-length", length.parse().expect("a header value"));
        }
        request
    };
    let status = std::cell::Cell::new(StatusCode::IM_A_TEAPOT);
    let info = measured(|| {
        let response = runtime.block_on(app.clone().oneshot(request())).expect("infallible");
        status.set(response.status());
    });
    (info, status.get())
}
