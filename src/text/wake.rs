//! Which steps have anything to look at in a text.
//!
//! Nineteen bytes of twenty in clean official prose are Han characters that no rule looks at. One
//! pass over the text finds the rest and tells which steps to wake; the others cost nothing.
//! The answer may name a step too many, never one too few.

use std::ops::RangeInclusive;

use memchr::memchr;

use crate::text::chars::after;
use crate::text::edits::Edits;
use crate::text::sift::{is_han_lead, sift};

/// A set of steps, one bit each.
pub type Steps = u64;

/// For every character the set of steps that want to see it.
#[derive(Clone, Debug)]
pub struct Wake {
    bmp: Vec<Steps>,
    doubled: Vec<Steps>,
    /// For ASCII characters right behind Han.
    behind_han: [Steps; 128],
    astral: Vec<(RangeInclusive<char>, Steps)>,
    always: Steps,
    /// All that wakes a step passes the sieve; rules of a user's own may look for anything.
    is_sifted: bool,
}

impl Default for Wake {
    fn default() -> Self {
        Self {
            bmp: vec![0; 0x1_0000],
            doubled: vec![0; 0x1_0000],
            behind_han: [0; 128],
            astral: Vec::new(),
            always: 0,
            is_sifted: true,
        }
    }
}

impl Wake {
    /// Wakes `steps` for each character of `range`. Characters of the unified Han block wake their
    /// steps on every text, but for the few that the sieve looks for: to find them would cost more than
    /// the steps do.
    pub fn on(&mut self, range: RangeInclusive<char>, steps: Steps) {
        let (first, last) = (u32::from(*range.start()), u32::from(*range.end()));
        let is_found = |code| is_let_through(code, [0; 4]);
        if first <= 0x9FFF && last >= 0x4000 && !(first..=last.min(0xFFFF)).all(is_found) {
            self.always |= steps;
        }
        for code in first..=last.min(0xFFFF) {
            self.bmp[code as usize] |= steps;
            self.is_sifted &= (0x3400..0xA000).contains(&code) || is_let_through(code, [0; 4]);
        }
        if last > 0xFFFF {
            self.astral.push((range, steps));
        }
    }

    /// Wakes `steps` where a character of `range` stands twice in a row. Hyphens are in every text,
    /// two of them in a row in few. For characters of the Basic Multilingual Plane; of
    /// Han, those that the sieve looks for.
    pub fn on_doubled(&mut self, range: RangeInclusive<char>, steps: Steps) {
        for code in u32::from(*range.start())..=u32::from(*range.end()).min(0xFFFF) {
            self.doubled[code as usize] |= steps;
            self.is_sifted &= is_let_through(code, first_bytes(code));
        }
    }

    /// Wakes `steps` where the ASCII character `c` stands behind a Han character: zeros and letters
    /// are in every text, a zero behind 二 in few. At a text's start it wakes them too.
    pub fn on_behind_han(&mut self, c: u8, steps: Steps) {
        self.behind_han[usize::from(c & 0x7F)] |= steps;
        self.is_sifted &= sieve(0xE5, 0x80, 0x80, c);
    }

    /// All that wakes a step is found at vector speed.
    #[cfg(test)]
    pub(crate) fn is_sifted(&self) -> bool {
        self.is_sifted
    }

    /// Wakes `steps` on every text.
    pub fn always(&mut self, steps: Steps) {
        self.always |= steps;
    }

    /// The steps that have something to look at in `text`. One pass over the bytes.
    #[must_use]
    pub fn look(&self, text: &str) -> Steps {
        let bytes = text.as_bytes();
        let mut found = self.always;
        for c in UNSIFTED {
            if self.bmp[usize::from(c)] & !found != 0 && memchr(c, bytes).is_some() {
                found |= self.bmp[usize::from(c)];
            }
        }
        if let Some(first) = bytes.first().filter(|b| b.is_ascii()) {
            found |= self.behind_han[usize::from(*first)];
        }
        if self.is_sifted {
            sift(text, sieve).fold(found, |found, at| found | self.look_here(text, at))
        } else {
            text.char_indices().fold(found, |found, (at, _)| found | self.look_here(text, at))
        }
    }

