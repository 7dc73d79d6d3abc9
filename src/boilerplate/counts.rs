//! In how many documents of its site does a line stand.
//!
//! Exact while few lines are known; then a sketch of fixed size, which never counts too little, and
//! whose possible excess is taken off, so that it errs towards leaving a line in. Both are sums:
//! the order of documents, and the threads that counted them, make no difference.

use std::collections::{BTreeMap, HashMap};

use xxhash_rust::xxh3::xxh3_64_with_seed;

use crate::boilerplate::words;

/// From which frequency on a line is boilerplate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Policy {
    /// Least share of the site's documents.
    pub share: f64,
    /// Least number of documents: below it a share says nothing.
    pub documents: u32,
}

impl Default for Policy {
    /// Three documents in ten, and ten at least: a site has some kinds of pages, each with its frame.
    fn default() -> Self {
        Self { share: 0.3, documents: 10 }
    }
}

/// A line that is frequent on its site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frequent<'a> {
    /// The site.
    pub site: &'a str,
    /// The line; where only digits differ, the least of those seen.
    pub line: &'a str,
    /// The documents of the site that hold it.
    pub documents: u32,
    /// All documents of the site.
    pub of: u64,
}

/// Lines that are counted exactly. Each costs its text and some 60 bytes: about 32 MB when full.
const EXACT_LINES: usize = 1 << 18;

/// Cells of one row of the sketch; four rows of four bytes make 4 MB.
const CELLS: usize = 1 << 18;

/// Rows of the sketch.
const ROWS: usize = 4;

/// Counts lines by site. Keep one a thread and [`Counts::merge`] them.
#[derive(Clone, Debug)]
pub struct Counts {
    sites: BTreeMap<Box<str>, u64>,
    lines: Lines,
    limit: usize,
    seen: Vec<(u64, (u32, u32))>,
}

#[derive(Clone, Debug)]
enum Lines {
    Exact(HashMap<u64, Seen>),
    Sketch(Box<Sketch>),
}

#[derive(Clone, Debug)]
struct Seen {
    documents: u32,
    site: Box<str>,
    line: Box<str>,
}

#[derive(Clone, Debug)]
struct Sketch {
    cells: Vec<u32>,
    total: u64,
}

impl Default for Counts {
    fn default() -> Self {
        Self::with_limit(EXACT_LINES)
    }
}

/// The cell of row `row` for `hash`.
fn cell(hash: u64, row: usize) -> usize {
    let mixed = hash.wrapping_mul(0x9E37_79B9_7F4A_7C15 | 1).rotate_left(16 * row as u32);
    row * CELLS + (mixed as usize & (CELLS - 1))
}

impl Sketch {
    fn new() -> Self {
        Self { cells: vec![0; ROWS * CELLS], total: 0 }
    }

    fn add(&mut self, hash: u64, n: u32) {
        for row in 0..ROWS {
            let cell = &mut self.cells[cell(hash, row)];
            *cell = cell.saturating_add(n);
        }
        self.total += u64::from(n);
    }

    /// The count less twice the mean load of a cell: what other lines may have added.
    fn count(&self, hash: u64) -> u32 {
        let most = (0..ROWS).map(|row| self.cells[cell(hash, row)]).min().unwrap_or_default();
        let excess = u32::try_from(2 * self.total / CELLS as u64).unwrap_or(u32::MAX);
        most.saturating_sub(excess)
    }
}

/// The number under which `line` of `site` is counted. Lines of counters differ in their digits only.
fn hash(site: &str, line: &str) -> u64 {
    let seed = xxh3_64_with_seed(site.as_bytes(), 0);
    if !words::is_furniture(line) || !line.bytes().any(|b| b.is_ascii_digit()) {
        return xxh3_64_with_seed(line.as_bytes(), seed);
    }
    let mut plain = Vec::with_capacity(line.len());
    for b in line.bytes() {
        let b = if b.is_ascii_digit() { b'0' } else { b };
        if b != b'0' || plain.last() != Some(&b'0') {
            plain.push(b);
        }
    }
    xxh3_64_with_seed(&plain, seed)
}

impl Counts {
    /// Counts exactly up to `lines` different lines.
    #[must_use]
    pub fn with_limit(lines: usize) -> Self {
        Self { sites: BTreeMap::new(), lines: Lines::Exact(HashMap::new()), limit: lines, seen: Vec::new() }
    }

