//! What a source gives out: raw documents in batches, with where they came from, and losses.

use std::ops::Range;
use std::sync::Arc;

use crate::source::sniff::Kind;

/// Bytes of a batch: enough to feed a worker for a millisecond or more, little enough that a
/// handful of them fits into any cache and budget.
pub(super) const BATCH: usize = 1 << 20;

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
    pub(super) fn is_full(&self) -> bool {
        // One read fills a batch of rows but for the line that is cut at its end.
        self.bytes.len() >= BATCH / 2 || self.items.len() >= MAX_ITEMS
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
