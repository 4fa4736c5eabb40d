//! Decoding and whole requests, compared by criterion with a saved baseline: `cargo bench --bench cases`.

use countersign_benchmarks::{decode, requests, rounds::Case};
use criterion::{Criterion, criterion_group, criterion_main};

fn decoding(criterion: &mut Criterion) {
    groups(criterion, decode::cases());
}

fn handling(criterion: &mut Criterion) {
    groups(criterion, requests::cases());
}

fn groups(criterion: &mut Criterion, cases: Vec<Case>) {
    for case in cases {
        let mut group = criterion.benchmark_group(case.name);
        for mut contender in case.contenders {
            group.bench_function(contender.name().to_owned(), |bencher| bencher.iter(|| contender.call()));
        }
        group.finish();
    }
}

criterion_group!(benches, decoding, handling);
criterion_main!(benches);
