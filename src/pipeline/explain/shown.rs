//! How text is shown to people: nothing invisible, nothing that a terminal would obey, not too long.

use std::fmt::Write;

use crate::text::chars::is_blank;
use crate::text::chars::is_wide;

/// A removed or inserted piece of more characters is shown by its ends.
const LONG: usize = 36;

/// Text around changes: as it is, but for what a reader could not see or a terminal would obey.
pub(super) fn visible_text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => out.push('⏎'),
            '\t' => out.push('⇥'),
            c if is_invisible(c) => push_number(&mut out, c),
            c => out.push(c),
        }
    }
    out
}

/// Text with every space by its sign or number; three or more of one as `␣×12`.
pub(super) fn named_text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            ' ' => out.push('␣'),
            '\n' => out.push('⏎'),
            '\t' => out.push('⇥'),
            c if is_blank(c) || is_invisible(c) => push_number(&mut out, c),
            c => {
                out.push(c);
                continue;
            }
        }
        let mut ahead = characters.clone();
        let n = 1 + std::iter::from_fn(|| ahead.next_if_eq(&c)).count();
        if n > 2 {
            let _ = write!(out, "×{n}");
            characters = ahead;
        }
    }
    out
}

/// Text that went or came; a long one by its ends and its length.
pub(super) fn changed_text(text: &str) -> String {
    let n = text.chars().count();
    if n <= LONG {
        return named_text(text);
    }
    let place = |n: usize| text.char_indices().nth(n).map_or(text.len(), |(at, _)| at);
    let (head, tail) = (&text[..place(LONG / 2)], &text[place(n - LONG / 4)..]);
    format!("{} …({})… {}", named_text(head), plural(n, "character"), named_text(tail))
}

fn push_number(out: &mut String, c: char) {
    let _ = write!(out, "{{U+{:04X}}}", u32::from(c));
}

/// Characters without a picture of their own: controls, format characters, fillers, variation
/// selectors, private use (Unicode 15, general categories Cc, Cf, Zl, Zp, Co and the fillers that
/// are letters by category only).
pub(super) fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{AD}' | '\u{34F}' | '\u{600}'..='\u{605}' | '\u{61C}' | '\u{6DD}' | '\u{70F}'
            | '\u{890}'..='\u{891}' | '\u{8E2}' | '\u{115F}'..='\u{1160}' | '\u{17B4}'..='\u{17B5}'
            | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{2800}' | '\u{3164}' | '\u{E000}'..='\u{F8FF}'
            | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}'
            | '\u{FFFE}'..='\u{FFFF}' | '\u{110BD}' | '\u{110CD}' | '\u{13430}'..='\u{1345F}'
            | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{10FFFF}')
}

/// `text`, or as much of it as fits into `columns` of a terminal.
pub(super) fn cut(text: &str, columns: usize) -> String {
    let mut used = 0;
    for (at, c) in text.char_indices() {
        used += if is_wide(c) { 2 } else { 1 };
        if used > columns {
            return format!("{}…", &text[..at]);
        }
    }
    text.to_owned()
}

pub(super) fn plural(n: usize, what: &str) -> String {
    format!("{} {what}{}", grouped(n), if n == 1 { "" } else { "s" })
}

/// `12,345`
pub(super) fn grouped(n: usize) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

pub(super) fn decimal_columns(n: usize) -> usize {
    n.to_string().len()
}

/// Colours of a terminal, or none.
#[derive(Clone, Copy)]
pub(super) struct Paint {
    pub(super) colour: bool,
}

impl Paint {
    fn with(self, code: &str, text: &str) -> String {
        if self.colour && !text.is_empty() {
            format!("\u{1B}[{code}m{text}\u{1B}[0m")
        } else {
            text.to_owned()
        }
    }

    pub(super) fn went(self, text: &str) -> String {
        if self.colour { self.with("31", text) } else { format!("[-{text}-]") }
    }

    pub(super) fn came(self, text: &str) -> String {
        if self.colour { self.with("32", text) } else { format!("{{+{text}+}}") }
    }

    pub(super) fn bold(self, text: &str) -> String {
        self.with("1", text)
    }

    pub(super) fn dim(self, text: &str) -> String {
        self.with("2", text)
    }

    pub(super) fn name(self, text: &str) -> String {
        self.with("36", text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        for (n, expected) in [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(grouped(n), expected);
        }
    }

    #[test]
    fn what_cannot_be_seen_is_named() {
        for (text, around, inside) in [
            ("改革 发展\t一\n", "改革 发展⇥一⏎", "改革␣发展⇥一⏎"),
            ("甲\u{200B}乙\u{3000}丙", "甲{U+200B}乙\u{3000}丙", "甲{U+200B}乙{U+3000}丙"),
            ("甲    乙", "甲    乙", "甲␣×4乙"),
        ] {
            assert_eq!(visible_text(text), around);
            assert_eq!(named_text(text), inside);
        }
        assert_eq!(changed_text(&"改".repeat(LONG)), "改".repeat(LONG));
        let long = changed_text(&"革".repeat(1_200));
        assert_eq!(long, format!("{} …(1,200 characters)… {}", "革".repeat(18), "革".repeat(9)));
    }

    #[test]
    fn a_line_is_cut_by_columns() {
        for (text, columns, expected) in
            [("改革ab", 6, "改革ab"), ("改革ab", 5, "改革a…"), ("改革", 3, "改…")]
        {
            assert_eq!(cut(text, columns), expected);
        }
    }
}
