//! Whether a text can hold a repeat at all, without taking its key.
//!
//! Nineteen documents of twenty hold none, and taking a key with its offsets costs three times as
//! much as looking whether enough of its grams come twice. The hash forgets by itself: each
//! character shifts the older ones on, and after thirteen they have left the word.

use std::cell::RefCell;

use crate::text::key::{fold, is_common_mark};

/// Bits by which a character moves the older ones on; 13 of them clear 64 bits.
const SHIFT: u32 = 5;
/// One gram of eight is sampled, by the top bits of the hash.
const SAMPLE_SHIFT: u32 = 61;
/// Spreads the bits of a code point over the word.
const SPREAD: u64 = 0x9E37_79B9_7F4A_7C15;
/// Samples that recur: a repeat has a sixth of the document at least, so a forty-eighth of its
/// characters; half of that leaves room for slips.
const CHARS_A_RECURRENCE: usize = 96;
const MIN_RECURRENCES: usize = 3;
/// Fewer than one sample in so many characters, where one in eight is due.
const FEWEST_SAMPLED: usize = 40;
/// Samples that wait to be looked up, so that the loop over the text has no branch for them.
const WAITING: usize = 256;

thread_local! {
    /// Prints of the grams seen so far; a step has no state of its own.
    static SEEN: RefCell<Vec<u32>> = const { RefCell::new(Vec::new()) };
}

/// Enough grams of the letters and digits of `text` occur twice for a repeat to be worth looking
/// for. About 1.5 GB/s on Han text.
pub(super) fn may_repeat(text: &str) -> bool {
    SEEN.with_borrow_mut(|seen| {
        // A key has a character for three bytes at most of Han, for one of Latin; a quarter of the
        // bytes is room for four times the samples that Latin text gives.
        let size = (text.len() / 4).next_power_of_two().max(4 * WAITING);
        seen.clear();
        seen.resize(size, 0);
        let mut grams = Grams { n: 0, again: 0, new: 0, seen };
        grams.read(text);
        grams.is_full()
            || grams.again >= MIN_RECURRENCES.max(grams.n / CHARS_A_RECURRENCE)
            // A short text over and over has few grams, and by chance none of them is sampled.
            || (grams.new + grams.again) * FEWEST_SAMPLED < grams.n
    })
}

struct Grams<'a> {
    /// Characters read.
    n: usize,
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

    fn read(&mut self, text: &str) {
        let bytes = text.as_bytes();
        let mut waiting = [0_u64; WAITING + 1];
        // All in registers: the loop has nothing to store but the samples.
        let (mut hash, mut n, mut n_waiting, mut i) = (0_u64, 0_usize, 0_usize, 0_usize);
        while i < bytes.len() {
            let b = bytes[i];
            let code = match b {
                0xE4..=0xE9 => {
                    i += 3;
                    three_bytes(bytes, i - 3)
                }
                0..0x80 => {
                    i += 1;
                    if !b.is_ascii_alphanumeric() {
                        continue;
                    }
                    u32::from(b.to_ascii_lowercase())
                }
                _ => {
                    if (0xE0..0xF0).contains(&b) && is_common_mark(three_bytes(bytes, i)) {
                        i += 3;
                        continue;
                    }
                    let Some(c) = text[i..].chars().next() else { break };
                    i += c.len_utf8();
                    // Zeros of years are left out, for a key takes ○ for 〇 by what stands beside it.
                    match fold(c, None, "").filter(|_| !matches!(c, '○' | '◯' | '〇')) {
                        Some(c) => u32::from(c),
                        None => continue,
                    }
                }
            };
            hash = (hash << SHIFT).wrapping_add(u64::from(code).wrapping_mul(SPREAD));
            n += 1;
            waiting[n_waiting] = hash;
            n_waiting += usize::from(hash >> SAMPLE_SHIFT == 0);
            if n_waiting == WAITING {
                self.look_up(&waiting[..n_waiting]);
                n_waiting = 0;
                if self.is_full() {
                    break;
                }
            }
        }
        self.look_up(&waiting[..n_waiting]);
        self.n = n;
    }

    fn look_up(&mut self, hashes: &[u64]) {
        let mask = self.seen.len() - 1;
        for hash in hashes {
            // The top bits are zero by choice; the product mixes the others.
            let mixed = hash.wrapping_mul(0xD6E8_FEB8_6659_FD93);
            let print = (mixed >> 32) as u32 | 1;
            let mut at = mixed as usize & mask;
            while self.seen[at] != 0 && self.seen[at] != print {
                at = (at + 1) & mask;
            }
            if self.seen[at] == 0 {
                self.seen[at] = print;
                self.new += 1;
            } else {
                self.again += 1;
            }
        }
    }
}

#[inline]
fn three_bytes(bytes: &[u8], i: usize) -> u32 {
    u32::from(bytes[i] & 0x0F) << 12 | u32::from(bytes[i + 1] & 0x3F) << 6 | u32::from(bytes[i + 2] & 0x3F)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_suspected_for_what_it_holds_twice() {
        let once: String = (0..600).filter_map(|n| char::from_u32(0x4E00 + n * n * 7 % 20_000)).collect();
        assert!(!may_repeat(&once));
        assert!(may_repeat(&format!("{once}\n{once}")));
        let noisy: String = once.chars().flat_map(|c| [c, '★']).collect();
        assert!(may_repeat(&format!("{noisy}，{once}")), "marks do not hide a copy");
        assert!(!may_repeat(""));
        assert!(may_repeat(&"a".repeat(100_000)));
    }
}
