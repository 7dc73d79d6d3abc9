//! One batch through a worker: decode, find the text, clean it, write the row.

use std::borrow::Cow;
use std::iter;
use std::ops::Range;
use std::panic::AssertUnwindSafe;
use std::panic::catch_unwind;
use std::sync::Arc;

use crate::copies::Painter;
use crate::copies::Sketcher;
use crate::decode::Decoded;
use crate::decode::Hints;
use crate::decode::decode;
use crate::markup;
use crate::pipeline::belt::LARGE_BUFFER;
use crate::pipeline::clean::Cleaner;
use crate::pipeline::clean::Desk;
use crate::pipeline::fields::Fields;
use crate::pipeline::fields::Names;
use crate::pipeline::json;
use crate::pipeline::metadata;
use crate::pipeline::replay;
use crate::pipeline::sites;
use crate::pipeline::spill;
use crate::pipeline::trail_file;
use crate::rules::Rules;
use crate::source::Batch;
use crate::source::Cause;
use crate::source::Columns;
use crate::source::Item;
use crate::source::Kind;
use crate::source::LineEnd;
use crate::source::Lines;
use crate::source::Loss;
use crate::source::Origin;
use crate::source::Page;
use crate::source::Stand;
use crate::source::cells;
use crate::text::Edits;

/// A document with more broken places than one in so many bytes is not the text it seems to be.
const BYTES_PER_BROKEN_PLACE: usize = 100;
/// So many broken places are forgiven in a text of any size.
const FORGIVEN_PLACES: usize = 8;

/// Buffers of a desk grow with its largest document; above this size they are given back.
const LARGE_DOCUMENT: usize = 1 << 20;

/// What `run` wants to have of a batch beside its documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Record {
    Nothing,
    /// A digest of what was read, by which a resumed run knows it again.
    Digest,
    /// That, and the documents packed for the second pass.
    Frame,
}

/// What the workers of one command share.
#[expect(clippy::struct_excessive_bools, reason = "each is a choice of its own")]
pub(crate) struct Workshop {
    pub(crate) cleaner: Cleaner,
    pub(crate) names: Names,
    pub(crate) max_document: usize,
    /// Texts are not cleaned.
    pub(crate) as_is: bool,
    /// Whole-file documents are written as bare text, not as JSON.
    pub(crate) bare: bool,
    /// Members of archives too.
    pub(crate) bare_members: bool,
    pub(crate) with_trail: bool,
    pub(crate) record: Record,
    /// Paint the portraits by which `run` compares documents.
    pub(crate) sketcher: Option<Sketcher>,
    /// The documents are those of the set that the inputs are held against.
    pub(crate) is_reference: bool,
    /// Count the lines of the sites, or take the frequent ones out.
    pub(crate) sites: Option<sites::Lines>,
}

/// What became of one document.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fate {
    Clean,
    /// Nothing was left.
    Empty,
    Lost(Cause),
}

/// One document, empty text or loss; its bytes lie in [`Done::out`].
#[derive(Debug)]
pub(crate) struct Doc {
    /// Which of [`Done::origins`].
    pub(crate) origin: usize,
    pub(crate) line: Option<u64>,
    pub(crate) fate: Fate,
    /// Raw bytes of the input that it stands for.
    pub(crate) bytes: u64,
    /// Its id as JSON.
    pub(crate) id: Range<usize>,
    /// The output row with its line end, the quarantine row, or nothing.
    pub(crate) row: Range<usize>,
    /// For a loss: where it begins in the unpacked file, and what happened, escaped as in JSON.
    pub(crate) loss: (u64, Range<usize>),
}

/// A batch that went through a worker.
#[derive(Debug, Default)]
pub(crate) struct Done {
    pub(crate) origins: Vec<Arc<Origin>>,
    pub(crate) docs: Vec<Doc>,
    pub(crate) out: Vec<u8>,
    pub(crate) trail: Vec<u8>,
    /// One record for each clean document, where somebody wants them, and where each ends.
    pub(crate) portraits: Vec<u8>,
    pub(crate) portrait_ends: Vec<usize>,
    /// Of `out`, where it is spilled.
    pub(crate) check: u64,
    /// Of the batch, where somebody wants it.
    pub(crate) digest: u64,
    /// Bytes of the batch.
    pub(crate) input: u64,
    /// Edits by rule.
    pub(crate) rules: Vec<u64>,
    /// Edits by step.
    pub(crate) steps: Vec<(&'static str, u64)>,
    /// Documents with replaced bytes, and the places.
    pub(crate) broken: (u64, u64),
    /// What holds no document by its nature, by its sort.
    pub(crate) others: Vec<(String, u64)>,
    pub(crate) read: u64,
}

impl Doc {
    /// `path`, or `path#row`.
    pub(crate) fn source(&self, done: &Done) -> String {
        let name = &done.origins[self.origin].name;
        self.line.map_or_else(|| name.clone(), |line| source_of(name, line))
    }
}

impl Done {
    /// The records of the portraits, in the order of the clean documents.
    pub(crate) fn records(&self) -> impl Iterator<Item = &[u8]> {
        let starts = iter::once(0).chain(self.portrait_ends.iter().copied());
        starts.zip(&self.portrait_ends).map(|(start, &end)| &self.portraits[start..end])
    }

