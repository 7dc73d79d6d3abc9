//! Spaces and blank lines. One paragraph is one line: indents, blank lines and spaces at the edges
//! of lines are layout and go. What stands inside a line is judged gap by gap in `gaps`.

use std::ops::Range;

use memchr::{memchr, memrchr};

use crate::layout::blanks::blanks;
use crate::layout::gaps::Gaps;
use crate::layout::label::list_label;
use crate::rules::{Rules, builtin};
use crate::text::Edits;
use crate::text::chars::is_blank;
use crate::text::sift::line_ends;

/// Says which spaces and blank lines go.
pub(crate) fn spaces(text: &str, rules: &Rules, edits: &mut Edits) {
    let (edge, blank_line) = (rules.on(builtin::SPACE_LINE_EDGE), rules.on(builtin::SPACE_BLANK_LINE));
    let mut gaps = Gaps::new(text, rules);
    let mut blanks = blanks(text);
    // The end of the last line that shows anything; None at the text's start.
    let mut shown = None;
    // Where blank lines began that wait to be taken out as one.
    let mut blank_from = None;
    let mut start = 0;
    for end in line_ends(text) {
        if start == text.len() {
            break;
        }
        let from = start + leading_blanks(&text[start..end]);
        if from == end {
            // The line goes with the line end before it; at the text's start, with the one behind.
            let here = shown.unwrap_or(start);
            blank_from.get_or_insert(here);
            if shown.is_some() && end == start && end == text.len() {
                break;
            }
            start = end + 1;
            continue;
        }
        if let (Some(first), Some(rule)) = (blank_from.take(), blank_line) {
            edits.delete(first..start - usize::from(shown.is_some()), rule);
        }
        let to = end - trailing_blanks(&text[start..end]);
        gaps.begin_line(from, to);
        if let Some(rule) =
            edge.filter(|_| from > start && !indent_means(text, shown, start..from, to, &mut gaps))
        {
            edits.delete(start..from, rule);
        }
        let mut at = from;
        while let Some(gap) = blanks.next(at, to) {
            at = gaps.judge(from, gap, to, edits);
        }
        if let Some(rule) = edge.filter(|_| to < end) {
            edits.delete(to..end, rule);
        }
        shown = Some(end);
        start = end + 1;
    }
    if let Some(rule) = blank_line {
        let tail = shown.unwrap_or(0);
        if tail < text.len() {
            edits.delete(tail..text.len(), rule);
        }
    }
}

/// The indent of the line that ends at `to` says something: the level of a list or of a YAML key,
/// or the empty first cells of a row of a table. `above` is the end of the last line that shows
/// anything.
fn indent_means(text: &str, above: Option<usize>, indent: Range<usize>, to: usize, gaps: &mut Gaps) -> bool {
    let start = indent.end;
    let (indent, line) = (&text.as_bytes()[indent], &text.as_bytes()[start..to]);
    if !indent.iter().all(|b| matches!(b, b' ' | b'\t')) {
        return false;
    }
    if is_item(line) {
        return is_key(&line[2..]) || above.is_some_and(|end| leads_a_list(text, end));
    }
    match line[0] {
        b'a'..=b'z' | b'A'..=b'Z' => is_key(line),
        _ => {
            let tabs = indent.contains(&b'\t') && memchr(b'\t', line).is_some();
            (tabs || gaps.is_drawn(&text[start..to])) && gaps.in_table()
        }
    }
}

/// `- 甲`, the item of a list.
fn is_item(line: &[u8]) -> bool {
    match line {
        // “- +甲”: a plus sign of the text; “- - -” is a rule across the page.
        [b'-' | b'*' | b'+', b' ' | b'\t', b'+', next, ..] | [b'-' | b'*' | b'+', b' ' | b'\t', next, ..] => {
            !b" \t*+-".contains(next)
        }
        _ => false,
    }
}

