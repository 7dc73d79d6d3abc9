//! Finds blanks: spaces and TABs at the speed of memory, U+3000 by its rarest bytes.
//!
//! Every line asks for its blanks and few have any, so what was found beyond a line is remembered
//! for the next ones: a text is searched once for each kind, however many lines it has.

use memchr::{memchr2, memmem};

use crate::text::sift::sift;

/// The blanks of one text, asked for in reading order.
pub(super) struct Blanks<'a> {
    bytes: &'a [u8],
    ends_alike: memmem::Finder<'static>,
    /// The first space or TAB, and the first U+3000, at or behind the last place asked for.
    narrow: usize,
    wide: usize,
    /// Other blanks occur, so bytes are looked at one by one.
    odd: bool,
}

impl<'a> Blanks<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        // U+3000 ends in the bytes 80 80, which hardly any Han character does; to look for the
        // whole of it would stop at every 。 and 、.
        let ends_alike = memmem::Finder::new(&[0x80, 0x80]);
        let bytes = text.as_bytes();
        let mut blanks =
            Self { bytes, ends_alike, narrow: 0, wide: 0, odd: sift(text, odd_sieve).next().is_some() };
        (blanks.narrow, blanks.wide) = (blanks.next_narrow(0), blanks.next_wide(0));
        blanks
    }

    /// The first blank of `from..to`. Both grow from call to call.
    pub(super) fn next(&mut self, from: usize, to: usize) -> Option<usize> {
        if self.odd {
            return first_of_any(self.bytes, from, to);
        }
        if self.narrow < from {
            self.narrow = self.next_narrow(from);
        }
        if self.wide < from {
            self.wide = self.next_wide(from);
        }
        Some(self.narrow.min(self.wide)).filter(|&at| at < to)
    }

    fn next_narrow(&self, from: usize) -> usize {
        memchr2(b' ', b'\t', &self.bytes[from..]).map_or(self.bytes.len(), |n| from + n)
    }

    fn next_wide(&self, from: usize) -> usize {
        // Its first byte stands at `from` at the earliest.
        let mut from = (from + 1).min(self.bytes.len());
        while let Some(n) = self.ends_alike.find(&self.bytes[from..]) {
            let at = from + n;
            if self.bytes[at - 1] == 0xE3 {
                return at - 1;
            }
            from = at + 1;
        }
        self.bytes.len()
    }
}

/// Lets through blanks other than spaces, TABs and U+3000.
fn odd_sieve(a: u8, b: u8, c: u8, _: u8) -> bool {
    let general = (b == 0x80) & ((c.wrapping_sub(0x80) <= 0x0A) | (c == 0xAF)) | (b == 0x81) & (c == 0x9F);
    (a == 0xC2) & (b == 0xA0) | (a == 0xE1) & (b == 0x9A) & (c == 0x80) | (a == 0xE2) & general
}

/// The first blank of any kind in `bytes[from..to]`.
fn first_of_any(bytes: &[u8], from: usize, to: usize) -> Option<usize> {
    let mut at = from;
    while at < to {
        let blank = match bytes[at] {
            0xE4..=0xE9 => {
                at += 3;
                continue;
            }
            b' ' | b'\t' => true,
            0xC2 => bytes[at + 1] == 0xA0,
            0xE1 => bytes[at + 1] == 0x9A && bytes[at + 2] == 0x80,
            0xE2 => match bytes[at + 1] {
                0x80 => matches!(bytes[at + 2], 0x80..=0x8A | 0xAF),
                0x81 => bytes[at + 2] == 0x9F,
                _ => false,
            },
            0xE3 => bytes[at + 1] == 0x80 && bytes[at + 2] == 0x80,
            _ => false,
        };
        if blank {
            return Some(at);
        }
        at += 1;
    }
    None
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
            let (mut blanks, mut found, mut from) = (Blanks::new(&text), Vec::new(), 0);
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
