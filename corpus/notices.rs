//! Short notices without end, from the lists of `notices.txt` by a seed.
//!
//! What limits speed and memory shows on millions of documents, and nobody may ship millions of
//! real ones. Two notices rarely share a phrase, whatever their number; series and copies lie among
//! them as in an archive. A notice is known by 24 bytes and made again when a copy of it is due, so
//! memory does not grow with the archive either.

use std::collections::VecDeque;
use std::fmt::Write as _;

use crate::generator::Random;
use crate::grammar::{Desk, Grammar, Recipe};

const LISTS: &str = include_str!("notices.txt");

/// Characters of a notice; where no draw falls into the range, the last one is taken.
const LENGTHS: std::ops::RangeInclusive<usize> = 120..=300;
const MAX_DRAWS: u64 = 24;

/// Where a wrong character is another figure or date, and no slip.
const FIGURES: &str = "一二三四五六七八九十百千万亿年月日时分号第";

/// Bytes that lie between two slips at least.
const APART: usize = 9;

/// How far back the original of a copy lies at most, in documents.
const REACH: usize = 100_000;
/// Shares of 1; all else are single notices.
const IN_SERIES: f64 = 0.15;
const COPIES: f64 = 0.15;
/// Documents of one series, and how many series are under way at one time.
const SHORTEST: usize = 5;
const LONGEST: usize = 300;
const UNDER_WAY: usize = 24;

/// What an archive is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Single notices, series and copies, in the same shares whatever the length.
    Plain,
    /// One series: number, date, names and figures differ, so every one of them must stay.
    Template,
    /// Copies of one notice that differ in layout and marks only.
    Equal,
}

/// One document: what the archive calls it, and its text.
#[derive(Debug, Default)]
pub(crate) struct Notice {
    /// `b0000007`; `s…` in a series; `…~0000003` for a copy of the third document.
    pub(crate) id: String,
    /// Paragraphs between line ends.
    pub(crate) text: String,
}

/// A series that still gets documents.
#[derive(Clone, Copy, Debug)]
struct Series {
    form: u64,
    written: u32,
    left: u32,
}

/// Writes notices, one after the other.
pub(crate) struct Archive {
    shape: Shape,
    random: Random,
    grammar: Grammar,
    desk: Desk,
    /// A second text, where one is made of another.
    spare: String,
    written: u64,
    series: Vec<Series>,
    /// The last originals and their numbers.
    originals: VecDeque<(u64, Recipe)>,
}

impl Archive {
    /// The archive of `seed`, always the same bytes.
    pub(crate) fn new(shape: Shape, seed: u64) -> Self {
        let grammar = Grammar::read(LISTS);
        Self {
            shape,
            random: Random::new(seed),
            desk: Desk::default(),
            spare: String::new(),
            grammar,
            written: 0,
            series: Vec::new(),
            originals: VecDeque::new(),
        }
    }

    /// Writes the next document over `notice`.
    pub(crate) fn next(&mut self, notice: &mut Notice) {
        self.written += 1;
        let number = self.written;
        notice.id.clear();
        match self.shape {
            Shape::Plain => self.plain(number, notice),
            Shape::Template => {
                if self.series.is_empty() {
                    let form = self.form("land");
                    self.series.push(Series { form, written: 0, left: u32::MAX });
                }
                let recipe = self.next_of_series(0);
                write_id(notice, 's', number);
                self.grammar.write(recipe, "land", &mut self.desk, &mut notice.text);
            }
            Shape::Equal => {
                let original = if let Some((_, recipe)) = self.originals.front() {
                    *recipe
                } else {
                    let form = self.form("notice");
                    let recipe = Recipe { form, filling: form, nth: 0 };
                    self.originals.push_back((number, recipe));
                    recipe
                };
                write_id(notice, 'b', number);
                self.grammar.write(original, "notice", &mut self.desk, &mut notice.text);
                if number > 1 {
                    notice.id.push_str("~0000001");
                    self.spoil(&mut notice.text);
                }
            }
        }
    }

