//! Walks over a text and stops only where a character of interest may stand.
//!
//! The first byte of a character tells its block. A step names the first bytes it cares for; all
//! other characters, above all Han, are stepped over without being decoded.

/// For every first byte: 0 where the character has to be looked at, else its length in bytes.
pub(super) type Strides = [u8; 256];

/// Strides that look at characters beginning with one of the bytes `looks` and skip the rest.
pub(super) const fn strides(looks: &[u8]) -> Strides {
    let mut table = [1; 256];
    let mut b = 0xC0;
    while b < 256 {
        table[b] = match b {
            0xC0..0xE0 => 2,
            0xE0..0xF0 => 3,
            _ => 4,
        };
        b += 1;
    }
    let mut i = 0;
    while i < looks.len() {
        table[looks[i] as usize] = 0;
        i += 1;
    }
    table
}

/// The characters of `text` to be looked at, each with its offset.
pub(super) struct Scan<'a> {
    text: &'a str,
    at: usize,
    strides: &'static Strides,
}

impl<'a> Scan<'a> {
    /// Starts at the beginning of `text`.
    pub(super) const fn new(text: &'a str, strides: &'static Strides) -> Self {
        Self { text, at: 0, strides }
    }
}

impl Iterator for Scan<'_> {
    type Item = (usize, char);

    #[inline]
    fn next(&mut self) -> Option<(usize, char)> {
        let bytes = self.text.as_bytes();
        loop {
            let stride = self.strides[usize::from(*bytes.get(self.at)?)];
            if stride == 0 {
                let at = self.at;
                let c = self.text[at..].chars().next()?;
                self.at += c.len_utf8();
                return Some((at, c));
            }
            self.at += usize::from(stride);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_wanted_first_bytes_are_shown() {
        static STRIDES: Strides = strides(&[b'0', 0xE2, 0xF0]);
        let seen: Vec<_> = Scan::new("国0é★aО。😀0", &STRIDES).collect();
        assert_eq!(seen, [(3, '0'), (6, '★'), (15, '😀'), (19, '0')]);
        assert_eq!(Scan::new("", &STRIDES).next(), None);
    }
}
