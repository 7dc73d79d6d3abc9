//! A page cut into text, tags and code. The cut is the only reading of the source; all that is said
//! about the page rests on it.
//!
//! Nothing is searched for twice: a mark that the rest of the page does not hold is remembered as spent,
//! so that a broken page takes the time of any other.

use crate::markup::html::MAX_NAME;
use crate::markup::tags::{Name, Role};

/// A title longer than this was never closed; it must not swallow the page.
const MAX_TITLE: usize = 2048;

/// An end tag without a name is looked through so far, in bytes.
const MAX_ODD: usize = 64;

/// What a piece of the source is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Text, with its character references and the white space of the source.
    Text,
    /// A comment, a script, a style sheet.
    Code,
    /// The title of the page, tags included.
    Title,
    /// `<!DOCTYPE …>`, `<?xml …?>`, and a tag that the end of the page cuts off.
    Other,
    /// The start of an element.
    Open(Name),
    /// The end of an element.
    Close(Name),
}

/// Bytes `at..end` of the source.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub(super) at: u32,
    pub(super) end: u32,
    pub(super) kind: Kind,
}

impl Token {
    pub(super) fn span(self) -> std::ops::Range<usize> {
        self.at as usize..self.end as usize
    }
}

/// Cuts `text` into pieces that follow one another without a gap. `titles_are_text` for feeds, which
/// have a title for each of their items.
pub(super) fn cut(text: &str, titles_are_text: bool) -> Vec<Token> {
    let mut cutter = Cutter {
        text,
        tokens: Vec::with_capacity(text.len() / 24 + 4),
        last_high: None,
        spent: Spent::default(),
        no_title_end: 0,
        titles_are_text,
    };
    let (mut at, mut text_from) = (0, 0);
    while let Some(n) = memchr::memchr(b'<', &text.as_bytes()[at..]) {
        at += n;
        match cutter.markup(at) {
            Some((kind, end)) => {
                cutter.push(Kind::Text, text_from, at);
                cutter.push(kind, at, end);
                (at, text_from) = (end, end);
            }
            None => at += 1,
        }
    }
    cutter.push(Kind::Text, text_from, text.len());
    cutter.tokens
}

/// Marks of which the rest of the page holds no more; else each search would run to its end again.
#[derive(Clone, Copy, Debug, Default)]
struct Spent {
    tag_end: bool,
    quote: [bool; 2],
    comment_end: bool,
    template_end: bool,
}

struct Cutter<'t> {
    text: &'t str,
    tokens: Vec<Token>,
    /// Where the last byte above ASCII stands; looked up once.
    last_high: Option<usize>,
    spent: Spent,
    /// Up to here no title ends.
    no_title_end: usize,
    titles_are_text: bool,
}

