//! Walks over a text and stops only at characters of interest.
//!
//! A step names its characters as ranges; the same list tells when to wake it. All others, above
//! all Han, are stepped over by their first byte, or tested by one bit without being decoded.

use std::ops::RangeInclusive;

/// The characters that a step looks for.
pub(super) struct Interest {
    /// A bit for each code point below U+10000.
    bits: [u64; 1024],
}

impl Interest {
    /// Interest in `ranges`, none of which may lie in U+4000–9FFF. Beyond U+FFFF everything is
    /// shown: such characters are rare.
    pub(super) const fn new(ranges: &[RangeInclusive<char>]) -> Self {
        let mut bits = [0; 1024];
        let mut i = 0;
        while i < ranges.len() {
            let (mut code, last) = (*ranges[i].start() as usize, *ranges[i].end() as usize);
            assert!(last < 0x4000 || code > 0x9FFF, "Han is stepped over");
            while code <= last && code < 0x1_0000 {
                bits[code >> 6] |= 1 << (code & 0x3F);
                code += 1;
            }
            i += 1;
        }
        Self { bits }
    }

    #[inline]
    const fn wants(&self, block: usize, bit: u8) -> bool {
        self.bits[block] >> (bit & 0x3F) & 1 == 1
    }
}

/// The characters of interest in a text, each with its offset.
pub(super) struct Scan<'a> {
    text: &'a str,
    at: usize,
    interest: &'static Interest,
}

impl<'a> Scan<'a> {
    /// Starts at the beginning of `text`.
    pub(super) const fn new(text: &'a str, interest: &'static Interest) -> Self {
        Self { text, at: 0, interest }
    }
}

impl Iterator for Scan<'_> {
    type Item = (usize, char);

    #[inline]
    fn next(&mut self) -> Option<(usize, char)> {
        let bytes = self.text.as_bytes();
        loop {
            // Branches, not a table of lengths: the next character must not wait for a look-up.
            let first = *bytes.get(self.at)?;
            let (wanted, length) = match first {
                0xE4..=0xE9 => (false, 3),
                0..0x80 => (self.interest.wants(usize::from(first >> 6), first), 1),
                0x80..0xE0 => (self.interest.wants(usize::from(first & 0x1F), bytes[self.at + 1]), 2),
                0xE0..0xF0 => {
                    let block = usize::from(first & 0x0F) << 6 | usize::from(bytes[self.at + 1] & 0x3F);
                    (self.interest.wants(block, bytes[self.at + 2]), 3)
                }
                _ => (true, 4),
            };
            let at = self.at;
            self.at += length;
            if wanted {
                return Some((at, self.text[at..].chars().next()?));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_characters_of_interest_are_shown() {
        static INTEREST: Interest = Interest::new(&[
            '0'..='0',
            'é'..='é',
            '★'..='★',
            '\u{FFFD}'..='\u{FFFF}',
            '\u{1F600}'..='\u{1F64F}',
        ]);
        let seen: Vec<_> = Scan::new("国0éè★☆aО。😀1\u{FFFD}，0", &INTEREST).collect();
        assert_eq!(seen, [(3, '0'), (4, 'é'), (8, '★'), (20, '😀'), (25, '\u{FFFD}'), (31, '0')]);
        assert_eq!(Scan::new("", &INTEREST).next(), None);
    }
}
