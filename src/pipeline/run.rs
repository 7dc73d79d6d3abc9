//! The command `run`: clean every document, drop repeated ones, account for each.
//!
//! Two passes: the first cleans and spills, the second writes what was decided about all. All
//! outputs grow inside `work/` and come to their places by renames when they are whole.

use std::fs;
use std::fs::File;
use std::fs::TryLockError;
use std::io;
use std::path::Path;
use std::path::PathBuf;

use crate::error::Error;
use crate::error::Kind;
use crate::error::Result;
use crate::pipeline::belt;
use crate::pipeline::clean::Cleaner;
use crate::pipeline::clean_files::message;
use crate::pipeline::document::Fate;
use crate::pipeline::job::Job;
use crate::pipeline::job::Watcher;
use crate::pipeline::json;
use crate::pipeline::report::End;
use crate::pipeline::report::Report;
use crate::pipeline::report::Summary;
use crate::pipeline::same::Prints;
use crate::pipeline::same::Verdict;
use crate::pipeline::sink::Out;
use crate::pipeline::sink::refuse_existing;
use crate::pipeline::sink::sync_folder;
use crate::pipeline::spill::Sort;
use crate::pipeline::spill::Spill;
use crate::pipeline::spill::Spilled;
use crate::pipeline::trail_file;
use crate::source::Source;

/// A file of kept or dropped rows is closed above this size: small enough to be loaded whole.
const SHARD: u64 = 256 << 20;

const SUCCESS: &str = "_SUCCESS";
const WORK: &str = "work";
const LOCK: &str = "lock";

/// Cleans every document of the job's inputs and drops repeated ones; the results go to `folder`.
///
/// # Errors
///
/// If an input does not exist, the output exists, a file cannot be written, or the job is stopped.
/// What cannot be read is no error: it is named and counted.
pub fn run(
    job: &Job,
    cleaner: Cleaner,
    folder: &Path,
    trail: bool,
    watcher: &mut dyn Watcher,
) -> Result<Summary> {
    let source = Source::open(&job.plan)?;
    if let Some(path) = job.report.as_ref().filter(|_| !job.dry_run) {
        refuse_existing(path, job.overwrite)?;
    }
    let place = if job.dry_run { None } else { Some(Workplace::take(folder, job.overwrite)?) };
    let drafts = place.as_ref().map(|place| place.drafts.as_path());
    let rules = cleaner.rules().clone();
    let mut report = Report::new(place.is_some());

    // First pass.
    let mut spill = Spill::new(place.as_ref().map(|place| place.work.as_path()));
    let mut trails = Shards::new(drafts.filter(|_| trail), "trail");
    trails.head = format!("{}\n", trail_file::header(&rules));
    let mut prints = Prints::default();
    let mut documents = 0;
    let mut workshop = job.workshop(cleaner);
    workshop.with_print = true;
    workshop.with_trail = trail;
    belt::run(source, workshop, job.jobs, job.budget(), &job.stop, |done| {
        report.add_edits(done);
        for doc in &done.docs {
            match doc.fate {
                Fate::Clean(Some(print)) => prints.push(print, &done.out[doc.id.clone()]),
                Fate::Lost(_) => watcher.lost(&message(doc, done)),
                Fate::Clean(None) | Fate::Empty => {}
            }
            if place.is_some() {
                spill.push(doc, done)?;
            } else {
                count_unwritten(&mut report, doc.bytes, doc.fate);
            }
        }
        documents += done.docs.len() as u64;
        trails.write(&done.trail)?;
        watcher.passed(done.read, documents);
        Ok(())
    })?;
    let verdicts = prints.verdicts();
    let Some(place) = place else {
        return Ok(dry_sums(&verdicts, report.finish(&rules)));
    };

    // Second pass.
    let mut outputs = Outputs::create(&place.drafts)?;
    let mut rows = spill.read()?;
    let (mut doc, mut n) = (Spilled::default(), 0);
    while rows.next(&mut doc)? {
        job.stop.check()?;
        let verdict = match doc.sort {
            Sort::Clean => {
                n += 1;
                Some(verdicts[n - 1])
            }
            Sort::Empty | Sort::Lost(_) => None,
        };
        let (end, reason) = outputs.write(&doc, verdict, &prints)?;
        let name = String::from_utf8_lossy(&doc.name);
        report.add(doc.file, &name, doc.size, doc.bytes, end, reason);
    }
    outputs.finish()?;
    trails.finish()?;
    let summary = report.finish(&rules);
    report.write(&place.drafts.join("report.json"), &rules)?;
    job.stop.check()?;
    place.publish()?;
    if let Some(path) = &job.report {
        report.write(path, &rules)?;
    }
    Ok(summary)
}

