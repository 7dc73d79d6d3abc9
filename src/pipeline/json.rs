//! JSON text without trees of values: strings in, strings out, and base64 for bytes that are no text.

use memchr::memchr_iter;

use crate::text::sift::sift;

/// Appends `text` as a JSON string, with its quotes.
pub(crate) fn push_string(text: &str, out: &mut Vec<u8>) {
    out.reserve(text.len() + 2);
    out.push(b'"');
    let mut kept = 0;
    let mut escape = |at: usize| {
        out.extend_from_slice(&text.as_bytes()[kept..at]);
        kept = at + 1;
        match text.as_bytes()[at] {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            byte => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
        }
    };
    if text.len() < SHORT {
        text.bytes().enumerate().filter(|&(_, byte)| is_special(byte)).for_each(|(at, _)| escape(at));
    } else {
        sift(text, |byte, _, _, _| is_special(byte)).for_each(escape);
    }
    out.extend_from_slice(&text.as_bytes()[kept..]);
    out.push(b'"');
}

/// Bytes of a text below which a search takes longer to begin than to end.
const SHORT: usize = 64;

/// Must be escaped in a string: a control, `"` or `\`.
const fn is_special(byte: u8) -> bool {
    (byte < 0x20) | (byte == b'"') | (byte == b'\\')
}

/// Appends what the inside of a JSON string stands for. `raw` was read by a JSON parser before, so
/// its escapes are well formed; halves of surrogate pairs become U+FFFD.
pub(crate) fn push_unescaped(raw: &str, out: &mut String) {
    out.reserve(raw.len());
    let mut from = 0;
    let mut unescape = |at: usize| {
        // The second half of an escaped backslash.
        if at >= from {
            out.push_str(&raw[from..at]);
            from = at + push_escaped(&raw[at..], out);
        }
    };
    if raw.len() < SHORT {
        memchr_iter(b'\\', raw.as_bytes()).for_each(&mut unescape);
    } else {
        sift(raw, |byte, _, _, _| byte == b'\\').for_each(&mut unescape);
    }
    out.push_str(&raw[from..]);
}

/// Appends what the escape at the start of `escape` stands for; answers how long it is.
fn push_escaped(escape: &str, out: &mut String) -> usize {
    match escape.as_bytes().get(1) {
        None => return 1,
        Some(b'n') => out.push('\n'),
        Some(b't') => out.push('\t'),
        Some(b'r') => out.push('\r'),
        Some(b'b') => out.push('\u{8}'),
        Some(b'f') => out.push('\u{C}'),
        Some(b'u') => {
            let first = hex(escape).unwrap_or(0xFFFD);
            let second = escape.get(6..).and_then(hex).filter(|low| (0xDC00..0xE000).contains(low));
            if let (0xD800..0xDC00, Some(low)) = (first, second) {
                let code = 0x1_0000 + ((first - 0xD800) << 10) + (low - 0xDC00);
                out.push(char::from_u32(code).unwrap_or('\u{FFFD}'));
                return 12;
            }
            out.push(char::from_u32(first).unwrap_or('\u{FFFD}'));
            return 6.min(escape.len());
        }
        Some(&other) => out.push(char::from(other)),
    }
    2
}

/// The number of an escape `\uXXXX` at the start of `text`.
fn hex(text: &str) -> Option<u32> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    u32::from_str_radix(digits, 16).ok()
}

/// What a JSON string with its quotes says.
#[cfg(feature = "parquet")]
pub(crate) fn unescaped(string: &str) -> String {
    let inside = string.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(string);
    let mut said = String::new();
    push_unescaped(inside, &mut said);
    said
}

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Appends `bytes` in base64 (RFC 4648, with padding).
pub(crate) fn push_base64(bytes: &[u8], out: &mut Vec<u8>) {
    out.reserve(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let [a, b, c] = [0, 1, 2].map(|n| u32::from(group.get(n).copied().unwrap_or(0)));
        let word = a << 16 | b << 8 | c;
        for n in 0..4 {
            let digit = BASE64[(word >> (18 - 6 * n)) as usize & 63];
            out.push(if n <= group.len() { digit } else { b'=' });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_escaped_as_a_parser_reads_them() {
        let mut text = String::from("通知\"甲\\乙\"\r\n\t\u{1}\u{1F}\u{7F}é😀，");
        for _ in 0..40 {
            text.insert(0, 'a');
            let mut out = Vec::new();
            push_string(&text, &mut out);
            assert_eq!(serde_json::from_slice::<String>(&out).unwrap(), text);
            let inside = std::str::from_utf8(&out[1..out.len() - 1]).unwrap();
            let mut back = String::new();
            push_unescaped(inside, &mut back);
            assert_eq!(back, text);
        }
    }

    #[test]
    fn every_byte_that_needs_an_escape_gets_one() {
        for code in 0..0x80_u8 {
            for at in 0..16 {
                let mut text = vec![b'x'; 16];
                text[at] = code;
                let text = String::from_utf8(text).unwrap();
                let mut out = Vec::new();
                push_string(&text, &mut out);
                assert_eq!(serde_json::from_slice::<String>(&out).unwrap(), text, "{code} at {at}");
            }
        }
    }

    #[test]
    fn escapes_stand_for_what_they_should() {
        for (raw, want) in [
            (r"\u7532\ud83d\ude00", "甲😀"),
            (r"\ud83dx", "\u{FFFD}x"),
            (r"\ude00", "\u{FFFD}"),
            (r"\ud83d\u7532", "\u{FFFD}甲"),
            (r"\/\b\f\u0000", "/\u{8}\u{C}\0"),
        ] {
            let mut out = String::new();
            push_unescaped(raw, &mut out);
            assert_eq!(out, want, "{raw}");
        }
    }

    #[test]
    fn base64_is_the_one_of_the_standard() {
        for (bytes, want) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")]
        {
            let mut out = Vec::new();
            push_base64(bytes.as_bytes(), &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), want);
        }
    }
}
