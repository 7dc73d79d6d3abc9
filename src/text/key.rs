//! The key of a text: its letters and digits, folded, each with its place in the text.
//!
//! Two copies of a text differ in noise, layout, width and case; their keys do not. Digits are
//! never erased: serial bulletins differ in nothing else. Inside a document Traditional characters
//! stay as they are; between documents [`simplified`] folds them.
//! A key forgets marks, and some marks carry a value (`5.6%` is not `56%`); [`value_marks`] gives
//! those back, and [`digest`] covers key and value marks together.

use std::ops::Range;
use std::sync::LazyLock;

use xxhash_rust::xxh3::xxh3_128;

use crate::text::chars::is_han_digit;
use crate::text::sift::sift;

pub use crate::text::simplified::simplified;
pub use crate::text::simplified::simplified_table;

/// The folded letters and digits of a text with their byte offsets; fill it again for the next
/// text.
///
/// Han characters stand as they are, digits and letters in half width and lower case, ○ and ◯
/// beside a Han numeral as 〇. Marks, symbols, spaces and line ends are gone. Eight bytes a
/// character.
///
/// ```
/// use jingwen::text::key::Key;
///
/// let mut key = Key::default();
/// key.fill("第１条★ GDP、二○二四年");
/// assert_eq!(key.to_text(), "第1条gdp二〇二四年");
/// assert_eq!(key.at(3), 13); // G stands at byte 13
/// ```
#[derive(Clone, Debug, Default)]
pub struct Key {
    chars: Vec<u32>,
    at: Vec<u32>,
    len: usize,
}

/// Buffers above this many characters are given back before the next text, so that one book does
/// not hold memory for the rest of the run: 1 Mi characters are 8 MB.
const KEEP_CHARS: usize = 1 << 20;

/// A year has four digits, so a circle looks no farther for the numeral it stands beside.
const YEAR_DIGITS: usize = 4;

impl Key {
    /// Takes the key of `text`; what stood here before is forgotten.
    ///
    /// # Panics
    ///
    /// If `text` is 4 GiB long or longer; the sources see to it that it is not.
    pub fn fill(&mut self, text: &str) {
        assert!(u32::try_from(text.len()).is_ok(), "a document is shorter than 4 GiB");
        let bytes = text.as_bytes();
        if self.chars.len() > KEEP_CHARS && bytes.len() <= KEEP_CHARS {
            (self.chars, self.at) = (Vec::new(), Vec::new());
        }
        let (mut n, mut i) = (0, 0);
        while i < bytes.len() {
            let stop = bytes.len().min(i + STRETCH);
            // One room more takes the write that is not kept.
            let room = n + (stop - i) + 1;
            if self.chars.len() < room {
                self.chars.resize(room, 0);
                self.at.resize(room, 0);
            }
            (i, n) = stretch(text, i, stop, &mut self.chars[..room], &mut self.at[..room], n);
        }
        self.len = n;
    }

