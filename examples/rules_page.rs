//! The page about the rules: how often each fires on real documents, how many of its hits were
//! read in context, and how many were right.
//!
//! `cargo run --release --example rules_page -- DOCS.jsonl docs/readings.tsv > docs/rules.md`
//!
//! DOCS.jsonl has rows with `id` and `text`. The readings are rows of rule, document id, offset in
//! the decoded text and verdict. With a third argument N the hits that wait to be read are written
//! instead, at most N a rule: a changed rule shows which these are.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, read_to_string};
use std::io::{BufRead, BufReader, Write, stdout};

use jingwen::pipeline::Hits;
use jingwen::{Cleaner, Desk};

/// Hits a rule to draw where they are to be read.
const SAMPLE: usize = 60;
const SEED: u64 = 1;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(documents), Some(readings)) = (arguments.next(), arguments.next()) else {
        return Err("usage: rules_page DOCS.jsonl READINGS.tsv [N]".into());
    };
    let unread: Option<usize> = arguments.next().map(|n| n.parse()).transpose()?;

    let cleaner = Cleaner::new();
    let mut desk = Desk::default();
    let mut hits = Hits::new(SAMPLE, SEED);
    let mut n_documents = 0;
    for line in BufReader::new(File::open(&documents)?).lines() {
        let row: serde_json::Value = serde_json::from_str(&line?)?;
        let (Some(id), Some(text)) = (row["id"].as_str(), row["text"].as_str()) else { continue };
        hits.add(&cleaner, &mut desk, id, text);
        n_documents += 1;
    }
    let readings = read_to_string(&readings)?;
    let mut read: BTreeMap<&str, [usize; 2]> = BTreeMap::new();
    let mut seen: BTreeSet<(&str, &str, &str)> = BTreeSet::new();
    for row in readings.lines().filter(|row| !row.starts_with('#')) {
        let cells: Vec<&str> = row.split('\t').collect();
        if let [rule, id, offset, verdict, ..] = cells[..]
            && seen.insert((rule, id, offset))
        {
            let counts = read.entry(rule).or_default();
            counts[0] += 1;
            counts[1] += usize::from(verdict == "right");
        }
    }

    let mut out = stdout().lock();
    if let Some(most) = unread {
        for (rule, _, sample) in hits.rules() {
            let rule = cleaner.rules().name(rule);
            let new = sample
                .filter(|hit| !seen.contains(&(rule, hit.document.as_str(), hit.at.to_string().as_str())));
            for hit in new.take(most) {
                let change = format!("{}⟦{}⇒{}⟧{}", hit.left, hit.was, hit.with, hit.right);
                writeln!(out, "{}", serde_json::json!([rule, hit.document, hit.at, change]))?;
            }
        }
        return Ok(());
    }
    writeln!(out, "# The rules, and what was seen of them\n")?;
    writeln!(
        out,
        "Made by `cargo run --release --example rules_page -- DOCS.jsonl docs/readings.tsv`; hits are those on {n_documents} real\n\
         documents, readings are in `docs/readings.tsv`. A rule is on by default only if at least 99 of 100 of its hits were right.\n"
    )?;
    writeln!(out, "| rule | class | on from | hits | read | right | share | source |")?;
    writeln!(out, "| --- | --- | --- | ---: | ---: | ---: | ---: | --- |")?;
    let counts: BTreeMap<&str, usize> =
        hits.rules().map(|(rule, n, _)| (cleaner.rules().name(rule), n)).collect();
    for (_, _, row, _) in cleaner.rules().list() {
        let id = row.id.as_str();
        let [n_read, n_right] = read.get(id).copied().unwrap_or_default();
        let share =
            if n_read == 0 { String::from("–") } else { format!("{:.3}", n_right as f64 / n_read as f64) };
        let on = row.from_profile.map_or("off", jingwen::rules::Profile::name);
        let n = counts.get(id).copied().unwrap_or(0);
        let source = row.source.replace('|', "\\|");
        writeln!(out, "| `{id}` | {} | {on} | {n} | {n_read} | {n_right} | {share} | {source} |", row.class)?;
    }
    Ok(())
}
