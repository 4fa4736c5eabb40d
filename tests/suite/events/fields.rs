//! Every field of every documented payload, as the provider's page shows it.

use countersign::{
    ProviderEvent,
    providers::{
        Analysis, Capture, GeoScoredEvent, Job, Scan, ScreenScoreEvent, ScreenshotCenterEvent, ScreenshotRunEvent,
        ZeodynEvent,
    },
};

use crate::events::{families, fixture};

fn decode<E: ProviderEvent>(provider: &str, event: &str) -> E {
    let decoded = E::decode(&fixture(provider, event)).expect("a documented payload");
    assert_eq!(decoded.name(), event);
    decoded
}

/// The text of an `Option`al field: a `String`, a `Timestamp` or a `LocalDateTime`.
macro_rules! text {
    ($field:expr) => {
        $field.as_ref().map(|text| text.to_string()).as_deref()
    };
}

#[test]
fn every_documented_event_has_its_variant() {
    let expected = [
        ("screenscore", "AnalysisCompleted AnalysisFailed BatchCompleted"),
        ("screenshotcenter", "ScreenshotFinished ScreenshotFailed BatchFinished AppUploadFinished AppUploadFailed"),
        ("screenshotrun", "ScreenshotCompleted ScreenshotFailed"),
        ("zeodyn", "ScoreChange ScanComplete ThresholdAlert BatchComplete"),
        ("geoscored", "ScanCompleted ScanFailed ScanTest"),
    ];
    assert_eq!(families().len(), expected.len());
    for (family, (provider, variants)) in families().iter().zip(expected) {
        assert_eq!(family.provider, provider);
        let fixtures = family.sender().fixtures();
        let read: Vec<_> = fixtures.iter().map(|fixture| family.read(&fixture.body)).collect();
        let seen: Vec<_> = read.iter().map(|seen| seen.variant()).collect();
        assert_eq!(seen.join(" "), variants);
        for (seen, fixture) in read.iter().zip(&fixtures) {
            assert_eq!(seen.name, fixture.event, "{provider}");
        }
    }
}

#[test]
fn the_documented_names_are_those_of_the_pages() {
    assert_eq!(ScreenScoreEvent::NAMES, ["analysis.completed", "analysis.failed", "batch.completed"]);
    assert_eq!(
        ScreenshotCenterEvent::NAMES,
        ["screenshot.finished", "screenshot.failed", "batch.finished", "app.upload.finished", "app.upload.failed"]
    );
    assert_eq!(ScreenshotRunEvent::NAMES, ["screenshot.completed", "screenshot.failed"]);
    assert_eq!(ZeodynEvent::NAMES, ["score_change", "scan_complete", "threshold_alert", "batch_complete"]);
    assert_eq!(GeoScoredEvent::NAMES, ["scan.completed", "scan.failed", "scan.test"]);
}

fn assert_analysis_envelope(analysis: &Analysis) {
    assert_eq!(text!(analysis.event_created_at), Some("2026-04-16T10:23:52Z"));
    assert_eq!(analysis.id, "ana_09jz7p3nqwec1x5vbr4mt8ks2d");
    assert_eq!(text!(analysis.project_id), Some("proj_01hx4k2m9fvbzq3rcw7ndj6e5t"));
    assert_eq!(text!(analysis.image_url), Some("https://example.com/screens/homepage-v2.png"));
    assert_eq!(text!(analysis.created_at), Some("2026-04-16T10:23:45Z"));
}

#[test]
fn screenscore_analysis_completed() {
    let ScreenScoreEvent::AnalysisCompleted(analysis) = decode("screenscore", "analysis.completed") else { panic!() };
    assert_analysis_envelope(&analysis);
    assert_eq!(text!(analysis.status), Some("completed"));
    assert_eq!(text!(analysis.label), Some("Homepage - Variant B"));
    assert_eq!(analysis.score, Some(78.0));
    assert_eq!(analysis.error_message, None);
    assert_eq!(text!(analysis.completed_at), Some("2026-04-16T10:23:52Z"));
    let feedback = analysis.feedback.expect("feedback");
    assert_eq!(
        feedback,
        [
            "The primary CTA button lacks sufficient contrast with the background \u{2014} consider increasing its size \
             or switching to a higher-contrast color.",
            "Text hierarchy between the headline and subheading is too similar in weight; differentiate them more \
             clearly to guide the user's eye.",
        ]
    );
    let breakdown = analysis.breakdown.expect("a breakdown");
    assert_eq!(breakdown.visual_clarity, Some(82.0));
    assert_eq!(breakdown.visual_hierarchy, Some(74.0));
    assert_eq!(breakdown.color_contrast, Some(91.0));
    assert_eq!(breakdown.cta_effectiveness, Some(65.0));
    assert_eq!(breakdown.brand_consistency, Some(80.0));
}

