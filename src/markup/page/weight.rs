//! How much text a piece of a page holds, and how much of it is sentences.

use std::ops::{AddAssign, Sub};

/// A reference longer than this is none that matters here.
const MOST_REFERENCE: usize = 10;

/// An amount of text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Weight {
    /// Half characters: Han and other wide ones count two, ASCII counts one, blanks nothing.
    pub(super) units: u32,
    /// Marks that stand in sentences: ，。、；！？
    pub(super) marks: u32,
}

impl AddAssign for Weight {
    fn add_assign(&mut self, other: Self) {
        self.units += other.units;
        self.marks += other.marks;
    }
}

impl Sub for Weight {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self { units: self.units.saturating_sub(other.units), marks: self.marks.saturating_sub(other.marks) }
    }
}

/// Weighs `text`, source between two tags, and tells whether it is bare: no blank and no reference in it.
pub(super) fn weigh(text: &str) -> (Weight, bool) {
    let bytes = text.as_bytes();
    let (mut weight, mut is_bare) = (Weight::default(), true);
    let (mut at, mut was_wide) = (0, false);
    while let Some(&lead) = bytes.get(at) {
        // Nineteen bytes of twenty of a text are Han.
        if matches!(lead, 0xE4..=0xE9) {
            weight.units += 2;
            was_wide = true;
            at += 3;
            continue;
        }
        let (mut len, mut wide) = (1, false);
        match lead {
            0..=b' ' => is_bare = false,
            b'&' => {
                is_bare = false;
                len = reference(&bytes[at..]);
                let is_blank = matches!(&bytes[at..at + len], b"&nbsp;" | b"&#160;" | b"&emsp;" | b"&ensp;");
                weight.units += u32::from(!is_blank);
            }
            b',' | b';' | b'?' | b'!' => {
                weight.units += 1;
                // Marks that a form narrowed stand right behind Han.
                weight.marks += u32::from(was_wide);
            }
            0x21..0x80 => weight.units += 1,
            0xE3..=0xEF => {
                len = 3;
                wide = true;
                match bytes[at..] {
                    [0xE3, 0x80, 0x80, ..] => wide = false,
                    [0xE3, 0x80, 0x81 | 0x82, ..] | [0xEF, 0xBC, 0x81 | 0x8C | 0x9B | 0x9F, ..] => {
                        weight.marks += 1;
                    }
                    _ => {}
                }
                weight.units += if wide { 2 } else { 0 };
            }
            0xC2 if bytes.get(at + 1) == Some(&0xA0) => len = 2,
            0xC0..=0xDF => {
                len = 2;
                weight.units += 1;
            }
            _ => {
                len = if lead >= 0xF0 { 4 } else { 3 };
                weight.units += 2;
            }
        }
        was_wide = wide;
        at += len;
    }
    (weight, is_bare)
}

/// The length of the character reference at the start of `bytes`, or that of its `&`.
fn reference(bytes: &[u8]) -> usize {
    let end = bytes.iter().take(MOST_REFERENCE).position(|b| *b == b';');
    end.filter(|end| bytes[1..*end].iter().all(|b| b.is_ascii_alphanumeric() || *b == b'#'))
        .map_or(1, |n| n + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_weighed() {
        for (text, units, marks) in [
            ("", 0, 0),
            (" \n\u{3000}\u{A0}&nbsp;", 0, 0),
            ("全县，投资。", 12, 2),
            ("全县,投资100元;", 15, 2),
            ("a, b; c", 5, 0),
            ("&ldquo;全县&rdquo;&x", 8, 0),
            ("é😀", 3, 0),
        ] {
            assert_eq!(weigh(text).0, Weight { units, marks }, "{text}");
        }
    }
}