    /// Gives back what is not worth being kept until the next batch.
    pub(crate) fn rest(&mut self) {
        self.origins.clear();
        for buffer in [&mut self.out, &mut self.portraits, &mut self.trail] {
            if buffer.capacity() > LARGE_BUFFER {
                *buffer = Vec::new();
            }
        }
    }

    fn clear(&mut self) {
        self.origins.clear();
        self.docs.clear();
        self.portraits.clear();
        self.portrait_ends.clear();
        self.out.clear();
        self.trail.clear();
        self.rules.clear();
        self.steps.clear();
        self.broken = (0, 0);
    }
}

/// What a worker keeps from batch to batch.
#[derive(Debug, Default)]
pub(crate) struct Bench {
    desk: Desk,
    painter: Painter,
    /// A line with its byte order mark, for UTF-16.
    wide: Vec<u8>,
    /// The text of a row without its escapes.
    text: String,
}

/// Where a document comes from and stands.
struct Place<'a> {
    at: usize,
    origin: &'a Origin,
    line: Option<u64>,
    offset: u64,
    /// Bytes of the file that it stands for.
    length: u64,
    shape: Shape<'a>,
}

/// How the text lies in the bytes.
#[derive(Clone, Copy)]
enum Shape<'a> {
    /// They are the text; beside it stands what a crawler noted.
    Document(Option<&'a Page>),
    /// They are the fields of a row: cells of these columns, or JSON.
    Row(Option<&'a Columns>),
}

impl Place<'_> {
    fn page(&self) -> Option<&Page> {
        match self.shape {
            Shape::Document(page) => page,
            Shape::Row(_) => None,
        }
    }

    /// `path`, or `path#row`.
    fn source(&self) -> Cow<'_, str> {
        match self.line {
            Some(line) => Cow::Owned(source_of(&self.origin.name, line)),
            None => Cow::Borrowed(&self.origin.name),
        }
    }
}

fn source_of(name: &str, line: u64) -> String {
    format!("{name}#{line}")
}

impl Workshop {
    /// Works through `batch` and writes what came of it into `done`.
    pub(crate) fn work(&self, bench: &mut Bench, batch: &Batch, done: &mut Done) {
        done.clear();
        done.others.clone_from(&batch.others);
        (done.read, done.input) = (batch.read, batch.bytes.len() as u64);
        done.rules.resize(self.cleaner.rules().list().count(), 0);
        for item in &batch.items {
            match item {
                Item::Document { origin, span, page } => {
                    let at = done.origin(origin);
                    let page = page.as_deref();
                    let (line, offset) = (page.map(|page| page.number), page.map_or(0, |page| page.offset));
                    let length = page.map_or(span.len() as u64, |page| page.length);
                    let place = Place { at, origin, line, offset, length, shape: Shape::Document(page) };
                    self.guarded(bench, &place, &batch.bytes[span.clone()], done);
                }
                Item::Table { origin, span, rows, columns } => {
                    let at = done.origin(origin);
                    let mut from = span.start;
                    for (end, Stand { line, offset, length }) in rows.iter().copied() {
                        let place = Place {
                            at,
                            origin,
                            line: Some(line),
                            offset,
                            length,
                            shape: Shape::Row(columns.as_deref()),
                        };
                        self.guarded(bench, &place, &batch.bytes[from..end], done);
                        from = end;
                    }
                }
                Item::Rows { origin, span, line, offset } => {
                    let at = done.origin(origin);
                    let Kind::Rows(unit) = origin.kind else { continue };
                    let (mut line, mut offset) = (*line, *offset);
                    for bytes in Lines::new(unit, &batch.bytes[span.clone()]) {
                        let length = bytes.len() as u64;
                        let place =
                            Place { at, origin, line: Some(line), offset, length, shape: Shape::Row(None) };
                        if !is_blank(bytes) {
                            self.guarded(bench, &place, bytes, done);
                        }
                        line += 1;
                        offset += bytes.len() as u64;
                    }
                }
                Item::NoRows { origin, length } => {
                    let at = done.origin(origin);
                    let shape = Shape::Document(None);
                    let place = Place { at, origin, line: None, offset: 0, length: *length, shape };
                    let id = done.push_id(None, &place);
                    let row = done.out.len()..done.out.len();
                    let fate = Fate::Empty;
                    done.docs.push(Doc {
                        origin: at,
                        line: None,
                        fate,
                        bytes: *length,
                        id,
                        row,
                        loss: (0, 0..0),
                    });
                }
                Item::Loss(loss) => {
                    let at = done.origin(&loss.origin);
                    let Loss { origin, line, offset, length, cause, what, raw } = loss;
                    let (line, offset, length) = (*line, *offset, *length);
                    let place = Place { at, origin, line, offset, length, shape: Shape::Row(None) };
                    done.lose(&place, *cause, what, &batch.bytes[raw.clone()]);
                }
            }
        }
        if self.record == Record::Frame {
            spill::close(done);
        }
        if self.record != Record::Nothing {
            done.digest = replay::digest(batch);
        }
    }

