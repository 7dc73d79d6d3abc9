//! Each step alone, one thread: which one a slow pipeline spends its time in. See README.md.

#[path = "../corpus/generator.rs"]
mod generator;
mod input;

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use jingwen::Cleaner;
use jingwen::pipeline::STEPS;
use jingwen::text::Edits;

fn steps(c: &mut Criterion) {
    let cleaner = Cleaner::new();
    let rules = cleaner.rules();
    for input in input::all() {
        let mut group = c.benchmark_group(format!("steps/{}", input.name));
        group.throughput(Throughput::Bytes(input.bytes()));
        for step in STEPS {
            let table = rules.table(step.name).filter(|table| !table.is_empty());
            let mut edits = Edits::default();
            group.bench_function(step.name, |b| {
                b.iter(|| {
                    for text in &input.texts {
                        if let Some(table) = table {
                            edits.clear();
                            table.edit(text, &mut edits);
                            black_box(&edits);
                        }
                        edits.clear();
                        (step.run)(text, rules, &mut edits);
                        black_box(&edits);
                    }
                });
            });
        }
        group.finish();
    }
}

criterion_group! { name = benches; config = input::criterion(); targets = steps }
criterion_main!(benches);
