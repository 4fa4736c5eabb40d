//! The providers that countersign supports, one page each.
//!
//! To add one, write a file like these, its rows below, and fixtures: see CONTRIBUTING.md.

mod geoscored;
mod screenscore;
mod screenshotcenter;
mod screenshotrun;
mod zeodyn;

pub use geoscored::{GeoScored, GeoScoredEvent, Scan};
pub use screenscore::{Analysis, Batch, Breakdown, ScreenScore, ScreenScoreEvent};
pub use screenshotcenter::{Job, Screenshot, ScreenshotCenter, ScreenshotCenterEvent};
pub use screenshotrun::{Capture, CaptureError, CaptureOptions, ScreenshotRun, ScreenshotRunEvent};
pub use zeodyn::{BatchComplete, ScanComplete, ScoreChange, ThresholdAlert, Zeodyn, ZeodynEvent};

/// Calls a macro with the constructor's name and the type of every provider, in the order of the
/// README's table. A macro in brackets may be a path, and is called with what follows them first.
#[doc(hidden)]
#[macro_export]
macro_rules! __for_each_provider {
    ($callback:ident) => {
        $crate::__for_each_provider! { [$callback] }
    };
    ([$($callback:tt)+] $($first:tt)*) => {
        $($callback)+! {
            $($first)*
            screenscore => ScreenScore,
            screenshotcenter => ScreenshotCenter,
            screenshotrun => ScreenshotRun,
            zeodyn => Zeodyn,
            geoscored => GeoScored,
        }
    };
}

/// Reports a bad scheme at `cargo check`: an associated const that only generic code reads is
/// evaluated by `cargo build`.
macro_rules! check_schemes {
    ($($name:ident => $Provider:ident,)*) => {
        $(const _: crate::provider::Scheme = <$Provider as crate::provider::Provider>::SCHEME;)*
    };
}

__for_each_provider!(check_schemes);
