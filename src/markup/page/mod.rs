//! A whole HTML page becomes lines of text: what a reader of the page would copy from it.
//!
//! The source is cut once, into tokens. From them an outline of boxes and lines is made, without a
//! tree; the outline tells which part of the page is the document; and all that stands between two
//! pieces of its text becomes one edit. So nesting costs nothing, and a page that is broken or hostile
//! takes the time of any other.

mod attributes;
mod body;
mod head;
mod lines;
mod outline;
mod tokens;
mod weight;

use crate::markup::html::is_feed;
use crate::markup::page::lines::Spans;
use crate::markup::page::outline::Outline;
use crate::rules::{Rules, builtin};
use crate::text::Edits;

/// Says what a page changes to become lines.
pub(crate) fn page(text: &str, rules: &Rules, edits: &mut Edits) {
    page_and_head(text, rules, edits, &mut String::new());
}

/// The same, and appends to `said` what the page says about its document beside the text, one label
/// and value a line: `发布时间：2024-05-06`. The answer tells whether lines of the page may stand in the
/// text; where the site names the box of its text, they do not.
pub(crate) fn page_and_head(text: &str, rules: &Rules, edits: &mut Edits, said: &mut String) -> bool {
    let is_feed = is_feed(text);
    let tokens = tokens::cut(text, is_feed);
    let outline = Outline::read(text, &tokens);
    let unseen: Vec<_> = outline.unseen.iter().map(|&(at, end)| at as usize..end as usize).collect();
    // A feed is a list of documents, and all of it is read.
    let body = rules.on(builtin::PAGE_OUTSIDE).filter(|_| !is_feed).and_then(|_| body::find(text, &outline));
    let is_named = body.as_ref().is_some_and(|body| body.is_named);
    let mut spans = body.map(|body| body.spans);
    let title = head::title(text, &outline, spans.as_deref());
    head::say(text, &outline, title.as_ref(), spans.as_deref(), said);
    if let (Some(spans), Some(title)) = (&mut spans, title.filter(|title| title.is_outside)) {
        spans.insert(0, title.span);
    }
    let (kept, unseen) = (spans.as_deref().map(Spans::new), Spans::new(&unseen));
    lines::lines(text, &tokens, &outline.bare, kept, unseen, rules, edits);
    !is_named
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::Choice;

    fn run(rules: &Rules, text: &str) -> String {
        let (mut edits, mut new) = (Edits::default(), String::new());
        page(text, rules, &mut edits);
        edits.apply(text, &mut new);
        new
    }

    #[test]
    fn a_page_becomes_what_a_reader_would_copy() {
        let rules = Rules::bundled(&Choice::default()).unwrap();
        let mut wrong = Vec::new();
        for (page, text) in [
            (
                "<!DOCTYPE html>\n<html><head><title>甲</title></head>\n<body>\n<p>乙</p>\n</body></html>\n",
                "乙",
            ),
            ("<p>甲\n  乙 <b>丙</b>丁</p><P CLASS=x>戊<br>己<br/><br>庚", "甲 乙 丙丁\n戊\n己\n庚"),
            (
                "<table><tr><td>甲</td>\n<td></td> <td><p>乙</p></td></tr><tr><th>丙<th>丁</table>戊",
                "甲\t\t乙\n丙\t丁\n戊",
            ),
            ("甲<!-- <p>乙</p> -->丙<!-->丁<!-- 戊 --!>己", "甲丙丁己"),
            ("<p>甲</p><title>一</title><p>乙</p><title>二</title><p>丙</p>", "甲\n乙\n丙"),
            (
                "<?xml version=\"1.0\"?>\n<rss><item><title>甲</title><p>乙</p></item><item><title>丙</title></item></rss>",
                "甲\n乙\n丙",
            ),
            ("甲<!-- 乙", "甲 乙"),
            ("甲<script>if(a<b){'</p>'}</SCRIPT >乙<style>p{}</style>丙<script>丁", "甲乙丙"),
            ("<title>通知<p>甲</p>", "通知\n甲"),
            ("<style>p{}<p>甲", "甲"),
            ("<a title=\"1>0\" href='x'>甲</a><a title=\"乙>丙", "甲丙"),
            ("温度<5℃，《<通知>》，R&D，a<", "温度<5℃，《<通知>》，R&D，a<"),
            ("面积5m<sup>2</sup>，甲<sup>[1]</sup>", "面积5m²，甲[1]"),
            (
                "&nbsp;甲&#x4e59&#19993;&#0;&#xD800;&ampamp;&notit;?a&lt=1",
                "\u{A0}甲乙丙\u{FFFD}\u{FFFD}&ampamp;&notit;?a&lt=1",
            ),
            ("<span>甲</span><span>乙</span><wbr>丙", "甲乙丙"),
            ("<pre>甲\n乙  丙</pre>\n丁\n戊", "甲\n乙  丙\n丁 戊"),
            ("<p>甲</p><a href=\"http://x", "甲"),
            ("<![CDATA[甲]]>乙<?xml version='1'?>丙", "乙丙"),
            ("<bo\0dy>甲", "甲"),
            ("", ""),
            ("<p></p>", ""),
        ] {
            let got = run(&rules, page);
            if got != text {
                wrong.push(format!("{page:?}: {got:?}, not {text:?}"));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn hostile_pages_take_linear_time() {
        let rules = Rules::bundled(&Choice::default()).unwrap();
        let n = 100_000;
        for (page, text) in [
            (format!("{}甲{}", "<div>".repeat(n), "</div>".repeat(n)), "甲"),
            (format!("甲{}", "<title>".repeat(n)), "甲"),
            (format!("甲{}", "<style>".repeat(n)), "甲"),
            (format!("甲{}", "<script>".repeat(n)), "甲"),
            (format!("甲{}", "<!--".repeat(n)), "甲"),
            (format!("甲{}", "<a b=\"".repeat(n)), "甲"),
            (format!("甲{}", "<a b='>\"".repeat(n)), "甲\""),
            (format!("<div {}>甲", "a=1 ".repeat(n)), "甲"),
        ] {
            let got = run(&rules, &page);
            assert_eq!(
                got.trim_end_matches('"'),
                text.trim_end_matches('"'),
                "{}",
                &page[..page.floor_char_boundary(20)]
            );
        }
        // Text that only looks like markup stays; nothing is searched for twice.
        for text in ["<![CDATA[".repeat(n), format!("{}国", "<a ".repeat(n).replace(' ', "")), "&".repeat(n)]
        {
            assert_eq!(run(&rules, &text), text);
        }
    }
}
