//! Whether a text can hold a repeat at all, without taking its key.
//!
//! Nineteen documents of twenty hold none, and taking a key with its offsets costs three times as
//! much as looking whether enough of it comes twice. Places are sampled by the two Han characters
//! that stand there, so both copies of a repeat give the same ones; only at these places more is
//! read.

use std::cell::RefCell;

use pulp::{Arch, Simd, WithSimd};

use crate::text::sift::{AnyMachine, Gather, is_han_lead};

/// Letters and digits from a sampled place on that must recur. With twelve, stock phrases of
/// statutes make every third one suspect.
const GRAM: usize = 20;
/// Letters and digits at the start of a gram by which it is mostly known to be a new one.
const HEAD: usize = 6;
/// Marks between the characters of a gram are few; where they are not, as in rows of dots, the
/// place is given up rather than read again and again.
const MAX_GRAM_SPAN: usize = 12 * GRAM;
/// Of short texts one place in eight is sampled, since a repeat of a hundred characters must give
/// a dozen; of longer ones, where a repeat is a sixth of the document, one in 16 or 32.
const RATES: [(usize, u32); 3] = [(4_500, 3), (18_000, 4), (usize::MAX, 5)];
/// A repeat is a sixth of the document at least; half of its samples leave room for slips.
const SHARE: usize = 12;
const MIN_RECURRENCES: usize = 3;
/// Text in Latin letters, rows of figures and letter-spaced text have too few pairs of Han
/// characters to be judged by them: a quarter of the bytes, where prose has nine tenths.
const MIN_PAIR_BYTES: usize = 4;
/// Fewer than a fifth of the samples that are due: a short text over and over, and by chance none
/// of its pairs is sampled.
const FEWEST: usize = 5;

/// Slots of the smallest table.
const FEWEST_SLOTS: usize = 128;

thread_local! {
    /// A step has no state of its own, and fresh tables would cost more than the search.
    static TABLES: RefCell<Tables> = RefCell::default();
}

/// What was sampled so far. Both have as many slots, a power of two.
#[derive(Default)]
struct Tables {
    /// Prints of heads, and where the only sample with that head stands so far; [`READ`] once there
    /// were more.
    heads: Vec<(u32, u32)>,
    /// Prints of those grams whose head came twice.
    grams: Vec<u32>,
}

/// The place of a head all of whose grams are in the table.
const READ: u32 = u32::MAX;

/// Enough of `text` occurs twice for a repeat to be worth looking for. One pass that takes a share of the grams.
pub(super) fn may_repeat(text: &str) -> bool {
    let rate = RATES.iter().find(|(len, _)| text.len() <= *len).map_or(3, |r| r.1);
    TABLES.with_borrow_mut(|tables| {
        // Twice the samples that a text of nothing but pairs gives.
        let size = ((text.len() / 3) >> rate).next_power_of_two().max(FEWEST_SLOTS) * 2;
        tables.heads.clear();
        tables.heads.resize(size, (0, 0));
        tables.grams.clear();
        tables.grams.resize(size, 0);
        let mut grams = Grams { text: text.as_bytes(), again: 0, new: 0, tables };
        // A text has no more pairs than this, so that where so many came again the rest need not be read.
        let enough = MIN_RECURRENCES.max(((text.len() / 3) >> rate) / SHARE);
        let pairs = grams.read(rate, enough);
        let due = pairs >> rate;
        grams.is_full()
            || pairs * 3 * MIN_PAIR_BYTES < text.len()
            || grams.again >= MIN_RECURRENCES.max(due / SHARE)
            || (grams.new + grams.again) * FEWEST < due
    })
}

struct Grams<'a> {
    text: &'a [u8],
    /// Samples met before.
    again: usize,
    /// Different samples.
    new: usize,
    tables: &'a mut Tables,
}

