//! Reads the rows of a trail file, and walks them forwards and backwards.
//!
//! Nothing is believed: what an edit says must stand at its place, and the texts at both ends must
//! have the size and sum that the row names. A row or a text that was changed on the way is an
//! error that says where, never a wrong text.

use encoding_rs::Encoding;
use serde::Deserialize;
use serde_json::Value;

use crate::error::Error;
use crate::error::Kind;
use crate::error::Result;
use crate::pipeline::trail_file::Sum;
use crate::pipeline::trail_file::VERSION;
use crate::pipeline::trail_file::diff::Difference;
use crate::pipeline::trail_file::diff::patch;

/// No text of ours is longer: the sources refuse documents of 4 GiB. Holds a forged row that
/// multiplies one span by thousands to an error.
const MAX_TEXT: usize = u32::MAX as usize;

/// How much of a text an error shows.
const SHOWN_CHARS: usize = 16;

/// The first line of a trail file.
#[derive(Clone, Debug)]
pub struct Header {
    /// The hash of the rule tables, in hexadecimal.
    pub rules: String,
    /// The version of the program that wrote the file.
    pub version: String,
    /// The names of the rules, by their numbers in the rows.
    pub names: Vec<String>,
}

#[derive(Deserialize)]
struct HeaderLine {
    rules: String,
    version: String,
    names: Vec<String>,
}

impl Header {
    /// Reads the first line of a trail file.
    ///
    /// # Errors
    ///
    /// If the line is none, or of a newer version than [`VERSION`].
    pub fn read(line: &str) -> Result<Self> {
        let none = || {
            damaged(format!(
                "this is no trail file: its first line should start with {{\"jingwen_trail\":{VERSION}, and starts with {:?}",
                start_of(line)
            ))
        };
        let line: Value = serde_json::from_str(line).map_err(|_| none())?;
        // The version stands before everything else: a newer one may call the rest by other names.
        let version = line.get("jingwen_trail").and_then(Value::as_u64).ok_or_else(none)?;
        if version > u64::from(VERSION) {
            let writer = line.get("version").and_then(Value::as_str).unwrap_or("unknown");
            return Err(damaged(format!(
                "the trail has format {version}, written by jingwen {writer}; this is jingwen {}, \
                 which reads formats up to {VERSION}: use the program that wrote it, or a newer one",
                env!("CARGO_PKG_VERSION")
            )));
        }
        let HeaderLine { rules, version, names } =
            serde_json::from_value(line).map_err(|e| damaged(format!("the first line of the trail: {e}")))?;
        Ok(Self { rules, version, names })
    }
}

/// One document of a trail file.
#[derive(Clone, Debug)]
pub struct Row {
    /// The id as it stands in JSON.
    pub id: String,
    /// Where the document came from.
    pub source: String,
    /// The encoding of the file.
    pub encoding: String,
    /// The decoded text gives the bytes of the file again.
    pub reversible: bool,
    before: Sum,
    after: Sum,
    steps: Vec<(String, Vec<Edit>)>,
}

#[derive(Deserialize)]
struct RowLine {
    id: Value,
    source: String,
    encoding: String,
    reversible: bool,
    before: Sum,
    after: Sum,
    steps: Vec<(String, Vec<Edit>)>,
}

#[derive(Clone, Debug, Deserialize)]
struct Edit(usize, Was, String, usize);

#[derive(Clone, Debug, Deserialize)]
#[serde(untagged, expecting = "what an edit removed should be a text, or an object with at, len and diff")]
enum Was {
    Text(String),
    Copy(Copy),
}

/// A removed repeat: the bytes `at..at+len` of the text after the step, but for the differences.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Copy {
    at: usize,
    len: usize,
    diff: Vec<(usize, String, String)>,
}

impl Copy {
    /// The removed text; `Err` says what does not fit.
    fn text(&self, new: &str) -> std::result::Result<String, String> {
        let twin = self.at.checked_add(self.len).and_then(|end| new.get(self.at..end)).ok_or_else(|| {
            format!("its copy should stand at bytes {}+{}, where the text has none", self.at, self.len)
        })?;
        let differences = self.diff.iter().map(|(gap, twin, had)| Difference { gap: *gap, twin, had });
        patch(twin, differences)
            .map_err(|at| format!("its copy differs from the row at byte {}", self.at + at))
    }

