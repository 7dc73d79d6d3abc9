//! Files that appear whole or not at all: written beside their place, synced, then renamed.

use std::ffi::OsString;
use std::fs;
use std::fs::File;
use std::io;
use std::io::BufWriter;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;

use flate2::Compression;
use flate2::write::GzEncoder;
use zstd::stream::write::Encoder;

use crate::error::Error;
use crate::error::Kind;
use crate::error::Result;
use crate::pipeline::hold;

/// zstd's own default: 5 times smaller at about 150 MB/s.
const ZSTD_LEVEL: i32 = 3;

const BUFFER: usize = 256 * 1024;

enum Pen {
    Plain(BufWriter<File>),
    Gzip(GzEncoder<BufWriter<File>>),
    Zstd(Encoder<'static, BufWriter<File>>),
}

/// A file under work. Dropped before [`Out::finish`], it leaves nothing behind.
pub(crate) struct Out {
    pen: Option<Pen>,
    place: PathBuf,
    draft: PathBuf,
    /// Keeps the lock until the draft is in its place or gone: a field is dropped after the pen.
    _held: Option<File>,
}

/// Where the file grows that will stand at `place`.
pub(crate) fn draft_of(place: &Path) -> PathBuf {
    let mut draft = OsString::from(".");
    draft.push(place.file_name().unwrap_or_default());
    draft.push(".part");
    place.with_file_name(draft)
}

impl Out {
    /// Begins the file that will stand at `place`, compressed as its name says, in a folder that
    /// nobody else writes to.
    ///
    /// # Errors
    ///
    /// If nothing can be created there.
    pub(crate) fn create(place: &Path) -> Result<Self> {
        let draft = draft_of(place);
        let file = File::create(&draft).map_err(|e| Error::creating(place, e))?;
        Self::begin(place, draft, file, None)
    }

    /// As [`Out::create`], where others may write to the same place at the same time.
    ///
    /// # Errors
    ///
    /// If something stands at `place` and `overwrite` is not given, another process writes there,
    /// or nothing can be created.
    pub(crate) fn claim(place: &Path, overwrite: bool) -> Result<Self> {
        refuse_existing(place, overwrite)?;
        let draft = draft_of(place);
        let at = |e: io::Error| Error::creating(place, e);
        let file = hold::claim(&draft, place)?;
        // Whoever held it until now may have finished.
        if let Err(error) = refuse_existing(place, overwrite) {
            let _ = fs::remove_file(&draft);
            return Err(error);
        }
        file.set_len(0).map_err(at)?;
        let held = file.try_clone().map_err(at)?;
        Self::begin(place, draft, file, Some(held))
    }

    fn begin(place: &Path, draft: PathBuf, file: File, held: Option<File>) -> Result<Self> {
        let file = BufWriter::with_capacity(BUFFER, file);
        let ending = place.extension().and_then(|e| e.to_str()).unwrap_or_default();
        let pen = match ending {
            "gz" => Pen::Gzip(GzEncoder::new(file, Compression::default())),
            "zst" => {
                let mut encoder =
                    Encoder::new(file, ZSTD_LEVEL).map_err(|e| Error::io("compressing", place, e))?;
                encoder.include_checksum(true).map_err(|e| Error::io("compressing", place, e))?;
                Pen::Zstd(encoder)
            }
            _ => Pen::Plain(file),
        };
        Ok(Self { pen: Some(pen), place: place.to_owned(), draft, _held: held })
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<()> {
        let done = match &mut self.pen {
            Some(Pen::Plain(pen)) => pen.write_all(bytes),
            Some(Pen::Gzip(pen)) => pen.write_all(bytes),
            Some(Pen::Zstd(pen)) => pen.write_all(bytes),
            None => Ok(()),
        };
        done.map_err(|e| Error::io("writing", &self.place, e))
    }

    /// Makes the file durable under its name.
    ///
    /// # Errors
    ///
    /// If the disk is full or gives an error; the file is not there then.
    pub(crate) fn finish(mut self) -> Result<()> {
        self.close(true)
    }

    /// As [`Out::finish`], without waiting for the disk: for many small files.
    pub(crate) fn finish_unsynced(mut self) -> Result<()> {
        self.close(false)
    }

    fn close(&mut self, sync: bool) -> Result<()> {
        let at = |e: io::Error| Error::io("writing", &self.place, e);
        let flushed = |pen: BufWriter<File>| pen.into_inner().map_err(io::IntoInnerError::into_error);
        let file = match self.pen.take() {
            Some(Pen::Plain(pen)) => flushed(pen),
            Some(Pen::Gzip(pen)) => pen.finish().and_then(flushed),
            Some(Pen::Zstd(pen)) => pen.finish().and_then(flushed),
            None => return Ok(()),
        };
        let done = file.and_then(|file| if sync { file.sync_all() } else { Ok(()) });
        let done = done.and_then(|()| fs::rename(&self.draft, &self.place));
        if done.is_err() {
            // The error that counts is the first one.
            let _ = fs::remove_file(&self.draft);
        }
        done.map_err(at)?;
        if sync { sync_folder(&self.place) } else { Ok(()) }
    }
}

/// What other writers write through; errors of the disk stay what they are.
impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.pen {
            Some(Pen::Plain(pen)) => pen.write(bytes),
            Some(Pen::Gzip(pen)) => pen.write(bytes),
            Some(Pen::Zstd(pen)) => pen.write(bytes),
            None => Ok(bytes.len()),
        }
    }

    /// Nothing: what is written is made durable at the end.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Out {
    fn drop(&mut self) {
        if let Some(pen) = self.pen.take() {
            let _ = fs::remove_file(&self.draft);
            forget(pen);
        }
    }
}

/// Drops a pen without writing what it still holds.
fn forget(pen: Pen) {
    match pen {
        Pen::Plain(pen) => drop(pen.into_parts()),
        Pen::Gzip(mut pen) => {
            let _ = pen.try_finish();
        }
        Pen::Zstd(_) => {}
    }
}

/// A rename is durable when the folder is.
pub(crate) fn sync_folder(place: &Path) -> Result<()> {
    let folder = place.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let synced = File::open(folder).and_then(|folder| folder.sync_all());
    match synced {
        // Some network file systems cannot sync a folder; their renames are what they are.
        Err(e) if e.kind() == io::ErrorKind::InvalidInput || e.kind() == io::ErrorKind::Unsupported => Ok(()),
        other => other.map_err(|e| Error::io("syncing", folder, e)),
    }
}

/// # Errors
///
/// If something stands at `place` and `overwrite` is not given.
pub(crate) fn refuse_existing(place: &Path, overwrite: bool) -> Result<()> {
    if fs::symlink_metadata(place).is_err() {
        return Ok(());
    }
    if place.is_dir() {
        return Err(Error::new(
            Kind::Exists,
            format!("the output {} is a folder; name a file, or remove it", place.display()),
        ));
    }
    if overwrite {
        return Ok(());
    }
    Err(Error::new(
        Kind::Exists,
        format!("the output {} exists; choose another or pass --overwrite", place.display()),
    ))
}
