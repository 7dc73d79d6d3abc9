//! The portraits of all documents, on disk or in memory, by the numbers of the documents.

use std::path::Path;

use crate::copies::portrait::Portrait;
use crate::copies::record::HEAD;
use crate::copies::record::Head;
use crate::disk::Bytes;
use crate::error::Result;

/// The file that holds the records, in the folder of the work.
pub(crate) const NAME: &str = "portraits";

/// Bytes of an id that come with the head.
const USUAL_ID: usize = 64;

/// Records one after another. The documents of the set that the inputs are held against come first.
#[derive(Debug)]
pub(crate) struct Gallery {
    bytes: Bytes,
    /// Where each record begins, and where the last one ends.
    starts: Vec<u64>,
    n_references: usize,
}

impl Gallery {
    /// An empty one, in the folder `work` or in memory.
    pub(crate) fn new(work: Option<&Path>) -> Result<Self> {
        let bytes = Bytes::new(work.map(|work| work.join(NAME)))?;
        Ok(Self { bytes, starts: vec![0], n_references: 0 })
    }

    /// What an earlier run left in `work`: the records in the first `length` bytes.
    pub(crate) fn resume(work: &Path, length: u64, n_references: usize) -> Result<Self> {
        let bytes = Bytes::resume(&work.join(NAME), length)?;
        let mut gallery = Self { bytes, starts: vec![0], n_references };
        let mut head = [0; HEAD];
        let mut at = 0;
        while at < length {
            gallery.bytes.read(at, &mut head)?;
            at += Head::read(&head).record_len() as u64;
            gallery.starts.push(at);
        }
        Ok(gallery)
    }

    /// Appends the record of one document.
    pub(crate) fn push(&mut self, record: &[u8]) -> Result<()> {
        self.bytes.push(record)?;
        self.starts.push(self.bytes.len());
        Ok(())
    }

    /// As [`Gallery::push`], for a document of the other set; these come first.
    pub(crate) fn push_reference(&mut self, record: &[u8]) -> Result<()> {
        self.n_references += 1;
        self.push(record)
    }

    /// Waits until all records are on the disk; answers their length.
    pub(crate) fn sync(&mut self) -> Result<u64> {
        self.bytes.sync()?;
        Ok(self.bytes.len())
    }

    /// Ends the writing; only then records can be read.
    pub(crate) fn flush(&mut self) -> Result<()> {
        self.bytes.flush()
    }

    pub(crate) fn len(&self) -> usize {
        self.starts.len() - 1
    }

    pub(crate) fn n_references(&self) -> usize {
        self.n_references
    }

    /// The whole record of document `n`; `buffer` holds it.
    pub(crate) fn record<'a>(&self, n: usize, buffer: &'a mut Vec<u8>) -> Result<&'a [u8]> {
        buffer.resize((self.starts[n + 1] - self.starts[n]) as usize, 0);
        self.bytes.read(self.starts[n], buffer)?;
        Ok(buffer)
    }

    pub(crate) fn portrait(&self, n: usize, buffer: &mut Vec<u8>) -> Result<Portrait> {
        Ok(Portrait::read(self.record(n, buffer)?))
    }

    pub(crate) fn head(&self, n: usize) -> Result<Head> {
        let mut head = [0; HEAD];
        self.bytes.read(self.starts[n], &mut head)?;
        Ok(Head::read(&head))
    }

    /// The id of document `n` as JSON.
    pub(crate) fn id(&self, n: usize) -> Result<Vec<u8>> {
        Ok(self.head_and_id(n)?.1)
    }

    /// The head and the id of document `n`: for most ids in one read.
    pub(crate) fn head_and_id(&self, n: usize) -> Result<(Head, Vec<u8>)> {
        let mut front = [0; HEAD + USUAL_ID];
        let len = front.len().min((self.starts[n + 1] - self.starts[n]) as usize);
        self.bytes.read(self.starts[n], &mut front[..len])?;
        let head = Head::read(&front);
        let span = head.names().0;
        let id = match front[..len].get(span.clone()) {
            Some(id) => id.to_vec(),
            None => self.part(n, span)?,
        };
        Ok((head, id))
    }

    /// Where document `n` stands, if it is one of the other set.
    pub(crate) fn reference(&self, n: usize) -> Result<Option<String>> {
        if n >= self.n_references {
            return Ok(None);
        }
        let span = self.head(n)?.names().1;
        Ok(Some(String::from_utf8_lossy(&self.part(n, span)?).into_owned()))
    }

    /// A part of the record of document `n`.
    pub(crate) fn part(&self, n: usize, span: std::ops::Range<usize>) -> Result<Vec<u8>> {
        let mut bytes = vec![0; span.len()];
        self.bytes.read(self.starts[n] + span.start as u64, &mut bytes)?;
        Ok(bytes)
    }
}
