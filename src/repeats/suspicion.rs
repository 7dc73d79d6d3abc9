//! Whether a text can hold a repeat at all, without taking its key.
//!
//! Nineteen documents of twenty hold none, and taking a key with its offsets costs three times as
//! much as looking whether enough of it comes twice. Places are sampled by the two Han characters
//! that stand there, so both copies of a repeat give the same ones; only at these places more is
//! read.

use std::cell::RefCell;

use crate::text::sift::is_han_lead;

/// Letters and digits from a sampled place on that must recur. With twelve, stock phrases of
/// statutes make every third one suspect.
const GRAM: usize = 20;
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
    /// Prints of the grams seen so far; a step has no state of its own.
    static SEEN: RefCell<Vec<u32>> = const { RefCell::new(Vec::new()) };
}

/// Enough of `text` occurs twice for a repeat to be worth looking for. One pass that takes a share of the grams.
pub(super) fn may_repeat(text: &str) -> bool {
    let rate = RATES.iter().find(|(len, _)| text.len() <= *len).map_or(3, |r| r.1);
    SEEN.with_borrow_mut(|seen| {
        // Twice the samples that a text of nothing but pairs gives.
        let size = ((text.len() / 3) >> rate).next_power_of_two().max(FEWEST_SLOTS) * 2;
        seen.clear();
        seen.resize(size, 0);
        let mut grams = Grams { text: text.as_bytes(), again: 0, new: 0, seen };
        let pairs = grams.read(rate);
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
    seen: &'a mut [u32],
}

impl Grams<'_> {
    /// Too many different samples for the table: somebody made the text so.
    fn is_full(&self) -> bool {
        self.new * 2 > self.seen.len()
    }

    /// Counts the pairs of Han characters and looks up one of `2^rate`.
    fn read(&mut self, rate: u32) -> usize {
        let text = self.text;
        let mask = (1_u8 << rate) - 1;
        let mut sampled = [0_u8; BLOCK];
        let (mut pairs, mut from) = (0, 0);
        while let Some(block) = text.get(from..from + BLOCK + PAIR) {
            pairs += sample(block, mask, &mut sampled);
            for (word, eight) in sampled.chunks_exact(8).enumerate() {
                let mut places = u64::from_le_bytes(eight.try_into().expect("eight bytes"));
                while places != 0 {
                    self.look_up(from + 8 * word + places.trailing_zeros() as usize / 8);
                    places &= places - 1;
                }
            }
            from += BLOCK;
        }
        pairs
    }

    fn look_up(&mut self, at: usize) {
        if self.is_full() {
            return;
        }
        let Some(print) = print_at(self.text, at) else { return };
        let mask = self.seen.len() - 1;
        let mut slot = (print as usize >> 7) & mask;
        while self.seen[slot] != 0 && self.seen[slot] != print {
            slot = (slot + 1) & mask;
        }
        if self.seen[slot] == 0 {
            self.seen[slot] = print;
            self.new += 1;
        } else {
            self.again += 1;
        }
    }
}

/// Marks the sampled places of `block` with a one in `sampled` and counts the pairs of Han
/// characters. All bytes alike and without a branch, which the compiler makes vectors of.
#[allow(clippy::many_single_char_names, reason = "the bytes of two characters, one after the other")]
fn sample(block: &[u8], mask: u8, sampled: &mut [u8; BLOCK]) -> usize {
    let part = |n: usize| &block[n..n + BLOCK];
    let (lead, b, c, next, e, f) = (part(0), part(1), part(2), part(3), part(4), part(5));
    let mut pairs = 0_u8;
    for i in 0..BLOCK {
        let pair = u8::from(is_han_lead(lead[i]) & is_han_lead(next[i]));
        let hash = (b[i] << 1).wrapping_add(c[i] << 2).wrapping_add(c[i]).wrapping_sub(e[i] << 1) ^ f[i];
        pairs += pair;
        sampled[i] = pair & u8::from(hash & mask == 0);
    }
    usize::from(pairs)
}

/// The print of the letters and digits from `at` on; `None` at the text's end and where marks stand
/// thick.
#[allow(clippy::many_single_char_names, reason = "the bytes of one character, and where it stands")]
fn print_at(text: &[u8], at: usize) -> Option<u32> {
    let (mut hash, mut n, mut i) = (0_u64, 0, at);
    let end = text.len().min(at + MAX_GRAM_SPAN);
    while n < GRAM {
        // Han and the marks between, in one go: which of them counts is no branch, for it would be
        // guessed wrong at every mark.
        while let Some(four) = text.get(i..end).and_then(<[u8]>::first_chunk::<4>) {
            if four[0] < 0xE0 || n == GRAM {
                break;
            }
            let han = is_han_lead(four[0]);
            let code = u64::from(u32::from_le_bytes(*four) & 0xFF_FFFF);
            let product = (code ^ WEIGHTS[n]).wrapping_mul(WEIGHTS[n]);
            hash = hash.wrapping_add(if han { product } else { 0 });
            n += usize::from(han);
            i += 3;
        }
        if n == GRAM {
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

/// Bytes that are sampled in one go; pairs among them are counted in a byte.
const BLOCK: usize = 128;

/// Two Han characters.
const PAIR: usize = 6;

#[cfg(test)]
mod tests {
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
}
