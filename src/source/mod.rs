//! Documents come in: files, folders, standard input, compressed or not.
//!
//! A [`Source`] gives raw bytes in batches and says where each came from. It knows nothing about
//! encodings, JSON or rules: what costs time is done by the workers that get the batches.

mod gzip;
mod input;
mod lines;
mod sniff;
mod unpack;
mod walk;

use std::fs::File;
use std::io;
use std::ops::Range;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use crate::error::Result;
use crate::source::input::Input;
use crate::source::unpack::Piece;
use crate::source::unpack::Stream;
use crate::source::walk::Found;
use crate::source::walk::Walk;

pub use lines::Lines;
pub use sniff::Kind;
pub use sniff::LineEnd;
pub use sniff::bare_name;
pub use walk::STDIN;

/// Bytes of a batch: enough to feed a worker for a millisecond or more, little enough that a
/// handful of them fits into any cache and budget.
const BATCH: usize = 1 << 20;

/// Items of a batch; bounds the work when files are tiny.
const MAX_ITEMS: usize = 256;

/// A line that goes on for so long is no line: the file (a hole of a terabyte, a device) is left.
const MAX_SKIPPED: u64 = 1 << 30;

/// What to read and how.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Files, folders, `-`.
    pub inputs: Vec<PathBuf>,
    /// Places that are written, which a walk leaves out.
    pub outputs: Vec<PathBuf>,
    /// The field that holds the text of a row.
    pub text_field: String,
    /// Larger documents are named, not read.
    pub max_document: usize,
}

/// A file as its documents know it.
#[derive(Debug)]
pub struct Origin {
    /// Its path relative to the input.
    pub name: String,
    /// Its place in the order of the inputs.
    pub number: u64,
    /// What its bytes are.
    pub kind: Kind,
    /// Bytes on disk; 0 where that is not known.
    pub size: u64,
}

/// Why something could not be read; the names that reports count by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cause {
    /// Larger than the limit for one document.
    TooLarge,
    /// The file cannot be opened, or reading it stopped.
    Unreadable,
    /// Not opened: a link, a device.
    Skipped,
    /// The compressed stream is cut or damaged.
    Damaged,
    /// A format that this version does not read.
    Unsupported,
    /// A line that is not a row.
    BadRow,
    /// Bytes that are no text.
    NotText,
    /// A fault of the program, met at this document.
    Fault,
}

impl Cause {
    /// The name in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::TooLarge => "too-large",
            Self::Unreadable => "unreadable",
            Self::Skipped => "skipped",
            Self::Damaged => "damaged",
            Self::Unsupported => "unsupported",
            Self::BadRow => "bad-row",
            Self::NotText => "not-text",
            Self::Fault => "fault",
        }
    }
}

/// A piece of the input that gives no document.
#[derive(Debug)]
pub struct Loss {
    /// The file.
    pub origin: Arc<Origin>,
    /// The row, where rows are counted.
    pub line: Option<u64>,
    /// Where it begins in the unpacked bytes of the file.
    pub offset: u64,
    /// How many bytes of the file it stands for.
    pub length: u64,
    /// What sort of loss.
    pub cause: Cause,
    /// What happened, for people.
    pub what: String,
    /// The bytes in the batch, where they were read.
    pub raw: Range<usize>,
}

/// One thing of a batch.
#[derive(Debug)]
pub enum Item {
    /// A file that is one document.
    Document {
        /// The file.
        origin: Arc<Origin>,
        /// Its bytes in the batch.
        span: Range<usize>,
    },
    /// Whole lines of a file of rows.
    Rows {
        /// The file.
        origin: Arc<Origin>,
        /// Their bytes in the batch.
        span: Range<usize>,
        /// The number of the first line, from 1.
        line: u64,
        /// Where the first line begins in the unpacked bytes.
        offset: u64,
    },
    /// A file of rows without any row.
    NoRows {
        /// The file.
        origin: Arc<Origin>,
        /// Its unpacked bytes, all blank.
        length: u64,
    },
    /// Something that gives no document.
    Loss(Loss),
}

/// Raw documents, in input order.
#[derive(Debug, Default)]
pub struct Batch {
    /// All bytes of the batch.
    pub bytes: Vec<u8>,
    /// What they are.
    pub items: Vec<Item>,
    /// Bytes on disk that were read so far, for the progress bar.
    pub read: u64,
}

