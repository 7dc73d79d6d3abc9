//! What a page says about its document beside the text: its title, and labels with their values.

use std::ops::Range;

use crate::markup::page::attributes::{attribute, attributes};
use crate::markup::page::lines::reference;
use crate::markup::page::outline::{Line, Outline};
use crate::text::chars::{is_blank, is_han};

/// Bytes of source in front of the body and behind it, in lines of text, that are looked at for labels.
const LOOK: usize = 3 << 10;

/// The longest line that holds labels, in half characters.
const LONG_LINE: u32 = 400;

/// Shortest title in half characters: 通知 says nothing.
const LEAST_TITLE: usize = 8;

/// Longest title in bytes.
const MOST_TITLE: usize = 400;

/// The title of the page is looked at so far, in bytes: every line is held against it.
const MOST_OF_PAGE: usize = 2048;

/// Lines of headings below the title that are a part of it.
const MOST_HEADINGS: usize = 2;

/// Names of `meta` elements, by 国办发〔2017〕47号 and as others write them, and the label that says the
/// same in a text. The first is the title; the first found of a label counts.
const META: &[(&str, &str)] = &[
    ("ArticleTitle", "标题"),
    ("PubDate", "发布时间"),
    ("article:published_time", "发布时间"),
    ("publishdate", "发布时间"),
    ("ContentSource", "来源"),
    ("Source", "来源"),
    ("ColumnName", "栏目"),
    ("SiteName", "网站名称"),
    ("og:site_name", "网站名称"),
    ("Url", "网址"),
    ("og:url", "网址"),
];

/// The title of the document and where it stands.
pub(super) struct Title {
    pub(super) text: String,
    pub(super) span: Range<usize>,
    /// It stands in front of the body, not in it.
    pub(super) is_outside: bool,
}

/// The source `text` as a reader sees it: without tags, references decoded, blanks once.
pub(super) fn shown(source: &str) -> String {
    let mut out = String::new();
    let (mut rest, mut in_tag) = (source, false);
    while let Some(c) = rest.chars().next() {
        let (mut c, mut len) = (c, c.len_utf8());
        if c == '&' && !in_tag {
            let (known, n) = reference(rest);
            if let Some(known) = known {
                (c, len) = (known, n);
            }
        }
        rest = &rest[len..];
        match c {
            '<' if rest.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!')) => {
                in_tag = true;
            }
            '>' if in_tag => in_tag = false,
            _ if in_tag => {}
            c if is_blank(c) || c.is_control() => {
                if !out.ends_with(' ') && !out.is_empty() {
                    out.push(' ');
                }
            }
            c => out.push(c),
        }
    }
    out.truncate(out.trim_end().len());
    out
}

/// ASCII counts one, all else two.
fn half_characters(text: &str) -> usize {
    text.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum()
}

/// Where a line stands, its text.
fn line_text(text: &str, line: &Line) -> String {
    shown(&text[line.at as usize..line.end as usize])
}

/// Longest line that is the number of a document, in bytes.
const MOST_NUMBER: usize = 90;

/// `（青水发〔2024〕5号）`, and nothing else.
fn is_number(line: &str) -> bool {
    let inner =
        line.strip_prefix(['（', '(']).and_then(|line| line.strip_suffix(['）', ')'])).unwrap_or(line);
    let Some((organ, rest)) = inner.split_once(['〔', '[', '（', '(']) else { return false };
    let Some((year, serial)) = rest.split_once(['〕', ']', '）', ')']) else { return false };
    let serial = serial.trim().trim_start_matches('第').strip_suffix('号').unwrap_or_default().trim();
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    line.len() <= MOST_NUMBER
        && !organ.is_empty()
        && organ.chars().all(is_han)
        && year.len() == 4
        && is_digits(year)
        && is_digits(serial)
}

/// The first value of each row of [`META`] that the page has.
fn values<'t>(text: &'t str, outline: &Outline) -> [Option<&'t str>; META.len()] {
    let mut values = [None; META.len()];
    for token in &outline.meta {
        let (mut name, mut property, mut content) = (None, None, None);
        for (known, value) in attributes(&text[token.span()]) {
            if known.eq_ignore_ascii_case("name") {
                name.get_or_insert(value);
            } else if known.eq_ignore_ascii_case("property") {
                property.get_or_insert(value);
            } else if known.eq_ignore_ascii_case("content") {
                content.get_or_insert(value);
            }
        }
        let Some(known) = name.or(property) else { continue };
        let Some(value) = content.filter(|value| !value.trim().is_empty()) else { continue };
        if let Some(n) = META.iter().position(|(name, _)| name.eq_ignore_ascii_case(known)) {
            values[n].get_or_insert(value);
        }
    }
    values
}

