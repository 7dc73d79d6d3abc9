//! The marks of one text that may change their width, each with what stands beside it.
//!
//! One pass finds them. What lies inside a URL, an entity or a line without Han is no mark here.

use crate::text::chars::{after, is_blank, is_han, is_wide, right_on_line};
use crate::text::sift::sift;

/// The marks that a full-width fold takes from a Chinese text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Comma,
    Semicolon,
    Colon,
    Question,
    Exclamation,
    Open,
    Close,
}

/// What stands beside a mark on its line, blanks passed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// The start or end of the line.
    Edge,
    /// Han, or a mark of Chinese text.
    Wide,
    Digit,
    Letter,
    /// `% ‰ °`: what a figure ends with.
    Unit,
    /// A straight quote behind Han or a Chinese mark.
    Quote,
    /// `)`, `]`, `}` that stay as they are.
    Closer,
    Slash,
    /// A single `…`, as between the members of a series.
    Dots,
    /// The mark before or behind in the list.
    Mark,
    Other,
}

/// One mark and its surroundings.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mark {
    pub(super) at: u32,
    pub(super) kind: Kind,
    /// It is full-width already: a bracket that only serves as a partner.
    pub(super) wide: bool,
    /// What stands beside it, for half-width marks only.
    left: Side,
    right: Side,
    /// No blank stands between the mark and what is right of it.
    pub(super) tight: bool,
    /// Stretches with Han before this mark; two equal counts mean no Han between.
    n_han: u32,
    /// The other mark of the pair.
    pub(super) partner: Option<u32>,
    /// The opening bracket of the innermost pair around it.
    pub(super) inside: Option<u32>,
}

/// All marks of a text, and what they say about it.
#[derive(Debug, Default)]
pub(super) struct Marks {
    pub(super) list: Vec<Mark>,
    n_half_beside_han: usize,
}

/// A text is FOLDED when next to no full-width mark is left beside its half-width ones; a single
/// colon of the page's frame must not hide that.
const MAX_FULL_SHARE: usize = 20;
/// Fewer marks than this prove nothing.
const MIN_HALF: usize = 3;

impl Marks {
    /// Finds the marks of `text`; one pass over the bytes, and a look around each mark.
    pub(super) fn find(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut marks = Self::default();
        let mut open = Vec::new();
        let (mut line_start, mut first_of_line, mut skip) = (0, 0, 0);
        // Han characters were looked for up to here, and counted once for each stretch between marks.
        let (mut seen, mut n_han) = (0, 0);
        sift(text, sieve).for_each(|i| {
            if i < skip {
                return;
            }
            match bytes[i] {
                b'\n' => {
                    marks.end_line(first_of_line, &text[line_start..i], &mut open);
                    (line_start, first_of_line) = (i + 1, marks.list.len());
                    return;
                }
                b'w' => {
                    if bytes[i..].starts_with(b"www.") {
                        skip = url_end(bytes, i);
                    }
                    return;
                }
                _ => {}
            }
            if let Some(end) = masked_until(text, line_start, i) {
                skip = end;
                return;
            }
            n_han += u32::from(has_han(&bytes[seen.max(line_start)..i]));
            seen = i;
            marks.push(text, i, n_han);
        });
        marks.end_line(first_of_line, &text[line_start..], &mut open);
        marks
    }

    /// Every `，；：？！（）` of the text was folded to its half-width form, or as good as every
    /// one. Counted on marks beside Han only, which is where Chinese typists put them.
    pub(super) fn is_folded(&self, text: &str) -> bool {
        let most_full = self.n_half_beside_han / MAX_FULL_SHARE;
        self.n_half_beside_han >= MIN_HALF
            && sift(text, full_sieve).take(most_full + 1).count() <= most_full
            && sift(text, |a, b, c, _| (a == 0xE3) & (b == 0x80) & (c == 0x82)).next().is_some()
    }

    /// A Han character stands between marks `open` and `close`.
    pub(super) fn holds_han(&self, open: u32, close: u32) -> bool {
        self.list[open as usize].n_han != self.list[close as usize].n_han
    }

    /// What stands left of mark `i`.
    pub(super) fn left(&self, text: &str, i: u32) -> Side {
        let mark = &self.list[i as usize];
        if mark.wide { left_side(text, mark.at as usize).0 } else { mark.left }
    }

