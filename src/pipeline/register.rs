//! All clean documents of a run as the rooms of copies see them, and the threads that compare them.

use std::io;
use std::mem;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::PoisonError;

use rayon::ThreadPool;
use rayon::ThreadPoolBuilder;
use rayon::iter::IntoParallelIterator;
use rayon::iter::ParallelIterator;

use crate::copies;
use crate::copies::Bench;
use crate::copies::Crew;
use crate::copies::Decided;
use crate::copies::Desk;
use crate::copies::Evidence;
use crate::copies::Gallery;
use crate::copies::Intake;
use crate::copies::Options;
use crate::error::Error;
use crate::error::Kind;
use crate::error::Result;
use crate::pipeline::belt::Limits;
use crate::pipeline::belt::Stop;
use crate::pipeline::json;

/// A pair of documents packs the number of one into 31 bits.
const MAX_DOCUMENTS: usize = (1 << 31) - 1;

/// Documents that `--explain` shows.
const MAX_EXPLAINED: usize = 20;

/// Documents with their ids: those of the set that the inputs are held against, then the inputs in
/// their order.
#[derive(Debug)]
pub(crate) struct Register {
    gallery: Gallery,
    intake: Intake,
    work: Option<PathBuf>,
}

/// The threads of a comparison.
struct Threads<'a> {
    pool: ThreadPool,
    stop: &'a Stop,
    /// Benches that wait for their next call; what they remember stays of use.
    benches: Mutex<Vec<Bench>>,
}

impl Crew for Threads<'_> {
    fn map<R: Send>(
        &self,
        n: usize,
        work: &(dyn Fn(&mut Bench, usize) -> Result<R> + Sync),
    ) -> Result<Vec<R>> {
        self.stop.check()?;
        let benches = || self.benches.lock().unwrap_or_else(PoisonError::into_inner);
        let call = |n| {
            self.stop.check()?;
            let mut bench = benches().pop().unwrap_or_default();
            let answer = work(&mut bench, n);
            benches().push(bench);
            answer
        };
        self.pool.install(|| (0..n).into_par_iter().map(call).collect())
    }
}

impl Register {
    /// An empty one, with its files in `work` or, without one, in memory.
    pub(crate) fn new(work: Option<&Path>) -> Result<Self> {
        let (gallery, intake) = (Gallery::new(work)?, Intake::new(work)?);
        Ok(Self { gallery, intake, work: work.map(Path::to_owned) })
    }

    /// Documents that an earlier run left in `work`, in the first `length` bytes.
    pub(crate) fn resume(work: &Path, length: u64, n_references: usize) -> Result<Self> {
        let gallery = Gallery::resume(work, length, n_references)?;
        let mut intake = Intake::new(Some(work))?;
        let mut buffer = Vec::new();
        for n in 0..gallery.len() {
            intake.take(n as u32, gallery.record(n, &mut buffer)?)?;
        }
        Ok(Self { gallery, intake, work: Some(work.to_owned()) })
    }

    /// Takes in the record of a document.
    ///
    /// # Errors
    ///
    /// If the disk fails, or there are more documents than 31 bits can number.
    pub(crate) fn push(&mut self, record: &[u8]) -> Result<()> {
        self.intake.take(self.next()?, record)?;
        self.gallery.push(record)
    }

    /// As [`Register::push`], for a document of the other set; these come first.
    pub(crate) fn push_reference(&mut self, record: &[u8]) -> Result<()> {
        self.intake.take(self.next()?, record)?;
        self.gallery.push_reference(record)
    }

    /// The number of the next document.
    fn next(&self) -> Result<u32> {
        let n = self.gallery.len();
        if n >= MAX_DOCUMENTS {
            let what = format!("more than {MAX_DOCUMENTS} documents in one run; split the inputs");
            return Err(Error::new(Kind::Usage, what));
        }
        Ok(n as u32)
    }

    /// Waits until all records are on the disk; answers their length.
    pub(crate) fn sync(&mut self) -> Result<u64> {
        self.gallery.sync()
    }

    /// How many documents there are, those of the other set too.
    pub(crate) fn len(&self) -> usize {
        self.gallery.len()
    }

    /// How many documents of the other set there are; the inputs are numbered from here on.
    pub(crate) fn n_references(&self) -> usize {
        self.gallery.n_references()
    }

