//! Verification, compared by criterion with a saved baseline: `cargo bench --bench verify`.

use countersign_benchmarks::{rounds::Contender, tables, verify};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

fn valid(criterion: &mut Criterion) {
    for size in verify::SIZES {
        group(criterion, &format!("valid, {}", tables::bytes(size)), size, verify::contenders(size));
    }
}

fn forged(criterion: &mut Criterion) {
    group(criterion, "forged, 1 KiB", 1024, verify::forgeries(1024));
}

fn group(criterion: &mut Criterion, name: &str, size: usize, contenders: Vec<Contender<'_>>) {
    let mut group = criterion.benchmark_group(name);
    group.throughput(Throughput::Bytes(size as u64));
    for mut contender in contenders {
        group.bench_function(contender.name().to_owned(), |bencher| bencher.iter(|| contender.call()));
    }
    group.finish();
}

criterion_group!(benches, valid, forged);
criterion_main!(benches);
