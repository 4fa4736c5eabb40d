//! Writes `BENCHMARKS.md`, on standard output: `benchmarks/run` does it.

use countersign_benchmarks::{growth, machine, rounds::measure, tables, verify};

/// How many rounds are made of each comparison.
const ROUNDS: usize = 151;

fn main() {
    println!("{}", include_str!("introduction.md").trim_end());
    machine::print();

    println!("\n## Verification\n");
    println!("{}\n", include_str!("verification.md").trim_end());
    let sizes: Vec<_> = verify::SIZES.iter().map(|&size| (size, measure(verify::contenders(size), ROUNDS))).collect();
    tables::by_size(&sizes);

    println!("\n## Forged and malformed, 1 KiB\n");
    println!("{}\n", include_str!("forged.md").trim_end());
    tables::ratios("a valid one", &measure(verify::forgeries(1024), ROUNDS));

    println!("\n## How the cost grows, 1 KiB\n");
    println!("{}\n", include_str!("growth.md").trim_end());
    growth::print("secret that is accepted", &growth::secrets(ROUNDS));
    growth::print("header", &growth::headers(ROUNDS));

    println!("\n{}", include_str!("not_claimed.md").trim_end());
}
