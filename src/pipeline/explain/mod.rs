//! The changes of one document as a reader sees them: excerpts with what went and what came, the
//! rule at each, step by step, and a table of the rules at the end.
//!
//! Whoever judges a cleaning knows the documents, not the program. So offsets are line numbers of
//! the file, invisible characters have names, and a removed block says where its copy stands.

mod shown;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::ops::Range;

use crate::pipeline::explain::shown::Paint;
use crate::pipeline::explain::shown::changed_text;
use crate::pipeline::explain::shown::cut;
use crate::pipeline::explain::shown::decimal_columns;
use crate::pipeline::explain::shown::grouped;
use crate::pipeline::explain::shown::named_text;
use crate::pipeline::explain::shown::plural;
use crate::pipeline::explain::shown::visible_text;
use crate::rules::Rules;
use crate::text::Change;
use crate::text::Frame;
use crate::text::RuleId;
use crate::text::Trail;

/// Characters of untouched text on each side of a change: enough to know the place again.
const CONTEXT: usize = 12;

/// An excerpt takes in the next change of the same rule until it is this long, in bytes; then a new
/// one begins. About one line of a terminal in Chinese text.
const EXCERPT: usize = 90;

/// Columns of an example in the table of rules.
const EXAMPLE_COLUMNS: usize = 56;

/// What happened to `text` on `trail`, for people: an excerpt of each changed place with line
/// number and rule, grouped by step, then a table of the rules. With `colour` what went is red and
/// what came is green, otherwise `[-went-]{+came+}`. Invisible characters are written `{U+200B}`,
/// inside changes also `␣` (space), `⇥` (TAB) and `⏎` (line end); nothing in the
/// text can reach a terminal as a control sequence.
///
/// `trail` must be that of `text`, made with `rules`.
///
/// ```
/// use jingwen::Cleaner;
/// use jingwen::pipeline::explain;
///
/// let cleaner = Cleaner::new();
/// let (text, told) = ("发展★改革", cleaner.explain("发展★改革"));
/// let page = explain(text, &told.trail, cleaner.rules(), false);
/// assert!(page.starts_with("1 line, 5 characters"));
/// ```
#[must_use]
pub fn explain(text: &str, trail: &Trail, rules: &Rules, colour: bool) -> String {
    let mut page = Page { out: String::new(), paint: Paint { colour }, lines: line_starts(text), rules };
    let mut counts: BTreeMap<RuleId, usize> = BTreeMap::new();
    let mut now = text.to_owned();
    for (n, frame) in trail.frames().iter().enumerate() {
        page.frame(&now, frame, &trail.frames()[..n]);
        for rule in frame.edits.rules() {
            *counts.entry(rule).or_default() += 1;
        }
        let mut next = String::new();
        frame.edits.apply(&now, &mut next);
        now = next;
    }
    let body = std::mem::take(&mut page.out);
    page.size(text);
    if counts.is_empty() {
        page.out.push_str("; nothing to change\n");
        return page.out;
    }
    page.out.push_str(" → ");
    page.size(&now);
    let n: usize = counts.values().sum();
    let _ = writeln!(page.out, "; {}", plural(n, "change"));
    page.out.push_str(&body);
    page.table(&counts);
    page.out
}

/// The page as far as it is written.
struct Page<'a> {
    out: String,
    paint: Paint,
    /// Where the lines of the decoded text start.
    lines: Vec<usize>,
    rules: &'a Rules,
}