impl Batch {
    fn is_full(&self) -> bool {
        self.bytes.len() >= BATCH || self.items.len() >= MAX_ITEMS
    }
}

/// Reads the inputs of a plan, one after the other.
pub struct Source {
    walk: Walk,
    open: Option<Open>,
    files: u64,
    read: u64,
    text_field: String,
    max_document: usize,
}

/// A file that is being read.
struct Open {
    origin: Arc<Origin>,
    stream: Stream,
    /// The number of the next line.
    line: u64,
    /// Unpacked position of the next line.
    offset: u64,
    /// The begun line, of which the end is not read yet.
    carry: Vec<u8>,
    /// A line above the limit is being passed over; its start.
    skipping: Option<u64>,
    /// The size is known and must be met: (size at opening, a plain file).
    promised: Option<u64>,
    ended: bool,
    anything: bool,
}

impl Source {
    /// Looks at the inputs, reads nothing yet.
    ///
    /// # Errors
    ///
    /// If an input does not exist, or is itself an output.
    pub fn open(plan: &Plan) -> Result<Self> {
        Ok(Self {
            walk: Walk::new(&plan.inputs, &plan.outputs)?,
            open: None,
            files: 0,
            read: 0,
            text_field: plan.text_field.clone(),
            max_document: plan.max_document,
        })
    }

    /// Fills `batch`, which is empty, with the next documents; false when there are none left.
    pub fn next(&mut self, batch: &mut Batch) -> bool {
        while !batch.is_full() {
            if let Some(open) = &mut self.open {
                open.rows(batch, self.max_document);
                if open.ended {
                    self.read += open.stream.at();
                    self.open = None;
                }
                continue;
            }
            match self.walk.next() {
                Some(Found::Skipped { name, why }) => {
                    let origin = self.origin(name, Kind::Refused(""), 0);
                    let cause = if why.starts_with("skipped") { Cause::Skipped } else { Cause::Unreadable };
                    batch.items.push(Item::Loss(whole(origin, cause, why)));
                }
                Some(Found::Stdin) => self.start(batch, Input::stdin(), STDIN.to_owned(), None),
                Some(Found::File { path, name }) => match File::open(&path) {
                    Ok(file) => {
                        let size = file.metadata().ok().filter(std::fs::Metadata::is_file).map(|m| m.len());
                        self.start(batch, Input::file(file), name, size);
                    }
                    Err(e) => {
                        let origin = self.origin(name, Kind::Refused(""), 0);
                        let why = format!("it cannot be opened: {e}");
                        batch.items.push(Item::Loss(whole(origin, Cause::Unreadable, why)));
                    }
                },
                None => break,
            }
        }
        batch.read = self.read + self.open.as_ref().map_or(0, |open| open.stream.at());
        !batch.items.is_empty()
    }

    fn origin(&mut self, name: String, kind: Kind, size: u64) -> Arc<Origin> {
        self.files += 1;
        Arc::new(Origin { name, number: self.files, kind, size })
    }

    /// Begins a file: documents are read at once, rows batch by batch.
    fn start(&mut self, batch: &mut Batch, input: Input, name: String, size: Option<u64>) {
        let mut stream = Stream::open(input);
        let kind = sniff::kind(&name, stream.head(), &self.text_field);
        let origin = self.origin(name, kind, size.unwrap_or(0));
        let promised = size.filter(|_| stream.is_plain());
        match kind {
            Kind::Refused(why) => {
                batch.items.push(Item::Loss(whole(origin, Cause::Unsupported, why.to_owned())));
            }
            Kind::Document => {
                let item = document(batch, origin, &mut stream, self.max_document, promised);
                batch.items.push(item);
                self.read += stream.at();
            }
            Kind::Rows(_) => {
                self.open = Some(Open {
                    origin,
                    stream,
                    line: 1,
                    offset: 0,
                    carry: Vec::new(),
                    skipping: None,
                    promised,
                    ended: false,
                    anything: false,
                });
            }
        }
    }
}

/// The bytes of one file or of standard input, without compression.
pub struct Unpacked(Stream);

/// Opens `path`, or standard input for `-`.
///
/// # Errors
///
/// If it cannot be opened.
pub fn unpacked(path: &Path) -> io::Result<Unpacked> {
    let input = if path.as_os_str() == STDIN { Input::stdin() } else { Input::file(File::open(path)?) };
    Ok(Unpacked(Stream::open(input)))
}

