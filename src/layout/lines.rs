//! Line ends. Files come from every system and century: CR, CRLF, vertical tabs, the separators of
//! Unicode and the page ends of printers all mean that a new line begins, and later steps know one.

use crate::rules::{Rules, builtin};
use crate::text::Edits;
use crate::text::sift::sift;

/// Says which line ends become `\n`.
pub(crate) fn lines(text: &str, rules: &Rules, edits: &mut Edits) {
    let (line_end, page_break) = (rules.on(builtin::LINE_END), rules.on(builtin::LINE_PAGE_BREAK));
    let bytes = text.as_bytes();
    for at in sift(text, sieve) {
        let (len, with, rule) = match bytes[at] {
            b'\r' if bytes.get(at + 1) == Some(&b'\n') => (1, "", line_end),
            b'\r' | 0x0B => (1, "\n", line_end),
            0x0C if !in_lost_bytes(text, at) => (1, "\n", page_break),
            0xC2 if stands_alone(text, at) => (2, "\n", line_end),
            0xE2 => (3, "\n", line_end),
            _ => continue,
        };
        if let Some(rule) = rule {
            edits.replace(at..at + len, with, rule);
        }
    }
}

/// Lets through VT, FF and CR, U+0085, U+2028 and U+2029.
fn sieve(a: u8, b: u8, c: u8, _: u8) -> bool {
    let ascii = a.wrapping_sub(0x0B) <= 0x0D - 0x0B;
    ascii | (a == 0xC2) & (b == 0x85) | (a == 0xE2) & (b == 0x80) & (c & 0xFE == 0xA8)
}

/// Beside a replacement character a form feed is half of another character.
fn in_lost_bytes(text: &str, at: usize) -> bool {
    let lost = |c: char| c == '\u{FFFD}';
    text[..at].chars().next_back().is_some_and(lost) || text[at + 1..].chars().next().is_some_and(lost)
}

/// U+0085 ends a line only where no letter of Latin 1 stands beside it: there it is a byte of
/// text read in the wrong encoding. Control characters between are passed over, for they go next.
fn stands_alone(text: &str, at: usize) -> bool {
    /// Control characters in a row that one wrongly read character gives.
    const MOST_CONTROLS: usize = 4;
    let latin = |c: char| matches!(c, '\u{A1}'..='\u{AC}' | '\u{AE}'..='\u{FF}');
    let control = |c: &char| matches!(c, '\u{80}'..='\u{9F}');
    let left = text[..at].chars().rev().take(MOST_CONTROLS).find(|c| !control(c));
    let right = text[at + 2..].chars().take(MOST_CONTROLS).find(|c| !control(c));
    !left.is_some_and(latin) && !right.is_some_and(latin)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::tests::{assert_changes, settled};

    #[test]
    fn every_line_end_becomes_one() {
        assert_changes(
            lines,
            &[
                ("第一条\r\n第二条\r\n", "第一条\n第二条\n"),
                ("第一条\r第二条", "第一条\n第二条"),
                ("第一条\n\r第二条", "第一条\n\n第二条"),
                ("第一条\r\r\n第二条", "第一条\n\n第二条"),
                ("第一条\u{B}第二条\u{2028}第三条\u{2029}第四条", "第一条\n第二条\n第三条\n第四条"),
                ("第一条\u{85}第二条", "第一条\n第二条"),
                ("第一页\u{C}第二页", "第一页\n第二页"),
                ("\u{FFFD}\u{C}\u{FFFD}", "\u{FFFD}\u{C}\u{FFFD}"),
                ("â\u{80}\u{85}", "â\u{80}\u{85}"),
                ("第一条\n第二条", "第一条\n第二条"),
            ],
        );
    }

    #[test]
    fn odd_texts_are_settled_after_one_run() {
        settled(lines, &["\r", "\n", "\u{85}", "\u{B}", "甲", "é"]);
    }
}
