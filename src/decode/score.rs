//! GB18030 or Big5: every Big5 page also decodes as GB18030 without an error, so both are scored.
//!
//! A text in its own encoding uses the rows of the common characters; read in the other one it
//! falls all over the table. No word list is needed: over 408 GB18030 and 178 Big5 files the right
//! encoding scored 0.95 and more, the wrong one 0.67 at most.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{BIG5, Encoding, GB18030, GBK, UTF_8};

use crate::decode::declared::Declared;

/// Bytes from the first one that is no ASCII: some thousand codes, a share known to a hundredth.
const SAMPLE: usize = 4 << 10;

/// Bytes from the middle and from the end of a longer text, whose head may be a foreign banner.
const LATER_SAMPLE: usize = 1 << 10;

/// Bytes for the detector of last resort, which is slow.
const DETECTOR_SAMPLE: usize = 64 << 10;

/// Scores nearer than this leave the decision to the declaration.
const TIE: f64 = 0.1;

/// Under this best score the text is perhaps neither.
const MIN_SCORE: f64 = 0.6;

/// From this score on, bad bytes are damage.
const GOOD_SCORE: f64 = 0.85;

/// Above this share of broken codes the text is perhaps neither: runs of odd length betray
/// encodings of one byte a letter.
const MAX_BROKEN: f64 = 0.05;

/// A piece of a mixed file is GB18030 or Big5 from this score on; of 801 UTF-8
/// files read as either, none scored above 0.69.
const MIN_PIECE: f64 = 0.8;

/// Two-byte codes from which on shares tell something.
const MIN_CODES: usize = 20;

/// A valid UTF-8 text of at most this many bytes may be a title in GBK: 通知 is.
const SHORT: usize = 64;

/// The codes of a text read in one encoding.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    codes: usize,
    common: usize,
    broken: usize,
    /// Codes with lead byte C9 to D7: a quarter of any Chinese text in GB2312 (需 学 一 有 于 在 中),
    /// next to nothing in Korean, whose syllables end at C8.
    late: usize,
    /// Codes with a second byte under 0x80: a third of all Big5, none in EUC-JP.
    low: usize,
}

impl Tally {
    fn score(&self) -> f64 {
        self.common as f64 / (self.codes + self.broken).max(1) as f64
    }

    fn is_broken(&self) -> bool {
        self.broken as f64 > MAX_BROKEN * (self.codes + self.broken) as f64
    }
}

/// The parts of a text that are looked at. A byte under 0x30 is never part of a code, so reading
/// may start behind one.
fn samples(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let first = Encoding::ascii_valid_up_to(bytes);
    let end = bytes.len().min(first + SAMPLE);
    let later = move |from: usize| {
        let from = from.max(end);
        let safe = bytes[from..].iter().position(|&b| b < 0x30).map_or(bytes.len(), |n| from + n);
        &bytes[safe..bytes.len().min(safe + LATER_SAMPLE)]
    };
    [&bytes[first..end], later(bytes.len() / 2), later(bytes.len().saturating_sub(LATER_SAMPLE))].into_iter()
}

fn tally_gb(bytes: &[u8], tally: &mut Tally) {
    let mut i = 0;
    while i < bytes.len() {
        let (lead, next) = (bytes[i], bytes.get(i + 1).copied().unwrap_or(0));
        i += 1;
        match (lead, next) {
            (0..=0x7F, _) => {}
            (0x81..=0xFE, 0x30..=0x39) if bytes.get(i + 1).is_some_and(|b| (0x81..=0xFE).contains(b)) => {
                tally.codes += 1;
                i += 3;
            }
            (0x81..=0xFE, 0x40..=0x7E | 0x80..=0xFE) => {
                tally.codes += 1;
                tally.common += usize::from(
                    next >= 0xA1 && (matches!(lead, 0xB0..=0xD7) || lead == 0xA1 || lead == 0xA3),
                );
                tally.late += usize::from(matches!(lead, 0xC9..=0xD7));
                i += 1;
            }
            _ => tally.broken += 1,
        }
    }
}

fn tally_big5(bytes: &[u8], tally: &mut Tally) {
    let mut i = 0;
    while i < bytes.len() {
        let (lead, next) = (bytes[i], bytes.get(i + 1).copied().unwrap_or(0));
        i += 1;
        match (lead, next) {
            (0..=0x7F, _) => {}
            (0x81..=0xFE, 0x40..=0x7E | 0xA1..=0xFE) => {
                tally.codes += 1;
                tally.common += usize::from(matches!(lead, 0xA4..=0xC6) || lead == 0xA1);
                tally.low += usize::from(next < 0x80);
                i += 1;
            }
            _ => tally.broken += 1,
        }
    }
}

/// `bytes` read well as GB18030 or Big5.
pub(super) fn is_legacy(bytes: &[u8]) -> bool {
    let (mut gb, mut big5) = (Tally::default(), Tally::default());
    let sample = &bytes[..bytes.len().min(SAMPLE)];
    tally_gb(sample, &mut gb);
    tally_big5(sample, &mut big5);
    [gb, big5].iter().any(|t| t.codes >= 2 && t.score() >= MIN_PIECE)
}