    /// Makes of the key of `text` that of what is left of it without the bytes `gone`, spans in reading
    /// order of whole characters. False, and nothing done, where `text` holds circles: what they stand
    /// for hangs on their neighbours, and these may be gone.
    pub(crate) fn cut<'a>(&mut self, text: &str, gone: impl Iterator<Item = &'a Range<usize>>) -> bool {
        if sift(text, circle_sieve).next().is_some() {
            return false;
        }
        let len = std::mem::take(&mut self.len);
        let (mut from, mut bytes) = (0, 0);
        for span in gone {
            let place = |byte: usize| from + self.at[from..len].partition_point(|&at| (at as usize) < byte);
            let (to, behind) = (place(span.start), place(span.end));
            self.keep(from..to, bytes);
            (from, bytes) = (behind, bytes + span.len());
        }
        self.keep(from..len, bytes);
        true
    }

    /// Moves characters to the end of those that are kept, and `bytes` to the left in the text.
    fn keep(&mut self, chars: Range<usize>, bytes: usize) {
        let (from, to) = (self.len, self.len + chars.len());
        self.chars.copy_within(chars.clone(), from);
        self.at.copy_within(chars, from);
        for at in &mut self.at[from..to] {
            *at -= bytes as u32;
        }
        self.len = to;
    }

    /// The key of one text.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let mut key = Self::default();
        key.fill(text);
        key
    }

    /// The folded characters, as code points.
    #[must_use]
    pub fn chars(&self) -> &[u32] {
        &self.chars[..self.len]
    }

    /// The byte offset of each character in the text.
    #[must_use]
    pub fn offsets(&self) -> &[u32] {
        &self.at[..self.len]
    }

    /// The byte offset of character number `n` in the text.
    ///
    /// # Panics
    ///
    /// If the key has no such character.
    #[must_use]
    pub fn at(&self, n: usize) -> usize {
        self.offsets()[n] as usize
    }

    /// The number of characters.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// The text has neither letter nor digit.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The key as a text of its own.
    #[must_use]
    pub fn to_text(&self) -> String {
        self.chars().iter().filter_map(|&c| char::from_u32(c)).collect()
    }

    /// The bytes of `text` between characters `n - 1` and `n` of its key; before the first one
    /// from the text's start, behind the last one to its end.
    ///
    /// # Panics
    ///
    /// If `n` is above [`Key::len`], or this is not the key of `text`.
    #[must_use]
    pub fn gap<'a>(&self, text: &'a str, n: usize) -> &'a str {
        let from = if n == 0 { 0 } else { end_of(text.as_bytes(), self.at(n - 1)) };
        let to = if n == self.len { text.len() } else { self.at(n) };
        &text[from..to]
    }

    /// Nothing stands between characters `n - 1` and `n`, which is known without a look at the text
    /// where the first of them is Han; it may say no where it should say yes, never the other way.
    #[inline]
    pub(crate) fn touch(&self, n: usize) -> bool {
        n > 0 && n < self.len && is_unified(self.chars[n - 1]) && self.at[n] == self.at[n - 1] + 3
    }

    /// The value marks between characters `n - 1` and `n`; see [`value_marks`].
    ///
    /// # Panics
    ///
    /// As [`Key::gap`].
    pub fn marks<'a>(&'a self, text: &'a str, n: usize) -> impl Iterator<Item = char> + 'a {
        let left = n.checked_sub(1).map(|p| self.chars()[p]);
        value_marks(self.gap(text, n), left, self.chars().get(n).copied())
    }
}

/// Bytes between two looks at the room for characters: the buffers stay small, and nothing is
/// counted beforehand.
const STRETCH: usize = 1 << 13;

#[allow(clippy::many_single_char_names, reason = "bytes of one character and two counters")]
/// Takes the characters that start in `text[i..stop]` into `chars` and `at` from number `n` on;
/// the answer is where it stopped in the text and in the key.
fn stretch(
    text: &str,
    mut i: usize,
    stop: usize,
    chars: &mut [u32],
    at: &mut [u32],
    mut n: usize,
) -> (usize, usize) {
    let bytes = text.as_bytes();
    while i < stop {
        let b = bytes[i];
        if b >= 0xE3 {
            // Han and the marks between, in one go: which of them is kept is counted, not
            // branched on, for a branch would be guessed wrong at every mark.
            let from = i;
            for three in bytes[i..stop].chunks_exact(3) {
                let (b, x, y) = (u32::from(three[0]), u32::from(three[1]), u32::from(three[2]));
                let code = (b & 0x0F) << 12 | (x & 0x3F) << 6 | y & 0x3F;
                let han = is_unified(code);
                if !(0xE3..0xF0).contains(&b)
                    || HAN_AND_MARKS[(code >> 6) as usize & 0x3FF] >> (code & 63) & 1 == 0
                {
                    break;
                }
                chars[n] = code;
                at[n] = i as u32;
                n += usize::from(han);
                i += 3;
            }
            if i > from {
                continue;
            }
        }
        if b < 0x80 {
            chars[n] = u32::from(b.to_ascii_lowercase());
            at[n] = i as u32;
            n += usize::from(b.is_ascii_alphanumeric());
            i += 1;
        } else if b < 0xE0 {
            // Pages read in the wrong encoding are full of these.
            let code = usize::from(b & 0x1F) << 6 | usize::from(bytes[i + 1] & 0x3F);
            let folded = TWO_BYTES[code];
            chars[n] = u32::from(folded);
            at[n] = i as u32;
            n += usize::from(folded != 0);
            i += 2;
        } else {
            let Some(c) = text[i..].chars().next() else { break };
            let end = i + c.len_utf8();
            let before = n.checked_sub(1).filter(|&p| end_of(bytes, at[p] as usize) == i).map(|p| chars[p]);
            if let Some(c) = fold(c, before, &text[end..]) {
                chars[n] = u32::from(c);
                at[n] = i as u32;
                n += 1;
            }
            i = end;
        }
    }
    (i, n)
}

