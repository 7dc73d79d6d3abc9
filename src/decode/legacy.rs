//! GB18030, Big5 and the rest: `encoding_rs` decodes, and here is kept what it could not read.

use encoding_rs::{BIG5, DecoderResult, EncoderResult, Encoding, GB18030, UTF_16BE, UTF_16LE};
use memchr::memmem;

use crate::decode::{Decoded, Draft};

/// Reads all of `bytes`.
pub(super) fn decode(bytes: &[u8], encoding: &'static Encoding) -> Decoded<'static> {
    let mut draft = Draft::default();
    decode_into(bytes, 0, encoding, &mut draft);
    let reversible = draft.n_malformed == 0 && comes_back(bytes, &draft.text, encoding);
    draft.finish(name(encoding), reversible)
}

/// The name to show; the standard writes this one in small letters.
pub(super) fn name(encoding: &'static Encoding) -> &'static str {
    if encoding == GB18030 { "GB18030" } else { encoding.name() }
}

/// Appends the text of `bytes`, which stand at offset `at` of the input.
pub(super) fn decode_into(bytes: &[u8], at: usize, encoding: &'static Encoding, draft: &mut Draft) {
    // Two bytes become three; whatever needs more makes the text grow once.
    draft.text.reserve(bytes.len() + bytes.len() / 2 + 16);
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut read = 0;
    loop {
        let (result, n) = decoder.decode_to_string_without_replacement(&bytes[read..], &mut draft.text, true);
        read += n;
        match result {
            DecoderResult::InputEmpty => break,
            DecoderResult::OutputFull => draft.text.reserve((bytes.len() - read) * 3 / 2 + 64),
            DecoderResult::Malformed(bad, after) => {
                let end = at + read - usize::from(after);
                draft.bad(end - usize::from(bad)..end);
            }
        }
    }
}

/// The bytes of a text, or `None` where the encoding lacks a character.
pub(super) fn encode(text: &str, encoding: &'static Encoding) -> Option<Vec<u8>> {
    if encoding.output_encoding() != encoding {
        return None;
    }
    let mut encoder = encoding.new_encoder();
    let mut bytes = Vec::with_capacity(text.len() + 16);
    let mut read = 0;
    loop {
        let (result, n) =
            encoder.encode_from_utf8_to_vec_without_replacement(&text[read..], &mut bytes, true);
        read += n;
        match result {
            EncoderResult::InputEmpty => return Some(bytes),
            EncoderResult::OutputFull => bytes.reserve((text.len() - read) * 2 + 64),
            EncoderResult::Unmappable(_) => return None,
        }
    }
}

/// Codes of two bytes in Big5 whose character has another code as well (or, under the lead byte A1,
/// has none that may be written).
const BIG5_TWINS: &[u16] = &[
    0xA2A4, 0xA2A5, 0xA2A6, 0xA2A7, 0xA2CC, 0xA2CE, 0xC6DE, 0xC969, 0xF9FA, 0xF9FB, 0xF9FC, 0xF9FD, 0xFA5F,
    0xFA66, 0xFABD, 0xFAC5, 0xFAD5, 0xFBB8, 0xFBF3, 0xFBFD, 0xFC4F, 0xFCB9, 0xFCD3, 0xFCE2, 0xFCF1, 0xFDB7,
    0xFDB8, 0xFDBB, 0xFDF1, 0xFE6F, 0xFEAA, 0xFEC1, 0xFEDD,
];

/// Encoding the text gives the bytes again. Where several codes stand for one character it does not.
/// Those of GB18030 and Big5 are known; elsewhere the text is encoded and compared, at a tenth of the
/// speed, but such files are rare here.
fn comes_back(bytes: &[u8], text: &str, encoding: &'static Encoding) -> bool {
    match encoding {
        e if e == UTF_16LE || e == UTF_16BE => true,
        e if e == GB18030 => {
            let hints = [&b"\xA3\xA0"[..], b"\x80", b"\x82\x35", b"\x84\x31"];
            hints.iter().all(|code| memmem::find(bytes, code).is_none()) || gb18030_has_no_twin(bytes)
        }
        e if e == BIG5 => big5_has_no_twin(bytes),
        _ => encode(text, encoding).is_some_and(|again| again == bytes),
    }
}

fn gb18030_has_no_twin(bytes: &[u8]) -> bool {
    let mut i = 0;
    while i < bytes.len() {
        i += match bytes[i..] {
            [0..=0x7F, ..] => 1,
            [0x80, ..]
            | [0xA3, 0xA0, ..]
            | [0x82, 0x35, 0x90, 0x37..=0x39, ..]
            | [0x82, 0x35, 0x91, 0x30..=0x34, ..]
            | [0x84, 0x31, 0x82, 0x36..=0x39, ..]
            | [0x84, 0x31, 0x83, 0x30..=0x35, ..] => return false,
            [_, 0x30..=0x39, ..] => 4,
            _ => 2,
        };
    }
    true
}

fn big5_has_no_twin(bytes: &[u8]) -> bool {
    let mut i = 0;
    while i < bytes.len() {
        i += match bytes[i..] {
            [0..=0x7F, ..] => 1,
            [0x80..=0xA0, ..] => return false,
            [lead @ (0xA2 | 0xC6 | 0xC9 | 0xF9..), next, ..]
                if BIG5_TWINS.contains(&u16::from_be_bytes([lead, next])) =>
            {
                return false;
            }
            _ => 2,
        };
    }
    true
}

#[cfg(test)]
#[allow(clippy::single_range_in_vec_init, reason = "the list of damaged places has one place")]
mod tests {
    use super::*;

    /// Every code of one, two and, in GB18030, four bytes.
    fn codes(encoding: &'static Encoding) -> Vec<Vec<u8>> {
        let mut codes: Vec<Vec<u8>> = (0..=0xFFu8).map(|b| vec![b]).collect();
        for a in 0x81..=0xFEu8 {
            codes.extend((0x40..=0xFEu8).map(|b| vec![a, b]));
        }
        if encoding == GB18030 {
            for (a, b) in (0x81..=0x84u8).flat_map(|a| (0x30..=0x39u8).map(move |b| (a, b))) {
                for c in 0x81..=0xFEu8 {
                    codes.extend((0x30..=0x39u8).map(|d| vec![a, b, c, d]));
                }
            }
        }
        codes
    }

    #[test]
    fn reversible_is_said_where_it_holds_and_only_there() {
        for encoding in [GB18030, BIG5] {
            let mut wrong = Vec::new();
            for code in codes(encoding) {
                let decoded = decode(&code, encoding);
                let again = encode(&decoded.text, encoding);
                if decoded.reversible != (again.as_deref() == Some(&code)) {
                    wrong.push(code);
                }
            }
            assert!(wrong.is_empty(), "{} {wrong:02X?}", encoding.name());
        }
    }

    #[test]
    fn a_bad_lead_byte_swallows_nothing() {
        for (bytes, encoding, text, places) in [
            (&b"\xB9\xFA\xC4\"\xB9\xFA"[..], GB18030, "国\u{FFFD}\"国", vec![2..3]),
            (b"\xB9\xFA\xC4<b>", GB18030, "国\u{FFFD}<b>", vec![2..3]),
            (b"\xB9\xFA\xC4\n", GB18030, "国\u{FFFD}\n", vec![2..3]),
            (b"\xB9\xFA\xC4", GB18030, "国\u{FFFD}", vec![2..3]),
            (b"\xFF\xB9\xFA\xFF", GB18030, "\u{FFFD}国\u{FFFD}", vec![0..1, 3..4]),
            (b"\xA4\xA4\xB0\"", BIG5, "中\u{FFFD}\"", vec![2..3]),
        ] {
            let decoded = decode(bytes, encoding);
            assert_eq!((&*decoded.text, decoded.malformed), (text, places));
            assert!(!decoded.reversible);
        }
    }
}
