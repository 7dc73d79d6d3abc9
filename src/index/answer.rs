//! What an index says: about a document, and about itself.

use std::fs;
use std::path::Path;

use crate::copies;
use crate::copies::Desk;
use crate::copies::Fate;
use crate::copies::Portrait;
use crate::error::Error;
use crate::error::Result;
use crate::index::core::Core;
use crate::index::core::LEDGER;
use crate::index::preparing::Meta;
use crate::index::preparing::Page;
use crate::index::preparing::Preparing;
use crate::index::ruling::Ruling;
use crate::index::settings::Header;

/// What a document is among those that are known.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// Nothing known is a copy of it.
    New,
    /// It is a copy of a document that stays.
    Copy {
        /// The id of that document.
        of: String,
        /// How they are copies.
        kind: CopyKind,
        /// What was found when the two were compared.
        evidence: Evidence,
    },
    /// It is the better copy of documents that stayed until now. The newcomer stays in their place.
    Supersedes {
        /// The ids of the documents that are copies now.
        ids: Vec<String>,
        /// Ids of documents that had been dropped as copies of those alone, and stay again.
        restored: Vec<String>,
    },
    /// It stays, and so does a document of the same template: another year, other names, an amended version.
    Variant {
        /// The id of the best document of the template.
        of: String,
    },
    /// Nothing is left of it when it is clean; it is not stored.
    Empty,
}

/// How a document is a copy of another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CopyKind {
    /// The texts are equal.
    Exact,
    /// They say the same; noise, layout, width or script differ.
    Same,
    /// Single characters differ, as typing and recognition leave them.
    Near,
    /// One holds the other whole, and a note or frame beside it.
    Contained,
}

impl CopyKind {
    /// Its name in `decisions.jsonl`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Same => "same",
            Self::Near => "near",
            Self::Contained => "contained",
        }
    }
}

/// What was found when two documents were compared.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    /// The Jaccard index of the sets of their grams of five letters or digits.
    pub jaccard: f64,
    /// The share of the grams of this document that the other one has.
    pub containment: f64,
    /// The share of the grams of the other one that this document has.
    pub containment_of: f64,
    /// How many places differ.
    pub n_differences: usize,
    /// The first of them, eight at most.
    pub differences: Vec<Difference>,
}

/// A place where two documents differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// `number`, `slot`, `negation`, `clause`, `noise`, `head` or `tail`.
    pub kind: &'static str,
    /// What stands in this document: letters and digits, 40 at most.
    pub here: String,
    /// What stands in the other one.
    pub there: String,
}

impl From<copies::Evidence> for Evidence {
    fn from(found: copies::Evidence) -> Self {
        let difference = |(kind, here, there): (copies::BlockKind, String, String)| Difference {
            kind: kind.name(),
            here,
            there,
        };
        Self {
            jaccard: found.jaccard,
            containment: found.containment.0,
            containment_of: found.containment.1,
            n_differences: found.n_differs,
            differences: found.differs.into_iter().map(difference).collect(),
        }
    }
}

/// What an index holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stats {
    /// Documents, all revisions counted.
    pub documents: u64,
    /// Of these, those that stay.
    pub kept: u64,
    /// Different texts: documents that say the same are one.
    pub texts: u64,
    /// Documents that were not compared with all that they met: more than 64 of one template.
    pub candidates_capped: u64,
    /// Bytes on the disk: all, of these the packed documents, and the postings.
    pub bytes: u64,
    /// See `bytes`.
    pub bytes_documents: u64,
    /// See `bytes`.
    pub bytes_postings: u64,
    /// Files of postings.
    pub runs: usize,
    /// Bytes of memory that the postings take.
    pub memory: u64,
    /// The version of the program that made the index.
    pub made_by: String,
    /// The hash of its rules, hexadecimal.
    pub rules: String,
}

/// An id that is stored as JSON.
pub(super) fn unquoted(id: &[u8]) -> String {
    match serde_json::from_slice(id) {
        Ok(serde_json::Value::String(id)) => id,
        _ => String::from_utf8_lossy(id).into_owned(),
    }
}

/// A ruling with ids for numbers, and with the evidence.
pub(super) fn verdict(ruling: &Ruling, portrait: &Portrait, core: &Core) -> Result<Verdict> {
    let id = |doc: u32| Ok::<_, Error>(unquoted(&core.stacks.front(doc, &core.ledger)?.1));
    let ids = |docs: &[u32]| docs.iter().map(|&doc| id(doc)).collect::<Result<Vec<_>>>();
    Ok(match ruling {
        Ruling::New => Verdict::New,
        Ruling::Variant { of } => Verdict::Variant { of: id(*of)? },
        Ruling::Supersedes { docs, restored } => {
            Verdict::Supersedes { ids: ids(docs)?, restored: ids(restored)? }
        }
        Ruling::Copy { of, kind } => {
            let other = core.stacks.words(*of, &core.ledger)?;
            let evidence = copies::evidence(portrait, &other, &mut Desk::default());
            let kind = match kind {
                Fate::Exact => CopyKind::Exact,
                Fate::Near => CopyKind::Near,
                Fate::Contained => CopyKind::Contained,
                Fate::Kept | Fate::Same | Fate::Variant => CopyKind::Same,
            };
            Verdict::Copy { of: id(*of)?, kind, evidence: evidence.into() }
        }
    })
}

/// An id behind all others: what is only asked about is not better by its id.
const LAST: &str = "\u{10FFFF}";

/// What a document would be.
pub(super) fn asked(core: &mut Core, preparing: &Preparing, text: &str, meta: &Meta<'_>) -> Result<Verdict> {
    let page = Page { id: LAST, text, meta: meta.clone() };
    let Some(arrival) = preparing.question(&page, &core.means()) else { return Ok(Verdict::Empty) };
    let ruling = core.query(&arrival)?;
    verdict(&ruling, &arrival.portrait, core)
}

/// What an index holds.
pub(super) fn stats(core: &Core, path: &Path) -> Result<Stats> {
    let (made_by, rules) = Header::read(path)?.made_by();
    let (texts, kept) = core.ledger.count()?;
    let (bytes_postings, runs, memory) = core.shelf.sizes();
    let bytes_documents = core.stacks.len();
    let ledger = path.join(LEDGER);
    let bytes_ledger = fs::metadata(&ledger).map_err(|e| Error::io("reading", &ledger, e))?.len();
    Ok(Stats {
        documents: u64::from(core.ledger.n_docs()),
        kept,
        texts,
        candidates_capped: core.ledger.n_capped(),
        bytes: bytes_documents + bytes_postings + bytes_ledger,
        bytes_documents,
        bytes_postings,
        runs,
        memory: memory as u64,
        made_by,
        rules,
    })
}
