//! The records of all documents, one after another in a file that only grows. Which of its bytes
//! count, the ledger says: what a crash left behind them is cut off when the next writer opens it.
//!
//! They do not lie in the database itself: its pages of 4 KiB hold two records of 1.5 KB, and a
//! third of the disk would stay empty.

use std::fs::File;
use std::path::Path;
use std::path::PathBuf;

use xxhash_rust::xxh3::xxh3_64;

use crate::disk::read_at;
use crate::disk::write_at;
use crate::error::Error;
use crate::error::Kind;
use crate::error::Result;

/// Where a record stands, and the sum of its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) at: u64,
    pub(super) len: u32,
    pub(super) sum: u32,
}

/// The file of the records.
#[derive(Debug)]
pub(super) struct Records {
    file: File,
    path: PathBuf,
    len: u64,
}

impl Records {
    /// Opens the file, of which the first `len` bytes count.
    pub(super) fn open(path: &Path, len: u64, writes: bool) -> Result<Self> {
        let mut options = File::options();
        options.read(true).write(writes).create(writes && len == 0);
        let file = options.open(path).map_err(|e| Error::io("opening", path, e))?;
        let found = file.metadata().map_err(|e| Error::io("reading", path, e))?.len();
        if found < len {
            let what = format!("{} holds {found} bytes where {len} were written", path.display());
            return Err(Error::new(Kind::Damaged, what).advised("restore the index from a copy, or add the documents to a new one"));
        }
        if writes && found > len {
            file.set_len(len).map_err(|e| Error::io("writing", path, e))?;
        }
        Ok(Self { file, path: path.to_owned(), len })
    }

    pub(super) fn len(&self) -> u64 {
        self.len
    }

    /// Appends records that lie one after another in `bytes`, of these lengths.
    pub(super) fn push(&mut self, bytes: &[u8], lens: &[usize], places: &mut Vec<Place>) -> Result<()> {
        write_at(&self.file, self.len, bytes).map_err(|e| Error::io("writing", &self.path, e))?;
        let mut rest = bytes;
        for &len in lens {
            let (record, behind) = rest.split_at(len);
            places.push(Place { at: self.len, len: len as u32, sum: sum(record) });
            self.len += len as u64;
            rest = behind;
        }
        Ok(())
    }

    /// Waits until everything is on the disk.
    pub(super) fn sync(&self) -> Result<()> {
        self.file.sync_data().map_err(|e| Error::io("writing", &self.path, e))
    }

    /// The record at `place`; `buffer` holds it.
    pub(super) fn read<'a>(&self, place: Place, buffer: &'a mut Vec<u8>) -> Result<&'a [u8]> {
        buffer.resize(place.len as usize, 0);
        read_at(&self.file, place.at, buffer).map_err(|e| Error::io("reading", &self.path, e))?;
        if sum(buffer) == place.sum { Ok(buffer) } else { Err(self.damaged(place)) }
    }

    /// That the record at `place` is not what was written.
    pub(super) fn damaged(&self, place: Place) -> Error {
        let what = format!("{}: the document at byte {} is damaged", self.path.display(), place.at);
        Error::new(Kind::Damaged, what).advised("restore the index from a copy, or add the documents to a new one")
    }
}

fn sum(record: &[u8]) -> u32 {
    xxh3_64(record) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_counted_is_cut_off() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("records");
        let (mut places, mut buffer) = (Vec::new(), Vec::new());
        let mut records = Records::open(&path, 0, true).unwrap();
        records.push(b"abcde", &[2, 3], &mut places).unwrap();
        records.push("半".as_bytes(), &[3], &mut places).unwrap();
        records.sync().unwrap();
        assert_eq!(records.read(places[1], &mut buffer).unwrap(), b"cde");
        let mut again = Records::open(&path, 5, true).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"abcde");
        again.push(b"fg", &[2], &mut places).unwrap();
        assert_eq!(places[3].at, 5);
        std::fs::write(&path, b"abXde").unwrap();
        assert!(again.read(places[1], &mut buffer).is_err_and(|e| e.to_string().contains("byte 2")));
        assert!(Records::open(&path, 9, false).is_err());
    }
}