impl Page<'_> {
    fn size(&mut self, text: &str) {
        let (lines, characters) = (line_starts(text).len(), text.chars().count());
        let _ = write!(self.out, "{}, {}", plural(lines, "line"), plural(characters, "character"));
    }

    /// One step: `old` is the text before it, `earlier` the frames that led there.
    fn frame(&mut self, old: &str, frame: &Frame, earlier: &[Frame]) {
        let changes: Vec<Change<'_>> = frame.edits.iter().collect();
        let again = if earlier.iter().any(|e| e.step == frame.step) { " (again)" } else { "" };
        let heading = self.paint.bold(&format!("{}{again}", frame.step));
        let _ = writeln!(self.out, "\n{heading} · {}", plural(changes.len(), "change"));
        let n_columns = decimal_columns(self.lines.len());
        let name_columns =
            changes.iter().map(|change| self.rules.name(change.rule).len()).max().unwrap_or_default();
        let mut last_line = 0;
        let mut rest = changes.as_slice();
        while let Some(first) = rest.first() {
            let n = 1 + rest.windows(2).take_while(|pair| together(old, first, &pair[0], &pair[1])).count();
            let (group, others) = rest.split_at(n);
            rest = others;
            let line = self.line_of(first.src.start, earlier);
            let number = if line == last_line { String::new() } else { line.to_string() };
            last_line = line;
            let number = self.paint.dim(&format!("{number:>n_columns$}"));
            let name = visible_text(self.rules.name(first.rule));
            let name = self.paint.name(&format!("{name:<name_columns$}"));
            let _ = write!(self.out, "  {number}  {name}  ");
            self.excerpt(old, group);
            if let Some(twin) = &first.twin {
                let last = twin.end.saturating_sub(1).max(twin.start);
                let lines = self.line_of(twin.start, earlier)..self.line_of(last, earlier);
                let _ = write!(self.out, "  {}", self.paint.dim(&repeats(&lines)));
            }
            self.out.push('\n');
        }
    }

    fn excerpt(&mut self, old: &str, group: &[Change<'_>]) {
        let (Some(first), Some(last)) = (group.first(), group.last()) else { return };
        let start = context_start(old, first.src.start);
        if old[..start].chars().next_back().is_some_and(|c| c != '\n') {
            self.out.push_str(&self.paint.dim("…"));
        }
        let mut at = start;
        for change in group {
            self.out.push_str(&visible_text(&old[at..change.src.start]));
            let (was, with) = (&old[change.src.clone()], change.with);
            if !was.is_empty() {
                self.out.push_str(&self.paint.went(&changed_text(was)));
            }
            if !with.is_empty() {
                self.out.push_str(&self.paint.came(&changed_text(with)));
            }
            at = change.src.end;
        }
        let end = context_end(old, last.src.end);
        self.out.push_str(&visible_text(&old[at..end]));
        if old[end..].chars().next().is_some_and(|c| c != '\n') {
            self.out.push_str(&self.paint.dim("…"));
        }
    }

    /// The table of rules, most frequent first, each with the example of its row.
    fn table(&mut self, counts: &BTreeMap<RuleId, usize>) {
        let mut rows: Vec<_> = counts.iter().map(|(rule, n)| (*n, *rule)).collect();
        rows.sort_by_key(|(n, rule)| (std::cmp::Reverse(*n), *rule));
        let title = self.paint.bold("rules");
        let _ = writeln!(self.out, "\n{title} · how often, and an example of each");
        let columns = rows.iter().map(|row| grouped(row.0).len()).max().unwrap_or_default();
        let name_columns = rows.iter().map(|row| self.rules.name(row.1).len()).max().unwrap_or_default();
        let examples: BTreeMap<RuleId, &(String, String)> =
            self.rules.list().map(|(rule, _, row, _)| (rule, &row.example)).collect();
        for (n, rule) in rows {
            let n = grouped(n);
            let name = visible_text(self.rules.name(rule));
            let name = self.paint.name(&format!("{name:<name_columns$}"));
            let _ = write!(self.out, "  {n:>columns$}  {name}");
            if let Some((before, after)) = examples.get(&rule) {
                let example = format!("{} → {}", named_text(before), named_text(after));
                let _ = write!(self.out, "  {}", cut(&example, EXAMPLE_COLUMNS));
            }
            self.out.push('\n');
        }
    }

    /// The line of the decoded text, counted from 1, from which byte `at` of a later text came.
    fn line_of(&self, at: usize, earlier: &[Frame]) -> usize {
        let at = earlier.iter().rev().fold(at, |at, frame| frame.edits.to_source(at));
        self.lines.partition_point(|start| *start <= at)
    }
}

/// Whether `next` goes into the excerpt that starts with `first` and ends with `last`.
fn together(old: &str, first: &Change<'_>, last: &Change<'_>, next: &Change<'_>) -> bool {
    let gap = last.src.end..next.src.start;
    next.rule == first.rule
        && first.twin.is_none()
        && next.twin.is_none()
        && next.src.end - first.src.start <= EXCERPT
        && gap.len() <= 2 * CONTEXT * '中'.len_utf8()
        && !old[gap].contains('\n')
}

fn context_start(old: &str, at: usize) -> usize {
    let context = old[..at].char_indices().rev().take(CONTEXT).take_while(|(_, c)| *c != '\n');
    context.last().map_or(at, |(start, _)| start)
}

fn context_end(old: &str, at: usize) -> usize {
    let context = old[at..].char_indices().take(CONTEXT).take_while(|(_, c)| *c != '\n');
    context.last().map_or(at, |(start, c)| at + start + c.len_utf8())
}

/// Where the lines of `text` start, as an editor counts them: LF, CR LF and lone CR end a line.
fn line_starts(text: &str) -> Vec<usize> {
    let bytes = text.as_bytes();
    let ends = memchr::memchr2_iter(b'\n', b'\r', bytes)
        .filter(|&at| bytes[at] == b'\n' || bytes.get(at + 1) != Some(&b'\n'))
        .map(|at| at + 1)
        .filter(|&start| start < bytes.len());
    std::iter::once(0).chain(ends).collect()
}

