//! The tail: list of attachments, signature, date, and who sent it out.

use crate::fields::date::{date_at_end, only_date};
use crate::fields::words::{ends_in_organ, is_organ};
use crate::fields::{Dated, Fields, Part, end_of};
use crate::text::chars::{is_blank, is_han};

/// Bytes of the tail: signature, note, list of copies sent, line of the printing office.
const TAIL_BYTES: usize = 1536;

/// Lines of the tail.
const TAIL_LINES: usize = 32;

/// A date that no organ stands above must be among this many last lines.
const LAST_LINES: usize = 2;

pub(super) fn read<'a>(text: &'a str, fields: &mut Fields<'a>) {
    let window = end_of(text, TAIL_BYTES);
    let from = text.len() - window.len();
    let mut lines = [Part::default(); TAIL_LINES];
    let mut n = 0;
    // From the end, so that the last lines are met first whatever stands before them.
    let mut end = window.len();
    loop {
        let start = memchr::memrchr(b'\n', &window.as_bytes()[..end]).map_or(0, |at| at + 1);
        let line = Part { text: &window[start..end], at: from + start }.trim();
        // The first line of the window may be half a line.
        if !line.text.is_empty() && (start > 0 || from == 0 || n == 0) {
            lines[n] = line;
            n += 1;
        }
        if start == 0 || n == TAIL_LINES {
            break;
        }
        end = start - 1;
    }
    lines[..n].reverse();
    signed(&lines[..n], fields);
    if let Some(last) = n.checked_sub(1).map(|n| lines[n])
        && last.text.len() > FLAT_LINE
    {
        flat(last, fields);
    }
}

fn signed<'a>(lines: &[Part<'a>], fields: &mut Fields<'a>) {
    let mut found: Option<(Dated<'a>, Option<Part<'a>>)> = None;
    let (mut attached, mut many) = (false, false);
    for (n, line) in lines.iter().enumerate() {
        let text = line.text;
        if let Some(list) = text.strip_prefix("附件：").or_else(|| text.strip_prefix("附件:")) {
            if !attached && !list.trim().is_empty() {
                fields.attachment.get_or_insert(line.within(list).trim());
            }
        } else if is_attachment_head(text) {
            attached = true;
        } else if let Some(sent) = text.strip_suffix("印发") {
            sent_out(line.within(sent).trim(), fields);
        } else if !attached && let Some((day, at)) = date_line(text) {
            let part = line.slice(at..text.len());
            let name = line.slice(0..at).trim();
            let above = n.checked_sub(1).map(|n| lines[n]).filter(|above| is_organ(above.text));
            let who = if name.text.is_empty() { above } else { Some(name) };
            let last = lines[n + 1..].iter().filter(|line| !line.text.starts_with('（')).count() < LAST_LINES;
            // Only the organ above it or its place at the end makes a date the document's own.
            if who.is_none() && !last || lines.len() == 1 {
                continue;
            }
            let dated = Dated { day, part };
            many |= found.is_some_and(|(other, _)| other.day != day);
            found.get_or_insert((dated, who));
        }
    }
    if let (Some((dated, who)), false) = (found, many) {
        if fields.date.is_none() {
            fields.date = Some(dated);
        }
        fields.issuer = fields.issuer.or(who);
    }
}

/// A line that is a date, or an organ and a date; the byte where the date begins.
fn date_line(text: &str) -> Option<(crate::fields::Day, usize)> {
    // A line of a body is long and its last character is a mark.
    if text.len() > 150 || !text.ends_with('日') {
        return None;
    }
    if let Some(day) = only_date(text) {
        return Some((day, 0));
    }
    let (day, at) = date_at_end(text)?;
    is_organ(text[..at].trim_end_matches(is_blank)).then_some((day, at))
}

/// `附件`, `附件1`, `附件2：` alone on a line open what is attached; the list says more.
fn is_attachment_head(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("附件") else { return false };
    rest.trim_matches(|c: char| c.is_ascii_digit() || matches!(c, '：' | ':' | '.') || is_blank(c)).is_empty()
        || rest.starts_with(|c: char| c.is_ascii_digit())
}

/// `青山县人民政府办公室 2024年3月5日` before 印发.
fn sent_out<'a>(line: Part<'a>, fields: &mut Fields<'a>) {
    let Some((day, at)) = date_at_end(line.text) else { return };
    // A document that was sent on again holds two such lines; the last one is its own.
    fields.sent_on = Some(Dated { day, part: line.slice(at..line.text.len()) });
    let name = line.slice(0..at).trim();
    if is_organ(name.text) {
        fields.sent_by = Some(name);
    }
}

/// A last line that is longer than this, in bytes, may hold body and signature.
const FLAT_LINE: usize = 90;

/// What may follow the date in a flattened tail.
const BEHIND: &[&str] = &["（此件", "(此件", "（联系人", "(联系人", "抄送", "（印章", "（公开发布"];

/// Bytes of such a line that are looked at: a note about reach and copies may follow the date.
const FLAT_LOOK: usize = 1500;

/// Longest date in bytes: 二〇二四年十二月二十三日, with blanks between.
const DATE_BYTES: usize = 48;

/// The signature at the end of a flattened text: an organ, then the date, then nothing or a note.
fn flat<'a>(line: Part<'a>, fields: &mut Fields<'a>) {
    let mut found: Option<(Dated<'a>, Option<Part<'a>>)> = None;
    let line = line.within(end_of(line.text, FLAT_LOOK));
    for (sign, _) in line.text.match_indices('日') {
        let end = sign + '日'.len_utf8();
        let rest = line.text[end..].trim_start_matches(is_blank);
        let ends =
            rest.is_empty() || rest.starts_with("印发") || BEHIND.iter().any(|word| rest.starts_with(word));
        if !ends {
            continue;
        }
        let from = line.text.ceil_char_boundary(end.saturating_sub(DATE_BYTES));
        let Some((day, at)) = date_at_end(&line.text[from..end]).map(|(day, at)| (day, from + at)) else {
            continue;
        };
        let len = end - at;
        let before = line.text[..at].trim_end_matches(is_blank);
        if rest.starts_with("印发") && ends_in_organ(before) {
            fields.sent_on = Some(Dated { day, part: line.slice(at..at + len) });
            continue;
        }
        if !ends_in_organ(before) {
            continue;
        }
        let name =
            before.char_indices().rev().find(|(_, c)| !is_han(*c)).map_or(0, |(at, c)| at + c.len_utf8());
        // A run of Han as long as a sentence is no name.
        let behind = before[..name].ends_with(['。', '！', '）', ' ', '\u{3000}']);
        let formal = ["特此", "附件", "此致", "妥否"].iter().any(|word| before[name..].starts_with(word));
        let short = before[name..].chars().count() <= 24 && behind && !formal;
        let who = Some(line.slice(name..before.len())).filter(|who| short && is_organ(who.text));
        if found.is_some_and(|(other, _)| other.day != day) {
            return;
        }
        found.get_or_insert((Dated { day, part: line.slice(at..at + len) }, who));
    }
    if let Some((dated, who)) = found {
        fields.date = fields.date.or(Some(dated));
        fields.issuer = fields.issuer.or(who);
    }
}
