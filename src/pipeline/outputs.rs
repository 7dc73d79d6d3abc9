//! The files that `run` gives: documents in shards, the decision about each, what could not be read.

use std::fs::File;
use std::path::Path;
use std::path::PathBuf;

use crate::error::Result;
#[cfg(feature = "parquet")]
use crate::pipeline::columns::Tables;
use crate::pipeline::early::Early;
use crate::pipeline::format;
use crate::pipeline::format::Format;
use crate::pipeline::shards::Shards;
use crate::pipeline::sink::Out;
use crate::pipeline::verdicts::Verdicts;

/// Bytes between two syncs while the files grow.
const PIECE: usize = 16 << 20;

/// Files of documents, in one of the forms.
enum Documents {
    Rows(Shards),
    /// With the texts of the rows at hand.
    Texts(Shards, Vec<u8>),
    #[cfg(feature = "parquet")]
    Columns(Box<Tables>),
}

impl Documents {
    fn new(folder: &Path, stem: &'static str, format: Format) -> Result<Self> {
        format.check()?;
        Ok(match format {
            Format::Text => Self::Texts(Shards::of_texts(folder, stem), Vec::new()),
            #[cfg(feature = "parquet")]
            Format::Parquet => Self::Columns(Box::new(Tables::shards(folder, stem))),
            _ => Self::Rows(Shards::new(folder, stem, String::new())),
        })
    }

    fn write(&mut self, rows: &[u8]) -> Result<()> {
        match self {
            Self::Rows(shards) => shards.write(rows),
            Self::Texts(shards, texts) => {
                texts.clear();
                format::push_texts(rows, texts);
                shards.write(texts)
            }
            #[cfg(feature = "parquet")]
            Self::Columns(tables) => tables.write(rows),
        }
    }

    /// The open file, where it may be synced early.
    fn handle(&self) -> Option<(File, PathBuf)> {
        match self {
            Self::Rows(shards) | Self::Texts(shards, _) => shards.handle(),
            #[cfg(feature = "parquet")]
            Self::Columns(_) => None,
        }
    }

    fn finish(&mut self) -> Result<()> {
        match self {
            Self::Rows(shards) | Self::Texts(shards, _) => shards.finish(),
            #[cfg(feature = "parquet")]
            Self::Columns(tables) => tables.finish(),
        }
    }
}

/// The files of documents and decisions.
pub(crate) struct Outputs {
    kept: Documents,
    dropped: Documents,
    decisions: Out,
    quarantine: Out,
    early: Early,
    /// Bytes since the last early sync.
    since: usize,
}

impl Outputs {
    pub(crate) fn create(folder: &Path, format: Format) -> Result<Self> {
        Ok(Self {
            kept: Documents::new(folder, "kept", format)?,
            dropped: Documents::new(folder, "dropped", format)?,
            decisions: Out::create(&folder.join("decisions.jsonl"))?,
            quarantine: Out::create(&folder.join("quarantine.jsonl"))?,
            early: Early::start(),
            since: 0,
        })
    }

    /// Appends the documents of a frame, each to where it belongs.
    pub(crate) fn write(&mut self, verdicts: &Verdicts) -> Result<()> {
        self.kept.write(&verdicts.kept)?;
        self.dropped.write(&verdicts.dropped)?;
        self.since += verdicts.kept.len() + verdicts.dropped.len();
        if self.since >= PIECE {
            self.since = 0;
            [&self.kept, &self.dropped]
                .into_iter()
                .filter_map(Documents::handle)
                .for_each(|file| self.early.sync(file));
        }
        self.decisions.write(&verdicts.decisions)?;
        self.quarantine.write(&verdicts.quarantine)
    }

    pub(crate) fn finish(mut self) -> Result<()> {
        self.early.finish()?;
        self.kept.finish()?;
        self.dropped.finish()?;
        self.decisions.finish()?;
        self.quarantine.finish()
    }
}
