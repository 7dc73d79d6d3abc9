//! What stands beside a document on its page, one label and value after the other: 发布时间, 来源,
//! 作者, 浏览次数, and the labels of its head.
//!
//! The lines come from the frame of a page, or from the head and foot of a text, and are no part of the
//! document any more. Only what has a label, and a value of the shape that the label asks for, counts.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};

use crate::fields::date::{date_at, only_date};
use crate::fields::number::{self, Number};
use crate::fields::title::TITLE_BYTES;
use crate::fields::words::is_organ;
use crate::fields::{Dated, Day, Part};
use crate::text::chars::{is_blank, is_han};

/// The parts that were found; the first of a kind counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said<'a> {
    /// 标题.
    pub title: Option<&'a str>,
    /// 发文字号.
    pub number: Option<Number<'a>>,
    /// 发文机关.
    pub issuer: Option<Part<'a>>,
    /// 成文日期.
    pub date: Option<Dated<'a>>,
    /// 发布时间: the day, and the time of day if there is one.
    pub published: Option<(Day, Option<&'a str>)>,
    /// 来源.
    pub from: Option<&'a str>,
    /// 作者.
    pub author: Option<&'a str>,
    /// 责任编辑.
    pub editor: Option<&'a str>,
    /// 浏览次数.
    pub views: Option<&'a str>,
    /// 索引号.
    pub index: Option<&'a str>,
    /// 栏目.
    pub column: Option<&'a str>,
    /// 网站名称.
    pub site: Option<&'a str>,
    /// Where the page stood.
    pub url: Option<&'a str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Title,
    PageTitle,
    Number,
    Issuer,
    Date,
    Published,
    From,
    Author,
    Editor,
    Views,
    Index,
    Column,
    Site,
    Url,
    /// Ends the value before it, and says nothing that is kept.
    Other,
}

const LABELS: &[(&str, What)] = &[
    ("标题", What::Title),
    ("文件名称", What::Title),
    ("网页标题", What::PageTitle),
    ("发文字号", What::Number),
    ("文号", What::Number),
    ("发文机关", What::Issuer),
    ("发文机构", What::Issuer),
    ("发布机构", What::Issuer),
    ("发布机关", What::Issuer),
    ("制定机关", What::Issuer),
    ("成文日期", What::Date),
    ("发文日期", What::Date),
    ("成文时间", What::Date),
    ("发布时间", What::Published),
    ("发布日期", What::Published),
    ("发表时间", What::Published),
    ("公开日期", What::Published),
    ("更新时间", What::Published),
    ("更新日期", What::Published),
    ("录入时间", What::Published),
    ("信息时间", What::Published),
    ("时间", What::Published),
    ("日期", What::Published),
    ("来源", What::From),
    ("信息来源", What::From),
    ("文章来源", What::From),
    ("稿件来源", What::From),
    ("新闻来源", What::From),
    ("本文来源", What::From),
    ("稿源", What::From),
    ("作者", What::Author),
    ("发布人", What::Author),
    ("供稿", What::Author),
    ("责任编辑", What::Editor),
    ("责编", What::Editor),
    ("编辑", What::Editor),
    ("浏览次数", What::Views),
    ("浏览量", What::Views),
    ("阅读次数", What::Views),
    ("阅读量", What::Views),
    ("点击数", What::Views),
    ("点击率", What::Views),
    ("点击次数", What::Views),
    ("访问量", What::Views),
    ("访问次数", What::Views),
    ("索引号", What::Index),
    ("索 引 号", What::Index),
    ("栏目", What::Column),
    ("所属栏目", What::Column),
    ("网站名称", What::Site),
    ("网址", What::Url),
    ("原文链接", What::Url),
    ("字体", What::Other),
    ("字号", What::Other),
    ("字体大小", What::Other),
    ("分享", What::Other),
    ("分享到", What::Other),
    ("审核", What::Other),
    ("校对", What::Other),
    ("打印", What::Other),
    ("收藏", What::Other),
    ("主题分类", What::Other),
    ("主题词", What::Other),
    ("公开形式", What::Other),
    ("公开方式", What::Other),
    ("公开范围", What::Other),
    ("有效性", What::Other),
    ("时效性", What::Other),
    ("体裁分类", What::Other),
    ("服务对象", What::Other),
    ("当前位置", What::Other),
    ("您的位置", What::Other),
    ("摄影", What::Other),
    ("联系电话", What::Other),
    ("举报", What::Other),
];

static SEARCH: LazyLock<AhoCorasick> = LazyLock::new(|| {
    AhoCorasick::builder()
        .match_kind(MatchKind::LeftmostLongest)
        .build(LABELS.iter().map(|(label, _)| label))
        .expect("some short words make an automaton")
});