    /// The steps that the character at `at` wakes, by itself or with the one behind it.
    #[expect(clippy::many_single_char_names, reason = "the bytes of two characters, one after the other")]
    fn look_here(&self, text: &str, at: usize) -> Steps {
        let bytes = text.as_bytes();
        // Nearly all of them, for few places stand at a text's end.
        match bytes[at..].first_chunk::<6>() {
            Some(&[a @ 0..0x80, b, ..]) => {
                let code = usize::from(a);
                return self.bmp[code] | if a == b { self.doubled[code] } else { 0 };
            }
            Some(&[a @ 0xE0..0xF0, b, c, d, e, f]) => {
                let code = usize::from(a & 0x0F) << 12 | usize::from(b & 0x3F) << 6 | usize::from(c & 0x3F);
                let mut found = self.bmp[code];
                if (a, b, c) == (d, e, f) {
                    found |= self.doubled[code];
                }
                if d < 0x80 && is_han_lead(a) {
                    found |= self.behind_han[usize::from(d)];
                }
                return found;
            }
            _ => {}
        }
        let (code, len) = match bytes[at] {
            b @ 0..0x80 => (usize::from(b), 1),
            b @ 0x80..0xE0 => (usize::from(b & 0x1F) << 6 | usize::from(bytes[at + 1] & 0x3F), 2),
            b @ 0xE0..0xF0 => {
                let code = usize::from(b & 0x0F) << 12
                    | usize::from(bytes[at + 1] & 0x3F) << 6
                    | usize::from(bytes[at + 2] & 0x3F);
                (code, 3)
            }
            _ => return self.beyond(text, at),
        };
        let mut found = self.bmp[code];
        let behind = &bytes[at + len..];
        // The first bytes differ mostly, and to compare whole slices is a call.
        if behind.first() == Some(&bytes[at]) && (1..len).all(|n| behind[n] == bytes[at + n]) {
            found |= self.doubled[code];
        }
        if let Some(b) = behind.first().filter(|b| b.is_ascii() && is_han_lead(bytes[at])) {
            found |= self.behind_han[usize::from(*b)];
        }
        found
    }

    /// The steps that `edits` wake: those that look for what was put in, and those that look for
    /// two of a kind in a row, which a deletion may have brought together. `new` is the text after
    /// the edits.
    #[must_use]
    pub fn look_at(&self, new: &str, edits: &Edits) -> Steps {
        let mut found = 0;
        let bytes = new.as_bytes();
        let mut last = "";
        for change in edits.iter() {
            // A step mostly puts in the same mark again and again.
            if change.with != last {
                last = change.with;
                found |= self.look_at_new(last);
            }
            // A deletion has one seam.
            let seams = [change.dst.start, change.dst.end];
            for &seam in &seams[usize::from(seams[0] == seams[1])..] {
                let (left, right) = bytes.split_at(seam);
                let Some(&first) = right.first() else { continue };
                if first < 0x80 {
                    found |= self.behind_han[usize::from(first)];
                }
                // Decoded only where two of a kind meet.
                let len = 1 + usize::from(first >= 0xC0) + usize::from(first >= 0xE0);
                if first < 0xF0
                    && left.len() >= len
                    && (0..len).all(|n| left[left.len() - len + n] == right[n])
                    && let Some(c) = after(new, seam)
                {
                    found |= self.doubled[u32::from(c) as usize];
                }
            }
        }
        found
    }

    /// As [`Wake::look`], for what a change puts in, which mostly is one character or none.
    fn look_at_new(&self, new: &str) -> Steps {
        let mut chars = new.chars();
        match (chars.next(), chars.next()) {
            (None, _) => 0,
            (Some(c @ '\0'..='\x7F'), None) => self.bmp[c as usize] | self.behind_han[c as usize],
            (Some(c @ '\u{80}'..='\u{FFFF}'), None) => self.bmp[c as usize],
            _ => self.look(new),
        }
    }

    #[cold]
    fn beyond(&self, text: &str, at: usize) -> Steps {
        let c = text[at..].chars().next().unwrap_or(' ');
        self.astral.iter().filter(|(range, _)| range.contains(&c)).fold(0, |found, (_, steps)| found | steps)
    }
}

/// ASCII characters that are looked for apart: they are in every text, and the first one tells.
const UNSIFTED: [u8; 2] = [b'\n', b' '];

