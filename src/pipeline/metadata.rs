//! What a document says of itself, on its two ways out: as the member `jingwen` of its row, and as
//! the facts by which copies are told from look-alikes.

use xxhash_rust::xxh3::xxh3_64;

use crate::copies::Facts;
use crate::copies::Number;
use crate::fields::Fields;
use crate::pipeline::json;

/// The member of a row that holds the fields. A row that has it already keeps its own.
pub(crate) const MEMBER: &str = "jingwen";

/// Appends `,"jingwen":{…}` with the fields that were found; nothing where there are none.
pub(crate) fn push(fields: &Fields<'_>, out: &mut Vec<u8>) {
    let start = out.len();
    out.extend_from_slice(b",\"");
    out.extend_from_slice(MEMBER.as_bytes());
    out.extend_from_slice(b"\":{");
    let mut any = false;
    let mut push = |name: &str, value: Option<&str>| {
        if let Some(value) = value {
            out.extend_from_slice(if any { b",\"" } else { b"\"" });
            any = true;
            out.extend_from_slice(name.as_bytes());
            out.extend_from_slice(b"\":");
            json::push_string(value, out);
        }
    };
    let day = |dated: Option<crate::fields::Dated<'_>>| dated.map(|dated| dated.day.to_string());
    push("title", fields.title.map(|part| part.text));
    push("issuer", fields.issuer.map(|part| part.text));
    push("number", fields.number.map(|number| number.part.text));
    push("date", day(fields.date).as_deref());
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
    push("forward", (!signs.is_empty()).then(|| signs.join(" ")).as_deref());
    if any {
        out.push(b'}');
    } else {
        out.truncate(start);
    }
}

/// The facts about the clean text `text` with these fields.
pub(crate) fn facts(fields: &Fields<'_>, text: &str) -> Facts {
    let number = fields.number.map(|number| Box::new(Number::new(number.prefix, number.year, number.serial)));
    let issuer = fields.issuer.map(|issuer| {
        let name: String = issuer.text.chars().filter(|c| !c.is_whitespace()).collect();
        xxh3_64(name.as_bytes())
    });
    let date = fields.date.map(|dated| {
        u32::from(dated.day.year) * 10_000 + u32::from(dated.day.month) * 100 + u32::from(dated.day.day)
    });
    let carries_at = fields
        .carries_at()
        .filter(|_| number.is_some())
        .map(|word| text[..word].chars().filter(|c| c.is_alphanumeric()).count() as u32);
    Facts { number, issuer, date, is_forward: fields.forward.any(), carries_at }
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
        push(&fields, &mut out);
        assert_eq!(
            String::from_utf8(out).unwrap(),
            ",\"jingwen\":{\"title\":\"关于转发县水务局防汛方案的通知\",\"number\":\"青政办发〔2024〕12号\",\
             \"addressee\":\"各乡镇\",\"forward\":\"source\"}"
        );
        let facts = facts(&fields, text);
        assert_eq!((facts.carries_at, facts.is_forward, facts.number.is_some()), (Some(13), true, true));
        let mut out = Vec::new();
        push(&crate::fields::read("今日停水。"), &mut out);
        assert_eq!(out, b"");
    }
}
