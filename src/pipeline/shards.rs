//! Rows in files of bounded size: `kept-00000.jsonl`, `kept-00001.jsonl` and so on.

use std::fs::File;
use std::path::Path;
use std::path::PathBuf;

use crate::disk::Bytes;
use crate::error::Result;
use crate::pipeline::format::Format;

/// A file is closed above this size: small enough to be loaded whole.
const SHARD: u64 = 256 << 20;

/// The files of one sort of rows, in a folder that is ours alone.
#[derive(Debug)]
pub(crate) struct Shards {
    folder: PathBuf,
    stem: &'static str,
    ending: &'static str,
    /// The first line of each file.
    head: String,
    open: Option<Bytes>,
    n: u32,
}

/// The name of a file.
pub(crate) fn name(stem: &str, n: u32) -> String {
    name_of(stem, n, Format::Jsonl.ending())
}

fn name_of(stem: &str, n: u32, ending: &str) -> String {
    format!("{stem}-{n:05}.{ending}")
}

impl Shards {
    pub(crate) fn new(folder: &Path, stem: &'static str, head: String) -> Self {
        let ending = Format::Jsonl.ending();
        Self { folder: folder.to_owned(), stem, ending, head, open: None, n: 0 }
    }

    /// Files of texts.
    pub(crate) fn of_texts(folder: &Path, stem: &'static str) -> Self {
        Self { ending: Format::Text.ending(), ..Self::new(folder, stem, String::new()) }
    }

    /// What an earlier run has left: `n` files, of which the last one counts up to `length`.
    pub(crate) fn resume(
        folder: &Path,
        stem: &'static str,
        head: String,
        (n, length): (u32, u64),
    ) -> Result<Self> {
        let mut shards = Self { n, ..Self::new(folder, stem, head) };
        if let Some(last) = n.checked_sub(1) {
            shards.open = Some(Bytes::resume(&folder.join(name(stem, last)), length)?);
        }
        Ok(shards)
    }

    fn file(&mut self) -> Result<&mut Bytes> {
        let open = match self.open.take() {
            Some(mut full) if full.len() >= SHARD => {
                full.sync()?;
                None
            }
            open => open,
        };
        let file = if let Some(file) = open {
            file
        } else {
            let mut file = Bytes::new(Some(self.folder.join(name_of(self.stem, self.n, self.ending))))?;
            file.push(self.head.as_bytes())?;
            self.n += 1;
            file
        };
        Ok(self.open.insert(file))
    }

    /// Appends rows, all of them to one file.
    pub(crate) fn write(&mut self, rows: &[u8]) -> Result<()> {
        if !rows.is_empty() {
            self.file()?.push(rows)?;
        }
        Ok(())
    }

    /// The open file, for whoever syncs what was written so far.
    pub(crate) fn handle(&self) -> Option<(File, PathBuf)> {
        self.open.as_ref()?.handle()
    }

    /// Waits until all rows are on the disk; answers the number of files and the length of the last.
    pub(crate) fn sync(&mut self) -> Result<(u32, u64)> {
        let Some(open) = &mut self.open else { return Ok((self.n, 0)) };
        open.sync()?;
        Ok((self.n, open.len()))
    }

    /// Ends the writing; there is always one file.
    pub(crate) fn finish(&mut self) -> Result<()> {
        if self.n == 0 {
            self.file()?;
        }
        self.sync()?;
        Ok(())
    }
}