    /// Counts the lines of one document of `site`; a line that stands twice counts once.
    pub fn add(&mut self, site: &str, text: &str) {
        *self.sites.entry_or(site) += 1;
        let mut seen = std::mem::take(&mut self.seen);
        seen.clear();
        let mut at = 0;
        for line in text.split('\n') {
            let end = at + line.len();
            let line = line.trim();
            if words::may_go(line) {
                let from = (line.as_ptr() as usize - text.as_ptr() as usize) as u32;
                seen.push((hash(site, line), (from, from + line.len() as u32)));
            }
            at = end + 1;
        }
        seen.sort_unstable();
        seen.dedup_by_key(|line| line.0);
        for (hash, (from, to)) in &seen {
            self.count(*hash, 1, site, &text[*from as usize..*to as usize]);
        }
        self.seen = seen;
    }

    fn count(&mut self, hash: u64, n: u32, site: &str, line: &str) {
        match &mut self.lines {
            Lines::Sketch(sketch) => sketch.add(hash, n),
            Lines::Exact(lines) => {
                let new = || Seen { documents: 0, site: site.into(), line: line.into() };
                let seen = lines.entry(hash).or_insert_with(new);
                seen.documents = seen.documents.saturating_add(n);
                if *line < *seen.line {
                    seen.line = line.into();
                }
                if lines.len() > self.limit {
                    self.shrink();
                }
            }
        }
    }

    /// Gives up the exact counts for a sketch of fixed size.
    fn shrink(&mut self) {
        if let Lines::Exact(lines) = &self.lines {
            let mut sketch = Sketch::new();
            for (hash, seen) in lines {
                sketch.add(*hash, seen.documents);
            }
            self.lines = Lines::Sketch(Box::new(sketch));
        }
    }

    /// Adds what another thread counted. The order of merging makes no difference.
    pub fn merge(&mut self, other: Self) {
        for (site, n) in other.sites {
            *self.sites.entry_or(&site) += n;
        }
        match other.lines {
            Lines::Exact(lines) => {
                for (hash, seen) in lines {
                    self.count(hash, seen.documents, &seen.site, &seen.line);
                }
            }
            Lines::Sketch(theirs) => {
                self.shrink();
                if let Lines::Sketch(own) = &mut self.lines {
                    for (own, theirs) in own.cells.iter_mut().zip(&theirs.cells) {
                        *own = own.saturating_add(*theirs);
                    }
                    own.total += theirs.total;
                }
            }
        }
    }

    /// `line` is frequent enough on `site`.
    pub(super) fn frequent(&self, site: &str, line: &str, policy: &Policy) -> bool {
        let Some(of) = self.sites.get(site) else { return false };
        let hash = hash(site, line);
        let n = match &self.lines {
            Lines::Exact(lines) => lines.get(&hash).map_or(0, |seen| seen.documents),
            Lines::Sketch(sketch) => sketch.count(hash),
        };
        n >= policy.documents && f64::from(n) >= policy.share * *of as f64
    }

    /// The documents of `site`.
    #[must_use]
    pub fn documents(&self, site: &str) -> u64 {
        self.sites.get(site).copied().unwrap_or_default()
    }

    /// The frequent lines of all sites, by site, most frequent first. A sketch keeps no texts: then
    /// there are none, and the edits tell what went. A line of this list goes only where it stands
    /// among furniture.
    #[must_use]
    pub fn report(&self, policy: &Policy) -> Vec<Frequent<'_>> {
        let Lines::Exact(lines) = &self.lines else { return Vec::new() };
        let mut list: Vec<_> = lines
            .values()
            .filter(|seen| self.frequent(&seen.site, &seen.line, policy))
            .map(|seen| Frequent {
                site: &seen.site,
                line: &seen.line,
                documents: seen.documents,
                of: self.documents(&seen.site),
            })
            .collect();
        list.sort_unstable_by(|a, b| {
            (a.site, std::cmp::Reverse(a.documents), a.line).cmp(&(
                b.site,
                std::cmp::Reverse(b.documents),
                b.line,
            ))
        });
        list
    }

    /// The counts are no longer exact.
    #[must_use]
    pub fn is_sketch(&self) -> bool {
        matches!(self.lines, Lines::Sketch(_))
    }
}

/// A count that is looked up far more often than it is new.
trait EntryOr {
    fn entry_or(&mut self, site: &str) -> &mut u64;
}

impl EntryOr for BTreeMap<Box<str>, u64> {
    fn entry_or(&mut self, site: &str) -> &mut u64 {
        if !self.contains_key(site) {
            self.insert(site.into(), 0);
        }
        self.get_mut(site).expect("it was put in if it was not there")
    }
}
