//! All tests of the program and of its promises, in one binary.

mod cases;
#[cfg(feature = "cli")]
mod cli;
#[cfg(feature = "cli")]
mod copies;
mod cuts;
#[path = "../corpus/generator.rs"]
mod generator;
mod golden;
mod laws;
mod layers;
mod rules;