/// The title: the heading, or the line in front of the body or at its start, that the title of the page
/// repeats.
pub(super) fn title(text: &str, outline: &Outline, body: Option<&[Range<usize>]>) -> Option<Title> {
    let of_page = values(text, outline)[0]
        .map(shown)
        .or_else(|| outline.title.map(|token| shown(&text[token.span()])))?;
    let of_page = &of_page[..of_page.floor_char_boundary(MOST_OF_PAGE)];
    let of_page: String = of_page.chars().filter(|c| !is_blank(*c)).collect();
    let most = half_characters(&of_page);
    let first = body.and_then(|body| body.first()).map_or(0..text.len(), Range::clone);
    let start = first.start;
    let mut found: Option<Title> = None;
    for (n, line) in outline.lines.iter().enumerate() {
        let is_outside = (line.at as usize) < start;
        // The first lines of the body; what comes further down speaks about the title.
        if !is_outside && line.at as usize > (start + LOOK).min(first.end) {
            break;
        }
        if line.link > line.plain.units && !line.is_heading || line.end - line.at > 2 * MOST_TITLE as u32 {
            continue;
        }
        // A reference counts one here, and may be more: `&mdash;`.
        let units = (line.plain.units + line.link) as usize;
        if 2 * units < LEAST_TITLE || units > most {
            continue;
        }
        let span = line.at as usize..line.end as usize;
        let shown = shown(&text[span.clone()]);
        let bare: String = shown.chars().filter(|c| !is_blank(*c)).collect();
        if half_characters(&bare) < LEAST_TITLE || bare.len() > MOST_TITLE || !of_page.contains(&bare) {
            continue;
        }
        // A site's name is the shorter part of a page's title.
        if !line.is_heading && bare.len() * 2 < of_page.len() {
            continue;
        }
        if !is_outside && found.as_ref().is_some_and(|title| title.text != shown) {
            break;
        }
        // A second heading right below is the second line of the title; the number of the document is its own.
        let more = outline.lines[n + 1..].iter().take_while(|line| {
            let is_part = line.is_heading || is_number(&line_text(text, line));
            is_outside && line.link == 0 && (line.at as usize) < start && is_part
        });
        let end = more.take(MOST_HEADINGS).last().map_or(span.end, |line| line.end as usize);
        found = Some(Title { text: shown, span: span.start..end, is_outside });
        if !is_outside {
            break;
        }
    }
    found
}

/// Appends what the page says, one label and value a line.
pub(super) fn say(
    text: &str,
    outline: &Outline,
    title: Option<&Title>,
    body: Option<&[Range<usize>]>,
    said: &mut String,
) {
    let mut push = |label: &str, value: &str| {
        if !value.is_empty() && value.len() <= 2 * MOST_TITLE {
            said.push_str(label);
            said.push('：');
            said.push_str(value);
            said.push('\n');
        }
    };
    if let Some(title) = title {
        push("标题", &title.text);
    }
    for ((_, label), value) in META.iter().zip(values(text, outline)) {
        if let Some(value) = value {
            push(label, &shown(value));
        }
    }
    let canonical = outline.meta.iter().find_map(|token| {
        let tag = &text[token.span()];
        attribute(tag, "rel")?.eq_ignore_ascii_case("canonical").then(|| attribute(tag, "href"))?
    });
    push("网址", &shown(canonical.unwrap_or_default()));
    if title.is_none()
        && let Some(token) = outline.title
    {
        push("网页标题", &shown(&text[token.span()]));
    }
    let Some((first, last)) = body.and_then(|body| Some((body.first()?, body.last()?))) else { return };
    let from = outline.lines.partition_point(|line| (line.at as usize) < first.start);
    let behind = outline.lines.partition_point(|line| (line.at as usize) < last.end);
    let (mut near, mut bytes) = (from, 0);
    while near > 0 && bytes < LOOK {
        near -= 1;
        bytes += (outline.lines[near].end - outline.lines[near].at) as usize;
    }
    bytes = 0;
    let before = outline.lines[near..from].iter();
    let after = outline.lines[behind..].iter().take_while(|line| {
        bytes += (line.end - line.at) as usize;
        bytes < LOOK
    });
    for line in before.chain(after) {
        if line.plain.units + line.link > LONG_LINE {
            continue;
        }
        let shown = line_text(text, line);
        // A label whose value stands in the next cell or line goes on.
        let goes_on = shown.ends_with(['：', ':']);
        said.push_str(&shown);
        said.push(if goes_on { ' ' } else { '\n' });
    }
    if said.ends_with(' ') {
        said.push('\n');
    }
}
