//! Lines that a printer cut. Two signs tell them: a line that begins with a mark no line begins
//! with, and a text whose lines all end at the same column (`wrap`).

use crate::layout::label::starts_with_pause;
use crate::layout::spaces::leading_blanks;
use crate::layout::wrap::{self, Line, Shape};
use crate::rules::{Rules, builtin};
use crate::text::Edits;
use crate::text::chars::{after, before, is_blank, is_han, is_wide, never_starts_a_line};
use crate::text::sift::line_ends;

/// Says which lines are joined to the one before.
pub(crate) fn joins(text: &str, rules: &Rules, edits: &mut Edits) {
    let bytes = text.as_bytes();
    let wrapped = rules.on(builtin::JOIN_WRAPPED);
    let line_start = rules.on(builtin::JOIN_LINE_START);
    // Lines that begin with a mark: the end of the line before that shows anything, and the mark.
    let mut marks: Vec<(usize, usize)> = Vec::new();
    let mut shape = Shape::default();
    let (mut shown, mut start) = (None, 0);
    line_ends(text).for_each(|end| {
        shape.add(end - start);
        let from = start + leading_blanks(&text[start..end]);
        if from < end {
            if let Some(last) = shown.filter(|_| may_be_mark(&bytes[from..])) {
                marks.push((last, from));
            }
            shown = Some(end);
        }
        start = end + 1;
    });
    let lines = if wrapped.is_some() && shape.may_be_wrapped() { wrap::lines(text) } else { Vec::new() };
    if !lines.is_empty() {
        let (joined, flush) = wrap::joined(text, &lines);
        let padded = wrap::is_padded(&lines);
        for (pair, joined) in lines.windows(2).zip(joined) {
            let [line, next] = pair else { continue };
            if let Some(rule) = wrapped.filter(|_| joined) {
                edits.replace(line.to..next.from, glue(text, line, next, padded, flush), rule);
            } else if let Some(rule) = line_start
                .filter(|_| may_be_mark(&bytes[next.from..]) && cannot_start(text, line.to, next.from))
            {
                edits.delete(line.to..next.from, rule);
            }
        }
        return;
    }
    let Some(rule) = line_start else { return };
    for (last, from) in marks {
        let to = last - blanks_at_end(text, last);
        if !cannot_start(text, to, from) {
            continue;
        }
        edits.delete(to..from, rule);
        // Its paragraph ended with a blank line, which is kept as a break behind it.
        if let Some(end) = slipped_quote(text, to, from) {
            edits.replace(end..end, "\n", rule);
        }
    }
}

/// A mark that may not start a line begins here.
const fn may_be_mark(bytes: &[u8]) -> bool {
    matches!(
        bytes,
        [b'!' | b'%' | b')' | b',' | b':' | b';' | b'?', ..]
            | [0xE2, 0x80, 0x99 | 0x9D, ..]
            | [0xE3, 0x80, 0x81 | 0x82 | 0x89 | 0x8B | 0x91 | 0x95, ..]
            | [0xEF, 0xBC, 0x81 | 0x85 | 0x89 | 0x8C | 0x9A | 0x9B | 0x9F, ..]
    )
}

/// The bytes of blanks before `end`, on a line that shows something.
fn blanks_at_end(text: &str, end: usize) -> usize {
    text[..end].chars().rev().take_while(|&c| is_blank(c)).map(char::len_utf8).sum()
}

/// How far back the opening mark of a quotation is looked for, in characters.
const MAX_QUOTATION: usize = 400;

/// The line that begins at `from` is the rest of the one that ends at `to`, by its first mark.
/// Half-width marks count where the width rules would widen them: beside Chinese text.
fn cannot_start(text: &str, to: usize, from: usize) -> bool {
    let (Some(left), Some(mark)) = (before(text, to), after(text, from)) else { return false };
    let behind = || text[from + mark.len_utf8()..].chars().find(|&c| !is_blank(c)).filter(|&c| c != '\n');
    let pauses = matches!(mark, '，' | '。' | '、' | '；' | '：' | ',' | ';' | ':');
    // Two marks in a row: something between them was lost, and the line is one of its own.
    if pauses && matches!(left, '，' | '。' | '、' | '；' | '：' | '？' | '！' | ',' | ';' | ':' | '?' | '!')
    {
        return false;
    }
    let cannot = match mark {
        '%' => left.is_ascii_digit() && !behind().is_some_and(|c| c.is_ascii_alphanumeric()),
        '％' => left.is_ascii_digit(),
        ',' | ';' | ':' | '?' | '!' | ')' => {
            is_wide(left) && behind().is_none_or(is_wide) || behind().is_some_and(is_han)
        }
        // Typists also open with a closing quote, and write years as ’97.
        '”' | '’' => {
            let opening = if mark == '”' { '“' } else { '‘' };
            let quote = text[..to].chars().rev().take(MAX_QUOTATION).find(|&c| c == mark || c == opening);
            quote == Some(opening)
        }
        _ => never_starts_a_line(mark),
    };
    cannot && !in_columns(text, from)
}