/// The encoding of a text that is no Unicode.
pub(super) fn choose(bytes: &[u8], declared: Option<Declared>) -> &'static Encoding {
    let (mut gb, mut big5) = (Tally::default(), Tally::default());
    for sample in samples(bytes) {
        tally_gb(sample, &mut gb);
        tally_big5(sample, &mut big5);
    }
    let tie = (gb.score() - big5.score()).abs() <= TIE;
    let is_big5 = if tie { declared == Some(Declared::Big5) } else { big5.score() > gb.score() };
    let best = if is_big5 { big5 } else { gb };
    if best.score() < MIN_SCORE || best.is_broken() && best.score() < GOOD_SCORE {
        if let Some(other) = last_resort(bytes, declared, best) {
            return other;
        }
    } else if best.codes >= MIN_CODES {
        let korean = !is_big5 && best.late * 10 < best.codes;
        let japanese = is_big5 && best.low * 20 < best.codes;
        if (korean || japanese)
            && let Some(other) = last_resort(bytes, declared, best)
            && other.name().starts_with("EUC")
        {
            return other;
        }
    }
    if is_big5 { BIG5 } else { GB18030 }
}

/// Asks the detector of the browsers. It is slow (15 MB/s) and sees Big5 and GBK in short texts
/// where there is none, so only its other answers are heard.
fn last_resort(bytes: &[u8], declared: Option<Declared>, best: Tally) -> Option<&'static Encoding> {
    let first = Encoding::ascii_valid_up_to(bytes);
    let sample = &bytes[first..bytes.len().min(first + DETECTOR_SAMPLE)];
    if let Some(Declared::Other(named)) = declared
        && named.decode_without_bom_handling_and_without_replacement(sample).is_some()
    {
        return Some(named);
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(sample, true);
    let guess = detector.guess(None, Utf8Detection::Deny);
    let heard = guess != GBK && guess != GB18030 && guess != BIG5 && guess != UTF_8;
    // A page that says it is Chinese and mostly reads so has bad bytes; it is no Baltic text.
    let chinese = matches!(declared, Some(Declared::Gb18030 | Declared::Big5)) || best.score() >= GOOD_SCORE;
    let east_asian = guess.name().starts_with("EUC");
    (heard && (east_asian || !chinese)).then_some(guess)
}

/// Valid UTF-8 that is rather a short title in GBK: all its characters are of two bytes, they stand
/// side by side, belong to several alphabets, and read as common Chinese.
pub(super) fn is_short_gb_title(text: &str) -> bool {
    let bytes = text.as_bytes();
    if bytes.len() > SHORT || bytes.is_ascii() {
        return false;
    }
    let leads: Vec<u8> = bytes.iter().copied().filter(|b| *b >= 0xC0).collect();
    let one_alphabet = [0xC2..=0xC5u8, 0xCE..=0xCF, 0xD0..=0xD2, 0xD6..=0xD7, 0xD8..=0xDB]
        .iter()
        .any(|alphabet| leads.iter().all(|b| alphabet.contains(b)));
    let alone = |word: &[u8]| word.len() == 2;
    let mut tally = Tally::default();
    tally_gb(bytes, &mut tally);
    !one_alphabet
        && leads.len() >= 2
        && leads.iter().all(|&b| b < 0xE0)
        && !bytes.split(u8::is_ascii).any(alone)
        && tally.common == tally.codes
        && tally.broken == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(text: &str, encoding: &'static Encoding, declared: Option<Declared>) -> &'static Encoding {
        let (bytes, _, lost) = encoding.encode(text);
        assert!(!lost, "{text}");
        choose(&bytes, declared)
    }

    #[test]
    fn the_bytes_decide_whatever_is_declared() {
        let simplified = "各省、自治区、直辖市人民政府，国务院各部委、各直属机构：现就有关事项通知如下。";
        let traditional =
            "主旨：公告本市道路施工期間交通管制措施，並自即日起實施。依據：道路交通管理處罰條例。";
        for declared in [None, Some(Declared::Big5), Some(Declared::Gb18030), Some(Declared::Utf8)] {
            assert_eq!(chosen(simplified, GB18030, declared), GB18030, "{declared:?}");
            assert_eq!(chosen(traditional, BIG5, declared), BIG5, "{declared:?}");
        }
    }

    #[test]
    fn other_encodings_are_a_last_resort() {
        for (text, encoding) in [
            ("東京都公報第一号を発行する。", encoding_rs::SHIFT_JIS),
            ("東京都の公報をここに発行する。これは日本語の文章です。", encoding_rs::EUC_JP),
            ("정부 공보 제일호를 다음과 같이 발행한다 정부 공보 시행령", encoding_rs::EUC_KR),
        ] {
            assert_eq!(chosen(text, encoding, None), encoding, "{text}");
        }
    }

    #[test]
    fn short_titles_in_gbk_are_told_from_utf_8() {
        for (bytes, title) in [
            (&b"\xCD\xA8\xD6\xAA"[..], true), // 通知
            ("é".as_bytes(), false),
            ("ñé".as_bytes(), false),
            ("Привет".as_bytes(), false),
            ("Αθήνα".as_bytes(), false),
            ("通知".as_bytes(), false),
            (b"abc", false),
        ] {
            let text = std::str::from_utf8(bytes).unwrap();
            assert_eq!(is_short_gb_title(text), title, "{text}");
        }
    }
}
