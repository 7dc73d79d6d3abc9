//! The order of the steps, one document through all of them, and many documents through threads.

mod belt;
mod check;
mod clean;
mod clean_files;
#[cfg(feature = "parquet")]
mod columns;
mod document;
mod early;
mod explain;
mod fields;
mod format;
mod harvest;
mod hits;
mod hold;
mod in_parallel;
mod job;
mod json;
mod manifest;
mod metadata;
mod mirror;
mod outputs;
#[cfg(feature = "index")]
mod painted;
mod register;
mod replay;
mod report;
mod run;
mod shards;
mod sink;
mod sites;
mod spill;
mod steps;
mod texts;
pub mod trail_file;
mod verdicts;
#[cfg(feature = "index")]
mod workers;
mod workplace;

pub use belt::Limits;
pub use belt::Stop;
pub use belt::cores;
pub use belt::is_worker;
pub use check::check;
pub use clean::{Cleaned, Cleaner, Desk};
pub use clean_files::Target;
pub use clean_files::clean_files;
pub use explain::explain;
pub use format::Format;
pub use hits::{CONTEXT, Hit, Hits};
pub use in_parallel::in_parallel;
pub use job::Job;
pub use job::Keeping;
pub use job::MEMORY_PER_THREAD;
pub use job::PART;
pub use job::Preparing;
pub use job::Sites;
pub use job::Watcher;
pub use metadata::tell_fields;
pub use report::Count;
pub use report::Summary;
pub use run::run;
pub use steps::{PAGE, STEPS, Step};
pub use texts::{Judged, Likeness, dedup_texts};

#[cfg(feature = "index")]
pub(crate) use job::Known;
#[cfg(feature = "index")]
pub(crate) use json::push_string as push_json_string;
#[cfg(feature = "index")]
pub(crate) use metadata::facts;
#[cfg(feature = "index")]
pub(crate) use painted::{Painted, painted};
#[cfg(feature = "index")]
pub(crate) use register::Register;
#[cfg(feature = "index")]
pub(crate) use run::run_against;
#[cfg(feature = "index")]
pub(crate) use workers::Workers;
