//! Gaps: runs of blanks between two characters of one line. Most mean a word break and become one
//! space; some were made by a typesetter and go; some are places to write in and stay.

use memchr::memchr;

use crate::layout::blanks::blanks;
use crate::layout::label::{list_label, starts_with_pause};
use crate::layout::spaced::{self, Chain};
use crate::layout::spaces::{leading_blanks, trailing_blanks};
use crate::rules::{Rules, builtin};
use crate::text::chars::{after, before, is_blank, is_closing, is_han, is_opening, is_wide};
use crate::text::sift::{line_ends, sift};
use crate::text::{Edits, RuleId};

/// Blanks from which on a gap beside a closing mark is a place to write in, not an accident.
const MIN_FORM_BLANK: usize = 3;

/// Blanks before 年, 月 or 日 that leave room for a figure.
const MIN_DATE_BLANK: usize = 2;

/// The longest label of a form, in characters: 法定代表人姓名.
const MAX_FORM_LABEL: usize = 8;

/// How far back an open bracket is looked for, in characters: （法定代表人签字或者盖章.
const MAX_BRACKET: usize = 24;

/// A line that goes on for so many characters and has a pausing mark is a sentence, no cell.
const MIN_SENTENCE: usize = 12;

/// Characters after which a sentence test gives up: sentences of that length have marks.
const MAX_SENTENCE: usize = 200;

/// What becomes of a gap.
enum Verdict {
    /// It goes; the rule says why.
    Gone(Option<RuleId>),
    /// A paragraph began here.
    Break,
    /// One space stays.
    One,
    /// It stays as wide as it is.
    Stays,
}

/// A line without the blanks at its edges.
#[derive(Clone, Copy, Default)]
struct Line {
    from: usize,
    to: usize,
    /// It has cells.
    cells: Option<bool>,
}

/// Judges the gaps of one text, line by line.
pub(super) struct Gaps<'a> {
    text: &'a str,
    rules: &'a Rules,
    /// Some row of a table has its cells set apart by TABs, so that a TAB elsewhere does the same.
    /// Looked for at the first TAB or wide gap.
    tab_rows: Option<bool>,
    /// The line in work, and the one before it that shows anything.
    line: Line,
    above: Line,
    /// The line in work is a row of a table.
    row: Option<bool>,
    tokenised: Option<bool>,
    /// A table or diagram may be drawn in the text.
    drawn: Option<bool>,
    /// The chain of single characters in which the last gap stood.
    chain: Option<Chain>,
    /// The end of the list label at the line's start, if any.
    #[expect(clippy::option_option, reason = "not looked for yet, or not there")]
    label: Option<Option<usize>>,
    /// The start of a chapter's title, if any.
    #[expect(clippy::option_option, reason = "not looked for yet, or not there")]
    title: Option<Option<usize>>,
    /// Behind the last break made in this line; what follows is a line of its own.
    broken: usize,
    /// The line in work is plain ASCII: code or a foreign language, where columns may matter.
    ascii: Option<bool>,
}

impl<'a> Gaps<'a> {
    pub(super) fn new(text: &'a str, rules: &'a Rules) -> Self {
        Self {
            text,
            rules,
            tab_rows: None,
            line: Line { from: 0, to: 0, cells: Some(false) },
            above: Line::default(),
            row: None,
            tokenised: None,
            drawn: None,
            chain: None,
            label: None,
            title: None,
            broken: 0,
            ascii: None,
        }
    }

    /// The next line that shows anything is `from..to`.
    #[inline]
    pub(super) fn begin_line(&mut self, from: usize, to: usize) {
        (self.above, self.line) = (self.line, Line { from, to, cells: None });
        (self.chain, self.label, self.title) = (None, None, None);
        (self.ascii, self.row) = (None, None);
    }