fn repeats(lines: &Range<usize>) -> String {
    if lines.start >= lines.end {
        format!("repeats line {}, which stays", lines.start)
    } else {
        format!("repeats lines {}–{}, which stay", lines.start, lines.end)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use super::*;
    use crate::pipeline::explain::shown::is_invisible;
    use crate::rules::Choice;
    use crate::rules::builtin::FOLD_RADICAL;
    use crate::rules::builtin::MARK_NOISE;
    use crate::rules::builtin::PUNCT_COMMA;
    use crate::rules::builtin::REPEAT_BLOCK;
    use crate::rules::builtin::SPACE_LINE_EDGE;

    static RULES: LazyLock<Rules> = LazyLock::new(|| Rules::bundled(&Choice::default()).unwrap());

    /// Adds a frame in which each of `places` in turn is replaced.
    fn step(trail: &mut Trail, text: &str, name: &'static str, places: &[(&str, &str)], rule: RuleId) {
        let now = trail.replay(text);
        let edits = trail.open(name);
        for (was, with) in places {
            let at = edits.end() + now[edits.end()..].find(was).unwrap();
            edits.replace(at..at + was.len(), with, rule);
        }
        trail.keep();
    }

    /// The page without the table of rules, whose examples belong to the tables.
    fn body(text: &str, trail: &Trail) -> String {
        let page = explain(text, trail, &RULES, false);
        page.split_once("\nrules ·").map_or(page.clone(), |(body, _)| body.to_owned())
    }

    #[test]
    fn a_page_reads_like_this() {
        let text = "关于进一步做好全市重点工作的通知\r\n各县人民政府,市直各部门：\n\u{3000}\u{3000}一是★推进改革★，扩大开放,办好民生实事。\n";
        let mut trail = Trail::default();
        step(&mut trail, text, "marks", &[("★", ""), ("★", "")], MARK_NOISE);
        step(&mut trail, text, "width", &[(",", "，"), (",", "，")], PUNCT_COMMA);
        step(&mut trail, text, "spaces", &[("\u{3000}\u{3000}", ""), ("\n", "")], SPACE_LINE_EDGE);
        let expected = "\
3 lines, 56 characters → 3 lines, 51 characters; 6 changes

marks · 2 changes
  3  mark.noise  \u{3000}\u{3000}一是[-★-]推进改革[-★-]，扩大开放,办好民生实事…

width · 2 changes
  2  punct.comma  各县人民政府[-,-]{+，+}市直各部门：
  3  punct.comma  …\u{3000}一是推进改革，扩大开放[-,-]{+，+}办好民生实事。

spaces · 2 changes
  3  space.line-edge  [-{U+3000}{U+3000}-]一是推进改革，扩大开放，办好民生实事。[-⏎-]
";
        assert_eq!(body(text, &trail), expected);
    }

    #[test]
    fn a_removed_block_says_where_its_copy_stands() {
        let half = "第一条为了规范档案工作，加强档案管理，制定本办法。\n第二条本办法适用于本市行政区域。\n";
        let text = format!("{half}{}", half.replace('\n', " "));
        let mut trail = Trail::default();
        trail.open("repeats").delete_copy(half.len()..text.len(), 0..half.len() - 1, REPEAT_BLOCK);
        trail.keep();
        let page = body(&text, &trail);
        let expected = "  3  repeat.block  [-第一条为了规范档案工作，加强档案管理 …(43 characters)… 于本市行政区域。␣-]  \
            repeats lines 1–2, which stay";
        assert!(page.contains(expected), "{page}");
    }

    #[test]
    fn nothing_to_change_says_so() {
        assert_eq!(
            explain("国务院", &Trail::default(), &RULES, false),
            "1 line, 3 characters; nothing to change\n"
        );
    }

    #[test]
    fn colours_take_the_place_of_brackets() {
        let text = "发展,改革";
        let mut trail = Trail::default();
        step(&mut trail, text, "width", &[(",", "，")], PUNCT_COMMA);
        let page = explain(text, &trail, &RULES, true);
        assert!(page.contains("发展\u{1B}[31m,\u{1B}[0m\u{1B}[32m，\u{1B}[0m改革"), "{page}");
    }

    #[test]
    fn no_character_reaches_the_terminal_raw() {
        let odd = ('\0'..='\u{FFFF}').chain('\u{E0000}'..='\u{E01EF}').filter(|c| is_invisible(*c));
        let mut text = String::new();
        let mut trail = Trail::default();
        let edits = trail.open("folds");
        let mut n = 0;
        for c in odd {
            text.push('前');
            let at = text.len();
            text.extend([c, c, '后']);
            edits.replace(at..at + c.len_utf8(), &c.to_string(), FOLD_RADICAL);
            n += 1;
        }
        trail.keep();
        let page = body(&text, &trail);
        let raw: Vec<char> = page.chars().filter(|c| *c != '\n' && is_invisible(*c)).collect();
        assert!(raw.is_empty(), "{raw:?}");
        // TAB and LF have signs; every other one is written as went, as came and beside the change.
        assert!(n > 6000 && page.matches("{U+").count() >= 3 * (n - 2), "{n} odd characters");
    }

    #[test]
    fn lines_are_counted_as_editors_count_them() {
        assert_eq!(line_starts("甲\r\n乙\r丙\n\n丁\n"), [0, 5, 9, 13, 14]);
        assert_eq!(line_starts(""), [0]);
    }
}