    fn plain(&mut self, number: u64, notice: &mut Notice) {
        let share = self.random.share();
        if share < COPIES && !self.originals.is_empty() {
            let (original, recipe) = self.originals[self.random.below(self.originals.len())];
            write_id(notice, 'b', number);
            write!(notice.id, "~{original:07}").expect("a String takes all");
            self.grammar.write(recipe, "notice", &mut self.desk, &mut notice.text);
            match self.random.below(6) {
                0 | 1 => {}
                2 | 3 => self.spoil(&mut notice.text),
                4 => self.mistype(&mut notice.text),
                _ => self.annotate(&mut notice.text),
            }
            return;
        }
        let recipe = if share < COPIES + IN_SERIES {
            while self.series.len() < UNDER_WAY {
                // Drawn twice: short series are more frequent than long ones.
                let most = 1 + self.random.below(LONGEST - SHORTEST + 1);
                let length = SHORTEST + self.random.below(most);
                let form = self.form("notice");
                self.series.push(Series { form, written: 0, left: length as u32 });
            }
            write_id(notice, 's', number);
            // Long series come on more often, so that they do not lie in one heap at the end.
            let at = (0..2).map(|_| self.random.below(UNDER_WAY)).max_by_key(|at| self.series[*at].left);
            self.next_of_series(at.expect("two were drawn"))
        } else {
            write_id(notice, 'b', number);
            let form = self.form("notice");
            Recipe { form, filling: form, nth: 0 }
        };
        self.grammar.write(recipe, "notice", &mut self.desk, &mut notice.text);
        // Until the window is full, copies come from what is there.
        if self.originals.front().is_some_and(|(first, _)| first + (REACH as u64) < number) {
            self.originals.pop_front();
        }
        self.originals.push_back((number, recipe));
    }

    /// A form whose notice has the right length.
    fn form(&mut self, list: &str) -> u64 {
        let mut form = self.random.next();
        let mut text = String::new();
        for _ in 0..MAX_DRAWS {
            self.grammar.write(Recipe { form, filling: form, nth: 0 }, list, &mut self.desk, &mut text);
            if LENGTHS.contains(&text.chars().count()) {
                break;
            }
            form = self.random.next();
        }
        form
    }

    /// The next document of the series at `at`, which ends with its last one.
    fn next_of_series(&mut self, at: usize) -> Recipe {
        let filling = self.random.next();
        let series = &mut self.series[at];
        series.written += 1;
        series.left -= 1;
        let recipe = Recipe { form: series.form, filling, nth: series.written };
        if series.left == 0 {
            self.series.swap_remove(at);
        }
        recipe
    }

    /// Layout and marks as careless sites leave them; letters and figures stay.
    fn spoil(&mut self, text: &mut String) {
        let way = 1 + self.random.below(7);
        let (starred, narrow, flat) = (way & 1 != 0, way & 2 != 0, way & 4 != 0);
        let mut spoilt = std::mem::take(&mut self.spare);
        spoilt.clear();
        for c in text.chars() {
            match c {
                '\n' if flat => spoilt.push(' '),
                '，' | '。' | '；' => {
                    if starred && self.random.chance(0.4) {
                        spoilt.push('★');
                    }
                    spoilt.push(if narrow && c == '，' { ',' } else { c });
                }
                _ => spoilt.push(c),
            }
        }
        self.spare = std::mem::replace(text, spoilt);
    }

    /// One to three single characters are typed wrong.
    fn mistype(&mut self, text: &mut String) {
        let slips = 1 + self.random.below(3);
        let mut typed = Vec::with_capacity(slips);
        // Nearly all characters are Han, and one byte of three is a first one: tries are not lost often.
        for _ in 0..20 * slips {
            let at = self.random.below(text.len());
            let c = text.get(at..).and_then(|rest| rest.chars().next());
            let wrong = c.is_some_and(|c| ('\u{4E00}'..='\u{9FFF}').contains(&c) && !FIGURES.contains(c));
            // Two beside each other would be another word.
            if !wrong || typed.iter().any(|other| at.abs_diff(*other) <= APART) {
                continue;
            }
            let form = self.random.next();
            let recipe = Recipe { form, filling: form, nth: 0 };
            self.grammar.write(recipe, "slip", &mut self.desk, &mut self.spare);
            if text[at..].starts_with(&self.spare) {
                continue;
            }
            text.replace_range(at..at + self.spare.len(), &self.spare);
            typed.push(at);
            if typed.len() == slips {
                break;
            }
        }
    }

    /// Who passed it on says so.
    fn annotate(&mut self, text: &mut String) {
        let before = self.random.chance(0.5);
        let form = self.random.next();
        let recipe = Recipe { form, filling: form, nth: 0 };
        let mut note = std::mem::take(&mut self.spare);
        let list = if before { "note.before" } else { "note.after" };
        self.grammar.write(recipe, list, &mut self.desk, &mut note);
        text.insert_str(if before { 0 } else { text.len() }, &note);
        self.spare = note;
    }
}

fn write_id(notice: &mut Notice, kind: char, number: u64) {
    write!(notice.id, "{kind}{number:07}").expect("a String takes all");
}
