//! Finds blanks at the speed of memory.
//!
//! Every line asks for its blanks and few have any, so what was found beyond a line is remembered
//! for the next ones: a text is searched once, however many lines it has.

use crate::text::sift::sift;

/// The blanks of one text, asked for in reading order.
pub(super) struct Blanks<I> {
    places: I,
    /// The first one at or behind the last place asked for, if any is left.
    first: Option<usize>,
}

/// The blanks of `text`.
pub(super) fn blanks(text: &str) -> Blanks<impl Iterator<Item = usize>> {
    let mut places = sift(text, sieve);
    let first = places.next();
    Blanks { places, first }
}

impl<I: Iterator<Item = usize>> Blanks<I> {
    /// The first blank of `from..to`. Both grow from call to call.
    #[inline]
    pub(super) fn next(&mut self, from: usize, to: usize) -> Option<usize> {
        while self.first.is_some_and(|at| at < from) {
            self.first = self.places.next();
        }
        self.first.filter(|&at| at < to)
    }
}

/// Lets through blanks and nothing else.
fn sieve(a: u8, b: u8, c: u8, _: u8) -> bool {
    let general = (b == 0x80) & ((c <= 0x8A) | (c == 0xAF)) | (b == 0x81) & (c == 0x9F);
    let rare = (a == 0xC2) & (b == 0xA0) | (a == 0xE1) & (b == 0x9A) & (c == 0x80);
    (a == b' ') | (a == b'\t') | (a == 0xE3) & (b == 0x80) & (c == 0x80) | (a == 0xE2) & general | rare
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::chars::is_blank;

    #[test]
    fn every_blank_is_found_in_order() {
        let alphabet = ["甲", "一", "一", "怀", " ", "\t", "　", "、", "a", "\n", "“"];
        let odd = ["\u{A0}", "\u{1680}", "\u{2000}", "\u{2009}", "\u{202F}", "\u{205F}", "–"];
        let mut seed = 7_u32;
        for n in 0..200 {
            let text: String = (0..60)
                .map(|_| {
                    seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    let pick = (seed >> 16) as usize;
                    if n % 2 == 0 && pick.is_multiple_of(5) { odd[pick % 7] } else { alphabet[pick % 11] }
                })
                .collect();
            let expected: Vec<usize> =
                text.char_indices().filter(|(_, c)| is_blank(*c)).map(|(at, _)| at).collect();
            let (mut blanks, mut found, mut from) = (blanks(&text), Vec::new(), 0);
            for line in text.split_inclusive('\n') {
                let to = from + line.len();
                while let Some(at) = blanks.next(from, to) {
                    found.push(at);
                    from = at + 1;
                }
                from = to;
            }
            assert_eq!(found, expected, "{text:?}");
        }
    }
}
