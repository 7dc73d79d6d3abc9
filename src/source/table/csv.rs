//! CSV and TSV (RFC 4180, as spreadsheets write them): records that may run over many lines, cells
//! in quotes, a first record of names.
//!
//! A quote counts where a cell begins and nowhere else. Bytes are enough to find the records: no
//! encoding of Chinese text uses the comma, the quote or the line end inside another character.

use std::borrow::Cow;
use std::sync::Arc;

use encoding_rs::BIG5;
use encoding_rs::Encoding;
use encoding_rs::GB18030;
use encoding_rs::UTF_8;
use encoding_rs::UTF_16BE;
use encoding_rs::UTF_16LE;

use crate::source::batch::BATCH;
use crate::source::batch::Batch;
use crate::source::batch::Cause;
use crate::source::batch::Item;
use crate::source::batch::Loss;
use crate::source::batch::Origin;
use crate::source::batch::Stand;
use crate::source::batch::too_large;
use crate::source::batch::whole;
use crate::source::input::Input;
use crate::source::sniff::LineEnd;
use crate::source::unpack::Stream;

/// Bytes asked for at first, enough for most records.
const FIRST_LOOK: usize = 64 * 1024;

/// Records whose quote is never closed: behind so many, the rest of the file is given up, for each
/// of them makes all that follows be searched once more.
const MAX_OPEN_QUOTES: u32 = 16;

/// The columns of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Columns {
    /// Their names, in their order.
    pub names: Vec<String>,
    /// What stands between two cells.
    pub delimiter: u8,
}

/// A table that is being read.
pub(in crate::source) struct Csv {
    origin: Arc<Origin>,
    input: Input,
    unit: LineEnd,
    /// The delimiter until the names are read, then the columns.
    delimiter: u8,
    columns: Option<Arc<Columns>>,
    text_field: String,
    /// The number of the last record; the names are none.
    number: u64,
    open_quotes: u32,
    promised: Option<u64>,
    anything: bool,
    ended: bool,
}

/// Records that were read one after the other, as they lie in the batch.
struct Run {
    start: usize,
    rows: Vec<(usize, Stand)>,
}

/// Where a record ends, behind its line end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    At(usize),
    /// The bytes end before it does.
    Open,
    /// They end inside quotes.
    Quoted,
}

impl Csv {
    pub(in crate::source) fn new(
        origin: Arc<Origin>,
        stream: Stream,
        (unit, delimiter): (LineEnd, u8),
        text_field: &str,
        promised: Option<u64>,
    ) -> Self {
        Self {
            origin,
            input: Input::layer(stream),
            unit,
            delimiter,
            columns: None,
            text_field: text_field.to_owned(),
            number: 0,
            open_quotes: 0,
            promised,
            anything: false,
            ended: false,
        }
    }

    pub(in crate::source) fn origin(&self) -> &Arc<Origin> {
        &self.origin
    }

    pub(in crate::source) fn has_ended(&self) -> bool {
        self.ended
    }

    pub(in crate::source) fn disk_at(&self) -> u64 {
        self.input.disk_at()
    }

    /// Reads records until `batch` is full or the file ends.
    pub(in crate::source) fn next(&mut self, batch: &mut Batch, max_document: usize) {
        let mut run = Run { start: batch.bytes.len(), rows: Vec::new() };
        while !self.ended && batch.bytes.len() - run.start < BATCH / 2 {
            if !self.record(batch, &mut run, max_document) {
                break;
            }
        }
        self.push(batch, run);
        if self.ended {
            self.finish(batch);
        }
    }

    fn push(&self, batch: &mut Batch, run: Run) {
        let (Some(columns), Some((end, _))) = (&self.columns, run.rows.last()) else { return };
        let (origin, span, columns) = (Arc::clone(&self.origin), run.start..*end, Some(Arc::clone(columns)));
        batch.items.push(Item::Table { origin, span, rows: run.rows, columns });
    }