    /// What stands right of mark `i`.
    pub(super) fn right(&self, text: &str, i: u32) -> Side {
        let mark = &self.list[i as usize];
        if mark.wide { right_side(text, mark.at as usize + 3).0 } else { mark.right }
    }

    fn push(&mut self, text: &str, at: usize, n_han: u32) {
        let (kind, wide) = match text.as_bytes()[at] {
            b',' => (Kind::Comma, false),
            b';' => (Kind::Semicolon, false),
            b':' => (Kind::Colon, false),
            b'?' => (Kind::Question, false),
            b'!' => (Kind::Exclamation, false),
            b'(' => (Kind::Open, false),
            b')' => (Kind::Close, false),
            _ => (if text.as_bytes()[at + 2] == 0x88 { Kind::Open } else { Kind::Close }, true),
        };
        if wide {
            // It stays, so next to nobody asks for its sides.
            let (left, right, at) = (Side::Wide, Side::Wide, at as u32);
            let tight = true;
            self.list.push(Mark { at, kind, wide, left, right, tight, n_han, partner: None, inside: None });
            return;
        }
        let (left, behind_han) = left_side(text, at);
        let (right, before_han) = right_side(text, at + 1);
        self.n_half_beside_han += usize::from(behind_han || before_han);
        let tight = after(text, at + 1).is_some_and(|c| !is_blank(c));
        let at = at as u32;
        self.list.push(Mark { at, kind, wide, left, right, tight, n_han, partner: None, inside: None });
    }

    /// Pairs the brackets of the line that has just ended; a line without Han has no marks.
    fn end_line(&mut self, first: usize, line: &str, open: &mut Vec<u32>) {
        if first == self.list.len() {
            return;
        }
        if !has_han(line.as_bytes()) {
            self.list.truncate(first);
            return;
        }
        open.clear();
        for i in first..self.list.len() {
            self.list[i].inside = open.last().copied();
            match self.list[i].kind {
                Kind::Open => open.push(i as u32),
                Kind::Close => {
                    if let Some(other) = open.pop() {
                        self.list[i].partner = Some(other);
                        self.list[i].inside = open.last().copied();
                        self.list[other as usize].partner = Some(i as u32);
                    }
                }
                _ => {}
            }
        }
    }
}

/// Lets through the marks, line ends and where `www.` may stand.
fn sieve(a: u8, b: u8, c: u8, _: u8) -> bool {
    let pair = (a & 0xFE == b':') | (a & 0xFE == b'('); // `:;` and `()`
    let point = (a == b',') | (a == b'?') | (a == b'!');
    let wide = (a == 0xEF) & (b == 0xBC) & (c & 0xFE == 0x88);
    pair | point | (a == b'\n') | (a == b'w') & (b == b'w') | wide
}

/// Lets through `, ; : ? ! ( )`.
pub(super) fn half_sieve(a: u8, _: u8, _: u8, _: u8) -> bool {
    (a & 0xFE == b':') | (a & 0xFE == b'(') | (a == b',') | (a == b'?') | (a == b'!')
}

/// Lets through where `，；：？！（）` stand: EF BC and the third byte.
fn full_sieve(a: u8, b: u8, c: u8, _: u8) -> bool {
    let third = (c == 0x81) | (c & 0xFE == 0x88) | (c == 0x8C) | (c & 0xFE == 0x9A) | (c == 0x9F);
    (a == 0xEF) & (b == 0xBC) & third
}

/// A character of the Han blocks stands in `bytes`; 〇 is rare enough to be left out. In prose the
/// first character tells.
fn has_han(bytes: &[u8]) -> bool {
    bytes.windows(2).any(|pair| match pair[0] {
        0xE4..=0xE9 => true,
        // Extension A begins with E3 90, the compatibility ideographs with EF A4.
        0xE3 => pair[1] >= 0x90,
        0xEF => matches!(pair[1], 0xA4..=0xAB),
        0xF0 => pair[1] >= 0xA0,
        _ => false,
    })
}

