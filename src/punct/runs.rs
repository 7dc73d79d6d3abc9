//! The same mark typed several times.
//!
//! `！` and `？` may be stacked up to three times (GB/T 15834-2011, 4.2.3.3 and 4.3.3.3), stops and
//! commas not at all. Three stops stand for an ellipsis.

use crate::rules::{Rules, builtin};
use crate::text::chars::{after, before, is_closing, is_han, is_opening, is_wide};
use crate::text::sift::sift;
use crate::text::{Edits, RuleId};

/// Says which runs of one mark become shorter.
pub(crate) fn runs(text: &str, rules: &Rules, edits: &mut Edits) {
    let bytes = text.as_bytes();
    for i in sift(text, sieve) {
        let mark = &bytes[i..i + 3];
        if !bytes[i + 3..].starts_with(mark) || bytes[..i].ends_with(mark) {
            continue; // not a run, or inside one that was looked at from its start
        }
        let n = bytes[i..].chunks_exact(3).take_while(|chunk| *chunk == mark).count();
        let end = i + 3 * n;
        if let Some((with, rule)) = after(text, i).and_then(|c| shorter(text, c, n, i, end))
            && let Some(rule) = rules.on(rule)
        {
            edits.replace(i..end, with, rule);
        }
    }
}

/// Lets through where two marks stand side by side. All in question are three bytes long, `。`, `、`
/// or in the full-width block; ideographic spaces, which begin most paragraphs, end with 80.
fn sieve(a: u8, _: u8, c: u8, d: u8) -> bool {
    ((a == 0xE3) | (a == 0xEF)) & (c != 0x80) & (a == d)
}

fn shorter(text: &str, c: char, n: usize, from: usize, to: usize) -> Option<(&'static str, RuleId)> {
    let (left, right) = (before(text, from), after(text, to));
    // Elsewhere an image was lost between the marks.
    let in_prose = left.is_some_and(|c| is_han(c) || is_closing(c))
        && right.is_none_or(|c| is_han(c) || is_opening(c) || c == '\n');
    Some(match (c, n) {
        ('。', 3..=6) if left.is_some_and(is_wide) => ("……", builtin::RUN_STOP),
        ('。', 2) => ("。", builtin::RUN_MARK),
        ('，', _) if in_prose => ("，", builtin::RUN_COMMA),
        ('、', _) if in_prose => ("、", builtin::RUN_MARK),
        ('；', _) if in_prose => ("；", builtin::RUN_MARK),
        ('：', _) if in_prose => ("：", builtin::RUN_MARK),
        ('！', 4..) => ("！！！", builtin::RUN_MARK),
        ('？', 4..) => ("？？？", builtin::RUN_MARK),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::Choice;

    fn clean(text: &str) -> String {
        let rules = Rules::bundled(&Choice::default()).unwrap();
        let (mut edits, mut new) = (Edits::default(), String::new());
        runs(text, &rules, &mut edits);
        edits.apply(text, &mut new);
        new
    }

    #[test]
    fn runs_become_what_the_standard_allows() {
        for (before, after) in [
            ("好。。。", "好……"),
            ("好。。", "好。"),
            ("改革、、开放；；创新", "改革、开放；创新"),
            ("好！！！！！", "好！！！"),
            ("a😀。。", "a😀。"),
        ] {
            assert_eq!(clean(before), after);
            assert_eq!(clean(after), after);
        }
        for text in ["发展，，改革", "变量x、、其中", "好！！！", "为什么？！", "。", "，，", "啊啊啊"]
        {
            assert_eq!(clean(text), text);
        }
        let long = "！".repeat(300_000);
        assert_eq!(clean(&long), "！！！");
    }
}