/// The unified ideographs from U+3400 to U+9FFF, and the hexagrams between their blocks.
#[inline]
const fn is_unified(code: u32) -> bool {
    code.wrapping_sub(0x3400) < 0xA000 - 0x3400
}

/// Marks of three bytes that stand among Han characters everywhere: `、。《》` and the like from
/// U+3000 on, and full-width ones from U+FF01 on; letters and digits lie between them.
#[inline]
pub(crate) const fn is_common_mark(code: u32) -> bool {
    const CJK: u64 = 0x1F | 0x1_FFFF_FF00;
    const WIDE: u64 = 0xFFFE | 0x1_FC00_0000;
    let page = code >> 6;
    let cjk = 0_u64.wrapping_sub((page == 0x3000 >> 6) as u64) & CJK;
    let wide = 0_u64.wrapping_sub((page == 0xFF00 >> 6) as u64) & WIDE;
    (cjk | wide) >> (code & 63) & 1 == 1
}

/// A bit for each unified ideograph and each common mark, 64 to a word.
static HAN_AND_MARKS: [u64; 0x400] = {
    let mut bits = [0; 0x400];
    let mut code = 0;
    while code < 0x1_0000 {
        bits[code as usize / 64] |= ((is_unified(code) | is_common_mark(code)) as u64) << (code % 64);
        code += 1;
    }
    bits
};

/// The end of the character that starts at byte `at`.
fn end_of(bytes: &[u8], at: usize) -> usize {
    at + match bytes[at] {
        0..0x80 => 1,
        0x80..0xE0 => 2,
        0xE0..0xF0 => 3,
        _ => 4,
    }
}

/// Lets through ○ and ◯.
fn circle_sieve(a: u8, b: u8, c: u8, _: u8) -> bool {
    (a == 0xE2) & (b == 0x97) & ((c == 0x8B) | (c == 0xAF))
}

/// Marks, arrows, formulas, drawings, private and lost characters, in blocks without letters and
/// numbers: they are the noise of these texts, and the tables of Unicode are slow.
const fn is_symbol(c: char) -> bool {
    matches!(c, '\u{2000}'..='\u{206F}' | '\u{2190}'..='\u{245F}' | '\u{2500}'..='\u{2775}'
        | '\u{2794}'..='\u{2BFF}' | '\u{E000}'..='\u{F8FF}' | '\u{FE00}'..='\u{FE6F}' | '\u{FFF0}'..='\u{FFFF}')
}

/// What [`fold`] says of the characters up to U+07FF, 0 for nothing: the tables of Unicode are slow.
static TWO_BYTES: LazyLock<[u16; 0x800]> = LazyLock::new(|| {
    std::array::from_fn(|code| {
        let c = char::from_u32(code as u32).and_then(|c| fold(c, None, ""));
        c.map_or(0, |c| u16::try_from(u32::from(c)).expect("small letters of this range are of this plane"))
    })
});

