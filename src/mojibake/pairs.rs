//! GBK read as Latin-1 or as Big5, and Big5 read as GBK: two bytes make a character again.
//!
//! Nearly any pair of bytes is a character of either encoding, so here the proof is not that the
//! bytes can be read, but that all of a line read so is ordinary text, and what stands there is not:
//! the comma of GBK is `£¬` in Latin-1 and ㄛ in Big5, and that of Big5 has no character in GBK.

use std::ops::Range;

use crate::mojibake::tables::{BIG5_TABLE, GBK_TABLE, is_big5_common, is_gb_common, latin};
use crate::text::chars::is_han;

/// Characters of a line from which on it is judged.
const MIN_CHARS: usize = 3;

/// The same where Chinese characters stand there already.
const MIN_HAN: usize = 8;

/// Of all, the share that must be ordinary text.
const MIN_COMMON: f64 = 0.95;

/// The same in a text that is known to be misread.
const MIN_COMMON_TRUSTED: f64 = 0.6;

/// Reads a line; in a text that is known to be misread it asks for less proof.
pub(super) type Read = fn(&str, bool) -> Vec<Place>;

/// A place of a line and what should stand there.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) span: Range<usize>,
    pub(super) decoded: String,
    /// Characters that were read.
    pub(super) pairs: usize,
}

/// The rows of marks and of full-width letters.
const fn is_gb_mark(code: [u8; 2]) -> bool {
    matches!(code, [0xA1 | 0xA3, 0xA1..=0xFE])
}

const fn is_big5_mark(code: [u8; 2]) -> bool {
    matches!(code, [0xA1, _] | [0xA2, 0x40..=0x7E])
}

/// The runs of a line that are GBK read as Latin-1; nothing where the line does not prove it.
pub(super) fn gbk_as_latin(line: &str, trusted: bool) -> Vec<Place> {
    let mut places = Vec::new();
    let (mut pairs, mut common, mut letters, mut signs) = (0, 0, 0, 0);
    let mut seen: Vec<[u8; 2]> = Vec::new();
    let mut chars = line.char_indices().peekable();
    while let Some(&(start, c)) = chars.peek() {
        if latin(c).is_none_or(|b| b < 0x81) {
            chars.next();
            continue;
        }
        let mut decoded = String::new();
        let (mut whole, mut end, known) = (true, start, pairs);
        while let Some(&(at, c)) = chars.peek() {
            let Some(lead) = latin(c).filter(|b| *b >= 0x81) else { break };
            chars.next();
            end = at + c.len_utf8();
            let trail = chars.peek().and_then(|(_, c)| latin(*c));
            let code = trail.map(|trail| [lead, trail]);
            let Some((code, c)) = code.and_then(|code| Some((code, GBK_TABLE.char(code)?))) else {
                whole = false;
                continue;
            };
            let (at, second) = chars.next().unwrap_or((end, ' '));
            end = at + second.len_utf8();
            decoded.push(c);
            pairs += 1;
            common += usize::from(is_gb_common(code) || is_gb_mark(code));
            letters += usize::from(code[0] >= 0xC0) + usize::from(code[1] >= 0xC0);
            signs += usize::from(code[0] < 0xC0) + usize::from(code[1] < 0xC0);
            if seen.len() < MIN_CHARS && !seen.contains(&code) {
                seen.push(code);
            }
        }
        if whole {
            places.push(Place { span: start..end, decoded, pairs: pairs - known });
        }
    }
    // “ÄÖÜ” has no signs and a row of dots no letters; both read as characters.
    let proven = pairs >= MIN_CHARS
        && seen.len() >= MIN_CHARS
        && letters * 4 >= pairs
        && signs * 8 >= pairs
        && common as f64 >= MIN_COMMON * pairs as f64;
    let believed = trusted && common as f64 >= MIN_COMMON_TRUSTED * pairs as f64 && !line.chars().any(is_han);
    if proven || believed { places } else { Vec::new() }
}

/// What a line is in one encoding, and would be in the other.
struct Other {
    /// The code of a character in the encoding that the line was read in.
    code: fn(char) -> Option<[u8; 2]>,
    /// The character of that code in the other.
    char: fn([u8; 2]) -> Option<char>,
    is_common: fn([u8; 2]) -> bool,
    is_mark: fn([u8; 2]) -> bool,
    /// No text of the encoding holds this character.
    is_odd: fn(char) -> bool,
}