/// What stands before byte `at` on its line, blanks passed over, and whether it is Han.
fn left_side(text: &str, at: usize) -> (Side, bool) {
    // Words stand before most marks.
    match &text.as_bytes()[..at] {
        [.., 0xE5..=0xE9, _, _] | [.., 0xE4, 0xB8..=0xBF, _] => return (Side::Wide, true),
        [.., b'0'..=b'9'] => return (Side::Digit, false),
        [.., b'a'..=b'z' | b'A'..=b'Z'] => return (Side::Letter, false),
        _ => {}
    }
    let mut before = text[..at].char_indices().rev().skip_while(|&(_, c)| is_blank(c));
    let Some((_, c)) = before.next() else { return (Side::Edge, false) };
    let side = match c {
        '\n' => Side::Edge,
        ',' | ';' | ':' | '?' | '!' | '(' | ')' | '（' | '）' => Side::Mark,
        '0'..='9' => Side::Digit,
        'a'..='z' | 'A'..='Z' => Side::Letter,
        '%' | '‰' | '°' => Side::Unit,
        '"' | '\'' => {
            if before.next().is_some_and(|(_, c)| is_wide(c)) {
                Side::Quote
            } else {
                Side::Other
            }
        }
        ']' | '}' => Side::Closer,
        '…' if before.next().is_none_or(|(_, c)| c != '…') => Side::Dots,
        c if is_operator(c) => Side::Other,
        c if is_wide(c) => Side::Wide,
        _ => Side::Other,
    };
    (side, is_han(c))
}

/// What stands at or behind byte `at` on its line, blanks passed over, and whether it is Han.
fn right_side(text: &str, at: usize) -> (Side, bool) {
    match &text.as_bytes()[at..] {
        [0xE5..=0xE9, ..] | [0xE4, 0xB8..=0xBF, ..] => return (Side::Wide, true),
        [b'0'..=b'9', ..] => return (Side::Digit, false),
        [b'a'..=b'z' | b'A'..=b'Z', ..] => return (Side::Letter, false),
        _ => {}
    }
    let Some(c) = right_on_line(text, at) else { return (Side::Edge, false) };
    let side = match c {
        ',' | ';' | ':' | '?' | '!' | '(' | ')' | '（' | '）' => Side::Mark,
        '0'..='9' => Side::Digit,
        'a'..='z' | 'A'..='Z' => Side::Letter,
        '/' | '\\' => Side::Slash,
        '…' => Side::Dots,
        c if is_wide(c) && !is_operator(c) => Side::Wide,
        _ => Side::Other,
    };
    (side, is_han(c))
}

/// Full-width signs that stand in formulas; prose beside them cannot be told from mathematics.
fn is_operator(c: char) -> bool {
    matches!(
        c,
        '＝' | '＋'
            | '－'
            | '＜'
            | '＞'
            | '｜'
            | '＾'
            | '＿'
            | '＊'
            | '／'
            | '［'
            | '］'
            | '｛'
            | '｝'
            | '〈'
            | '〉'
            | '·'
    )
}

/// The end of the URL or entity that the mark at `at` belongs to.
fn masked_until(text: &str, line_start: usize, at: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    match bytes[at] {
        b':' if bytes[at..].starts_with(b"://") => Some(url_end(bytes, at)),
        b';' => {
            /// `&thetasym;` is the longest name that pages use.
            const LONGEST_ENTITY: usize = 10;
            let from = at.saturating_sub(LONGEST_ENTITY).max(line_start);
            let name =
                bytes[from..at].iter().rev().take_while(|b| b.is_ascii_alphanumeric() || **b == b'#').count();
            (name > 0 && at - name > line_start && bytes[at - name - 1] == b'&').then_some(at + 1)
        }
        _ => None,
    }
}

/// Where the URL around `at` ends: before white space, a quote, a character beyond ASCII; marks at
/// its very end belong to the sentence.
fn url_end(bytes: &[u8], at: usize) -> usize {
    let run =
        bytes[at..].iter().take_while(|b| b.is_ascii_graphic() && !matches!(b, b'"' | b'<' | b'>')).count();
    let tail = bytes[at..at + run]
        .iter()
        .rev()
        .take_while(|b| matches!(b, b',' | b'.' | b';' | b':' | b'!' | b'?' | b')' | b'\'' | b']'))
        .count();
    at + (run - tail).max(1)
}
