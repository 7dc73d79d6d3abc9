//! Whether a text is a page, by its content: names and headers of files lie too often.

use crate::markup::tags;

/// Bytes in which a page shows that it is one.
const HEAD: usize = 16 << 10;

/// Characters of text that may stand before `<html` or `<body`; further down it is spoken about.
const MAX_BEFORE: usize = 200;

/// Tags of known elements that make a page of a text that begins with one.
const MIN_TAGS: usize = 5;

/// Names longer than this are of no element.
pub(super) const MAX_NAME: usize = 32;

/// The text is HTML, by its content. Markdown with a few tags in it is none.
#[must_use]
pub fn is_page(text: &str) -> bool {
    let Some(rest) = behind_prologue(text) else { return false };
    let (mut known, mut closed) = (0, 0);
    for at in memchr::memchr_iter(b'<', rest.as_bytes()) {
        let tag = &rest[at + 1..];
        let begins = |word: &str| tag.get(..word.len()).is_some_and(|t| t.eq_ignore_ascii_case(word));
        if ["html", "body", "head>", "!doctype html", "frameset"].iter().any(|word| begins(word))
            && rest[..at].chars().filter(|c| !c.is_ascii()).count() <= MAX_BEFORE
        {
            return true;
        }
        let (closing, tag) = tag.strip_prefix('/').map_or((false, tag), |tag| (true, tag));
        let len = tags::name_len(&tag[..tag.floor_char_boundary(MAX_NAME)]);
        if tags::element(&tag[..len]).is_some() {
            known += 1;
            closed += usize::from(closing);
        }
    }
    rest.starts_with('<') && known >= MIN_TAGS && closed > 0
}

/// The head of the text without what may stand before its first element; `None` where that has no end.
fn behind_prologue(text: &str) -> Option<&str> {
    let head = &text[..text.floor_char_boundary(HEAD)];
    let mut rest = head.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{FEFF}' || c == '\0');
    while let Some((inner, end)) = [("<!--", "-->"), ("<?xml", "?>")]
        .iter()
        .find_map(|(start, end)| rest.strip_prefix(start).map(|inner| (inner, *end)))
    {
        rest = inner.split_once(end)?.1.trim_start();
    }
    Some(rest)
}

/// A feed has a title for each of its items, and they are read; that of a page is not.
pub(super) fn is_feed(text: &str) -> bool {
    let Some(root) = behind_prologue(text).and_then(|rest| rest.strip_prefix('<')) else { return false };
    let name = root.split(|c: char| c.is_whitespace() || c == '>').next().unwrap_or_default();
    ["rss", "feed", "rdf:RDF"].iter().any(|feed| name.eq_ignore_ascii_case(feed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_known_by_its_content() {
        for (text, is) in [
            ("<!DOCTYPE html><p>甲", true),
            ("\u{FEFF}\n<!-- 甲 -->\n<HTML>", true),
            ("<?xml version=\"1.0\"?><!DOCTYPE html PUBLIC>", true),
            ("<body><div>甲", true),
            ("<!--[if IE]>甲<![endif]--><FONT><FONT><CENTER><p>甲</p><p>乙", true),
            ("<div class=a><p>甲</p><p>乙</p></div>", true),
            ("<p>甲", false),
            ("<条例>的<办法>", false),
            ("# 标题\n<br><br><b>甲</b><br><br>", false),
            ("国务院办公厅", false),
            ("", false),
        ] {
            assert_eq!(is_page(text), is, "{text}");
        }
        let paper = format!("{}<html><body></body></html>", "网页的代码如下。".repeat(40));
        assert!(!is_page(&paper));
    }
}
