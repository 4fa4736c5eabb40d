//! Writes `BENCHMARKS.md`, on standard output, and with `--points FILE` what `plot` draws: `benchmarks/run` does it.

use std::{error::Error, fs::File};

use countersign_benchmarks::{
    decode::{self, Case},
    growth::{self, Step},
    machine,
    points::Series,
    rounds::{Figures, measure},
    tables, verify,
};

/// How many rounds are made of each comparison.
const ROUNDS: usize = 151;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let points = match &arguments[..] {
        [] => None,
        [option, file] if option == "--points" => Some(File::create(file)?),
        _ => return Err("only `--points FILE` is understood".into()),
    };

    println!("{}", include_str!("introduction.md").trim_end());
    machine::print();

    println!("\n## Verification\n");
    println!("{}\n", include_str!("verification.md").trim_end());
    let sizes: Vec<_> = verify::SIZES.iter().map(|&size| (size, measure(verify::contenders(size), ROUNDS))).collect();
    tables::by_size(&sizes);

    println!("\n## Forged and malformed, 1 KiB\n");
    println!("{}\n", include_str!("forged.md").trim_end());
    tables::ratios("a valid one", &measure(verify::forgeries(1024), ROUNDS));

    println!("\n## Decoding\n");
    println!("{}\n", include_str!("decode.md").trim_end());
    tables::by_case(&measured(decode::documented()));
    println!("\n{}\n", include_str!("decode/longer.md").trim_end());
    tables::by_case(&measured(decode::SIZES.into_iter().flat_map(decode::longer).collect()));
    println!("\n{}\n", include_str!("decode/untyped.md").trim_end());
    let sizes = [None].into_iter().chain(decode::SIZES.map(Some));
    tables::by_case(&measured(sizes.flat_map(decode::untyped).collect()));

    println!("\n## How the cost grows\n");
    println!("{}", include_str!("growth.md").trim_end());
    let mut drawn = Vec::new();
    let mut grown = |step, series: Vec<Series>| {
        growth::print(step, &series);
        drawn.extend(series);
    };
    grown(Step::Kib, growth::sizes(ROUNDS));
    grown(Step::Kib, growth::decoding(ROUNDS));
    grown(Step::One("secret"), growth::secrets(ROUNDS));
    grown(Step::One("header"), growth::headers(ROUNDS));
    grown(Step::One("route"), growth::routes(ROUNDS));
    grown(Step::Tenfold, growth::remembered(ROUNDS));
    grown(Step::Tenfold, vec![growth::memory()]);
    if let Some(mut file) = points {
        drawn.iter().try_for_each(|series| series.write_to(&mut file))?;
    }
    Ok(())
}

fn measured(cases: Vec<Case>) -> Vec<(String, Vec<Figures>)> {
    cases.into_iter().map(|case| (case.name, measure(case.contenders, ROUNDS))).collect()
}
