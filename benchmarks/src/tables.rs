//! Tables of Markdown.

use crate::rounds::Figures;

/// Prints a row for each contender, and a column for each size.
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

/// Prints a row for each case, and a column for each contender. A case need not have all of them.
pub fn by_case(cases: &[(String, Vec<Figures>)]) {
    let mut heads = Vec::new();
    for Figures { name, .. } in cases.iter().flat_map(|(_, figures)| figures) {
        if !heads.contains(&name.as_str()) {
            heads.push(name);
        }
    }
    println!("| | {} |", heads.join(" | "));
    println!("|---|{}", "--:|".repeat(heads.len()));
    for (name, figures) in cases {
        let row: Vec<_> = heads
            .iter()
            .map(|head| match figures.iter().find(|figures| figures.name == *head) {
                Some(figures) => format!("{}, {}", cell(figures), figures.allocations),
                None => "–".to_owned(),
            })
            .collect();
        println!("| {name} | {} |", row.join(" | "));
    }
}

/// Prints by how much the quartiles are away from the median ratio, for the worst and for the median contender.
pub fn spread<'a>(figures: impl Iterator<Item = &'a Figures>) {
    let mut spreads: Vec<f64> = figures
        .map(|Figures { ratio, quartiles: (low, high), .. }| 100.0 * (high - ratio).max(ratio - low) / ratio)
        .collect();
    spreads.sort_by(f64::total_cmp);
    let (median, worst) = (spreads[spreads.len() / 2], spreads[spreads.len() - 1]);
    println!(
        "In half of the rounds, the ratio is within {median:.0} % of the printed one (for the median contender; within \
         {worst:.0} % for the worst)."
    );
}

fn cell(figures: &Figures) -> String {
    format!("{:.0} ({:.2})", figures.nanos, figures.ratio)
}

pub fn bytes(size: usize) -> String {
    match size {
        size if size % (1024 * 1024) == 0 => format!("{} MiB", size / (1024 * 1024)),
        size if size % 1024 == 0 => format!("{} KiB", size / 1024),
        size => format!("{size} B"),
    }
}
