//! The output folder of `run` while it is ours alone: locked, filled aside, published by renames.
//!
//! A run that was stopped leaves `work/` behind if a manifest stands there, and nothing otherwise.

use std::fs;
use std::fs::File;
use std::io;
use std::path::Path;
use std::path::PathBuf;

use crate::copies::PORTRAITS;
use crate::error::Error;
use crate::error::Kind;
use crate::error::Result;
use crate::pipeline::harvest::TRAIL;
use crate::pipeline::hold;
use crate::pipeline::manifest;
use crate::pipeline::shards;
use crate::pipeline::sink::sync_folder;
use crate::pipeline::spill;

const SUCCESS: &str = "_SUCCESS";
const WORK: &str = "work";
const LOCK: &str = "lock";
const DRAFTS: &str = "out";

/// The output folder while it is ours alone.
pub(crate) struct Workplace {
    folder: PathBuf,
    pub(crate) work: PathBuf,
    pub(crate) drafts: PathBuf,
    /// Held as long as we write; the system lets go of it if we die.
    _lock: File,
    made_folder: bool,
    /// Files of this run may stand at their places, and not all of them.
    half_out: bool,
    done: bool,
}

impl Workplace {
    /// Makes `folder` and `folder/work`, or takes over what an unfinished run left there.
    pub(crate) fn take(folder: &Path, overwrite: bool) -> Result<Self> {
        let exists =
            |what: &str| Err(Error::new(Kind::Exists, format!("the output {} {what}", folder.display())));
        let made_folder = !folder.exists();
        if !made_folder && !folder.is_dir() {
            return exists("is a file; name a folder");
        }
        let work = folder.join(WORK);
        let lock_path = work.join(LOCK);
        if !made_folder {
            let names: Vec<_> = fs::read_dir(folder)
                .and_then(|entries| entries.map(|e| Ok(e?.file_name())).collect::<io::Result<_>>())
                .map_err(|e| Error::io("reading", folder, e))?;
            // An unfinished run of ours: its lock file is there or was about to be, its success is not.
            let empty = fs::read_dir(&work).is_ok_and(|mut entries| entries.next().is_none());
            let unfinished = (lock_path.is_file() || empty)
                && !folder.join(SUCCESS).exists()
                && names.iter().all(|name| name == WORK || is_ours(&name.to_string_lossy()));
            if !names.is_empty() && !unfinished && !overwrite {
                return exists("exists and is not empty; choose another or pass --overwrite");
            }
            if work.exists() && !lock_path.is_file() && !empty {
                return exists("holds a folder `work` that is not of this program; choose another");
            }
        }
        let at = |path: &Path| {
            let path = path.to_owned();
            move |e: io::Error| Error::io("creating", &path, e)
        };
        fs::create_dir_all(&work).map_err(at(&work))?;
        let lock = hold::claim(&lock_path, folder)?;
        let drafts = work.join(DRAFTS);
        let place = Self {
            folder: folder.to_owned(),
            work,
            drafts,
            _lock: lock,
            made_folder,
            half_out: false,
            done: false,
        };
        place.sweep(&[])?;
        fs::create_dir(&place.drafts).map_err(at(&place.drafts))?;
        Ok(place)
    }

    /// Takes over what a run left in `folder` that wrote a manifest.
    pub(crate) fn resume(folder: &Path) -> Result<Self> {
        let work = folder.join(WORK);
        let nothing = || {
            let what = format!(
                "there is nothing to go on with in {}: no part of a run was finished there, or all of it; run without --resume",
                folder.display()
            );
            Err(Error::usage(what))
        };
        if !work.join(manifest::NAME).is_file() {
            return nothing();
        }
        let lock = hold::claim(&work.join(LOCK), folder)?;
        let drafts = work.join(DRAFTS);
        let place = Self {
            folder: folder.to_owned(),
            work,
            drafts,
            _lock: lock,
            made_folder: false,
            half_out: false,
            done: false,
        };
        // Another process may have finished since.
        if place.has_manifest() { Ok(place) } else { nothing() }
    }

    /// Removes everything but what the first pass of the resumed run has brought in, of which the
    /// trail has `trails` files.
    pub(crate) fn tidy(&mut self, trails: u32) -> Result<()> {
        let at = |e: io::Error| Error::io("clearing", &self.work, e);
        self.sweep(&[manifest::NAME, spill::NAME, PORTRAITS, DRAFTS])?;
        fs::create_dir_all(&self.drafts).map_err(at)?;
        let trails: Vec<_> = (0..trails).map(|n| shards::name(TRAIL, n)).collect();
        for entry in fs::read_dir(&self.drafts).map_err(at)? {
            let entry = entry.map_err(at)?;
            if !trails.iter().any(|name| **name == *entry.file_name()) {
                fs::remove_file(entry.path()).map_err(at)?;
            }
        }
        self.take_back(&trails).map_err(at)
    }