/// Without a spill there is no second pass: everything but the kept and dropped is counted in the first.
fn count_unwritten(report: &mut Report, bytes: u64, fate: Fate) {
    let (end, reason) = match fate {
        Fate::Clean(_) => (End::Kept, None),
        Fate::Empty => (End::Dropped, Some("empty")),
        Fate::Lost(cause) => (End::Quarantined, Some(cause.name())),
    };
    report.add(0, "", 0, bytes, end, reason);
}

/// Moves the copies from kept to dropped. Their bytes stay with the kept ones: nothing was spilled to tell.
fn dry_sums(verdicts: &[Verdict], mut sums: Summary) -> Summary {
    for verdict in verdicts {
        let reason = match verdict {
            Verdict::Kept => continue,
            Verdict::Exact(_) => "exact",
            Verdict::Same(_) => "same",
        };
        sums.kept.documents -= 1;
        sums.dropped.documents += 1;
        *sums.reasons.entry(reason).or_default() += 1;
    }
    sums
}

/// Rows in files of bounded size, `stem-00000.jsonl` and so on.
struct Shards {
    folder: Option<PathBuf>,
    stem: &'static str,
    /// The first line of each file.
    head: String,
    open: Option<Out>,
    n: u32,
}

impl Shards {
    fn new(folder: Option<&Path>, stem: &'static str) -> Self {
        Self { folder: folder.map(Path::to_owned), stem, head: String::new(), open: None, n: 0 }
    }

    fn out(&mut self) -> Result<Option<&mut Out>> {
        let Some(folder) = &self.folder else { return Ok(None) };
        if self.open.as_ref().is_some_and(|out| out.written() >= SHARD)
            && let Some(full) = self.open.take()
        {
            full.finish()?;
        }
        if self.open.is_none() {
            let mut out = Out::create(&folder.join(format!("{}-{:05}.jsonl", self.stem, self.n)))?;
            out.write(self.head.as_bytes())?;
            self.open = Some(out);
            self.n += 1;
        }
        Ok(self.open.as_mut())
    }

    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        if !bytes.is_empty()
            && let Some(out) = self.out()?
        {
            out.write(bytes)?;
        }
        Ok(())
    }

    /// Closes the last file; there is always one.
    fn finish(mut self) -> Result<()> {
        self.out()?;
        self.open.take().map_or(Ok(()), Out::finish)
    }
}

/// The files of documents and decisions.
struct Outputs {
    kept: Shards,
    dropped: Shards,
    decisions: Out,
    quarantine: Out,
    line: Vec<u8>,
}

impl Outputs {
    fn create(folder: &Path) -> Result<Self> {
        Ok(Self {
            kept: Shards::new(Some(folder), "kept"),
            dropped: Shards::new(Some(folder), "dropped"),
            decisions: Out::create(&folder.join("decisions.jsonl"))?,
            quarantine: Out::create(&folder.join("quarantine.jsonl"))?,
            line: Vec::new(),
        })
    }

    /// Writes one document to where it belongs, and the decision about it.
    fn write(
        &mut self,
        doc: &Spilled,
        verdict: Option<Verdict>,
        prints: &Prints,
    ) -> Result<(End, Option<&'static str>)> {
        let (end, kind, of) = match (doc.sort, verdict) {
            (Sort::Clean, None | Some(Verdict::Kept)) => (End::Kept, None, None),
            (Sort::Clean, Some(Verdict::Exact(best))) => (End::Dropped, Some("exact"), Some(best)),
            (Sort::Clean, Some(Verdict::Same(best))) => (End::Dropped, Some("same"), Some(best)),
            (Sort::Empty, _) => (End::Dropped, Some("empty"), None),
            (Sort::Lost(cause), _) => (End::Quarantined, Some(cause.name()), None),
        };
        let name = match end {
            End::Kept => "kept",
            End::Dropped => "dropped",
            End::Quarantined => "quarantined",
        };
        let source = doc.source()?;
        let line = &mut self.line;
        line.clear();
        line.extend_from_slice(b"{\"id\":");
        line.extend_from_slice(&doc.id);
        line.extend_from_slice(b",\"source\":");
        json::push_string(&source, line);
        line.extend_from_slice(format!(",\"verdict\":\"{name}\",").as_bytes());
        push_evidence(kind.filter(|_| end == End::Dropped), of, prints, line);
        if let Sort::Lost(cause) = doc.sort {
            line.extend_from_slice(format!(",\"cause\":\"{}\"", cause.name()).as_bytes());
        }
        line.extend_from_slice(b"}\n");
        self.decisions.write(line)?;
        match end {
            End::Kept => self.kept.write(&doc.row)?,
            End::Quarantined => self.quarantine.write(&doc.row)?,
            End::Dropped => {
                // The row as it would be kept, with one more member.
                let row = doc.row.strip_suffix(b"}\n").unwrap_or(&doc.row);
                line.clear();
                if row.is_empty() {
                    line.extend_from_slice(b"{\"id\":");
                    line.extend_from_slice(&doc.id);
                    line.extend_from_slice(b",\"text\":\"\",\"source\":");
                    json::push_string(&source, line);
                }
                line.extend_from_slice(row);
                line.extend_from_slice(b",\"verdict\":{");
                push_evidence(kind, of, prints, line);
                line.extend_from_slice(b"}}\n");
                self.dropped.write(line)?;
            }
        }
        Ok((end, kind))
    }