    /// One document; a fault of ours loses this document only, and names it.
    fn guarded(&self, bench: &mut Bench, place: &Place<'_>, bytes: &[u8], done: &mut Done) {
        let (docs, out, trail) = (done.docs.len(), done.out.len(), done.trail.len());
        let (portraits, ends) = (done.portraits.len(), done.portrait_ends.len());
        let whole = catch_unwind(AssertUnwindSafe(|| self.one(bench, place, bytes, done)));
        if let Err(fault) = whole {
            done.docs.truncate(docs);
            done.portraits.truncate(portraits);
            done.portrait_ends.truncate(ends);
            done.out.truncate(out);
            done.trail.truncate(trail);
            bench.desk = Desk::default();
            let said = fault
                .downcast_ref::<String>()
                .map(String::as_str)
                .or_else(|| fault.downcast_ref::<&str>().copied())
                .unwrap_or("no message");
            let what = format!("a fault of this program, please report it: {said}");
            done.lose(place, Cause::Fault, &what, bytes);
        }
        if bytes.len() > LARGE_DOCUMENT {
            *bench = Bench::default();
        }
    }

    fn one(&self, bench: &mut Bench, place: &Place<'_>, bytes: &[u8], done: &mut Done) {
        let Bench { desk, painter, wide, text: buffer, .. } = bench;
        let declared = place.page().and_then(|page| page.declared.as_deref());
        let decoded = match decode(with_mark(bytes, place, wide), &Hints { declared }) {
            Ok(decoded) => decoded,
            Err(why) => {
                let what = format!("not text: {}", why.what);
                return done.lose(place, Cause::NotText, &what, bytes);
            }
        };
        let Decoded { text, encoding, n_malformed, reversible, .. } = decoded;
        if matches!(place.shape, Shape::Document(_)) {
            let limit = FORGIVEN_PLACES + bytes.len() / BYTES_PER_BROKEN_PLACE;
            if n_malformed > limit {
                let what =
                    format!("not text: {n_malformed} places that are no {encoding}, more than {limit}");
                return done.lose(place, Cause::NotText, &what, bytes);
            }
            if n_malformed > 0 {
                done.broken.0 += 1;
                done.broken.1 += n_malformed as u64;
            }
            return self.clean(desk, painter, place, &text, None, encoding, reversible, done);
        }
        if n_malformed > 0 {
            let what = format!("the row is not valid {encoding}: {n_malformed} broken places");
            return done.lose(place, Cause::BadRow, &what, bytes);
        }
        let made;
        let line = match place.shape {
            Shape::Row(Some(columns)) => match row_of(&text, columns, &self.names) {
                Ok(row) => {
                    made = row;
                    made.as_str()
                }
                Err(why) => return done.lose(place, Cause::BadRow, &why, bytes),
            },
            _ => text.trim_start_matches('\u{FEFF}').trim_ascii(),
        };
        let fields = match Fields::read(line, &self.names) {
            Ok(fields) => fields,
            Err(why) => return done.lose(place, Cause::BadRow, &why, bytes),
        };
        let text = fields.text(buffer);
        if text.len() > self.max_document {
            let what = format!(
                "larger than {} bytes, the limit for one document (--max-document-size)",
                self.max_document
            );
            return done.lose(place, Cause::TooLarge, &what, bytes);
        }
        self.clean(desk, painter, place, text, Some(&fields), encoding, reversible, done);
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one decoded document")]
    fn clean(
        &self,
        desk: &mut Desk,
        painter: &mut Painter,
        place: &Place<'_>,
        text: &str,
        fields: Option<&Fields<'_>>,
        encoding: &'static str,
        reversible: bool,
        done: &mut Done,
    ) {
        let is_page = markup::is_page(text);
        let (clean, said) = match &self.sites {
            _ if self.as_is => {
                desk.forget();
                (text, "")
            }
            None => self.cleaner.clean_document_and_said(desk, text, is_page),
            Some(lines) => {
                let address = place.page().and_then(|page| page.url.as_deref());
                let site = lines.site(fields, address, &self.names, &place.origin.name);
                let strip =
                    |text: &str, rules: &Rules, edits: &mut Edits| lines.strip(&site, text, rules, edits);
                let told = self.cleaner.clean_document_and(desk, text, is_page, sites::STEP, strip);
                if lines.count(&site, told.0) {
                    return;
                }
                told
            }
        };
        let start = done.out.len();
        let fate;
        let id;
        let row;
        let mut portrait = None;
        let empty = clean.trim().is_empty();
        // `run` writes what it drops, `clean` does not.
        if empty && self.sketcher.is_none() {
            fate = Fate::Empty;
            id = done.push_id(fields, place);
            row = id.end..id.end;
        } else {
            let is_bare = self.bare
                && fields.is_none()
                && place.page().is_none()
                && (self.bare_members || place.origin.seams.is_empty());
            let own = if is_bare { crate::fields::Fields::default() } else { crate::fields::read(clean) };
            let said = crate::fields::said(if is_bare { "" } else { said });
            if let Some(sketcher) = self.sketcher.as_ref().filter(|_| !empty) {
                let facts = metadata::facts(&own, &said, clean);
                portrait = Some(painter.paint(text, clean, facts, sketcher));
            }
            fate = if empty { Fate::Empty } else { Fate::Clean };
            if is_bare {
                done.out.extend_from_slice(clean.as_bytes());
                if !clean.ends_with('\n') {
                    done.out.push(b'\n');
                }
                row = start..done.out.len();
                id = done.push_id(fields, place);
            } else {
                let out = &mut done.out;
                out.reserve(clean.len() + clean.len() / 16 + 256);
                out.extend_from_slice(b"{\"id\":");
                id = done.push_id(fields, place);
                let out = &mut done.out;
                out.extend_from_slice(b",\"text\":");
                json::push_string(clean, out);
                if let Some(fields) = fields {
                    fields.push_rest(&self.names, out);
                }
                for (name, value) in
                    place.page().into_iter().flat_map(|page| [("url", &page.url), ("date", &page.date)])
                {
                    if let Some(value) = value {
                        out.extend_from_slice(format!(",\"{name}\":").as_bytes());
                        json::push_string(value, out);
                    }
                }
                if fields.is_none_or(|fields| !fields.has(metadata::MEMBER)) {
                    metadata::push(&own, &said, out);
                }
                out.extend_from_slice(b",\"source\":");
                json::push_string(&place.source(), out);
                out.extend_from_slice(b"}\n");
                row = start..out.len();
            }
        }
        if let Some(portrait) = portrait {
            let source = if self.is_reference { place.source() } else { Cow::Borrowed("") };
            portrait.write(&done.out[id.clone()], &source, &mut done.portraits);
            done.portrait_ends.push(done.portraits.len());
        }
        let trail = desk.trail();
        for frame in trail.frames() {
            let n = frame.edits.len() as u64;
            match done.steps.iter_mut().find(|(step, _)| *step == frame.step) {
                Some((_, count)) => *count += n,
                None => done.steps.push((frame.step, n)),
            }
            for rule in frame.edits.rules() {
                done.rules[usize::from(rule.0)] += 1;
            }
        }
        if self.with_trail {
            let id = String::from_utf8_lossy(&done.out[id.clone()]);
            let rules = self.cleaner.rules();
            let line = trail_file::row(&id, &place.source(), encoding, reversible, text, trail, rules);
            done.trail.extend_from_slice(line.as_bytes());
            done.trail.push(b'\n');
        }
        let loss = (0, 0..0);
        done.docs.push(Doc { origin: place.at, line: place.line, fate, bytes: place.length, id, row, loss });
    }
}

impl Done {
    /// The place of `origin` in the list; batches mostly hold one file or files in turn.
    fn origin(&mut self, origin: &Arc<Origin>) -> usize {
        if self.origins.last().is_none_or(|last| last.number != origin.number) {
            self.origins.push(Arc::clone(origin));
        }
        self.origins.len() - 1
    }

