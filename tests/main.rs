//! All tests of the program and of its promises, in one binary.

#[cfg(feature = "cli")]
mod cli;
mod layers;