#[test]
fn screenscore_analysis_failed() {
    let ScreenScoreEvent::AnalysisFailed(analysis) = decode("screenscore", "analysis.failed") else { panic!() };
    assert_analysis_envelope(&analysis);
    assert_eq!(text!(analysis.status), Some("failed"));
    assert_eq!(text!(analysis.error_message), Some("The image URL could not be reached."));
    assert_eq!((analysis.label, analysis.score, analysis.breakdown), (None, None, None));
    assert_eq!((analysis.feedback, analysis.completed_at), (None, None));
}

#[test]
fn screenscore_batch_completed_keeps_the_envelope_and_the_json() {
    let ScreenScoreEvent::BatchCompleted(batch) = decode("screenscore", "batch.completed") else { panic!() };
    assert_eq!(text!(batch.fields.event_created_at), Some("2026-04-16T10:30:00Z"));
    assert_eq!(batch.fields.id, "bat_01hx4k2m9fvbzq3rcw7ndj6e5t");
    assert_eq!(batch.json.get().as_bytes(), fixture("screenscore", "batch.completed"));
}

#[test]
fn screenshotcenter_screenshot_finished() {
    let event = decode("screenshotcenter", "screenshot.finished");
    let ScreenshotCenterEvent::ScreenshotFinished(screenshot) = event else { panic!() };
    assert_eq!(screenshot.screenshot_id, "sc_abc123");
    assert_eq!(text!(screenshot.url), Some("https://example.com"));
    assert_eq!(text!(screenshot.status), Some("finished"));
    assert_eq!(text!(screenshot.image_url), Some("https://cdn.screenshotcenter.com/sc_abc123.png"));
    assert_eq!((screenshot.width, screenshot.height), (Some(1280), Some(720)));
    assert_eq!(text!(screenshot.created_at), Some("2026-02-22T14:30:00Z"));
    assert_eq!(screenshot.metadata.expect("metadata").get(), "{}");
}

#[test]
fn screenshotcenter_events_without_a_documented_payload_keep_the_envelope_and_the_json() {
    use ScreenshotCenterEvent::{AppUploadFailed, AppUploadFinished, BatchFinished, ScreenshotFailed};
    let assert_common = |job: &Job| {
        assert_eq!(text!(job.created_at), Some("2026-02-22T14:30:00Z"));
        assert_eq!(job.metadata.as_ref().expect("metadata").get(), "{}");
    };
    for (event, status) in
        [("screenshot.failed", "failed"), ("app.upload.finished", "finished"), ("app.upload.failed", "failed")]
    {
        let (ScreenshotFailed(job) | AppUploadFinished(job) | AppUploadFailed(job)) = decode("screenshotcenter", event)
        else {
            panic!("{event}")
        };
        assert_common(&job.fields);
        assert_eq!(job.fields.screenshot_id, "sc_abc123");
        assert_eq!(text!(job.fields.url), Some("https://example.com"));
        assert_eq!(text!(job.fields.status), Some(status));
        assert_eq!(job.json.get().as_bytes(), fixture("screenshotcenter", event));
    }

    let BatchFinished(batch) = decode("screenshotcenter", "batch.finished") else { panic!() };
    assert_common(&batch.fields);
    assert_eq!((&*batch.fields.screenshot_id, &batch.fields.url), ("", &None));
    assert_eq!(text!(batch.fields.status), Some("finished"));
    assert_eq!(batch.json.get().as_bytes(), fixture("screenshotcenter", "batch.finished"));
}

fn assert_capture(capture: &Capture) {
    assert_eq!(capture.id, "550e8400-e29b-41d4-a716-446655440000");
    assert_eq!(text!(capture.url), Some("https://example.com"));
    assert_eq!(text!(capture.created_at), Some("2026-03-09T10:30:00.000000Z"));
}

#[test]
fn screenshotrun_screenshot_completed() {
    let event = decode("screenshotrun", "screenshot.completed");
    let ScreenshotRunEvent::ScreenshotCompleted(capture) = event else { panic!() };
    assert_capture(&capture);
    assert_eq!(text!(capture.sent_at), Some("2026-03-09T10:30:05.500000Z"));
    assert_eq!(text!(capture.status), Some("completed"));
    assert_eq!(capture.error, None);
    assert_eq!(capture.file_size, Some(245_760));
    assert_eq!(text!(capture.mime_type), Some("image/png"));
    assert_eq!((capture.width, capture.height), (Some(1280), Some(800)));
    assert_eq!(capture.processing_time_ms, Some(3450));
    assert_eq!(text!(capture.image_url), Some("https://screenshotrun.com/api/v1/screenshots/550e8400-.../image"));
    assert_eq!(text!(capture.completed_at), Some("2026-03-09T10:30:05.000000Z"));
    let options = capture.options.expect("options");
    assert_eq!((options.width, options.height), (Some(1280), Some(800)));
    assert_eq!((text!(options.format), options.quality), (Some("png"), Some(80)));
    assert_eq!(text!(options.device), Some("desktop"));
    assert_eq!((options.full_page, options.block_ads), (Some(false), Some(false)));
    assert_eq!((options.block_cookies, options.dark_mode), (Some(true), Some(false)));
    assert_eq!((options.delay, options.timeout), (Some(0.0), Some(30.0)));
    assert_eq!(options.retina, Some(false));
}