    /// Writes the id as JSON: the row's own, or where it comes from.
    fn push_id(&mut self, fields: Option<&Fields<'_>>, place: &Place<'_>) -> Range<usize> {
        let start = self.out.len();
        match (fields.and_then(|fields| fields.id), place.page().and_then(|page| page.id.as_deref())) {
            (Some(id), _) => self.out.extend_from_slice(id.as_bytes()),
            (None, Some(id)) => json::push_string(id, &mut self.out),
            (None, None) => json::push_string(&place.source(), &mut self.out),
        }
        start..self.out.len()
    }

    /// Names a loss, with its bytes where there are any.
    fn lose(&mut self, place: &Place<'_>, cause: Cause, what: &str, raw: &[u8]) {
        let length = place.length;
        let start = self.out.len();
        let out = &mut self.out;
        out.extend_from_slice(b"{\"source\":");
        let at = out.len();
        json::push_string(&place.source(), out);
        let id = at..out.len();
        out.extend_from_slice(
            format!(",\"offset\":{},\"length\":{length},\"cause\":", place.offset).as_bytes(),
        );
        json::push_string(cause.name(), out);
        out.extend_from_slice(b",\"error\":");
        let at = out.len();
        json::push_string(what, out);
        let loss = (place.offset, at + 1..out.len() - 1);
        if !raw.is_empty() {
            out.extend_from_slice(b",\"raw_base64\":\"");
            json::push_base64(raw, out);
            out.push(b'"');
        }
        out.extend_from_slice(b"}\n");
        let row = start..out.len();
        let fate = Fate::Lost(cause);
        self.docs.push(Doc { origin: place.at, line: place.line, fate, bytes: length, id, row, loss });
    }
}

/// A record of a table as a row of JSON: all its cells are texts. An empty id is none.
///
/// # Errors
///
/// If it has more cells than the table has columns, or fewer.
fn row_of(record: &str, columns: &Columns, names: &Names) -> Result<String, String> {
    let mut row = vec![b'{'];
    let mut n = 0;
    for cell in cells(record.trim_start_matches('\u{FEFF}'), columns.delimiter) {
        let Some(name) = columns.names.get(n) else {
            // Spreadsheets leave empty cells at the end of rows.
            if cell.is_empty() {
                continue;
            }
            return Err(format!("the row has more than the {n} cells that the table has columns"));
        };
        n += 1;
        if *name == names.id && cell.is_empty() {
            continue;
        }
        row.extend_from_slice(if row.len() > 1 { b"," } else { b"" });
        json::push_string(name, &mut row);
        row.push(b':');
        json::push_string(&cell, &mut row);
    }
    row.push(b'}');
    if n < columns.names.len() {
        return Err(format!("the row has {n} cells, and the table {} columns", columns.names.len()));
    }
    String::from_utf8(row).map_err(|_| "the cells are no text".to_owned())
}

fn is_blank(line: &[u8]) -> bool {
    line.iter().all(|b| b.is_ascii_whitespace() || *b == 0)
        || line.strip_prefix(b"\xEF\xBB\xBF").is_some_and(|rest| rest.trim_ascii().is_empty())
}

/// Only the first line of a file in UTF-16 has a byte order mark; here every line gets one.
fn with_mark<'a>(bytes: &'a [u8], place: &Place<'_>, wide: &'a mut Vec<u8>) -> &'a [u8] {
    let mark: [u8; 2] = match place.origin.kind {
        Kind::Rows(LineEnd::Utf16Le) | Kind::Csv(LineEnd::Utf16Le, _) => [0xFF, 0xFE],
        Kind::Rows(LineEnd::Utf16Be) | Kind::Csv(LineEnd::Utf16Be, _) => [0xFE, 0xFF],
        _ => return bytes,
    };
    if bytes.starts_with(&mark) {
        return bytes;
    }
    wide.clear();
    wide.extend_from_slice(&mark);
    wide.extend_from_slice(bytes);
    wide
}
