//! The order of the steps, one document through all of them, and many documents through threads.

mod belt;
mod check;
mod clean;
mod clean_files;
mod document;
mod explain;
mod fields;
mod hits;
mod job;
mod json;
mod outputs;
mod report;
mod run;
mod same;
mod sink;
mod spill;
mod steps;
pub mod trail_file;
mod workplace;

pub use belt::Stop;
pub use belt::cores;
pub use belt::is_worker;
pub use check::check;
pub use clean::{Cleaned, Cleaner, Desk};
pub use clean_files::Target;
pub use clean_files::clean_files;
pub use explain::explain;
pub use hits::{CONTEXT, Hit, Hits};
pub use job::Job;
pub use job::MEMORY_PER_THREAD;
pub use job::Watcher;
pub use report::Count;
pub use report::Summary;
pub use run::run;
pub use steps::{STEPS, Step};
