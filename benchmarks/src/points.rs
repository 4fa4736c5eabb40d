//! Series of points: the line through them for the report, and the points themselves for the plot.

use std::io::{self, Write};

/// What is measured of one contender, as it grows with something.
pub struct Series {
    /// The panel of the plot that it is drawn in, with the others of that name.
    pub panel: &'static str,
    pub name: String,
    /// What it grows with, and what grows, with their units.
    pub labels: (&'static str, &'static str),
    pub points: Vec<(f64, f64)>,
}

impl Series {
    /// The line through the points whose *relative* errors have the least sum of squares: where it starts, and what it grows
    /// by. What is measured spans decades, and so does its noise. `along` is what the line grows with, of a point's `x`.
    pub fn line(&self, along: impl Fn(f64) -> f64) -> (f64, f64) {
        let weights: f64 = self.points.iter().map(|(_, y)| y.powi(-2)).sum();
        let mean = |term: fn(f64, f64) -> f64| {
            self.points.iter().map(|&(x, y)| term(along(x), y) * y.powi(-2)).sum::<f64>() / weights
        };
        let (mean_x, mean_y) = (mean(|x, _| x), mean(|_, y| y));
        let slope = (mean(|x, y| x * y) - mean_x * mean_y) / (mean(|x, _| x * x) - mean_x * mean_x);
        (mean_y - slope * mean_x, slope)
    }

    /// Writes a line for every point, as `plot` reads them.
    pub fn write_to(&self, mut file: impl Write) -> io::Result<()> {
        let (x_label, y_label) = self.labels;
        let name = self.name.replace('`', "");
        self.points
            .iter()
            .try_for_each(|(x, y)| writeln!(file, "{}\t{name}\t{x_label}\t{y_label}\t{x}\t{y}", self.panel))
    }
}