    /// Reads one record; false where a loss was pushed, which ends the run of records.
    fn record(&mut self, batch: &mut Batch, run: &mut Run, max_document: usize) -> bool {
        // Quotes in quotes are doubled.
        let max_record = 2 * max_document + BATCH;
        let at = self.input.at();
        let mut want = FIRST_LOOK;
        let end = loop {
            let bytes = self.input.peek(want);
            let end = record_end(bytes, self.unit, self.delimiter);
            if matches!(end, End::At(_)) || bytes.len() < want || want > max_record {
                break end;
            }
            want *= 2;
        };
        let bytes = self.input.peek(1);
        let (held, is_too_long) = (bytes.len(), want > max_record && !matches!(end, End::At(_)));
        if held == 0 {
            match self.input.tell() {
                Ok(()) => self.ended = true,
                Err(damage) => {
                    let what = format!("{}; rows 1 to {} came before", damage.what, self.number);
                    let loss = whole(Arc::clone(&self.origin), damage.cause, what);
                    self.lose(batch, run, Loss { offset: at, length: 0, ..loss }, &[]);
                }
            }
            return false;
        }
        let end = match end {
            End::At(end) if end <= max_record => end,
            End::Open if !is_too_long && !self.input.is_damaged() => held,
            other => {
                self.broken(batch, run, other, is_too_long || matches!(other, End::At(_)), max_document);
                return false;
            }
        };
        let record = &self.input.peek(end)[..end];
        let bare = without_end(record, self.unit);
        let is_blank = bare.iter().all(|b| *b == 0 || b.is_ascii_whitespace());
        if !is_blank && self.columns.is_none() {
            let columns = columns(bare, self.unit, self.delimiter);
            let field = self.text_field.split('.').next().unwrap_or_default();
            if !columns.names.iter().any(|name| *name == self.text_field || name == field) {
                let names: Vec<String> =
                    columns.names.iter().take(50).map(|name| format!("{name:?}")).collect();
                let what = format!(
                    "the table has no column {:?}; --text-field names one of its columns: {}",
                    self.text_field,
                    names.join(", ")
                );
                let loss = whole(Arc::clone(&self.origin), Cause::Unsupported, what);
                self.lose(batch, run, loss, &[]);
                self.ended = true;
                // Not a file that has changed: nobody reads its end.
                self.promised = None;
                return false;
            }
            self.columns = Some(Arc::new(columns));
        } else if !is_blank {
            self.number += 1;
            self.anything = true;
            batch.bytes.extend_from_slice(bare);
            run.rows.push((batch.bytes.len(), Stand { line: self.number, offset: at, length: end as u64 }));
        }
        self.input.consume(end);
        true
    }

    /// Names a record that has no end, or ends too late, and goes on at the next line: a quote that
    /// is not closed must not take the rest of the table with it.
    fn broken(&mut self, batch: &mut Batch, run: &mut Run, end: End, is_too_long: bool, max_document: usize) {
        let at = self.input.at();
        self.number += 1;
        self.open_quotes += 1;
        let is_given_up = self.open_quotes > MAX_OPEN_QUOTES;
        let unit = self.unit;
        let mut raw = Vec::new();
        loop {
            let bytes = self.input.peek(FIRST_LOOK);
            // Without quotes every line is a record.
            let line = match end {
                End::At(end) => End::At(end),
                _ => line_end(bytes, unit),
            };
            let n = match line {
                End::At(n) if !is_given_up => n,
                _ => bytes.len(),
            };
            raw.extend_from_slice(&bytes[..n.min(FIRST_LOOK.saturating_sub(raw.len()))]);
            let is_end = n < bytes.len() || matches!(line, End::At(_)) || n == 0;
            self.input.consume(n);
            if is_end && !(is_given_up && n > 0) {
                break;
            }
        }
        let told = self.input.tell();
        let (cause, what) = match (told, end) {
            (Err(damage), _) => (damage.cause, format!("{}; row {} is cut there", damage.what, self.number)),
            (Ok(()), End::Quoted) if is_given_up => (
                Cause::BadRow,
                format!(
                    "more than {MAX_OPEN_QUOTES} quotes are not closed: the rest of the table is not read"
                ),
            ),
            (Ok(()), _) if is_too_long => (Cause::TooLarge, too_large(max_document)),
            (Ok(()), _) => {
                (Cause::BadRow, "a quote is opened and not closed: the line is left out".to_owned())
            }
        };
        let length = self.input.at() - at;
        let (origin, line) = (Arc::clone(&self.origin), Some(self.number));
        let loss = Loss { origin, line, offset: at, length, cause, what, raw: 0..0 };
        self.lose(batch, run, loss, &raw);
    }

