//! How many copies a run found, and what it dropped that is none, by the ids of the documents.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs::File;
use std::io::{BufRead, BufReader, Write, stdout};
use std::path::Path;

use serde::Deserialize;

/// Wrong drops and missed copies that are named, so that somebody can look at them.
const NAMED: usize = 10;

#[derive(Deserialize)]
struct Row<'a> {
    id: &'a str,
    verdict: &'a str,
    kind: Option<&'a str>,
    of: Option<&'a str>,
}

#[derive(Default)]
struct Counts {
    copies: u64,
    singles: u64,
    in_series: u64,
    /// Dropped for another document of the same original. Where a copy stays for its original, the
    /// original counts: one document of the two had to go.
    right: BTreeMap<String, u64>,
    wrong_singles: u64,
    wrong_in_series: u64,
    wrong_copies: u64,
    wrong: Vec<String>,
    /// How many documents stay, by the number of their original; more than one is a missed copy.
    kept: Vec<u8>,
}

/// Reads DIR/decisions.jsonl and writes the counts to standard output.
pub(crate) fn judge(dir: &Path) -> Result<(), Box<dyn Error>> {
    let mut counts = Counts::default();
    let mut file = BufReader::new(File::open(dir.join("decisions.jsonl"))?);
    let mut line = String::new();
    while file.read_line(&mut line)? > 0 {
        counts.add(&serde_json::from_str(&line)?);
        line.clear();
    }
    let right: u64 = counts.right.values().sum();
    let mut out = stdout().lock();
    writeln!(out, "copies dropped   {right} of {} ({:.5})", counts.copies, share(right, counts.copies))?;
    for (kind, n) in &counts.right {
        writeln!(out, "    {kind:<12} {n}")?;
    }
    let wrong = counts.wrong_singles + counts.wrong_in_series + counts.wrong_copies;
    writeln!(out, "precision        {:.5}", share(right, right + wrong))?;
    writeln!(out, "wrongly dropped  {wrong}")?;
    writeln!(out, "    single       {} of {}", counts.wrong_singles, counts.singles)?;
    writeln!(out, "    in a series  {} of {}", counts.wrong_in_series, counts.in_series)?;
    writeln!(out, "    copies       {} (of another document than their own)", counts.wrong_copies)?;
    for row in &counts.wrong {
        writeln!(out, "wrong: {row}")?;
    }
    let missed = counts.kept.iter().enumerate().filter(|(_, kept)| **kept > 1);
    for (number, kept) in missed.take(NAMED) {
        writeln!(out, "{kept} stay of {number:07}")?;
    }
    Ok(())
}

impl Counts {
    fn add(&mut self, row: &Row) {
        let copy = row.id.contains('~');
        let series = row.id.starts_with('s');
        match (copy, series) {
            (true, _) => self.copies += 1,
            (false, true) => self.in_series += 1,
            (false, false) => self.singles += 1,
        }
        if row.verdict != "dropped" {
            let number: usize = original(row.id).parse().unwrap_or_default();
            if self.kept.len() <= number {
                self.kept.resize(number + 1, 0);
            }
            self.kept[number] = self.kept[number].saturating_add(1);
            return;
        }
        let of = row.of.unwrap_or_default();
        if original(row.id) == original(of) {
            *self.right.entry(row.kind.unwrap_or_default().to_owned()).or_default() += 1;
            return;
        }
        match (copy, series) {
            (true, _) => self.wrong_copies += 1,
            (false, true) => self.wrong_in_series += 1,
            (false, false) => self.wrong_singles += 1,
        }
        if self.wrong.len() < NAMED {
            self.wrong.push(format!("{} for {of}", row.id));
        }
    }
}

/// The number of the document that an id names, or of which it names a copy.
fn original(id: &str) -> &str {
    let id = id.trim_start_matches(['b', 's']);
    id.split_once('~').map_or(id, |(_, original)| original)
}

fn share(part: u64, of: u64) -> f64 {
    if of == 0 { 0.0 } else { part as f64 / of as f64 }
}