/// The end of a closing quote that slipped over a blank line, with text of another paragraph
/// behind it.
fn slipped_quote(text: &str, to: usize, from: usize) -> Option<usize> {
    let quote = after(text, from).filter(|c| matches!(c, '”' | '’'))?;
    let end = from + quote.len_utf8();
    let stopped = matches!(before(text, to), Some('。' | '？' | '！'));
    let blank_line = memchr::memchr_iter(b'\n', &text.as_bytes()[to..from]).nth(1).is_some();
    let goes_on =
        after(text, end).is_some_and(|c| is_han(c) || c.is_ascii_digit() || matches!(c, '《' | '“' | '‘'));
    (stopped && blank_line && goes_on).then_some(end)
}

/// The line that begins at `from` has a wide gap: columns printed side by side, whose cells go on
/// in other lines. The spaces keep such a gap, so a second look finds it again.
fn in_columns(text: &str, from: usize) -> bool {
    let mut blanks = 0;
    for c in text[from..].chars().take_while(|&c| c != '\n') {
        if is_blank(c) {
            blanks += 1;
        } else if blanks > 1 {
            return starts_with_pause(&text[from..]);
        } else {
            blanks = 0;
        }
    }
    false
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
                ("以“旋风\n”闻名", "以“旋风”闻名"),
                ("姓名 \n：张三", "姓名：张三"),
                ("他说“管理。\n\n”第二年，甲局", "他说“管理。”\n第二年，甲局"),
            ],
        );
        assert_stays(
            joins,
            &[
                "推进改革\n扩大开放",
                "if (a\n) {",
                "，甲",
                "a\n:b",
                "甲\n“乙”",
                "甲\n%s",
                "。\n’97年",
                "甲”\n”乙”",
                "结束。\n，甲",
            ],
        );
    }

    /// Breaks each paragraph after `width` characters, as printers do, with `indent` before it.
    fn wrapped(paragraphs: &[&str], width: usize, indent: &str) -> String {
        let mut lines = Vec::new();
        for paragraph in paragraphs {
            let chars: Vec<char> = indent.chars().chain(paragraph.chars()).collect();
            lines.extend(chars.chunks(width).map(|line| line.iter().collect::<String>()));
        }
        lines.join("\n")
    }

    const PROSE: &[&str] = &[
        "各单位要把这项工作摆上重要位置，明确一名负责同志牵头，定期听取汇报，及时解决遇到的困难和问题，确保各项任务按时完成。",
        "工作中的好做法要认真总结，遇到重大情况及时报告，并在下月底以前把书面材料报送办公室，由办公室汇总后印发各地参考。",
        "各地还要结合实际制定具体方案，落实人员和经费，加强检查指导，防止走过场，年终对完成任务好的单位和个人给予表扬。",
    ];

    #[test]
    fn wrapped_paragraphs_are_whole_again() {
        let told = |indent: &str| PROSE.iter().map(|p| format!("{indent}{p}")).collect::<Vec<_>>().join("\n");
        for width in [20, 28, 38] {
            let printed = wrapped(PROSE, width, "　　");
            assert_changes(joins, &[(&printed, &told("　　"))]);
        }
        // Without indents it takes more lines to prove the width.
        let more = PROSE.repeat(2);
        assert_changes(joins, &[(&wrapped(&more, 21, ""), &more.join("\n"))]);
        assert_stays(joins, &[&wrapped(PROSE, 21, "")]);
    }

    #[test]
    fn lines_that_a_writer_broke_stay() {
        let verse = "春风吹过山冈，\n流水绕过村庄。\n".repeat(12);
        let names = "张三丰 李四光 王五福 赵六合 钱七宝 孙八方 周九鼎 吴十全\n".repeat(12);
        let table = "2024年5月6日\t某某县某某乡某某村委会某某组\t1355.5\n".repeat(12);
        let article = |n: usize| format!("第{n}条 为了加强管理，保护群众的合法权益，制定本办法，\n");
        let articles = (1..=12).map(article).collect::<Vec<_>>().concat();
        assert_stays(joins, &[&verse, &names, &table, &articles]);
    }

    #[test]
    fn odd_texts_are_settled_after_one_run() {
        settled(joins, &["甲", "，", "\n", "　　", "”", "“", ")", ",", "%", "1", "a", " "]);
        let (line, short) = ("改革发展，".repeat(5), "改革发展，".repeat(4));
        settled(joins, &[&line, &short, "\n", "\n　　", "。", "\n\n", "一、", "a b"]);
    }
}
