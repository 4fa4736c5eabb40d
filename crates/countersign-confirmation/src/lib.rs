#![doc = include_str!("../README.md")]

mod api;
mod api_error;
mod builder;
mod screenshotrun;
mod settings_error;

pub use api_error::{ApiError, ApiErrorKind};
pub use builder::ScreenshotRunApiBuilder;
pub use screenshotrun::{ScreenshotRunApi, agrees};
pub use settings_error::{ApiSettingsError, ApiSettingsErrorKind};