    /// A run that was stopped while it published may have put files of the trail to their places.
    fn take_back(&self, trails: &[String]) -> io::Result<()> {
        for name in trails {
            let (draft, place) = (self.drafts.join(name), self.folder.join(name));
            if !draft.exists() && place.exists() {
                remove(&self.folder.join(SUCCESS))?;
                fs::rename(place, draft)?;
            }
        }
        Ok(())
    }

    fn has_manifest(&self) -> bool {
        self.work.join(manifest::NAME).is_file()
    }

    /// Removes what an unfinished run left in `work/`, but for the lock and what is named.
    fn sweep(&self, keep: &[&str]) -> Result<()> {
        let at = |e: io::Error| Error::io("clearing", &self.work, e);
        // First of all: without the rest it would be a lie.
        if !keep.contains(&manifest::NAME) {
            remove(&self.work.join(manifest::NAME)).map_err(at)?;
        }
        for entry in fs::read_dir(&self.work).map_err(at)? {
            let entry = entry.map_err(at)?;
            let name = entry.file_name();
            if name == LOCK || keep.iter().any(|kept| name == *kept) {
                continue;
            }
            let is_dir = entry.file_type().map_err(at)?.is_dir();
            let removed =
                if is_dir { fs::remove_dir_all(entry.path()) } else { fs::remove_file(entry.path()) };
            removed.map_err(at)?;
        }
        Ok(())
    }

    /// Puts the finished files in their places; `_SUCCESS` says that all are there.
    pub(crate) fn publish(mut self) -> Result<()> {
        let at = |e: io::Error| Error::io("finishing", &self.folder, e);
        let success = self.folder.join(SUCCESS);
        remove(&success).map_err(at)?;
        self.remove_results().map_err(at)?;
        self.half_out = true;
        let mut drafts = fs::read_dir(&self.drafts)
            .and_then(|entries| entries.map(|e| Ok(e?.file_name())).collect::<io::Result<Vec<_>>>())
            .map_err(at)?;
        drafts.sort();
        for name in drafts {
            fs::rename(self.drafts.join(&name), self.folder.join(&name)).map_err(at)?;
        }
        sync_folder(&success)?;
        File::create(&success).and_then(|file| file.sync_all()).map_err(at)?;
        sync_folder(&success)?;
        self.done = true;
        // The lock goes last: by it the next run knows the folder for ours.
        self.sweep(&[])?;
        fs::remove_dir_all(&self.work).or_else(|_| fs::remove_dir_all(&self.work)).map_err(at)
    }

    /// Removes the files of this or an earlier run from their places.
    fn remove_results(&self) -> io::Result<()> {
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            if is_ours(&entry.file_name().to_string_lossy()) {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }
}

impl Drop for Workplace {
    fn drop(&mut self) {
        if self.done {
            return;
        }
        if self.half_out {
            let trails = (0..).map(|n| shards::name(TRAIL, n));
            let out: Vec<_> = trails.take_while(|name| self.folder.join(name).exists()).collect();
            let _ = self.take_back(&out);
            let _ = self.remove_results();
        }
        if self.has_manifest() {
            return;
        }
        // Nothing of this is of use to anybody.
        let _ = fs::remove_dir_all(&self.work);
        if self.made_folder {
            let _ = fs::remove_dir(&self.folder);
        }
    }
}

/// Whether a run to `folder` was stopped after a part that another one can go on from.
pub(crate) fn is_resumable(folder: &Path) -> bool {
    folder.join(WORK).join(manifest::NAME).is_file()
}

/// Removes a file, if it is there.
fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e),
        _ => Ok(()),
    }
}

/// Names that `run` writes.
fn is_ours(name: &str) -> bool {
    const FIXED: [&str; 5] = ["decisions.jsonl", "quarantine.jsonl", "report.json", "report.html", SUCCESS];
    let shard = |stem: &str| {
        name.strip_prefix(stem)
            .and_then(|rest| {
                let rest = rest.strip_suffix(".zst").unwrap_or(rest);
                ["jsonl", "parquet", "txt"]
                    .iter()
                    .find_map(|ending| rest.strip_suffix(ending)?.strip_suffix('.'))
            })
            .is_some_and(|n| n.len() >= 5 && n.bytes().all(|b| b.is_ascii_digit()))
    };
    FIXED.contains(&name) || ["kept-", "dropped-", "trail-"].iter().any(|stem| shard(stem))
}
