//! What stands between the title and the body: the history of a law, the date of a speech, the
//! number of the order that issued it, the addressees.

use crate::fields::date::{date_at, only_date, years};
use crate::fields::number::{self, Number};
use crate::fields::words::is_organ;
use crate::fields::{Dated, Fields, Part};
use crate::text::chars::is_han;

/// A line under the title of a law that tells its history, or gives the date of a speech.
pub(super) fn is_note(text: &str) -> bool {
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
pub(super) fn under<'a>(lines: &[Part<'a>], fields: &mut Fields<'a>) {
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
fn note_order(line: Part<'_>) -> Option<(Number<'_>, Part<'_>)> {
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
