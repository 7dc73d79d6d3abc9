//! The command `clean`: documents in, clean documents out, one after another.

use std::fs;
use std::io;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;

use crate::error::Error;
use crate::error::Result;
use crate::pipeline::belt;
use crate::pipeline::clean::Cleaner;
#[cfg(feature = "parquet")]
use crate::pipeline::columns::Tables;
use crate::pipeline::document::Doc;
use crate::pipeline::document::Done;
use crate::pipeline::document::Fate;
use crate::pipeline::format;
use crate::pipeline::format::Format;
use crate::pipeline::job::Job;
use crate::pipeline::job::Watcher;
use crate::pipeline::mirror::Mirror;
use crate::pipeline::report::End;
use crate::pipeline::report::Report;
use crate::pipeline::report::Summary;
use crate::pipeline::sink::Out;
use crate::pipeline::sink::refuse_existing;
use crate::pipeline::trail_file;
use crate::source::STDIN;

/// Where the clean documents go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// Standard output.
    Stdout,
    /// One file of documents.
    File(PathBuf, Format),
    /// A folder that mirrors the input.
    Folder(PathBuf),
}

impl Target {
    /// What `-o` names: `-`, a file by its ending or the `format` that is asked for, or else a folder.
    #[must_use]
    pub fn named(out: Option<&Path>, format: Option<Format>) -> Self {
        let Some(out) = out.filter(|out| out.as_os_str() != STDIN) else { return Self::Stdout };
        let name =
            out.file_name().map(|name| name.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
        let is_named = |endings: &[&str]| endings.iter().any(|ending| name.ends_with(ending));
        let by_name = if is_named(&[".jsonl", ".jsonl.gz", ".jsonl.zst"]) {
            Some(Format::Jsonl)
        } else if is_named(&[".parquet"]) {
            Some(Format::Parquet)
        } else {
            None
        };
        if let Some(format) = format.or(by_name) {
            Self::File(out.to_owned(), format)
        } else {
            Self::Folder(out.to_owned())
        }
    }

    /// The places that this target writes to.
    #[must_use]
    pub fn places(&self) -> Vec<PathBuf> {
        match self {
            Self::Stdout => Vec::new(),
            Self::File(path, _) | Self::Folder(path) => vec![path.clone(), quarantine_path(path)],
        }
    }
}

/// The file for what could not be read stands beside the output.
fn quarantine_path(out: &Path) -> PathBuf {
    let mut name = out.file_name().unwrap_or(out.as_os_str()).to_owned();
    name.push(".quarantine.jsonl");
    out.with_file_name(name)
}

/// The clean documents on their way out.
enum Sink {
    Stdout(io::StdoutLock<'static>),
    File(Out),
    #[cfg(feature = "parquet")]
    Table(Box<Tables>),
    Folder(Mirror),
    Nothing,
}

/// Cleans every document of the job's inputs into `target`. Edits go to `trail`.
///
/// # Errors
///
/// If an input does not exist, the output exists, a file cannot be written, or the job is stopped.
/// What cannot be read is no error: it is named and counted.
pub fn clean_files(
    job: &Job,
    cleaner: Cleaner,
    target: &Target,
    trail: Option<&Path>,
    watcher: &mut dyn Watcher,
) -> Result<Summary> {
    let format = match target {
        Target::File(_, format) => Some(*format),
        Target::Stdout => job.format,
        Target::Folder(_) => None,
    };
    format.map_or(Ok(()), Format::check)?;
    if (target, format) == (&Target::Stdout, Some(Format::Parquet)) {
        return Err(Error::usage("a Parquet file cannot be written to a pipe: name a file with -o"));
    }
    let source = job.source()?;
    let beside: Vec<&Path> = trail.into_iter().chain(job.report.as_deref()).collect();
    let quarantine = match target {
        Target::Stdout => None,
        Target::File(path, _) | Target::Folder(path) => Some(quarantine_path(path)),
    };
    let mut out = Sink::Nothing;
    if !job.dry_run {
        for place in beside.iter().copied().chain(quarantine.as_deref()) {
            refuse_existing(place, job.overwrite)?;
        }
        out = match target {
            Target::Stdout => Sink::Stdout(io::stdout().lock()),
            #[cfg(feature = "parquet")]
            Target::File(path, Format::Parquet) => {
                Sink::Table(Box::new(Tables::one(Out::claim(path, job.overwrite)?, path)))
            }
            Target::File(path, _) => Sink::File(Out::claim(path, job.overwrite)?),
            Target::Folder(path) => Sink::Folder(Mirror::create(path, job.overwrite)?),
        };
    }
    let mut trail = match trail.filter(|_| !job.dry_run) {
        Some(path) => Some(Out::claim(path, job.overwrite)?),
        None => None,
    };
    if let Some(trail) = &mut trail {
        trail.write(format!("{}\n", trail_file::header(cleaner.rules())).as_bytes())?;
    }
    let rules = cleaner.rules().clone();
    let alone = matches!(job.plan.inputs.as_slice(), [one] if !one.is_dir());
    let mut workshop = job.workshop(cleaner);
    workshop.bare =
        matches!(target, Target::Folder(_)) || (alone && *target == Target::Stdout && format.is_none());
    workshop.bare_members = matches!(target, Target::Folder(_));
    workshop.with_trail = trail.is_some();

    let mut report = Report::new(job.report.is_some());
    let mut lost: Option<Out> = None;
    let mut documents = 0;
    belt::run(source, workshop, job.limits(), &job.stop, |done| {
        report.add_edits(done);
        for doc in &done.docs {
            let origin = &done.origins[doc.origin];
            let (end, reason) = match doc.fate {
                Fate::Clean => (End::Kept, None),
                Fate::Empty => (End::Dropped, Some("empty")),
                Fate::Lost(cause) => (End::Quarantined, Some(cause.name())),
            };
            report.add(origin, doc.bytes, end, reason);
            if end == End::Quarantined {
                let row = &done.out[doc.row.clone()];
                report.add_loss(row);
                watcher.lost(&message(doc, done));
                if let Some(place) = quarantine.as_ref().filter(|_| !job.dry_run) {
                    if lost.is_none() {
                        lost = Some(Out::claim(place, job.overwrite)?);
                    }
                    if let Some(lost) = &mut lost {
                        lost.write(row)?;
                    }
                }
            }
        }
        documents += done.docs.len() as u64;
        out.write(done, format == Some(Format::Text))?;
        if let Some(trail) = &mut trail {
            trail.write(&done.trail)?;
        }
        watcher.passed(done.read, documents);
        Ok(())
    })?;

    if let Some(trail) = trail {
        trail.finish()?;
    }
    match (lost, &quarantine) {
        (Some(lost), _) => lost.finish()?,
        (None, Some(place)) if job.overwrite && !job.dry_run && place.exists() => {
            fs::remove_file(place).map_err(|e| Error::io("removing the old", place, e))?;
        }
        _ => {}
    }
    out.finish()?;
    let summary = report.finish(&rules);
    if let Some(path) = job.report.as_ref().filter(|_| !job.dry_run) {
        report.write(Out::claim(path, job.overwrite)?, &rules)?;
    }
    Ok(summary)
}

/// One line about a loss. The text inside is escaped as in JSON already.
pub(crate) fn message(doc: &Doc, done: &Done) -> String {
    let (offset, what) = &doc.loss;
    let what = String::from_utf8_lossy(&done.out[what.clone()]);
    format!("{}, byte {offset}: {what}", doc.source(done))
}

impl Sink {
    /// Writes the clean documents, or their texts alone.
    fn write(&mut self, done: &Done, texts_only: bool) -> Result<()> {
        if let Self::Folder(mirror) = self {
            return mirror.write(done);
        }
        let mut texts = Vec::new();
        for rows in runs(&done.docs) {
            let mut bytes = &done.out[rows];
            if texts_only {
                texts.clear();
                format::push_texts(bytes, &mut texts);
                bytes = &texts;
            }
            match self {
                Self::Stdout(out) => {
                    out.write_all(bytes)
                        .map_err(|e| Error::io("writing to", Path::new("standard output"), e))?;
                }
                Self::File(out) => out.write(bytes)?,
                #[cfg(feature = "parquet")]
                Self::Table(table) => table.write(bytes)?,
                Self::Folder(_) | Self::Nothing => {}
            }
        }
        Ok(())
    }

    fn finish(self) -> Result<()> {
        match self {
            Self::Stdout(mut out) => {
                out.flush().map_err(|e| Error::io("writing to", Path::new("standard output"), e))
            }
            Self::File(out) => out.finish(),
            #[cfg(feature = "parquet")]
            Self::Table(mut table) => table.finish(),
            Self::Folder(mirror) => mirror.finish(),
            Self::Nothing => Ok(()),
        }
    }
}

/// The rows of the kept documents, neighbours in one piece.
fn runs(docs: &[Doc]) -> Vec<std::ops::Range<usize>> {
    let mut runs: Vec<std::ops::Range<usize>> = Vec::new();
    for doc in docs.iter().filter(|doc| matches!(doc.fate, Fate::Clean)) {
        match runs.last_mut() {
            Some(last) if last.end == doc.row.start => last.end = doc.row.end,
            _ => runs.push(doc.row.clone()),
        }
    }
    runs
}