/// What stands for `c` in a key. `before` is the key's last character where it touches `c`,
/// `rest` the text behind it.
pub(crate) fn fold(c: char, before: Option<u32>, rest: &str) -> Option<char> {
    match c {
        '“' | '”' | '—' | '…' => None,
        _ if is_common_mark(u32::from(c)) => None,
        '\u{FF01}'..='\u{FF5E}' => {
            let half = char::from_u32(u32::from(c) - 0xFEE0)?;
            half.is_ascii_alphanumeric().then(|| half.to_ascii_lowercase())
        }
        '○' | '◯' => {
            let left = before.and_then(char::from_u32).is_some_and(is_han_digit);
            let right = || {
                let next = rest.chars().take(YEAR_DIGITS).find(|c| !matches!(c, '○' | '◯'));
                next.is_some_and(is_han_digit)
            };
            (left || right()).then_some('〇')
        }
        _ if is_symbol(c) => None,
        _ if c.is_alphanumeric() => {
            let mut lower = c.to_lowercase();
            Some(if lower.len() == 1 { lower.next().unwrap_or(c) } else { c })
        }
        _ => None,
    }
}

fn is_digit(c: Option<u32>) -> bool {
    c.and_then(char::from_u32).is_some_and(|c| c.is_ascii_digit())
}

/// The marks in `gap` that carry a value, folded to one spelling: what stands between two
/// characters of a key, `left` and `right`.
///
/// Everywhere: `% ‰ ± ≥ ≤ ☑ ☐ √ ×`. Before a digit: `< >`, △, and a minus that touches the digit
/// and follows no Latin letter (`COVID-19`). Between two digits: the point, and any dash or tilde
/// as `-`. White space is no mark.
///
/// ```
/// use jingwen::text::key::value_marks;
///
/// let (five, six) = (Some(u32::from('5')), Some(u32::from('6')));
/// assert!(value_marks(".", five, six).eq(['.']));
/// assert!(value_marks("。", five, six).eq([]));
/// ```
pub fn value_marks(gap: &str, left: Option<u32>, right: Option<u32>) -> impl Iterator<Item = char> + '_ {
    let (after_digit, before_digit) = (is_digit(left), is_digit(right));
    let after_latin = left.and_then(char::from_u32).is_some_and(|c| c.is_ascii_alphabetic());
    gap.char_indices().filter_map(move |(i, c)| {
        let touches = i + c.len_utf8() == gap.len();
        Some(match c {
            '%' | '％' => '%',
            '‰' | '±' | '☑' | '☐' | '√' | '×' => c,
            '≥' | '≧' => '≥',
            '≤' | '≦' => '≤',
            '<' | '＜' if before_digit => '<',
            '>' | '＞' if before_digit => '>',
            '△' if before_digit => '△',
            '.' | '．' if after_digit && before_digit => '.',
            '-' | '－' | '−' | '‐' | '‑' | '‒' | '–' | '—' | '―' | '~' | '～' | '〜'
                if after_digit && before_digit =>
            {
                '-'
            }
            '-' | '－' | '−' if before_digit && touches && !after_latin => '-',
            _ => return None,
        })
    })
}