impl Cutter<'_> {
    fn push(&mut self, kind: Kind, at: usize, end: usize) {
        if at < end {
            // A document is shorter than 4 GiB; the edits rest on the same.
            self.tokens.push(Token { at: at as u32, end: end as u32, kind });
        }
    }

    /// What the `<` at `at` begins, and where that ends; nothing where it is text.
    fn markup(&mut self, at: usize) -> Option<(Kind, usize)> {
        let text = self.text;
        let bytes = text.as_bytes();
        let (closing, name_at) = match *bytes.get(at + 1)? {
            b'!' | b'?' | b'%' => return self.declaration(at),
            b'/' => (true, at + 2),
            _ => (false, at + 1),
        };
        let Some((name, len)) = Name::read(&bytes[name_at..], MAX_NAME) else {
            // `</>` and `</ p>` end nothing and are not shown.
            let odd = &bytes[at..text.floor_char_boundary(at + MAX_ODD)];
            let end = memchr::memchr(b'>', odd).filter(|n| closing && odd[..*n].is_ascii());
            return end.map(|n| (Kind::Other, at + n + 1));
        };
        let Some(end) = self.tag_end(name_at + len) else {
            // Cut off inside a tag: what follows is its attributes, unless it is prose.
            let last_high =
                *self.last_high.get_or_insert_with(|| text.bytes().rposition(|b| b >= 0x80).unwrap_or(0));
            return (last_high <= at).then_some((Kind::Other, text.len()));
        };
        if closing {
            return Some((Kind::Close(name), end));
        }
        Some(self.with_content(name, end).unwrap_or((Kind::Open(name), end)))
    }

    /// A comment, a declaration or a template.
    fn declaration(&mut self, at: usize) -> Option<(Kind, usize)> {
        let rest = &self.text[at + 1..];
        if rest.starts_with("!--") {
            let end = if self.spent.comment_end { None } else { comment_end(&rest[1..]).map(|n| at + 2 + n) };
            self.spent.comment_end = end.is_none();
            return Some((Kind::Code, end.unwrap_or(at + 4)));
        }
        if rest.starts_with('%') {
            // A template of the site, which its server would have filled in.
            let end =
                if self.spent.template_end { None } else { memchr::memmem::find(rest.as_bytes(), b"%>") };
            self.spent.template_end = end.is_none();
            return end.map(|n| (Kind::Code, at + 1 + n + 2));
        }
        self.plain_end(at).map(|end| (Kind::Other, end))
    }

    /// Behind the next `>`.
    fn plain_end(&mut self, at: usize) -> Option<usize> {
        if self.spent.tag_end {
            return None;
        }
        let end = memchr::memchr(b'>', &self.text.as_bytes()[at..]).map(|n| at + n + 1);
        self.spent.tag_end = end.is_none();
        end
    }

    /// Behind the `>` of a tag whose name ends at `at`; quoted values may hold others.
    fn tag_end(&mut self, at: usize) -> Option<usize> {
        let bytes = self.text.as_bytes();
        if bytes.get(at) == Some(&b'>') {
            return Some(at + 1);
        }
        if self.spent.tag_end {
            return None;
        }
        let mut i = at;
        while let Some(n) = memchr::memchr3(b'>', b'"', b'\'', &bytes[i..]) {
            i += n + 1;
            let quote = bytes[i - 1];
            if quote == b'>' {
                return Some(i);
            }
            let kind = usize::from(quote == b'"');
            if self.spent.quote[kind] {
                continue;
            }
            let is_value = bytes[at..i - 1].iter().rfind(|b| !b.is_ascii_whitespace()) == Some(&b'=');
            if is_value {
                match memchr::memchr(quote, &bytes[i..]) {
                    Some(n) => i += n + 1,
                    None => self.spent.quote[kind] = true,
                }
            }
        }
        // Quotes that pair up wrongly swallowed the rest of the page. They are not believed again.
        self.spent.quote = [true; 2];
        self.plain_end(at)
    }

    /// An element whose content is no text of the page, whole. Its opening tag ends at `end`.
    fn with_content(&mut self, name: Name, end: usize) -> Option<(Kind, usize)> {
        let rest = &self.text[end..];
        match name.role() {
            Role::Script => {
                // Behind a script that is never closed stands only more of it.
                let close = closing_tag(rest, "script").unwrap_or(rest.len());
                return Some((Kind::Code, end + close));
            }
            Role::Style => return Some((Kind::Code, end + style_end(rest))),
            Role::Title if !self.titles_are_text => {}
            _ => return None,
        }
        let from = self.no_title_end.saturating_sub(end + "</title".len());
        let from = rest.floor_char_boundary(from);
        let window = &rest[from..rest.floor_char_boundary(MAX_TITLE).max(from)];
        let Some(len) = closing_tag(window, "title") else {
            self.no_title_end = end + from + window.len();
            return None;
        };
        Some((Kind::Title, end + from + len))
    }
}

/// The length of a comment without its `<!`, `-->` or `--!>` included; `<!-->` is one.
fn comment_end(rest: &str) -> Option<usize> {
    let bytes = rest.as_bytes();
    memchr::memmem::find_iter(bytes, "--").find_map(|n| match bytes[n + 2..] {
        [b'>', ..] => Some(n + 3),
        [b'!', b'>', ..] if n > 0 => Some(n + 4),
        [b'-', b'>', ..] => Some(n + 4),
        _ => None,
    })
}

/// What never stands in a style sheet: a sheet that meets it was not closed.
const NO_STYLE: &[&str] = &["style", "/head", "body", "p>", "div", "td"];

/// The length of a style sheet, its end tag included. Without one it ends at the first tag.
fn style_end(rest: &str) -> usize {
    let mut first = None;
    for at in memchr::memchr_iter(b'<', rest.as_bytes()) {
        let tag = &rest.as_bytes()[at + 1..];
        let begins =
            |word: &str| tag.get(..word.len()).is_some_and(|t| t.eq_ignore_ascii_case(word.as_bytes()));
        if begins("/style") {
            return closing_tag(&rest[at..], "style").map_or(rest.len(), |len| at + len);
        }
        first.get_or_insert(at);
        if NO_STYLE.iter().any(|word| begins(word)) {
            break;
        }
    }
    first.unwrap_or(rest.len())
}

