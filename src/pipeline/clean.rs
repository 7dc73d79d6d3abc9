//! One document: the steps, one after the other, over buffers that are used again.

use std::borrow::Cow;
use std::mem::swap;

use crate::error::Result;
use crate::layout;
use crate::markup;
use crate::pipeline::steps::{STEPS, code_bit, table_bit, wake};
use crate::rules::{Choice, Rules};
use crate::text::Edits;
use crate::text::Trail;
use crate::text::wake::Wake;

/// Runs of the list over one document, at most. A later run shows the steps that come before a
/// change what stands there now, until every step has looked at the text as it stands: then a
/// second cleaning finds nothing. docs/limits.md says how many there are; the bound holds off a
/// text that was made to never settle.
const MAX_ROUNDS: usize = 16;

/// Steps that are shown a text without asking first whether it concerns them.
const FEW_STEPS: u32 = 7;

/// The step that takes out lines which speak about the document.
const CHROME: &str = "chrome";

/// Appends the lines that `edits` take out of `text`.
fn hear(text: &str, edits: &Edits, said: &mut String) {
    for change in edits.iter() {
        said.push_str(&text[change.src]);
        if !said.ends_with('\n') {
            said.push('\n');
        }
    }
}

/// Cleans documents one at a time. Build it once, use it from as many threads as you like.
///
/// ```
/// use jingwen::Cleaner;
///
/// let cleaner = Cleaner::new();
/// assert_eq!(cleaner.clean("增长5.6%,其中:一是改革"), "增长5.6%，其中：一是改革");
/// ```
#[derive(Clone, Debug)]
pub struct Cleaner {
    rules: Rules,
    wake: Wake,
}

/// The buffers on a cleaner's desk. Keep one a thread; once warm, cleaning allocates nothing.
#[derive(Debug, Default)]
pub struct Desk {
    now: String,
    next: String,
    trail: Trail,
    said: String,
}

impl Desk {
    /// The edits of the document cleaned last.
    #[must_use]
    pub fn trail(&self) -> &Trail {
        &self.trail
    }

    /// What the frame of the page, or head and foot of the text, said about the document cleaned
    /// last: lines of labels and values, for [`crate::fields::said`].
    #[must_use]
    pub fn said(&self) -> &str {
        &self.said
    }

    /// For a text that stays as it is.
    pub(crate) fn forget(&mut self) {
        self.trail.clear();
        self.said.clear();
    }
}

/// A clean text and the way it came about.
#[derive(Clone, Debug)]
pub struct Cleaned {
    /// The clean text.
    pub text: String,
    /// The edits of every step.
    pub trail: Trail,
}

impl Default for Cleaner {
    fn default() -> Self {
        Self::new()
    }
}

impl Cleaner {
    /// The bundled rules in the profile `standard`.
    ///
    /// # Panics
    ///
    /// Never: a test reads the bundled tables.
    #[must_use]
    pub fn new() -> Self {
        Self::with_rules(Rules::bundled(&Choice::default()).expect("the bundled tables are read by a test"))
    }

    /// The bundled rules as chosen.
    ///
    /// ```
    /// use jingwen::Cleaner;
    /// use jingwen::rules::{Choice, Profile};
    ///
    /// let archive = Choice { profile: Profile::Archive, ..Choice::default() };
    /// assert_eq!(Cleaner::with_choice(&archive)?.clean("二○二四年,全县"), "二○二四年，全县");
    /// let no_comma = Choice { disable: vec!["punct.comma".into()], ..Choice::default() };
    /// assert_eq!(Cleaner::with_choice(&no_comma)?.clean("二○二四年,全县"), "二〇二四年,全县");
    /// # Ok::<(), jingwen::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If `choice` names a rule that does not exist.
    pub fn with_choice(choice: &Choice) -> Result<Self> {
        Ok(Self::with_rules(Rules::bundled(choice)?))
    }

    /// Any rules.
    #[must_use]
    pub fn with_rules(rules: Rules) -> Self {
        let wake = wake(&rules);
        Self { rules, wake }
    }

