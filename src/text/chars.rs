//! What a character is: Han, a mark, a symbol, a space. Ranges with names, each with its source.

/// Ideographs: the unified blocks of Unicode 15, 〇, and the compatibility ideographs, which are
/// folded later but behave like Han for every rule about neighbours.
#[inline]
#[must_use]
pub const fn is_han(c: char) -> bool {
    matches!(c, '\u{4E00}'..='\u{9FFF}' | '\u{3400}'..='\u{4DBF}' | '〇'
        | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}')
}

/// A mark that belongs to running Chinese text: CJK punctuation, full-width forms, curly quotes,
/// dashes, `％℃㎡`, ①–⑳.
#[inline]
#[must_use]
pub const fn is_wide_mark(c: char) -> bool {
    matches!(c, '\u{3001}'..='\u{3006}' | '\u{3008}'..='\u{303F}' | '\u{FF01}'..='\u{FF60}'
        | '“' | '”' | '‘' | '’' | '—' | '…' | '·' | '℃' | '㎡' | '①'..='⑳')
}

/// Han or a mark of Chinese text: the class `H` of the width rules.
#[inline]
#[must_use]
pub const fn is_wide(c: char) -> bool {
    is_han(c) || is_wide_mark(c)
}

/// A numeral written with Han characters, as in 二〇二四年.
#[inline]
#[must_use]
pub const fn is_han_digit(c: char) -> bool {
    matches!(c, '一' | '二' | '三' | '四' | '五' | '六' | '七' | '八' | '九' | '〇' | '零')
}

/// Numerals and the units between them, as in 第一百二十三条.
#[inline]
#[must_use]
pub const fn is_han_numeral(c: char) -> bool {
    is_han_digit(c) || matches!(c, '十' | '百' | '千' | '万' | '两')
}

/// White space inside a line.
#[inline]
#[must_use]
pub const fn is_blank(c: char) -> bool {
    matches!(
        c,
        ' ' | '\t' | '\u{A0}' | '\u{1680}' | '\u{2000}'..='\u{200A}' | '\u{202F}' | '\u{205F}' | '\u{3000}'
    )
}

/// Marks that end a clause or a sentence, or close a pair; no printed line begins with one
/// (GB/T 15834-2011, 5.1.1 to 5.1.3).
#[inline]
#[must_use]
pub const fn never_starts_a_line(c: char) -> bool {
    matches!(
        c,
        '，' | '。'
            | '、'
            | '；'
            | '：'
            | '？'
            | '！'
            | '”'
            | '’'
            | '）'
            | '》'
            | '〉'
            | '】'
            | '〕'
            | '％'
            | '%'
    )
}

/// Opening marks of a pair; no printed line ends with one (GB/T 15834-2011, 5.1.4).
#[inline]
#[must_use]
pub const fn is_opening(c: char) -> bool {
    matches!(
        c,
        '“' | '‘'
            | '（'
            | '《'
            | '〈'
            | '【'
            | '〔'
            | '〖'
            | '「'
            | '『'
            | '［'
            | '｛'
            | '('
            | '['
            | '{'
    )
}

/// Closing marks of a pair.
#[inline]
#[must_use]
pub const fn is_closing(c: char) -> bool {
    matches!(
        c,
        '”' | '’'
            | '）'
            | '》'
            | '〉'
            | '】'
            | '〕'
            | '〗'
            | '」'
            | '』'
            | '］'
            | '｝'
            | ')'
            | ']'
            | '}'
    )
}

/// Marks at which a sentence ends.
#[inline]
#[must_use]
pub const fn is_stop(c: char) -> bool {
    matches!(c, '。' | '！' | '？' | '；' | '…')
}

/// The last character of `text[..at]`.
#[inline]
#[must_use]
pub fn before(text: &str, at: usize) -> Option<char> {
    text[..at].chars().next_back()
}

/// The first character of `text[at..]`.
#[inline]
#[must_use]
pub fn after(text: &str, at: usize) -> Option<char> {
    text[at..].chars().next()
}

/// The nearest character to the left of `at` on the same line that is no blank; `None` at the
/// line's start.
#[inline]
#[must_use]
pub fn left_on_line(text: &str, at: usize) -> Option<char> {
    text[..at].chars().rev().find(|&c| !is_blank(c)).filter(|&c| c != '\n')
}

/// The nearest character from `at` on, on the same line, that is no blank; `None` at its end.
#[inline]
#[must_use]
pub fn right_on_line(text: &str, at: usize) -> Option<char> {
    text[at..].chars().find(|&c| !is_blank(c)).filter(|&c| c != '\n')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_stop_at_the_line() {
        let text = "甲\n 乙 ,丙";
        let comma = text.find(',').unwrap();
        assert_eq!(left_on_line(text, comma), Some('乙'));
        assert_eq!(left_on_line(text, text.find('乙').unwrap()), None);
        assert_eq!(right_on_line(text, comma + 1), Some('丙'));
        assert_eq!(right_on_line("甲 \n乙", 3), None);
    }
}