    /// Where document `n` stands, if it is one of the other set.
    pub(crate) fn reference(&self, n: usize) -> Result<Option<String>> {
        self.gallery.reference(n)
    }

    /// The whole record of document `n`.
    pub(crate) fn record<'a>(&self, n: usize, buffer: &'a mut Vec<u8>) -> Result<&'a [u8]> {
        self.gallery.record(n, buffer)
    }

    /// The id of document `n` as JSON.
    pub(crate) fn id(&self, n: usize) -> Result<Vec<u8>> {
        self.gallery.id(n)
    }

    #[allow(clippy::trivially_copy_pass_by_ref, reason = "options are few now and may become more")]
    /// Decides about all documents within these limits. No document comes after that.
    ///
    /// # Errors
    ///
    /// If no thread can be started, the disk fails, or a stop is wished for.
    pub(crate) fn decide(&mut self, options: &Options, limits: Limits, stop: &Stop) -> Result<Decided> {
        self.gallery.flush()?;
        self.intake.flush()?;
        stop.check()?;
        let pool: ThreadPool = ThreadPoolBuilder::new().num_threads(limits.jobs).build().map_err(|e| {
            Error::io(
                "starting threads (see ulimit -u), for",
                Path::new("the comparison"),
                io::Error::other(e),
            )
        })?;
        let intake = mem::replace(&mut self.intake, Intake::new(None)?);
        let threads = Threads { pool, stop, benches: Mutex::new(Vec::new()) };
        let room = (self.work.as_deref(), limits.memory);
        copies::decide(&self.gallery, intake, options, &threads, room)
    }

    /// What there is to say about documents `a` and `b`.
    pub(crate) fn evidence(&self, a: usize, b: usize, desk: &mut Desk) -> Result<Evidence> {
        // Most copies say the same, which the heads tell.
        let (head_a, head_b) = (self.gallery.head(a)?, self.gallery.head(b)?);
        if head_a.said == head_b.said {
            return Ok(Evidence::of_equal(head_a.key_len as usize));
        }
        let mut buffer = Vec::new();
        let (a, b) = (self.gallery.portrait(a, &mut buffer)?, self.gallery.portrait(b, &mut buffer)?);
        Ok(copies::evidence(&a, &b, desk))
    }

    /// Why the document with this id stays or goes: the decision, and what the documents most like
    /// it are to it. One look at all documents.
    pub(crate) fn explain(&self, id: &str, decided: &Decided) -> Result<Vec<String>> {
        let mut quoted = Vec::new();
        json::push_string(id, &mut quoted);
        let mut found = None;
        for n in self.n_references()..self.gallery.len() {
            let its = self.id(n)?;
            if its == quoted || its == id.as_bytes() {
                found = Some(n);
                break;
            }
        }
        let Some(n) = found else {
            return Ok(vec![format!("--explain: no clean document has the id {id}")]);
        };
        let name = |of: Option<u32>| match of {
            Some(of) => Ok(String::from_utf8_lossy(&self.id(of as usize)?).into_owned()),
            None => Ok("-".to_owned()),
        };
        let decision = decided.decision(n);
        let mut said = vec![format!(
            "{id}: {}, of {}, variant of {}, part of {}, contains {}",
            decision.fate.name().unwrap_or("kept"),
            name(decision.of)?,
            name(decision.variant_of)?,
            name(decision.part_of)?,
            name(decision.contains)?,
        )];
        let (mut desk, mut buffer) = (Desk::default(), Vec::new());
        let own = self.gallery.portrait(n, &mut buffer)?;
        for other in copies::most_alike(&self.gallery, n, MAX_EXPLAINED)? {
            let its = self.gallery.portrait(other, &mut buffer)?;
            let relation = copies::compare(&own, &its, &mut desk).relation;
            let evidence = copies::evidence(&own, &its, &mut desk);
            let differs: Vec<String> = evidence
                .differs
                .iter()
                .map(|(kind, here, there)| format!("{} [{here}|{there}]", kind.name()))
                .collect();
            said.push(format!(
                "  {} {}: {relation:?}, jaccard {:.3}, {:.3} of it there, {:.3} of that here; {} differences: {}",
                String::from_utf8_lossy(&self.id(other)?),
                decided.decision(other).fate.name().unwrap_or("kept"),
                evidence.jaccard,
                evidence.containment.0,
                evidence.containment.1,
                evidence.n_differs,
                differs.join(" "),
            ));
        }
        Ok(said)
    }
}