/// Behind the first `</name…>` of `rest`.
fn closing_tag(rest: &str, name: &str) -> Option<usize> {
    let bytes = rest.as_bytes();
    let at = memchr::memmem::find_iter(bytes, "</").find(|at| {
        bytes[at + 2..].get(..name.len()).is_some_and(|found| found.eq_ignore_ascii_case(name.as_bytes()))
    })?;
    Some(memchr::memchr(b'>', &bytes[at..]).map_or(rest.len(), |n| at + n + 1))
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::ops::Range;

    use lol_html::html_content::TextType;
    use lol_html::{HtmlRewriter, Settings, doc_text, element};

    use super::*;

    /// The spans of visible text and of start tags, as a parser that follows the standard cuts them.
    fn by_the_standard(page: &str) -> (Vec<Range<usize>>, Vec<usize>) {
        let (text, tags) = (RefCell::new(Vec::<Range<usize>>::new()), RefCell::new(Vec::new()));
        let settings = Settings::new()
            .append_element_content_handler(element!("*", |tag| {
                tags.borrow_mut().push(tag.source_location().bytes().start);
                Ok(())
            }))
            .append_document_content_handler(doc_text!(|chunk| {
                let span = chunk.source_location().bytes();
                if matches!(chunk.text_type(), TextType::Data) && !span.is_empty() {
                    text.borrow_mut().push(span);
                }
                Ok(())
            }))
            .with_strict(false);
        let mut rewriter = HtmlRewriter::new(settings, |_: &[u8]| {});
        rewriter.write(page.as_bytes()).unwrap();
        rewriter.end().unwrap();
        (joined(text.into_inner()), tags.into_inner())
    }

    fn ours(page: &str) -> (Vec<Range<usize>>, Vec<usize>) {
        let tokens = cut(page, false);
        assert!(tokens.windows(2).all(|pair| pair[0].end == pair[1].at), "{page}: a gap");
        let is_code = |at: usize| {
            ["<script", "<style", "<title"]
                .iter()
                .any(|tag| page.get(at..at + tag.len()).is_some_and(|t| t.eq_ignore_ascii_case(tag)))
        };
        let text = tokens.iter().filter(|token| token.kind == Kind::Text).map(|token| token.span()).collect();
        let tags = tokens
            .iter()
            .filter(|token| matches!(token.kind, Kind::Open(_)) || is_code(token.at as usize))
            .map(|token| token.at as usize)
            .collect();
        (joined(text), tags)
    }

    /// Pieces that touch are one.
    fn joined(spans: Vec<Range<usize>>) -> Vec<Range<usize>> {
        let mut out: Vec<Range<usize>> = Vec::new();
        for span in spans {
            match out.last_mut() {
                Some(last) if last.end == span.start => last.end = span.end,
                _ => out.push(span),
            }
        }
        out
    }

    /// What pages are made of, and what breaks them.
    const PIECES: &[&str] = &[
        "今日停水。",
        " ",
        "\n",
        "温度<5℃",
        "a<b",
        "R&D",
        "&nbsp;",
        "&#8220;",
        "<",
        ">",
        "\"",
        "'",
        "=",
        "<>",
        "</>",
        "</ p>",
        "<p>",
        "</p>",
        "<P CLASS=x>",
        "<div id='a>b' class=\"c>d\">",
        "</DIV >",
        "<br/>",
        "<br />",
        "<a href=http://a.cn/?b=1>",
        "</a>",
        "<td nowrap>",
        "<tr><td>",
        "</table>",
        "<img alt=\"'\" src='\"'>",
        "<x-y z>",
        "<ucapcontent>",
        "<o:p></o:p>",
        "<input value=a'b>",
        "<a b = 'c' d=\"e\"f>",
        "<a\nb\n=\n'>'\n>",
        "</a b='c'>",
        "<p/>",
        "<b><i></b></i>",
        "<!-- <p>甲</p> -->",
        "<!---->",
        "<!-->",
        "<!--->",
        "<!-- 甲 --!>",
        "<!-- -- -->",
        "<!DOCTYPE html>",
        "<!甲>",
        "<?xml version='1.0'?>",
        "<?甲>",
        "<script>if(a<b){'</p>'}</script>",
        "<SCRIPT src='a>b'></SCRIPT >",
        "<script>'<!--'//--></script>",
        "<style>p>a{}</style>",
        "<style>a{b:url(\"<x y='z'/>\")}</style>",
        "<title>甲<b>乙</title>",
        "<title>&lt;</title >",
        "<span>甲</span>",
        "<font>",
        "</font>",
        "<h1>",
        "</h1>",
        "<ul><li>甲<li>乙</ul>",
        "<hr>",
        "<sup>2</sup>",
    ];

    #[test]
    fn odd_pages_are_cut_as_a_well_kept_parser_cuts_them() {
        let mut seed = 0x9E37_79B9_u64;
        let mut wrong = Vec::new();
        for n in 0..20_000 {
            let mut page = String::from("<html><body>");
            for _ in 0..2 + n % 12 {
                seed ^= seed << 13;
                seed ^= seed >> 7;
                seed ^= seed << 17;
                page.push_str(PIECES[seed as usize % PIECES.len()]);
            }
            // A tag that the page cuts off is text to us where it holds prose; see `Cutter::markup`.
            page.push_str("\"'><p>");
            let (ours, standard) = (ours(&page), by_the_standard(&page));
            if ours != standard {
                let shown = |(text, tags): &(Vec<Range<usize>>, Vec<usize>)| {
                    let text: Vec<_> = text.iter().map(|span| &page[span.clone()]).collect();
                    format!("{text:?} {tags:?}")
                };
                wrong.push(format!("{page:?}\n  ours     {}\n  standard {}", shown(&ours), shown(&standard)));
            }
        }
        assert!(wrong.is_empty(), "{} pages\n{}", wrong.len(), wrong[..wrong.len().min(12)].join("\n"));
    }
}
