//! Pinyin behind each character, `政(zheng)府(fu)网(wang)站(zhan)`, which copies of official texts carry against
//! being found. A gloss behind one rare character is content.

use std::ops::Range;

use crate::text::chars::{before, is_han};
use crate::text::sift::sift;

/// Glosses in a text, at least.
const MIN_GLOSSES: usize = 8;

/// Letters of a syllable, at most.
const MAX_LETTERS: usize = 6;

/// A bracket of either width with a letter behind it. A vowel with its tone begins with C3 to C7.
fn sieve(a: u8, b: u8, c: u8, d: u8) -> bool {
    let letter = |b: u8| (b.wrapping_sub(b'a') < 26) | (b.wrapping_sub(0xC3) < 5);
    (a == b'(') & letter(b) | (a == 0xEF) & (b == 0xBC) & (c == 0x88) & letter(d)
}

/// The glosses of `text`.
pub(super) fn spans(text: &str) -> Vec<Range<usize>> {
    let mut spans: Vec<Range<usize>> = Vec::new();
    if sift(text, sieve).count() < MIN_GLOSSES {
        return spans;
    }
    let mut chained = 0;
    for at in sift(text, sieve) {
        if !before(text, at).is_some_and(is_han) {
            continue;
        }
        let inner = at + if text.as_bytes()[at] == b'(' { 1 } else { '（'.len_utf8() };
        let near = &text[inner..text.floor_char_boundary((inner + 3 * MAX_LETTERS + 3).min(text.len()))];
        let Some(close) = near.find([')', '）']) else { continue };
        if !is_syllable(&near[..close]) {
            continue;
        }
        let end = inner + close + near[close..].chars().next().map_or(0, char::len_utf8);
        // One character between two glosses.
        chained += usize::from(spans.last().is_some_and(|last| {
            let between = &text[last.end..at];
            between.len() <= 8 && between.chars().filter(|c| is_han(*c)).count() == 1
        }));
        spans.push(at..end);
    }
    let enough = spans.len() >= MIN_GLOSSES && chained * 2 >= spans.len();
    if enough && spans.len() * 100 >= text.chars().filter(|c| is_han(*c)).count() {
        spans
    } else {
        Vec::new()
    }
}

const INITIALS: &[&str] = &[
    "zh", "ch", "sh", "b", "p", "m", "f", "d", "t", "n", "l", "g", "k", "h", "j", "q", "x", "r", "z", "c",
    "s", "y", "w", "",
];

const FINALS: &[&str] = &[
    "a", "o", "e", "i", "u", "v", "ai", "ei", "ui", "ao", "ou", "iu", "ie", "ue", "ve", "er", "an", "en",
    "in", "un", "ang", "eng", "ing", "ong", "ia", "iao", "ian", "iang", "iong", "ua", "uo", "uai", "uan",
    "uang",
];

/// A syllable of pinyin, with or without the mark of its tone.
fn is_syllable(letters: &str) -> bool {
    let plain: String = letters.chars().map(untoned).collect();
    plain.len() <= MAX_LETTERS
        && plain.bytes().all(|b| b.is_ascii_lowercase())
        && INITIALS
            .iter()
            .any(|initial| plain.strip_prefix(initial).is_some_and(|rest| FINALS.contains(&rest)))
}

const fn untoned(c: char) -> char {
    match c {
        'ā' | 'á' | 'ǎ' | 'à' => 'a',
        'ē' | 'é' | 'ě' | 'è' => 'e',
        'ī' | 'í' | 'ǐ' | 'ì' => 'i',
        'ō' | 'ó' | 'ǒ' | 'ò' => 'o',
        'ū' | 'ú' | 'ǔ' | 'ù' => 'u',
        'ü' | 'ǖ' | 'ǘ' | 'ǚ' | 'ǜ' => 'v',
        _ => c,
    }
}
