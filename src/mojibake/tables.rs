//! Which bytes a character was made of, in the encodings that Chinese text is read in by mistake.

use std::sync::LazyLock;

use encoding_rs::{BIG5, Encoding, GBK};

/// The first lead byte and the first second byte of GBK and Big5, and how many second bytes there are.
const LEAD: u8 = 0x81;
const TRAIL: u8 = 0x40;
const TRAILS: usize = 0xBF;

/// An encoding of two bytes a character, both ways.
pub(super) struct Table {
    /// For each character of the Basic Multilingual Plane its code, or 0.
    codes: Vec<u16>,
    /// For each code its character, or 0.
    chars: Vec<u16>,
}

/// GBK as browsers read it: every code has a character, if only one of the Private Use Area.
pub(super) static GBK_TABLE: LazyLock<Table> = LazyLock::new(|| Table::of(GBK));

/// Big5 with the characters of Hong Kong.
pub(super) static BIG5_TABLE: LazyLock<Table> = LazyLock::new(|| Table::of(BIG5));

/// Codes of GBK that were in the Private Use Area before GB18030-2022, and still are in many
/// programs. (Source: GB18030-2022, annex; the encoding standard of the WHATWG, 2024.)
const ONCE_PRIVATE: &[(u16, u16)] = &[
    (0xE5E5, 0xA3A0),
    (0xE78D, 0xA6D9),
    (0xE78E, 0xA6DA),
    (0xE78F, 0xA6DB),
    (0xE790, 0xA6DC),
    (0xE791, 0xA6DD),
    (0xE792, 0xA6DE),
    (0xE793, 0xA6DF),
    (0xE794, 0xA6EC),
    (0xE795, 0xA6ED),
    (0xE796, 0xA6F3),
    (0xE7C7, 0xA8BC),
    (0xE81E, 0xFE59),
    (0xE826, 0xFE61),
    (0xE82B, 0xFE66),
    (0xE82C, 0xFE67),
    (0xE832, 0xFE6D),
    (0xE843, 0xFE7E),
    (0xE854, 0xFE90),
    (0xE864, 0xFEA0),
];

impl Table {
    fn of(encoding: &'static Encoding) -> Self {
        let mut table = Self { codes: vec![0; 0x1_0000], chars: vec![0; (0xFF - LEAD as usize) * TRAILS] };
        for lead in LEAD..0xFF {
            for trail in (TRAIL..0xFF).filter(|b| *b != 0x7F) {
                let two = [lead, trail];
                let Some(text) = encoding.decode_without_bom_handling_and_without_replacement(&two) else {
                    continue;
                };
                let mut chars = text.chars();
                // Four codes of Big5 are two characters, and a bad second byte stays a letter.
                if let (Some(c), None) = (chars.next(), chars.next())
                    && let Ok(c) = u16::try_from(u32::from(c))
                {
                    let code = u16::from_be_bytes(two);
                    table.chars[place(two)] = c;
                    let known = &mut table.codes[usize::from(c)];
                    // Twins: the code of the common rows is the one that texts hold.
                    if *known == 0 || *known < 0xA100 {
                        *known = code;
                    }
                }
            }
        }
        if encoding == GBK {
            for (c, code) in ONCE_PRIVATE {
                table.codes[usize::from(*c)] = *code;
            }
        }
        table
    }

    /// The two bytes of `c`.
    #[inline]
    pub(super) fn code(&self, c: char) -> Option<[u8; 2]> {
        let code = *self.codes.get(u32::from(c) as usize)?;
        (code != 0).then_some(code.to_be_bytes())
    }

    /// The character of two bytes.
    pub(super) fn char(&self, two: [u8; 2]) -> Option<char> {
        if two[0] < LEAD || two[0] == 0xFF || two[1] < TRAIL || two[1] == 0xFF {
            return None;
        }
        char::from_u32(u32::from(self.chars[place(two)])).filter(|c| *c != '\0')
    }
}

const fn place(two: [u8; 2]) -> usize {
    (two[0] - LEAD) as usize * TRAILS + (two[1] - TRAIL) as usize
}

/// What Windows has at 80 to 9F, with the controls where it has nothing.
const WINDOWS_1252: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8D}', 'Ž', '\u{8F}', '\u{90}',
    '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9D}', 'ž', 'Ÿ',
];

/// The byte of `c` in Latin-1 or Windows-1252.
#[inline]
pub(super) fn latin(c: char) -> Option<u8> {
    match c {
        '\0'..='\u{FF}' => u8::try_from(u32::from(c)).ok(),
        '\u{152}'..='\u{2122}' => {
            WINDOWS_1252.iter().position(|w| *w == c).and_then(|n| u8::try_from(n + 0x80).ok())
        }
        _ => None,
    }
}

/// The rows of GB2312 with the 3,755 characters of ordinary text.
pub(super) const fn is_gb_common(code: [u8; 2]) -> bool {
    matches!(code, [0xB0..=0xD7, 0xA1..=0xFE])
}

/// The rows of Big5 with the 5,401 characters of ordinary text.
pub(super) const fn is_big5_common(code: [u8; 2]) -> bool {
    matches!(code, [0xA4..=0xC5, _] | [0xC6, 0x40..=0x7E])
}

/// A Han character of ordinary Simplified text.
pub(super) fn is_common_han(c: char) -> bool {
    GBK_TABLE.code(c).is_some_and(is_gb_common)
}

/// A character of ordinary Chinese text, in either script.
pub(super) fn is_common(c: char) -> bool {
    match c {
        '\u{3000}'..='\u{303F}'
        | '\u{FF01}'..='\u{FF5E}'
        | '\u{2010}'..='\u{2027}'
        | '℃'
        | '℉'
        | '①'..='⑳'
        | '■'..='◇'
        | '★'
        | '☆'
        | '○'
        | '●'
        | '→'
        | '√'
        | '≤'
        | '≥'
        | '㎡'
        | '\u{FEFF}' => true,
        _ => is_common_han(c) || BIG5_TABLE.code(c).is_some_and(is_big5_common),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_come_back() {
        for (c, gbk, big5) in [
            ('政', Some([0xD5, 0xFE]), Some([0xAC, 0x46])),
            ('鏀', Some([0xE6, 0x94]), Some([0xF2, 0xE8])),
            ('，', Some([0xA3, 0xAC]), Some([0xA1, 0x41])),
            ('\u{E4C7}', Some([0xA1, 0x41]), None),
            ('a', None, None),
            ('😀', None, None),
        ] {
            assert_eq!(GBK_TABLE.code(c), gbk, "{c}");
            if c != '鏀' {
                assert_eq!(BIG5_TABLE.code(c), big5, "{c}");
            }
            if let Some(two) = gbk {
                assert_eq!(GBK_TABLE.char(two), Some(c));
            }
        }
        assert_eq!((GBK_TABLE.char([0x80, 0x40]), GBK_TABLE.char([0xFE, 0x20])), (None, None));
        assert_eq!((latin('é'), latin('€'), latin('甲')), (Some(0xE9), Some(0x80), None));
        assert!(is_common('政') && is_common('縣') && is_common('，') && !is_common('鏀') && !is_common('é'));
    }
}
