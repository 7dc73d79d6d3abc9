//! The whole cleaning, one thread, over archives larger than any cache. See README.md.

#[path = "../corpus/generator.rs"]
mod generator;
mod input;

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use jingwen::rules::{Choice, Profile};
use jingwen::{Cleaner, Desk};

fn pipeline(c: &mut Criterion) {
    for input in input::all() {
        let mut group = c.benchmark_group(format!("pipeline/{}", input.name));
        group.throughput(Throughput::Bytes(input.bytes()));
        for profile in Profile::ALL {
            let cleaner = Cleaner::with_choice(&Choice { profile, ..Choice::default() })
                .expect("no rule is named, so none can be wrong");
            let mut desk = Desk::default();
            group.bench_function(profile.name(), |b| {
                b.iter(|| {
                    for text in &input.texts {
                        black_box(cleaner.clean_at(&mut desk, text));
                    }
                });
            });
        }
        group.finish();
    }
}

criterion_group! { name = benches; config = input::criterion(); targets = pipeline }
criterion_main!(benches);
