//! The events as a user writes them with serde only: the same fields, of the same types.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

pub mod screenscore {
    use super::*;

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
}

pub mod screenshotcenter {
    use super::*;

    #[derive(Serialize, Deserialize)]
    pub struct Screenshot {
        pub screenshot_id: String,
        pub url: Option<String>,
        pub status: Option<String>,
        pub image_url: Option<String>,
        pub width: Option<u64>,
        pub height: Option<u64>,
        pub created_at: Option<String>,
        pub metadata: Option<Box<RawValue>>,
    }
}

pub mod screenshotrun {
    use super::*;

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

    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "camelCase")]
    pub struct ScanComplete {
        pub scan_id: String,
        pub url: Option<String>,
        pub score: Option<f64>,
        pub band: Option<String>,
        pub timestamp: Option<String>,
    }
}

pub mod geoscored {
    use super::*;

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
