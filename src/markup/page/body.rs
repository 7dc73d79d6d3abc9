//! Which part of a page is the document: the box that the site's own system calls the text, else where
//! the sentences stand.
//!
//! A part that is not sure is none: then the whole page is read, and nothing is lost.

use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};

use crate::markup::page::head::{shown, title};
use crate::markup::page::outline::{Line, Node, Outline};

/// What the systems of Chinese government sites, and of some papers, call the box that holds the text
/// and nothing else: `id`, `class` or `name`, in any case.
const BODY_NAMES: &[&str] = &[
    "all-txt",
    "art_content",
    "artibody",
    "article-body",
    "article-content",
    "article-content-body",
    "article-detail-content",
    "article_content",
    "articlecontent",
    "bt-content",
    "con_text",
    "content_text",
    "ctrlfscont",
    "detail-content",
    "doccontent",
    "endText",
    "fontzoom",
    "info_content",
    "js_content",
    "main_content_text",
    "news_real",
    "newscontent",
    "nr_content",
    "p-detail",
    "pages_content",
    "post_text",
    "rich_media_content",
    "rwb_zw",
    "text_content",
    "trs_editor",
    "trs_editor_view",
    "trs_paper_preview",
    "trs_ueditor",
    "trs_web",
    "trs_word",
    "ucap-content",
    "ucapcontent",
    "v_news_content",
    "vsb_content",
    "vsb_content_100",
    "vsb_content_2",
    "vsb_content_500",
    "wenzhang-content",
    "wp_articlecontent",
    "xl_content",
    "xxgk_content",
    "zhengwen",
    "zoom",
    "zoomcon",
];

/// For every first letter the lengths that [`BODY_NAMES`] have, one bit each: most names fail here.
static LENGTHS: LazyLock<[u32; 26]> = LazyLock::new(|| {
    let mut lengths = [0; 26];
    for name in BODY_NAMES {
        let first = usize::from(name.as_bytes()[0].to_ascii_lowercase() - b'a');
        lengths[first] |= 1 << name.len();
    }
    lengths
});

/// `name`, one word of an attribute, is what a system calls the body.
pub(super) fn is_body_name(name: &str) -> bool {
    let first = name.as_bytes().first().map_or(u8::MAX, |b| b.to_ascii_lowercase().wrapping_sub(b'a'));
    let lengths = LENGTHS.get(usize::from(first)).copied().unwrap_or(0);
    if name.len() >= 32 || lengths & 1 << name.len() == 0 {
        return false;
    }
    BODY_NAMES.iter().any(|known| known.len() == name.len() && known.eq_ignore_ascii_case(name))
}

/// Half characters of a named box below which it may be a caption beside the true text.
const SURE_UNITS: u32 = 80;

/// Sentences outside a named box that make it doubtful: so many times as much.
const MUCH_MORE: u32 = 4;

/// A named box with at least this share of the largest one's text is a part of the document too.
const PART_SHARE: u32 = 5;

/// A page with more such boxes is a list of documents; none of them is the body.
const MOST_PARTS: usize = 40;

/// Half characters and marks below which the best run of lines is no text: a page of links, or a short
/// notice whose page says more than it does.
const LEAST_UNITS: u32 = 100;
const LEAST_MARKS: u32 = 2;

/// A box grows by a part of the page that holds at least so much text for its links,
/// or by one whose links are few: 大 中 小.
const TEXT_A_LINK: u32 = 3;
const FEW_LINKS: u32 = 8;

/// Above a short notice stand menus: so many times as much leads elsewhere as not.
const MENU_SHARE: u32 = 3;

/// The heading of a list of links, in half characters: 相关报道.
const HEADING_UNITS: u32 = 12;

/// Words in the lines of a page's foot. They have marks, and are no sentences.
const FOOT_WORDS: &[&str] = &[
    "ICP备",
    "ICP证",
    "版权所有",
    "公网安备",
    "网站标识码",
    "opyright",
    "COPYRIGHT",
    "©",
    "&copy;",
    "免责声明",
    "郑重声明",
    "风险自担",
];

