//! The trail as a file: every change of every document, written so that it can be undone.
//!
//! Line 1 names the version, the rule tables and the rules; each further line is one document
//! with the edits of its steps. An edit says how many untouched bytes lie before it, what stood
//! there and what stands there now, so that a row runs forwards (decoded text to clean text) and
//! backwards. `docs/trail.md` describes the format for readers who write their own tools.

mod diff;
mod file;
#[cfg(test)]
mod laws;
mod read;
mod write;

use serde::Deserialize;
use serde::Serialize;
use xxhash_rust::xxh3::xxh3_64;

pub use file::Restored;
pub use file::TrailFile;
pub use file::restore_all;
pub use read::Header;
pub use read::Row;
pub use write::header;
pub use write::row;

/// The version of the format. Older programs refuse files of a newer one.
pub const VERSION: u32 = 1;

/// The size and XXH3 (64 bits, in hexadecimal) of one text. A deletion leaves nothing that could be
/// checked at its place, and nothing follows the last edit: only a sum over the whole text shows
/// that an edit is missing or that a gap is wrong there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Sum(u64, String);

impl Sum {
    fn of(text: &str) -> Self {
        Self(text.len() as u64, format!("{:016x}", xxh3_64(text.as_bytes())))
    }
}
