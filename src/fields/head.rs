//! The head: marks, number, title, note under the title, addressee; all lines before the first
//! sentence of the body.

use crate::fields::date::{date_at, only_date, years};
use crate::fields::number::{self, Number};
use crate::fields::words::{self, Label, REACH, SECRECY, URGENCY, ends_in_type, is_organ, without_note};
use crate::fields::{Dated, Fields, Part, flat, start_of};
use crate::text::chars::{is_blank, is_han};

/// Bytes of the head: the navigation of a page and the notes of a law that was amended ten times.
const HEAD_BYTES: usize = 3 << 10;

/// Lines of the head.
const HEAD_LINES: usize = 48;

/// A line longer than this, in bytes, is body: titles are below 100 characters, lists of
/// addressees end in a colon.
const LONG_LINE: usize = 360;

/// Shortest and longest title, in bytes.
const TITLE_BYTES: std::ops::RangeInclusive<usize> = 12..=330;

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
        let Some((label, at)) = words::label(line.text) else { continue };
        let mut value = line.slice(at..line.text.len()).trim();
        if value.text.is_empty() {
            match lines.get(n + 1) {
                Some(next) if words::label(next.text).is_none() => value = *next,
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
                fields.number = fields.number.or_else(|| number::alone(value).or(number::series(value)))
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

/// A title broken behind a word that never ends one.
fn goes_on(text: &str) -> bool {
    text.ends_with(['的', '和', '与', '及', '、', '对', '在'])
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
        let signed = line.text.find("签发人").map_or(*line, |at| line.slice(0..at).trim());
        let whole = |number: &Number<'_>| number.part.text.len() == signed.text.len();
        let own = number::alone(signed)
            .or_else(|| number::series(signed).filter(whole))
            .or_else(|| above.and_then(|above| number::below(above, signed)))
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

/// A line that may be a title by its last word.
fn is_title(text: &str) -> bool {
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
fn title<'a>(
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
        if words::label(line.text).is_some() || !is_title(line.text) {
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
        let dated = rest.get(n + 1).is_some_and(|next| words::label(next.text).is_some());
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
        if noted && is_title(line.text) && words::label(line.text).is_none() {
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

/// A line under the title of a law that tells its history, or gives the date of a speech.
fn is_note(text: &str) -> bool {
    const DONE: &[&str] =
        &["通过", "公布", "发布", "修订", "修正", "修改", "批准", "施行", "制定", "签署", "会议上"];
    only_date(text).is_some()
        || (text.starts_with(['（', '('])
            || text.starts_with(|c: char| c.is_ascii_digit())
            || text.starts_with("根据")
            || text.starts_with(['—', '-'])
            || text.starts_with("中華民國"))
            && (DONE.iter().any(|word| text.contains(word)) || text.starts_with("中華民國"))
            && years(text).next().is_some() | text.starts_with("中華民國")
}

/// What stands between the title and the body: notes, number of an order, addressee.
fn under<'a>(lines: &[Part<'a>], fields: &mut Fields<'a>) {
    let mut latest: Option<Dated<'a>> = None;
    let (mut order, mut n_orders, mut amended) = (None, 0, false);
    for line in lines {
        if is_note(line.text) {
            note_dates(*line, &mut latest);
            amended |= ["修订", "修正", "修改"].iter().any(|word| line.text.contains(word));
            if let Some(number) = note_order(*line) {
                n_orders += 1;
                order = Some(number);
            }
        } else if fields.addressee.is_none()
            && let Some(names) = line.text.strip_suffix(['：', ':'])
            && is_addressee(names)
        {
            fields.addressee = Some(line.slice(0..names.len()));
        }
    }
    fields.date = fields.date.or(latest);
    if let (None, Some((number, issuer)), 1, false) = (fields.number, order, n_orders, amended) {
        fields.number = Some(number);
        fields.issuer = fields.issuer.or(Some(issuer));
    }
}

/// The dates of a note on which something was done, the coming into force left aside.
fn note_dates<'a>(line: Part<'a>, latest: &mut Option<Dated<'a>>) {
    const DONE: &[&str] = &["通过", "公布", "发布", "修订", "修正", "修改", "批准", "签署", "会议上"];
    let text = line.text;
    let alone = only_date(text).is_some();
    let mut from = 0;
    for at in years(text) {
        if at < from {
            continue;
        }
        let Some((day, len)) = date_at(&text[at..]) else { continue };
        from = at + len;
        let next = years(&text[from..]).find(|n| date_at(&text[from + n..]).is_some());
        let told = &text[from..next.map_or(text.len(), |n| from + n)];
        if (alone || DONE.iter().any(|word| told.contains(word)))
            && latest.is_none_or(|known| known.day < day)
        {
            *latest = Some(Dated { day, part: line.slice(at..from) });
        }
    }
}

/// `国务院令第621号` in a note, with the issuer it names.
fn note_order<'a>(line: Part<'a>) -> Option<(Number<'a>, Part<'a>)> {
    let sign = line.text.find("令第").or_else(|| line.text.find("令 第"))?;
    let from = line.text[..sign]
        .char_indices()
        .rev()
        .find(|(_, c)| !is_han(*c) && *c != '、' || *c == '日')
        .map_or(0, |(at, c)| at + c.len_utf8());
    let number = number::series(line.slice(from..line.text.len()))?;
    let name = number.prefix.strip_suffix('令')?;
    is_organ(name).then_some((number, line.slice(from..from + name.len())))
}

/// The addressees of a document: organs, or all of a kind.
fn is_addressee(text: &str) -> bool {
    let first = text.split(['、', '，', '；', ',', ';']).next().unwrap_or_default();
    !text.contains(['。', '：'])
        && !text.starts_with("各位")
        && (text.starts_with('各') || is_organ(first))
        && !["如下", "要求", "通知", "指出"].iter().any(|word| text.ends_with(word))
}

/// The organ in front of 关于 in a title.
pub(super) fn named_by(title: Part<'_>) -> Option<Part<'_>> {
    let at = title.text.find("关于")?;
    let name = title.text[..at].trim_end_matches(|c: char| is_blank(c) || c == '\n');
    is_organ(name).then(|| title.slice(0..name.len()))
}
