#![doc = include_str!("../README.md")]

mod api;
mod api_error;
mod builder;
mod comparison;
mod screenshotrun;
mod settings_error;

pub use api_error::{ApiError, ApiErrorKind};
pub use builder::ScreenshotRunApiBuilder;
pub use screenshotrun::ScreenshotRunApi;
pub use settings_error::{ApiSettingsError, ApiSettingsErrorKind};
