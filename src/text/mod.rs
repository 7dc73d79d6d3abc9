//! Words that every other room uses: edits, the trail, what a character is. No policy, no files.

pub mod chars;
mod edits;
pub mod key;
pub(crate) mod sift;
mod simplified;
mod trail;
pub mod wake;

pub use edits::{Change, Edits, RuleId};
pub use trail::{Frame, Trail};
