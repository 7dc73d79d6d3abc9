//! What both benches read: four archives from the generator, or a file of the user's own.

use std::time::Duration;
use std::{env, fs};

use criterion::Criterion;

use crate::generator::{Generator, Mix, hostile};

/// Bytes of one archive: past the last cache of the machines we know, so that memory is paid for.
const ARCHIVE: usize = 32_000_000;

/// Bytes of one hostile text, and of all of them together about a third of an archive.
const HOSTILE: usize = 100_000;

/// Texts under a name.
pub(crate) struct Input {
    pub(crate) name: String,
    pub(crate) texts: Vec<String>,
}

impl Input {
    /// The size that throughput is counted in.
    pub(crate) fn bytes(&self) -> u64 {
        self.texts.iter().map(|text| text.len() as u64).sum()
    }
}

/// Every archive to measure. `JINGWEN_BENCH_FILE=FILE.jsonl` replaces them by that file's rows.
pub(crate) fn all() -> Vec<Input> {
    if let Some(path) = env::var_os("JINGWEN_BENCH_FILE") {
        let rows = fs::read_to_string(&path).expect("JINGWEN_BENCH_FILE names a readable UTF-8 file");
        let texts = rows
            .lines()
            .map(|row| {
                let row: serde_json::Value = serde_json::from_str(row).expect("each line is a JSON object");
                row["text"].as_str().expect("each row has a string `text`").to_owned()
            })
            .collect();
        return vec![Input { name: "file".to_owned(), texts }];
    }
    let archive =
        |name: &str, mix| Input { name: name.to_owned(), texts: Generator::new(1).archive(ARCHIVE, mix) };
    vec![
        archive("clean", Mix::CLEAN),
        archive("rare", Mix::RARE),
        archive("common", Mix::COMMON),
        Input {
            name: "hostile".to_owned(),
            texts: hostile(HOSTILE).into_iter().map(|(_, text)| text).collect(),
        },
    ]
}

/// Few samples: one pass over an archive is long, and its noise small.
pub(crate) fn criterion() -> Criterion {
    Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(2))
        .configure_from_args()
}
