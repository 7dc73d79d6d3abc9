//! An index that is open for reading, beside the process that writes it.

use std::path::Path;
use std::path::PathBuf;

use crate::error::Result;
use crate::index::answer::Stats;
use crate::index::answer::Verdict;
use crate::index::answer::asked;
use crate::index::answer::stats;
use crate::index::core::Core;
use crate::index::preparing::Meta;
use crate::index::preparing::Preparing;
use crate::index::settings::Settings;

/// An index that is only read. Any number of processes may do so while one writes; each question is
/// answered for what the writer has made durable until then.
pub struct Reader {
    core: Core,
    preparing: Preparing,
    path: PathBuf,
}

impl std::fmt::Debug for Reader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reader").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Reader {
    /// Opens the index in the folder `path`.
    ///
    /// # Errors
    ///
    /// As [`Index::open`](crate::index::Index::open), but for a process that writes. A writer that was
    /// killed may have left the ledger to be repaired, which only a writer can do; the message says so.
    pub fn open(path: &Path, settings: &Settings) -> Result<Self> {
        let (core, preparing, _) = Core::opened(path, settings, false)?;
        Ok(Self { core, preparing, path: path.to_owned() })
    }

    /// Looks at what was made durable since.
    pub(super) fn refresh(&mut self) -> Result<()> {
        self.core.refresh()
    }

    pub(super) fn parts(&mut self) -> (&mut Core, &Preparing) {
        (&mut self.core, &self.preparing)
    }

    /// What a document would be among those that are known.
    ///
    /// # Errors
    ///
    /// If the disk fails.
    pub fn query(&mut self, text: &str, meta: &Meta<'_>) -> Result<Verdict> {
        self.core.refresh()?;
        asked(&mut self.core, &self.preparing, text, meta)
    }

    /// What the index holds. One look at all texts.
    ///
    /// # Errors
    ///
    /// If the disk fails.
    pub fn stats(&mut self) -> Result<Stats> {
        self.core.refresh()?;
        stats(&self.core, &self.path)
    }
}
