//! A whole trail file beside the clean documents it was written for.

use std::collections::HashMap;
use std::collections::VecDeque;
use std::io;
use std::io::BufRead;
use std::io::Write;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::error::Error;
use crate::error::Result;
use crate::pipeline::trail_file::Sum;
use crate::pipeline::trail_file::read::Header;
use crate::pipeline::trail_file::read::Row;
use crate::pipeline::trail_file::read::damaged;

/// What [`restore_all`] did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Restored {
    /// Documents whose decoded text was written.
    pub documents: u64,
    /// Bytes of these texts.
    pub bytes: u64,
}

/// Reads a trail file, row by row as an iterator, or the rows of given documents.
///
/// Documents asked for in the order of the file cost one pass over it. Rows that were passed over
/// on the way to a later one are kept in memory, so any order works.
#[derive(Debug)]
pub struct TrailFile<R> {
    reader: R,
    header: Header,
    n_lines: usize,
    passed: HashMap<String, VecDeque<Passed>>,
}

/// A row that was read and not yet asked for, unparsed but for what finds it.
#[derive(Debug)]
struct Passed {
    line: String,
    n: usize,
    source: String,
    after: Sum,
}

/// The part of a row that finds it.
#[derive(Deserialize)]
struct RowHead {
    id: Value,
    source: String,
    after: Sum,
}

/// A document as its clean row names it.
struct Wanted<'a> {
    id: &'a str,
    source: Option<&'a str>,
    clean: &'a Sum,
}

impl<R: BufRead> TrailFile<R> {
    /// Reads the first line of `reader`, which gives the lines of a trail file, unpacked.
    ///
    /// # Errors
    ///
    /// If it cannot be read, is no trail file, or one of a newer version.
    pub fn open(mut reader: R) -> Result<Self> {
        let line = read_line(&mut reader, "the trail", 1)?.unwrap_or_default();
        let header = Header::read(&line)?;
        Ok(Self { reader, header, n_lines: 1, passed: HashMap::new() })
    }

    /// The first line.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The row that was written for document `id` (as it stands in JSON) with the clean text
    /// `clean`. Where an id occurs several times, the row of the same `source` is preferred, then
    /// the first one that is not yet taken. `None` where no row has this id.
    ///
    /// # Errors
    ///
    /// If a row cannot be read.
    pub fn find(&mut self, id: &str, source: Option<&str>, clean: &str) -> Result<Option<Row>> {
        let id: Value = serde_json::from_str(id).map_err(|e| damaged(format!("the id {id}: {e}")))?;
        // Equal ids may be written in two ways, `"甲"` and `"\u7532"`.
        let id = id.to_string();
        let wanted = Wanted { id: &id, source, clean: &Sum::of(clean) };
        if let Some(passed) = self.take(&wanted, Closeness::Same) {
            return self.parse(&passed).map(Some);
        }
        while let Some((id, passed)) = self.read_on()? {
            if id == wanted.id && wanted.closeness(&passed) == Closeness::Same {
                return self.parse(&passed).map(Some);
            }
            self.passed.entry(id).or_default().push_back(passed);
        }
        for least in [Closeness::SameText, Closeness::SameId] {
            if let Some(passed) = self.take(&wanted, least) {
                return self.parse(&passed).map(Some);
            }
        }
        Ok(None)
    }

    fn take(&mut self, wanted: &Wanted<'_>, least: Closeness) -> Option<Passed> {
        let passed = self.passed.get_mut(wanted.id)?;
        let n = passed.iter().position(|passed| wanted.closeness(passed) >= least)?;
        passed.remove(n)
    }

    fn read_on(&mut self) -> Result<Option<(String, Passed)>> {
        loop {
            let n = self.n_lines + 1;
            let Some(line) = read_line(&mut self.reader, "the trail", n)? else { return Ok(None) };
            self.n_lines = n;
            if line.is_empty() {
                continue;
            }
            let RowHead { id, source, after } =
                serde_json::from_str(&line).map_err(|e| damaged(format!("line {n} of the trail: {e}")))?;
            return Ok(Some((id.to_string(), Passed { line, n, source, after })));
        }
    }

    fn parse(&self, passed: &Passed) -> Result<Row> {
        Row::read(&passed.line, &self.header)
            .map_err(|e| damaged(format!("line {} of the trail: {e}", passed.n)))
    }
}

/// How surely a row belongs to a document of the same id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Closeness {
    /// Only the id is the same: the text was changed since. The row says where.
    SameId,
    /// The text is the one that the row was written for.
    SameText,
    /// And so is the source, where the document names one.
    Same,
}

impl Wanted<'_> {
    fn closeness(&self, passed: &Passed) -> Closeness {
        if passed.after != *self.clean {
            Closeness::SameId
        } else if self.source.is_some_and(|source| source != passed.source) {
            Closeness::SameText
        } else {
            Closeness::Same
        }
    }
}

impl<R: BufRead> Iterator for TrailFile<R> {
    type Item = Result<Row>;

