//! Byte order marks: the first bytes of a file, which name its encoding for certain.

use crate::decode::wide::{self, Form};

/// What a mark says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    Utf8,
    Wide(Form),
    Gb18030,
}

/// The mark at the start of `bytes`.
///
/// `FF FE 00 00` begins UTF-32, or UTF-16 with a NUL; the text behind it decides.
pub(super) fn find(bytes: &[u8]) -> Option<Mark> {
    match bytes {
        [0xEF, 0xBB, 0xBF, ..] => Some(Mark::Utf8),
        [0xFF, 0xFE, 0, 0, ..] if wide::fits(bytes, Form::Utf32Le) => Some(Mark::Wide(Form::Utf32Le)),
        [0, 0, 0xFE, 0xFF, ..] if wide::fits(bytes, Form::Utf32Be) => Some(Mark::Wide(Form::Utf32Be)),
        [0xFF, 0xFE, ..] => Some(Mark::Wide(Form::Utf16Le)),
        [0xFE, 0xFF, ..] => Some(Mark::Wide(Form::Utf16Be)),
        [0x84, 0x31, 0x95, 0x33, ..] => Some(Mark::Gb18030),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_bytes_tell_utf_32_from_utf_16() {
        for (bytes, mark) in [
            (&b"\xEF\xBB\xBFa"[..], Some(Mark::Utf8)),
            (b"\xFF\xFE\0\0\x2D\x4E\0\0", Some(Mark::Wide(Form::Utf32Le))),
            (b"\xFF\xFE\0\0\x2D\x4E\xFD\x56", Some(Mark::Wide(Form::Utf16Le))),
            (b"\0\0\xFE\xFF\0\0\x4E\x2D", Some(Mark::Wide(Form::Utf32Be))),
            (b"\xFE\xFF\x4E\x2D", Some(Mark::Wide(Form::Utf16Be))),
            (b"\x84\x31\x95\x33", Some(Mark::Gb18030)),
            (b"\xFF", None),
            (b"", None),
        ] {
            assert_eq!(find(bytes), mark, "{bytes:?}");
        }
    }
}