    /// Says what becomes of the gap at `gap` in the line `from..to`, whose edges are no blanks, and
    /// gives its end.
    pub(super) fn judge(&mut self, from: usize, gap: usize, to: usize, edits: &mut Edits) -> usize {
        let text = self.text;
        let from = from.max(self.broken);
        let mut end = gap;
        let (mut blanks, mut tabs) = (0, false);
        while let Some(c) = after(text, end).filter(|&c| is_blank(c)) {
            blanks += 1;
            tabs |= c == '\t';
            end += c.len_utf8();
        }
        if *self.ascii.get_or_insert_with(|| text[from..to].is_ascii()) {
            return end;
        }
        let row = (tabs || blanks > 1) && self.in_table();
        if tabs && (row || self.has_tab_rows()) {
            return end;
        }
        if blanks > 1 && (row || starts_with_pause(&text[from..to])) {
            self.plain_spaces(gap, end, edits);
            return end;
        }
        let verdict = self.verdict(from, gap, end, to, blanks);
        match verdict {
            Verdict::Gone(Some(rule)) => edits.delete(gap..end, rule),
            Verdict::Break => match self.rules.on(builtin::SPACE_LOST_BREAK) {
                Some(rule) => {
                    edits.replace(gap..end, "\n", rule);
                    self.broken = end;
                    (self.label, self.title, self.ascii) = (None, None, None);
                }
                None => self.one_space(gap, end, blanks, edits),
            },
            Verdict::One | Verdict::Gone(None) => self.one_space(gap, end, blanks, edits),
            Verdict::Stays => self.plain_spaces(gap, end, edits),
        }
        end
    }

    /// One of the lines that tables are drawn with stands in `line`, a part of the text.
    pub(super) fn is_drawn(&mut self, line: &str) -> bool {
        *self.drawn.get_or_insert_with(|| may_be_drawn(self.text)) && line.contains(BOX)
    }

    /// The line in work is a row of a table: it and a neighbour have cells. Only what stays as it
    /// is counts, so a second look finds the same rows.
    pub(super) fn in_table(&mut self) -> bool {
        if let Some(row) = self.row {
            return row;
        }
        self.line.cells = Some(self.cells(self.line));
        let row = self.line.cells == Some(true) && (self.above_has_cells() || self.below_has_cells());
        *self.row.insert(row)
    }

    fn above_has_cells(&mut self) -> bool {
        self.above.cells = Some(self.cells(self.above));
        self.above.cells == Some(true)
    }

    fn below_has_cells(&mut self) -> bool {
        let rest = &self.text[self.line.to..];
        let start = self.text.len() - rest.trim_start_matches(|c| c == '\n' || is_blank(c)).len();
        let end = memchr(b'\n', &self.text.as_bytes()[start..]).map_or(self.text.len(), |n| start + n);
        let to = end - trailing_blanks(&self.text[start..end]);
        self.cells(Line { from: start, to, cells: None })
    }

    fn cells(&mut self, line: Line) -> bool {
        let content = &self.text[line.from..line.to];
        line.cells.unwrap_or_else(|| has_cells(content) || self.is_drawn(content))
    }

    fn has_tab_rows(&mut self) -> bool {
        *self.tab_rows.get_or_insert_with(|| has_tab_rows(self.text))
    }

