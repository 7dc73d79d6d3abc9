//! The order of the steps, one document through all of them, and many documents through threads.

mod check;
mod clean;
mod explain;
mod hits;
mod steps;
pub mod trail_file;

pub use check::check;
pub use clean::{Cleaned, Cleaner, Desk};
pub use explain::explain;
pub use hits::{CONTEXT, Hit, Hits};
pub use steps::{STEPS, Step};
