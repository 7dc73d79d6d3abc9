//! What a document says of itself, on its two ways out: as the member `jingwen` of its row, and as
//! the facts by which copies are told from look-alikes.

use xxhash_rust::xxh3::xxh3_64;

use crate::copies::Facts;
use crate::copies::Number;
use crate::fields::Day;
use crate::fields::Fields;
use crate::fields::Said;
use crate::pipeline::json;

/// The member of a row that holds the fields. A row that has it already keeps its own.
pub(crate) const MEMBER: &str = "jingwen";

/// Appends `,"jingwen":{…}` with the fields that were found in the text, or `said` around it; nothing
/// where there are none.
pub(crate) fn push(fields: &Fields<'_>, said: &Said<'_>, out: &mut Vec<u8>) {
    let start = out.len();
    out.extend_from_slice(b",\"");
    out.extend_from_slice(MEMBER.as_bytes());
    out.extend_from_slice(b"\":{");
    let mut any = false;
    tell_fields(fields, said, |name, value| {
        out.extend_from_slice(if any { b",\"" } else { b"\"" });
        any = true;
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(b"\":");
        json::push_string(value, out);
    });
    if any {
        out.push(b'}');
    } else {
        out.truncate(start);
    }
}

/// Tells each field that was found in a text, or `said` around it, by the name that it has in the
/// member `jingwen` of a row (`docs/fields.md`).
///
/// ```
/// use jingwen::fields::{read, said};
/// use jingwen::pipeline::tell_fields;
///
/// let mut told = Vec::new();
/// let around = said("发布时间：2024-05-06 来源：青山日报\n");
/// tell_fields(&read("今日停水。"), &around, |name, value| told.push(format!("{name}={value}")));
/// assert_eq!(told, ["published=2024-05-06", "from=青山日报"]);
/// ```
pub fn tell_fields(fields: &Fields<'_>, said: &Said<'_>, mut tell: impl FnMut(&'static str, &str)) {
    let mut push = |name, value: Option<&str>| {
        if let Some(value) = value {
            tell(name, value);
        }
    };
    let day = |dated: Option<crate::fields::Dated<'_>>| dated.map(|dated| dated.day.to_string());
    push("title", fields.title.map(|part| part.text).or(said.title));
    push("issuer", fields.issuer.or(said.issuer).map(|part| part.text));
    push("number", fields.number.or(said.number).map(|number| number.part.text));
    push("date", day(fields.date.or(said.date)).as_deref());
    push("secrecy", fields.secrecy.map(|part| part.text));
    push("urgency", fields.urgency.map(|part| part.text));
    push("addressee", fields.addressee.map(|part| part.text));
    push("attachment", fields.attachment.map(|part| part.text));
    push("sent_by", fields.sent_by.map(|part| part.text));
    push("sent_on", day(fields.sent_on).as_deref());
    push("period", fields.period.map(|part| part.text));
    let forward = fields.forward;
    let signs = [(forward.note, "note"), (forward.source, "source"), (forward.editor, "editor")];
    let signs: Vec<&str> = signs.iter().filter(|(is_there, _)| *is_there).map(|(_, name)| *name).collect();
    let published = said.published.map(|(day, time)| match time {
        Some(time) => format!("{day}T{time}"),
        None => day.to_string(),
    });
    push("published", published.as_deref());
    push("from", said.from);
    push("author", said.author);
    push("editor", said.editor);
    push("views", said.views);
    push("index", said.index);
    push("column", said.column);
    push("site", said.site);
    push("url", said.url);
    push("forward", (!signs.is_empty()).then(|| signs.join(" ")).as_deref());
}

/// The facts about the clean text `text` with these fields, and with what was `said` around it.
pub(crate) fn facts(fields: &Fields<'_>, said: &Said<'_>, text: &str) -> Facts {
    let number = fields
        .number
        .or(said.number)
        .map(|number| Box::new(Number::new(number.prefix, number.year, number.serial)));
    let issuer = fields.issuer.or(said.issuer).map(|issuer| {
        let name: String = issuer.text.chars().filter(|c| !c.is_whitespace()).collect();
        xxh3_64(name.as_bytes())
    });
    let number_of = |day: Day| u32::from(day.year) * 10_000 + u32::from(day.month) * 100 + u32::from(day.day);
    let date = fields.date.or(said.date).map(|dated| number_of(dated.day));
    let published = said.published.map(|(day, _)| number_of(day));
    let carries_at = fields
        .carries_at()
        .filter(|_| number.is_some())
        .map(|word| text[..word].chars().filter(|c| c.is_alphanumeric()).count() as u32);
    Facts { number, issuer, date, published, is_forward: fields.forward.any(), carries_at }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_become_a_member_and_facts() {
        let text =
            "青政办发〔2024〕12号\n关于转发县水务局防汛方案的通知\n各乡镇：\n请照办。\n来源：青山日报\n";
        let fields = crate::fields::read(text);
        let mut out = Vec::new();
        push(&fields, &Said::default(), &mut out);
        assert_eq!(
            String::from_utf8(out).unwrap(),
            ",\"jingwen\":{\"title\":\"关于转发县水务局防汛方案的通知\",\"number\":\"青政办发〔2024〕12号\",\
             \"addressee\":\"各乡镇\",\"forward\":\"source\"}"
        );
        let facts = facts(&fields, &Said::default(), text);
        assert_eq!((facts.carries_at, facts.is_forward, facts.number.is_some()), (Some(13), true, true));
        let mut out = Vec::new();
        push(&crate::fields::read("今日停水。"), &Said::default(), &mut out);
        assert_eq!(out, b"");
        let said =
            crate::fields::said("文号：青政发〔2024〕5号\n发布时间：2024-05-06 10:30 来源：青山日报\n");
        push(&crate::fields::read("今日停水。"), &said, &mut out);
        assert_eq!(
            String::from_utf8(out).unwrap(),
            ",\"jingwen\":{\"number\":\"青政发〔2024〕5号\",\"published\":\"2024-05-06T10:30\",\"from\":\"青山日报\"}"
        );
    }
}
