//! Lines of the page around a text: when it was published, how often it was read, buttons, who keeps
//! the site. They say something about the document and are no part of it.
//!
//! A line goes only if all of it is accounted for: labels with values of their shape, buttons, marks
//! between them. At the head that holds above the first sentence, at the end for the last lines in a
//! row. What stays is never emptied.

mod items;
mod words;

use std::ops::Range;

use crate::layout::chrome::items::{Class, Told, told};
use crate::rules::{Rules, builtin};
use crate::text::Edits;

/// Lines that stay above the first sentence and are looked past; a list has more.
const MOST_HEAD: usize = 15;

/// Places above the first sentence at which such lines stand: a path, what is below the title, a table.
const MOST_RUNS: usize = 3;

/// A line longer than this, in bytes, is text.
const LONG_LINE: usize = 400;

/// Which end of the document a line stands at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Head,
    Tail,
}

/// Labels with a value that make furniture of the lines at the head of a text. One alone, a date or a
/// source, may be all that a text says of itself.
const LEAST_VALUES: usize = 2;

/// Says which lines at head and end of a text go.
pub(crate) fn chrome(text: &str, rules: &Rules, edits: &mut Edits) {
    ends(text, false, rules, edits);
}

/// The same for the lines of a page, where a label at the head is the page's own.
pub(crate) fn page_chrome(text: &str, rules: &Rules, edits: &mut Edits) {
    ends(text, true, rules, edits);
}

fn ends(text: &str, is_page: bool, rules: &Rules, edits: &mut Edits) {
    let last = rules.on(builtin::CHROME_TAIL).and_then(|rule| {
        let from = tail(text);
        // The line end in front of them goes with them. Where no text stands above, nothing goes.
        let above = text[..from].trim_end_matches('\n').len();
        (from < text.len() && above > 0).then_some((rule, above))
    });
    let above = last.map_or(text.len(), |(_, above)| above);
    if let Some(rule) = rules.on(builtin::CHROME_HEAD) {
        for line in head(&text[..above], is_page) {
            edits.delete(line, rule);
        }
    }
    if let Some((rule, above)) = last {
        edits.delete(above..text.len(), rule);
    }
}

/// Lines in a row that go together or stay together.
#[derive(Default)]
struct Run {
    lines: Vec<Range<usize>>,
    is_sure: bool,
    is_furniture: bool,
    n_values: usize,
}

impl Run {
    fn push(&mut self, line: Range<usize>, told: Told) {
        self.lines.push(line);
        self.is_sure |= told.class == Class::Sure;
        self.is_furniture |= told.is_furniture;
        self.n_values += told.n_values;
    }

    fn goes(&self, is_page: bool) -> bool {
        self.is_sure && (is_page || self.is_furniture || self.n_values >= LEAST_VALUES)
    }
}

/// The lines above the first sentence that go, each with its line end.
fn head(text: &str, is_page: bool) -> Vec<Range<usize>> {
    let (mut found, mut run) = (Vec::new(), Run::default());
    let (mut at, mut n_kept, mut n_runs) = (0, 0, 0);
    while at < text.len() && n_kept < MOST_HEAD {
        let end = memchr::memchr(b'\n', &text.as_bytes()[at..]).map_or(text.len(), |n| at + n + 1);
        let line = &text[at..end];
        let told = told_at(line, Side::Head);
        match told.class {
            Class::Sure | Class::Weak => run.push(at..end, told),
            Class::Blank => {}
            Class::Text => {
                let run = std::mem::take(&mut run);
                n_kept += 1;
                if run.goes(is_page) {
                    n_runs += 1;
                    found.extend(run.lines);
                } else {
                    n_kept += run.lines.len();
                }
                // A list of pages has such a line below each of its titles.
                if n_runs > MOST_RUNS {
                    return Vec::new();
                }
                if is_sentence(line) {
                    return found;
                }
            }
        }
        at = end;
    }
    // No sentence followed: a list. What stands behind the last line of text is its foot.
    found
}

fn told_at(line: &str, side: Side) -> Told {
    told(if line.len() > LONG_LINE { TEXT } else { line }, side)
}

/// Stands for a line that is too long to be looked at.
const TEXT: &str = "。";

/// A line of the body: it has a full stop, or is longer than a title.
fn is_sentence(line: &str) -> bool {
    line.len() > LONG_LINE || line.contains('。') || line.trim_end().ends_with(['；', '，', '：'])
}

