//! What the first pass of `run` leaves for the second: the documents of each batch in one frame, one
//! frame after another in one file.
//!
//! ```text
//! frame    head │ what the worker wrote │ origins │ documents │ tail
//! ```
//!
//! Documents are ranges of what the worker wrote: nothing is copied. All numbers are little-endian.
//! Frames are not packed: they live for minutes and are read once, and the quickest packing (zstd at
//! level 1 or -3) takes six to three times as long as writing and reading what it saves.

use std::ops::Range;
use std::path::Path;

use xxhash_rust::xxh3::xxh3_64;

use crate::disk::Bytes;
use crate::error::Error;
use crate::error::Kind;
use crate::error::Result;
use crate::pipeline::belt::LARGE_BUFFER;
use crate::pipeline::document::Done;
use crate::pipeline::document::Fate;
use crate::source::Cause;

/// The file in the folder of the work.
pub(crate) const NAME: &str = "rows";

/// What became of a spilled document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sort {
    Clean,
    Empty,
    Lost(Cause),
}

const CAUSES: [Cause; 9] = [
    Cause::TooLarge,
    Cause::Unreadable,
    Cause::Skipped,
    Cause::Damaged,
    Cause::Unsupported,
    Cause::BadRow,
    Cause::NotText,
    Cause::Fault,
    Cause::OverLimit,
];

/// Makes a frame of what the worker wrote, by the table of its origins and documents, and takes the
/// check of it.
pub(crate) fn close(done: &mut Done) {
    let Done { out, origins, docs, .. } = done;
    let table = out.len() as u64;
    for origin in origins.iter() {
        out.extend_from_slice(&origin.number.to_le_bytes());
        out.extend_from_slice(&origin.size.to_le_bytes());
        out.extend_from_slice(&(origin.name.len() as u32).to_le_bytes());
        out.extend_from_slice(origin.name.as_bytes());
    }
    for doc in docs.iter() {
        let sort = match doc.fate {
            Fate::Clean => 0,
            Fate::Empty => 1,
            Fate::Lost(cause) => 2 + CAUSES.iter().position(|c| *c == cause).unwrap_or(0) as u32,
        };
        let (id, row) = (&doc.id, &doc.row);
        for n in [sort, doc.origin as u32, id.start as u32, id.end as u32, row.start as u32, row.end as u32] {
            out.extend_from_slice(&n.to_le_bytes());
        }
        out.extend_from_slice(&doc.bytes.to_le_bytes());
        out.extend_from_slice(&doc.line.unwrap_or(0).to_le_bytes());
    }
    out.extend_from_slice(&table.to_le_bytes());
    out.extend_from_slice(&(origins.len() as u32).to_le_bytes());
    out.extend_from_slice(&(docs.len() as u32).to_le_bytes());
    done.check = xxh3_64(out);
}

/// What is said before each frame.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Head {
    /// Bytes of the frame.
    pub(crate) frame: usize,
    /// Of the frame.
    check: u64,
    /// Clean documents in it.
    pub(crate) n_clean: usize,
    /// Of the batch that it was made of.
    pub(crate) digest: u64,
}

/// Bytes of a head: four numbers and their check.
const HEAD: usize = 5 * 8;

impl Head {
    fn bytes(&self) -> [u8; HEAD] {
        let mut bytes = [0; HEAD];
        let numbers = [self.frame as u64, self.check, self.n_clean as u64, self.digest];
        for (place, n) in bytes.chunks_exact_mut(8).zip(numbers) {
            place.copy_from_slice(&n.to_le_bytes());
        }
        let check = xxh3_64(&bytes[..HEAD - 8]);
        bytes[HEAD - 8..].copy_from_slice(&check.to_le_bytes());
        bytes
    }

    fn read(bytes: &[u8; HEAD]) -> Option<Self> {
        let [frame, check, n_clean, digest, own_check] =
            std::array::from_fn(|n| bytes[n * 8..].first_chunk().map_or(0, |n| u64::from_le_bytes(*n)));
        let [frame, n_clean] = [frame, n_clean].map(|n| usize::try_from(n).ok());
        let is_whole = own_check == xxh3_64(&bytes[..HEAD - 8]);
        is_whole.then_some(Self { frame: frame?, check, n_clean: n_clean?, digest })
    }
}

fn damaged() -> Error {
    Error::new(Kind::Damaged, format!("work/{NAME} is damaged; run again without --resume"))
}

/// The frames of all batches so far.
#[derive(Debug)]
pub(crate) struct Spill {
    bytes: Bytes,
}

impl Spill {
    /// Nothing yet, in the folder `work`.
    pub(crate) fn new(work: &Path) -> Result<Self> {
        Ok(Self { bytes: Bytes::new(Some(work.join(NAME)))? })
    }

    /// What an earlier run left in `work`: the frames in the first `length` bytes.
    pub(crate) fn resume(work: &Path, length: u64) -> Result<Self> {
        Ok(Self { bytes: Bytes::resume(&work.join(NAME), length)? })
    }

    /// Appends the frame of a batch.
    pub(crate) fn push(&mut self, done: &Done) -> Result<()> {
        let head = Head {
            frame: done.out.len(),
            check: done.check,
            n_clean: done.portrait_ends.len(),
            digest: done.digest,
        };
        self.bytes.push(&head.bytes())?;
        self.bytes.push(&done.out)?;
        Ok(())
    }