/// What attached files are called, and what their names end in; links to them belong to the document.
const FILES: &[&str] = &["附件", "附：", "附表", "附图"];
const ENDINGS: &[&str] = &[
    "doc", "docx", "pdf", "xls", "xlsx", "ppt", "pptx", "wps", "et", "ofd", "ceb", "zip", "rar", "7z", "csv",
];

/// The longest of [`ENDINGS`], in bytes.
const LONGEST_ENDING: usize = 4;

/// Headings of lists of links to other documents, blanks and marks left out.
const FURTHER: &[&str] = &[
    "延伸阅读",
    "延伸推荐",
    "扩展阅读",
    "拓展阅读",
    "推荐阅读",
    "更多阅读",
    "相关阅读",
    "相关链接",
    "相关新闻",
    "相关报道",
    "相关文章",
    "相关资讯",
    "相关信息",
    "相关内容",
    "相关推荐",
    "相关稿件",
    "关联稿件",
    "重点推荐",
    "精彩推荐",
    "热门推荐",
    "热点推荐",
    "新闻推荐",
    "为您推荐",
    "为你推荐",
    "猜你喜欢",
    "往期回顾",
];

/// The document in a page.
pub(super) struct Body {
    /// The pieces of the source, in reading order.
    pub(super) spans: Vec<Range<usize>>,
    /// The site itself says so: no line of the page stands in it.
    pub(super) is_named: bool,
}

/// The document of a page; `None` where the whole page is it.
pub(super) fn find(text: &str, outline: &Outline) -> Option<Body> {
    with_sentences(text, outline).or_else(|| below_title(text, outline))
}

/// A short notice without a box of its own, from its title on, if above that stands little but links.
fn below_title(text: &str, outline: &Outline) -> Option<Body> {
    let everything = text.len()..text.len();
    let title = title(text, outline, Some(&[everything]))?;
    let at = outline.lines.partition_point(|line| (line.at as usize) < title.span.start);
    let (above, below) = outline.lines.split_at(at);
    let (led, plain) =
        above.iter().fold((0, 0), |(led, plain), line| (led + line.link, plain + line.plain.units));
    let says = |line: &Line| line.plain.marks > 0 && line.link < line.plain.units;
    let span = title.span.start..text.len();
    (led > MENU_SHARE * plain && below.iter().skip(1).any(says))
        .then(|| Body { spans: Vec::from([span]), is_named: false })
}

/// The document where its box has a name, or its lines have sentences.
fn with_sentences(text: &str, outline: &Outline) -> Option<Body> {
    let named = named(outline);
    let run = best_run(text, &outline.lines);
    let Some(run) = run else { return sure(text, named, outline) };
    let inside = |line: &Line| named.iter().any(|&n| holds(&outline.nodes[n], line));
    let in_named: u32 = named.iter().map(|&n| outline.nodes[n].plain.units).sum();
    let outside: u32 =
        outline.lines[run.clone()].iter().filter(|line| !inside(line)).map(|line| line.plain.units).sum();
    if (outside <= MUCH_MORE * in_named || outside < LEAST_UNITS)
        && let Some(mut body) = sure(text, named, outline)
    {
        // A lead or a summary stands above the box, in the same run of sentences.
        let start = body.spans[0].start;
        let above = outline.lines[run].iter().filter(|line| (line.end as usize) <= start);
        let leads = above.filter(|line| {
            line.plain.units >= LEAST_UNITS && line.plain.marks >= LEAST_MARKS && line.link < line.plain.units
        });
        let leads: Vec<_> = leads.map(|line| line.at as usize..line.end as usize).collect();
        body.spans.splice(0..0, leads);
        return Some(body);
    }
    by_density(text, outline, run)
}

fn holds(node: &Node, line: &Line) -> bool {
    node.at <= line.at && line.end <= node.end
}

