//! Lists of words and sentences whose entries call other lists: a small text becomes more notices
//! than anybody counts. The form of the lists is told in the head of `notices.txt`.

use std::collections::HashMap;
use std::ops::Range;

use crate::generator::Random;

/// Days since the first of 2009 of the first notice, and how many the dates spread over (2010 to 2023).
const FIRST_DAY: usize = 365;
const DAYS: usize = 5_000;
const MONTHS: [usize; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
/// How far the days that a notice names lie from its own, in days.
const NEAR: usize = 60;
/// The highest number of a single notice in its year.
const MAX_SERIAL: usize = 400;

/// All that is needed to write a notice again.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Recipe {
    /// Chooses sentences, places and organs.
    pub(crate) form: u64,
    /// Chooses figures, dates and names.
    pub(crate) filling: u64,
    /// Place in its series, from 1; 0 for a single notice.
    pub(crate) nth: u32,
}

/// What an entry consists of.
#[derive(Clone, Copy, Debug)]
enum Part {
    Text(&'static str),
    List(usize),
    /// The same entry all through the notice.
    Bound(usize),
    Figure {
        low: usize,
        high: usize,
        decimals: usize,
    },
    Date,
    Past,
    Soon,
    Year,
    Last,
    Serial,
}

#[derive(Debug, Default)]
struct List {
    /// Drawn anew in each notice of a series.
    varies: bool,
    /// Sentences, of which none stands twice in one notice.
    sentences: bool,
    entries: Vec<Range<usize>>,
}

/// The lists, ready to write from.
#[derive(Debug)]
pub(crate) struct Grammar {
    lists: Vec<List>,
    parts: Vec<Part>,
    names: HashMap<&'static str, usize>,
}

/// What one notice remembers while it is written.
#[derive(Debug)]
pub(crate) struct Desk {
    form: Random,
    filling: Random,
    nth: usize,
    day: usize,
    bound: Vec<Range<usize>>,
    bound_text: String,
    /// Entries of each list of sentences that stand in the notice already, a bit each.
    said: Vec<u64>,
}

impl Default for Desk {
    fn default() -> Self {
        let random = Random::new(0);
        Self {
            form: random.clone(),
            filling: random,
            nth: 0,
            day: 0,
            bound: Vec::new(),
            bound_text: String::new(),
            said: Vec::new(),
        }
    }
}

impl Grammar {
    /// # Panics
    ///
    /// Where an entry calls a list that is not there: the lists are our own.
    pub(crate) fn read(lists: &'static str) -> Self {
        let lines = || lists.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
        let mut grammar = Self { lists: Vec::new(), parts: Vec::new(), names: HashMap::new() };
        for head in lines().filter_map(|line| line.strip_prefix('[')) {
            let head = head.trim_end_matches(']');
            let name = head.trim_end_matches(" ~");
            grammar.names.insert(name, grammar.lists.len());
            grammar.lists.push(List { varies: head != name, sentences: false, entries: Vec::new() });
        }
        let mut list = 0;
        for line in lines() {
            if let Some(head) = line.strip_prefix('[') {
                list = grammar.names[head.trim_end_matches(']').trim_end_matches(" ~")];
                continue;
            }
            for entry in line.split_ascii_whitespace() {
                let first = grammar.parts.len();
                grammar.read_entry(entry);
                let entry = first..grammar.parts.len();
                grammar.lists[list].sentences =
                    matches!(grammar.parts.last(), Some(Part::Text(end)) if end.ends_with('。'));
                grammar.lists[list].entries.push(entry);
            }
        }
        grammar
    }

    fn read_entry(&mut self, mut entry: &'static str) {
        while let Some(at) = entry.find(['{', '⏎']) {
            if at > 0 {
                self.parts.push(Part::Text(&entry[..at]));
            }
            if let Some(rest) = entry[at..].strip_prefix('⏎') {
                self.parts.push(Part::Text("\n"));
                entry = rest;
                continue;
            }
            let (call, rest) = entry[at + 1..].split_once('}').expect("a { has its }");
            let part = self.call(call);
            self.parts.push(part);
            entry = rest;
        }
        if !entry.is_empty() {
            self.parts.push(Part::Text(entry));
        }
    }

    fn call(&self, call: &str) -> Part {
        let list = |name: &str| *self.names.get(name).unwrap_or_else(|| panic!("no list {name}"));
        let number = |digits: &str| digits.parse().unwrap_or_else(|_| panic!("no number {digits}"));
        match call {
            "date" => Part::Date,
            "past" => Part::Past,
            "soon" => Part::Soon,
            "year" => Part::Year,
            "last" => Part::Last,
            "serial" => Part::Serial,
            _ if call.starts_with('@') => Part::Bound(list(&call[1..])),
            _ if call.starts_with('#') => {
                let (low, high) = call[1..].split_once('-').expect("a figure has two bounds");
                let (high, decimals) = high.split_once('.').unwrap_or((high, "0"));
                Part::Figure { low: number(low), high: number(high), decimals: number(decimals) }
            }
            _ => Part::List(list(call)),
        }
    }

