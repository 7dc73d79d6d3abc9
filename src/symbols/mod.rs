//! Invisible characters, decorative marks, and code points that stand for others.

mod folds;
mod invisible;
mod marks;

pub(crate) use folds::folds;
pub(crate) use invisible::invisible;
pub(crate) use marks::marks;
