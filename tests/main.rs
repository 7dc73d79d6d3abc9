//! All tests of the program and of its promises, in one binary.

#[cfg(feature = "cli")]
mod cli;
mod cases;
mod cuts;
#[path = "../corpus/generator.rs"]
mod generator;
mod golden;
mod laws;
mod layers;
mod rules;
