//! Which of many texts in memory are copies, decided as `run` decides about files.

use std::ops::Range;

use crate::copies;
use crate::copies::Decided;
use crate::copies::Evidence;
use crate::copies::Fate;
use crate::copies::Painter;
use crate::copies::Sketcher;
use crate::error::Error;
use crate::error::Result;
use crate::fields;
use crate::markup;
use crate::pipeline::belt::Limits;
use crate::pipeline::belt::Stop;
use crate::pipeline::clean::Cleaner;
use crate::pipeline::clean::Desk;
use crate::pipeline::in_parallel::in_parallel;
use crate::pipeline::job::Keeping;
use crate::pipeline::json;
use crate::pipeline::metadata;
use crate::pipeline::register::Register;

/// Bytes of text that one piece of work takes in: small enough that threads end together, large
/// enough that nothing is felt of the sharing out.
const PIECE: usize = 256 << 10;

/// Pieces for each thread whose portraits wait to be taken in, a few megabytes.
const AHEAD: usize = 16;

/// Half of this is for brief sketches, 80 bytes a document; all portraits lie in memory anyway.
const MEMORY: usize = usize::MAX / 4;

/// What becomes of one text; the others are named by their places in the list.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Judged {
    /// Why it is dropped: `exact`, `same`, `near`, `contained`, `variant`, or `empty` where nothing
    /// is left of it; `None` where it is kept.
    pub kind: Option<&'static str>,
    /// The kept text of which it is a copy.
    pub of: Option<usize>,
    /// For a kept text: the best kept one of the same template.
    pub variant_of: Option<usize>,
    /// For a kept text: the best kept one that holds it beside much else.
    pub part_of: Option<usize>,
    /// For a kept text: the best kept one that it carries whole under a title and number of its own.
    pub contains: Option<usize>,
    /// What was found on comparing it with the first of these that is there.
    pub likeness: Option<Likeness>,
}

impl Judged {
    /// It stays.
    #[must_use]
    pub fn is_kept(&self) -> bool {
        self.kind.is_none()
    }
}

/// What two texts have in common, and where they differ. Places count the letters and digits of
/// their keys (`docs/copies.md`).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Likeness {
    /// The Jaccard index of their sets of five-letter runs.
    pub jaccard: f64,
    /// The share of this text's runs that stand in the other.
    pub containment: f64,
    /// The share of the other's runs that stand in this one.
    pub containment_of: f64,
    /// The longest equal passages: place in this text, in the other, length.
    pub matched: Vec<(usize, usize, usize)>,
    /// The number of places where they differ.
    pub differences: usize,
    /// The first of these, content before noise: of what kind, what stands here, what there.
    pub differs: Vec<(&'static str, String, String)>,
}

impl From<Evidence> for Likeness {
    fn from(evidence: Evidence) -> Self {
        let (containment, containment_of) = evidence.containment;
        Self {
            jaccard: evidence.jaccard,
            containment,
            containment_of,
            matched: evidence.spans.iter().map(|run| (run.a, run.b, run.len)).collect(),
            differences: evidence.n_differs,
            differs: evidence.differs.into_iter().map(|(kind, a, b)| (kind.name(), a, b)).collect(),
        }
    }
}