    /// The length of the removed text, known without any text.
    fn removed_len(&self) -> Option<usize> {
        let twin: usize = self.diff.iter().map(|d| d.1.len()).sum();
        let had: usize = self.diff.iter().map(|d| d.2.len()).sum();
        self.len.checked_sub(twin)?.checked_add(had)
    }
}

impl Row {
    /// Reads one row.
    ///
    /// # Errors
    ///
    /// If the line is no row, or names a rule that the header does not have.
    pub fn read(line: &str, header: &Header) -> Result<Self> {
        let line: RowLine = serde_json::from_str(line)
            .map_err(|e| damaged(format!("a row of the trail cannot be read: {e}")))?;
        let RowLine { id, source, encoding, reversible, before, after, steps } = line;
        let row = Self { id: id.to_string(), source, encoding, reversible, before, after, steps };
        for (step, edits) in &row.steps {
            if let Some(n) = edits.iter().position(|edit| edit.3 >= header.names.len()) {
                return Err(row.wrong(step, n, &format!("the first line names no rule {}", edits[n].3)));
            }
        }
        Ok(row)
    }

    /// The decoded text, made from the clean one.
    ///
    /// # Errors
    ///
    /// If `clean` is not the text that the row was written for, or the row is damaged. The
    /// message names the step, the edit and the byte.
    pub fn restore(&self, clean: &str) -> Result<String> {
        let text = self.walk(clean, self.steps.iter().rev(), Self::back);
        self.verified(text, (clean, &self.after), &self.before)
    }

    /// The clean text, made from the decoded one.
    ///
    /// # Errors
    ///
    /// As [`Row::restore`].
    pub fn replay(&self, text: &str) -> Result<String> {
        let clean = self.walk(text, self.steps.iter(), Self::forth);
        self.verified(clean, (text, &self.before), &self.after)
    }

    /// The bytes of the file, from its decoded text.
    ///
    /// # Errors
    ///
    /// If decoding lost something (`reversible` is false), the encoding is unknown, or `text` has
    /// characters that the encoding has not.
    pub fn bytes(&self, text: &str) -> Result<Vec<u8>> {
        if !self.reversible {
            return Err(Error::usage(format!(
                "{}: decoding it as {} replaced bytes that no text can give back; its decoded text is all there is",
                self.source, self.encoding
            )));
        }
        encode(text, &self.encoding).ok_or_else(|| {
            damaged(format!("trail row {}: the text cannot be written as {:?}", self.id, self.encoding))
        })
    }

    /// `text` is what the row's clean text was.
    pub(super) fn is_for(&self, clean: &Sum) -> bool {
        self.after == *clean
    }

