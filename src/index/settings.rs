//! How an index was made, written into its folder: what was added under one set of rules cannot be
//! held against texts that were cleaned by another.

use std::fs;
use std::io;
use std::path::Path;
use std::path::PathBuf;

use serde::Deserialize;
use serde::Serialize;
use xxhash_rust::xxh3::xxh3_64;

use crate::copies::BANDS;
use crate::copies::DEFAULT_SEED;
use crate::error::Error;
use crate::error::Kind;
use crate::error::Result;
use crate::rules::Choice;
use crate::rules::Profile;
use crate::rules::Rules;

/// The version of the format that this program writes, and the newest that it reads.
const FORMAT: u32 = 1;
/// The file that says how the index was made; it comes last, so where it stands the index is whole.
const HEADER: &str = "index.json";

/// When what was added is safe from a crash.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sync {
    /// Behind each call: some milliseconds.
    Each,
    /// Behind each thousand documents, and where [`Index::sync`](crate::index::Index::sync) is called. A crash
    /// loses what came after that, whole documents at a time.
    #[default]
    Batch,
}

/// How an index is made and used.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The rules by which texts are cleaned before they are compared; `None` for texts that are clean already.
    pub rules: Option<Choice>,
    /// A folder with rule tables on top of the bundled ones. It is asked for again whenever the index
    /// is opened.
    pub tables: Option<PathBuf>,
    /// When what was added is safe.
    pub sync: Sync,
    /// Threads of [`Index::add_batch`](crate::index::Index::add_batch).
    pub jobs: usize,
    /// Bytes that filters of postings may take; what is above is read from the disk, at a few
    /// microseconds a document.
    pub memory: usize,
    /// A secret number that keeps strangers from forging sketches; `None` for the published one. It
    /// is not written down, and asked for again whenever the index is opened.
    pub seed: Option<u64>,
    /// Opens an index that was made under other rules, as after an update of this program: old and
    /// new texts are compared although they may have been cleaned a little differently.
    pub accept_rules: bool,
    /// Documents of the smallest run of postings; for tests.
    #[doc(hidden)]
    pub per_run: Option<usize>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            rules: Some(Choice::default()),
            tables: None,
            sync: Sync::Batch,
            jobs: crate::pipeline::cores(),
            memory: 256 << 20,
            seed: None,
            accept_rules: false,
            per_run: None,
        }
    }
}

/// What stands in the header.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Header {
    jingwen_index: u32,
    /// Of the program that made it.
    version: String,
    /// The rules, or none for clean texts.
    #[serde(default)]
    profile: Option<String>,
    #[serde(default)]
    enable: Vec<String>,
    #[serde(default)]
    disable: Vec<String>,
    #[serde(default)]
    has_tables: bool,
    /// The hash of all rules and switches, hexadecimal.
    #[serde(default)]
    rules: String,
    /// A hash of the seed of the sketches, hexadecimal.
    #[serde(default)]
    seed: String,
    #[serde(default)]
    bands: usize,
}

impl Settings {
    /// The rules of these settings.
    pub(super) fn load(&self) -> Result<Option<Rules>> {
        let Some(choice) = &self.rules else { return Ok(None) };
        Ok(Some(match &self.tables {
            Some(folder) => Rules::with_dir(choice, folder)?,
            None => Rules::bundled(choice)?,
        }))
    }

    /// The seed of the sketches.
    pub(super) fn seed(&self) -> u64 {
        self.seed.unwrap_or(DEFAULT_SEED)
    }
}

/// A seed as it may be written down.
fn shown(seed: u64) -> String {
    // Half of a hash: of the whole one, the seed could be reckoned.
    format!("{:08x}", xxh3_64(&seed.to_le_bytes()) >> 32)
}