/// A fingerprint of what `text` says: XXH3-128 over its key and over the value marks between the
/// characters of the key. `None` where there is neither letter nor digit.
///
/// Equal digests are equal texts but for noise, layout, width, case, script and punctuation. Different
/// digests may still be the same text: a line wrap can cut a number at its point. The format is
/// fixed: the key in UTF-8, each value mark behind a byte FF, which UTF-8 never uses.
///
/// ```
/// use jingwen::text::key::digest;
///
/// assert_eq!(digest("增长５．６％，其中★："), digest("增长5.6%,其中"));
/// assert_ne!(digest("增长5.6%"), digest("增长56%"));
/// assert_eq!(digest("……★"), None);
/// ```
#[must_use]
pub fn digest(text: &str) -> Option<u128> {
    let key = Key::of(text);
    if key.is_empty() {
        return None;
    }
    let mut said = Vec::with_capacity(text.len());
    let mut utf8 = [0; 4];
    let mut end = 0;
    for n in 0..=key.len() {
        let at = if n == key.len() { text.len() } else { key.at(n) };
        if end < at {
            for mark in key.marks(text, n) {
                said.push(0xFF);
                said.extend_from_slice(mark.encode_utf8(&mut utf8).as_bytes());
            }
        }
        if let Some(c) = key.chars().get(n).copied().map(simplified).and_then(char::from_u32) {
            said.extend_from_slice(c.encode_utf8(&mut utf8).as_bytes());
            end = end_of(text.as_bytes(), at);
        }
    }
    Some(xxh3_128(&said))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn symbols_are_no_letters() {
        let wrong: Vec<char> = ('\0'..=char::MAX).filter(|&c| is_symbol(c) && c.is_alphanumeric()).collect();
        assert_eq!(wrong, []);
    }

    #[test]
    fn letters_and_digits_are_folded_and_the_rest_is_gone() {
        let rows = [
            ("", ""),
            ("第一条 为了★规范，制定本法。\n", "第一条为了规范制定本法"),
            ("ＧＤＰ增长５．６％", "gdp增长56"),
            ("国发〔２０２４〕1号", "国发20241号"),
            ("二○○四年", "二〇〇四年"),
            ("○四年，○○项目", "〇四年项目"),
            ("○○二年", "〇〇二年"),
            ("二 ○ 项", "二项"),
            ("①②Ⅷ", "①②ⅷ"),
            ("國務院ÉСT", "國務院éсt"),
            ("ひらがな々〇𠮷", "ひらがな々〇𠮷"),
            ("—…“”《》（）％℃★☆●", ""),
        ];
        let mut key = Key::default();
        for (text, want) in rows {
            key.fill(text);
            assert_eq!(key.to_text(), want, "{text}");
            for n in 0..key.len() {
                assert!(text[key.at(n)..].starts_with(|c: char| !c.is_whitespace()), "{text}: {n}");
            }
            let gaps: usize = (0..=key.len()).map(|n| key.gap(text, n).len()).sum();
            let letters: usize = (0..key.len()).map(|n| end_of(text.as_bytes(), key.at(n)) - key.at(n)).sum();
            assert_eq!(gaps + letters, text.len(), "{text}");
        }
    }

    #[test]
    fn the_key_of_what_is_left_is_cut_out_of_the_whole() {
        let text = "甲乙，１２ab\n丙★丁。戊，己é庚";
        let bounds: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
        for (n, &a) in bounds.iter().enumerate() {
            for &b in &bounds[n..] {
                for &c in bounds.iter().filter(|c| **c > b) {
                    let gone = [a..b, c..text.len()];
                    let mut key = Key::of(text);
                    assert!(key.cut(text, gone.iter()));
                    let left = Key::of(&[&text[..a], &text[b..c]].concat());
                    assert_eq!((key.chars(), key.offsets()), (left.chars(), left.offsets()), "{gone:?}");
                }
            }
        }
        assert!(!Key::of("二○").cut("二○", std::iter::once(&(0..3))));
    }

    #[test]
    fn a_digest_forgets_the_layout_and_never_a_value() {
        let same = [
            ("第一条 发展。\n第二条", "第一条★发展, 第二条"),
            ("1-11月", "1—11月"),
            ("56―61页", "56—61页"),
            ("二○二四年", "二〇二四年"),
            ("COVID-19", "COVID19"),
            ("1.发展", "1、发展"),
            ("5.\n6", "5.6"),
            ("国务院", "國務院"),
        ];
        for (a, b) in same {
            assert_eq!(digest(a), digest(b), "{a} | {b}");
        }
        let other = [
            ("5.6%", "56%"),
            ("5.6%", "5.6"),
            ("5%", "5‰"),
            ("≥100元", "≤100元"),
            ("<100元", ">100元"),
            ("增长-5%", "增长5%"),
            ("△0.5", "0.5"),
            ("1-11月", "111月"),
            ("☑是☐否", "☐是☑否"),
            ("2023年", "2024年"),
            ("±800千伏", "800千伏"),
        ];
        for (a, b) in other {
            assert_ne!(digest(a), digest(b), "{a} | {b}");
        }
        assert_eq!(digest(" 。★\n"), None);
        assert_eq!(digest(""), None);
    }

    #[test]
    fn a_buffer_used_again_holds_the_new_text_only() {
        let mut key = Key::default();
        key.fill(&"发展".repeat(KEEP_CHARS));
        key.fill("改革");
        assert_eq!(key.to_text(), "改革");
        assert!(key.chars.len() <= KEEP_CHARS);
        key.fill("");
        assert!(key.is_empty());
    }
}
