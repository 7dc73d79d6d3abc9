//! All tests of the program and of its promises, in one binary.

mod bulletins;
mod cases;
#[cfg(feature = "cli")]
mod cli;
#[cfg(feature = "cli")]
mod copies;
#[cfg(feature = "index")]
mod crawler;
mod cuts;
#[cfg(feature = "cli")]
mod formats;
#[path = "../corpus/generator.rs"]
mod generator;
mod golden;
#[path = "../corpus/grammar.rs"]
mod grammar;
#[cfg(feature = "index")]
mod index;
mod laws;
mod layers;
#[path = "../corpus/notices.rs"]
mod notices;
mod odd_texts;
#[cfg(feature = "index")]
mod old_index;
mod pages;
mod python;
mod rules;
#[cfg(feature = "cli")]
#[path = "../corpus/sentences.rs"]
mod sentences;
#[path = "../corpus/pages.rs"]
mod site_pages;
mod venv;