impl Grams<'_> {
    /// Too many different samples for the table: somebody made the text so.
    fn is_full(&self) -> bool {
        self.new * 2 > self.tables.grams.len()
    }

    /// Counts the pairs of Han characters and looks up one of `2^rate`, until `enough` came again.
    fn read(&mut self, rate: u32, enough: usize) -> usize {
        let text = self.text;
        let mask = (1_u8 << rate) - 1;
        let arch = Arch::new();
        let (mut places, mut counts) = ([0_u64; BLOCKS], [0_u8; BLOCKS]);
        let (mut pairs, mut from) = (0, 0);
        // Blocks come in twos; the last few bytes of a text say nothing.
        let end = text.len().saturating_sub(PAIR) / (2 * BLOCK) * (2 * BLOCK);
        while from < end && self.again < enough {
            let blocks = BLOCKS.min((end - from) / BLOCK);
            let (places, counts) = (&mut places[..blocks], &mut counts[..blocks]);
            let sample = Sample { bytes: &text[from..], mask, places, counts };
            match arch {
                #[cfg(target_arch = "x86_64")]
                Arch::V3(simd) => simd.vectorize(SampleOnV3(simd, sample)),
                #[cfg(target_arch = "x86_64")]
                Arch::V4(simd) => simd.vectorize(SampleOnV3(*simd, sample)),
                arch => arch.dispatch(sample),
            }
            for (n, mut block) in places.iter().copied().enumerate() {
                pairs += usize::from(counts[n]);
                // Two blocks end within the span of a gram.
                let behind = counts.get(n + 1..n + 3).map_or(0, |two| two[0] + two[1]);
                while block != 0 {
                    let at = from + block.trailing_zeros() as usize;
                    self.look_up_head(at, usize::from(behind) >= GRAM);
                    block &= block - 1;
                }
                from += BLOCK;
            }
        }
        pairs
    }

    /// As [`Grams::look_up`]. Most grams have a head of their own; where a gram is `sure` to stand,
    /// the rest of such a one need not be read.
    fn look_up_head(&mut self, at: usize, sure: bool) {
        if self.is_full() || !sure && print_at::<GRAM>(self.text, at).is_none() {
            return;
        }
        let Some(head) = print_at::<HEAD>(self.text, at) else { return };
        let heads = &mut self.tables.heads;
        let mask = heads.len() - 1;
        let mut slot = (head as usize >> 7) & mask;
        while heads[slot].0 != 0 && heads[slot].0 != head {
            slot = (slot + 1) & mask;
        }
        let before = std::mem::replace(&mut heads[slot], (head, READ));
        if sure && before.0 == 0 {
            heads[slot].1 = at as u32;
            self.new += 1;
            return;
        }
        if before.0 != 0 && before.1 != READ {
            // It was counted when it came.
            let counted = (self.new, self.again);
            self.look_up(before.1 as usize);
            (self.new, self.again) = counted;
        }
        self.look_up(at);
    }

    /// Reads the gram at `at` and looks whether it came before.
    fn look_up(&mut self, at: usize) {
        let Some(print) = print_at::<GRAM>(self.text, at) else { return };
        let seen = &mut self.tables.grams;
        let mask = seen.len() - 1;
        let mut slot = (print as usize >> 7) & mask;
        while seen[slot] != 0 && seen[slot] != print {
            slot = (slot + 1) & mask;
        }
        if seen[slot] == 0 {
            seen[slot] = print;
            self.new += 1;
        } else {
            self.again += 1;
        }
    }
}

/// Marks the sampled places of each block with a bit in `places` and gives its pairs of Han
/// characters in `counts`. All bytes alike and without a branch, which the compiler makes vectors of.
struct Sample<'a> {
    bytes: &'a [u8],
    mask: u8,
    places: &'a mut [u64],
    counts: &'a mut [u8],
}

impl Sample<'_> {
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "only inlined code is compiled for the chosen instructions")]
    fn read(self, gather: &impl Gather) {
        for (n, (places, count)) in self.places.iter_mut().zip(self.counts).enumerate() {
            let Some(window) = self.bytes[n * BLOCK..].first_chunk::<{ BLOCK + PAIR }>() else { break };
            let mut sampled = [0_u8; BLOCK];
            let mut pairs = 0_u8;
            for (i, sampled) in sampled.iter_mut().enumerate() {
                let (b, c) = (window[i + 1], window[i + 2]);
                let (e, f) = (window[i + 4], window[i + 5]);
                let pair = u8::from(is_han_lead(window[i]) & is_han_lead(window[i + 3]));
                let hash = (b << 1).wrapping_add(c << 2).wrapping_add(c).wrapping_sub(e << 1) ^ f;
                pairs += pair;
                *sampled = 0_u8.wrapping_sub(pair & u8::from(hash & self.mask == 0));
            }
            *count = pairs;
            *places = gather.bits(sampled);
        }
    }
}

impl WithSimd for Sample<'_> {
    type Output = ();

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "only inlined code is compiled for the chosen instructions")]
    fn with_simd<V: Simd>(self, _: V) {
        self.read(&AnyMachine);
    }
}

#[cfg(target_arch = "x86_64")]
struct SampleOnV3<'a>(pulp::x86::V3, Sample<'a>);

#[cfg(target_arch = "x86_64")]
impl pulp::NullaryFnOnce for SampleOnV3<'_> {
    type Output = ();

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "only inlined code is compiled for the chosen instructions")]
    fn call(self) {
        self.1.read(&self.0);
    }
}

