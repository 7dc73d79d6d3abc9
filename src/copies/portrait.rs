//! What is remembered of a document to compare it with all others: its key, the marks between
//! the characters of the key that carry a value, sketches, and what tells good copies from bad.

use xxhash_rust::xxh3::xxh3_64;
use xxhash_rust::xxh3::xxh3_128;
use xxhash_rust::xxh3::xxh3_128_with_seed;

use crate::copies::facts::Facts;
use crate::copies::rank::Form;
use crate::copies::sketch::Mins;
use crate::copies::sketch::Sketcher;
use crate::text::key::Key;
use crate::text::key::simplified_table;
use crate::text::key::value_marks;

/// Keeps the digests of texts without letters apart from all others.
const NO_LETTERS: u64 = 0x6A77;

/// A gap between two characters of a key that may carry a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Gap {
    /// Before which character of the key.
    pub(crate) before: u32,
    /// A hash of the value marks, 0 for none.
    pub(crate) marks: u32,
    /// White space stands there too: a line wrap may have eaten a mark.
    pub(crate) has_space: bool,
}

/// One document as the other rooms of copies see it.
#[derive(Clone, Debug)]
pub(crate) struct Portrait {
    /// Letters and digits in Simplified script, in UTF-16.
    pub(crate) key: Box<[u16]>,
    /// Gaps with value marks, and gaps with white space beside a digit.
    pub(crate) gaps: Box<[Gap]>,
    /// Of the key: equal for texts that say the same but for value marks.
    pub(crate) said: u128,
    /// Of the gaps; with `said` it settles which documents are one node.
    pub(crate) marked: u64,
    /// `None` where the key is too short for a sketch.
    pub(crate) mins: Option<Box<Mins>>,
    /// Kept hashes in ascending order.
    pub(crate) kept: Box<[u64]>,
    /// The sequence of digits, on which copies agree and look-alikes do not.
    pub(crate) digits: Box<[u8]>,
    /// Of the clean text.
    pub(crate) text: u128,
    /// Of the decoded text.
    pub(crate) exact: u128,
    pub(crate) form: Form,
    pub(crate) facts: Facts,
}

/// Paints portraits; buffers serve for the next one.
#[derive(Debug, Default)]
pub(crate) struct Painter {
    key: Key,
    units: Vec<u16>,
    gaps: Vec<Gap>,
    kept: Vec<u64>,
    bytes: Vec<u8>,
}

impl Painter {
    /// The portrait of a document with this decoded and this clean text.
    pub(crate) fn paint(
        &mut self,
        decoded: &str,
        clean: &str,
        facts: Facts,
        sketcher: &Sketcher,
    ) -> Portrait {
        self.key.fill(clean);
        let n_traditional = self.fold();
        self.find_gaps(clean);
        let text = xxh3_128(clean.as_bytes());
        self.bytes.clear();
        self.bytes.extend(self.units.iter().flat_map(|unit| unit.to_le_bytes()));
        let said = if self.units.is_empty() {
            xxh3_128_with_seed(clean.as_bytes(), NO_LETTERS)
        } else {
            xxh3_128(&self.bytes)
        };
        self.bytes.clear();
        for gap in &self.gaps {
            self.bytes.extend_from_slice(&gap.before.to_le_bytes());
            self.bytes.extend_from_slice(&gap.marks.to_le_bytes());
            self.bytes.push(u8::from(gap.has_space));
        }
        if let Some(published) = facts.published {
            self.bytes.extend_from_slice(&published.to_le_bytes());
        }
        let marked = xxh3_64(&self.bytes);
        self.bytes.clear();
        for &unit in &self.units {
            if is_digit(unit) {
                self.bytes.push(unit as u8);
            }
        }
        let digits = self.bytes.as_slice().into();
        let mins = sketcher.sketch(&self.units, &mut self.kept);
        Portrait {
            key: self.units.as_slice().into(),
            gaps: self.gaps.as_slice().into(),
            said,
            marked,
            mins,
            kept: self.kept.as_slice().into(),
            digits,
            text,
            exact: xxh3_128(decoded.as_bytes()),
            form: Form::of(clean, n_traditional),
            facts,
        }
    }

