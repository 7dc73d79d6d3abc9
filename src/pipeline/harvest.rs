//! What the first pass of `run` brings in: packed rows, portraits, the trail and the sums, with a
//! manifest that says how much of it is safe on the disk.

use std::path::Path;
use std::path::PathBuf;

use crate::error::Result;
use crate::pipeline::document::Done;
use crate::pipeline::manifest::Manifest;
use crate::pipeline::manifest::Order;
use crate::pipeline::manifest::Progress;
use crate::pipeline::register::Register;
use crate::pipeline::replay;
use crate::pipeline::report::Report;
use crate::pipeline::shards::Shards;
use crate::pipeline::spill::Frames;
use crate::pipeline::spill::Spill;

/// The files of the first pass.
pub(crate) struct Harvest {
    work: PathBuf,
    pub(crate) spill: Spill,
    trail: Option<Shards>,
    manifest: Manifest,
    /// Bytes of input between two manifests; none are written where the input cannot be read again.
    part: Option<u64>,
    since: u64,
    has_manifest: bool,
}

/// The name of the files of the trail.
pub(crate) const TRAIL: &str = "trail";

impl Harvest {
    /// Nothing yet. The files go to `work`, those of a trail, which begin with `trail`, to `drafts`.
    pub(crate) fn new(
        work: &Path,
        drafts: &Path,
        trail: Option<String>,
        order: Order,
        part: Option<u64>,
    ) -> Result<Self> {
        Ok(Self {
            work: work.to_owned(),
            spill: Spill::new(work)?,
            trail: trail.map(|head| Shards::new(drafts, TRAIL, head)),
            manifest: Manifest { order, progress: Progress::default() },
            part,
            since: 0,
            has_manifest: false,
        })
    }

    /// What an unfinished run has brought in.
    pub(crate) fn resume(
        work: &Path,
        drafts: &Path,
        trail: Option<String>,
        manifest: Manifest,
        part: Option<u64>,
    ) -> Result<Self> {
        let Progress { rows, trail: files, .. } = manifest.progress;
        Ok(Self {
            work: work.to_owned(),
            spill: Spill::resume(work, rows)?,
            trail: trail.map(|head| Shards::resume(drafts, TRAIL, head, files)).transpose()?,
            manifest,
            part,
            since: 0,
            has_manifest: true,
        })
    }

    pub(crate) fn progress(&self) -> &Progress {
        &self.manifest.progress
    }

    /// The digest of the inputs when the lines of their sites were counted.
    pub(crate) fn counted(&mut self, digest: u64) {
        self.manifest.progress.counted = digest;
    }

    /// Takes in a batch of the set that the inputs are held against, which is in `register` already.
    pub(crate) fn take_references(&mut self, done: &Done) {
        let digest = &mut self.manifest.progress.references;
        *digest = replay::chain(*digest, done.digest);
        self.since += done.input;
    }

    /// Takes in a batch; its portraits and sums are in `register` and `report` already.
    pub(crate) fn take(&mut self, done: &Done, register: &mut Register, report: &Report) -> Result<()> {
        self.spill.push(done)?;
        if let Some(trail) = &mut self.trail {
            trail.write(&done.trail)?;
        }
        let progress = &mut self.manifest.progress;
        progress.batches += 1;
        progress.documents += done.docs.len() as u64;
        self.since += done.input;
        if self.part.is_some_and(|part| self.since >= part) {
            self.commit(register, report)?;
        }
        Ok(())
    }

    /// Everything was taken in. Where that was little, doing it again costs less than a manifest.
    pub(crate) fn finish(&mut self, register: &mut Register, report: &Report) -> Result<()> {
        if let Some(trail) = &mut self.trail {
            trail.finish()?;
        }
        self.manifest.progress.is_whole = true;
        if self.has_manifest { self.commit(register, report) } else { Ok(()) }
    }

    /// Ends the writing and gives the rows again, in their order.
    pub(crate) fn read(self) -> Result<Frames> {
        self.spill.read()
    }

    /// Makes sure that a later run can go on from here.
    fn commit(&mut self, register: &mut Register, report: &Report) -> Result<()> {
        self.since = 0;
        let progress = &mut self.manifest.progress;
        progress.n_references = register.n_references();
        progress.rows = self.spill.sync()?;
        progress.portraits = register.sync()?;
        if let Some(trail) = &mut self.trail {
            progress.trail = trail.sync()?;
        }
        progress.sums = report.sums();
        self.manifest.write(&self.work)?;
        self.has_manifest = true;
        Ok(())
    }
}