/// Where the last lines in a row that go begin; the end of the text where there are none.
fn tail(text: &str) -> usize {
    let (mut sure_from, mut at) = (text.len(), text.len());
    let mut run_from = text.len();
    let mut is_sure = false;
    while at > 0 {
        let body = text[..at].strip_suffix('\n').unwrap_or(&text[..at]);
        let start = memchr::memrchr(b'\n', body.as_bytes()).map_or(0, |n| n + 1);
        let line = &text[start..at];
        let class = told_at(line, Side::Tail).class;
        match class {
            Class::Text => break,
            Class::Blank => {}
            Class::Sure | Class::Weak => {
                is_sure |= class == Class::Sure;
                run_from = start;
            }
        }
        if is_sure {
            sure_from = run_from;
        }
        at = start;
    }
    sure_from
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::Choice;

    fn run(text: &str) -> String {
        let rules = Rules::bundled(&Choice::default()).unwrap();
        let (mut edits, mut new) = (Edits::default(), String::new());
        chrome(text, &rules, &mut edits);
        edits.apply(text, &mut new);
        new
    }

    #[test]
    fn one_label_is_the_page_s_own_only_on_a_page() {
        let text = "关于停水的通知\n发布时间：2024-05-06 发布人：\n今日停水。";
        let rules = Rules::bundled(&Choice::default()).unwrap();
        let (mut edits, mut new) = (Edits::default(), String::new());
        page_chrome(text, &rules, &mut edits);
        edits.apply(text, &mut new);
        assert_eq!((run(text).as_str(), new.as_str()), (text, "关于停水的通知\n今日停水。"));
    }

    #[test]
    fn lines_of_the_page_go_and_parts_of_the_document_stay() {
        let mut wrong = Vec::new();
        for (before, after) in [
            (
                "当前位置：首页 > 政务公开 > 通知\n关于停水的通知\n发布时间：2024-05-06 来源：青山日报 浏览次数：12 【字体：大 中 小】\n今日停水。\n",
                "关于停水的通知\n今日停水。\n",
            ),
            (
                "关于停水的通知\n发布时间：2024-05-06\n来源：青山日报\n今日停水。",
                "关于停水的通知\n今日停水。",
            ),
            ("今日停水。\n【打印本页】 【关闭窗口】\n上一篇：关于停电的通知\n下一篇：没有了", "今日停水。"),
            (
                "今日停水。\n青山县水务局\n2024年5月6日\n主办单位：青山县人民政府\n版权所有 青ICP备12345678号",
                "今日停水。\n青山县水务局\n2024年5月6日",
            ),
            ("今日停水。\n来源：青山日报 责任编辑：王五", "今日停水。"),
            ("今日停水。\n（责任编辑：王五）\n", "今日停水。"),
            (
                "停水\n（原标题：停水啦！谁家停？）\n今日停水。\n（责任编辑：王五）\n扫码阅读全文\n阅读数（12）\n推荐0",
                "停水\n今日停水。",
            ),
            (
                "索引号：000/2024-1 主题分类：水利\n发文机关：青山县水务局\n关于停水的通知\n今日停水。",
                "关于停水的通知\n今日停水。",
            ),
        ] {
            let got = run(before);
            if got != after {
                wrong.push(format!("{before:?}: {got:?}"));
            }
            if run(&got) != got {
                wrong.push(format!("{before:?}: not settled"));
            }
        }
        for keep in [
            "我的分享到这里，谢谢大家！",
            "会上分享到了成果\n今日停水。",
            "编辑：您怎么看？\n专家：很好。\n编辑：下一步呢？",
            "采购公告\n联系人：李四\n联系电话：12345678\n承办单位：青山县会展中心",
            "关于停水的通知\n来源：青山日报\n今日停水。",
            "关于停水的通知\n发布时间：2024-05-06 发布人：\n今日停水。",
            "资金来源：县财政\n今日停水。\n资金来源：县财政",
            "今日停水。\n附件：1.值班表\n2.名单\n（此件公开发布）",
            "会议通知\n时间：2024年5月6日\n地点：三楼会议室\n请准时参加。",
            "发布时间：2024-05-06",
            "今日停水。\n注：1.口径\n来源：统计局",
            "【基本案情】\n甲方未付款。\n【裁判结果】",
            "责任编辑\n工作三年以上。\n责任编辑",
            "今日停水。\n推荐3人",
            "今日停水。\n听力 20\n阅读 30",
            "（原标题：停水）一文有误。\n今日停水。",
            "（原标题：停水。）\n今日停水。",
            "今日停水。\n青山县水务局 2024年5月6日",
            "版权所有",
            "",
        ] {
            let got = run(keep);
            if got != keep {
                wrong.push(format!("{keep:?} must stay, and becomes {got:?}"));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}
