//! What is written down about a copy, so that a reader can check the decision.

use std::cmp::Reverse;

use crate::copies::align::Run;
use crate::copies::blocks::Block;
use crate::copies::blocks::BlockKind;
use crate::copies::blocks::Desk;
use crate::copies::blocks::measure;
use crate::copies::portrait::Portrait;
use crate::copies::sketch::GRAM;
use crate::copies::sketch::grams as grams_of;

/// What is written down about a pair.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Evidence {
    /// Of the sets of grams.
    pub(crate) jaccard: f64,
    /// Grams of the first that are in the second, and the other way round.
    pub(crate) containment: (f64, f64),
    /// The longest equal runs: place in the first key, in the second, length.
    pub(crate) spans: Vec<Run>,
    /// The first places that differ, as they stand in the keys, and how many there are.
    pub(crate) differs: Vec<(BlockKind, String, String)>,
    pub(crate) n_differs: usize,
}

impl Evidence {
    /// For two that say the same, in so many characters.
    pub(crate) fn of_equal(len: usize) -> Self {
        Self {
            jaccard: 1.0,
            containment: (1.0, 1.0),
            spans: vec![Run { a: 0, b: 0, len }],
            differs: Vec::new(),
            n_differs: 0,
        }
    }
}

/// So many equal runs and so many differences are written down; more do not help a reader.
const MAX_SHOWN: usize = 8;
/// Entries of a table that is not kept for the next pair: one of two books.
const LARGE_TABLE: usize = 1 << 20;
/// Characters of a difference that are written down.
const SHOWN_CHARS: usize = 40;

/// Works out the evidence for a pair that was compared before.
pub(crate) fn evidence(a: &Portrait, b: &Portrait, desk: &mut Desk) -> Evidence {
    if a.said == b.said {
        return Evidence::of_equal(a.key.len());
    }
    measure(a, b, desk);
    let (of_a, of_b, shared) = count_grams(&a.key, &b.key, &desk.runs, &mut desk.grams);
    let share = |n: usize| if n == 0 { 0.0 } else { shared as f64 / n as f64 };
    let jaccard = share(of_a + of_b - shared);
    let containment = (share(of_a), share(of_b));
    let mut spans = desk.runs.clone();
    spans.sort_by_key(|run| (Reverse(run.len), run.a));
    spans.truncate(MAX_SHOWN);
    spans.sort_by_key(|run| run.a);
    let shown = |key: &[u16], (from, to): (usize, usize)| {
        let mut text = String::from_utf16_lossy(&key[from..to.min(from + SHOWN_CHARS)]);
        if to - from > SHOWN_CHARS {
            text.push('…');
        }
        text
    };
    // What decided comes first: content before noise.
    let mut order: Vec<&Block> = desk.blocks.iter().collect();
    order.sort_by_key(|block| matches!(block.kind, BlockKind::Noise | BlockKind::Head | BlockKind::Tail));
    let differs = order
        .iter()
        .take(MAX_SHOWN)
        .map(|block| (block.kind, shown(&a.key, block.a), shown(&b.key, block.b)));
    Evidence { jaccard, containment, spans, differs: differs.collect(), n_differs: desk.blocks.len() }
}

/// The Jaccard index of the sets of grams, exactly. Linear in the lengths.
pub(crate) fn jaccard(a: &Portrait, b: &Portrait) -> f64 {
    if a.said == b.said {
        return 1.0;
    }
    let (of_a, of_b, shared) = count_grams(&a.key, &b.key, &[], &mut Vec::new());
    let all = of_a + of_b - shared;
    if all == 0 { 0.0 } else { shared as f64 / all as f64 }
}

