//! Bytes that are written once, one after another, and read anywhere by their offsets.

use std::fs::File;
use std::io;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;

use crate::error::Error;
use crate::error::Kind;
use crate::error::Result;

/// Bytes that wait to be written in one call.
const BUFFER: usize = 256 << 10;

/// Bytes in a file, or in memory where there is none. What was pushed can be read after
/// [`Bytes::flush`].
#[derive(Debug)]
pub(crate) struct Bytes {
    file: Option<(File, PathBuf)>,
    /// All bytes without a file; the last ones with one.
    buffer: Vec<u8>,
    /// Bytes that the file holds.
    written: u64,
}

impl Bytes {
    /// Bytes in a new file, or in memory.
    pub(crate) fn new(path: Option<PathBuf>) -> Result<Self> {
        let file = match path {
            Some(path) => Some((open(&path, true)?, path)),
            None => None,
        };
        Ok(Self { file, buffer: Vec::new(), written: 0 })
    }

    /// The first `length` bytes of a file that an earlier run has left.
    pub(crate) fn resume(path: &Path, length: u64) -> Result<Self> {
        let file = open(path, false)?;
        let found = file.metadata().map_err(|e| Error::io("reading", path, e))?.len();
        if found < length {
            let what = format!(
                "{} holds {found} bytes where {length} were written; run again without --resume",
                path.display()
            );
            return Err(Error::new(Kind::Damaged, what));
        }
        file.set_len(length).map_err(|e| Error::io("writing", path, e))?;
        let mut bytes = Self { file: Some((file, path.to_owned())), buffer: Vec::new(), written: length };
        if let Some((file, path)) = &mut bytes.file {
            io::Seek::seek(file, io::SeekFrom::End(0)).map_err(|e| Error::io("reading", path, e))?;
        }
        Ok(bytes)
    }

    /// Appends `bytes`; answers where they begin.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> Result<u64> {
        let at = self.len();
        if self.file.is_some() && self.buffer.len() + bytes.len() >= BUFFER {
            self.flush()?;
            if bytes.len() >= BUFFER {
                self.write(bytes)?;
                return Ok(at);
            }
        }
        self.buffer.extend_from_slice(bytes);
        Ok(at)
    }

    pub(crate) fn len(&self) -> u64 {
        self.written + self.buffer.len() as u64
    }

    /// Hands everything to the system.
    pub(crate) fn flush(&mut self) -> Result<()> {
        if self.file.is_some() {
            let mut buffer = std::mem::take(&mut self.buffer);
            self.write(&buffer)?;
            buffer.clear();
            self.buffer = buffer;
        }
        Ok(())
    }

    /// Appends to the file, where there is one.
    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        if let Some((file, path)) = &mut self.file {
            file.write_all(bytes).map_err(|e| Error::io("writing", path, e))?;
            self.written += bytes.len() as u64;
        }
        Ok(())
    }

    /// The file as the system knows it, for whoever syncs what was written so far.
    pub(crate) fn handle(&self) -> Option<(File, PathBuf)> {
        let (file, path) = self.file.as_ref()?;
        Some((file.try_clone().ok()?, path.clone()))
    }

    /// Waits until everything is on the disk.
    pub(crate) fn sync(&mut self) -> Result<()> {
        self.flush()?;
        if let Some((file, path)) = &self.file {
            file.sync_data().map_err(|e| Error::io("writing", path, e))?;
        }
        Ok(())
    }

    /// Fills `into` with the bytes from `at` on, as many as it is long.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, or ends before.
    pub(crate) fn read(&self, at: u64, into: &mut [u8]) -> Result<()> {
        if let Some((file, path)) = &self.file {
            return read_at(file, at, into).map_err(|e| Error::io("reading", path, e));
        }
        let held = usize::try_from(at).ok().and_then(|at| self.buffer.get(at..)?.get(..into.len()));
        let missing = || Error::new(Kind::Damaged, "a list in memory is shorter than it was");
        into.copy_from_slice(held.ok_or_else(missing)?);
        Ok(())
    }
}

fn open(path: &Path, new: bool) -> Result<File> {
    let opened = File::options().read(true).write(true).create(new).truncate(new).open(path);
    opened.map_err(|e| Error::io(if new { "creating" } else { "reading" }, path, e))
}

/// Fills `into` with the bytes of `file` from `at` on, as many as it is long.
#[cfg(unix)]
pub(crate) fn read_at(file: &File, at: u64, into: &mut [u8]) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, into, at)
}

/// Fills `into` with the bytes of `file` from `at` on, as many as it is long.
#[cfg(windows)]
pub(crate) fn read_at(file: &File, mut at: u64, mut into: &mut [u8]) -> io::Result<()> {
    while !into.is_empty() {
        let n = std::os::windows::fs::FileExt::seek_read(file, into, at)?;
        if n == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        at += n as u64;
        into = &mut into[n..];
    }
    Ok(())
}

/// Writes `bytes` into `file` from `at` on.
#[cfg(unix)]
pub(crate) fn write_at(file: &File, at: u64, bytes: &[u8]) -> io::Result<()> {
    std::os::unix::fs::FileExt::write_all_at(file, bytes, at)
}

/// Writes `bytes` into `file` from `at` on.
#[cfg(windows)]
pub(crate) fn write_at(file: &File, mut at: u64, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        let n = std::os::windows::fs::FileExt::seek_write(file, bytes, at)?;
        if n == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
        at += n as u64;
        bytes = &bytes[n..];
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_pushed_is_read_anywhere() {
        let folder = tempfile::tempdir().unwrap();
        for path in [None, Some(folder.path().join("bytes"))] {
            let mut bytes = Bytes::new(path.clone()).unwrap();
            let line = "第一条 ".repeat(40_000);
            let at = [bytes.push(b"ab").unwrap(), bytes.push(line.as_bytes()).unwrap()];
            bytes.push(b"end").unwrap();
            bytes.flush().unwrap();
            assert_eq!((at, bytes.len()), ([0, 2], 5 + line.len() as u64));
            let mut three = [0; 3];
            bytes.read(2 + line.len() as u64, &mut three).unwrap();
            assert_eq!(&three, b"end");
            assert!(bytes.read(bytes.len() - 2, &mut three).is_err());
            if let Some(path) = path {
                drop(bytes);
                assert!(Bytes::resume(&path, 1 << 40).is_err());
                let mut bytes = Bytes::resume(&path, 2).unwrap();
                assert_eq!(bytes.push(b"cd").unwrap(), 2);
                bytes.sync().unwrap();
                assert_eq!(std::fs::read(&path).unwrap(), b"abcd");
            }
        }
    }
}