impl Header {
    pub(super) fn new(settings: &Settings) -> Result<Self> {
        let choice = settings.rules.clone();
        Ok(Self {
            jingwen_index: FORMAT,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            profile: choice.as_ref().map(|choice| choice.profile.name().to_owned()),
            enable: choice.as_ref().map(|choice| choice.enable.clone()).unwrap_or_default(),
            disable: choice.map(|choice| choice.disable).unwrap_or_default(),
            has_tables: settings.tables.is_some(),
            rules: format!("{:016x}", settings.load()?.map_or(0, |rules| rules.hash())),
            seed: shown(settings.seed()),
            bands: BANDS,
        })
    }

    /// Writes it into `folder`, whole or not at all.
    pub(super) fn write(&self, folder: &Path) -> Result<()> {
        let (path, draft) = (folder.join(HEADER), folder.join(".index.json.part"));
        let at = |e: io::Error| Error::io("writing", &path, e);
        let bytes = serde_json::to_vec_pretty(self).map_err(|e| at(e.into()))?;
        fs::write(&draft, bytes).map_err(at)?;
        fs::File::open(&draft).and_then(|file| file.sync_all()).map_err(at)?;
        fs::rename(&draft, &path).map_err(at)?;
        fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(at)
    }

    /// Reads that of the index in `folder`.
    pub(super) fn read(folder: &Path) -> Result<Self> {
        let path = folder.join(HEADER);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                let what = format!("{} is no index: it holds no {HEADER}", folder.display());
                return Err(Error::usage(what).advised("make one with `jingwen index create`"));
            }
            Err(e) => return Err(Error::io("reading", &path, e)),
        };
        let foreign = |why: String| {
            Error::new(
                Kind::Damaged,
                format!("{} is no header of an index of this program: {why}", path.display()),
            )
        };
        // The version first: what a newer one writes may not be read at all.
        let any: serde_json::Value = serde_json::from_slice(&bytes).map_err(|e| foreign(e.to_string()))?;
        let format =
            any["jingwen_index"].as_u64().ok_or_else(|| foreign("it names no version".to_owned()))?;
        if format > u64::from(FORMAT) {
            let by = any["version"].as_str().unwrap_or("a newer version");
            let what = format!(
                "the index {} has format {format}, written by jingwen {by}; this program reads formats up to {FORMAT}",
                folder.display()
            );
            return Err(Error::new(Kind::Damaged, what).advised("update jingwen"));
        }
        serde_json::from_value(any).map_err(|e| foreign(e.to_string()))
    }

    /// `settings` with the rules that the index in `folder` was made with, if they are still the same.
    pub(super) fn settle(&self, folder: &Path, settings: &Settings) -> Result<Settings> {
        let place = folder.display();
        if self.seed != shown(settings.seed()) {
            let what = format!("the index {place} was made with another key of sketches");
            return Err(Error::usage(what).advised("open it with the key file that it was made with"));
        }
        if self.bands != BANDS {
            let what =
                format!("the index {place} has sketches of {} bands, this program of {BANDS}", self.bands);
            return Err(Error::usage(what).advised("add the documents to a new index"));
        }
        if self.has_tables && settings.tables.is_none() {
            let what = format!("the index {place} was made with rule tables of your own");
            return Err(Error::usage(what).advised("name their folder (--tables DIR)"));
        }
        let rules = match &self.profile {
            None => None,
            Some(name) => Some(Choice {
                profile: Profile::named(name).ok_or_else(|| {
                    Error::usage(format!(
                        "the index {place} was made in the profile {name}, which is unknown"
                    ))
                })?,
                enable: self.enable.clone(),
                disable: self.disable.clone(),
            }),
        };
        let settings = Settings { rules, ..settings.clone() };
        let hash = format!("{:016x}", settings.load()?.map_or(0, |rules| rules.hash()));
        if hash != self.rules && !settings.accept_rules {
            let what = format!(
                "the index {place} was made under other rules ({}, by jingwen {}) than there are now ({hash})",
                self.rules, self.version
            );
            return Err(Error::usage(what)
                .advised("accept that (--accept-rules), or add the documents to a new index"));
        }
        Ok(settings)
    }

    /// Which program made the index, and under which rules.
    pub(super) fn made_by(&self) -> (String, String) {
        (self.version.clone(), self.rules.clone())
    }
}