/// How many different grams two keys have, and how many of them are in both. Grams in equal `runs`,
/// in their order, are looked up once for both.
fn count_grams(a: &[u16], b: &[u16], runs: &[Run], table: &mut Vec<u64>) -> (usize, usize, usize) {
    const IN_A: u64 = 1;
    const IN_B: u64 = 2;
    const KEYS: u64 = IN_A | IN_B;
    let shared = || runs.iter().filter(|run| run.len >= GRAM);
    let n_shared: usize = shared().map(|run| run.len).sum();
    // Half full at most, so that a chain of taken slots stays short.
    let size = (2 * (a.len() + b.len() - n_shared)).next_power_of_two();
    table.clear();
    table.resize(size, 0);
    // The last two bits of an entry tell in which of the keys the gram is.
    let mut enter = |grams: &[u16], keys: u64| {
        for hash in grams_of(grams) {
            let mut slot = (hash >> 2) as usize & (size - 1);
            while table[slot] != 0 && table[slot] & !KEYS != hash & !KEYS {
                slot = (slot + 1) & (size - 1);
            }
            table[slot] = hash & !KEYS | table[slot] & KEYS | keys;
        }
    };
    // Between two runs lie the grams that begin in the first and end in the second.
    let (mut from_a, mut from_b) = (0, 0);
    for run in shared() {
        enter(&a[from_a..run.a + GRAM - 1], IN_A);
        enter(&b[from_b..run.b + GRAM - 1], IN_B);
        enter(&a[run.a..run.a + run.len], KEYS);
        (from_a, from_b) = (run.a + run.len + 1 - GRAM, run.b + run.len + 1 - GRAM);
    }
    enter(&a[from_a..], IN_A);
    enter(&b[from_b..], IN_B);
    let counts = table.iter().fold((0, 0, 0), |(in_a, in_b, in_both), entry| {
        (in_a + (entry & 1), in_b + (entry >> 1 & 1), in_both + (entry & entry >> 1 & 1))
    });
    if table.capacity() > LARGE_TABLE {
        *table = Vec::new();
    }
    (counts.0 as usize, counts.1 as usize, counts.2 as usize)
}

/// How many numbers two ascending lists share.
pub(crate) fn count_shared<T: Ord + Copy>(x: &[T], y: &[T]) -> usize {
    let (mut in_x, mut in_y, mut n) = (0, 0, 0);
    while in_x < x.len() && in_y < y.len() {
        let (here, there) = (x[in_x], y[in_y]);
        n += usize::from(here == there);
        in_x += usize::from(here <= there);
        in_y += usize::from(there <= here);
    }
    n
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::copies::Facts;
    use crate::copies::Painter;
    use crate::copies::Sketcher;
    use crate::copies::sketch::DEFAULT_SEED;

    fn paint(text: &str) -> Portrait {
        Painter::default().paint(text, text, Facts::default(), &Sketcher::new(DEFAULT_SEED))
    }

    #[test]
    fn the_index_counts_grams() {
        for (a, b, want) in [
            ("子丑寅卯辰巳", "子丑寅卯辰巳。", 1.0),
            ("子丑寅卯辰巳", "子丑寅卯辰午", 1.0 / 3.0),
            ("子丑寅卯辰巳午", "辰巳午未申酉戌", 0.0),
            ("子丑", "寅卯", 0.0),
        ] {
            assert!((jaccard(&paint(a), &paint(b)) - want).abs() < 1e-9, "{a} {b}");
        }
    }

    #[test]
    fn grams_in_equal_runs_count_as_all_others() {
        let mut seed = 3_u64;
        let mut dice = |n: u64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) % n
        };
        let (mut desk, mut n_shared) = (Desk::default(), 0);
        for _ in 0..200 {
            let a: String = (0..20 + dice(80)).map(|_| char::from(b'a' + dice(3) as u8)).collect();
            let (from, to) = (dice(10) as usize, 10 + dice(10) as usize);
            let b = format!("{}xx{}", &a[from..to], &a[to - 3..]);
            let (a, b) = (paint(&a), paint(&b));
            measure(&a, &b, &mut desk);
            let by_runs = count_grams(&a.key, &b.key, &desk.runs, &mut desk.grams);
            assert_eq!(by_runs, count_grams(&a.key, &b.key, &[], &mut Vec::new()));
            n_shared += desk.runs.len();
        }
        assert!(n_shared > 100, "{n_shared}");
    }
}