impl Unpacked {
    /// The first bytes, which stay unread.
    pub fn head(&mut self) -> &[u8] {
        self.0.head()
    }
}

impl io::Read for Unpacked {
    /// A damaged stream is an error here: half a text is of no use to those who read one file.
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self.0.read(into) {
            Piece::Bytes(n) => Ok(n),
            Piece::End => Ok(0),
            Piece::Damaged(damage) => Err(io::Error::new(io::ErrorKind::InvalidData, damage.what)),
        }
    }
}

/// The loss of a whole file.
fn whole(origin: Arc<Origin>, cause: Cause, what: String) -> Loss {
    let length = origin.size;
    Loss { origin, line: None, offset: 0, length, cause, what, raw: 0..0 }
}

fn too_large(max: usize) -> String {
    format!("larger than {max} bytes, the limit for one document (--max-document-size)")
}

/// Reads a file that is one document.
fn document(
    batch: &mut Batch,
    origin: Arc<Origin>,
    stream: &mut Stream,
    max: usize,
    promised: Option<u64>,
) -> Item {
    if promised.is_some_and(|size| size > max as u64) {
        return Item::Loss(whole(origin, Cause::TooLarge, too_large(max)));
    }
    let start = batch.bytes.len();
    let mut filled = start;
    let mut damage = None;
    loop {
        let have = filled - start;
        if have > max {
            batch.bytes.truncate(start);
            let length = (have as u64).max(origin.size);
            let loss = Loss { length, ..whole(origin, Cause::TooLarge, too_large(max)) };
            return Item::Loss(loss);
        }
        // As much as has come already: what a header claims reserves nothing.
        let room = have.clamp(8 * 1024, BATCH);
        batch.bytes.resize(filled + room, 0);
        match stream.read(&mut batch.bytes[filled..]) {
            Piece::Bytes(n) => filled += n,
            Piece::Damaged(found) => {
                damage.get_or_insert(found);
            }
            Piece::End => break,
        }
    }
    batch.bytes.truncate(filled);
    let (span, length) = (start..filled, (filled - start) as u64);
    if let Some(size) = promised
        && damage.is_none()
        && size != length
    {
        let what = format!("the file changed while it was read: {size} bytes became {length}");
        return Item::Loss(Loss { length, raw: span, ..whole(origin, Cause::Unreadable, what) });
    }
    match damage {
        None => Item::Document { origin, span },
        Some(damage) => {
            let what = format!("{}; the {length} bytes that came out are in raw_base64", damage.what);
            let loss = whole(origin, Cause::Damaged, what);
            Item::Loss(Loss { offset: damage.at, length, raw: span, ..loss })
        }
    }
}

impl Open {
    /// Reads whole lines into `batch`, about as many bytes as make it full.
    fn rows(&mut self, batch: &mut Batch, max_document: usize) {
        let Kind::Rows(unit) = self.origin.kind else { return };
        // JSON escapes make three bytes of text six.
        let max_line = 2 * max_document + BATCH;
        let start = batch.bytes.len();
        // A line end of two bytes may be cut in the middle.
        let searched = self.carry.len().saturating_sub(1);
        // A long line doubles at each turn, so that it is not copied in crumbs.
        let target = BATCH.max(2 * self.carry.len()).min(max_line + 1);
        batch.bytes.append(&mut self.carry);
        let stop = self.read_to(&mut batch.bytes, start + target);

        if let Some(from) = self.skipping {
            let end = Lines::first_end(unit, &batch.bytes[start..]);
            if end.is_none() && stop.is_none() {
                self.offset += (batch.bytes.len() - start) as u64;
                batch.bytes.truncate(start);
                if self.offset - from > MAX_SKIPPED {
                    let rest = self.promised.unwrap_or(0).max(self.offset) - self.offset;
                    self.passed_over(batch, from, rest, max_document);
                    self.ended = true;
                }
                return;
            }
            let end = end.unwrap_or(batch.bytes.len() - start);
            self.skipping = None;
            self.passed_over(batch, from, end as u64, max_document);
            batch.bytes.drain(start..start + end);
        }
        if let Some(end) = Lines::last_end(unit, &batch.bytes[start..], searched) {
            self.carry = batch.bytes[start + end..].to_vec();
            batch.bytes.truncate(start + end);
            self.push(batch, start, unit);
        } else {
            self.carry = batch.bytes[start..].to_vec();
            batch.bytes.truncate(start);
        }
        if self.carry.len() > max_line {
            let from = self.offset;
            self.offset += self.carry.len() as u64;
            self.anything = true;
            self.carry = Vec::new();
            if stop.is_some() {
                self.passed_over(batch, from, 0, max_document);
            } else {
                self.skipping = Some(from);
            }
        }
        if let Some(piece) = stop {
            self.finish(batch, piece);
        }
    }

