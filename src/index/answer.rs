//! What an index says about a document.

use crate::copies;

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
        let difference =
            |(kind, here, there): (copies::BlockKind, String, String)| Difference { kind: kind.name(), here, there };
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
