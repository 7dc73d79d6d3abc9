//! UTF-16 and UTF-32, with and without a byte order mark.

use encoding_rs::{UTF_16BE, UTF_16LE};

use crate::decode::{Decoded, Draft, legacy};

/// Bytes that are looked at to recognise a form: some thousand characters settle it.
pub(super) const SAMPLE: usize = 4096;

/// Of UTF-16 text, the share of units that are characters of Chinese or English text; read with
/// the bytes swapped it falls under a half.
const MIN_PLAUSIBLE: f64 = 0.9;

/// The swapped reading must be worse by this much. ASCII letters read as pairs are Han characters
/// in both orders.
const MIN_LEAD: f64 = 0.3;

/// Control characters are never so frequent in bytes of text; the low bytes of Han characters are
/// one in eight.
const MIN_CONTROLS: f64 = 0.01;

/// UTF-16 that is mostly ASCII has a NUL in every second byte.
const MIN_NULS: f64 = 0.2;

/// Width and order of the units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Utf16Le,
    Utf16Be,
    Utf32Le,
    Utf32Be,
}

impl Form {
    const fn name(self) -> &'static str {
        match self {
            Self::Utf16Le => "UTF-16LE",
            Self::Utf16Be => "UTF-16BE",
            Self::Utf32Le => "UTF-32LE",
            Self::Utf32Be => "UTF-32BE",
        }
    }

    pub(super) fn named(name: &str) -> Option<Self> {
        [Self::Utf16Le, Self::Utf16Be, Self::Utf32Le, Self::Utf32Be].into_iter().find(|f| f.name() == name)
    }
}

/// A character of Chinese or English text.
fn is_plausible(unit: u32) -> bool {
    matches!(unit, 0x09 | 0x0A | 0x0D | 0x20..=0x7E | 0xA0..=0xFF | 0x2000..=0x206F | 0x2100..=0x22FF
        | 0x2460..=0x27BF | 0x3000..=0x30FF | 0x4E00..=0x9FFF | 0xFF00..=0xFFEF | 0xFEFF)
}

fn units32(bytes: &[u8], form: Form) -> impl Iterator<Item = u32> {
    bytes.chunks_exact(4).map(move |b| {
        let four = [b[0], b[1], b[2], b[3]];
        if form == Form::Utf32Le { u32::from_le_bytes(four) } else { u32::from_be_bytes(four) }
    })
}

/// Nearly all units of the first bytes are characters of UTF-32.
pub(super) fn fits(bytes: &[u8], form: Form) -> bool {
    let sample = &bytes[..bytes.len().min(SAMPLE)];
    let n = sample.len() / 4;
    let good = units32(sample, form).filter(|&u| is_plausible(u)).count();
    n >= 2 && good as f64 >= MIN_PLAUSIBLE * n as f64
}

/// The form of a text without a byte order mark, from its first bytes.
pub(super) fn guess(bytes: &[u8]) -> Option<Form> {
    let sample = &bytes[..bytes.len().min(SAMPLE) & !1];
    if sample.len() < 4 {
        return None;
    }
    // Counted alone, because this loop runs at memory speed and ends most guesses.
    if sample.iter().filter(|b| **b < 9).count() * 256 < sample.len() {
        return None;
    }
    if memchr::memchr(0, sample).is_some()
        && let Some(form) = [Form::Utf32Le, Form::Utf32Be].into_iter().find(|&f| fits(bytes, f))
    {
        return Some(form);
    }
    let (mut little, mut big, mut controls) = (0usize, 0usize, 0usize);
    let (mut nuls_first, mut nuls_second) = (0usize, 0usize);
    for pair in sample.chunks_exact(2) {
        let (a, b) = (pair[0], pair[1]);
        little += usize::from(is_plausible(u32::from(u16::from_le_bytes([a, b]))));
        big += usize::from(is_plausible(u32::from(u16::from_be_bytes([a, b]))));
        for byte in [a, b] {
            controls += usize::from(byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0C | 0x1B));
        }
        nuls_first += usize::from(a == 0 && b != 0);
        nuls_second += usize::from(b == 0 && a != 0);
    }
    let n = sample.len() / 2;
    let share = |count: usize| count as f64 / n as f64;
    let (form, best, other, nuls, nuls_other) = if little >= big {
        (Form::Utf16Le, little, big, nuls_second, nuls_first)
    } else {
        (Form::Utf16Be, big, little, nuls_first, nuls_second)
    };
    let han = share(best) - share(other) >= MIN_LEAD && share(controls) / 2.0 >= MIN_CONTROLS;
    let ascii = share(nuls) >= MIN_NULS && nuls_other * 20 <= nuls;
    (share(best) >= MIN_PLAUSIBLE && (han || ascii)).then_some(form)
}

