//! Lines, pages and spaces: what a printer or a web form did to the shape of a text.

mod furniture;
mod joins;
mod lines;
mod spaces;

pub(crate) use furniture::furniture;
pub(crate) use joins::joins;
pub(crate) use lines::lines;
pub(crate) use spaces::spaces;