    fn verdict(&mut self, from: usize, gap: usize, end: usize, to: usize, blanks: usize) -> Verdict {
        let text = self.text;
        let (Some(left), Some(right)) = (before(text, gap), after(text, end)) else { return Verdict::Stays };
        if is_drawn(left) || is_drawn(right) {
            return Verdict::Stays;
        }
        if is_han(left) && is_han(right) {
            return self.between_han(from, gap, end, to, blanks);
        }
        let mark = self.rules.on(builtin::SPACE_MARK);
        let closes = is_closing_or_pausing(right);
        if matches!(&text[from..gap], "-" | "*" | "+") {
            return Verdict::One; // the bullet of a list
        }
        if is_opening(left) && left != '(' && left != '[' && left != '{' {
            // Brackets around nothing are a place to write in.
            return if is_closing(right) && blanks > 1 { Verdict::Stays } else { Verdict::Gone(mark) };
        }
        if closes {
            if left == right && matches!(right, '？' | '！' | '。') {
                return Verdict::One; // signs of a table, each set apart
            }
            if right == '）' && &text[gap..end] != " " && is_open_year(&text[from..gap]) {
                return Verdict::Stays;
            }
            if right == '；' && blanks > 1 && left.is_ascii_alphanumeric() {
                return Verdict::Stays; // a remark behind a line of code
            }
            let form = blanks >= MIN_FORM_BLANK && (left == '：' || in_bracket(text, from, gap));
            return if form { Verdict::Stays } else { Verdict::Gone(mark) };
        }
        if matches!(left, '，' | '、') {
            return Verdict::Gone(mark);
        }
        if self.label(from, to) == Some(gap) && (is_han(right) || matches!(right, '《' | '“' | '（')) {
            return Verdict::Gone(mark);
        }
        if left == '：' {
            return self.after_colon(end, to, gap, mark);
        }
        if matches!(left, '。' | '！' | '？' | '；' | '”' | '）')
            && &text[gap..end] == "　　"
            && opens_a_paragraph(&text[end..to])
            && (!matches!(left, '”' | '）') || is_sentence(&text[end..to]))
        {
            return Verdict::Break;
        }
        if left.is_ascii_digit() && matches!(right, '%' | '‰') {
            let behind = after(text, end + right.len_utf8());
            if !behind.is_some_and(|c| c.is_ascii_alphanumeric()) {
                return Verdict::Gone(mark);
            }
        }
        if date_to_fill(text, end, blanks) { Verdict::Stays } else { Verdict::One }
    }

    /// After a colon stands a value, the next label of a form, or a paragraph of its own.
    fn after_colon(&self, end: usize, to: usize, gap: usize, mark: Option<RuleId>) -> Verdict {
        let rest = &self.text[end..to];
        if date_to_fill(self.text, end, MIN_DATE_BLANK) {
            return Verdict::Stays;
        }
        let blanks = self.text[gap..end].chars().count();
        if blanks >= MIN_FORM_BLANK && is_place_to_write(rest) {
            return Verdict::Stays;
        }
        if begins_with_form_label(rest) {
            return Verdict::One;
        }
        if &self.text[gap..end] == "　　" && is_sentence(rest) && opens_a_paragraph(rest) {
            return Verdict::Break;
        }
        Verdict::Gone(mark)
    }

    fn between_han(&mut self, from: usize, gap: usize, end: usize, to: usize, blanks: usize) -> Verdict {
        let text = self.text;
        if let Some(rule) = self.rules.on(builtin::SPACE_SEGMENTED)
            && self.is_tokenised()
        {
            return Verdict::Gone(Some(rule));
        }
        if let Some(title) = self.title(from, to)
            && gap > title
            && !self.is_tokenised()
        {
            return Verdict::Gone(self.rules.on(builtin::SPACE_HEADING));
        }
        let chain = match self.chain {
            Some(chain) if gap < chain.end => chain,
            _ => Chain::around(text, from, gap, to),
        };
        self.chain = Some(chain);
        if gap < chain.end {
            if chain.closes_up && !self.is_tokenised() {
                if chain.keeps_gap == Some(gap) {
                    return Verdict::One;
                }
                return Verdict::Gone(self.rules.on(builtin::SPACE_LETTER_SPACED));
            }
            if chain.long {
                return Verdict::Stays;
            }
        }
        if date_to_fill(text, end, blanks) { Verdict::Stays } else { Verdict::One }
    }

    /// Looked for once a line, however many gaps it has.
    fn label(&mut self, from: usize, to: usize) -> Option<usize> {
        let line = &self.text[from..to];
        *self.label.get_or_insert_with(|| list_label(line).map(|n| from + n))
    }

    /// As [`Gaps::label`].
    fn title(&mut self, from: usize, to: usize) -> Option<usize> {
        let line = &self.text[from..to];
        *self.title.get_or_insert_with(|| spaced::heading_title(line).map(|n| from + n))
    }

    /// Looked for only where something would close up: it takes a pass over the text.
    fn is_tokenised(&mut self) -> bool {
        *self.tokenised.get_or_insert_with(|| spaced::is_tokenised(self.text))
    }

