//! Copies across documents: what is remembered of a document, who may be a copy of whom, what
//! tells a copy from a look-alike, and which of the copies stays.
//!
//! ```text
//! Portrait ─► nodes (equal keys) ─► groups, pairs ─► compare ─► agreement, rank ─► the kept set
//! ```
//!
//! Portraits, groups and findings lie on disk; what stays in memory is up to 200 bytes a document.
//! Nothing here knows threads. Work that may run in parallel goes through [`Crew`], a door that the
//! caller opens: many calls in, their answers out, in order.

#![cfg_attr(
    not(feature = "index"),
    allow(dead_code, unused_imports, reason = "only the index asks for some")
)]
#![allow(clippy::trivially_copy_pass_by_ref, reason = "options are few now and may become more")]
#![allow(clippy::struct_excessive_bools, reason = "the order of ranks is that of the fields")]
#![allow(clippy::cast_sign_loss, reason = "shares and counts are never negative")]

pub(crate) mod agreement;
mod align;
mod blocks;
mod brief;
mod candidates;
mod crew;
mod decide;
mod evidence;
mod facts;
mod gallery;
mod groups;
mod holders;
mod hot;
mod ids;
mod intake;
mod keep;
mod known;
mod meetings;
mod nodes;
mod pairs;
mod portrait;
pub(crate) mod rank;
mod recent;
mod record;
mod sketch;
#[cfg(test)]
pub(crate) mod tests;
mod verdict;

pub(crate) use blocks::BlockKind;
pub(crate) use blocks::Desk;
pub(crate) use brief::{Brief, by_figures};
pub(crate) use crew::{Bench, Crew};
pub(crate) use decide::{Decided, Decision, Fate, Options, decide, most_alike};
pub(crate) use evidence::{Evidence, evidence};
pub(crate) use facts::{Facts, Number};
pub(crate) use gallery::{Gallery, NAME as PORTRAITS};
pub(crate) use intake::Intake;
pub(crate) use known::{RELATIONS, carrier, judged};
pub(crate) use portrait::{Gap, Painter, Portrait, is_digit};
pub(crate) use rank::Form;
pub(crate) use record::Head;
pub(crate) use sketch::{BANDS, DEFAULT_SEED, Sketcher, band, likeness};
pub(crate) use verdict::{Match, Relation, compare};