    fn walk<'a>(
        &self,
        text: &str,
        steps: impl Iterator<Item = &'a (String, Vec<Edit>)>,
        one: impl Fn(&Self, &str, &[Edit], &str) -> Result<String>,
    ) -> Result<String> {
        let mut now = text.to_owned();
        for (step, edits) in steps {
            now = one(self, step, edits, &now)?;
        }
        Ok(now)
    }

    /// The text after a step → the text before it.
    fn back(&self, step: &str, edits: &[Edit], new: &str) -> Result<String> {
        let (mut old, mut at) = (String::with_capacity(new.len()), 0);
        for (n, Edit(gap, was, with, _)) in edits.iter().enumerate() {
            let from = self.expect(new, at, *gap, with, (step, n, "after"))?;
            old.push_str(&new[at..from]);
            match was {
                Was::Text(was) => old.push_str(was),
                Was::Copy(copy) => old.push_str(&copy.text(new).map_err(|what| self.wrong(step, n, &what))?),
            }
            if old.len() > MAX_TEXT {
                return Err(self.wrong(step, n, "the text grows beyond 4 GiB"));
            }
            at = from + with.len();
        }
        old.push_str(&new[at..]);
        Ok(old)
    }

    /// The text before a step → the text after it.
    fn forth(&self, step: &str, edits: &[Edit], old: &str) -> Result<String> {
        let (mut new, mut at) = (String::with_capacity(old.len()), 0);
        let mut copies = Vec::new();
        for (n, Edit(gap, was, with, _)) in edits.iter().enumerate() {
            let was_text = if let Was::Text(was) = was { was } else { "" };
            let from = self.expect(old, at, *gap, was_text, (step, n, "before"))?;
            new.push_str(&old[at..from]);
            new.push_str(with);
            at = from + was_text.len();
            if let Was::Copy(copy) = was {
                at = copy
                    .removed_len()
                    .and_then(|len| from.checked_add(len))
                    .filter(|end| old.is_char_boundary(*end))
                    .ok_or_else(|| self.wrong(step, n, "the removed repeat ends outside the text"))?;
                copies.push((n, copy, from..at));
            }
        }
        new.push_str(&old[at..]);
        // A copy may stand behind the span that repeats it, so it is looked at when all is written.
        for (n, copy, span) in copies {
            let removed = copy.text(&new).map_err(|what| self.wrong(step, n, &what))?;
            if removed != old[span.clone()] {
                return Err(self.wrong(
                    step,
                    n,
                    &format!("bytes {span:?} do not repeat the copy that stays"),
                ));
            }
        }
        Ok(new)
    }

    /// The place `gap` bytes behind `at`, where `expected` must stand.
    fn expect(
        &self,
        text: &str,
        at: usize,
        gap: usize,
        expected: &str,
        (step, n, side): (&str, usize, &str),
    ) -> Result<usize> {
        let place = at.saturating_add(gap);
        match text.get(place..) {
            Some(rest) if rest.starts_with(expected) => Ok(place),
            Some(rest) => Err(self.wrong(
                step,
                n,
                &format!(
                    "at byte {place} of the text {side} the step {:?} should stand, and {:?} does",
                    start_of(expected),
                    start_of(rest)
                ),
            )),
            None if place > text.len() => Err(self.wrong(
                step,
                n,
                &format!("byte {place} lies behind the text {side} the step, which has {} bytes", text.len()),
            )),
            None => Err(self.wrong(
                step,
                n,
                &format!("byte {place} of the text {side} the step splits a character"),
            )),
        }
    }

    /// Holds both ends of a walk to the sums of the row.
    fn verified(
        &self,
        made: Result<String>,
        (given, given_sum): (&str, &Sum),
        made_sum: &Sum,
    ) -> Result<String> {
        let sum = Sum::of(given);
        if sum != *given_sum {
            let walked = made.err().map(|e| format!(" ({e})")).unwrap_or_default();
            return Err(damaged(format!(
                "trail row {}: the text has {} bytes and the sum {}, the row was written for {} bytes and {}: \
                 the text was changed since, belongs to another document, or the row is damaged{walked}",
                self.id, sum.0, sum.1, given_sum.0, given_sum.1
            )));
        }
        let made = made?;
        if Sum::of(&made) == *made_sum {
            return Ok(made);
        }
        Err(damaged(format!(
            "trail row {}: every edit fits, but they do not lead to the text with the sum {}: the row is damaged",
            self.id, made_sum.1
        )))
    }

    fn wrong(&self, step: &str, n: usize, what: &str) -> Error {
        damaged(format!("trail row {}, step {step}, edit {}: {what}", self.id, n + 1))
    }
}

/// `text` in `encoding`; `None` where it has characters that the encoding has not.
fn encode(text: &str, encoding: &str) -> Option<Vec<u8>> {
    let name = encoding.to_ascii_uppercase();
    // The Web writes no UTF-16 and knows no UTF-32, so its encoders have neither.
    match name.as_str() {
        "UTF-16LE" => return Some(text.encode_utf16().flat_map(u16::to_le_bytes).collect()),
        "UTF-16BE" => return Some(text.encode_utf16().flat_map(u16::to_be_bytes).collect()),
        "UTF-32LE" => return Some(text.chars().flat_map(|c| u32::from(c).to_le_bytes()).collect()),
        "UTF-32BE" => return Some(text.chars().flat_map(|c| u32::from(c).to_be_bytes()).collect()),
        _ => {}
    }
    let encoding = Encoding::for_label(name.as_bytes())?;
    let (bytes, used, lost) = encoding.encode(text);
    (used == encoding && !lost).then(|| bytes.into_owned())
}

fn start_of(text: &str) -> &str {
    text.char_indices().nth(SHOWN_CHARS).map_or(text, |(end, _)| &text[..end])
}

pub(super) fn damaged(message: String) -> Error {
    Error::new(Kind::Damaged, message)
}
