//! HTML pages, one thread: becoming lines alone, and the whole cleaning. See README.md.

#[allow(dead_code, reason = "the other benches take the rest")]
#[path = "../corpus/generator.rs"]
mod generator;
#[allow(dead_code, reason = "the other benches take the rest")]
mod input;
#[path = "../corpus/pages.rs"]
mod pages;

use std::hint::black_box;
use std::{env, fs};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use jingwen::pipeline::PAGE;
use jingwen::text::Edits;
use jingwen::{Cleaner, Desk};

use crate::generator::{Generator, Mix};
use crate::pages::{SITES, hostile_pages, page};

/// Bytes of text in the pages, past the last cache.
const ARCHIVE: usize = 24_000_000;

/// Bytes of one hostile page.
const HOSTILE: usize = 100_000;

/// The pages to measure. `JINGWEN_BENCH_PAGES=FOLDER` takes the files of that folder, in UTF-8.
fn inputs() -> Vec<(&'static str, Vec<String>)> {
    if let Some(folder) = env::var_os("JINGWEN_BENCH_PAGES") {
        let files = fs::read_dir(folder).expect("JINGWEN_BENCH_PAGES names a folder");
        let texts = files.map(|file| {
            fs::read_to_string(file.expect("the folder can be read").path()).expect("each file is UTF-8")
        });
        return vec![("folder", texts.collect())];
    }
    let texts = Generator::new(1).archive(ARCHIVE, Mix::CLEAN);
    let framed = texts.iter().enumerate().map(|(n, text)| page(SITES[n % SITES.len()], text)).collect();
    vec![("sites", framed), ("hostile", hostile_pages(HOSTILE).into_iter().map(|(_, page)| page).collect())]
}

fn pages(c: &mut Criterion) {
    let cleaner = Cleaner::new();
    for (name, texts) in inputs() {
        let mut group = c.benchmark_group(format!("pages/{name}"));
        group.throughput(Throughput::Bytes(texts.iter().map(|text| text.len() as u64).sum()));
        let mut edits = Edits::default();
        group.bench_function("lines", |b| {
            b.iter(|| {
                for text in &texts {
                    edits.clear();
                    (PAGE.run)(text, cleaner.rules(), &mut edits);
                    black_box(&edits);
                }
            });
        });
        let mut desk = Desk::default();
        group.bench_function("cleaned", |b| {
            b.iter(|| {
                for text in &texts {
                    black_box(cleaner.clean_document_at(&mut desk, text, true));
                }
            });
        });
        group.finish();
    }
}

criterion_group! { name = benches; config = input::criterion(); targets = pages }
criterion_main!(benches);
