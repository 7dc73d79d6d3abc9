//! The two engines behind a table: a look-up for single characters, an automaton for phrases.
//!
//! An automaton over many single characters would run at 0.5 GB/s, a vector search for a few of
//! them at 8 GB/s. So each kind of row has the engine that suits it, and one pass merges their hits.

use std::collections::BTreeMap;

use aho_corasick::{AhoCorasick, MatchKind, Span, packed};

use crate::error::{Error, Result};
use crate::rules::row::{Place, Row};
use crate::text::chars::{after, before, is_han};
use crate::text::{Edits, RuleId};

#[derive(Clone, Debug)]
struct Replacement {
    to: String,
    place: Place,
    rule: RuleId,
}

/// The enabled rows of one step's table.
#[derive(Clone, Debug, Default)]
pub struct Table {
    chars: BTreeMap<char, Vec<Replacement>>,
    wanted: Vec<u64>,
    phrases: Option<AhoCorasick>,
    phrase_rows: Vec<Replacement>,
    first_chars: Vec<char>,
    /// A row looks for a single Han character, so Han cannot be skipped.
    has_han: bool,
    /// Finds the single characters where they are few and beyond Latin, as in all bundled tables.
    few_chars: Option<packed::Searcher>,
}

impl Table {
    /// Builds the engines for `rows`.
    pub(crate) fn new<'a>(rows: impl Iterator<Item = (&'a Row, RuleId)>) -> Result<Self> {
        let mut table = Self::default();
        let mut patterns = Vec::new();
        for (row, rule) in rows {
            let mut chars = row.from.chars();
            let Some(first) = chars.next() else { continue };
            table.first_chars.push(first);
            let with = Replacement { to: row.to.clone(), place: row.place, rule };
            if chars.next().is_none() {
                table.chars.entry(first).or_default().push(with);
            } else {
                patterns.push(row.from.clone());
                table.phrase_rows.push(with);
            }
        }
        table.has_han = table.chars.keys().any(|c| matches!(c, '\u{4000}'..='\u{9FFF}'));
        table.few_chars = few_chars(table.chars.keys().copied());
        if !table.chars.is_empty() {
            table.wanted = vec![0; 0x1_0000 / 64];
            for &c in table.chars.keys() {
                let code = u32::from(c).min(0xFFFF) as usize;
                table.wanted[code / 64] |= 1 << (code % 64);
            }
        }
        if !patterns.is_empty() {
            let built = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(&patterns);
            table.phrases = Some(built.map_err(|e| Error::usage(format!("building the phrase table: {e}")))?);
        }
        Ok(table)
    }

    /// Nothing to do, for any text.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.first_chars.is_empty()
    }

    /// The first characters of all rows: where none stands, the table has nothing to do.
    pub fn first_chars(&self) -> impl Iterator<Item = char> {
        self.first_chars.iter().copied()
    }

    /// Says what the rows change in `text`.
    pub fn edit(&self, text: &str, edits: &mut Edits) {
        let mut at = 0;
        if let Some(phrases) = &self.phrases {
            for hit in phrases.find_iter(text) {
                let with = &self.phrase_rows[hit.pattern().as_usize()];
                if fits(with.place, text, hit.start(), hit.end()) {
                    self.edit_chars(text, at, hit.start(), edits);
                    edits.replace(hit.range(), &with.to, with.rule);
                    at = hit.end();
                }
            }
        }
        self.edit_chars(text, at, text.len(), edits);
    }

    fn edit_chars(&self, text: &str, from: usize, to: usize, edits: &mut Edits) {
        if self.chars.is_empty() {
            return;
        }
        if let Some(few) = &self.few_chars {
            let mut i = from;
            while let Some(hit) = few.find_in(text, Span { start: i, end: to }) {
                i = hit.end();
                if let Some(c) = after(text, hit.start()) {
                    self.edit_char(text, c, hit.start(), edits);
                }
            }
            return;
        }
        let bytes = text.as_bytes();
        let mut i = from;
        while i < to {
            if matches!(bytes[i], 0xE4..=0xE9) && !self.has_han {
                i += 3;
                continue;
            }
            let Some(c) = after(text, i) else { break };
            let end = i + c.len_utf8();
            let code = u32::from(c).min(0xFFFF) as usize;
            if self.wanted[code / 64] >> (code % 64) & 1 == 1 {
                self.edit_char(text, c, i, edits);
            }
            i = end;
        }
    }

    /// Replaces `c`, which stands at byte `at`, as its first row that fits says.
    fn edit_char(&self, text: &str, c: char, at: usize, edits: &mut Edits) {
        let end = at + c.len_utf8();
        if let Some(rows) = self.chars.get(&c)
            && let Some(with) = rows.iter().find(|row| fits(row.place, text, at, end))
        {
            edits.replace(at..end, &with.to, with.rule);
        }
    }
}

/// A vector search for `chars`; none where it would stop too often, or on a machine without it.
fn few_chars(chars: impl Iterator<Item = char> + Clone) -> Option<packed::Searcher> {
    /// With more characters to a bucket the search takes other characters for them.
    const MOST: usize = 24;
    let suits = |c: char| c.len_utf8() == 3 && !is_han(c);
    if !(1..=MOST).contains(&chars.clone().count()) || !chars.clone().all(suits) {
        return None;
    }
    packed::Searcher::new(chars.map(String::from))
}

fn fits(place: Place, text: &str, from: usize, to: usize) -> bool {
    let left = || before(text, from);
    let right = || after(text, to);
    let starts = || left().is_none_or(|c| c == '\n');
    let ends = || right().is_none_or(|c| c == '\n');
    match place {
        Place::Anywhere => true,
        Place::AfterHan => left().is_some_and(is_han),
        Place::BeforeHan => right().is_some_and(is_han),
        Place::BesideHan => left().is_some_and(is_han) || right().is_some_and(is_han),
        Place::BetweenHan => left().is_some_and(is_han) && right().is_some_and(is_han),
        Place::LineStart => starts(),
        Place::LineEnd => ends(),
        Place::WholeLine => starts() && ends(),
        Place::Code => false,
    }
}
