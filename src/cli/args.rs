//! What can be said on the command line.

use std::path::PathBuf;

use clap::Args;
use clap::Parser;
use clap::Subcommand;
use clap::ValueEnum;

use crate::error::Result;
#[cfg(feature = "index")]
use crate::index::Settings;
use crate::pipeline;
use crate::pipeline::Cleaner;
use crate::pipeline::Format;
use crate::pipeline::Job;
use crate::pipeline::Keeping;
use crate::pipeline::Preparing;
use crate::pipeline::Sites;
use crate::pipeline::Stop;
use crate::rules::Choice;
use crate::rules::Profile;
use crate::rules::Rules;
use crate::rules::builtin;
use crate::source::Plan;

/// Memory for documents under way in `clean`.
pub(super) const CLEAN_MEMORY: usize = 256 << 20;
/// Memory for documents under way in `run`.
pub(super) const RUN_MEMORY: usize = 1 << 30;

/// 净文: clean, unique documents out of scraped archives of Chinese official texts.
#[derive(Debug, Parser)]
#[command(name = "jingwen", version, arg_required_else_help = true)]
#[command(after_help = "\
Exit codes: 0 finished; 1 could not finish; 2 wrong usage, nothing written; 3 finished, but something \
could not be read and is named in the report; 75 another process writes there; 128+n stopped by signal n.")]
pub(super) struct Cli {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Clean every document and drop repeated ones
    Run(RunArgs),
    /// Drop repeated documents only: the texts stay as they are, byte for byte
    Dedup(DedupArgs),
    /// Clean only, one document after another
    Clean(CleanArgs),
    /// Show what changes in one document, and by which rule
    Explain(ExplainArgs),
    /// Write the decoded texts again, made of the clean ones and their trail, to standard output
    Restore(RestoreArgs),
    /// List the rules, or check a folder of rule tables
    Rules(RulesArgs),
    /// Keep a persistent index of documents, for crawlers
    #[cfg(feature = "index")]
    #[command(subcommand)]
    Index(IndexAction),
}

/// What is done with an index.
#[cfg(feature = "index")]
#[derive(Debug, Subcommand)]
pub(super) enum IndexAction {
    /// Make an empty index
    Create {
        /// Its folder; new or empty
        #[arg(value_name = "INDEX")]
        index: PathBuf,
        #[command(flatten)]
        rules: RuleArgs,
        /// Texts are clean already and are compared as they are
        #[arg(long)]
        clean_texts: bool,
        #[command(flatten)]
        key: IndexKeyArgs,
    },
    /// Add documents, and say of each what it is among those that are known
    Add {
        /// The index
        #[arg(value_name = "INDEX")]
        index: PathBuf,
        /// When documents are made durable, and told
        #[arg(long, value_enum, default_value_t = SyncArg::Batch)]
        sync: SyncArg,
        #[command(flatten)]
        common: CommonArgs,
        #[command(flatten)]
        key: IndexKeyArgs,
    },
    /// Say of documents what they would be; another process may add meanwhile
    Query {
        /// The index
        #[arg(value_name = "INDEX")]
        index: PathBuf,
        #[command(flatten)]
        common: CommonArgs,
        #[command(flatten)]
        key: IndexKeyArgs,
    },
    /// Tell what an index holds
    Stats {
        /// The index
        #[arg(value_name = "INDEX")]
        index: PathBuf,
        #[command(flatten)]
        key: IndexKeyArgs,
    },
    /// Hold everything that is stored against its sums
    Verify {
        /// The index
        #[arg(value_name = "INDEX")]
        index: PathBuf,
        #[command(flatten)]
        key: IndexKeyArgs,
    },
    /// Merge its postings and give unused disk back
    Compact {
        /// The index
        #[arg(value_name = "INDEX")]
        index: PathBuf,
        #[command(flatten)]
        key: IndexKeyArgs,
    },
    /// Decide about all documents as one run over all of them would
    Resolve {
        /// The index
        #[arg(value_name = "INDEX")]
        index: PathBuf,
        /// A new file for the decisions [default: standard output]
        #[arg(short, long, value_name = "FILE")]
        out: Option<PathBuf>,
        /// Worker threads [default: one a core]
        #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
        jobs: Option<u16>,
        /// Memory for the comparison [default: 1G]
        #[arg(long, value_name = "SIZE", value_parser = size)]
        memory: Option<usize>,
        #[command(flatten)]
        key: IndexKeyArgs,
    },
}