    /// The key in Simplified script, and how many characters that changed.
    fn fold(&mut self) -> u32 {
        let table = simplified_table();
        let mut n_changed = 0;
        self.units.clear();
        self.units.reserve(self.key.len());
        for &c in self.key.chars() {
            if let Ok(unit) = u16::try_from(c) {
                let folded = table[usize::from(unit)];
                n_changed += u32::from(folded != unit);
                self.units.push(folded);
            } else if let Some(c) = char::from_u32(c) {
                let mut pair = [0; 2];
                self.units.extend_from_slice(c.encode_utf16(&mut pair));
            }
        }
        n_changed
    }

    fn find_gaps(&mut self, text: &str) {
        self.gaps.clear();
        let key = &self.key;
        let (chars, at) = (key.chars(), key.offsets());
        let is_wide = self.units.len() > chars.len();
        // Units before the character: as many as characters, and one for each above U+FFFF.
        let mut n_units = 0;
        let mut end = 0;
        let is_digit = |c: Option<u32>| c.is_some_and(|c| (0x30..0x3A).contains(&c));
        for n in 0..=chars.len() {
            let start = at.get(n).map_or(text.len(), |&at| at as usize);
            let here = chars.get(n).copied();
            if start > end {
                let (gap, left) = (&text[end..start], n.checked_sub(1).map(|n| chars[n]));
                let has_space = (is_digit(left) || is_digit(here)) && gap.contains(char::is_whitespace);
                let mut marks = 0;
                if !is_plain(gap.as_bytes()) {
                    for mark in value_marks(gap, left, here) {
                        marks = (marks ^ u32::from(mark)).wrapping_mul(0x0100_0193).wrapping_add(1);
                    }
                }
                if marks != 0 || has_space {
                    let before = if is_wide { n_units } else { n as u32 };
                    self.gaps.push(Gap { before, marks, has_space });
                }
            }
            if let Some(c) = here {
                n_units += 1 + u32::from(c > 0xFFFF);
                // Most characters are Han, whose width is known without a look at the text.
                let is_han = (0x4E00..0xA000).contains(&c);
                end = start + if is_han { 3 } else { width_at(text.as_bytes(), start) };
            }
        }
    }
}

/// One mark of ordinary text or a line end: it carries no value.
const fn is_plain(gap: &[u8]) -> bool {
    match gap {
        // A line end, a space, and ！（），：；？
        [b'\n' | b' '] | [0xEF, 0xBC, 0x81 | 0x88 | 0x89 | 0x8C | 0x9A | 0x9B | 0x9F] => true,
        // U+3000, 、。《》 and their like, but for 〜.
        [0xE3, 0x80, third] => *third != 0x9C,
        _ => false,
    }
}

/// Bytes of the character that starts at `at`.
fn width_at(bytes: &[u8], at: usize) -> usize {
    match bytes[at] {
        0..0x80 => 1,
        0x80..0xE0 => 2,
        0xE0..0xF0 => 3,
        _ => 4,
    }
}

/// An ASCII digit of a key.
pub(crate) const fn is_digit(unit: u16) -> bool {
    unit.wrapping_sub(b'0' as u16) < 10
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::copies::sketch::DEFAULT_SEED;

    fn paint(text: &str) -> Portrait {
        Painter::default().paint(text, text, Facts::default(), &Sketcher::new(DEFAULT_SEED))
    }

    #[test]
    fn a_portrait_forgets_the_layout_and_the_script() {
        let a = paint("国务院关于１件事的通知。\n各县：");
        let b = paint("國務院關於1件事的通知 各縣");
        assert_eq!((a.said, a.marked, &a.key), (b.said, b.marked, &b.key));
        assert!(a.form < b.form, "paragraphs and Simplified script come first");
        assert_ne!(a.text, b.text);
        assert_ne!(paint("。").said, paint("，").said);
    }

    #[test]
    fn values_between_characters_are_remembered_at_their_place() {
        let gaps =
            |text| paint(text).gaps.iter().map(|g| (g.before, g.marks != 0, g.has_space)).collect::<Vec<_>>();
        assert_eq!(gaps("增长5.6%。"), [(3, true, false), (4, true, false)]);
        assert_eq!(gaps("𠮷𠮷5.6"), [(5, true, false)]);
        assert_eq!(gaps("增长 5\n6"), [(2, false, true), (3, false, true)]);
        assert_eq!(gaps("增长，很快"), []);
        assert_eq!(paint("1-11月").marked, paint("1—11月").marked);
        assert_ne!(paint("≥100").marked, paint("≤100").marked);
    }
}
