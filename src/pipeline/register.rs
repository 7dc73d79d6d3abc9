//! All clean documents of a run as the rooms of copies see them, and the threads that compare them.

use std::io;
use std::path::Path;

use rayon::ThreadPool;
use rayon::ThreadPoolBuilder;
use rayon::iter::IntoParallelRefIterator;
use rayon::iter::ParallelIterator;

use crate::copies;
use crate::copies::Decided;
use crate::copies::Desk;
use crate::copies::Evidence;
use crate::copies::Options;
use crate::copies::Portrait;
use crate::error::Error;
use crate::error::Result;
use crate::pipeline::json;

/// Fewer pairs are compared at once on the calling thread: a hand-over costs as much as ten.
const FEW_PAIRS: usize = 16;

/// Documents that `--explain` shows.
const MAX_EXPLAINED: usize = 20;

/// Documents with their ids: those of the set that the inputs are held against, then the inputs in
/// their order.
#[derive(Debug, Default)]
pub(crate) struct Register {
    portraits: Vec<Portrait>,
    ids: Vec<u8>,
    ends: Vec<usize>,
    /// Where each document of the other set stands.
    references: Vec<Box<str>>,
    desk: Desk,
}

impl Register {
    pub(crate) fn push(&mut self, portrait: Portrait, id: &[u8]) {
        self.portraits.push(portrait);
        self.ids.extend_from_slice(id);
        self.ends.push(self.ids.len());
    }

    /// As [`Register::push`], for a document of the other set; these come first.
    pub(crate) fn push_reference(&mut self, portrait: Portrait, id: &[u8], source: String) {
        self.push(portrait, id);
        self.references.push(source.into());
    }

    /// How many documents of the other set there are; the inputs are numbered from here on.
    pub(crate) fn n_references(&self) -> usize {
        self.references.len()
    }

    /// Where document `n` stands, if it is one of the other set.
    pub(crate) fn reference(&self, n: usize) -> Option<&str> {
        self.references.get(n).map(|source| &**source)
    }

    /// The id of document `n` as JSON.
    pub(crate) fn id(&self, n: usize) -> &[u8] {
        let start = n.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.ids[start..self.ends[n]]
    }

    /// Decides about all documents with `jobs` threads.
    ///
    /// # Errors
    ///
    /// If no thread can be started.
    pub(crate) fn decide(&self, options: &Options, jobs: usize) -> Result<Decided> {
        let pool: ThreadPool = ThreadPoolBuilder::new().num_threads(jobs).build().map_err(|e| {
            Error::io(
                "starting threads (see ulimit -u), for",
                Path::new("the comparison"),
                io::Error::other(e),
            )
        })?;
        let mut own_desk = Desk::default();
        let mut judge = |pairs: &[(&Portrait, &Portrait)]| {
            if pairs.len() < FEW_PAIRS {
                return pairs.iter().map(|(a, b)| copies::compare(a, b, &mut own_desk)).collect();
            }
            pool.install(|| {
                pairs.par_iter().map_init(Desk::default, |desk, (a, b)| copies::compare(a, b, desk)).collect()
            })
        };
        let ids: Vec<&[u8]> = (0..self.portraits.len()).map(|n| self.id(n)).collect();
        Ok(copies::decide(&self.portraits, &ids, options, &mut judge))
    }

    /// What there is to say about documents `a` and `b`.
    pub(crate) fn evidence(&mut self, a: usize, b: usize) -> Evidence {
        copies::evidence(&self.portraits[a], &self.portraits[b], &mut self.desk)
    }

    /// Why the document with this id stays or goes: the decision, and what the documents most like
    /// it are to it. One look at all documents.
    pub(crate) fn explain(&mut self, id: &str, decided: &Decided) -> Vec<String> {
        let mut quoted = Vec::new();
        json::push_string(id, &mut quoted);
        let found = (self.n_references()..self.portraits.len())
            .find(|&n| self.id(n) == quoted || self.id(n) == id.as_bytes());
        let Some(n) = found else {
            return vec![format!("--explain: no clean document has the id {id}")];
        };
        let name = |of: Option<u32>| {
            of.map_or_else(|| "-".to_owned(), |of| String::from_utf8_lossy(self.id(of as usize)).into_owned())
        };
        let decision = &decided.all[n];
        let mut said = vec![format!(
            "{id}: {}, of {}, variant of {}, part of {}, contains {}",
            decision.fate.name().unwrap_or("kept"),
            name(decision.of),
            name(decision.variant_of),
            name(decision.part_of),
            name(decision.contains),
        )];
        for other in copies::most_alike(&self.portraits, n, MAX_EXPLAINED) {
            let relation =
                copies::compare(&self.portraits[n], &self.portraits[other], &mut self.desk).relation;
            let evidence = copies::evidence(&self.portraits[n], &self.portraits[other], &mut self.desk);
            let differs: Vec<String> = evidence
                .differs
                .iter()
                .map(|(kind, here, there)| format!("{} [{here}|{there}]", kind.name()))
                .collect();
            said.push(format!(
                "  {} {}: {relation:?}, jaccard {:.3}, {:.3} of it there, {:.3} of that here; {} differences: {}",
                String::from_utf8_lossy(self.id(other)),
                decided.all[other].fate.name().unwrap_or("kept"),
                evidence.jaccard,
                evidence.containment.0,
                evidence.containment.1,
                evidence.n_differs,
                differs.join(" "),
            ));
        }
        said
    }
}