    /// Writes an entry of `list` over `text`.
    pub(crate) fn write(&self, recipe: Recipe, list: &str, desk: &mut Desk, text: &mut String) {
        text.clear();
        desk.form = Random::new(recipe.form);
        // A single notice has one number for both, which must not give the same draws twice.
        desk.filling = Random::new(!recipe.filling);
        desk.nth = recipe.nth as usize;
        let step = 1 + desk.form.below(20);
        desk.day = FIRST_DAY + (desk.form.below(DAYS) + desk.nth * step) % DAYS;
        desk.bound.clear();
        desk.bound.resize(self.lists.len(), 0..0);
        desk.bound_text.clear();
        desk.said.clear();
        desk.said.resize(self.lists.len(), 0);
        self.expand(self.names[list], desk, text);
    }

    fn expand(&self, list: usize, desk: &mut Desk, text: &mut String) {
        let List { varies, sentences, entries } = &self.lists[list];
        let random = if *varies { &mut desk.filling } else { &mut desk.form };
        let mut entry = random.below(entries.len());
        if *sentences {
            // The next one that was not said yet; of lists longer than 64, this is a guess.
            while desk.said[list] >> (entry % 64) & 1 == 1
                && desk.said[list].count_ones() < entries.len().min(64) as u32
            {
                entry = (entry + 1) % entries.len();
            }
            desk.said[list] |= 1 << (entry % 64);
        }
        // Places within a name that varies must vary too.
        let form = varies.then(|| std::mem::replace(&mut desk.form, desk.filling.clone()));
        for part in &self.parts[entries[entry].clone()] {
            match *part {
                Part::Text(words) => text.push_str(words),
                Part::List(called) => self.expand(called, desk, text),
                Part::Bound(called) => {
                    if desk.bound[called].is_empty() {
                        let start = text.len();
                        self.expand(called, desk, text);
                        let first = desk.bound_text.len();
                        desk.bound_text.push_str(&text[start..]);
                        desk.bound[called] = first..desk.bound_text.len();
                    } else {
                        text.push_str(&desk.bound_text[desk.bound[called].clone()]);
                    }
                }
                Part::Figure { low, high, decimals } => {
                    push_number(text, low + desk.filling.below(high - low + 1));
                    if decimals > 0 {
                        text.push('.');
                        (0..decimals).for_each(|_| push_number(text, desk.filling.below(10)));
                    }
                }
                Part::Date => push_day(text, desk.day, None),
                Part::Past => push_day(text, desk.day - 1 - desk.filling.below(NEAR), Some(desk.day)),
                Part::Soon => push_day(text, desk.day + 1 + desk.filling.below(NEAR), Some(desk.day)),
                Part::Year => push_number(text, civil(desk.day).0),
                Part::Last => push_number(text, civil(desk.day).0 - 1),
                Part::Serial => {
                    let serial = if desk.nth > 0 { desk.nth } else { 1 + desk.filling.below(MAX_SERIAL) };
                    push_number(text, serial);
                }
            }
        }
        if let Some(form) = form {
            desk.filling = std::mem::replace(&mut desk.form, form);
        }
    }
}

fn push_number(text: &mut String, number: usize) {
    let mut digits = [b'0'; 20];
    let mut at = digits.len();
    let mut rest = number;
    while at == digits.len() || rest > 0 {
        at -= 1;
        digits[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    text.extend(digits[at..].iter().map(|digit| char::from(*digit)));
}

/// A day, without its year where that is the year of `beside`.
fn push_day(text: &mut String, day: usize, beside: Option<usize>) {
    let (year, month, day) = civil(day);
    if beside.is_none_or(|beside| civil(beside).0 != year) {
        push_number(text, year);
        text.push('年');
    }
    push_number(text, month);
    text.push('月');
    push_number(text, day);
    text.push('日');
}

/// Year, month and day of a day since the first of 2009.
fn civil(day: usize) -> (usize, usize, usize) {
    let (mut year, mut month, mut day) = (2009, 0, day);
    let leap = |year: usize| usize::from(year.is_multiple_of(4));
    while day >= 365 + leap(year) {
        day -= 365 + leap(year);
        year += 1;
    }
    let length = |month: usize| MONTHS[month] + if month == 1 { leap(year) } else { 0 };
    while day >= length(month) {
        day -= length(month);
        month += 1;
    }
    (year, month + 1, day + 1)
}