/// The print of `LETTERS` letters and digits from `at` on; `None` at the text's end and where marks
/// stand thick.
#[allow(clippy::many_single_char_names, reason = "the bytes of one character, and where it stands")]
fn print_at<const LETTERS: usize>(text: &[u8], at: usize) -> Option<u32> {
    let (mut hash, mut n, mut i) = (0_u64, 0, at);
    let end = text.len().min(at + MAX_GRAM_SPAN);
    while n < LETTERS {
        // Han and the marks between, in one go: which of them counts is no branch, for it would be
        // guessed wrong at every mark.
        while let Some(four) = text.get(i..end).and_then(<[u8]>::first_chunk::<4>) {
            if four[0] < 0xE0 || n == LETTERS {
                break;
            }
            let han = is_han_lead(four[0]);
            let code = u64::from(u32::from_le_bytes(*four) & 0xFF_FFFF);
            let product = (code ^ WEIGHTS[n]).wrapping_mul(WEIGHTS[n]);
            hash = hash.wrapping_add(if han { product } else { 0 });
            n += usize::from(han);
            i += 3;
        }
        if n == LETTERS {
            break;
        }
        let left = text.get(i..end)?;
        let code = match left {
            [b @ 0xE4..=0xE9, x, y, ..] => {
                i += 3;
                u64::from(u32::from_le_bytes([*b, *x, *y, 0]))
            }
            [b, ..] => {
                i += match b {
                    0xE0.. => 3,
                    0xC0..=0xDF => 2,
                    _ => 1,
                };
                if !b.is_ascii_alphanumeric() {
                    continue;
                }
                u64::from(b.to_ascii_lowercase())
            }
            [] => return None,
        };
        // One product a character, none waiting for another.
        hash = hash.wrapping_add((code ^ WEIGHTS[n]).wrapping_mul(WEIGHTS[n]));
        n += 1;
    }
    // The print is a slot's whole content, and 0 an empty one.
    Some((hash >> 32) as u32 | 1)
}

/// An odd number for each place of a gram.
const WEIGHTS: [u64; GRAM] = {
    let mut weights = [0; GRAM];
    let (mut n, mut weight) = (0, 0x9E37_79B9_7F4A_7C15_u64);
    while n < GRAM {
        weight = weight.wrapping_mul(0xD6E8_FEB8_6659_FD93);
        weights[n] = weight | 1;
        n += 1;
    }
    weights
};

/// Bytes that are sampled in one go, one bit each; pairs among them are counted in a byte.
const BLOCK: usize = 64;

/// Blocks that are sampled in one call, which is what the choice of instructions costs.
const BLOCKS: usize = 64;

/// Two Han characters.
const PAIR: usize = 6;

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn a_text_is_suspected_for_what_it_holds_twice() {
        for n in [600_u32, 3_000, 9_000] {
            let once: String = (0..n).filter_map(|n| char::from_u32(0x4E00 + n * n * 7 % 20_011)).collect();
            assert!(!may_repeat(&once), "{n}");
            assert!(may_repeat(&format!("{once}\n{once}")), "{n}");
            let noisy: String = once
                .chars()
                .enumerate()
                .flat_map(|(n, c)| {
                    [c, if n % 7 == 0 { '★' } else { '，' }].into_iter().take(1 + usize::from(n % 7 == 0))
                })
                .collect();
            assert!(may_repeat(&format!("{noisy}，{once}")), "marks do not hide a copy of {n}");
        }
        assert!(!may_repeat(""));
        assert!(may_repeat(&"a".repeat(100_000)));
        assert!(may_repeat(&"一二三四五六七".repeat(1_000)));
    }

    #[test]
    #[expect(clippy::many_single_char_names, reason = "the bytes of two characters, one after the other")]
    fn grams_that_are_read_late_are_counted_as_if_read_at_once() {
        let mut seed = 5_u32;
        let mut pick = |n: u32| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 8) % n
        };
        for n in 0..40 {
            let phrases: Vec<String> = (0..40)
                .map(|_| {
                    let han = |n| char::from_u32(0x4E00 + n).unwrap();
                    (0..4 + pick(30))
                        .flat_map(|_| [Some(han(pick(900))), (pick(9) == 0).then_some('，')])
                        .flatten()
                        .collect()
                })
                .collect();
            let mut text: String = (0..60 + n * 20).map(|_| phrases[pick(40) as usize].as_str()).collect();
            text += &"。…".repeat(pick(80) as usize);
            text += &phrases[0];
            let rate = 3;
            let bytes = text.as_bytes();
            let (mut prints, mut again) = (HashSet::new(), 0);
            for at in 0..(bytes.len() - PAIR) / (2 * BLOCK) * (2 * BLOCK) {
                let [a, b, c, d, e, f] = *bytes[at..].first_chunk().unwrap();
                let hash = (b << 1).wrapping_add(c << 2).wrapping_add(c).wrapping_sub(e << 1) ^ f;
                if is_han_lead(a)
                    && is_han_lead(d)
                    && hash.is_multiple_of(8)
                    && let Some(print) = print_at::<GRAM>(bytes, at)
                {
                    again += usize::from(!prints.insert(print));
                }
            }
            let size = bytes.len().next_power_of_two();
            let mut tables = Tables { heads: vec![(0, 0); size], grams: vec![0; size] };
            let mut grams = Grams { text: bytes, again: 0, new: 0, tables: &mut tables };
            grams.read(rate, usize::MAX);
            assert_eq!((grams.new, grams.again), (prints.len(), again), "{text}");
            assert!(again > 10 && prints.len() > 10);
        }
    }
}