    /// Appends to `bytes` up to the length `target`; what stopped it before, if anything did.
    fn read_to(&mut self, bytes: &mut Vec<u8>, target: usize) -> Option<Piece> {
        let mut filled = bytes.len();
        bytes.resize(target.max(filled), 0);
        let mut stop = None;
        while filled < target {
            match self.stream.read(&mut bytes[filled..]) {
                Piece::Bytes(n) => filled += n,
                other => {
                    stop = Some(other);
                    break;
                }
            }
        }
        bytes.truncate(filled);
        stop
    }

    /// Gives out the lines from `start` to the end of the batch.
    fn push(&mut self, batch: &mut Batch, start: usize, unit: LineEnd) {
        let bytes = &batch.bytes[start..];
        if bytes.is_empty() {
            return;
        }
        self.anything = self.anything || bytes.iter().any(|b| !b.is_ascii_whitespace() && *b != 0);
        let (line, offset) = (self.line, self.offset);
        self.line += Lines::count(unit, bytes);
        self.offset += bytes.len() as u64;
        let span = start..batch.bytes.len();
        batch.items.push(Item::Rows { origin: Arc::clone(&self.origin), span, line, offset });
    }

    /// Names a line that was above the limit; `end` bytes of it lie behind `self.offset`.
    fn passed_over(&mut self, batch: &mut Batch, from: u64, end: u64, max_document: usize) {
        self.offset += end;
        batch.items.push(Item::Loss(Loss {
            origin: Arc::clone(&self.origin),
            line: Some(self.line),
            offset: from,
            length: self.offset - from,
            cause: Cause::TooLarge,
            what: too_large(max_document),
            raw: 0..0,
        }));
        self.line += 1;
    }

    /// The stream ended, or is damaged here; the begun line lies in `carry`.
    fn finish(&mut self, batch: &mut Batch, piece: Piece) {
        let start = batch.bytes.len();
        let carry = std::mem::take(&mut self.carry);
        batch.bytes.extend_from_slice(&carry);
        let Kind::Rows(unit) = self.origin.kind else { return };
        match piece {
            Piece::Damaged(damage) => {
                let cut = !carry.trim_ascii().is_empty();
                let (line, length) = (self.line, carry.len() as u64);
                let what = if cut {
                    format!("{}; row {line} is cut there", damage.what)
                } else {
                    format!("{}; rows 1 to {} came before", damage.what, line - 1)
                };
                batch.items.push(Item::Loss(Loss {
                    origin: Arc::clone(&self.origin),
                    line: cut.then_some(line),
                    offset: self.offset,
                    length,
                    cause: Cause::Damaged,
                    what,
                    raw: start..batch.bytes.len(),
                }));
                self.anything = true;
                self.offset += length;
                self.line += u64::from(cut);
            }
            Piece::End | Piece::Bytes(_) => {
                self.push(batch, start, unit);
                self.ended = true;
                if let Some(size) = self.promised
                    && size != self.offset
                {
                    let what =
                        format!("the file changed while it was read: {size} bytes became {}", self.offset);
                    let loss = whole(Arc::clone(&self.origin), Cause::Unreadable, what);
                    batch.items.push(Item::Loss(Loss { offset: self.offset, length: 0, ..loss }));
                } else if !self.anything {
                    // The blank bytes belong to the file that gave no document.
                    if matches!(batch.items.last(), Some(Item::Rows { origin, .. }) if origin.number == self.origin.number)
                    {
                        batch.items.pop();
                    }
                    let (origin, length) = (Arc::clone(&self.origin), self.offset);
                    batch.items.push(Item::NoRows { origin, length });
                }
            }
        }
    }
}
