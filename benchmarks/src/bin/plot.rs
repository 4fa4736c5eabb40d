//! Draws points as one SVG on standard output: `plot FILE`, with a panel for each name that stands first in its lines of
//! `panel⇥series⇥x label⇥y label⇥x⇥y`.

use std::{error::Error, fs, ops::Range};

use plotters::{
    coord::{
        Shift,
        ranged1d::{DefaultFormatting, KeyPointHint},
    },
    prelude::*,
    style::text_anchor::{HPos, Pos, VPos},
};

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

const COLUMNS: usize = 2;
const PANEL: (u32, u32) = (460, 360);
/// The height of a line of the legend.
const LINE: i32 = 20;
/// Colours that the colour-blind can tell apart too (Okabe and Ito), on white.
const COLOURS: [RGBColor; 6] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(230, 159, 0),
    RGBColor(60, 60, 60),
];

struct Panel<'a> {
    name: &'a str,
    labels: [&'a str; 2],
    series: Vec<(&'a str, Vec<(f64, f64)>)>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let file = std::env::args().nth(1).ok_or("of which file?")?;
    let lines = fs::read_to_string(file)?;
    let panels = read(&lines)?;
    let mut svg = String::new();
    draw(&panels, &mut svg)?;
    print!("{svg}");
    Ok(())
}

/// Panels and series in the order in which they come first.
fn read(lines: &str) -> Result<Vec<Panel<'_>>, Box<dyn Error>> {
    let mut panels: Vec<Panel> = Vec::new();
    for line in lines.lines() {
        let [panel, series, x_label, y_label, x, y] = line.split('\t').collect::<Vec<_>>()[..] else {
            return Err(format!("six fields with tabs between are expected: {line}").into());
        };
        let point = (x.parse()?, y.parse()?);
        let place = panels.iter().position(|known| known.name == panel).unwrap_or_else(|| {
            panels.push(Panel { name: panel, labels: [x_label, y_label], series: Vec::new() });
            panels.len() - 1
        });
        let known = &mut panels[place].series;
        match known.iter_mut().find(|(name, _)| *name == series) {
            Some((_, points)) => points.push(point),
            None => known.push((series, vec![point])),
        }
    }
    Ok(panels)
}

fn draw(panels: &[Panel], svg: &mut String) -> Result<(), Box<dyn Error>> {
    let rows = panels.len().div_ceil(COLUMNS);
    let size = (PANEL.0 * COLUMNS as u32, PANEL.1 * rows as u32);
    let root = SVGBackend::with_string(svg, size).into_drawing_area();
    // Else the text would be black on whatever the page is.
    root.fill(&WHITE)?;
    for (panel, area) in panels.iter().zip(root.split_evenly((rows, COLUMNS))) {
        draw_panel(panel, &area)?;
    }
    root.present()?;
    Ok(())
}

fn draw_panel(panel: &Panel, area: &Area) -> Result<(), Box<dyn Error>> {
    let (width, _) = area.dim_in_pixel();
    let centre = Pos::new(HPos::Center, VPos::Top);
    let title = ("sans-serif", 19).into_text_style(area).pos(centre);
    area.draw(&Text::new(panel.name, (width as i32 / 2, 12), title))?;
    for (index, (name, _)) in panel.series.iter().enumerate() {
        let (column, row) = ((index % 2) as i32, (index / 2) as i32);
        let (x, y) = (60 + column * (width as i32 - 60) / 2, 42 + row * LINE);
        let label = ("sans-serif", 15).into_text_style(area).pos(Pos::new(HPos::Left, VPos::Center));
        area.draw(&PathElement::new([(x, y), (x + 18, y)], colour(index).stroke_width(2)))?;
        area.draw(&Circle::new((x + 9, y), 3, colour(index).filled()))?;
        area.draw(&Text::new(*name, (x + 24, y), label))?;
    }
    let legend = panel.series.len().div_ceil(2) as i32 * LINE;

    let points = || panel.series.iter().flat_map(|(_, points)| points);
    let x_axis = Axis::new(points().map(|(x, _)| *x).collect());
    let y_axis = Axis::new(points().map(|(_, y)| *y).collect());
    let mut chart = ChartBuilder::on(area)
        .margin_top(38 + legend)
        .margin_right(18)
        .margin_bottom(8)
        .margin_left(8)
        .x_label_area_size(44)
        .y_label_area_size(56)
        .build_cartesian_2d(x_axis, y_axis)?;
    chart
        .configure_mesh()
        .max_light_lines(0)
        .bold_line_style(RGBColor(222, 222, 222))
        .axis_style(RGBColor(120, 120, 120))
        .label_style(("sans-serif", 15))
        .axis_desc_style(("sans-serif", 15))
        .x_desc(panel.labels[0])
        .y_desc(panel.labels[1])
        .x_label_formatter(&label)
        .y_label_formatter(&label)
        .draw()?;
    // The first is drawn last: what lies on one another is to look like it.
    for (index, (_, points)) in panel.series.iter().enumerate().rev() {
        chart.draw_series(LineSeries::new(points.iter().copied(), colour(index).stroke_width(2)))?;
        chart.draw_series(points.iter().map(|point| Circle::new(*point, 3, colour(index).filled())))?;
    }
    Ok(())
}

fn colour(index: usize) -> RGBColor {
    COLOURS[index % COLOURS.len()]
}

fn label(value: &f64) -> String {
    let (value, unit) = match *value {
        value if value >= 1e9 => (value / 1e9, " G"),
        value if value >= 1e6 => (value / 1e6, " M"),
        value if value >= 1e4 => (value / 1e3, " k"),
        value => (value, ""),
    };
    // A multiple of a step need not be the nearest number to what it stands for.
    format!("{}{unit}", (value * 1e6).round() / 1e6)
}

/// An axis: logarithmic where the values span more than a decade and a half, and from zero where they do not.
struct Axis {
    is_logarithmic: bool,
    range: Range<f64>,
    ticks: Vec<f64>,
}

impl Axis {
    fn new(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        values.dedup();
        let (least, most) = (values[0], values[values.len() - 1]);
        if least > 0.0 && most / least > 30.0 {
            let margin = (most / least).powf(0.04);
            let range = least / margin..most * margin;
            let decades = (-12..=12).map(|exponent| 10_f64.powi(exponent));
            return Self { is_logarithmic: true, ticks: decades.filter(|tick| range.contains(tick)).collect(), range };
        }
        let most = if most > 0.0 { most } else { 1.0 };
        let range = 0.0..most * 1.06;
        let decade = 10_f64.powf(most.log10().floor());
        let step = [0.2, 0.5, 1.0, 2.0].map(|step| step * decade).into_iter().find(|step| most / step <= 6.0);
        let step = step.unwrap_or(most);
        Self {
            is_logarithmic: false,
            ticks: (0..).map(|count| f64::from(count) * step).take_while(|tick| *tick <= range.end).collect(),
            range,
        }
    }

    fn place(&self, value: f64) -> f64 {
        if self.is_logarithmic { value.log10() } else { value }
    }
}

impl Ranged for Axis {
    type FormatOption = DefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, (first, last): (i32, i32)) -> i32 {
        let [start, end, place] = [self.range.start, self.range.end, *value].map(|value| self.place(value));
        first + ((place - start) / (end - start) * f64::from(last - first)).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        if hint.weight().allow_light_points() { Vec::new() } else { self.ticks.clone() }
    }

    fn range(&self) -> Range<f64> {
        self.range.clone()
    }
}
