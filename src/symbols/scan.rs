//! Walks over a text and stops only at characters of interest.
//!
//! A step names its characters as ranges; the same list tells when to wake it. All others, above
//! all Han, are stepped over by their first byte, or tested by one bit without being decoded.

use std::ops::RangeInclusive;

/// The characters that a step looks for.
pub(super) struct Interest {
    /// For every first byte: 0 where some character of interest begins so, else its length.
    strides: [u8; 256],
    /// A bit for each code point below U+10000.
    bits: [u64; 1024],
}

impl Interest {
    /// Interest in `ranges`. Beyond U+FFFF whole planes are shown: such characters are rare.
    pub(super) const fn new(ranges: &[RangeInclusive<char>]) -> Self {
        let (mut strides, mut bits) = ([1; 256], [0; 1024]);
        let mut byte = 0xC0;
        while byte < 256 {
            strides[byte] = if byte < 0xE0 {
                2
            } else if byte < 0xF0 {
                3
            } else {
                4
            };
            byte += 1;
        }
        let mut i = 0;
        while i < ranges.len() {
            let (mut code, last) = (*ranges[i].start() as usize, *ranges[i].end() as usize);
            while code <= last && code < 0x1_0000 {
                bits[code >> 6] |= 1 << (code & 0x3F);
                let first_byte = if code < 0x80 {
                    code
                } else if code < 0x800 {
                    0xC0 | code >> 6
                } else {
                    0xE0 | code >> 12
                };
                strides[first_byte] = 0;
                code += 1;
            }
            while code <= last {
                strides[0xF0 | code >> 18] = 0;
                code = (code | 0x3_FFFF) + 1;
            }
            i += 1;
        }
        Self { strides, bits }
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
            let first = *bytes.get(self.at)?;
            let mut stride = usize::from(self.interest.strides[usize::from(first)]);
            if stride == 0 {
                let low = |n: usize| usize::from(bytes[self.at + n] & 0x3F);
                let (block, bit) = match first {
                    0xC0..0xE0 => (usize::from(first & 0x1F), low(1)),
                    0xE0..0xF0 => (usize::from(first & 0x0F) << 6 | low(1), low(2)),
                    _ => return self.show(),
                };
                if self.interest.bits[block] >> bit & 1 == 1 {
                    return self.show();
                }
                stride = if first < 0xE0 { 2 } else { 3 };
            }
            self.at += stride;
        }
    }
}

impl Scan<'_> {
    fn show(&mut self) -> Option<(usize, char)> {
        let at = self.at;
        let c = self.text[at..].chars().next()?;
        self.at += c.len_utf8();
        Some((at, c))
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
