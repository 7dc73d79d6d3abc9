//! Lines that a printer cut. Two signs tell them: a line that begins with a mark no line begins
//! with, and a text whose lines all end at the same column (`wrap`).

use memchr::memchr;

use crate::layout::wrap::{self, Line};
use crate::rules::{Rules, builtin};
use crate::text::Edits;
use crate::text::chars::{after, before, is_blank, is_han, is_wide, never_starts_a_line};

/// Says which lines are joined to the one before.
pub(crate) fn joins(text: &str, rules: &Rules, edits: &mut Edits) {
    let wrapped = rules.on(builtin::JOIN_WRAPPED);
    let line_start = rules.on(builtin::JOIN_LINE_START);
    let lines = if wrapped.is_some() && wrap::may_be_wrapped(text) { wrap::lines(text) } else { Vec::new() };
    if !lines.is_empty() {
        let (joined, flush) = wrap::joined(&lines);
        let padded = wrap::is_padded(&lines);
        for (pair, joined) in lines.windows(2).zip(joined) {
            let [line, next] = pair else { continue };
            if let Some(rule) = wrapped.filter(|_| joined) {
                edits.replace(line.to..next.from, glue(text, line, next, padded, flush), rule);
            } else if let Some(rule) = line_start.filter(|_| cannot_start(text, line.to, next.from)) {
                edits.delete(line.to..next.from, rule);
            }
        }
        return;
    }
    let Some(rule) = line_start else { return };
    let bytes = text.as_bytes();
    let (mut shown, mut start) = (None, 0);
    while start < text.len() {
        let end = memchr(b'\n', &bytes[start..]).map_or(text.len(), |n| start + n);
        let from = match bytes[start] {
            0xE4..=0xE9 => start,
            _ => end - text[start..end].trim_start_matches(is_blank).len(),
        };
        if from < end {
            if let Some(last) = shown
                && may_be_mark(bytes[from])
            {
                let to = last - blanks_at_end(text, last);
                if cannot_start(text, to, from) {
                    edits.delete(to..from, rule);
                }
            }
            shown = Some(end);
        }
        start = end + 1;
    }
}

/// The first byte of a mark that may not start a line, or of another character.
const fn may_be_mark(first: u8) -> bool {
    matches!(first, b'!' | b'%' | b')' | b',' | b':' | b';' | b'?' | 0xE2 | 0xE3 | 0xEF)
}

/// The bytes of blanks before `end`, on a line that shows something.
fn blanks_at_end(text: &str, end: usize) -> usize {
    text[..end].chars().rev().take_while(|&c| is_blank(c)).map(char::len_utf8).sum()
}

/// The line that begins at `from` is the rest of the one that ends at `to`, by its first mark.
/// Half-width marks count where the width rules would widen them: beside Chinese text.
fn cannot_start(text: &str, to: usize, from: usize) -> bool {
    let (Some(left), Some(mark)) = (before(text, to), after(text, from)) else { return false };
    let behind = || text[from + mark.len_utf8()..].chars().find(|&c| !is_blank(c)).filter(|&c| c != '\n');
    match mark {
        '%' => left.is_ascii_digit() && !behind().is_some_and(|c| c.is_ascii_alphanumeric()),
        '％' => left.is_ascii_digit(),
        ',' | ';' | ':' | '?' | '!' | ')' => {
            is_wide(left) && behind().is_none_or(is_wide) || behind().is_some_and(is_han)
        }
        _ => never_starts_a_line(mark),
    }
}

/// What stands between two halves of a line: a space where the break took the place of one.
fn glue(text: &str, line: &Line, next: &Line, padded: bool, flush: usize) -> &'static str {
    let (Some(left), Some(right)) = (before(text, line.to), after(text, next.from)) else { return "" };
    let latin = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | ',' | ';' | ':' | ')' | '?' | '!');
    let space = line.trailing && !padded || next.lead > flush && next.lead <= flush + 2;
    let words = latin(left)
        && (right.is_ascii_alphanumeric() || right == '(')
        && (left.is_ascii_alphabetic() || right.is_ascii_alphabetic() || right == '(');
    if space || words { " " } else { "" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::tests::{assert_changes, assert_stays, settled};

    #[test]
    fn marks_that_start_no_line_are_joined() {
        assert_changes(
            joins,
            &[
                ("推进改革\n，扩大开放", "推进改革，扩大开放"),
                ("推进改革\n\n　　，扩大开放", "推进改革，扩大开放"),
                ("《条例\n》的通知", "《条例》的通知"),
                ("推进改革\n,扩大开放", "推进改革,扩大开放"),
                ("增长5.6\n%以上", "增长5.6%以上"),
                ("姓名 \n：张三", "姓名：张三"),
            ],
        );
        assert_stays(joins, &["推进改革\n扩大开放", "if (a\n) {", "，甲", "a\n:b", "甲\n“乙”", "甲\n%s"]);
    }
}