    /// One U+0020 for the gap.
    fn one_space(&self, gap: usize, end: usize, blanks: usize, edits: &mut Edits) {
        if &self.text[gap..end] == " " {
            return;
        }
        let wide = self.text[gap..end].starts_with(['　', '\t']);
        match self.rules.on(builtin::SPACE_RUN) {
            Some(rule) if blanks > 1 || wide => edits.replace(gap..end, " ", rule),
            _ => self.plain_spaces(gap, end, edits),
        }
    }

    /// The gap keeps its width, and its blanks become U+0020; U+3000 is a character of Chinese
    /// text and stays, a TAB may be a cell's end.
    fn plain_spaces(&self, gap: usize, end: usize, edits: &mut Edits) {
        let Some(rule) = self.rules.on(builtin::SPACE_ODD) else { return };
        if self.parts_a_number(gap, end) {
            return;
        }
        for (at, c) in self.text[gap..end].char_indices() {
            if !matches!(c, ' ' | '　' | '\t') {
                edits.replace(gap + at..gap + at + c.len_utf8(), " ", rule);
            }
        }
    }
}

impl Gaps<'_> {
    /// The gap is a thin space inside a number, by which thousands are set apart.
    fn parts_a_number(&self, gap: usize, end: usize) -> bool {
        let thin = |c: char| matches!(c, '\u{2006}'..='\u{200A}' | '\u{202F}');
        let mut blanks = self.text[gap..end].chars();
        blanks.next().is_some_and(thin)
            && blanks.next().is_none()
            && before(self.text, gap).is_some_and(|c| c.is_ascii_digit() || c == '.')
            && after(self.text, end).is_some_and(|c| c.is_ascii_digit())
    }
}

const fn is_closing_or_pausing(c: char) -> bool {
    matches!(c, '，' | '。' | '、' | '；' | '：' | '？' | '！' | '”' | '’' | '）' | '》' | '〉' | '】' | '〕')
}

/// `年   月   日`: the numbers are to be written in before these characters.
fn date_to_fill(text: &str, end: usize, blanks: usize) -> bool {
    let unit = |c: char| matches!(c, '年' | '月' | '日' | '时' | '分');
    let Some(right) = after(text, end).filter(|&c| unit(c)) else { return false };
    // 年龄 and 日期 are words; blanks between the characters do not make them others.
    let behind = text[end + right.len_utf8()..].chars().find(|&c| !is_blank(c));
    blanks >= MIN_DATE_BLANK && behind.is_none_or(|c| unit(c) || !is_han(c))
}

/// A bracket is open before `gap` on its line.
fn in_bracket(text: &str, from: usize, gap: usize) -> bool {
    text[from..gap]
        .chars()
        .rev()
        .take(MAX_BRACKET)
        .find(|c| matches!(c, '（' | '）' | '(' | ')'))
        .is_some_and(|c| matches!(c, '（' | '('))
}

/// Part of a line that is drawn: a fraction, a frame.
fn is_drawn(c: char) -> bool {
    matches!(c, '\u{2500}'..='\u{257F}')
}

/// `1936-`: the year behind the dash is yet to come.
fn is_open_year(text: &str) -> bool {
    let year = text.strip_suffix(['-', '－', '—', '–', '～', '~']).unwrap_or_default();
    let year = year.trim_end_matches(['-', '－', '—', '–']);
    year.ends_with(|c: char| c.is_ascii_digit())
}

/// Behind the place to write in stands a hint in brackets, or a unit: `（盖章）`, `家`.
fn is_place_to_write(rest: &str) -> bool {
    let mut chars = rest.chars();
    match chars.next() {
        Some('（') => true,
        Some('个' | '元' | '号' | '人' | '家' | '份' | '名' | '天') => {
            chars.next().is_none_or(|c| !is_han(c))
        }
        _ => false,
    }
}

/// `性别：`: a few characters of Han and a colon.
fn begins_with_form_label(rest: &str) -> bool {
    let mut letters = 0;
    for c in rest.chars().filter(|&c| !is_blank(c)).take(MAX_FORM_LABEL + 1) {
        match c {
            '：' => return letters > 0,
            c if is_han(c) => letters += 1,
            _ => return false,
        }
    }
    false
}

