//! All tests of the program and of its promises, in one binary.

mod layers;
