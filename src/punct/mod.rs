//! Punctuation that belongs to Chinese: width first, then marks made of several characters.

mod dashes;
mod dots;
mod numbers;
mod quotes;
mod runs;
mod stops;
mod titles;
mod width;

pub(crate) use dashes::dashes;
pub(crate) use dots::dots;
pub(crate) use numbers::numbers;
pub(crate) use quotes::quotes;
pub(crate) use runs::runs;
pub(crate) use stops::stops;
pub(crate) use titles::titles;
pub(crate) use width::width;