    /// The rules in use.
    #[must_use]
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// The clean text; borrowed where there is nothing to do.
    #[must_use]
    pub fn clean<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut desk = Desk::default();
        if self.run(&mut desk, text, false) { Cow::Owned(desk.now) } else { Cow::Borrowed(text) }
    }

    /// The clean text with its trail.
    ///
    /// ```
    /// use jingwen::Cleaner;
    ///
    /// let told = Cleaner::new().explain("发展,改革");
    /// assert_eq!(told.trail.frames()[0].step, "width");
    /// assert_eq!(told.trail.replay("发展,改革"), told.text);
    /// ```
    #[must_use]
    pub fn explain(&self, text: &str) -> Cleaned {
        let mut desk = Desk::default();
        let text = self.clean_at(&mut desk, text).to_owned();
        Cleaned { text, trail: desk.trail }
    }

    /// The clean text, made on `desk`; its trail stays there until the next document.
    pub fn clean_at<'a>(&self, desk: &'a mut Desk, text: &'a str) -> &'a str {
        self.clean_document_at(desk, text, false)
    }

    /// As [`Cleaner::clean_at`], for a whole document: where `page` says that it is an HTML page,
    /// it first becomes lines, and the trail begins with the frame `page`.
    pub fn clean_document_at<'a>(&self, desk: &'a mut Desk, text: &'a str, page: bool) -> &'a str {
        if self.run(desk, text, page) { &desk.now } else { text }
    }

    /// As [`Cleaner::clean_document_at`], with what was said around the text ([`Desk::said`]).
    pub(crate) fn clean_document_and_said<'a>(
        &self,
        desk: &'a mut Desk,
        text: &'a str,
        page: bool,
    ) -> (&'a str, &'a str) {
        let changed = self.run(desk, text, page);
        (if changed { &desk.now } else { text }, &desk.said)
    }

    /// The same, with the frame `step` behind the others: what `also` says of the clean text. What it
    /// brings together, the list looks at once more.
    pub(crate) fn clean_document_and<'a>(
        &self,
        desk: &'a mut Desk,
        text: &'a str,
        page: bool,
        step: &'static str,
        also: impl FnOnce(&str, &Rules, &mut Edits),
    ) -> (&'a str, &'a str) {
        let mut changed = self.run(desk, text, page);
        let Desk { now, next, trail, .. } = desk;
        let current = if changed { now.as_str() } else { text };
        let edits = trail.open(step);
        also(current, &self.rules, edits);
        if !edits.is_empty() {
            next.clear();
            edits.apply(current, next);
            swap(now, next);
            trail.keep();
            changed = self.settle(desk, text, true);
        }
        (if changed { &desk.now } else { text }, &desk.said)
    }

    /// Cleans into `desk.now`; false where the text stays as it is.
    fn run(&self, desk: &mut Desk, text: &str, page: bool) -> bool {
        let Desk { now, next, trail, said } = desk;
        trail.clear();
        said.clear();
        let mut changed = false;
        if page {
            let edits = trail.open("page");
            let is_framed = markup::page_and_head(text, &self.rules, edits, said);
            if !edits.is_empty() {
                now.clear();
                edits.apply(text, now);
                trail.keep();
                changed = true;
            }
            let edits = trail.open(CHROME);
            if changed && is_framed {
                layout::page_chrome(now, &self.rules, edits);
            }
            if !edits.is_empty() {
                hear(now, edits, said);
                next.clear();
                edits.apply(now, next);
                swap(now, next);
                trail.keep();
            }
        }
        self.settle(desk, text, changed)
    }

    /// Runs the list over `desk.now` where the text has changed already, else over `text`, until
    /// every step has looked at it as it stands; false where it stays as it is.
    fn settle(&self, desk: &mut Desk, text: &str, mut changed: bool) -> bool {
        let Desk { now, next, trail, said } = desk;
        let mut awake = self.wake.look(if changed { now } else { text });
        // The steps that have looked at the text as it stands.
        let mut seen = 0;
        for _ in 0..MAX_ROUNDS {
            for (n, step) in STEPS.iter().enumerate() {
                for (bit, by_table) in [(table_bit(n), true), (code_bit(n), false)] {
                    if awake & !seen & bit == 0 {
                        continue;
                    }
                    let current = if changed { now.as_str() } else { text };
                    let edits = trail.open(step.name);
                    match self.rules.table(step.name) {
                        Some(table) if by_table => table.edit(current, edits),
                        _ => (step.run)(current, &self.rules, edits),
                    }
                    seen |= bit;
                    if edits.is_empty() {
                        continue;
                    }
                    if step.name == CHROME {
                        hear(current, edits, said);
                    }
                    next.clear();
                    edits.apply(current, next);
                    awake |= self.wake.look_at(next, edits);
                    swap(now, next);
                    trail.keep();
                    changed = true;
                    seen = if step.looks_again { 0 } else { bit };
                }
            }
            if awake & !seen == 0 {
                break;
            }
            // What woke a step may be gone. To look for it costs as much as a few steps do.
            if (awake & !seen).count_ones() > FEW_STEPS {
                awake = self.wake.look(now);
            }
            if awake & !seen == 0 {
                break;
            }
        }
        changed
    }
}