    fn finish(self) -> Result<()> {
        self.kept.finish()?;
        self.dropped.finish()?;
        self.decisions.finish()?;
        self.quarantine.finish()
    }
}

/// Appends the members that say why. Equal keys are equal sets of grams: both measures are 1.
fn push_evidence(kind: Option<&str>, of: Option<usize>, prints: &Prints, line: &mut Vec<u8>) {
    let kind = kind.map_or("null".to_owned(), |kind| format!("\"{kind}\""));
    line.extend_from_slice(format!("\"kind\":{kind},\"of\":").as_bytes());
    let share = if of.is_some() { "1.0" } else { "null" };
    line.extend_from_slice(of.map_or(b"null".as_slice(), |best| prints.id(best)));
    let rest = format!(",\"jaccard\":{share},\"containment\":{share},\"variant_of\":null");
    line.extend_from_slice(rest.as_bytes());
}

/// The output folder while it is ours alone.
struct Workplace {
    folder: PathBuf,
    work: PathBuf,
    drafts: PathBuf,
    /// Held as long as we write; the system lets go of it if we die.
    _lock: File,
    made_folder: bool,
    /// Files of this run may stand at their places, and not all of them.
    half_out: bool,
    done: bool,
}

impl Workplace {
    /// Makes `folder` and `folder/work`, or takes over what an unfinished run left there.
    fn take(folder: &Path, overwrite: bool) -> Result<Self> {
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
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&lock_path)
            .map_err(at(&lock_path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Error::new(
                    Kind::Locked,
                    format!(
                        "another run is writing to {}; wait for it or choose another folder",
                        folder.display()
                    ),
                ));
            }
            Err(TryLockError::Error(e)) => return Err(Error::io("locking", &lock_path, e)),
        }
        let drafts = work.join("out");
        let place = Self {
            folder: folder.to_owned(),
            work,
            drafts,
            _lock: lock,
            made_folder,
            half_out: false,
            done: false,
        };
        place.sweep()?;
        fs::create_dir(&place.drafts).map_err(at(&place.drafts))?;
        Ok(place)
    }

    /// Removes what an unfinished run left in `work/`, but for the lock.
    fn sweep(&self) -> Result<()> {
        let at = |e: io::Error| Error::io("clearing", &self.work, e);
        for entry in fs::read_dir(&self.work).map_err(at)? {
            let entry = entry.map_err(at)?;
            if entry.file_name() == LOCK {
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
    fn publish(mut self) -> Result<()> {
        let at = |e: io::Error| Error::io("finishing", &self.folder, e);
        let success = self.folder.join(SUCCESS);
        match fs::remove_file(&success) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(at(e)),
            _ => {}
        }
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
        self.sweep()?;
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
        if !self.done {
            // Nothing of an unfinished run is of use to anybody.
            if self.half_out {
                let _ = self.remove_results();
            }
            let _ = fs::remove_dir_all(&self.work);
            if self.made_folder {
                let _ = fs::remove_dir(&self.folder);
            }
        }
    }
}

/// Names that `run` writes.
fn is_ours(name: &str) -> bool {
    const FIXED: [&str; 5] = ["decisions.jsonl", "quarantine.jsonl", "report.json", "report.html", SUCCESS];
    let shard = |stem: &str| {
        name.strip_prefix(stem)
            .and_then(|rest| rest.strip_suffix(".zst").unwrap_or(rest).strip_suffix(".jsonl"))
            .is_some_and(|n| n.len() >= 5 && n.bytes().all(|b| b.is_ascii_digit()))
    };
    FIXED.contains(&name) || ["kept-", "dropped-", "trail-"].iter().any(|stem| shard(stem))
}
