//! Tables of Markdown.

use crate::rounds::Figures;

/// A row for each contender, a column for each size: nanoseconds, the ratio to the reference, and its quartiles.
pub fn by_size(sizes: &[(usize, Vec<Figures>)]) {
    let heads: Vec<_> = sizes.iter().map(|(size, _)| bytes(*size)).collect();
    println!("| | {} | allocations |", heads.join(" | "));
    println!("|---|{}--:|", "--:|".repeat(sizes.len()));
    for index in 0..sizes[0].1.len() {
        let row: Vec<_> = sizes.iter().map(|(_, figures)| cell(&figures[index])).collect();
        let first = &sizes[0].1[index];
        println!("| {} | {} | {} |", first.name, row.join(" | "), first.allocations);
    }
}

/// A row for each case, a column for each contender: the same, and allocations.
pub fn by_case(cases: &[(String, Vec<Figures>)]) {
    let heads: Vec<_> = cases[0].1.iter().map(|figures| figures.name.as_str()).collect();
    println!("| | {} |", heads.join(" | "));
    println!("|---|{}", "--:|".repeat(heads.len()));
    for (name, figures) in cases {
        let row: Vec<_> = figures.iter().map(|figures| format!("{}, {}", cell(figures), figures.allocations)).collect();
        println!("| {name} | {} |", row.join(" | "));
    }
}

/// A row for each contender, against the first.
pub fn ratios(reference: &str, figures: &[Figures]) {
    println!("| | ns | times {reference} | middle half of the rounds |");
    println!("|---|--:|--:|--:|");
    for figures in figures {
        let (low, high) = figures.quartiles;
        println!("| {} | {:.0} | {:.3} | {low:.3} to {high:.3} |", figures.name, figures.nanos, figures.ratio);
    }
}

fn cell(figures: &Figures) -> String {
    let (low, high) = figures.quartiles;
    format!("{:.0} ({:.2}; {low:.2} to {high:.2})", figures.nanos, figures.ratio)
}

pub fn bytes(size: usize) -> String {
    match size {
        size if size % (1024 * 1024) == 0 => format!("{} MiB", size / (1024 * 1024)),
        size if size % 1024 == 0 => format!("{} KiB", size / 1024),
        size => format!("{size} B"),
    }
}