    /// The next row that was not passed over.
    fn next(&mut self) -> Option<Self::Item> {
        let read = self.read_on().transpose()?;
        Some(read.and_then(|(_, passed)| self.parse(&passed)))
    }
}

/// Writes the decoded text of every document of `clean` to `out`: the bare text where `clean` is
/// one text, otherwise its JSON Lines with `text` put back and every other byte as it was.
///
/// A single text has no id; its row is the one with the same sum. Text sinks end a text with one
/// `\n` of their own, which is taken off before.
///
/// # Errors
///
/// If something cannot be read or written, a document has no row, or does not fit its row; what was
/// written until then is right.
pub fn restore_all(
    clean: impl BufRead,
    is_jsonl: bool,
    trail: impl BufRead,
    out: impl Write,
) -> Result<Restored> {
    let trail = TrailFile::open(trail)?;
    if is_jsonl { restore_rows(clean, trail, out) } else { restore_text(clean, trail, out) }
}

fn restore_text(
    mut clean: impl BufRead,
    mut trail: TrailFile<impl BufRead>,
    mut out: impl Write,
) -> Result<Restored> {
    let mut text = String::new();
    clean.read_to_string(&mut text).map_err(|e| Error::io("reading", Path::new("the clean text"), e))?;
    let text = text.strip_suffix('\n').unwrap_or(&text);
    let sum = Sum::of(text);
    let (mut chosen, mut n_rows): (Option<Row>, u64) = (None, 0);
    for row in &mut trail {
        let row = row?;
        n_rows += 1;
        let fits = row.is_for(&sum);
        match &chosen {
            // The first row stays as the one to complain about where none fits.
            None => chosen = Some(row),
            Some(first) if fits && !first.is_for(&sum) => chosen = Some(row),
            Some(first) if fits && first.restore(text)? != row.restore(text)? => {
                return Err(Error::usage(format!(
                    "two documents of the trail have this clean text, {} and {}, and were not equal before; \
                     give a trail with one of the two rows only",
                    first.source, row.source
                )));
            }
            Some(_) => {}
        }
    }
    let row = match chosen {
        Some(row) if n_rows == 1 || row.is_for(&sum) => row,
        _ => {
            return Err(damaged(format!(
                "none of the {n_rows} rows of the trail was written for this text: it was changed since, \
                 or the trail is that of another run"
            )));
        }
    };
    let restored = row.restore(text)?;
    out.write_all(restored.as_bytes()).and_then(|()| out.flush()).map_err(writing)?;
    Ok(Restored { documents: 1, bytes: restored.len() as u64 })
}

/// The fields of a clean document that matter here; the others are never parsed.
#[derive(Deserialize)]
struct CleanRow<'a> {
    #[serde(borrow)]
    id: &'a RawValue,
    #[serde(borrow)]
    text: &'a RawValue,
    source: Option<Value>,
}

fn restore_rows(
    mut clean: impl BufRead,
    mut trail: TrailFile<impl BufRead>,
    mut out: impl Write,
) -> Result<Restored> {
    let mut done = Restored::default();
    let mut n = 0;
    loop {
        n += 1;
        let Some(line) = read_line(&mut clean, "the clean documents", n)? else { break };
        if line.is_empty() {
            continue;
        }
        let at = |what: &dyn std::fmt::Display| damaged(format!("line {n} of the clean documents: {what}"));
        let row: CleanRow<'_> = serde_json::from_str(&line).map_err(|e| at(&e))?;
        let text: String = serde_json::from_str(row.text.get()).map_err(|e| at(&e))?;
        let source = row.source.as_ref().and_then(Value::as_str);
        let found = trail.find(row.id.get(), source, &text)?;
        let restored = found
            .ok_or_else(|| at(&format!("the trail has no row for the id {}", row.id)))?
            .restore(&text)
            .map_err(|e| at(&e))?;
        // The raw value is a slice of the line, so the rest of the line need not be parsed.
        let start = row.text.get().as_ptr() as usize - line.as_ptr() as usize;
        let end = start + row.text.get().len();
        let quoted = serde_json::to_string(&restored).expect("a string is always JSON");
        writeln!(out, "{}{quoted}{}", &line[..start], &line[end..]).map_err(writing)?;
        done.documents += 1;
        done.bytes += restored.len() as u64;
    }
    out.flush().map_err(writing)?;
    Ok(done)
}

/// The next line without its end; `None` at the end of the file.
fn read_line(reader: &mut impl BufRead, what: &str, n: usize) -> Result<Option<String>> {
    let mut bytes = Vec::new();
    let read = reader.read_until(b'\n', &mut bytes).map_err(|e| Error::io("reading", Path::new(what), e))?;
    if read == 0 {
        return Ok(None);
    }
    let mut line =
        String::from_utf8(bytes).map_err(|_| damaged(format!("line {n} of {what} is not UTF-8")))?;
    line.truncate(line.trim_end_matches(['\r', '\n']).len());
    Ok(Some(line))
}

fn writing(e: io::Error) -> Error {
    Error::io("writing", Path::new("the restored text"), e)
}