    /// Waits until all frames are on the disk; answers their length.
    pub(crate) fn sync(&mut self) -> Result<u64> {
        self.bytes.sync()?;
        Ok(self.bytes.len())
    }

    /// The head at `at`, which then is the place of the next one; none at the end.
    pub(crate) fn head(&self, at: &mut u64) -> Result<Option<Head>> {
        if *at >= self.bytes.len() {
            return Ok(None);
        }
        let mut head = [0; HEAD];
        self.bytes.read(*at, &mut head)?;
        let head = Head::read(&head).ok_or_else(damaged)?;
        *at += HEAD as u64 + head.frame as u64;
        if *at > self.bytes.len() { Err(damaged()) } else { Ok(Some(head)) }
    }

    /// Ends the writing and gives the frames again, in their order.
    pub(crate) fn read(mut self) -> Result<Frames> {
        self.bytes.flush()?;
        Ok(Frames { spill: self, at: 0, n_clean: 0 })
    }
}

/// Reads the frames.
#[derive(Debug)]
pub(crate) struct Frames {
    spill: Spill,
    at: u64,
    n_clean: usize,
}

/// One frame.
#[derive(Debug, Default)]
pub(crate) struct Frame {
    bytes: Vec<u8>,
    check: u64,
    /// Clean documents in the frames before.
    pub(crate) first: usize,
}

impl Frames {
    /// Reads the next frame; its bytes, or nothing at the end.
    pub(crate) fn next(&mut self, frame: &mut Frame) -> Result<Option<usize>> {
        let Some(head) = self.spill.head(&mut self.at)? else { return Ok(None) };
        frame.bytes.resize(head.frame, 0);
        self.spill.bytes.read(self.at - head.frame as u64, &mut frame.bytes)?;
        (frame.check, frame.first) = (head.check, self.n_clean);
        self.n_clean += head.n_clean;
        Ok(Some(head.frame))
    }
}

/// One document as it was spilled.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spilled<'a> {
    pub(crate) sort: Sort,
    pub(crate) file: u64,
    pub(crate) size: u64,
    pub(crate) bytes: u64,
    pub(crate) line: Option<u64>,
    pub(crate) name: &'a str,
    /// As JSON.
    pub(crate) id: &'a [u8],
    pub(crate) row: &'a [u8],
}

impl Spilled<'_> {
    /// `path`, or `path#row`.
    pub(crate) fn source(&self) -> String {
        self.line.map_or_else(|| self.name.to_owned(), |line| format!("{}#{line}", self.name))
    }
}

impl Frame {
    /// Hands the documents to `take`, in their order.
    ///
    /// # Errors
    ///
    /// If the frame is damaged, and what `take` returns.
    pub(crate) fn documents(&self, mut take: impl FnMut(&Spilled<'_>) -> Result<()>) -> Result<()> {
        if xxh3_64(&self.bytes) != self.check {
            return Err(damaged());
        }
        for doc in docs(&self.bytes).ok_or_else(damaged)? {
            take(&doc.ok_or_else(damaged)?)?;
        }
        Ok(())
    }

    /// Gives back what is not worth being kept until the next frame.
    pub(crate) fn rest(&mut self) {
        if self.bytes.capacity() > LARGE_BUFFER {
            self.bytes = Vec::new();
        }
    }
}

/// Reads numbers off the front.
struct Numbers<'a>(&'a [u8]);

impl<'a> Numbers<'a> {
    fn u32(&mut self) -> Option<u32> {
        let (n, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u32::from_le_bytes(*n))
    }

    fn u64(&mut self) -> Option<u64> {
        let (n, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u64::from_le_bytes(*n))
    }

    fn text(&mut self, len: usize) -> Option<&'a str> {
        let (text, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        std::str::from_utf8(text).ok()
    }
}

/// The documents in the content of a frame.
fn docs(content: &[u8]) -> Option<impl Iterator<Item = Option<Spilled<'_>>>> {
    let mut tail = Numbers(content.get(content.len().checked_sub(16)?..)?);
    let (table, n_origins, n_docs) = (usize::try_from(tail.u64()?).ok()?, tail.u32()?, tail.u32()?);
    let mut rest = Numbers(content.get(table..)?);
    let mut origins = Vec::new();
    for _ in 0..n_origins {
        let (number, size, len) = (rest.u64()?, rest.u64()?, rest.u32()?);
        origins.push((number, size, rest.text(len as usize)?));
    }
    let doc = move |_| {
        let sort = match rest.u32()? {
            0 => Sort::Clean,
            1 => Sort::Empty,
            n => Sort::Lost(*CAUSES.get(n as usize - 2)?),
        };
        let &(file, size, name) = origins.get(rest.u32()? as usize)?;
        let mut part = || -> Option<&[u8]> {
            let range: Range<usize> = rest.u32()? as usize..rest.u32()? as usize;
            content.get(range)
        };
        let (id, row) = (part()?, part()?);
        let (bytes, line) = (rest.u64()?, rest.u64()?);
        Some(Spilled { sort, file, size, bytes, line: (line > 0).then_some(line), name, id, row })
    };
    Some((0..n_docs).map(doc))
}
