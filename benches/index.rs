//! A persistent index as a crawler fills it: how fast it takes documents in, how fast it answers, what
//! it takes of memory and disk. Prints its figures; no harness, since a million documents are added once.
//!
//! `JINGWEN_BENCH_DOCS` says how many documents (20,000 without it), `JINGWEN_BENCH_DIR` where the
//! index lies (a folder that is removed behind it).

#![allow(clippy::print_stdout, reason = "figures are what it is for")]
#![allow(clippy::cast_sign_loss, reason = "shares are never negative")]

#[allow(dead_code, reason = "the other benches use the rest of it")]
#[path = "../corpus/generator.rs"]
mod generator;
#[path = "../corpus/grammar.rs"]
mod grammar;
#[allow(dead_code, reason = "examples make the other shapes")]
#[path = "../corpus/notices.rs"]
mod notices;

use std::env;
use std::fs;
use std::path::Path;
use std::time::Duration;
use std::time::Instant;

use jingwen::index::Index;
use jingwen::index::Meta;
use jingwen::index::Page;
use jingwen::index::Reader;
use jingwen::index::Settings;
use jingwen::index::Verdict;
use mimalloc::MiMalloc;

use crate::generator::Random;
use crate::notices::Archive;
use crate::notices::Notice;
use crate::notices::Shape;

/// As the program has it.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// Documents that are handed over together.
const BATCH: usize = 8_192;
/// Questions that are asked at the end.
const QUESTIONS: usize = 10_000;

/// Bulletins of 400 to 1,500 characters, made of notices; one of ten is a spoilt copy.
struct Bulletins {
    archive: Archive,
    random: Random,
    last: Vec<String>,
    n: u64,
    sizes: std::ops::Range<usize>,
}

impl Bulletins {
    fn new(seed: u64, sizes: std::ops::Range<usize>) -> Self {
        let (archive, random) = (Archive::new(Shape::Plain, seed), Random::new(seed));
        Self { archive, random, last: Vec::new(), n: 0, sizes }
    }

    fn next(&mut self) -> (String, String) {
        self.n += 1;
        if !self.last.is_empty() && self.random.below(10) == 0 {
            let at = self.random.below(self.last.len());
            let text = self.last[at].replace('，', ",").replace('\n', " ");
            return (format!("p{:08}~", self.n), text);
        }
        let size = self.sizes.start + self.random.below(self.sizes.end - self.sizes.start);
        let (mut text, mut notice) = (String::new(), Notice::default());
        while text.len() < 3 * size {
            self.archive.next(&mut notice);
            text.push_str(&notice.text);
            text.push('\n');
        }
        let text: String = text.chars().take(self.sizes.end).collect();
        if self.last.len() < 4_096 {
            self.last.push(text.clone());
        } else {
            let at = self.random.below(4_096);
            self.last[at].clone_from(&text);
        }
        (format!("p{:08}", self.n), text)
    }
}

/// Seconds of CPU and the most memory of this process, where the system tells.
fn used() -> (f64, u64) {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let behind = stat.rsplit(')').next().unwrap_or_default();
    let ticks: u64 =
        behind.split_whitespace().skip(11).take(2).filter_map(|word| word.parse::<u64>().ok()).sum();
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let peak = peak.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0);
    (ticks as f64 / 100.0, peak)
}

fn fill(path: &Path, n: usize, sizes: std::ops::Range<usize>) {
    let settings = Settings::default();
    Index::create(path, &settings).expect("the folder is new");
    let mut index = Index::open(path, &settings).expect("it was made just now");
    let mut bulletins = Bulletins::new(1, sizes);
    let (mut taken, mut bytes, mut copies) = (Duration::ZERO, 0, 0);
    let (mut last, mut cpu_made) = ((0, Duration::ZERO), 0.0);
    let mut done = 0;
    while done < n {
        let before = used().0;
        let docs: Vec<(String, String)> = (0..BATCH.min(n - done)).map(|_| bulletins.next()).collect();
        cpu_made += used().0 - before;
        let pages: Vec<Page<'_>> =
            docs.iter().map(|(id, text)| Page { id, text, meta: Meta::default() }).collect();
        bytes += docs.iter().map(|doc| doc.1.len()).sum::<usize>();
        let start = Instant::now();
        let told = index.add_batch(&pages).expect("the disk has room");
        taken += start.elapsed();
        copies += told.iter().filter(|verdict| matches!(verdict, Verdict::Copy { .. })).count();
        done += docs.len();
        if done - last.0 >= 100_000 || done == n {
            let rate = (done - last.0) as f64 / (taken.saturating_sub(last.1)).as_secs_f64();
            let (cpu, peak) = used();
            let cpu = (cpu - cpu_made) / done as f64 * 1e6;
            println!("{done} documents: {rate:.0}/s of the last, {cpu:.1} µs CPU each, {peak} kB at most");
            last = (done, taken);
        }
    }
    let stats = index.stats().expect("it was written just now");
    let rate = done as f64 / taken.as_secs_f64();
    println!(
        "all: {rate:.0}/s, {:.0} MB/s, {} bytes each on the disk ({} documents, {} postings), {copies} copies, {} runs",
        bytes as f64 / taken.as_secs_f64() / 1e6,
        stats.bytes / stats.documents,
        stats.bytes_documents / stats.documents,
        stats.bytes_postings / stats.documents,
        stats.runs,
    );
    drop(index);
    let mut reader = Reader::open(path, &settings).expect("nobody writes");
    // Half of them are known.
    let (mut known, mut strange) =
        (Bulletins::new(1, bulletins.sizes.clone()), Bulletins::new(2, bulletins.sizes));
    let mut times = Vec::with_capacity(QUESTIONS);
    for n in 0..QUESTIONS {
        let (_, text) = if n % 2 == 0 { known.next() } else { strange.next() };
        let start = Instant::now();
        reader.query(&text, &Meta::default()).expect("it can be read");
        times.push(start.elapsed());
    }
    times.sort_unstable();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_micros();
    println!("query: {} µs (median), {} µs (99 of 100), {} µs at most", at(0.5), at(0.99), at(1.0));
}

fn main() {
    // `cargo test` and `cargo bench -- --test` ask for a short run.
    let n = env::var("JINGWEN_BENCH_DOCS").ok().and_then(|n| n.parse().ok()).unwrap_or(20_000);
    let folder = env::var_os("JINGWEN_BENCH_DIR").map_or_else(env::temp_dir, Into::into);
    let path = folder.join(format!("jingwen-bench-{}", std::process::id()));
    for (name, n, sizes) in
        [("1,500 characters", n.min(5_000), 1_499..1_500), ("400 to 1,500 characters", n, 400..1_500)]
    {
        println!("bulletins of {name}");
        fill(&path, n, sizes);
        fs::remove_dir_all(&path).expect("it is ours");
    }
}