/// Labels that are the ends of longer words: 资金来源, 会议时间.
const OPEN_ENDED: &[&str] = &["来源", "时间", "日期", "编辑", "供稿", "栏目", "文号", "标题", "网址", "审核"];

/// Buttons that stand behind a name, a blank before them.
const BUTTONS: &[&str] = &["举报", "原创稿", "分享", "打印", "收藏", "订阅"];

/// Longest value of a name, in bytes: several newspapers, a committee.
const NAME_BYTES: usize = 120;

/// Longest address, in bytes.
const URL_BYTES: usize = 500;

/// Marks between a value and what stands beside it.
const BETWEEN: &[char] = &['|', '｜', '·', '-', '>', '，', ',', '；', ';'];

/// Brackets around labels.
const BRACKETS: &[(char, char)] = &[('【', '】'), ('[', ']'), ('（', '）'), ('(', ')')];

/// `value` without blanks, marks and single brackets at its ends: 某某通知（试行） keeps its own. Nothing
/// of a value that is longer than any.
fn trimmed(value: &str) -> &str {
    let mut value = if value.len() > 2 * URL_BYTES { "" } else { value };
    loop {
        let bare = value.trim_matches(|c: char| is_blank(c) || BETWEEN.contains(&c));
        let bare = BRACKETS.iter().fold(bare, |bare, &(open, close)| {
            let bare = bare.strip_prefix(close).unwrap_or(bare);
            let bare = bare.strip_suffix(open).unwrap_or(bare);
            let bare = bare.strip_prefix(open).filter(|rest| !rest.contains(close)).unwrap_or(bare);
            bare.strip_suffix(close).filter(|rest| !rest.contains(open)).unwrap_or(bare)
        });
        if bare.len() == value.len() {
            return bare;
        }
        value = bare;
    }
}

/// Reads the labels of `lines`.
///
/// ```
/// let said = jingwen::fields::said("发布时间：2024-05-06 10:30  来源：青山日报  浏览次数：12\n");
/// assert_eq!(said.published.unwrap().0.to_string(), "2024-05-06");
/// assert_eq!((said.from, said.views), (Some("青山日报"), Some("12")));
/// ```
#[must_use]
pub fn said(lines: &str) -> Said<'_> {
    let mut said = Said::default();
    for line in lines.lines() {
        let mut open: Option<(What, usize)> = None;
        let mut first = None;
        for hit in SEARCH.find_iter(line) {
            let label = LABELS[hit.pattern().as_usize()].0;
            let glued = open.is_some() && !OPEN_ENDED.contains(&label);
            let Some(value_at) = value_at(line, hit.start(), hit.end(), glued) else { continue };
            first.get_or_insert(hit.start());
            if let Some((what, from)) = open {
                said.take(what, &line[from..hit.start()]);
            }
            open = Some((LABELS[hit.pattern().as_usize()].1, value_at));
        }
        if let Some((what, from)) = open {
            said.take(what, &line[from..]);
        }
        // Many pages date a document without a label, in front of its source.
        said.take_bare_date(&line[..first.unwrap_or(line.len())]);
    }
    said
}

/// Where the value of the label at `start..end` begins; nothing where these words are no label. Behind
/// another label's value it may be `glued` to it: 来源：青山日报作者：李四.
fn value_at(line: &str, start: usize, end: usize, glued: bool) -> Option<usize> {
    if !glued && line[..start].chars().next_back().is_some_and(|c| is_han(c) || c.is_ascii_alphabetic()) {
        return None;
    }
    let rest = line[end..].trim_start_matches(is_blank);
    let rest = rest.strip_prefix(['：', ':', '】', ']'])?;
    let rest = rest.strip_prefix(['：', ':']).unwrap_or(rest);
    Some(line.len() - rest.len())
}

