//! The files that `run` gives: documents in shards, the decision about each, what could not be read.

use std::path::Path;

use crate::error::Result;
use crate::pipeline::shards::Shards;
use crate::pipeline::sink::Out;
use crate::pipeline::verdicts::Verdicts;

/// The files of documents and decisions.
pub(crate) struct Outputs {
    kept: Shards,
    dropped: Shards,
    decisions: Out,
    quarantine: Out,
}

impl Outputs {
    pub(crate) fn create(folder: &Path) -> Result<Self> {
        Ok(Self {
            kept: Shards::new(folder, "kept", String::new()),
            dropped: Shards::new(folder, "dropped", String::new()),
            decisions: Out::create(&folder.join("decisions.jsonl"))?,
            quarantine: Out::create(&folder.join("quarantine.jsonl"))?,
        })
    }

    /// Appends the documents of a frame, each to where it belongs.
    pub(crate) fn write(&mut self, verdicts: &Verdicts) -> Result<()> {
        self.kept.write(&verdicts.kept)?;
        self.dropped.write(&verdicts.dropped)?;
        self.decisions.write(&verdicts.decisions)?;
        self.quarantine.write(&verdicts.quarantine)
    }

    pub(crate) fn finish(mut self) -> Result<()> {
        self.kept.finish()?;
        self.dropped.finish()?;
        self.decisions.finish()?;
        self.quarantine.finish()
    }
}
