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
//!
//! # Example: what was changed, and where it stood
//!
//! ```
//! use jingwen::Cleaner;
//!
//! let cleaner = Cleaner::new();
//! let told = cleaner.explain("编者按:近期");
//! assert_eq!(told.text, "编者按：近期");
//! let frame = &told.trail.frames()[0];
//! let change = frame.edits.iter().next().expect("a colon became wide");
//! assert_eq!((frame.step, cleaner.rules().name(change.rule)), ("width", "punct.colon"));
//! // 近 stands at byte 12 now, and stood at byte 10: the colon had one byte and has three.
//! assert_eq!(told.trail.to_text(12), 10);
//! ```
//!
//! # Example: many texts, no allocation
//!
//! ```
//! use jingwen::Cleaner;
//! use jingwen::Desk;
//!
//! let cleaner = Cleaner::new();
//! let mut desk = Desk::default(); // one a thread
//! for (text, clean) in [("编者按:近期", "编者按：近期"), ("二○二四年", "二〇二四年")] {
//!     assert_eq!(cleaner.clean_at(&mut desk, text), clean);
//! }
//! ```
//!
//! # Example: the bytes of a page
//!
//! ```
//! use jingwen::Cleaner;
//! use jingwen::Desk;
//! use jingwen::decode::Hints;
//! use jingwen::decode::decode;
//!
//! let bytes = "<html><body><p>关于放假的通知</p><p>各单位:</p></body></html>".as_bytes();
//! let text = decode(bytes, &Hints::default()).expect("this is text").text;
//! let (cleaner, mut desk) = (Cleaner::new(), Desk::default());
//! let clean = cleaner.clean_document_at(&mut desk, &text, jingwen::is_page(&text));
//! assert_eq!(clean, "关于放假的通知\n各单位：");
//! ```
//!
//! Whole archives go through [`pipeline::clean_files`] and [`pipeline::run`]; [`pipeline::trail_file`]
//! writes trails and undoes them, [`index`] keeps what a crawler has seen, [`rules`] chooses profiles and reads tables of your own, [`fields`]
//! reads title, issuer, number and date.
//!
//! # Errors
//!
//! Bad text is a fact and no error: what cannot be read is counted and named. [`Error`] is for files,
//! settings and formats of our own; it says what was being done, to what, and what to do.
//!
//! # Features
//!
//! * `index` (default): the persistent index of documents ([`index`]).
//! * `parquet` (default): reads and writes Parquet.
//! * `cli` (default): the program `jingwen`, its arguments, progress bar and allocator. A library
//!   does without: `default-features = false`.

pub mod boilerplate;
#[cfg(feature = "cli")]
pub mod cli;
mod copies;
pub mod decode;
mod disk;
mod error;
pub mod fields;
#[cfg(feature = "index")]
pub mod index;
mod layout;
mod markup;
mod mojibake;
pub mod pipeline;
mod punct;
mod repeats;
pub mod rules;
pub mod source;
mod symbols;
pub mod text;

pub use error::{Error, Kind, Result};
pub use markup::is_page;
pub use pipeline::{Cleaned, Cleaner, Desk};
