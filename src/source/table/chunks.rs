//! The bytes of a Parquet file as its reader asks for them; what a page claims is looked at first.

use std::io;
use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use parquet::errors::ParquetError;
use parquet::errors::Result as Parquet;
use parquet::file::reader::ChunkReader;
use parquet::file::reader::Length;

use crate::source::whole::Whole;

/// Bytes of one page, unpacked. Writers end a page at one megabyte; the largest known default is a
/// hundred.
const MAX_PAGE: u64 = 128 << 20;

/// The bytes of a file as the reader of this format asks for them.
#[derive(Clone)]
pub(super) struct Chunks {
    whole: Whole,
    /// The footer is read: what is asked for now are pages.
    pages: Arc<AtomicBool>,
}

impl Chunks {
    pub(super) fn new(whole: Whole) -> Self {
        Self { whole, pages: Arc::new(AtomicBool::new(false)) }
    }

    /// From now on pages are asked for, and looked at.
    pub(super) fn begin_pages(&self) {
        self.pages.store(true, Ordering::Relaxed);
    }
}

impl Length for Chunks {
    fn len(&self) -> u64 {
        self.whole.len()
    }
}

/// Reads on from a place.
pub(super) struct Reader {
    whole: Whole,
    at: u64,
}

impl Read for Reader {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let n = self.whole.read_at(self.at, into)?;
        self.at += n as u64;
        Ok(n)
    }
}

impl ChunkReader for Chunks {
    type T = io::BufReader<Reader>;

    fn get_read(&self, start: u64) -> Parquet<Self::T> {
        if self.pages.load(Ordering::Relaxed) {
            let head = self.whole.some(start, PAGE_HEAD)?;
            match unpacked_size(&head) {
                Some(size) if size <= MAX_PAGE => {}
                Some(size) => {
                    let what =
                        format!("a page of {size} bytes at byte {start}, above the limit of {MAX_PAGE}");
                    return Err(ParquetError::General(what));
                }
                None => return Err(ParquetError::General(format!("no page begins at byte {start}"))),
            }
        }
        Ok(io::BufReader::with_capacity(4096, Reader { whole: self.whole.clone(), at: start }))
    }

    fn get_bytes(&self, start: u64, length: usize) -> Parquet<Bytes> {
        let end = start.checked_add(length as u64).filter(|end| *end <= self.whole.len());
        if end.is_none() {
            return Err(ParquetError::EOF(format!("{length} bytes at byte {start} go beyond the file")));
        }
        let bytes = self.whole.some(start, length)?;
        if bytes.len() < length {
            return Err(ParquetError::EOF(format!("the file ends inside {length} bytes at byte {start}")));
        }
        Ok(Bytes::from(bytes))
    }
}

/// Bytes that hold the first two fields of a page's header.
const PAGE_HEAD: usize = 16;

/// The unpacked size that the header of a page gives: its second field (Thrift, compact protocol).
fn unpacked_size(head: &[u8]) -> Option<u64> {
    const NEXT_I32: u8 = 0x15;
    let mut rest = head;
    let mut number = || -> Option<i64> {
        let (first, mut after) = rest.split_first()?;
        if *first != NEXT_I32 {
            return None;
        }
        let (mut value, mut shift) = (0_u64, 0);
        loop {
            let (byte, next) = after.split_first()?;
            after = next;
            value |= u64::from(byte & 0x7F) << shift;
            shift += 7;
            if byte & 0x80 == 0 {
                break;
            }
            if shift > 35 {
                return None;
            }
        }
        rest = after;
        Some((value >> 1).cast_signed() ^ -(value & 1).cast_signed())
    };
    number()?;
    u64::try_from(number()?).ok()
}