#[test]
fn screenshotrun_screenshot_failed() {
    let ScreenshotRunEvent::ScreenshotFailed(capture) = decode("screenshotrun", "screenshot.failed") else { panic!() };
    assert_capture(&capture);
    assert_eq!(text!(capture.sent_at), Some("2026-03-09T10:30:35.000000Z"));
    assert_eq!(text!(capture.status), Some("failed"));
    let error = capture.error.expect("an error");
    assert_eq!(text!(error.message), Some("Page load timed out after 30 seconds."));
    assert_eq!(text!(error.code), Some("TIMEOUT"));
    assert_eq!((capture.options, capture.file_size, capture.mime_type), (None, None, None));
    assert_eq!((capture.width, capture.height, capture.processing_time_ms), (None, None, None));
    assert_eq!((capture.image_url, capture.completed_at), (None, None));
}

#[test]
fn zeodyn_score_change() {
    let ZeodynEvent::ScoreChange(change) = decode("zeodyn", "score_change") else { panic!() };
    assert_eq!(text!(change.url), Some("https://example.com"));
    assert_eq!((change.previous_score, change.new_score), (Some(65.0), Some(72.0)));
    assert_eq!(text!(change.band), Some("Strong Foundation"));
    assert_eq!(text!(change.results_url), Some("https://zeodyn.com/results/a1b2c3d4-..."));
    assert_eq!(text!(change.timestamp), Some("2026-02-22T10:30:00.000Z"));
}

#[test]
fn zeodyn_scan_complete() {
    let ZeodynEvent::ScanComplete(scan) = decode("zeodyn", "scan_complete") else { panic!() };
    assert_eq!(scan.scan_id, "a1b2c3d4-e5f6-7890-abcd-ef1234567890");
    assert_eq!(text!(scan.url), Some("https://example.com"));
    assert_eq!(scan.score, Some(72.0));
    assert_eq!(text!(scan.band), Some("Strong Foundation"));
    assert_eq!(text!(scan.timestamp), Some("2026-02-22T10:30:00.000Z"));
}

#[test]
fn zeodyn_threshold_alert() {
    let ZeodynEvent::ThresholdAlert(alert) = decode("zeodyn", "threshold_alert") else { panic!() };
    assert_eq!(text!(alert.url), Some("https://example.com"));
    assert_eq!((alert.score, alert.threshold), (Some(45.0), Some(50.0)));
    assert_eq!(text!(alert.direction), Some("below_min"));
    assert_eq!(text!(alert.timestamp), Some("2026-02-22T10:30:00.000Z"));
}

#[test]
fn zeodyn_batch_complete() {
    let ZeodynEvent::BatchComplete(batch) = decode("zeodyn", "batch_complete") else { panic!() };
    assert_eq!(batch.batch_id, "b1c2d3e4-f5a6-7890-bcde-f12345678901");
    assert_eq!(text!(batch.label), Some("Monthly check"));
    assert_eq!((batch.total_urls, batch.completed_urls, batch.failed_urls), (Some(20), Some(19), Some(1)));
    assert_eq!(batch.average_score, Some(67.0));
    assert_eq!(text!(batch.timestamp), Some("2026-02-22T10:30:00.000Z"));
}

fn assert_scan_times(scan: &Scan) {
    assert_eq!(scan.scan_id, "abc123");
    assert_eq!(text!(scan.url), Some("https://example.com"));
    // Without a zone, because there is none on the page.
    assert_eq!(text!(scan.created_at), Some("2026-01-15T10:30:00"));
    assert_eq!(text!(scan.completed_at), Some("2026-01-15T10:31:30"));
}

#[test]
fn geoscored_scan_completed() {
    let GeoScoredEvent::ScanCompleted(scan) = decode("geoscored", "scan.completed") else { panic!() };
    assert_scan_times(&scan);
    assert_eq!(text!(scan.status), Some("complete"));
    assert_eq!(scan.overall_score, Some(72.5));
    assert_eq!(scan.error_message, None);
}

#[test]
fn geoscored_scan_failed() {
    let GeoScoredEvent::ScanFailed(scan) = decode("geoscored", "scan.failed") else { panic!() };
    assert_scan_times(&scan);
    assert_eq!(text!(scan.status), Some("failed"));
    assert_eq!(scan.overall_score, None);
    assert_eq!(text!(scan.error_message), Some("The site could not be reached."));
}

#[test]
fn geoscored_scan_test() {
    let GeoScoredEvent::ScanTest(scan) = decode("geoscored", "scan.test") else { panic!() };
    assert_eq!(scan.scan_id, "test_00000000");
    assert_eq!((scan.url, scan.status, scan.overall_score), (None, None, None));
    assert_eq!((scan.error_message, scan.created_at, scan.completed_at), (None, None, None));
}
