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
    digits: Vec<u8>,
    /// Characters of the key behind which something else may stand.
    breaks: Vec<u32>,
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
        self.find_breaks();
        self.find_gaps(clean);
        let text = xxh3_128(clean.as_bytes());
        self.bytes.clear();
        push_units(&self.units, &mut self.bytes);
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
        let mins = sketcher.sketch_of(said, &self.units, &mut self.kept);
        // A text that needed no cleaning is its own.
        let exact = if std::ptr::eq(decoded, clean) { text } else { xxh3_128(decoded.as_bytes()) };
        Portrait {
            key: self.units.as_slice().into(),
            gaps: self.gaps.as_slice().into(),
            said,
            marked,
            mins,
            kept: self.kept.as_slice().into(),
            digits: self.digits.as_slice().into(),
            text,
            exact,
            form: Form::of(clean, n_traditional),
            facts,
        }
    }

    /// The key in Simplified script, and how many characters that changed.
    fn fold(&mut self) -> u32 {
        let table = simplified_table();
        let chars = self.key.chars();
        self.units.clear();
        // A character of the table, or one for which the table is never asked.
        let folded = |c: u32| table.get(c as usize).copied().unwrap_or(0);
        if chars.iter().fold(0, |all, c| all | c) <= 0xFFFF {
            self.units.extend(chars.iter().map(|&c| folded(c)));
            return chars.iter().zip(&self.units).map(|(&c, &unit)| u32::from(c != u32::from(unit))).sum();
        }
        let mut n_changed = 0;
        for &c in chars {
            if let Ok(unit) = u16::try_from(c) {
                n_changed += u32::from(folded(c) != unit);
                self.units.push(folded(c));
            } else if let Some(c) = char::from_u32(c) {
                let mut pair = [0; 2];
                self.units.extend_from_slice(c.encode_utf16(&mut pair));
            }
        }
        n_changed
    }

    /// Finds the characters that are not Han, or do not touch the next one. Whether one is found is
    /// counted, not branched on: a branch would be guessed wrong at every mark.
    fn find_breaks(&mut self) {
        let (chars, at) = (self.key.chars(), self.key.offsets());
        let Some(last) = chars.len().checked_sub(1) else { return self.breaks.clear() };
        if self.breaks.len() <= last {
            self.breaks.resize(last + 1, 0);
        }
        let breaks = &mut self.breaks[..=last];
        let mut n = 0;
        for (place, ((&c, &here), &next)) in chars.iter().zip(at).zip(&at[1..]).enumerate() {
            breaks[n] = place as u32;
            n += usize::from(!(is_three_bytes(c) & (next.wrapping_sub(here) == 3)));
        }
        breaks[n] = last as u32;
        self.breaks.truncate(n + 1);
    }

    /// Finds the gaps that may carry a value, and the digits, which stand before breaks too.
    fn find_gaps(&mut self, text: &str) {
        self.gaps.clear();
        self.digits.clear();
        let (chars, at) = (self.key.chars(), self.key.offsets());
        let digit = |c: Option<u32>| c.is_some_and(|c| (0x30..0x3A).contains(&c));
        let gaps = &mut self.gaps;
        let mut look = |gap: &str, left: Option<u32>, here: Option<u32>, before: u32| {
            let has_space = (digit(left) || digit(here)) && gap.contains(char::is_whitespace);
            let mut marks = 0;
            if !is_plain(gap.as_bytes()) {
                for mark in value_marks(gap, left, here) {
                    marks = (marks ^ u32::from(mark)).wrapping_mul(0x0100_0193).wrapping_add(1);
                }
            }
            if marks != 0 || has_space {
                gaps.push(Gap { before, marks, has_space });
            }
        };
        let start = at.first().map_or(text.len(), |&at| at as usize);
        if start > 0 {
            look(&text[..start], None, chars.first().copied(), 0);
        }
        // Units of the key up to a break: as many as characters, and one for each above U+FFFF.
        let mut n_pairs = 0;
        for &n in &self.breaks {
            let n = n as usize;
            let left = chars[n];
            if digit(Some(left)) {
                self.digits.push(left as u8);
            }
            n_pairs += u32::from(left > 0xFFFF);
            let from = at[n] as usize;
            let end = from + if is_three_bytes(left) { 3 } else { width_at(text.as_bytes(), from) };
            let start = at.get(n + 1).map_or(text.len(), |&at| at as usize);
            if start > end {
                look(&text[end..start], Some(left), chars.get(n + 1).copied(), n as u32 + 1 + n_pairs);
            }
        }
    }
}

/// Appends the units of a key, two bytes each.
pub(crate) fn push_units(units: &[u16], out: &mut Vec<u8>) {
    let start = out.len();
    out.resize(start + 2 * units.len(), 0);
    for (bytes, unit) in out[start..].as_chunks_mut().0.iter_mut().zip(units) {
        *bytes = unit.to_le_bytes();
    }
}

/// Most characters are Han, whose width is known without a look at the text.
const fn is_three_bytes(c: u32) -> bool {
    c.wrapping_sub(0x4E00) < 0xA000 - 0x4E00
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