/// The line that ends at `end` is an item itself, or announces a list.
fn leads_a_list(text: &str, end: usize) -> bool {
    let from = memrchr(b'\n', &text.as_bytes()[..end]).map_or(0, |n| n + 1);
    let line = text[from..end].trim_matches(is_blank);
    is_item(line.as_bytes()) || line.ends_with([':', '：']) || list_label(line).is_some()
}

/// `name:` with a blank or nothing behind it, and no other word before.
fn is_key(line: &[u8]) -> bool {
    /// Bytes of a key, at most.
    const LONGEST: usize = 40;
    let name =
        line.iter().take(LONGEST).take_while(|b| b.is_ascii_alphanumeric() || b"_-".contains(b)).count();
    line.get(name) == Some(&b':') && matches!(line.get(name + 1), None | Some(b' '))
}

/// The bytes of blanks at the end of `line`.
#[inline]
pub(super) fn trailing_blanks(line: &str) -> usize {
    match line.as_bytes().last() {
        // The last bytes of all blanks.
        Some(b'\t' | b' ' | 0x80..=0x8A | 0x9F | 0xA0 | 0xAF) => {
            line.len() - line.trim_end_matches(is_blank).len()
        }
        _ => 0,
    }
}

/// The bytes of blanks at the start of `line`.
#[inline]
pub(super) fn leading_blanks(line: &str) -> usize {
    match line.as_bytes().first() {
        // The first bytes of all blanks.
        Some(b'\t' | b' ' | 0xC2 | 0xE1..=0xE3) => line.len() - line.trim_start_matches(is_blank).len(),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::tests::{assert_changes, assert_stays, run, settled};
    use crate::rules::{Choice, Profile};

    #[test]
    fn lines_are_stripped_and_blank_lines_go() {
        assert_changes(
            spaces,
            &[
                ("　　第一条\n  第二条  ", "第一条\n第二条"),
                ("第一条\n\n \n　\n第二条\n", "第一条\n第二条"),
                ("\n\n第一条\n\n", "第一条"),
                (" \n ", ""),
                ("\n", ""),
                ("　　", ""),
                ("甲\n", "甲"),
                ("\u{A0}\u{A0}甲\u{2003}\n\t乙", "甲\n乙"),
                ("　　- 甲\n  -乙", "- 甲\n-乙"),
                ("全文完\n    * 收稿日期：5月\n  *   *", "全文完\n* 收稿日期：5月\n*   *"),
            ],
        );
    }

    #[test]
    fn gaps_inside_a_line() {
        assert_changes(
            spaces,
            &[
                ("发展， 改革 。", "发展，改革。"),
                ("《 通知 》（ 试行 ）", "《通知》（试行）"),
                ("（ ）", "（）"),
                ("（一） 总体要求", "（一）总体要求"),
                ("1. 总体要求", "1.总体要求"),
                ("结束。　　二是改革", "结束。\n二是改革"),
                ("结束。 　二是改革", "结束。 二是改革"),
                (
                    "通知如下：　　根据上级要求，各单位应当做好有关工作。",
                    "通知如下：\n根据上级要求，各单位应当做好有关工作。",
                ),
                ("结束。　　— 3 —", "结束。 — 3 —"),
                ("结束。　　——落实", "结束。\n——落实"),
                ("联系人：　　张三", "联系人：张三"),
                ("联系人： 张三", "联系人：张三"),
                ("姓名：    性别：    ", "姓名： 性别："),
                ("张三    李四", "张三 李四"),
                ("第一条　为了", "第一条 为了"),
                ("增长5.6 %", "增长5.6%"),
                ("第\u{A0}5\u{2002}条", "第 5 条"),
                ("甲\t乙", "甲 乙"),
                ("2024年5月6日    （印章）", "2024年5月6日 （印章）"),
                ("通知  （国发）", "通知 （国发）"),
            ],
        );
    }

    #[test]
    fn letter_spaced_runs_close_up() {
        assert_changes(
            spaces,
            &[
                ("中 华 人 民 共 和 国", "中华人民共和国"),
                ("中　华　人　民　共　和　国", "中华人民共和国"),
                ("， 工 作 要 点 ，", "，工作要点，"),
                ("第一章 总 则\n第一条 为了", "第一章 总则\n第一条 为了"),
                ("第二章　法 律 责 任", "第二章 法律责任"),
                ("第 一 章 总 则", "第一章 总则"),
                ("目　　录", "目录"),
                ("附 则", "附则"),
                ("国  务  院  二○一一年十月", "国 务 院 二○一一年十月"),
                ("二 十 一 世 纪 青 少 年 工 作", "二十一世纪青少年工作"),
            ],
        );
    }

    #[test]
    fn gaps_that_mean_something_stay() {
        assert_stays(
            spaces,
            &[
                "发展。 改革",
                "2024 年 5 月",
                "年   月   日",
                "（    ）",
                "（　　）",
                "姓名\t年龄\n张三\t30",
                "韩国      18.46  125.00    0.92\n日本         2.21    2.56    9.4",
                "甲\t乙\n丙\t丁\t戊",
                "第一条 为了",
                "一 二 三 四",
                "优 良 中 差",
                "张 三  李 四",
                "确 定 取 消",
                "李　林　季　浏",
                "、创编舞蹈  情绪的节拍",
                "承诺人：            （盖章）",
                "入围家数：    家",
                "男 女",
                "a  b",
                "（盖章    ）",
                "1. 2024年",
                "任务 一：准备",
                "年  月  日  时",
                "- 甲\n  - 乙\n\t* 丙",
                "措施：\n  + 甲",
                "- 甲\n\t- +【乙】",
                "成绩  ───×30%",
                "items:\n  - name: news\n    content: 公告\n  - name: 通知",
                "高中教师合格率    51.1%   39.4%\n小学教师合格率    84.7%   79%",
                "  ┌──┐\n教│  │学\n  └──┘".trim_start(),
                "甲\t乙\n丙\t丁\n说明\n9\t戊",
                "甲队员  ○    ●    ○\n乙队员  ●    ○    ●",
                "甲\t乙\n\t丙\t丁",
                "本溪？ ？ 丹东",
                "CLR A　　；清零",
                "孔某（1936-　）的书",
                "1.\u{2009}0升，10\u{2009}000元",
                "- 。",
            ],
        );
    }

    #[test]
    fn a_tokenised_text_keeps_its_spaces_but_for_corpora() {
        let line = "今天 天气 很 好 我们 一起 去 参加 劳动 大家 都 非常 高兴。".repeat(4);
        assert_stays(spaces, &[&line]);
        let corpus = Choice { profile: Profile::Corpus, ..Choice::default() };
        let rules = Rules::bundled(&corpus).unwrap();
        let got = run(spaces, &line, &rules);
        assert_eq!(got, line.replace(' ', ""));
    }

    #[test]
    fn archives_keep_all_but_layout() {
        let archive = Choice { profile: Profile::Archive, ..Choice::default() };
        let rules = Rules::bundled(&archive).unwrap();
        assert_eq!(run(spaces, "　　发展， 改\u{A0}革   甲\n\n乙", &rules), "发展， 改 革   甲\n乙");
    }

    #[test]
    fn odd_texts_are_settled_after_one_run() {
        settled(spaces, &["甲", "乙", " ", "　", "\n", "：", "（", "）", "。", "，"]);
        settled(spaces, &["甲", " ", "  ", "\u{A0}", "年", "月", "日", "：", "a", "1"]);
        settled(spaces, &["第一章", "总", "则", " ", "　", "　　", "\n", "1.", "（一）", "。", "天气", "%"]);
        settled(spaces, &["甲", "\t", "乙", "\n", " ", "。　　", "丙丁"]);
        settled(spaces, &["1", "  ", "   ", "\n", "。", "甲", "年", "2  3  4"]);
    }
}
