//! Letters and signs strewn at the ends of paragraphs, `, {* @1 o5 M. y4 Z# p/ t1`: forums write them
//! so small that nobody sees them, against copying. They differ from one fetch to the next.

use std::ops::Range;

use crate::text::chars::is_wide;
use crate::text::sift::line_ends;

/// Such ends in a text, at least; one alone may be anything.
const MIN_ENDS: usize = 3;

/// Bytes and words of one.
const MIN_BYTES: usize = 8;
const MIN_WORDS: usize = 4;

/// A longer word is one.
const MAX_WORD: usize = 3;

/// Bytes of the end of a line that are looked at.
const MAX_END: usize = 60;

/// The strewn ends of `text`.
pub(super) fn spans(text: &str) -> Vec<Range<usize>> {
    let mut spans: Vec<Range<usize>> = Vec::new();
    let mut start = 0;
    for end in line_ends(text) {
        let line = &text[start..end];
        start = end + 1;
        // Most lines end in a mark of Chinese text.
        if !matches!(line.as_bytes(), [.., b' '..=b'~']) {
            continue;
        }
        let kept = line.trim_end_matches(|c: char| c == ' ' || c.is_ascii_graphic()).len();
        if kept > 0
            && line.len() - kept <= MAX_END
            && line[..kept].ends_with(is_wide)
            && is_strewn(&line[kept..])
        {
            spans.push(end - line.len() + kept..end);
        }
    }
    let differ = spans.windows(2).any(|two| text[two[0].clone()] != text[two[1].clone()]);
    if spans.len() >= MIN_ENDS && differ { spans } else { Vec::new() }
}

/// Short words of letters, figures and signs, three of ten characters a sign, and of signs that
/// formulas have no use for.
fn is_strewn(end: &str) -> bool {
    if end.len() < MIN_BYTES {
        return false;
    }
    let words = || end.split_ascii_whitespace();
    let all = words().map(str::len).sum::<usize>();
    let signs = end.bytes().filter(u8::is_ascii_punctuation).count();
    let odd = b"@#$~`!?;:\"&".iter().filter(|b| end.as_bytes().contains(b)).count();
    let mixed = words().filter(|w| w.len() > 1 && w.bytes().any(|b| b.is_ascii_punctuation())).count();
    words().count() >= MIN_WORDS
        && words().all(|word| word.len() <= MAX_WORD)
        && signs * 10 >= all * 3
        && odd >= 2
        && mixed >= 3
}
