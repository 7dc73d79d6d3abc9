//! The Rust library over the texts that `speed.py` gives to `clean_batch`: the same cut of the
//! work, the same number of threads; the clean texts are counted and not kept, which is the fastest that
//! it can. Prints bytes, texts, seconds and clean bytes.
//!
//!     cargo run --release -p jingwen-python --example library_speed -- ROWS.jsonl MEGABYTES JOBS ROUNDS

use std::env;
use std::error::Error;
use std::fs::File;
use std::io::BufRead;
use std::io::BufReader;
use std::time::Instant;

use jingwen::Cleaner;
use jingwen::Desk;
use jingwen::pipeline::Stop;
use jingwen::pipeline::in_parallel;

/// Bytes of text in one piece of work, as in `clean_batch`.
const PIECE: usize = 256 << 10;

/// The member `text` of a row, without a parser of JSON: the bench must not add a dependency.
fn text_of(row: &str) -> Option<String> {
    let rest = row.split_once("\"text\":")?.1.trim_start().strip_prefix('"')?;
    let mut text = String::new();
    let mut chars = rest.chars();
    loop {
        match chars.next()? {
            '"' => return Some(text),
            '\\' => match chars.next()? {
                'n' => text.push('\n'),
                't' => text.push('\t'),
                'r' => text.push('\r'),
                'u' => {
                    let digits: String = chars.by_ref().take(4).collect();
                    text.extend(u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32));
                }
                c => text.push(c),
            },
            c => text.push(c),
        }
    }
}

#[allow(clippy::print_stdout, reason = "a program, and what it found")]
fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [rows, megabytes, jobs, rounds] = arguments.as_slice() else {
        return Err("library_speed ROWS.jsonl MEGABYTES JOBS ROUNDS".into());
    };
    let (bytes, jobs) = (megabytes.parse::<usize>()? * 1_000_000, jobs.parse()?);
    let mut texts = Vec::new();
    let mut total = 0;
    for row in BufReader::new(File::open(rows)?).lines() {
        let text = text_of(&row?).ok_or("a row has no text")?;
        if total + text.len() > bytes {
            break;
        }
        total += text.len();
        texts.push(text);
    }
    let cleaner = Cleaner::new();
    let mut pieces = Vec::new();
    let (mut start, mut size) = (0, 0);
    for (n, text) in texts.iter().enumerate() {
        size += text.len();
        if size >= PIECE || n + 1 == texts.len() {
            pieces.push(start..n + 1);
            (start, size) = (n + 1, 0);
        }
    }
    for _ in 0..rounds.parse()? {
        let began = Instant::now();
        let clean = in_parallel(jobs, pieces.len(), &Stop::default(), |desk: &mut Desk, n| {
            texts[pieces[n].clone()].iter().map(|text| cleaner.clean_at(desk, text).len()).sum::<usize>()
        })?;
        let seconds = began.elapsed().as_secs_f64();
        println!("{total} {} {seconds:.3} {}", texts.len(), clean.iter().sum::<usize>());
    }
    Ok(())
}