/// Reads all of `bytes`; a mark at the start stays in the text.
pub(super) fn decode(bytes: &[u8], form: Form) -> Decoded<'static> {
    match form {
        Form::Utf16Le => legacy::decode(bytes, UTF_16LE),
        Form::Utf16Be => legacy::decode(bytes, UTF_16BE),
        Form::Utf32Le | Form::Utf32Be => {
            let mut draft = Draft::default();
            draft.text.reserve(bytes.len());
            for (n, unit) in units32(bytes, form).enumerate() {
                match char::from_u32(unit) {
                    Some(c) => draft.text.push(c),
                    None => draft.bad(n * 4..n * 4 + 4),
                }
            }
            let whole = bytes.len() & !3;
            if whole < bytes.len() {
                draft.bad(whole..bytes.len());
            }
            draft.finish(form.name(), true)
        }
    }
}

/// The bytes of a text.
pub(super) fn encode(text: &str, form: Form) -> Vec<u8> {
    match form {
        Form::Utf16Le => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        Form::Utf16Be => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        Form::Utf32Le => text.chars().flat_map(|c| u32::from(c).to_le_bytes()).collect(),
        Form::Utf32Be => text.chars().flat_map(|c| u32::from(c).to_be_bytes()).collect(),
    }
}

#[cfg(test)]
#[allow(clippy::single_range_in_vec_init, reason = "the list of damaged places has one place")]
mod tests {
    use super::*;

    #[test]
    fn forms_are_recognised_without_a_mark() {
        let chinese = "国务院办公厅关于印发《管理办法》的通知\n国办发〔2020〕12号\n各省、自治区：".repeat(3);
        let page = "<html><head><title>Notice</title></head><body>Text</body></html>";
        for form in [Form::Utf16Le, Form::Utf16Be, Form::Utf32Le, Form::Utf32Be] {
            for text in [chinese.as_str(), page] {
                let bytes = encode(text, form);
                assert_eq!(guess(&bytes), Some(form), "{text}");
                let decoded = decode(&bytes, form);
                assert_eq!((&*decoded.text, decoded.reversible), (text, true));
            }
        }
        for text in [chinese.as_str(), page, "国务\0院办公\0厅通知\0", "ab\0cd ef gh\0ij kl", ""] {
            assert_eq!(guess(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn bad_units_are_counted() {
        for (bytes, form, text, places) in [
            (&b"\x2D\x4E\x00\xD8"[..], Form::Utf16Le, "中\u{FFFD}", vec![2..4]),
            (b"\x2D\x4E\x00", Form::Utf16Le, "中\u{FFFD}", vec![2..3]),
            (b"\x2D\x4E\0\0\0\xD8\0\0\x2D", Form::Utf32Le, "中\u{FFFD}\u{FFFD}", vec![4..8, 8..9]),
        ] {
            let decoded = decode(bytes, form);
            assert_eq!((&*decoded.text, decoded.malformed), (text, places));
            assert!(!decoded.reversible);
        }
    }
}
