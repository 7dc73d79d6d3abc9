//! The head: marks above the title, labels of a page, the number; all lines before the first
//! sentence of the body.

use crate::fields::date::only_date;
use crate::fields::labels::{self, Label};
use crate::fields::note::{is_note, under};
use crate::fields::number::{self, Number};
use crate::fields::title::{TITLE_BYTES, goes_on, is_title, named_by, title};
use crate::fields::words::{REACH, SECRECY, URGENCY, is_organ, without_note};
use crate::fields::{Dated, Fields, Part, flat, start_of};
use crate::text::chars::is_blank;

/// Bytes of the head: the navigation of a page and the notes of a law that was amended ten times.
const HEAD_BYTES: usize = 3 << 10;

/// Lines of the head.
const HEAD_LINES: usize = 48;

/// A line longer than this, in bytes, is body: titles are below 100 characters, lists of
/// addressees end in a colon.
const LONG_LINE: usize = 360;

struct Head<'a> {
    lines: [Part<'a>; HEAD_LINES],
    n: usize,
    /// The body was met: what stands above it is all there is.
    ended: bool,
}

impl<'a> Head<'a> {
    fn of(text: &'a str) -> Self {
        let mut head = Self { lines: [Part::default(); HEAD_LINES], n: 0, ended: false };
        let window = start_of(text, HEAD_BYTES);
        let stop_from = |at: usize| {
            memchr::memmem::find(&window.as_bytes()[at..], "。".as_bytes()).map_or(usize::MAX, |n| at + n)
        };
        let (mut at, mut stop) = (0, stop_from(0));
        while at < window.len() && head.n < HEAD_LINES {
            let end = memchr::memchr(b'\n', &window.as_bytes()[at..]).map_or(window.len(), |n| at + n);
            let line = Part { text: &window[at..end], at }.trim();
            let has_stop = stop < end;
            if has_stop {
                stop = stop_from(end);
            }
            at = end + 1;
            if line.text.is_empty() {
                continue;
            }
            if is_body(line.text, has_stop) {
                head.ended = true;
                break;
            }
            head.lines[head.n] = line;
            head.n += 1;
        }
        head.ended |= at >= text.len();
        head
    }

    fn lines(&self) -> &[Part<'a>] {
        &self.lines[..self.n]
    }
}

/// A line of the body: it holds a sentence or is too long for a heading.
fn is_body(line: &str, has_stop: bool) -> bool {
    line.len() > LONG_LINE && !line.ends_with('：') && !(line.starts_with('（') && is_note(line))
        || has_stop && !(line.starts_with('（') && is_note(line))
        || line.starts_with("第一条")
        || line.starts_with("第一章")
        || line.starts_with("## ")
        || line.starts_with("**第一条")
}

pub(super) fn read<'a>(text: &'a str, fields: &mut Fields<'a>) {
    let head = Head::of(text);
    let lines = head.lines();
    labels(text, lines, fields);
    let mut top = 0;
    for line in lines.iter().take(8) {
        if !mark(*line, fields) {
            break;
        }
        top += 1;
    }
    numbers(lines, fields);
    let title = title(text, lines, top, fields.title);
    if let Some((part, next)) = title {
        fields.title.get_or_insert(part);
        under(&lines[next..], fields);
        if fields.issuer.is_none() {
            fields.issuer = named_by(part);
        }
    }
    if lines.len() <= 2 && fields.title.is_none() {
        flat::read(text, fields);
    }
}

/// The values of `发文字号：` and other labels, on the same line or the next.
fn labels<'a>(text: &'a str, lines: &[Part<'a>], fields: &mut Fields<'a>) {
    for (n, line) in lines.iter().enumerate() {
        let Some((label, at)) = labels::label(line.text) else { continue };
        let mut value = line.slice(at..line.text.len()).trim();
        if value.text.is_empty() {
            match lines.get(n + 1) {
                Some(next) if labels::label(next.text).is_none() => value = *next,
                _ => continue,
            }
        }
        match label {
            Label::Title if TITLE_BYTES.contains(&value.text.len()) => {
                let next = lines.get(n + 1).filter(|next| next.at > value.at && goes_on(value.text));
                if let Some(next) = next.filter(|next| !next.text.starts_with('【')) {
                    value = Part { text: &text[value.at..next.span().end], at: value.at };
                }
                fields.title.get_or_insert(value);
            }
            Label::Number => {
                fields.number = fields.number.or_else(|| number::alone(value).or(number::series(value)));
            }
            Label::Issuer if is_organ(value.text) => {
                fields.issuer.get_or_insert(value);
            }
            Label::Date => {
                fields.date =
                    fields.date.or_else(|| Some(Dated { day: only_date(value.text)?, part: value }));
            }
            _ => {}
        }
    }
}