/// When documents are made durable.
#[cfg(feature = "index")]
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum SyncArg {
    /// One by one
    Each,
    /// By the thousand
    Batch,
}

/// What every look at an index needs that was made with it.
#[cfg(feature = "index")]
#[derive(Clone, Debug, Args)]
pub(super) struct IndexKeyArgs {
    /// A file with the secret of the sketches, which keeps strangers from forging them
    #[arg(long, value_name = "FILE")]
    pub(super) key_file: Option<PathBuf>,
    /// The folder of rule tables that the index was made with
    #[arg(long, value_name = "DIR")]
    pub(super) tables: Option<PathBuf>,
    /// Open it although it was made under other rules, as after an update
    #[arg(long)]
    pub(super) accept_rules: bool,
    /// Documents of the smallest run of postings
    #[arg(long, value_name = "N", hide = true)]
    pub(super) per_run: Option<usize>,
}

#[derive(Debug, Args)]
pub(super) struct RunArgs {
    #[command(flatten)]
    pub(super) keep: KeepArgs,
    /// Also write every change, as trail-NNNNN.jsonl
    #[arg(long)]
    pub(super) trail: bool,
    /// Take out navigation and copyright that stand in many documents of a site; reads INPUT twice
    #[arg(long)]
    pub(super) strip_boilerplate: bool,
    /// The field that names the site of a row, or holds its address [default: the host in url or
    /// link, else the folder or file]
    #[arg(long, value_name = "NAME", requires = "strip_boilerplate")]
    pub(super) site_field: Option<String>,
    /// Also drop what this index knows already, and add the documents of this run to it
    #[cfg(feature = "index")]
    #[arg(long, value_name = "INDEX", conflicts_with = "resume")]
    pub(super) index: Option<PathBuf>,
    #[command(flatten)]
    pub(super) rules: RuleArgs,
    #[command(flatten)]
    pub(super) common: CommonArgs,
}

#[derive(Debug, Args)]
pub(super) struct DedupArgs {
    #[command(flatten)]
    pub(super) keep: KeepArgs,
    #[command(flatten)]
    pub(super) common: CommonArgs,
}

