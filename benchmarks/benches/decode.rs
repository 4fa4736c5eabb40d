//! Decoding under criterion, with its statistics and its comparison with a saved baseline: `cargo bench --bench decode`.
//! The contenders are those of the report.

use countersign_benchmarks::decode::{self, Case};
use criterion::{Criterion, criterion_group, criterion_main};

fn documented(criterion: &mut Criterion) {
    groups(criterion, decode::documented());
    groups(criterion, decode::untyped(None));
}

fn longer(criterion: &mut Criterion) {
    for size in decode::SIZES {
        groups(criterion, decode::longer(size));
        groups(criterion, decode::untyped(Some(size)));
    }
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

criterion_group!(benches, documented, longer);
criterion_main!(benches);