    /// Pushes the rows so far, then the loss.
    fn lose(&mut self, batch: &mut Batch, run: &mut Run, loss: Loss, raw: &[u8]) {
        self.anything = true;
        let before = Run { start: run.start, rows: std::mem::take(&mut run.rows) };
        self.push(batch, before);
        let raw = batch.push_raw(raw);
        run.start = raw.end;
        batch.items.push(Item::Loss(Loss { raw, ..loss }));
    }

    fn finish(&mut self, batch: &mut Batch) {
        let (origin, length) = (Arc::clone(&self.origin), self.input.at());
        if let Some(size) = self.promised
            && size != length
        {
            let what = format!("the file changed while it was read: {size} bytes became {length}");
            let loss = whole(origin, Cause::Unreadable, what);
            batch.items.push(Item::Loss(Loss { offset: length, length: 0, ..loss }));
        } else if !self.anything {
            batch.items.push(Item::NoRows { origin, length });
        }
    }
}

fn without_end(record: &[u8], unit: LineEnd) -> &[u8] {
    let ends: [&[u8]; 2] = match unit {
        LineEnd::Byte => [b"\n", b"\r"],
        LineEnd::Utf16Le => [b"\n\0", b"\r\0"],
        LineEnd::Utf16Be => [b"\0\n", b"\0\r"],
    };
    ends.iter().fold(record, |record, end| record.strip_suffix(*end).unwrap_or(record))
}

/// The code unit at `at`, where it is one of ASCII.
fn unit_at(bytes: &[u8], unit: LineEnd, at: usize) -> Option<u8> {
    match unit {
        LineEnd::Byte => bytes.get(at).copied(),
        LineEnd::Utf16Le => bytes.get(at..at + 2).and_then(|two| (two[1] == 0).then_some(two[0])),
        LineEnd::Utf16Be => bytes.get(at..at + 2).and_then(|two| (two[0] == 0).then_some(two[1])),
    }
}

fn width(unit: LineEnd) -> usize {
    if unit == LineEnd::Byte { 1 } else { 2 }
}

/// The first place from `from` on where one of three characters stands.
fn find(bytes: &[u8], unit: LineEnd, from: usize, any: [u8; 3]) -> Option<usize> {
    if unit == LineEnd::Byte {
        return memchr::memchr3(any[0], any[1], any[2], bytes.get(from..)?).map(|n| from + n);
    }
    (from..bytes.len().saturating_sub(1))
        .step_by(2)
        .find(|at| unit_at(bytes, unit, *at).is_some_and(|c| any.contains(&c)))
}

fn line_end(bytes: &[u8], unit: LineEnd) -> End {
    find(bytes, unit, 0, [b'\n'; 3]).map_or(End::Open, |n| End::At(n + width(unit)))
}

/// Where the record ends with which `bytes` begin.
fn record_end(bytes: &[u8], unit: LineEnd, delimiter: u8) -> End {
    let step = width(unit);
    let mut at = 0;
    loop {
        if unit_at(bytes, unit, at) == Some(b'"') {
            let mut from = at + step;
            at = loop {
                let Some(quote) = find(bytes, unit, from, [b'"'; 3]) else { return End::Quoted };
                if quote + step >= bytes.len() {
                    // The last byte of the file may close a cell, or be the first of two quotes.
                    return End::Open;
                }
                if unit_at(bytes, unit, quote + step) != Some(b'"') {
                    break quote + step;
                }
                from = quote + 2 * step;
            };
        }
        match find(bytes, unit, at, [delimiter, b'\n', b'\n']) {
            None => return End::Open,
            Some(n) if unit_at(bytes, unit, n) == Some(b'\n') => return End::At(n + step),
            Some(n) => at = n + step,
        }
    }
}