/// Reads a line of marks above the title: secrecy, urgency, copy number, `…文件`.
fn mark<'a>(line: Part<'a>, fields: &mut Fields<'a>) -> bool {
    let text = line.text;
    if text.len() == 6 && text.bytes().all(|b| b.is_ascii_digit()) || REACH.contains(&text) {
        return true;
    }
    if let Some(name) = text.strip_suffix("文件").map(|name| name.trim_end_matches(is_blank))
        && is_organ(name)
    {
        fields.issuer.get_or_insert(line.slice(0..name.len()));
        return true;
    }
    let mut any = false;
    for part in text.split(is_blank).filter(|part| !part.is_empty()) {
        let part = line.within(part);
        if URGENCY.contains(&part.text) {
            fields.urgency.get_or_insert(part);
        } else if is_secrecy(part.text) {
            fields.secrecy.get_or_insert(part);
        } else {
            return any;
        }
        any = true;
    }
    any
}

/// `机密`, `机密★`, `机密★1年`, `秘密★长期`.
pub(super) fn is_secrecy(text: &str) -> bool {
    let Some(term) = SECRECY.iter().find_map(|level| text.strip_prefix(level)) else { return false };
    let Some(term) = term.strip_prefix('★') else { return term.is_empty() };
    let count =
        term.trim_start_matches(|c: char| c.is_ascii_digit() || crate::text::chars::is_han_numeral(c));
    matches!(term, "" | "长期")
        || count.len() < term.len() && matches!(count, "年" | "个月" | "月" | "日" | "天")
}

/// The number that stands alone on a line. Two different ones make a list, and a list has none.
fn numbers<'a>(lines: &[Part<'a>], fields: &mut Fields<'a>) {
    let mut found: Option<Number<'a>> = None;
    for (n, line) in lines.iter().enumerate() {
        let signer = line.text.len() < 150 && line.text.contains("签发人");
        if !signer && !line.text.ends_with(['号', '）', ')']) {
            continue;
        }
        let above = n.checked_sub(1).map(|n| lines[n]);
        // 签发人 stands at the right of the number (GB/T 9704-2012 7.2.6).
        let without = line.text.find("签发人").map_or(*line, |at| line.slice(0..at).trim());
        let whole = |number: &Number<'_>| number.part.text.len() == without.text.len();
        let own = number::alone(without)
            .or_else(|| number::series(without).filter(whole))
            .or_else(|| above.and_then(|above| number::below(above, without)))
            .or_else(|| after_title(*line));
        let Some(own) = own else { continue };
        if above.is_some_and(|above| leads_elsewhere(above.text)) {
            continue;
        }
        if found.is_some_and(|first| !first.same(&own)) {
            fields.number = None;
            return;
        }
        found.get_or_insert(own);
    }
    if fields.number.is_none() {
        fields.number = found;
    }
    if fields.issuer.is_none()
        && let Some(number) = &fields.number
        && let Some(name) = number.prefix.strip_suffix('令')
        && (is_organ(name) || name.ends_with("主席"))
    {
        let line = lines.iter().find(|line| line.text.starts_with(name) && line.at <= number.part.at);
        fields.issuer = line.map(|line| line.slice(0..name.len()));
    }
}

/// `关于……的通知（青政办发〔2024〕12号）`.
fn after_title(line: Part<'_>) -> Option<Number<'_>> {
    let bare = without_note(line.text);
    if bare.len() == line.text.len() || !is_title(line.text) {
        return None;
    }
    let note = line.slice(bare.len()..line.text.len());
    number::alone(note)
}

/// A line after which a number belongs to another document.
fn leads_elsewhere(line: &str) -> bool {
    ["相关", "链接", "依据", "附件", "原文", "废止", "参考", "解读"].iter().any(|word| line.contains(word))
}
