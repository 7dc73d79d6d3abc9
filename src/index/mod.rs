//! A persistent index of documents: for crawlers that ask page by page, over months, whether they
//! have a document already.
//!
//! ```text
//! text ─► cleaned, painted, packed ─► who may be like it ─► compared ─► the ledger ─► verdict
//!          preparing                    shelf: postings       copies       settle
//! ```
//!
//! Matching is that of `jingwen run`: by keys, sketches and a comparison of the texts, never by hashes
//! alone. [`Index::check_and_add`] answers for the set as it stands; [`Index::resolve`] decides about
//! all documents as one run over them would. docs/index.md tells what lies in the folder, what a
//! crash leaves, and what all this was measured to cost.

mod answer;
mod candidates;
mod core;
mod edge;
mod feed;
mod filter;
mod formulas;
mod ledger;
mod memtable;
mod node;
mod packed;
mod partners;
mod posting;
mod preparing;
mod probes;
mod reader;
mod records;
mod resolve;
mod ruling;
mod run;
mod seats;
mod settings;
mod settle;
mod shelf;
mod slip;
mod stacks;
#[cfg(test)]
mod tests;
mod verify;
mod writer;

pub use answer::{CopyKind, Difference, Evidence, Stats, Verdict};
pub use feed::{Told, row, run_against};
pub use preparing::{Meta, Page};
pub use reader::Reader;
pub use resolve::Resolved;
pub use settings::{Settings, Sync};
pub use writer::Index;
