//! Archives of any length, and a count of what a run made of them.
//!
//! `cargo run --release --example bulletins -- --shape plain --count 1000000 > plain.jsonl`
//!
//! Shapes are `plain`, `template` and `equal`, told in corpus/README.md; `--seed N` gives another
//! archive. `--judge DIR` reads the decisions of `jingwen run plain.jsonl -o DIR`: the ids tell
//! which documents are copies, so nothing else has to be kept.

use std::error::Error;
use std::io::{BufWriter, ErrorKind, Write, stdout};
use std::path::Path;

use notices::{Archive, Notice, Shape};

// Of the generator for long documents, this program draws its numbers only.
#[allow(dead_code)]
#[path = "../../corpus/generator.rs"]
mod generator;
#[path = "../../corpus/grammar.rs"]
mod grammar;
mod judge;
#[path = "../../corpus/notices.rs"]
mod notices;

const USAGE: &str = "usage: bulletins --shape plain|template|equal --count N [--seed N], or --judge DIR";

fn main() -> Result<(), Box<dyn Error>> {
    let (mut shape, mut count, mut seed) = (None, None, 1);
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        let value = arguments.next().ok_or(USAGE)?;
        match name.as_str() {
            "--judge" => return judge::judge(Path::new(&value)),
            "--shape" => {
                shape = Some(match value.as_str() {
                    "plain" => Shape::Plain,
                    "template" => Shape::Template,
                    "equal" => Shape::Equal,
                    _ => return Err(USAGE.into()),
                });
            }
            "--count" => count = Some(value.parse()?),
            "--seed" => seed = value.parse()?,
            _ => return Err(USAGE.into()),
        }
    }
    let (Some(shape), Some(count)) = (shape, count) else { return Err(USAGE.into()) };
    match write(shape, count, seed) {
        // Who wanted the first rows only has them.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => Ok(written?),
    }
}

fn write(shape: Shape, count: u64, seed: u64) -> std::io::Result<()> {
    let mut archive = Archive::new(shape, seed);
    let mut out = BufWriter::with_capacity(1 << 20, stdout().lock());
    let mut notice = Notice::default();
    for _ in 0..count {
        archive.next(&mut notice);
        // No notice holds a quotation mark, a backslash or a control character but the line end.
        write!(out, "{{\"id\":\"{}\",\"text\":\"", notice.id)?;
        let mut lines = notice.text.split('\n');
        out.write_all(lines.next().unwrap_or_default().as_bytes())?;
        for line in lines {
            out.write_all(b"\\n")?;
            out.write_all(line.as_bytes())?;
        }
        out.write_all(b"\"}\n")?;
    }
    out.flush()
}
