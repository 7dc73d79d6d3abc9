//! One file, several encodings: pages glued together, a log to which two programs wrote, UTF-8
//! with a broken byte. Each piece is read in its own.
//!
//! GBK that happens to be valid UTF-8 does occur (联通, 通知), but not four three-byte characters
//! side by side; those are the evidence by which UTF-8 is known.

use std::ops::Range;

use encoding_rs::{BIG5, Encoding, GB18030};

use crate::decode::{Decoded, Draft, Hints, declared, legacy, score};

/// Characters of three bytes side by side that only UTF-8 writes.
const EVIDENCE: usize = 4;

/// Bytes of a stretch of evidence.
const STRETCH: usize = 3 * EVIDENCE;

/// Bytes above ASCII that a gap inside a line needs to be a text of its own. Less is damage.
const MIN_GAP: usize = 8;

/// The same for a whole line.
const MIN_LINE: usize = 4;

/// Bytes that are scored, of all pieces together.
const SAMPLE: usize = 64 << 10;

/// Bytes from the first one above ASCII that tell damaged UTF-8 without evidence.
const MAX_SHORT: usize = 512;

/// A span of the input and whether it is UTF-8.
type Piece = (Range<usize>, bool);

/// Reads bytes that are not valid UTF-8 as a whole.
pub(super) fn decode(bytes: &[u8], hints: &Hints<'_>) -> Decoded<'static> {
    let declared = declared::find(bytes, hints);
    let pieces = if find_evidence(bytes).is_some() {
        pieces(bytes)
    } else if is_damaged_utf8(bytes) {
        vec![(0..bytes.len(), true)]
    } else {
        return legacy::decode(bytes, score::choose(bytes, declared));
    };
    let mut sample = Vec::new();
    for (span, _) in pieces.iter().filter(|p| !p.1) {
        let room = SAMPLE - sample.len();
        sample.extend_from_slice(&bytes[span.start..span.end.min(span.start + room)]);
        sample.push(b'\n');
        if sample.len() >= SAMPLE {
            break;
        }
    }
    let encoding = if sample.is_empty() { GB18030 } else { score::choose(&sample, declared) };
    let mut draft = Draft::default();
    for (span, is_utf8) in &pieces {
        if *is_utf8 {
            read_utf8(&bytes[span.clone()], span.start, &mut draft);
        } else {
            legacy::decode_into(&bytes[span.clone()], span.start, encoding, &mut draft);
        }
    }
    let name = match (pieces.iter().any(|p| p.1), sample.is_empty()) {
        (true, true) => "UTF-8",
        (false, _) => legacy::name(encoding),
        (true, false) => both(encoding),
    };
    draft.finish(name, false)
}

fn both(encoding: &'static Encoding) -> &'static str {
    match encoding {
        e if e == GB18030 => "UTF-8+GB18030",
        e if e == BIG5 => "UTF-8+Big5",
        _ => "UTF-8 and others",
    }
}

/// Appends UTF-8, with U+FFFD for each sequence that is broken.
fn read_utf8(bytes: &[u8], at: usize, draft: &mut Draft) {
    draft.text.reserve(bytes.len());
    let mut read = at;
    for chunk in bytes.utf8_chunks() {
        draft.text.push_str(chunk.valid());
        read += chunk.valid().len();
        if !chunk.invalid().is_empty() {
            let end = read + chunk.invalid().len();
            draft.bad(read..end);
            read = end;
        }
    }
}

/// The lead of a character of three bytes that Chinese text holds.
const fn is_lead(b: u8) -> bool {
    matches!(b, 0xE2..=0xE9 | 0xEF)
}

const fn is_follower(b: u8) -> bool {
    matches!(b, 0x80..=0xBF)
}

const FOLLOWER: u8 = 1;
const LEAD: u8 = 3;

/// What a byte is in UTF-8, so that three of them can be judged by their sum.
const CLASS: [u8; 256] = {
    let mut class = [16; 256];
    let mut b = 0;
    while b < 256 {
        if is_lead(b as u8) {
            class[b] = LEAD;
        } else if is_follower(b as u8) {
            class[b] = FOLLOWER;
        }
        b += 1;
    }
    class
};

fn is_three(bytes: &[u8]) -> bool {
    bytes.len() >= 3 && is_lead(bytes[0]) && is_follower(bytes[1]) && is_follower(bytes[2])
}

/// Where the first stretch of evidence stands. Among any three bytes of it is one lead and two
/// followers, so one look at every tenth byte finds it.
fn find_evidence(bytes: &[u8]) -> Option<usize> {
    let mut i = 0;
    while i + 3 <= bytes.len() {
        let kinds = CLASS[usize::from(bytes[i])]
            + CLASS[usize::from(bytes[i + 1])]
            + CLASS[usize::from(bytes[i + 2])];
        if kinds == LEAD + 2 * FOLLOWER {
            let phase = (0..3).find(|&p| is_lead(bytes[i + p])).unwrap_or(0);
            let from = (i + phase).saturating_sub(STRETCH - 3);
            let from = from + (i + phase - from) % 3;
            let mut run = 0;
            for at in (from..bytes.len().min(i + phase + STRETCH)).step_by(3) {
                run = if is_three(&bytes[at..]) { run + 1 } else { 0 };
                if run == EVIDENCE {
                    return Some(at + 3 - STRETCH);
                }
            }
        }
        i += STRETCH - 2;
    }
    None
}

/// UTF-8 with bad bytes, in a text too short for evidence or in another script.
fn is_damaged_utf8(bytes: &[u8]) -> bool {
    let first = Encoding::ascii_valid_up_to(bytes);
    let sample = &bytes[first..bytes.len().min(first + MAX_SHORT)];
    let (mut all, mut valid, mut three) = (0usize, 0usize, 0usize);
    for chunk in sample.utf8_chunks() {
        for c in chunk.valid().chars().filter(|c| !c.is_ascii()) {
            valid += c.len_utf8();
            three += if c.len_utf8() == 3 { 3 } else { 0 };
        }
        all += chunk.invalid().len();
    }
    all += valid;
    three * 10 >= all * 6 || valid * 10 >= all * 9
}

/// Cuts the input into pieces of one encoding each; lines of nothing but ASCII join what is before.
fn pieces(bytes: &[u8]) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut add = |span: Range<usize>, is_utf8: Option<bool>| match pieces.last_mut() {
        Some(last) if is_utf8.is_none_or(|u| u == last.1) => last.0.end = span.end,
        _ if span.is_empty() => {}
        _ => pieces.push((span, is_utf8.unwrap_or(true))),
    };
    let mut start = 0;
    while start < bytes.len() {
        let end = memchr::memchr2(b'\n', b'\r', &bytes[start..]).map_or(bytes.len(), |n| start + n + 1);
        let line = &bytes[start..end];
        match simdutf8::basic::from_utf8(line) {
            Ok(text) => add(start..end, valid_line(text)),
            Err(_) => cut_line(line, start, &mut add),
        }
        start = end;
    }
    pieces
}

/// A valid line is UTF-8 if it has characters of three bytes, and at least as many as of two.
fn valid_line(line: &str) -> Option<bool> {
    let three = line.bytes().filter(|b| *b >= 0xE0).count();
    let two = line.bytes().filter(|b| matches!(b, 0xC2..=0xDF)).count();
    (three > 0 && three >= two).then_some(true)
}

/// Cuts a line that is not valid into stretches of UTF-8 and the gaps between them.
fn cut_line(line: &[u8], at: usize, add: &mut impl FnMut(Range<usize>, Option<bool>)) {
    let mut done = 0;
    let mut from = 0;
    for chunk in line.utf8_chunks() {
        let valid = from..from + chunk.valid().len();
        from = valid.end + chunk.invalid().len();
        if let Some(stretch) = stretch(&line[valid.clone()]) {
            let stretch = valid.start + stretch.start..valid.start + stretch.end;
            let Range { start: first, end: last } = widened(line, &valid, stretch);
            gap(line, done..first, at, add);
            add(at + first..at + last, Some(true));
            done = last;
        }
    }
    gap(line, done..line.len(), at, add);
}

/// From the first to the last piece of evidence in valid UTF-8.
fn stretch(valid: &[u8]) -> Option<Range<usize>> {
    if valid.len() < STRETCH {
        return None;
    }
    let mut found: Option<Range<usize>> = None;
    let (mut i, mut run) = (0, 0);
    while i < valid.len() {
        if is_three(&valid[i..]) {
            run += 1;
            i += 3;
            if run >= EVIDENCE {
                found = Some(found.map_or(i - STRETCH, |f| f.start)..i);
            }
        } else {
            run = 0;
            i += 1;
        }
    }
    found
}

/// The stretch with the characters of three bytes beside it that stand between ASCII: 第 and 条 of
/// `第1条 …` are no evidence, but they are read as what is. One that touches other bytes may be made of
/// them: the comma of GBK behind half a character is such three bytes.
fn widened(line: &[u8], valid: &Range<usize>, stretch: Range<usize>) -> Range<usize> {
    let is_edge = |at: usize| line.get(at).is_none_or(u8::is_ascii);
    let Range { mut start, mut end } = stretch;
    loop {
        let ascii = line[valid.start..start].iter().rev().take_while(|b| b.is_ascii()).count();
        let mut at = start - ascii;
        while at >= valid.start + 3 && is_three(&line[at - 3..]) {
            at -= 3;
        }
        if at + ascii == start || at > 0 && !is_edge(at - 1) {
            break;
        }
        start = at;
    }
    loop {
        let ascii = line[end..valid.end].iter().take_while(|b| b.is_ascii()).count();
        let mut at = end + ascii;
        while at + 3 <= valid.end && is_three(&line[at..]) {
            at += 3;
        }
        if at == end + ascii || !is_edge(at) {
            break;
        }
        end = at;
    }
    start..end
}

/// Decides a span that holds no evidence: text of a legacy encoding, or damaged UTF-8.
fn gap(line: &[u8], span: Range<usize>, at: usize, add: &mut impl FnMut(Range<usize>, Option<bool>)) {
    let bytes = &line[span.clone()];
    let place = at + span.start..at + span.end;
    let high = bytes.iter().filter(|b| **b >= 0x80).count();
    if high == 0 {
        return add(place, None);
    }
    let whole = span.len() == line.len();
    // Pairs of GBK are often valid characters of two bytes; those tell nothing.
    let mut three = 0;
    for chunk in bytes.utf8_chunks() {
        three += 3 * chunk.valid().bytes().filter(|b| *b >= 0xE0).count();
    }
    let enough = high >= if whole { MIN_LINE } else { MIN_GAP };
    let is_legacy = enough && three * 2 < high && score::is_legacy(bytes);
    add(place, Some(!is_legacy));
}

#[cfg(test)]
mod tests {
    use super::*;

    const GBK: &[u8] = b"\xB9\xFA\xCE\xF1\xD4\xBA\xB0\xEC\xB9\xAB\xCC\xFC\xCD\xA8\xD6\xAA"; // 国务院办公厅通知

    fn glue(parts: &[&[u8]]) -> Vec<u8> {
        parts.concat()
    }

    #[test]
    fn each_piece_is_read_in_its_own_encoding() {
        let utf8 = "各市、县人民政府：".as_bytes();
        let rows: &[(Vec<u8>, &str, &str, usize)] = &[
            (glue(&[utf8, b"\n", GBK]), "各市、县人民政府：\n国务院办公厅通知", "UTF-8+GB18030", 0),
            (glue(&[GBK, b"\n", utf8]), "国务院办公厅通知\n各市、县人民政府：", "UTF-8+GB18030", 0),
            (
                glue(&[utf8, b"<p>", GBK, b"</p>", utf8]),
                "各市、县人民政府：<p>国务院办公厅通知</p>各市、县人民政府：",
                "UTF-8+GB18030",
                0,
            ),
            (
                glue(&[GBK, b"\n\n1.\n", utf8, b"\nabc\n", GBK, b"\r\n"]),
                "国务院办公厅通知\n\n1.\n各市、县人民政府：\nabc\n国务院办公厅通知\r\n",
                "UTF-8+GB18030",
                0,
            ),
            (glue(&[utf8, b"\xE5\x85", utf8]), "各市、县人民政府：\u{FFFD}各市、县人民政府：", "UTF-8", 1),
            (
                glue(&[utf8, b"\xFF\xFE\xFF", utf8]),
                "各市、县人民政府：\u{FFFD}\u{FFFD}\u{FFFD}各市、县人民政府：",
                "UTF-8",
                3,
            ),
            (glue(&[utf8, b"\xE5"]), "各市、县人民政府：\u{FFFD}", "UTF-8", 1),
            (glue(&["通知".as_bytes(), b"\xE5\x85"]), "通知\u{FFFD}", "UTF-8", 1),
            (GBK.to_vec(), "国务院办公厅通知", "GB18030", 0),
            (glue(&[GBK, b"\xC4\n", GBK]), "国务院办公厅通知\u{FFFD}\n国务院办公厅通知", "GB18030", 1),
        ];
        for (bytes, text, encoding, n) in rows {
            let decoded = decode(bytes, &Hints::default());
            assert_eq!((&*decoded.text, decoded.encoding, decoded.n_malformed), (*text, *encoding, *n));
        }
    }

    #[test]
    fn a_place_is_a_place_of_the_input() {
        let bytes = glue(&["人民政府办\n".as_bytes(), GBK, b"\xFF\n", "县人民政府".as_bytes(), b"\xE5\x85"]);
        let decoded = decode(&bytes, &Hints::default());
        assert_eq!(decoded.malformed, [32..33, 49..51]);
        assert!(!decoded.reversible);
    }

    #[test]
    fn evidence_is_found_wherever_it_stands() {
        for before in 0..40 {
            let bytes = glue(&[&b"\xB9\xFA".repeat(20)[..before], "人民政府".as_bytes()]);
            let found = find_evidence(&bytes);
            assert!(found.is_some_and(|at| at <= before), "{before}: {found:?}");
        }
        assert_eq!(find_evidence(&GBK.repeat(500)), None);
        assert_eq!(find_evidence("人民政".as_bytes()), None);
    }
}
