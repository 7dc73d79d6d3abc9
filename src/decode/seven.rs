//! Chinese in seven bits: HZ (RFC 1843) and UTF-7 (RFC 2152), left from the days of mail and news.
//!
//! As ASCII both would pass for text, and keep `~{VPND~}` in the corpus.

use encoding_rs::GB18030;
use memchr::memmem;

use crate::decode::{Decoded, Draft, legacy};

/// Characters that must come out of the shifted runs for the guess to hold.
const MIN_CHARS: usize = 2;

/// Reads ASCII that is HZ or UTF-7; `None` where it is simply ASCII.
pub(super) fn decode(text: &str) -> Option<Decoded<'static>> {
    if memmem::find(text.as_bytes(), b"~{").is_some()
        && let Some(draft) = hz(text)
    {
        return Some(draft.finish("HZ-GB-2312", false));
    }
    if memchr::memchr(b'+', text.as_bytes()).is_some()
        && let Some(draft) = utf7(text)
    {
        return Some(draft.finish("UTF-7", false));
    }
    None
}

/// `~{` opens and `~}` or the line's end closes a run of GB2312 without its high bits.
fn hz(text: &str) -> Option<Draft> {
    let bytes = text.as_bytes();
    let mut draft = Draft::default();
    let (mut i, mut n_chars) = (0, 0);
    while i < bytes.len() {
        match &bytes[i..] {
            [b'~', b'~', ..] => {
                draft.text.push('~');
                i += 2;
            }
            [b'~', b'\n', ..] => i += 2,
            [b'~', b'{', rest @ ..] => {
                // The second byte of a pair may be a tilde; the first may not.
                let pairs = rest.chunks_exact(2).take_while(|p| p[0] != b'~' && !p.contains(&b'\n'));
                let end = 2 * pairs.count();
                let shifted: Vec<u8> = rest[..end].iter().map(|b| b | 0x80).collect();
                let (known, bad) = (draft.text.len(), draft.n_malformed);
                legacy::decode_into(&shifted, i + 2, GB18030, &mut draft);
                n_chars += draft.text[known..].chars().count();
                if draft.n_malformed > bad {
                    return None;
                }
                i += 2 + end;
                i += if bytes[i..].starts_with(b"~}") { 2 } else { 0 };
                if end == 0 && rest.len() > 1 && !rest.starts_with(b"~}") {
                    return None;
                }
            }
            [b, ..] => {
                draft.text.push(char::from(*b));
                i += 1;
            }
            [] => break,
        }
    }
    (n_chars >= MIN_CHARS).then_some(draft)
}

/// `+` opens and `-` or any character outside base64 closes a run of UTF-16 in base64. Every run
/// must be one, and the characters East Asian: `1+1=2` and `+86-10-…` are no UTF-7.
fn utf7(text: &str) -> Option<Draft> {
    let bytes = text.as_bytes();
    let mut draft = Draft::default();
    let (mut i, mut n_chars) = (0, 0);
    while i < bytes.len() {
        let plain = memchr::memchr(b'+', &bytes[i..]).map_or(bytes.len(), |n| i + n);
        draft.text.push_str(&text[i..plain]);
        if plain == bytes.len() {
            break;
        }
        i = plain + 1;
        if bytes.get(i) == Some(&b'-') {
            draft.text.push('+');
            i += 1;
            continue;
        }
        let run = bytes[i..].iter().take_while(|b| sextet(**b).is_some()).count();
        let units = utf16_of_base64(&bytes[i..i + run])?;
        for c in char::decode_utf16(units) {
            let c = c.ok().filter(|c| {
                matches!(c, '\u{A0}'..='\u{FF}' | '\u{2000}'..='\u{FFEF}'
                | '\u{20000}'..)
                    || c.is_ascii()
            })?;
            n_chars += usize::from(c > '\u{2000}');
            draft.text.push(c);
        }
        i += run;
        i += usize::from(bytes.get(i) == Some(&b'-'));
    }
    (n_chars >= MIN_CHARS).then_some(draft)
}

fn sextet(b: u8) -> Option<u32> {
    Some(u32::from(match b {
        b'A'..=b'Z' => b - b'A',
        b'a'..=b'z' => b - b'a' + 26,
        b'0'..=b'9' => b - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    }))
}

/// The units of a run; `None` where it is empty or leaves bits that are not zero.
fn utf16_of_base64(run: &[u8]) -> Option<Vec<u16>> {
    let mut units = Vec::new();
    let (mut bits, mut n_bits) = (0u32, 0);
    for &b in run {
        bits = bits << 6 | sextet(b)?;
        n_bits += 6;
        if n_bits >= 16 {
            n_bits -= 16;
            units.push((bits >> n_bits) as u16);
            bits &= (1 << n_bits) - 1;
        }
    }
    (!units.is_empty() && bits == 0 && n_bits < 6).then_some(units)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seven_bits_are_read_and_plain_ascii_stays() {
        for (text, now) in [
            ("~{9zNqT:~} A~~B", Some("国务院 A~B")),
            ("+Vv1SoZZi- ok +- +Vv1S,", None),
            ("+Vv1SoZZi- ok +-", Some("国务院 ok +")),
            ("tel +86-10-5555, 1+1=2", None),
            ("C++ and a ~{ b", None),
            ("~{9z~}~{~}x~{Nq~}", Some("国x务")),
            ("~{9z\nA", None),
            ("~{9zNq\nA", Some("国务\nA")),
            ("a+b", None),
        ] {
            assert_eq!(decode(text).map(|d| d.text.into_owned()).as_deref(), now, "{text}");
        }
    }
}
