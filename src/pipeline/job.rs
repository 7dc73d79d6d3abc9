//! What the commands that work on many documents share: their settings, and who watches them.

use std::path::PathBuf;

use crate::error::Result;
use crate::pipeline::belt::Limits;
use crate::pipeline::belt::Stop;
use crate::pipeline::clean::Cleaner;
use crate::pipeline::document::Record;
use crate::pipeline::document::Workshop;
use crate::pipeline::fields::Names;
use crate::pipeline::format::Format;
use crate::pipeline::mirror;
use crate::pipeline::sink;
use crate::source::Plan;
use crate::source::Source;

/// Memory a thread may use beside the budget: buffers of one batch on each station.
pub const MEMORY_PER_THREAD: usize = 24 << 20;

/// What [`Job::part`] is unless somebody wishes otherwise: half a second of work or more, which is
/// far more than the disk takes for it.
pub const PART: u64 = 64 << 20;

/// The settings of `run` and `clean`.
#[derive(Clone, Debug)]
pub struct Job {
    /// What to read.
    pub plan: Plan,
    /// The field that holds the id of a row.
    pub id_field: String,
    /// How documents are written, where the name of the output does not say it.
    pub format: Option<Format>,
    /// Worker threads.
    pub jobs: usize,
    /// Bytes that documents under way may take.
    pub memory: usize,
    /// Replace what stands at the output place.
    pub overwrite: bool,
    /// Do all the work and write nothing.
    pub dry_run: bool,
    /// Where to write the report beside the output.
    pub report: Option<PathBuf>,
    /// Go on where a run to the same place was stopped.
    pub resume: bool,
    /// Bytes of input after which `run` makes sure that a later one can go on there.
    pub part: u64,
    /// Asks the job to stop.
    pub stop: Stop,
}

impl Job {
    pub(crate) fn workshop(&self, cleaner: Cleaner) -> Workshop {
        Workshop {
            cleaner,
            names: Names { id: self.id_field.clone(), text: self.plan.text_field.clone() },
            max_document: self.plan.max_document,
            as_is: false,
            bare: false,
            bare_members: false,
            with_trail: false,
            record: Record::Nothing,
            sketcher: None,
            is_reference: false,
            sites: None,
        }
    }

    /// The inputs. A walk leaves out what the job writes, finished or not.
    ///
    /// # Errors
    ///
    /// If an input does not exist, or is itself an output.
    pub(crate) fn source(&self) -> Result<Source> {
        let mut plan = self.plan.clone();
        let outputs = &self.plan.outputs;
        plan.outputs.extend(outputs.iter().flat_map(|out| [sink::draft_of(out), mirror::draft_of(out)]));
        Source::open(&plan)
    }

    /// The documents of another set, read as the inputs are.
    ///
    /// # Errors
    ///
    /// As [`Job::source`].
    pub(crate) fn source_of(&self, inputs: &[PathBuf]) -> Result<Source> {
        let plan = Plan { inputs: inputs.to_vec(), ..self.plan.clone() };
        Self { plan, ..self.clone() }.source()
    }

    pub(crate) fn limits(&self) -> Limits {
        Limits { jobs: self.jobs, memory: self.memory + self.jobs * MEMORY_PER_THREAD }
    }
}

/// What `run` does to a text before it compares it.
#[derive(Clone, Debug)]
pub struct Preparing {
    /// Cleans the texts; without one they stay as they are.
    pub cleaner: Option<Cleaner>,
    /// Write the trail.
    pub trail: bool,
    /// Take the boilerplate of each site out. The inputs are read twice then, for the lines are
    /// counted first, and the rule `boilerplate.line` must be on.
    pub boilerplate: Option<Sites>,
}

/// How the site of a document is found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sites {
    /// The field that names it, or holds a web address of it. Without one it is the host in `url`
    /// or `link`; where there is none, the folder of a file, or the file of a row.
    pub field: Option<String>,
}

/// Which copies `run` drops, and which one of them stays.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Keeping {
    /// The least Jaccard index of a copy whose letters differ; 0 leaves it to the alignment.
    pub near: f32,
    /// Drop documents of one template too, all but the best.
    pub drop_variants: bool,
    /// Drop documents that carry another one whole, even under a title and number of their own.
    pub drop_forwards: bool,
    /// Drop what is already in these files and folders too, which are only read.
    pub against: Vec<PathBuf>,
    /// The first copy in the input stays, not the best one.
    pub first: bool,
    /// The document whose fate is told in full.
    pub explain: Option<String>,
}

/// Documents that are known from earlier runs, and take in those of this one. A door: an index
/// stands behind it.
pub(crate) trait Known {
    /// Hands over the record of each known document.
    fn each(&mut self, take: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()>;
    /// Takes in the records of new documents, and makes them durable.
    fn add(&mut self, records: &[&[u8]]) -> Result<()>;
}

/// Somebody who watches a job: a progress bar, a log.
pub trait Watcher {
    /// So many bytes of the inputs are read and so many documents written.
    fn passed(&mut self, read: u64, documents: u64);
    /// Something could not be read: where, and why.
    fn lost(&mut self, message: &str);
    /// An answer to a question of the user.
    fn told(&mut self, message: &str);
}
