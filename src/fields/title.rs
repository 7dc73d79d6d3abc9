//! The title: by its label, as a heading, by the type of document at its end, or echoed by a page.
//!
//! A line that may be a title stands in lists of titles too, so two different ones are none.

use crate::fields::labels::label;
use crate::fields::note::is_note;
use crate::fields::words::{ends_in_type, is_organ, without_note};
use crate::fields::{Part, number};
use crate::text::chars::{is_blank, is_han};

/// Shortest and longest title, in bytes.
pub(super) const TITLE_BYTES: std::ops::RangeInclusive<usize> = 12..=330;

/// A line that may be a title by its last word.
pub(super) fn is_title(text: &str) -> bool {
    TITLE_BYTES.contains(&text.len())
        && ends_in_type(text)
        && !text.contains(['。', '；', '！', '|', '>', '…', '→'])
        && !starts_with_label(text)
        && text.matches('《').count() == text.matches('》').count()
}

/// 一、（一）1. 第一章 ·: a heading or an entry of a list.
fn starts_with_label(text: &str) -> bool {
    let mut chars = text.chars();
    match chars.next() {
        Some('（' | '(' | '·' | '•' | '*' | '-' | '[' | '>') => true,
        Some('第') => text.contains(['章', '条', '节', '编']) && !text.contains("关于"),
        Some(c) if c.is_ascii_digit() => {
            let rest = text.trim_start_matches(|c: char| c.is_ascii_digit());
            rest.starts_with(['.', '．', '、', '）', ')', '-', '/'])
        }
        Some(c) if crate::text::chars::is_han_numeral(c) => {
            text.trim_start_matches(crate::text::chars::is_han_numeral).starts_with(['、', '．', '.'])
        }
        _ => false,
    }
}

/// Lines in which a Markdown heading is the title: a table of settings may stand above it.
const HEADING_WITHIN: usize = 4;

/// The title and the number of the line below it.
pub(super) fn title<'a>(
    text: &'a str,
    lines: &[Part<'a>],
    top: usize,
    labelled: Option<Part<'a>>,
) -> Option<(Part<'a>, usize)> {
    if let Some(title) = labelled {
        let at = lines.iter().position(|line| line.text == title.text && line.at > title.at);
        return Some((title, at.map_or(lines.len(), |at| at + 1)));
    }
    for (n, line) in lines.iter().take(HEADING_WITHIN).enumerate() {
        if let Some(heading) = line.text.strip_prefix("# ") {
            let heading = heading.trim_matches(|c| is_blank(c) || matches!(c, '*' | '_'));
            let part = line.within(heading);
            return Some((part, n + 1)).filter(|_| heading.len() >= 6 && !starts_with_label(heading));
        }
    }
    official(text, lines).or_else(|| echoed(lines)).or_else(|| bare(lines, top)).or_else(|| news(lines))
}