impl<'a> Said<'a> {
    fn take(&mut self, what: What, value: &'a str) {
        let value = trimmed(value);
        if value.is_empty() {
            return;
        }
        let part = Part { text: value, at: 0 };
        let is_name = value.len() <= NAME_BYTES && !value.contains(['。', '！']);
        let name = |known: &mut Option<&'a str>| {
            if is_name {
                known.get_or_insert(without_buttons(value));
            }
        };
        match what {
            What::Title if TITLE_BYTES.contains(&value.len()) => {
                self.title.get_or_insert(value);
            }
            What::PageTitle => {
                let own = value.split(['_', '|']).next().unwrap_or(value);
                let own = own.rsplit_once(['-', '—']).map_or(own, |(own, _)| own).trim_matches(is_blank);
                if TITLE_BYTES.contains(&own.len()) {
                    self.title.get_or_insert(own);
                }
            }
            What::Number => self.number = self.number.or_else(|| number::alone(part)),
            What::Issuer if is_organ(value) => {
                self.issuer.get_or_insert(part);
            }
            What::Date => {
                self.date = self.date.or_else(|| Some(Dated { day: only_date(value)?, part }));
            }
            What::Published => self.published = self.published.or_else(|| moment(value)),
            What::From => name(&mut self.from),
            What::Author => name(&mut self.author),
            What::Editor => name(&mut self.editor),
            What::Index => name(&mut self.index),
            What::Column => name(&mut self.column),
            What::Site => name(&mut self.site),
            What::Views => {
                let count = value.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
                if !count.is_empty() && count.len() <= 9 {
                    self.views.get_or_insert(count);
                }
            }
            What::Url => {
                let url = value.split(is_blank).next().unwrap_or(value);
                if url.len() <= URL_BYTES && (url.starts_with("http") || url.starts_with("//")) {
                    self.url.get_or_insert(url);
                }
            }
            What::Title | What::Issuer | What::Other => {}
        }
    }

    fn take_bare_date(&mut self, text: &'a str) {
        if self.published.is_some() {
            return;
        }
        let text = trimmed(text);
        if let Some((day, time)) = moment(text)
            && let Some((_, len)) = date_at(text)
            && text[len..].trim_matches(is_blank) == time.unwrap_or_default()
        {
            self.published = Some((day, time));
        }
    }
}

/// `name` without the buttons behind it.
fn without_buttons(name: &str) -> &str {
    let end = name.char_indices().find(|&(at, c)| {
        is_blank(c) && BUTTONS.iter().any(|word| name[at..].trim_start_matches(is_blank).starts_with(word))
    });
    end.map_or(name, |(at, _)| &name[..at])
}

/// A day, and a time of day behind it.
fn moment(text: &str) -> Option<(Day, Option<&str>)> {
    let (day, len) = date_at(text)?;
    let rest = text[len..].trim_start_matches(|c: char| is_blank(c) || c == 'T');
    let end = rest.find(|c: char| !(c.is_ascii_digit() || c == ':')).unwrap_or(rest.len());
    let time = &rest[..end];
    let is_time =
        (4..=8).contains(&time.len()) && time.contains(':') && time.starts_with(|c: char| c.is_ascii_digit());
    Some((day, is_time.then_some(time)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_read_with_their_values() {
        let text = "\
            标题：关于做好防汛工作的通知\n\
            索引号：000014349/2024-00001 发文机关：青山县人民政府 成文日期：2024年3月5日\n\
            发文字号：青政发〔2024〕5号 主题分类：水利\n\
            2024-03-06 08:30:00 信息来源： 青山日报 【字体：大 中 小】\n\
            作者：李四　责任编辑：王五\n\
            浏览次数：1024次 网址：https://qs.example/1.html";
        let said = said(text);
        assert_eq!(said.title, Some("关于做好防汛工作的通知"));
        assert_eq!(said.index, Some("000014349/2024-00001"));
        assert_eq!(said.issuer.map(|part| part.text), Some("青山县人民政府"));
        assert_eq!(said.date.map(|date| date.day.to_string()).as_deref(), Some("2024-03-05"));
        assert_eq!(said.number.map(|number| number.serial), Some(5));
        let (day, time) = said.published.unwrap();
        assert_eq!((day.to_string().as_str(), time), ("2024-03-06", Some("08:30:00")));
        assert_eq!((said.from, said.author, said.editor), (Some("青山日报"), Some("李四"), Some("王五")));
        assert_eq!((said.views, said.url), (Some("1024"), Some("https://qs.example/1.html")));
    }

    #[test]
    fn names_end_at_buttons_and_at_the_next_label() {
        let told = said("2024-05-06 10:30 来源：青山日报作者：李四 举报\n");
        assert_eq!((told.from, told.author), (Some("青山日报"), Some("李四")));
        assert_eq!(said("来源：县财政局 资金来源：自筹").from, Some("县财政局 资金来源：自筹"));
    }

    #[test]
    fn values_keep_their_own_brackets() {
        for (value, bare) in [
            ("关于印发办法（试行）", "关于印发办法（试行）"),
            (" 青山日报】【", "青山日报"),
            ("（王五", "王五"),
            ("- 新华网 |", "新华网"),
            ("王五）", "王五"),
            ("【", ""),
        ] {
            assert_eq!(trimmed(value), bare, "{value}");
        }
    }

    #[test]
    fn what_is_no_label_says_nothing() {
        for text in
            ["资金来源：县财政", "来源不明", "会议时间：2024-03-05", "发布时间：待定", "编辑部：", "文号：无"]
        {
            assert_eq!(said(text), Said::default(), "{text}");
        }
    }
}
