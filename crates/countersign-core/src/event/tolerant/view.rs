//! The ways to read a value that is of another type than documented.

use serde_json::Number;

use super::notes::Outcome;

/// A way to read a value.
#[derive(Clone)]
pub(super) enum View {
    Found,
    Number(Number),
    Bool(bool),
    /// A number as text.
    Text,
    /// An object as list: what PHP writes for a list with gaps.
    List,
    Null,
    /// It has two values, and so it has none.
    Repeated,
}

impl View {
    pub(super) fn outcome(&self) -> Outcome {
        match self {
            Self::Found | Self::Null | Self::Repeated => Outcome::Dropped,
            Self::Number(_) => Outcome::ReadAs("number"),
            Self::Bool(_) => Outcome::ReadAs("boolean"),
            Self::Text => Outcome::ReadAs("string"),
            Self::List => Outcome::ReadAs("list"),
        }
    }

    /// The numbers and the boolean that a text is, the closest first.
    pub(super) fn of_scalar(text: &str) -> Vec<Self> {
        let mut views = Vec::new();
        // `serde_json` would also take white space.
        let is_number = text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
        if let Some(number) = is_number.then(|| serde_json::from_str::<Number>(text).ok()).flatten() {
            let whole = whole(&number).map(Self::Number);
            views.push(Self::Number(number));
            views.extend(whole);
        }
        match text {
            "1" | "true" => views.push(Self::Bool(true)),
            "0" | "false" => views.push(Self::Bool(false)),
            _ => {}
        }
        views
    }
}

/// A number with a fraction of zero, as an integer.
fn whole(number: &Number) -> Option<Number> {
    // The first numbers that do not fit. The casts are exact below them.
    const U64_END: f64 = 18_446_744_073_709_551_616.0;
    const I64_START: f64 = -9_223_372_036_854_775_808.0;
    let float = number.as_f64().filter(|float| number.is_f64() && float.fract() == 0.0)?;
    match float {
        0.0..U64_END => Some(Number::from(float as u64)),
        I64_START..0.0 => Some(Number::from(float as i64)),
        _ => None,
    }
}