/// A paragraph can begin so: with a word, an opening mark or a dash of its own. A page number and
/// a mark that starts no line cannot, and would be taken for furniture or joined next time.
fn opens_a_paragraph(rest: &str) -> bool {
    let mut chars = rest.chars();
    let (first, second) = (chars.next().unwrap_or(' '), chars.next().unwrap_or(' '));
    match first {
        '—' => second == '—' && chars.next().is_some_and(is_han),
        '第' | '共' => !rest.chars().take(MAX_FORM_LABEL).any(|c| c == '页'),
        '0'..='9' => !rest.chars().take(MAX_FORM_LABEL).any(|c| matches!(c, '/' | '／')),
        '（' | '【' => second != '第' && second != '共',
        '《' | '“' | '‘' | '〔' | '①'..='⑳' => true,
        c => is_han(c) || c.is_ascii_alphabetic(),
    }
}

/// Long enough for a sentence, and with a mark of one.
fn is_sentence(rest: &str) -> bool {
    rest.chars().nth(MIN_SENTENCE).is_some()
        && rest.chars().take(MAX_SENTENCE).any(|c| matches!(c, '，' | '。' | '；' | ','))
        && rest.chars().next().is_some_and(|c| is_wide(c) || c.is_ascii_digit())
}

/// A line with a TAB inside is a row of a table.
fn has_tab_rows(text: &str) -> bool {
    let drawn = may_be_drawn(text);
    // Of the last line that shows anything: it has a TAB, and it has cells.
    let (mut tab_above, mut cells_above, mut start) = (false, false, 0);
    for end in line_ends(text) {
        let from = start + leading_blanks(&text[start..end]);
        if from < end {
            let line = &text[from..end - trailing_blanks(&text[from..end])];
            let tab = memchr(b'\t', line.as_bytes()).is_some();
            let cells = tab || has_cells(line) || drawn && line.contains(BOX);
            if cells && cells_above && (tab || tab_above) {
                return true;
            }
            (tab_above, cells_above) = (tab, cells);
        }
        start = end + 1;
    }
    false
}

/// Lines that a table or diagram is drawn with.
const BOX: &[char] = &['│', '┃', '║', '┌', '├', '└'];

/// Wide gaps in a line from which on they set cells apart; an empty cell shows only in the width
/// of its gap. Where there are numbers, fewer will do.
const MIN_WIDE_GAPS: usize = 3;

/// The same for a line of numbers.
const MIN_NUMBER_GAPS: usize = 2;

/// Characters of a cell; where text goes on for longer, only many gaps among numbers make a row.
const MAX_CELL: usize = 24;

/// A line has TABs inside, or cells with wide gaps between them. Letters that a typesetter spread
/// over the line are no cells.
fn has_cells(line: &str) -> bool {
    let (mut wide, mut at) = (0, 0);
    let mut blanks = blanks(line);
    while let Some(gap) = blanks.next(at, line.len()) {
        let mut width = 0;
        at = gap;
        while let Some(c) = after(line, at).filter(|&c| is_blank(c)) {
            if c == '\t' {
                return true;
            }
            width += 1;
            at += c.len_utf8();
        }
        wide += usize::from(width > 1);
    }
    if wide < MIN_NUMBER_GAPS {
        return false;
    }
    let digit = line.bytes().any(|b| b.is_ascii_digit());
    if digit && wide >= MIN_WIDE_GAPS {
        return true;
    }
    let cells = (2..=MAX_CELL).contains(&longest_cell(line)) && !line.contains('。');
    cells && wide >= if digit { MIN_NUMBER_GAPS } else { MIN_WIDE_GAPS }
}

/// Characters of the longest cell, where wide gaps set cells apart.
fn longest_cell(line: &str) -> usize {
    let (mut longest, mut letters, mut width) = (0, 0, 0);
    for c in line.chars() {
        if is_blank(c) {
            width += 1;
            continue;
        }
        letters = if width > 1 { 1 } else { letters + 1 };
        width = 0;
        longest = longest.max(letters);
    }
    longest
}

/// The lines of [`BOX`] stand somewhere in `text`, or others of their kind.
fn may_be_drawn(text: &str) -> bool {
    sift(text, |a, b, _, _| (a == 0xE2) & (b & 0xFE == 0x94)).next().is_some()
}
