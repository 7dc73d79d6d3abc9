//! 净文 (`jingwen`, “clean text”) turns scraped archives of Chinese official texts into clean,
//! unique documents, and loses nothing: every change is an edit that can be read, replayed and
//! undone.
//!
//! ```
//! use jingwen::Cleaner;
//!
//! let cleaner = Cleaner::new();
//! assert_eq!(cleaner.clean("达60%,1-11月增长5.6%"), "达60%，1-11月增长5.6%");
//! ```

pub mod boilerplate;
#[cfg(feature = "cli")]
pub mod cli;
mod copies;
pub mod decode;
mod error;
pub mod fields;
mod layout;
mod markup;
pub mod pipeline;
mod punct;
mod repeats;
pub mod rules;
pub mod source;
mod symbols;
pub mod text;

pub use error::{Error, Result};
pub use markup::is_page;
pub use pipeline::{Cleaned, Cleaner, Desk};