const GBK_AS_BIG5: Other = Other {
    code: |c| BIG5_TABLE.code(c),
    char: |two| GBK_TABLE.char(two),
    is_common: is_gb_common,
    is_mark: is_gb_mark,
    is_odd: is_odd_in_big5,
};

const BIG5_AS_GBK: Other = Other {
    code: |c| GBK_TABLE.code(c),
    char: |two| BIG5_TABLE.char(two),
    is_common: is_big5_common,
    is_mark: is_big5_mark,
    is_odd: is_odd_in_gbk,
};

/// Bopomofo and small forms: the marks of GBK, read as Big5.
pub(super) const fn is_odd_in_big5(c: char) -> bool {
    matches!(c, '\u{3105}'..='\u{3129}' | '\u{FE50}'..='\u{FE6B}')
}

/// Codes of GBK without a character: the marks of Big5, and much else.
pub(super) const fn is_odd_in_gbk(c: char) -> bool {
    matches!(c, '\u{E000}'..='\u{E864}')
}

/// The spans of a line that are GBK read as Big5.
pub(super) fn gbk_as_big5(line: &str, trusted: bool) -> Vec<Place> {
    double(line, &GBK_AS_BIG5, trusted)
}

/// The spans of a line that are Big5 read as GBK.
pub(super) fn big5_as_gbk(line: &str, trusted: bool) -> Vec<Place> {
    double(line, &BIG5_AS_GBK, trusted)
}

/// Spans between characters that have no bytes in the encoding; each proves itself.
fn double(line: &str, other: &Other, trusted: bool) -> Vec<Place> {
    let mut places = Vec::new();
    let mut chars = line.char_indices().peekable();
    while chars.peek().is_some() {
        let known = places.len();
        let (mut pairs, mut han, mut common, mut odd) = (0_usize, 0_usize, 0_usize, 0_usize);
        for (at, c) in chars.by_ref() {
            if c.is_ascii() {
                continue;
            }
            let Some((code, now)) = (other.code)(c).and_then(|code| Some((code, (other.char)(code)?))) else {
                break;
            };
            pairs += 1;
            let is_han = (other.is_common)(code);
            han += usize::from(is_han);
            common += usize::from(is_han || (other.is_mark)(code));
            odd += usize::from((other.is_odd)(c));
            let end = at + c.len_utf8();
            match places[known..].last_mut() {
                Some(Place { span, decoded, pairs }) if span.end == at => {
                    decoded.push(now);
                    (span.end, *pairs) = (end, *pairs + 1);
                }
                _ => places.push(Place { span: at..end, decoded: now.to_string(), pairs: 1 }),
            }
        }
        let proven = pairs >= MIN_HAN
            && han * 2 >= pairs
            && odd > 0
            && odd * 40 >= pairs
            && common as f64 >= MIN_COMMON * pairs as f64;
        let believed = trusted && common as f64 >= MIN_COMMON_TRUSTED * pairs as f64;
        if !proven && !believed {
            places.truncate(known);
        }
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;
    use encoding_rs::{BIG5, Encoding, GBK, WINDOWS_1252};

    fn misread(text: &str, written: &'static Encoding, read: &'static Encoding) -> String {
        let (bytes, _, lost) = written.encode(text);
        assert!(!lost, "{text}");
        read.decode_without_bom_handling(&bytes).0.into_owned()
    }

    #[test]
    fn a_line_proves_itself() {
        let simplified = "各单位要按时报送，县政府办公室。";
        let traditional = "本府自即日起受理申請，請於期限前，檢附文件送本府辦理。";
        let all = |places: Vec<Place>| places.into_iter().map(|p| p.decoded).collect::<String>();
        assert_eq!(all(gbk_as_latin(&misread(simplified, GBK, WINDOWS_1252), false)), simplified);
        assert_eq!(all(gbk_as_big5(&misread(simplified, GBK, BIG5), false)), simplified);
        assert_eq!(all(big5_as_gbk(&misread(traditional, BIG5, GBK), false)), traditional);
        for text in
            [simplified, traditional, "ÀÁÂÃÄÅ", "··········", "ㄅㄆㄇㄈㄉㄊㄋㄌ", "甲××乙××丙××", "Ä Ö Ü ß"]
        {
            for places in [gbk_as_latin(text, false), gbk_as_big5(text, false), big5_as_gbk(text, false)] {
                assert!(places.is_empty(), "{text}: {places:?}");
            }
        }
    }
}
