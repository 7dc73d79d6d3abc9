//! All tests of the program and of its promises, in one binary.

mod bulletins;
mod cases;
#[cfg(feature = "cli")]
mod cli;
#[cfg(feature = "cli")]
mod copies;
mod cuts;
#[cfg(feature = "cli")]
mod formats;
#[path = "../corpus/generator.rs"]
mod generator;
mod golden;
#[cfg(feature = "index")]
mod index;
#[path = "../corpus/grammar.rs"]
mod grammar;
mod laws;
mod layers;
#[path = "../corpus/notices.rs"]
mod notices;
mod odd_texts;
mod pages;
mod rules;
#[cfg(feature = "cli")]
#[path = "../corpus/sentences.rs"]
mod sentences;
#[path = "../corpus/pages.rs"]
mod site_pages;