#[derive(Debug, Args)]
pub(super) struct KeepArgs {
    /// Folder for the results; new or empty
    #[arg(short, long, value_name = "DIR")]
    pub(super) out: PathBuf,
    /// Drop what is already in this file or folder too, which is only read; may be given again
    #[arg(long, value_name = "REF")]
    pub(super) against: Vec<PathBuf>,
    /// Of copies with different letters, drop only those at least so alike (Jaccard index, 0 to 1)
    #[arg(long, value_name = "J", default_value_t = 0.0, value_parser = share)]
    pub(super) near: f32,
    /// Drop documents that fill the same template with other names or figures too
    #[arg(long)]
    pub(super) drop_variants: bool,
    /// Drop documents that carry another one whole too (转发, 印发, 批转 under a number of their own)
    #[arg(long)]
    pub(super) drop_forwards: bool,
    /// Which copy stays
    #[arg(long, value_enum, default_value_t = KeepArg::Best)]
    pub(super) keep: KeepArg,
    /// Go on where a run with the same arguments was stopped
    #[arg(long, conflicts_with = "dry_run")]
    pub(super) resume: bool,
    /// Bytes of input after which it is made sure that --resume can go on there
    #[arg(long, value_name = "SIZE", value_parser = size, hide = true)]
    pub(super) part_size: Option<usize>,
    /// Tell what becomes of the document with this id, and why
    #[arg(long, value_name = "ID")]
    pub(super) explain: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct CleanArgs {
    /// FILE.jsonl, FILE.jsonl.gz, FILE.jsonl.zst, FILE.parquet, a folder, or - for standard output (as without)
    #[arg(short, long, value_name = "OUT")]
    pub(super) out: Option<PathBuf>,
    /// Write every change to FILE
    #[arg(long, value_name = "FILE")]
    pub(super) trail: Option<PathBuf>,
    #[command(flatten)]
    pub(super) rules: RuleArgs,
    #[command(flatten)]
    pub(super) common: CommonArgs,
}

#[derive(Debug, Args)]
pub(super) struct CommonArgs {
    /// Files, folders, or - for standard input: txt, html, jsonl, csv, tsv, parquet, warc, each also
    /// .gz, .zst, .bz2, and tar or zip archives of them
    #[arg(required = true, value_name = "INPUT")]
    pub(super) inputs: Vec<PathBuf>,
    /// Worker threads [default: one a core]
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(super) jobs: Option<u16>,
    /// Memory for documents under way; each thread takes up to 24M more [default: 1G for run, 256M for clean]
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub(super) memory: Option<usize>,
    /// Write a report with all counts as JSON to FILE
    #[arg(long, value_name = "FILE")]
    pub(super) report: Option<PathBuf>,
    /// Replace what stands at the output place
    #[arg(long)]
    pub(super) overwrite: bool,
    /// Do all the work, write nothing, and tell the sums
    #[arg(long)]
    pub(super) dry_run: bool,
    /// No progress bar, no sums; errors only
    #[arg(short, long)]
    pub(super) quiet: bool,
    /// How documents are written [default: by the name of OUT, else jsonl]
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub(super) output_format: Option<FormatArg>,
    /// The field of a row that holds its text; dots lead into objects
    #[arg(long, value_name = "NAME", default_value = "text", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    pub(super) text_field: String,
    /// The field of a row that holds its id; a row without one is called FILE#LINE
    #[arg(long, value_name = "NAME", default_value = "id", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    pub(super) id_field: String,
    /// Larger documents are not read, but named in the report
    #[arg(long, value_name = "SIZE", default_value = "16M", value_parser = document_size)]
    pub(super) max_document_size: usize,
}

#[derive(Clone, Debug, Args)]
pub(super) struct RuleArgs {
    /// How much the rules change
    #[arg(long, value_enum, default_value_t = ProfileArg::Standard)]
    pub(super) profile: ProfileArg,
    /// Switch a rule on, or a group such as punct.*; `jingwen rules list` names them all
    #[arg(long, value_name = "ID")]
    pub(super) enable: Vec<String>,
    /// Switch a rule or a group off
    #[arg(long, value_name = "ID")]
    pub(super) disable: Vec<String>,
    /// A folder of rule tables that add to the bundled ones, or replace them
    #[arg(long, value_name = "DIR")]
    pub(super) rules: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum FormatArg {
    /// A row of JSON a document
    Jsonl,
    /// Columns, for tables
    Parquet,
    /// The texts alone, an empty line behind each
    Txt,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum KeepArg {
    /// The first one in the input
    First,
    /// The one that is made best and that most others agree with
    Best,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum ProfileArg {
    /// Nothing that an archivist would call an edit of the text
    Archive,
    /// Also typography, by the national standards
    Standard,
    /// For training corpora: also rules of medium confidence
    Corpus,
}

#[derive(Debug, Args)]
pub(super) struct ExplainArgs {
    /// A txt or html file, or - for standard input
    #[arg(value_name = "FILE")]
    pub(super) file: PathBuf,
    #[command(flatten)]
    pub(super) rules: RuleArgs,
}

#[derive(Debug, Args)]
pub(super) struct RestoreArgs {
    /// The clean documents: JSON Lines, or one text; also .gz, .zst, .bz2, and - for standard input
    #[arg(value_name = "CLEAN")]
    pub(super) clean: PathBuf,
    /// Their trail, as --trail wrote it
    #[arg(long, value_name = "FILE")]
    pub(super) trail: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct RulesArgs {
    #[command(subcommand)]
    pub(super) action: Option<RulesAction>,
}

#[derive(Debug, Subcommand)]
pub(super) enum RulesAction {
    /// List all rules, and which are on
    List(RuleArgs),
    /// Try the example and the neighbours of every row in a folder of tables
    Check {
        /// The folder
        #[arg(value_name = "DIR")]
        dir: PathBuf,
    },
}

#[cfg(feature = "index")]
impl RunArgs {
    /// How the index of a run is opened.
    pub(super) fn index_settings(&self) -> Settings {
        Settings { tables: self.rules.rules.clone(), ..Settings::default() }
    }
}

impl RunArgs {
    pub(super) fn preparing(&self) -> Result<Preparing> {
        let mut rules = self.rules.clone();
        if self.strip_boilerplate {
            rules.enable.push(builtin::NAMES[usize::from(builtin::BOILERPLATE_LINE.0)].to_owned());
        }
        Ok(Preparing {
            cleaner: Some(rules.cleaner()?),
            trail: self.trail,
            boilerplate: self.strip_boilerplate.then(|| Sites { field: self.site_field.clone() }),
        })
    }
}

impl KeepArgs {
    pub(super) fn keeping(&self) -> Keeping {
        Keeping {
            near: self.near,
            drop_variants: self.drop_variants,
            drop_forwards: self.drop_forwards,
            against: self.against.clone(),
            first: matches!(self.keep, KeepArg::First),
            explain: self.explain.clone(),
        }
    }
}

impl RuleArgs {
    pub(super) fn choice(&self) -> Choice {
        let profile = match self.profile {
            ProfileArg::Archive => Profile::Archive,
            ProfileArg::Standard => Profile::Standard,
            ProfileArg::Corpus => Profile::Corpus,
        };
        Choice { profile, enable: self.enable.clone(), disable: self.disable.clone() }
    }

    pub(super) fn load(&self) -> Result<Rules> {
        match &self.rules {
            Some(dir) => Rules::with_dir(&self.choice(), dir),
            None => Rules::bundled(&self.choice()),
        }
    }

    pub(super) fn cleaner(&self) -> Result<Cleaner> {
        Ok(Cleaner::with_rules(self.load()?))
    }
}

impl CommonArgs {
    pub(super) fn format(&self) -> Option<Format> {
        self.output_format.map(|format| match format {
            FormatArg::Jsonl => Format::Jsonl,
            FormatArg::Parquet => Format::Parquet,
            FormatArg::Txt => Format::Text,
        })
    }

    /// The job that these arguments ask for; `outputs` are left out of the walk.
    pub(super) fn job(&self, mut outputs: Vec<PathBuf>, memory: usize, stop: Stop) -> Job {
        outputs.extend(self.report.clone());
        Job {
            plan: Plan {
                inputs: self.inputs.clone(),
                outputs,
                text_field: self.text_field.clone(),
                max_document: self.max_document_size,
            },
            id_field: self.id_field.clone(),
            format: self.format(),
            jobs: self.jobs.map_or_else(pipeline::cores, usize::from),
            memory: self.memory.unwrap_or(memory),
            overwrite: self.overwrite,
            dry_run: self.dry_run,
            report: self.report.clone(),
            resume: false,
            part: pipeline::PART,
            stop,
        }
    }
}

/// The largest document that the trail can address.
const MAX_DOCUMENT: usize = 1 << 30;

fn document_size(said: &str) -> std::result::Result<usize, String> {
    match size(said)? {
        n @ 1..=MAX_DOCUMENT => Ok(n),
        _ => Err("a document has 1 byte to 1G".to_owned()),
    }
}

fn share(said: &str) -> std::result::Result<f32, String> {
    said.parse()
        .ok()
        .filter(|n| (0.0..=1.0).contains(n))
        .ok_or_else(|| format!("{said:?} is no number from 0 to 1"))
}

/// Reads sizes such as `256M`, `1G`, `65536`.
fn size(said: &str) -> std::result::Result<usize, String> {
    let wrong = || format!("{said:?} is no size; write it as 65536, 64K, 256M or 1G");
    let bare = said.trim_end_matches(['b', 'B']).trim_end_matches(['i', 'I']);
    let (digits, shift) = match bare.char_indices().next_back() {
        Some((at, 'k' | 'K')) => (&bare[..at], 10),
        Some((at, 'm' | 'M')) => (&bare[..at], 20),
        Some((at, 'g' | 'G')) => (&bare[..at], 30),
        _ => (bare, 0),
    };
    let n: usize = digits.parse().map_err(|_| wrong())?;
    n.checked_mul(1 << shift).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_as_people_write_them() {
        for (said, want) in
            [("65536", 65536), ("64K", 65536), ("1g", 1 << 30), ("2MiB", 2 << 20), ("3MB", 3 << 20)]
        {
            assert_eq!(size(said), Ok(want), "{said}");
        }
        for said in ["", "M", "-1", "1.5G", "99999999999G"] {
            assert!(size(said).is_err(), "{said}");
        }
    }

    #[test]
    fn the_arguments_fit_together() {
        use clap::CommandFactory;
        Cli::command().debug_assert();
    }
}
