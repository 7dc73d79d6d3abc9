//! `jingwen index`: a persistent index, for crawlers.

use std::fs::File;
use std::io;
use std::io::BufWriter;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;

use crate::cli::args;
use crate::cli::args::IndexAction;
use crate::cli::args::IndexKeyArgs;
use crate::cli::args::SyncArg;
use crate::cli::complain;
use crate::cli::say;
use crate::cli::stop_on_signals;
use crate::cli::watch::Watch;
use crate::error::Error;
use crate::error::Kind;
use crate::error::Result;
use crate::index;
use crate::index::Index;
use crate::index::Reader;
use crate::index::Settings;
use crate::index::Sync;
use crate::index::Told;
use crate::pipeline;
use crate::pipeline::Job;
use crate::pipeline::Limits;

pub(super) fn index(action: &IndexAction) -> Result<u8> {
    match action {
        IndexAction::Create { index, rules, clean_texts, key } => {
            let choice = (!clean_texts).then(|| rules.choice());
            let tables = rules.rules.clone().or_else(|| key.tables.clone());
            let settings = Settings { rules: choice, tables, ..settings(key)? };
            Index::create(index, &settings)?;
            Ok(0)
        }
        IndexAction::Add { index, sync, common, key } => {
            let job = common.job(vec![index.clone()], args::CLEAN_MEMORY, stop_on_signals()?);
            let sync = match sync {
                SyncArg::Each => Sync::Each,
                SyncArg::Batch => Sync::Batch,
            };
            let mut index = Index::open(index, &Settings { jobs: job.jobs, sync, ..settings(key)? })?;
            with_rows(&job, common.quiet, |job, watch, told| index.add_inputs(job, watch, told))
        }
        IndexAction::Query { index, common, key } => {
            let job = common.job(vec![index.clone()], args::CLEAN_MEMORY, stop_on_signals()?);
            let mut reader = Reader::open(index, &settings(key)?)?;
            with_rows(&job, common.quiet, |job, watch, told| reader.query_inputs(job, watch, told))
        }
        IndexAction::Stats { index, key } => {
            let stats = Reader::open(index, &settings(key)?)?.stats()?;
            let index::Stats { documents, kept, texts, candidates_capped, bytes, .. } = stats;
            let per = bytes.checked_div(documents).unwrap_or(0);
            say(&format!(
                "documents\t{documents}\ntexts\t{texts}\nkept\t{kept}\ncandidates_capped\t{candidates_capped}\n\
                 bytes\t{bytes}\nbytes_documents\t{}\nbytes_postings\t{}\nbytes_per_document\t{per}\n\
                 runs\t{}\nmemory\t{}\nmade_by\t{}\nrules\t{}\n",
                stats.bytes_documents,
                stats.bytes_postings,
                stats.runs,
                stats.memory,
                stats.made_by,
                stats.rules
            ))?;
            Ok(0)
        }
        IndexAction::Verify { index, key } => {
            let wrong = Index::open(index, &settings(key)?)?.verify()?;
            for sentence in &wrong {
                complain(sentence);
            }
            if wrong.is_empty() {
                return Ok(0);
            }
            let what = format!("the index {} is damaged in {} places", index.display(), wrong.len());
            Err(Error::new(Kind::Damaged, what)
                .advised("restore it from a copy, or add the documents to a new one"))
        }
        IndexAction::Compact { index, key } => {
            Index::open(index, &settings(key)?)?.compact()?;
            Ok(0)
        }
        IndexAction::Resolve { index, out, jobs, memory, key } => {
            let stop = stop_on_signals()?;
            let jobs = jobs.map_or_else(pipeline::cores, usize::from);
            let limits = Limits { jobs, memory: memory.unwrap_or(args::RUN_MEMORY) };
            let mut index = Index::open(index, &Settings { jobs, ..settings(key)? })?;
            let mut rows = Rows::open(out.as_deref())?;
            index.resolve(limits, &stop, |one| {
                let kind = one.kind.map(index::CopyKind::name);
                let verdict = if kind.is_none() { "kept" } else { "dropped" };
                let row = serde_json::json!({
                    "id": one.id, "verdict": verdict, "kind": kind, "of": one.of, "variant_of": one.variant_of,
                });
                rows.write(&row.to_string())
            })?;
            rows.finish()?;
            Ok(0)
        }
    }
}

/// Does `work` over the inputs of `job`, with a row for each document on standard output.
fn with_rows(
    job: &Job,
    quiet: bool,
    work: impl FnOnce(&Job, &mut Watch, &mut dyn FnMut(Told) -> Result<()>) -> Result<()>,
) -> Result<u8> {
    let mut watch = Watch::new(&job.plan.inputs, quiet);
    let mut rows = Rows::open(None)?;
    let mut n_lost = 0_u64;
    let done = work(job, &mut watch, &mut |told| {
        n_lost += u64::from(told.verdict.is_none());
        rows.write(&index::row(&told)?)
    });
    // What was told before a failure is durable, and has to be heard.
    rows.finish()?;
    done?;
    watch.clear();
    Ok(if n_lost > 0 { 3 } else { 0 })
}

/// Where rows go: a file that is new, or standard output.
struct Rows {
    out: Box<dyn Write>,
    path: PathBuf,
}

impl Rows {
    fn open(path: Option<&Path>) -> Result<Self> {
        let (out, path): (Box<dyn Write>, &Path) = match path {
            Some(path) => {
                let file = File::create_new(path).map_err(|e| match e.kind() {
                    io::ErrorKind::AlreadyExists => {
                        Error::new(Kind::Exists, format!("the output {} exists", path.display()))
                            .advised("choose another")
                    }
                    _ => Error::creating(path, e),
                })?;
                (Box::new(BufWriter::new(file)), path)
            }
            // Line by line: what was told is durable, and whoever listens may rely on it at once.
            None => (Box::new(io::stdout()), Path::new("standard output")),
        };
        Ok(Self { out, path: path.to_owned() })
    }

    fn write(&mut self, row: &str) -> Result<()> {
        let path = &self.path;
        writeln!(self.out, "{row}").map_err(|e| Error::io("writing to", path, e))
    }

    fn finish(&mut self) -> Result<()> {
        let path = &self.path;
        self.out.flush().map_err(|e| Error::io("writing to", path, e))
    }
}

/// The settings that the arguments of every action ask for.
fn settings(key: &IndexKeyArgs) -> Result<Settings> {
    let seed = match &key.key_file {
        None => None,
        Some(path) => {
            let bytes = std::fs::read(path)
                .map_err(|e| Error::usage(format!("reading the key file {}: {e}", path.display())))?;
            if bytes.trim_ascii().len() < 8 {
                let what = format!("the key file {} holds less than eight bytes", path.display());
                return Err(Error::usage(what).advised("write a line of random characters into it"));
            }
            Some(xxhash_rust::xxh3::xxh3_64(bytes.trim_ascii()))
        }
    };
    Ok(Settings {
        seed,
        tables: key.tables.clone(),
        accept_rules: key.accept_rules,
        per_run: key.per_run,
        ..Settings::default()
    })
}