/// `……关于……的通知` on one line or two. Different ones make a list, and a list has no title.
fn official<'a>(text: &'a str, lines: &[Part<'a>]) -> Option<(Part<'a>, usize)> {
    let mut found: Option<(Part<'a>, usize)> = None;
    for (n, line) in lines.iter().enumerate() {
        if label(line.text).is_some() || !is_title(line.text) {
            continue;
        }
        let mut part = Part { text: without_number(line.text), at: line.at };
        if !line.text.contains("关于") {
            let Some(above) = n.checked_sub(1).map(|n| lines[n]).filter(opens_title) else { continue };
            part = Part { text: &text[above.at..part.span().end], at: above.at };
        }
        match found {
            // A page repeats its title, and cuts it in the path above.
            Some((first, _)) if first.text == part.text => {}
            Some(_) => return None,
            None => found = Some((part, n + 1)),
        }
    }
    found
}

/// The first line of a title that goes on below.
fn opens_title(line: &Part<'_>) -> bool {
    line.text.contains("关于")
        && TITLE_BYTES.contains(&line.text.len())
        && !ends_in_type(line.text)
        && !starts_with_label(line.text)
        && !line.text.contains(['。', '：', '；', '|', '>'])
}

/// A title without the number that follows it in brackets.
fn without_number(text: &str) -> &str {
    let bare = without_note(text);
    if number::find(&text[bare.len()..], 0).is_some() { bare } else { text }
}

/// Marks between the title and the site in the first line of a page.
const BETWEEN: &[char] = &['-', '_', '|', '—', '–', '【', '｜'];

/// The line that the first line of a page, its `<title>`, begins or ends with.
fn echoed<'a>(lines: &[Part<'a>]) -> Option<(Part<'a>, usize)> {
    let (first, rest) = lines.split_first()?;
    let mut best: Option<(Part<'a>, usize)> = None;
    for (n, line) in rest.iter().enumerate() {
        let text = line.text;
        if !TITLE_BYTES.contains(&text.len()) || best.is_some_and(|(part, _)| part.text.len() >= text.len()) {
            continue;
        }
        let begins = |rest: &str| rest.trim_start_matches(is_blank).starts_with(BETWEEN);
        let ends = |rest: &str| rest.trim_end_matches(is_blank).ends_with(BETWEEN);
        // A site's name is the shorter part of a page's title.
        let most = text.len() * 2 >= first.text.len();
        let echo = first.text.strip_prefix(text).is_some_and(begins)
            || first.text.strip_suffix(text).is_some_and(ends);
        // The path of the page, then the title, then the date.
        let path = n > 0
            && rest[n - 1].text.strip_suffix(text).is_some_and(|path| path.ends_with([' ', '>', '：']))
            || n == 0 && first.text.strip_suffix(text).is_some_and(|path| path.ends_with([' ', '>', '：']));
        let dated = rest.get(n + 1).is_some_and(|next| label(next.text).is_some());
        if most && echo || path && dated {
            best = Some((*line, n + 2));
        }
    }
    best.filter(|(title, _)| !is_organ(title.text) && !title.text.ends_with(['网', '站']))
}

/// A title without 关于, of a law or a plan: the first line below the marks, with a note, a date or
/// the body right below it.
fn bare<'a>(lines: &[Part<'a>], top: usize) -> Option<(Part<'a>, usize)> {
    for (n, line) in lines.iter().enumerate().skip(top).take(4) {
        let noted = lines.get(n + 1).is_some_and(|next| is_note(next.text));
        if noted && is_title(line.text) && label(line.text).is_none() {
            let bare = without_note(line.text);
            let code = line.text[bare.len()..].trim_matches(['（', '）', '(', ')']);
            let coded = !code.is_empty() && code.bytes().all(|b| b.is_ascii_digit());
            let title = if coded { line.slice(0..bare.len()) } else { *line };
            return Some((title, n + 1));
        }
    }
    None
}

/// The headline above the dateline of a news agency.
fn news<'a>(lines: &[Part<'a>]) -> Option<(Part<'a>, usize)> {
    let (first, rest) = lines.split_first()?;
    let next = rest.first()?;
    let dateline = ["新华社", "本报", "中新社", "中新网", "央视网", "人民日报"]
        .iter()
        .any(|who| next.text.starts_with(who));
    (dateline
        && !goes_on(first.text)
        && TITLE_BYTES.contains(&first.text.len())
        && first.text.chars().next().is_some_and(is_han))
    .then_some((*first, 1))
}

/// The organ in front of 关于 in a title.
pub(super) fn named_by(title: Part<'_>) -> Option<Part<'_>> {
    let at = title.text.find("关于")?;
    let name = title.text[..at].trim_end_matches(|c: char| is_blank(c) || c == '\n');
    is_organ(name).then(|| title.slice(0..name.len()))
}

/// A title broken behind a word that never ends one.
pub(super) fn goes_on(text: &str) -> bool {
    text.ends_with(['的', '和', '与', '及', '、', '对', '在'])
}
