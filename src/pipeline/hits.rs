//! Where a rule fires in real documents: a sample to be read before the rule is trusted.

use std::collections::BTreeMap;

use xxhash_rust::xxh3::xxh3_64_with_seed;

use crate::pipeline::clean::{Cleaner, Desk};
use crate::text::RuleId;

/// One place where a rule changed a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// The document.
    pub document: String,
    /// The offset in the decoded text, in bytes.
    pub at: usize,
    /// What stood before, on up to [`CONTEXT`] characters.
    pub left: String,
    /// What was there.
    pub was: String,
    /// What is there now.
    pub with: String,
    /// What stood behind.
    pub right: String,
}

/// Characters shown on either side of a hit.
pub const CONTEXT: usize = 28;

/// All hits of all rules over some documents: their number, and a sample drawn by a seed that does
/// not depend on the order of the documents.
#[derive(Clone, Debug, Default)]
pub struct Hits {
    rules: BTreeMap<RuleId, (usize, BTreeMap<u64, Hit>)>,
    sample: usize,
    seed: u64,
}

impl Hits {
    /// Keeps `sample` hits of every rule.
    #[must_use]
    pub fn new(sample: usize, seed: u64) -> Self {
        Self { rules: BTreeMap::new(), sample, seed }
    }

    /// Cleans `text` and takes note of what each rule did.
    pub fn add(&mut self, cleaner: &Cleaner, desk: &mut Desk, document: &str, text: &str) {
        cleaner.clean_at(desk, text);
        let mut now = text.to_owned();
        for (n, frame) in desk.trail().frames().iter().enumerate() {
            for change in frame.edits.iter() {
                let at = desk.trail().frames()[..n]
                    .iter()
                    .rev()
                    .fold(change.src.start, |at, f| f.edits.to_source(at));
                let (count, kept) = self.rules.entry(change.rule).or_default();
                *count += 1;
                let place = format!("{document}\t{at}\t{n}\t{}", change.src.start);
                let draw = xxh3_64_with_seed(place.as_bytes(), self.seed);
                if kept.len() < self.sample || kept.last_key_value().is_some_and(|(last, _)| draw < *last) {
                    let hit = Hit {
                        document: document.to_owned(),
                        at,
                        left: last_chars(&now[..change.src.start]),
                        was: now[change.src.clone()].to_owned(),
                        with: change.with.to_owned(),
                        right: now[change.src.end..].chars().take(CONTEXT).collect(),
                    };
                    kept.insert(draw, hit);
                    if kept.len() > self.sample {
                        kept.pop_last();
                    }
                }
            }
            let mut next = String::new();
            frame.edits.apply(&now, &mut next);
            now = next;
        }
    }

    /// Takes in the hits of other documents.
    pub fn merge(&mut self, other: Self) {
        for (rule, (count, hits)) in other.rules {
            let (total, kept) = self.rules.entry(rule).or_default();
            *total += count;
            kept.extend(hits);
            while kept.len() > self.sample {
                kept.pop_last();
            }
        }
    }

    /// Each rule that fired, how often, and its sample in a fixed order.
    pub fn rules(&self) -> impl Iterator<Item = (RuleId, usize, impl Iterator<Item = &Hit>)> {
        self.rules.iter().map(|(rule, (count, hits))| (*rule, *count, hits.values()))
    }
}

fn last_chars(text: &str) -> String {
    let from = text.char_indices().rev().take(CONTEXT).last().map_or(text.len(), |(at, _)| at);
    text[from..].to_owned()
}