/// The boxes that are named a body and hold text: the largest, and others that are no parts of it.
fn named(outline: &Outline) -> Vec<usize> {
    let nodes = &outline.nodes;
    let most = nodes.iter().filter(|node| node.is_named).map(|node| node.plain.units).max().unwrap_or(0);
    if most == 0 {
        return Vec::new();
    }
    let mut found: Vec<usize> = Vec::new();
    for (n, node) in nodes.iter().enumerate() {
        if !node.is_named || node.plain.units * PART_SHARE < most {
            continue;
        }
        if found.len() > MOST_PARTS {
            return Vec::new();
        }
        match found.last().copied() {
            // A box in a box: the inner one has less around the text, if it has the text at all.
            Some(outer) if node.end <= nodes[outer].end => {
                if node.plain.units * 5 >= nodes[outer].plain.units * 4 {
                    found.pop();
                    found.push(n);
                }
            }
            _ => found.push(n),
        }
    }
    found
}

/// The named boxes, if what they hold is a document beside what stands around them.
fn sure(text: &str, named: Vec<usize>, outline: &Outline) -> Option<Body> {
    let units: u32 = named.iter().map(|&n| outline.nodes[n].plain.units).sum();
    let marks: u32 = named.iter().map(|&n| outline.nodes[n].plain.marks).sum();
    if units == 0 || units < SURE_UNITS && marks == 0 {
        return None;
    }
    let mut parts: Vec<&Node> = Vec::with_capacity(named.len());
    for node in named.into_iter().map(|n| &outline.nodes[n]) {
        // A copy for the printer or the telephone.
        let is_copy = |other: &&Node| {
            other.plain == node.plain && shown(&text[span(other)]) == shown(&text[span(node)])
        };
        if !parts.iter().any(is_copy) {
            parts.push(node);
        }
    }
    let spans = parts.into_iter().map(span).collect();
    Some(Body { spans: without_further(text, &outline.lines, spans), is_named: true })
}

fn span(node: &Node) -> Range<usize> {
    node.at as usize..node.end as usize
}

/// The longest line of a foot, in half characters.
const FOOT_UNITS: u32 = 400;

/// What a line of a page's foot speaks against its being the document.
const FOOT_SCORE: i64 = -200;

/// The longest line that counts by its length; what is longer is no better.
const FULL_UNITS: u32 = 800;

/// What a mark of a sentence speaks for a line, and a half character that leads elsewhere and its being a
/// line at all against it, in half characters: menus are short, and links.
const MARK_SCORE: i64 = 16;
const LINK_SCORE: i64 = -10;
const LINE_SCORE: i64 = -24;

static FOOT: LazyLock<AhoCorasick> = LazyLock::new(|| {
    AhoCorasick::builder()
        .match_kind(MatchKind::LeftmostFirst)
        .build(FOOT_WORDS)
        .expect("some short words make an automaton")
});

/// What a line speaks for its place being the document, in half characters.
fn score(text: &str, line: &Line) -> i64 {
    let score = i64::from(line.plain.units.min(FULL_UNITS))
        + MARK_SCORE * i64::from(line.plain.marks)
        + LINK_SCORE * i64::from(line.link)
        + LINE_SCORE;
    let may_be_foot = score > 0 && line.plain.units < FOOT_UNITS;
    if may_be_foot && FOOT.is_match(&text[line.at as usize..line.end as usize]) { FOOT_SCORE } else { score }
}

/// The lines in a row that speak most for being the document.
fn best_run(text: &str, lines: &[Line]) -> Option<Range<usize>> {
    let (mut best, mut most) = (0..0, 0);
    let (mut from, mut sum) = (0, 0_i64);
    for (n, line) in lines.iter().enumerate() {
        if sum <= 0 {
            (from, sum) = (n, 0);
        }
        sum += score(text, line);
        if sum > most {
            (best, most) = (from..n + 1, sum);
        }
    }
    let (units, marks) = lines[best.clone()]
        .iter()
        .fold((0, 0), |(units, marks), line| (units + line.plain.units, marks + line.plain.marks));
    (units >= LEAST_UNITS && marks >= LEAST_MARKS).then_some(best)
}

