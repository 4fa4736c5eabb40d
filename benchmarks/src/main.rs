//! Prints `BENCHMARKS.md`. `benchmarks/run` calls it.

use countersign_benchmarks::{
    decode, machine, requests,
    rounds::{Case, Contender, Figures, measure},
    schemes, tables, verify,
};

/// How often each comparison is repeated.
const ROUNDS: usize = 151;

fn main() {
    let verified: Vec<_> = verify::SIZES.iter().map(|&size| (size, measured(verify::contenders(size)))).collect();
    let forged = [("1 KiB".to_owned(), measured(verify::forgeries(1024)))];
    let others = cases(schemes::cases());
    let handled = cases(requests::cases());
    let decoded = cases(decode::cases());

    println!("{}\n", include_str!("introduction.md").trim_end());
    machine::print();
    let by_size = verified.iter().flat_map(|(_, figures)| figures);
    let by_case = forged.iter().chain(&others).chain(&handled).chain(&decoded).flat_map(|(_, figures)| figures);
    tables::spread(by_size.chain(by_case));

    println!("\n## Verification\n\n{}\n", include_str!("verification.md").trim_end());
    tables::by_size(&verified);
    println!("\n{}\n", include_str!("forged.md").trim_end());
    tables::by_case(&forged);
    println!("\n## Other schemes\n\n{}\n", include_str!("schemes.md").trim_end());
    tables::by_case(&others);
    println!("\n## Whole requests\n\n{}\n", include_str!("requests.md").trim_end());
    tables::by_case(&handled);
    println!("\n## Decoding\n\n{}\n", include_str!("decode.md").trim_end());
    tables::by_case(&decoded);
    println!("\n## Not claimed\n\n{}", include_str!("not_claimed.md").trim_end());
}

fn measured(contenders: Vec<Contender<'_>>) -> Vec<Figures> {
    measure(contenders, ROUNDS)
}

fn cases(cases: Vec<Case>) -> Vec<(String, Vec<Figures>)> {
    cases.into_iter().map(|case| (case.name, measured(case.contenders))).collect()
}