/// Decides which of `texts`, each with its id, are copies of others. With a cleaner they are
/// compared as they come out of it, and may be HTML pages; without one as they are. `jobs` threads
/// do the work.
///
/// The decisions are those of [`run`](crate::pipeline::run) on the same rows, for any order and any
/// number of threads; ids break ties only, and should differ.
///
/// ```
/// use jingwen::Cleaner;
/// use jingwen::pipeline::{Keeping, Stop, cores, dedup_texts};
///
/// let texts = [
///     ("a", "各县★,各部门:为做好今年防汛工作★,现将有关事项通知如下。"),
///     ("b", "各县，各部门：\n为做好今年防汛工作，现将有关事项通知如下。"),
///     ("c", "各县，各部门：\n为做好今年抗旱工作，现将有关事项通知如下。"),
/// ];
/// let (cleaner, keeping) = (Cleaner::new(), Keeping::default());
/// let judged = dedup_texts(&texts, Some(&cleaner), &keeping, cores(), &Stop::default())?;
/// // `b` has paragraphs and stays; `c` is another notice.
/// assert_eq!((judged[0].kind, judged[0].of), (Some("same"), Some(1)));
/// assert!(judged[1].is_kept() && judged[2].is_kept());
/// # Ok::<(), jingwen::Error>(())
/// ```
///
/// # Errors
///
/// If `keeping` names files (`against`) or a document to explain: those are for files. If no thread
/// can be started, a stop is wished for, or there are 2³¹ texts.
///
/// # Cost
///
/// The texts are cleaned once, nothing is written. Memory: about 3 bytes for each byte of text, and
/// 300 for each text.
pub fn dedup_texts(
    texts: &[(&str, &str)],
    cleaner: Option<&Cleaner>,
    keeping: &Keeping,
    jobs: usize,
    stop: &Stop,
) -> Result<Vec<Judged>> {
    if !keeping.against.is_empty() || keeping.explain.is_some() {
        return Err(Error::usage("texts in memory are compared with one another only: use `run` for files"));
    }
    let mut register = Register::new(None)?;
    let mut numbers: Vec<Option<usize>> = Vec::with_capacity(texts.len());
    let sketcher = Sketcher::new(copies::DEFAULT_SEED);
    let pieces = pieces(texts);
    for pieces in pieces.chunks(AHEAD * jobs.max(1)) {
        let paint = |bench: &mut Bench, n: usize| bench.paint(&texts[pieces[n].clone()], cleaner, &sketcher);
        for painted in in_parallel(jobs, pieces.len(), stop, paint)? {
            for record in painted {
                if let Some(record) = &record {
                    register.push(record)?;
                }
                numbers.push(record.map(|_| register.len() - 1));
            }
        }
    }
    let options = copies::Options {
        near: keeping.near,
        drop_variants: keeping.drop_variants,
        drop_forwards: keeping.drop_forwards,
        keep_first: keeping.first,
    };
    let decided = register.decide(&options, Limits { jobs: jobs.max(1), memory: MEMORY }, stop)?;
    let places: Vec<usize> =
        numbers.iter().enumerate().filter(|(_, number)| number.is_some()).map(|(place, _)| place).collect();
    let judge = |desk: &mut copies::Desk, n: usize| match numbers[n] {
        Some(number) => judge(number, &places, &decided, &register, desk),
        None => Ok(Judged { kind: Some("empty"), ..Judged::default() }),
    };
    in_parallel(jobs, texts.len(), stop, judge)?.into_iter().collect()
}

/// The texts in pieces of about [`PIECE`] bytes.
fn pieces(texts: &[(&str, &str)]) -> Vec<Range<usize>> {
    let mut pieces = Vec::new();
    let (mut start, mut size) = (0, 0);
    for (n, (_, text)) in texts.iter().enumerate() {
        size += text.len();
        if size >= PIECE || n + 1 == texts.len() {
            pieces.push(start..n + 1);
            (start, size) = (n + 1, 0);
        }
    }
    pieces
}

/// What a thread keeps from text to text.
#[derive(Default)]
struct Bench {
    desk: Desk,
    painter: Painter,
}

impl Bench {
    /// The record of each text, or none where nothing is left of it.
    fn paint(
        &mut self,
        texts: &[(&str, &str)],
        cleaner: Option<&Cleaner>,
        sketcher: &Sketcher,
    ) -> Vec<Option<Vec<u8>>> {
        let Self { desk, painter } = self;
        let mut quoted = Vec::new();
        let mut paint = |&(id, text): &(&str, &str)| {
            let (clean, said) = match cleaner {
                Some(cleaner) => cleaner.clean_document_and_said(desk, text, markup::is_page(text)),
                None => (text, ""),
            };
            if clean.trim().is_empty() {
                return None;
            }
            let facts = metadata::facts(&fields::read(clean), &fields::said(said), clean);
            quoted.clear();
            json::push_string(id, &mut quoted);
            let mut record = Vec::new();
            painter.paint(text, clean, facts, sketcher).write(&quoted, "", &mut record);
            Some(record)
        };
        texts.iter().map(&mut paint).collect()
    }
}

/// The decision about text number `number` of those that are not empty.
fn judge(
    number: usize,
    places: &[usize],
    decided: &Decided,
    register: &Register,
    desk: &mut copies::Desk,
) -> Result<Judged> {
    let decision = decided.decision(number);
    let other = decision.of.or(decision.variant_of).or(decision.part_of).or(decision.contains);
    let likeness = match other {
        Some(other) => Some(register.evidence(number, other as usize, desk)?.into()),
        None => None,
    };
    let place = |number: Option<u32>| number.map(|number| places[number as usize]);
    Ok(Judged {
        kind: Fate::name(decision.fate),
        of: place(decision.of),
        variant_of: place(decision.variant_of),
        part_of: place(decision.part_of),
        contains: place(decision.contains),
        likeness,
    })
}
