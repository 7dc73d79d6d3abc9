//! What a source gives out: raw documents in batches, with where they came from, and losses.

use std::ops::Range;
use std::sync::Arc;

use crate::source::sniff::Kind;
use crate::source::table::csv::Columns;

/// Bytes of a batch: enough to feed a worker for a millisecond or more, little enough that a
/// handful of them fits into any cache and budget.
pub(super) const BATCH: usize = 1 << 20;

/// Bytes of a lost record that are shown; its place in the file says where all of them are.
pub(super) const MAX_RAW: usize = 1 << 20;

/// Items of a batch; bounds the work when files are tiny.
const MAX_ITEMS: usize = 256;

/// A file as its documents know it.
#[derive(Debug)]
pub struct Origin {
    /// Its path relative to the input.
    pub name: String,
    /// Its place in the order of the inputs.
    pub number: u64,
    /// What its bytes are.
    pub kind: Kind,
    /// Bytes on disk, or of the member in its archive; 0 where that is not known.
    pub size: u64,
    /// Where in `name` each archive ends and its member begins: the places of the `!` between them.
    pub seams: Vec<usize>,
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
    /// Above a limit that keeps hostile archives harmless: depth, members, growth.
    OverLimit,
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
            Self::OverLimit => "over-limit",
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

/// What the record of a crawler says about the page that it holds.
#[derive(Debug, Default)]
pub struct Page {
    /// The number of the record in its file, from 1.
    pub number: u64,
    /// Where the record begins in the unpacked bytes.
    pub offset: u64,
    /// Bytes of the record.
    pub length: u64,
    /// The name of the record.
    pub id: Option<String>,
    /// Where the page was found.
    pub url: Option<String>,
    /// When.
    pub date: Option<String>,
    /// The charset that the server named.
    pub declared: Option<String>,
}

/// Where a row of a table stands in the unpacked bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stand {
    /// The number of the row, from 1.
    pub line: u64,
    /// Its first byte; 0 where columns are stored apart.
    pub offset: u64,
    /// Its bytes.
    pub length: u64,
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
        /// What is known about it beside its bytes, where it is one record of many.
        page: Option<Box<Page>>,
    },
    /// Rows of a table.
    Table {
        /// The file.
        origin: Arc<Origin>,
        /// All rows in the batch, one after another.
        span: Range<usize>,
        /// Where each row ends in the batch, and where it stands in the file.
        rows: Vec<(usize, Stand)>,
        /// Rows are cells of these columns; without them, JSON.
        columns: Option<Arc<Columns>>,
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
    /// What holds no document by its nature, by its sort: requests, folders, pictures.
    pub others: Vec<(String, u64)>,
    /// Bytes on disk that were read so far, for the progress bar.
    pub read: u64,
}

/// A record of an archive may call itself anything; longer names say no more.
const MAX_SORT: usize = 64;

impl Batch {
    pub(super) fn is_full(&self) -> bool {
        // One read fills a batch of rows but for the line that is cut at its end.
        self.bytes.len() >= BATCH / 2 || self.items.len() >= MAX_ITEMS || self.others.len() >= MAX_ITEMS
    }

    /// Empties the batch for its next use.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.items.clear();
        self.others.clear();
    }

    /// Counts something that holds no document by its nature.
    pub(super) fn pass(&mut self, sort: &str) {
        let sort = &sort[..sort.floor_char_boundary(MAX_SORT)];
        match self.others.iter_mut().find(|(known, _)| known == sort) {
            Some((_, n)) => *n += 1,
            None => self.others.push((sort.to_owned(), 1)),
        }
    }

    /// The place of raw bytes of a loss; so many as help to find out what happened.
    pub(super) fn push_raw(&mut self, raw: &[u8]) -> Range<usize> {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(&raw[..raw.len().min(MAX_RAW)]);
        start..self.bytes.len()
    }
}

/// The loss of a whole file.
pub(super) fn whole(origin: Arc<Origin>, cause: Cause, what: String) -> Loss {
    let length = origin.size;
    Loss { origin, line: None, offset: 0, length, cause, what, raw: 0..0 }
}

pub(super) fn too_large(max: usize) -> String {
    format!("larger than {max} bytes, the limit for one document (--max-document-size)")
}