/// The smallest box around the run, grown as long as that brings no links, without the links at its ends.
fn by_density(text: &str, outline: &Outline, run: Range<usize>) -> Option<Body> {
    let (nodes, lines) = (&outline.nodes, &outline.lines);
    let (first, last) = (&lines[run.start], &lines[run.end - 1]);
    let mut node = first.node;
    while !holds(&nodes[node as usize], last) {
        node = nodes[node as usize].parent;
    }
    while node != 0 {
        let (own, parent) = (&nodes[node as usize], &nodes[nodes[node as usize].parent as usize]);
        let more = (parent.plain - own.plain).units;
        let led = parent.link - own.link;
        if led * TEXT_A_LINK > more && led > FEW_LINKS {
            break;
        }
        node = own.parent;
    }
    let node = &nodes[node as usize];
    let inside = || lines.iter().filter(|line| holds(node, line));
    let head = links_at(text, inside().take_while(|line| line.at < first.at));
    let tail = links_at(text, inside().rev().take_while(|line| line.at > last.at));
    let at = head.map_or(node.at, |line| line.end);
    let end = tail.map_or(node.end, |line| line.at);
    let span = at as usize..end as usize;
    (at < end).then(|| Body { spans: without_further(text, lines, Vec::from([span])), is_named: false })
}

/// The spans without the lists of links to other documents: a heading that says so, right below it links,
/// and between these the short headings of their parts. Where nothing else is in them, all stay.
fn without_further(text: &str, lines: &[Line], spans: Vec<Range<usize>>) -> Vec<Range<usize>> {
    let (mut left, mut is_empty) = (Vec::with_capacity(spans.len()), true);
    for span in &spans {
        let mut from = span.start;
        let mut n = lines.partition_point(|line| (line.at as usize) < span.start);
        while let Some(line) = lines.get(n).filter(|line| (line.at as usize) < span.end) {
            n += 1;
            let may_be = line.link == 0 && line.plain.units <= HEADING_UNITS;
            if !may_be || !lines.get(n).is_some_and(leads) || !is_further(text, line) {
                is_empty = false;
                continue;
            }
            let list = n;
            while lines.get(n).is_some_and(|line| is_link(text, line))
                || n > list
                    && lines.get(n).is_some_and(|line| line.plain.units <= HEADING_UNITS)
                    && lines.get(n + 1).is_some_and(|line| is_link(text, line))
            {
                n += 1;
            }
            is_empty &= n > list;
            if n > list {
                left.push(from..line.at as usize);
                from = (lines[n - 1].end as usize).min(span.end);
            }
        }
        left.push(from..span.end);
    }
    if is_empty { spans } else { left }
}

/// The line is such a heading.
fn is_further(text: &str, line: &Line) -> bool {
    let name = shown(&text[line.at as usize..line.end as usize]);
    let name: String = name.chars().filter(|c| c.is_alphabetic()).collect();
    FURTHER.contains(&name.as_str())
}

/// Most of the line leads elsewhere.
fn leads(line: &Line) -> bool {
    line.link > 3 * line.plain.units
}

/// The line leads elsewhere, and not to a file that is attached.
fn is_link(text: &str, line: &Line) -> bool {
    let source = &text[line.from as usize..line.end as usize];
    leads(line) && !has_ending(source) && !FILES.iter().any(|word| source.contains(word))
}

/// A name of a file stands in `source`, which may be an address: not that of a site such as `www.docin.cn`.
fn has_ending(source: &str) -> bool {
    let bytes = source.as_bytes();
    memchr::memchr_iter(b'.', bytes).any(|dot| {
        let rest = &bytes[dot + 1..];
        let len = rest.iter().take(LONGEST_ENDING + 1).take_while(|b| b.is_ascii_alphanumeric()).count();
        let is_file = |end: &&str| end.as_bytes().eq_ignore_ascii_case(&rest[..len]);
        rest.get(len) != Some(&b'.') && ENDINGS.iter().any(is_file)
    })
}

/// The last of the lines at an end of the body that lead elsewhere, from outside in. Short lines may
/// stand between them: they are the headings of lists of links.
fn links_at<'l>(text: &str, lines: impl Iterator<Item = &'l Line>) -> Option<&'l Line> {
    lines
        .map(|line| (line, is_link(text, line)))
        .take_while(|(line, is_link)| *is_link || line.plain.units + line.link <= HEADING_UNITS)
        .filter(|(_, is_link)| *is_link)
        .last()
        .map(|(line, _)| line)
}
