//! The events as somebody writes them down who has nothing but serde: the same fields, of the same types, and an enum that
//! serde tells apart by `event`.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

pub mod screenscore {
    use super::*;

    #[derive(Deserialize)]
    #[serde(tag = "event")]
    pub enum Event {
        #[serde(rename = "analysis.completed")]
        AnalysisCompleted(AnalysisEvent),
        #[serde(rename = "analysis.failed")]
        AnalysisFailed(AnalysisEvent),
        #[serde(rename = "batch.completed")]
        BatchCompleted(BatchEvent),
    }

    #[derive(Serialize, Deserialize)]
    pub struct AnalysisEvent {
        pub created_at: Option<String>,
        pub data: Analysis,
    }

    #[derive(Serialize, Deserialize)]
    pub struct Analysis {
        pub id: String,
        pub project_id: Option<String>,
        pub status: Option<String>,
        pub image_url: Option<String>,
        pub label: Option<String>,
        pub score: Option<f64>,
        pub breakdown: Option<Breakdown>,
        pub feedback: Option<Vec<String>>,
        pub error_message: Option<String>,
        pub created_at: Option<String>,
        pub completed_at: Option<String>,
    }

    #[derive(Serialize, Deserialize)]
    pub struct Breakdown {
        pub visual_clarity: Option<f64>,
        pub visual_hierarchy: Option<f64>,
        pub color_contrast: Option<f64>,
        pub cta_effectiveness: Option<f64>,
        pub brand_consistency: Option<f64>,
    }

    #[derive(Serialize, Deserialize)]
    pub struct BatchEvent {
        pub created_at: Option<String>,
        pub data: Batch,
    }

    #[derive(Serialize, Deserialize)]
    pub struct Batch {
        pub id: String,
    }
}

pub mod screenshotcenter {
    use super::*;

    #[derive(Deserialize)]
    #[serde(tag = "event")]
    pub enum Event {
        #[serde(rename = "screenshot.finished")]
        ScreenshotFinished(Screenshot),
        #[serde(rename = "screenshot.failed")]
        ScreenshotFailed(Job),
        #[serde(rename = "batch.finished")]
        BatchFinished(Job),
        #[serde(rename = "app.upload.finished")]
        AppUploadFinished(Job),
        #[serde(rename = "app.upload.failed")]
        AppUploadFailed(Job),
    }

    /// Raw JSON cannot stand in an enum that serde tells apart by a field.
    #[derive(Serialize, Deserialize)]
    pub struct Screenshot<M = serde_json::Value> {
        pub screenshot_id: String,
        pub url: Option<String>,
        pub status: Option<String>,
        pub image_url: Option<String>,
        pub width: Option<u64>,
        pub height: Option<u64>,
        pub created_at: Option<String>,
        pub metadata: Option<M>,
    }

    pub type RawScreenshot = Screenshot<Box<RawValue>>;

    #[derive(Deserialize)]
    pub struct Job {
        pub screenshot_id: Option<String>,
        pub url: Option<String>,
        pub status: Option<String>,
        pub created_at: Option<String>,
        pub metadata: Option<serde_json::Value>,
    }
}

pub mod screenshotrun {
    use super::*;

    #[derive(Deserialize)]
    #[serde(tag = "event")]
    pub enum Event {
        #[serde(rename = "screenshot.completed")]
        ScreenshotCompleted(CaptureEvent),
        #[serde(rename = "screenshot.failed")]
        ScreenshotFailed(CaptureEvent),
    }

    #[derive(Serialize, Deserialize)]
    pub struct CaptureEvent {
        pub data: Capture,
        pub sent_at: Option<String>,
    }

    #[derive(Serialize, Deserialize)]
    pub struct Capture {
        pub id: String,
        pub status: Option<String>,
        pub url: Option<String>,
        pub options: Option<Options>,
        pub error: Option<Error>,
        pub file_size: Option<u64>,
        pub mime_type: Option<String>,
        pub width: Option<u64>,
        pub height: Option<u64>,
        pub processing_time_ms: Option<u64>,
        pub image_url: Option<String>,
        pub created_at: Option<String>,
        pub completed_at: Option<String>,
    }

    #[derive(Serialize, Deserialize)]
    pub struct Options {
        pub width: Option<u64>,
        pub height: Option<u64>,
        pub format: Option<String>,
        pub quality: Option<u64>,
        pub full_page: Option<bool>,
        pub device: Option<String>,
        pub block_ads: Option<bool>,
        pub block_cookies: Option<bool>,
        pub dark_mode: Option<bool>,
        pub delay: Option<f64>,
        pub timeout: Option<f64>,
        pub retina: Option<bool>,
    }

    #[derive(Serialize, Deserialize)]
    pub struct Error {
        pub message: Option<String>,
        pub code: Option<String>,
    }
}

pub mod zeodyn {
    use super::*;

    #[derive(Deserialize)]
    #[serde(tag = "event", rename_all = "snake_case")]
    pub enum Event {
        ScoreChange(ScoreChange),
        ScanComplete(ScanComplete),
        ThresholdAlert(ThresholdAlert),
        BatchComplete(BatchComplete),
    }

    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "camelCase")]
    pub struct ScoreChange {
        pub url: Option<String>,
        pub previous_score: Option<f64>,
        pub new_score: Option<f64>,
        pub band: Option<String>,
        pub results_url: Option<String>,
        pub timestamp: Option<String>,
    }

    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "camelCase")]
    pub struct ScanComplete {
        pub scan_id: String,
        pub url: Option<String>,
        pub score: Option<f64>,
        pub band: Option<String>,
        pub timestamp: Option<String>,
    }

    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "camelCase")]
    pub struct ThresholdAlert {
        pub url: Option<String>,
        pub score: Option<f64>,
        pub threshold: Option<f64>,
        pub direction: Option<String>,
        pub timestamp: Option<String>,
    }

    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "camelCase")]
    pub struct BatchComplete {
        pub batch_id: String,
        pub label: Option<String>,
        pub total_urls: Option<u64>,
        pub completed_urls: Option<u64>,
        pub failed_urls: Option<u64>,
        pub average_score: Option<f64>,
        pub timestamp: Option<String>,
    }
}

pub mod geoscored {
    use super::*;

    #[derive(Deserialize)]
    #[serde(tag = "event")]
    pub enum Event {
        #[serde(rename = "scan.completed")]
        Completed(Scan),
        #[serde(rename = "scan.failed")]
        Failed(Scan),
        #[serde(rename = "scan.test")]
        Test(Scan),
    }

    #[derive(Serialize, Deserialize)]
    pub struct Scan {
        pub scan_id: String,
        pub url: Option<String>,
        pub status: Option<String>,
        pub overall_score: Option<f64>,
        pub error_message: Option<String>,
        pub created_at: Option<String>,
        pub completed_at: Option<String>,
    }
}
