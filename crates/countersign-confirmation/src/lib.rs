#![doc = include_str!("../README.md")]

mod api;
mod builder;
mod error;
mod screenshotrun;

pub use builder::ScreenshotRunApiBuilder;
pub use error::{ApiError, ApiErrorKind, ApiSettingsError, ApiSettingsErrorKind};
pub use screenshotrun::{ScreenshotRunApi, agrees};
