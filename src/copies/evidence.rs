//! What is written down about a copy, so that a reader can check the decision.

use std::cmp::Reverse;

use crate::copies::align::Run;
use crate::copies::blocks::Block;
use crate::copies::blocks::BlockKind;
use crate::copies::blocks::Desk;
use crate::copies::blocks::measure;
use crate::copies::portrait::Portrait;
use crate::copies::sketch::grams;

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

/// So many equal runs and so many differences are written down; more do not help a reader.
const MAX_SHOWN: usize = 8;
/// Characters of a difference that are written down.
const SHOWN_CHARS: usize = 40;

/// Works out the evidence for a pair that was compared before.
pub(crate) fn evidence(a: &Portrait, b: &Portrait, desk: &mut Desk) -> Evidence {
    if a.said == b.said {
        let whole = Run { a: 0, b: 0, len: a.key.len() };
        return Evidence {
            jaccard: 1.0,
            containment: (1.0, 1.0),
            spans: vec![whole],
            differs: Vec::new(),
            n_differs: 0,
        };
    }
    measure(a, b, desk);
    let (of_a, of_b, shared) = count_grams(&a.key, &b.key);
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
    let (of_a, of_b, shared) = count_grams(&a.key, &b.key);
    let all = of_a + of_b - shared;
    if all == 0 { 0.0 } else { shared as f64 / all as f64 }
}

/// How many different grams two keys have, and how many of them are in both.
fn count_grams(a: &[u16], b: &[u16]) -> (usize, usize, usize) {
    /// The last two bits of an entry tell in which of the keys the gram is.
    const KEYS: u64 = 3;
    // Half full at most, so that a chain of taken slots stays short.
    let size = (2 * (a.len() + b.len())).next_power_of_two();
    let mut table = vec![0_u64; size];
    for (key, bit) in [(a, 1), (b, 2)] {
        for hash in grams(key) {
            let mut slot = (hash >> 2) as usize & (size - 1);
            while table[slot] != 0 && table[slot] & !KEYS != hash & !KEYS {
                slot = (slot + 1) & (size - 1);
            }
            table[slot] = hash & !KEYS | table[slot] & KEYS | bit;
        }
    }
    let count = |bits: u64| table.iter().filter(|&entry| entry & bits == bits).count();
    (count(1), count(2), count(KEYS))
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

    #[test]
    fn the_index_counts_grams() {
        let paint =
            |text: &str| Painter::default().paint(text, text, Facts::default(), &Sketcher::new(DEFAULT_SEED));
        for (a, b, want) in [
            ("子丑寅卯辰巳", "子丑寅卯辰巳。", 1.0),
            ("子丑寅卯辰巳", "子丑寅卯辰午", 1.0 / 3.0),
            ("子丑寅卯辰巳午", "辰巳午未申酉戌", 0.0),
            ("子丑", "寅卯", 0.0),
        ] {
            assert!((jaccard(&paint(a), &paint(b)) - want).abs() < 1e-9, "{a} {b}");
        }
    }
}