/// What [`Wake::look`] looks at, by the first byte of a character and the three behind it: all but
/// Han, letters, digits and the marks of ordinary text, and these where two of a kind stand in a
/// row or a zero stands behind Han.
#[inline]
fn sieve(a: u8, b: u8, c: u8, d: u8) -> bool {
    let letter = (a | 0x20).wrapping_sub(b'a') < 26;
    // The slash stands before the digits.
    let digit = a.wrapping_sub(b'/') < 11;
    let plain = letter | digit | (a == b'\n') | (a == b' ') | (a == b'-') & (b != b'-');
    let zero = (d == b'0') | ((d | 0x20) == b'o');
    // 、。〈〉《》「」『』【】, ，：；（）, “”‘’—
    let common = (a == 0xE3) & (b == 0x80) & (c.wrapping_sub(0x81) < 0x11) & (c | 4 != 0x87)
        | (a == 0xEF) & (b == 0xBC) & ((c & 0xFE == 0x88) | (c & 0xFE == 0x9A) | (c == 0x8C))
        | (a == 0xE2) & (b == 0x80) & ((c & 0xFA == 0x98) | (c == 0x94));
    // 金 in its old form as a part: what GBK makes of UTF-8 is full of it. And 锛, 锟, with all that
    // have it in its new form: one test less, and few characters more.
    let metal = (a == 0xE9) & (b.wrapping_sub(0x88) < 13);
    // 烫 and 屯 in rows are memory that nobody wrote. They end with AB and AF.
    let fill = (a == d) & (c | 4 == 0xAF);
    (a < 0x80) & !plain
        | metal
        | is_han_lead(a) & (zero | fill)
        | (a >= 0xC2) & !is_han_lead(a) & (!common | (d == a))
}

/// The character with the number `code`, with `behind` after it, passes the sieve or is looked for
/// apart.
fn is_let_through(code: u32, behind: [u8; 4]) -> bool {
    let Some(c) = char::from_u32(code) else { return true };
    let mut bytes = [0; 7];
    let len = c.encode_utf8(&mut bytes).len();
    bytes[len..len + 3].copy_from_slice(&behind[..3]);
    sieve(bytes[0], bytes[1], bytes[2], bytes[3]) || UNSIFTED.contains(&bytes[0])
}

/// The first bytes of a character, zeros behind them.
fn first_bytes(code: u32) -> [u8; 4] {
    let mut bytes = [0; 4];
    if let Some(c) = char::from_u32(code) {
        c.encode_utf8(&mut bytes);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_wakes_for_its_characters_only() {
        let mut wake = Wake::default();
        wake.on(','..=',', 1);
        wake.on('★'..='★', 2);
        wake.on('\u{1F600}'..='\u{1F64F}', 4);
        wake.on('é'..='é', 8);
        for (text, steps) in [("国务院", 0), ("国,", 1), ("国★", 2), ("a😀", 4), ("é,", 9)] {
            assert_eq!(wake.look(text), steps, "{text}");
        }
        wake.on_doubled('-'..='-', 32);
        wake.on_doubled('，'..='，', 64);
        for (text, steps) in [("1-11月", 0), ("是--落", 32), ("甲，乙，丙", 0), ("甲，，乙", 64), ("-甲-", 0)]
        {
            assert_eq!(wake.look(text), steps, "{text}");
        }
        wake.on_behind_han(b'0', 128);
        for (text, steps) in [("20年", 0), ("二0", 128), ("二，0", 0), ("国家机关事务0", 128)] {
            assert_eq!(wake.look(text), steps, "{text}");
        }
        assert!(wake.is_sifted);
        wake.on('。'..='。', 256);
        assert!(!wake.is_sifted, "the sieve holds full stops back");
        assert_eq!(wake.look("甲。"), 256);
        wake.on('国'..='国', 16);
        assert_eq!(wake.look("甲"), 16, "Han characters wake on every text");
    }

    #[test]
    fn what_an_edit_brings_together_wakes() {
        let mut wake = Wake::default();
        wake.on_doubled('，'..='，', 1);
        wake.on_doubled('-'..='-', 2);
        wake.on_behind_han(b'0', 4);
        for (old, cut, steps) in [
            ("甲，★，乙", 6..9, 1),
            ("甲-★-乙", 4..7, 2),
            ("二★0年", 3..6, 4),
            ("甲，★。乙", 6..9, 0),
            ("★", 0..3, 0),
            ("😀★😀", 4..7, 0),
        ] {
            let (mut edits, mut new) = (Edits::default(), String::new());
            edits.delete(cut, crate::text::RuleId(0));
            edits.apply(old, &mut new);
            assert_eq!(wake.look_at(&new, &edits), steps, "{old}");
        }
    }
}