/// The names in the first record.
fn columns(record: &[u8], unit: LineEnd, delimiter: u8) -> Columns {
    let encodings: &[&Encoding] = match unit {
        LineEnd::Byte => &[UTF_8, GB18030, BIG5],
        LineEnd::Utf16Le => &[UTF_16LE],
        LineEnd::Utf16Be => &[UTF_16BE],
    };
    let exact = encodings.iter().find_map(|e| e.decode_without_bom_handling_and_without_replacement(record));
    let text = exact.unwrap_or_else(|| String::from_utf8_lossy(record));
    let text = text.trim_start_matches('\u{FEFF}');
    let names = cells(text, delimiter).map(|cell| cell.trim().to_owned()).collect();
    Columns { names, delimiter }
}

/// What stands between the cells of a table, by its first line; tables of tabs are called so.
pub(in crate::source) fn delimiter(head: &[u8], is_tsv: bool) -> u8 {
    if is_tsv {
        return b'\t';
    }
    let line = &head[..memchr::memchr(b'\n', head).unwrap_or(head.len())];
    let count = |c: u8| memchr::memchr_iter(c, line).count();
    // The first of the most frequent ones.
    [b',', b'\t', b';'].into_iter().rev().max_by_key(|c| count(*c)).unwrap_or(b',')
}

/// The cells of one record without its line end.
pub fn cells(record: &str, delimiter: u8) -> impl Iterator<Item = Cow<'_, str>> {
    let mut rest = Some(record);
    std::iter::from_fn(move || {
        let text = rest?;
        let bytes = text.as_bytes();
        if bytes.first() != Some(&b'"') {
            let end = memchr::memchr(delimiter, bytes);
            rest = end.map(|end| &text[end + 1..]);
            return Some(Cow::Borrowed(&text[..end.unwrap_or(text.len())]));
        }
        let mut cell = String::new();
        let mut from = 1;
        loop {
            let quote = memchr::memchr(b'"', &bytes[from..]).map_or(bytes.len(), |n| from + n);
            cell.push_str(&text[from..quote]);
            if bytes.get(quote + 1) != Some(&b'"') {
                // What stands behind the closing quote belongs to the cell.
                let behind = (quote + 1).min(bytes.len());
                let end = memchr::memchr(delimiter, &bytes[behind..]).map(|n| behind + n);
                cell.push_str(&text[behind..end.unwrap_or(bytes.len())]);
                rest = end.map(|end| &text[end + 1..]);
                return Some(Cow::Owned(cell));
            }
            cell.push('"');
            from = quote + 2;
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_end_at_lines_outside_of_quotes() {
        for (text, want) in [
            ("a,b\nc", End::At(4)),
            ("a,\"b\nc\"\nd", End::At(8)),
            ("a,\"b\"\"\n\"\nd", End::At(9)),
            ("a,b\"c\nd", End::At(6)),
            ("a,\"b\"c\nd", End::At(7)),
            ("\n", End::At(1)),
            ("a,b", End::Open),
            ("a,\"b\"", End::Open),
            ("a,\"b\nc", End::Quoted),
            ("", End::Open),
        ] {
            assert_eq!(record_end(text.as_bytes(), LineEnd::Byte, b','), want, "{text:?}");
            let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
            let twice = match want {
                End::At(n) => End::At(2 * n),
                other => other,
            };
            assert_eq!(record_end(&wide, LineEnd::Utf16Le, b','), twice, "{text:?}");
        }
    }

    #[test]
    fn cells_come_without_their_quotes() {
        for (record, want) in [
            ("a,b", &["a", "b"][..]),
            ("", &[""]),
            (",", &["", ""]),
            ("\"a,\"\"b\"\"\nc\",d", &["a,\"b\"\nc", "d"]),
            ("\"a\"x,b", &["ax", "b"]),
            ("a\"b,c", &["a\"b", "c"]),
            ("\"", &[""]),
            ("\"\"", &[""]),
            ("通知,\"正文\"", &["通知", "正文"]),
        ] {
            assert_eq!(cells(record, b',').collect::<Vec<_>>(), want, "{record:?}");
        }
        let gbk = GB18030.encode("编号,正文").0.into_owned();
        assert_eq!(columns(&gbk, LineEnd::Byte, b',').names, ["编号", "正文"]);
        assert_eq!(delimiter(b"a;b;c\n", false), b';');
        assert_eq!(delimiter(b"a\n", false), b',');
    }
}
