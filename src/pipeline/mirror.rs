//! A folder of clean files that mirrors the input, built aside and put in its place when it is whole.

use std::fs;
use std::fs::File;
use std::io;
use std::path::Path;
use std::path::PathBuf;

use walkdir::WalkDir;

use crate::error::Error;
use crate::error::Kind;
use crate::error::Result;
use crate::pipeline::document::Done;
use crate::pipeline::document::Fate;
use crate::pipeline::hold;
use crate::pipeline::sink::Out;
use crate::source;
use crate::source::Origin;
use crate::source::STDIN;

/// Longest name of a file on the usual file systems, less what the name of its draft has more.
const MAX_NAME: usize = 255 - ".".len() - ".part".len();

/// Inside a folder that exists: it may be a file system of its own, into which nothing can be renamed.
const DRAFT: &str = ".jingwen.part";
const LOCK: &str = "lock";
const FILES: &str = "files";

/// The folder under work. Dropped before [`Mirror::finish`], it leaves nothing behind.
pub(crate) struct Mirror {
    place: PathBuf,
    overwrite: bool,
    draft: PathBuf,
    files: PathBuf,
    open: Option<(u64, Out)>,
    _lock: File,
}

/// Where the folder is built.
pub(crate) fn draft_of(place: &Path) -> PathBuf {
    match place.file_name() {
        Some(name) if !place.is_dir() => {
            let mut draft = std::ffi::OsString::from(".");
            draft.push(name);
            draft.push(".part");
            place.with_file_name(draft)
        }
        _ => place.join(DRAFT),
    }
}

impl Mirror {
    /// # Errors
    ///
    /// If the place is a file, is a folder with something in it and `overwrite` is not given, or
    /// another process writes there.
    pub(crate) fn create(place: &Path, overwrite: bool) -> Result<Self> {
        if place.exists() && !place.is_dir() {
            let what = format!("the output {} is a file; name a folder or a .jsonl file", place.display());
            return Err(Error::new(Kind::Exists, what));
        }
        refuse_full(place, overwrite)?;
        let at = |e: io::Error| Error::creating(place, e);
        let draft = draft_of(place);
        match fs::create_dir(&draft) {
            Err(e) if e.kind() != io::ErrorKind::AlreadyExists => return Err(at(e)),
            _ => {}
        }
        let lock = hold::claim(&draft.join(LOCK), place)?;
        let files = draft.join(FILES);
        let mirror = Self { place: place.to_owned(), overwrite, draft, files, open: None, _lock: lock };
        // Another process may have finished here while we waited for nothing.
        refuse_full(place, overwrite)?;
        match fs::remove_dir_all(&mirror.files) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(at(e)),
            _ => {}
        }
        fs::create_dir(&mirror.files).map_err(at)?;
        Ok(mirror)
    }

    pub(crate) fn write(&mut self, done: &Done) -> Result<()> {
        for doc in done.docs.iter().filter(|doc| matches!(doc.fate, Fate::Clean)) {
            let origin = &done.origins[doc.origin];
            if self.open.as_ref().is_none_or(|(number, _)| *number != origin.number) {
                self.close()?;
                let path = self.path(origin);
                if let Some(folder) = path.parent() {
                    fs::create_dir_all(folder).map_err(|e| Error::io("creating", folder, e))?;
                }
                self.open = Some((origin.number, Out::create(&path)?));
            }
            if let Some((_, out)) = &mut self.open {
                out.write(&done.out[doc.row.clone()])?;
            }
        }
        Ok(())
    }

    /// `a.html` becomes `a.txt`, `a.jsonl.gz` becomes `a.jsonl`; a second one becomes `a~2.txt`.
    fn path(&self, origin: &Origin) -> PathBuf {
        let bare = source::bare_name(&origin.name);
        let bare = if bare == STDIN { "stdin" } else { bare };
        // An archive is a folder of its members.
        let mut inside = bare.as_bytes().to_vec();
        origin.seams.iter().for_each(|seam| inside[*seam] = b'/');
        let bare = String::from_utf8_lossy(&inside);
        let (folder, file) = bare.rsplit_once('/').unwrap_or(("", &bare));
        // Names of members are anybody's: none of them leads out of the folder.
        let file = if matches!(file, "" | "." | "..") { "member" } else { file };
        let mut path = self.files.clone();
        for part in folder.split('/').filter(|part| !matches!(*part, "" | "." | "..")) {
            // A clean file may have taken the name of a folder.
            path = free(&path, part, "", |path| !path.is_file());
        }
        let stem = file.rsplit_once('.').map_or(file, |(stem, _)| if stem.is_empty() { file } else { stem });
        let ending = if matches!(origin.kind, source::Kind::Document) { ".txt" } else { ".jsonl" };
        free(&path, stem, ending, |path| !path.exists())
    }

    fn close(&mut self) -> Result<()> {
        self.open.take().map_or(Ok(()), |(_, out)| out.finish_unsynced())
    }

    /// Puts the folder in its place; into one that exists, file by file.
    ///
    /// # Errors
    ///
    /// If something stands there that did not before, or the system refuses.
    pub(crate) fn finish(mut self) -> Result<()> {
        self.close()?;
        let at = |e: io::Error| Error::io("writing", &self.place, e);
        if !self.place.exists() {
            return fs::rename(&self.files, &self.place).map_err(at);
        }
        refuse_full(&self.place, self.overwrite)?;
        for entry in WalkDir::new(&self.files).min_depth(1).sort_by_file_name() {
            let entry = entry.map_err(|e| at(e.into()))?;
            let inside = entry.path().strip_prefix(&self.files).unwrap_or(entry.path());
            let to = self.place.join(inside);
            let moved = if entry.file_type().is_dir() {
                fs::create_dir_all(to)
            } else {
                fs::rename(entry.path(), to)
            };
            moved.map_err(at)?;
        }
        Ok(())
    }
}

impl Drop for Mirror {
    fn drop(&mut self) {
        self.open = None;
        let _ = fs::remove_dir_all(&self.draft);
    }
}

/// The first of `stem`, `stem~2`, `stem~3` and so on that `fits` in `folder`.
fn free(folder: &Path, stem: &str, ending: &str, fits: impl Fn(&Path) -> bool) -> PathBuf {
    for n in 1_u64.. {
        let tail = if n == 1 { ending.to_owned() } else { format!("~{n}{ending}") };
        let stem = &stem[..stem.floor_char_boundary(MAX_NAME.saturating_sub(tail.len()))];
        let path = folder.join(format!("{stem}{tail}"));
        if fits(&path) {
            return path;
        }
    }
    unreachable!("some number is free")
}

/// # Errors
///
/// If there is anything but a draft in the folder `place`, and `overwrite` is not given.
fn refuse_full(place: &Path, overwrite: bool) -> Result<()> {
    let full = fs::read_dir(place)
        .is_ok_and(|mut entries| entries.any(|entry| entry.is_ok_and(|entry| entry.file_name() != DRAFT)));
    if !full || overwrite {
        return Ok(());
    }
    let what =
        format!("the output {} exists and is not empty; choose another or pass --overwrite", place.display());
    Err(Error::new(Kind::Exists, what))
}
